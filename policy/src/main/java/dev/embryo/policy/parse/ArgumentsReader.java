package dev.embryo.policy.parse;

import dev.embryo.policy.model.Argument;
import dev.embryo.policy.model.ArgumentsCapability;
import dev.embryo.policy.model.ArgumentsCapability.Format;
import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.parse.Kind.Way;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The structured arguments: a capability that is written in a section of its own, and refers to others. */
final class ArgumentsReader {


  private ArgumentsReader() {}

  /** The capability, but for its number. */
  static Optional<Draft> draft(Values values) {
    boolean taken = values.names("capabilities").containsKey(ArgumentsCapability.NAME);
    Kind<ArgumentNode> kind = kind(values.get(KeyTable.ARGUMENT_FORMAT));
    return values.find(KeyTable.ARGUMENT_TREE).filter(tree -> !taken).map(tree -> new Draft(
        kind, ArgumentsCapability.NAME, kind.rights().unwritten(), OptionalInt.empty(), Optional.empty(),
        values.places().at(KeyTable.ARGUMENT_TREE.path())));
  }

  private static Kind<ArgumentNode> kind(Format format) {
    return new Kind<>(KeyTable.ARGUMENT_TREE, Way.ALWAYS, Way.NEVER, RightsRule.ofOpen("the structured arguments"),
        (c, tree) -> new ArgumentsCapability(
            c.name(), tree.value(), format, c.rights(), c.fd(), c.mount(), c.position()));
  }

  /**
   * Checks what can be known while parameters are open.
   *
   * @param numbered the capabilities about which there is no problem, with their numbers
   */
  static void check(Map<Draft, OptionalInt> numbered, Values values, Problems problems) {
    Optional<ArgumentNode> tree = values.find(KeyTable.ARGUMENT_TREE);
    String name = ArgumentsCapability.NAME;
    if (tree.isPresent() && values.names("capabilities").containsKey(name)) {
      String path = "capabilities." + name;
      problems.at(path, values.places().at(path),
          "'" + name + "' is what the descriptor of the structured arguments is called; choose another name");
    }
    String format = KeyTable.ARGUMENT_FORMAT.path();
    if (tree.isEmpty() && values.get(KeyTable.ARGUMENT_FORMAT) != Format.ARGDATA && !problems.touch(KeyTable.ARGUMENT_TREE.path())) {
      problems.at(format, values.places().at(format), "there are no 'arguments' to be written so");
    }
    Map<String, OptionalInt> numbers = new HashMap<>();
    numbered.forEach((draft, fd) -> numbers.put(draft.name(), fd));
    Set<String> known = values.names("capabilities").keySet();
    tree.ifPresent(root -> root.all().forEach(node -> {
      if (node instanceof ArgumentNode.Reference reference) {
        check(reference, numbers, known, problems);
      } else if (node instanceof ArgumentNode.Leaf leaf && values.get(KeyTable.ARGUMENT_FORMAT) == Format.JSON
          && leaf.value() instanceof Argument.Real real && !Double.isFinite(real.value())) {
        problems.at(leaf.path(), leaf.position(), "JSON has no number " + leaf.written() + "; write a text");
      }
    }));
  }

  private static void check(
      ArgumentNode.Reference reference, Map<String, OptionalInt> numbers, Set<String> known, Problems problems) {
    String name = reference.capability();
    if (!known.contains(name)) {
      problems.at(reference.path(), reference.position(),
          "no capability is called " + Printable.quote(name) + (problems.areMany() ? "" : Nearest.hint(name, known)));
    } else if (numbers.containsKey(name) && numbers.get(name).isEmpty()) {
      problems.at(reference.path(), reference.position(), "'" + name + "' is only mounted, and has no descriptor; write the"
          + " path at which the program sees it, or give it an 'fd'");
    }
  }
}
