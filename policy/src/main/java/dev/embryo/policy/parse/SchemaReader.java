package dev.embryo.policy.parse;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.parse.Key.Required;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.TreeReader.Dialect;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Follows a tree and the key table side by side, and reads each value by the type that its key has. */
final class SchemaReader {

  private final Path base;
  private final Problems problems;
  private final Values values;
  private final Set<String> unread = new HashSet<>();

  private SchemaReader(Path base, Problems problems, Values values) {
    this.base = base;
    this.problems = problems;
    this.values = values;
  }

  /** Reads the tree of a whole policy, with what the profile writes where the policy does not. */
  static Values read(Tree tree, Path base, Problems problems) {
    Values written = new Values(tree.position());
    SchemaReader reader = new SchemaReader(base, problems, written);
    reader.section(Section.ROOT, "", InlineCapabilities.lifted(tree, problems));
    KeyTable.KEYS.forEach(reader::require);
    return written.over(written.get(KeyTable.PROFILE).fragment(), written.places().at(KeyTable.PROFILE.path()));
  }

  /**
   * Reads a part of a policy, of which nothing is required.
   *
   * @throws PolicyException if it is no part of a policy
   */
  static Values readFragment(String fileName, Path base, byte[] bytes) throws PolicyException {
    Problems problems = new Problems();
    Tree tree = TreeReader.read(Dialect.POLICY, SourceText.decode(fileName, bytes), problems);
    Values values = new Values(tree.position());
    new SchemaReader(base, problems, values).section(Section.ROOT, "", tree);
    problems.throwIfAny();
    return values;
  }

  private void section(Section section, String path, Tree tree) {
    if (tree instanceof Keys keys) {
      keys.entries().forEach(entry -> entry(section, path, entry));
    } else {
      unread.add(path);
      new Field(path, tree, base, problems).expected(section.expects());
    }
  }

  private void entry(Section section, String path, Entry entry) {
    String name = entry.key().text();
    String below = path.isEmpty() ? name : path + "." + name;
    Section part = section.part(name).orElse(null);
    if (part == null) {
      problems.spoil(
          path, entry.key().position(), "unknown key " + Printable.quote(name) + section.hint(name));
    } else if (part.rule().isEmpty() || named(part.rule().get(), path, entry)) {
      values.place(below, entry.value().position());
      value(part, below, entry);
    }
  }

  private boolean named(NameRule rule, String path, Entry entry) {
    String name = entry.key().text();
    if (!rule.form().matcher(name).matches()) {
      problems.at(
          path, entry.key().position(), "expected " + rule.expects() + ", not " + Printable.quote(name));
      return false;
    }
    if (rule.reserved().contains(name)) {
      problems.at(path + "." + name, entry.key().position(), "is set by Embryo, from the capabilities");
      return false;
    }
    values.name(path, name, entry.key().position());
    return true;
  }

  private void value(Section part, String path, Entry entry) {
    Key<?> key = part.key().orElse(null);
    if (key == null) {
      section(part, path, entry.value());
      return;
    }
    new Field(path, entry.value(), base, problems)
        .as(key.type())
        .ifPresent(meaning -> values.put(path, meaning));
  }

  private void require(Key<?> key) {
    boolean missing = key.otherwise() instanceof Required && values.find(key).isEmpty();
    // A section that could not be read may well have held the key.
    boolean unknowable = unread.stream().anyMatch(section -> section.isEmpty() || key.path().startsWith(section + "."));
    if (missing && !unknowable && !problems.touch(key.path())) {
      problems.at(key.path(), values.places().at(key.path()), "is required");
    }
  }
}
