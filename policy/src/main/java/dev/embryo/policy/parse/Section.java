package dev.embryo.policy.parse;

import static java.util.stream.Collectors.joining;

import dev.embryo.policy.model.Nearest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The key table as a tree, so that it can be followed beside the text.
 *
 * <p>A section has either a key of the table or parts. A part called {@code *} stands for every name that the rule
 * allows and that is no part itself.
 */
final class Section {

  private static final String ANY = "*";

  /** The whole language. */
  static final Section ROOT = new Section("");

  static {
    KeyTable.KEYS.forEach(key -> ROOT.grow(key.path()).key = Optional.of(key));
    KeyTable.NAMES.forEach(rule -> ROOT.grow(rule.path()).rule = Optional.of(rule));
  }

  private final String path;
  private final Map<String, Section> parts = new LinkedHashMap<>();
  private Optional<Key<?>> key = Optional.empty();
  private Optional<NameRule> rule = Optional.empty();

  private Section(String path) {
    this.path = path;
  }

  private Section grow(String target) {
    Section section = this;
    for (String word : target.split("[.]", -1)) {
      String below = section.path.isEmpty() ? word : section.path + "." + word;
      section = section.parts.computeIfAbsent(word, w -> new Section(below));
    }
    return section;
  }

  /** The row of the table, if it is not divided further. */
  Optional<Key<?>> key() {
    return key;
  }

  /** How the name looks that leads here, if the policy chooses it. */
  Optional<NameRule> rule() {
    return rule;
  }

  /** The part with the name. */
  Optional<Section> part(String name) {
    return Optional.ofNullable(parts.getOrDefault(name, parts.get(ANY)));
  }

  /** The parts by their words, in the order of the table. */
  Map<String, Section> parts() {
    return Collections.unmodifiableMap(parts);
  }

  /** The words that are parts. */
  List<String> words() {
    return parts.keySet().stream().filter(word -> !word.equals(ANY)).toList();
  }

  /** What to write for it, where it is divided. */
  String expects() {
    return parts.containsKey(ANY)
        ? "a mapping of names"
        : "a mapping with " + String.join(", ", words());
  }

  /** What else an unknown word can have been meant to be: a part of this section, or one of another. */
  String hint(String unknown) {
    String near = Nearest.hint(unknown, words());
    return near.isEmpty() ? elsewhere(unknown) : near;
  }

  private static String elsewhere(String word) {
    List<String> paths = new ArrayList<>();
    KeyTable.KEYS.stream()
        .filter(key -> key.word().equals(word) && !key.path().contains(ANY))
        .forEach(key -> paths.add(key.path()));
    return paths.size() == 1 ? "; did you mean '" + paths.get(0) + "'?" : "";
  }
}
