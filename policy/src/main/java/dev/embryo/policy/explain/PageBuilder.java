package dev.embryo.policy.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A page in the making: sections in the order in which they are begun, each with the rows that follow. Used by one thread. */
final class PageBuilder {
  private record Begun(String name, String heading, List<Page.Row> rows) {}

  private final List<Begun> sections = new ArrayList<>();
  private List<Page.Row> rows = new ArrayList<>();

  /** Begins a section: its name for machines, and its heading for people. */
  void heading(String name, String words) {
    rows = new ArrayList<>();
    sections.add(new Begun(name, words, rows));
  }

  /** Adds a row. What its detail says can be given to machines too, by {@link #fact}. */
  PageBuilder row(String what, String detail, String layer) {
    rows.add(new Page.Row(what, detail, layer, Map.of()));
    return this;
  }

  /** Adds to the last row what machines read: a text, a whole number, a boolean, or a list of those. */
  PageBuilder fact(String name, Object value) {
    int last = rows.size() - 1;
    rows.set(last, rows.get(last).with(name, value));
    return this;
  }

  Page page(String policy, int version) {
    return new Page(policy, version,
        sections.stream().map(begun -> new Page.Section(begun.name(), begun.heading(), begun.rows())).toList());
  }
}
