package dev.embryo.policy.parse;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import dev.embryo.policy.parse.Tree.Broken;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Tagged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Moves the capabilities that a policy writes in its structured arguments, {@code !file {path: log, rights: append}}, to its
 * others, so that nothing behind knows of them.
 */
final class InlineCapabilities {

  private static final String CAPABILITIES = "capabilities";

  /** For each tag, its keys, and the key of a capability that each of them is. */
  private static final Map<String, Map<String, String>> KEYS = Map.of(
      Tags.FILE.text(), Map.of("path", "file", "rights", "rights"),
      Tags.DIRECTORY.text(), Map.of("path", "directory", "rights", "rights"),
      Tags.SOCKET.text(), Map.of("bind", "listen", "connect", "connect", "rights", "rights"));

  private final Lifting lifting;
  private final Problems problems;

  private InlineCapabilities(Lifting lifting, Problems problems) {
    this.lifting = lifting;
    this.problems = problems;
  }

  /** The policy with all its capabilities in one place. */
  static Tree lifted(Tree policy, Problems problems) {
    String arguments = KeyTable.ARGUMENT_TREE.path();
    if (!(policy instanceof Keys keys) || keys.find(arguments).isEmpty()) {
      return policy;
    }
    Optional<Tree> tree = keys.find(arguments);
    Optional<Tree> capabilities = keys.find(CAPABILITIES);
    Set<String> names = capabilities.map(section -> section instanceof Keys written
        ? written.entries().stream().map(entry -> entry.key().text()).collect(toSet()) : Set.<String>of()).orElse(Set.of());
    Lifting lifting = new Lifting(names);
    Tree lifted = new InlineCapabilities(lifting, problems).lift(tree.get(), arguments);
    if (lifting.entries().isEmpty()) {
      return with(keys, arguments, lifted);
    }
    Tree section = capabilities.orElseGet(() -> new Keys(tree.get().position(), List.of()));
    List<Entry> all = new ArrayList<>(section instanceof Keys written ? written.entries() : List.of());
    all.addAll(lifting.entries());
    return section instanceof Keys
        ? with(with(keys, arguments, lifted), CAPABILITIES, new Keys(section.position(), all))
        : with(keys, arguments, lifted); // that the section is none is told by others
  }

  private static Keys with(Keys keys, String word, Tree value) {
    List<Entry> entries = new ArrayList<>();
    boolean found = false;
    for (Entry entry : keys.entries()) {
      boolean here = entry.key().text().equals(word);
      found |= here;
      entries.add(here ? new Entry(entry.key(), value) : entry);
    }
    if (!found) {
      entries.add(new Entry(Lifting.plain(value.position(), word), value));
    }
    return new Keys(keys.position(), entries);
  }

  private Tree lift(Tree tree, String path) {
    if (tree instanceof Tagged tagged && tagged.value() instanceof Keys keys && KEYS.containsKey(tagged.tag())) {
      return capability(tagged, keys, path);
    } else if (tree instanceof Tagged tagged) {
      return new Tagged(tagged.position(), tagged.tag(), lift(tagged.value(), path));
    }
    return tree.withParts(path, this::lift);
  }

  private Tree capability(Tagged tagged, Keys keys, String path) {
    Map<String, String> known = Objects.requireNonNull(KEYS.get(tagged.tag()));
    List<String> words = known.keySet().stream().sorted().toList();
    List<Entry> entries = new ArrayList<>();
    for (Entry entry : keys.entries()) {
      String key = known.get(entry.key().text());
      if (key == null) {
        Lifting.refuse(entry.key(), tagged.tag(), words, path, problems);
        return new Broken(tagged.position());
      }
      entries.add(new Entry(Lifting.plain(entry.key().position(), key), entry.value()));
    }
    if (entries.stream().allMatch(entry -> entry.key().text().equals("rights"))) {
      problems.at(path, tagged.position(), tagged.tag() + " needs " + words.stream().filter(word -> !word.equals("rights"))
          .map(word -> "'" + word + "'").collect(joining(" or ")));
      return new Broken(tagged.position());
    }
    if (entries.stream().anyMatch(entry -> entry.value() instanceof Broken)) {
      return new Broken(tagged.position()); // of which enough was said: it would be a capability without a kind
    }
    return lifting.lift(tagged.position(), path, entries);
  }
}
