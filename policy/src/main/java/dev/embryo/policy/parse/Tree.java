package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** A YAML document as this language sees it: texts, lists and mappings, each at its place. */
sealed interface Tree {

  /** Where it begins. */
  Position position();

  /** What it is, as it ends the sentence "expected a size, not ...". */
  String description();

  /** Whether it is YAML's null. */
  default boolean isNothing() {
    return false;
  }

  /** This, with each of its items or values changed, which stands at the path that goes with it; a scalar as it is. */
  default Tree withParts(String path, BiFunction<Tree, String, Tree> change) {
    return this;
  }

  /**
   * A scalar.
   *
   * @param text its characters, escapes resolved
   * @param plain whether it is written without quotes, so that it may be a number, a flag or nothing
   * @param verbatim whether each of its characters stands in the source as itself, all on one line
   */
  record Text(Position position, String text, boolean plain, boolean verbatim) implements Tree {

    private static final int LONGEST_KEY = 128;
    private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");

    /** Where the character at an index stands; where that cannot be told, the text's beginning. */
    Position positionOf(int index) {
      int quote = plain ? 0 : 1;
      return verbatim
          ? new Position(position.file(), position.line(), position.column() + quote + text.codePointCount(0, index))
          : position;
    }

    /** The path of what stands under this key. No known key is long, and a text full of long ones shall not make long paths. */
    String beneath(String path) {
      String name = text.length() <= LONGEST_KEY ? text : "?";
      return path.isEmpty() ? name : path + "." + name;
    }

    @Override
    public boolean isNothing() {
      return plain && NOTHING.contains(text);
    }

    @Override
    public String description() {
      return (plain ? "" : "the quoted text ") + Printable.quote(text);
    }
  }

  /** A sequence. */
  record Items(Position position, List<Tree> items) implements Tree {
    @Override
    public Items withParts(String path, BiFunction<Tree, String, Tree> change) {
      List<Tree> changed = new ArrayList<>();
      items.forEach(item -> changed.add(change.apply(item, path + "[" + changed.size() + "]")));
      return new Items(position, changed);
    }

    @Override
    public String description() {
      return "a list";
    }
  }

  /** A mapping, without duplicate keys, in the order of the text. */
  record Keys(Position position, List<Entry> entries) implements Tree {
    /** The value of a key. */
    Optional<Tree> find(String word) {
      return entries.stream().filter(entry -> entry.key().text().equals(word)).map(Entry::value).findFirst();
    }

    @Override
    public Keys withParts(String path, BiFunction<Tree, String, Tree> change) {
      return new Keys(position, entries.stream()
          .map(entry -> new Entry(entry.key(), change.apply(entry.value(), entry.key().beneath(path)))).toList());
    }

    @Override
    public String description() {
      return "a mapping";
    }
  }

  /** One key and its value. */
  record Entry(Text key, Tree value) {}

  /** A value with a tag, which says what it is; there are some in the structured arguments only. */
  record Tagged(Position position, String tag, Tree value) implements Tree {
    @Override
    public String description() {
      return value.description() + " with the tag " + Printable.quote(tag);
    }
  }

  /** Something about which an error has been reported already. */
  record Broken(Position position) implements Tree {
    @Override
    public String description() {
      return "this";
    }
  }
}
