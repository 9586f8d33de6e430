package dev.embryo.policy.explain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is to be told of a policy: for people as a text ({@link #toString()}), for machines as it stands. Immutable.
 *
 * @param policy the name of the policy
 * @param version its version, at least 1
 * @param sections what is told, in the order of reading
 */
public record Page(String policy, int version, List<Section> sections) {

  /**
   * What belongs together.
   *
   * @param name one word, which stays the same from version to version
   * @param heading the same for people
   * @param rows at least one
   */
  public record Section(String name, String heading, List<Row> rows) {
    /** Keeps a copy of the rows. */
    public Section {
      rows = List.copyOf(rows);
    }
  }

  /**
   * One thing that is so.
   *
   * @param what what it is about; empty if the row goes on with the one before it
   * @param detail what there is to say of it, in words for people
   * @param layer what sees to it
   * @param facts what {@code detail} says, for machines, by names: texts, whole numbers, booleans, and lists of those
   */
  public record Row(String what, String detail, String layer, Map<String, Object> facts) {
    /** Keeps a copy of the facts, in their order. */
    public Row {
      facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    Row with(String name, Object fact) {
      var more = new LinkedHashMap<>(facts);
      more.put(name, fact);
      return new Row(what, detail, layer, more);
    }
  }

  /** Keeps a copy of the sections. */
  public Page {
    sections = List.copyOf(sections);
  }

  /** A text of headings and rows: what, its details, and behind them, in brackets, the layer. */
  @Override
  public String toString() {
    return PageText.of(this);
  }
}
