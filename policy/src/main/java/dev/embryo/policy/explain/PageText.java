package dev.embryo.policy.explain;

import java.util.List;

/** A page as a text, in columns. */
final class PageText {
  private static final int WHAT = 18;
  private static final int DETAIL = 58;

  private final StringBuilder text = new StringBuilder();

  private PageText() {}

  static String of(Page page) {
    var printed = new PageText();
    for (Page.Section section : page.sections()) {
      printed.heading(section.heading());
      printed.rows(section.rows());
    }
    return printed.text.toString();
  }

  private void heading(String words) {
    text.append(text.isEmpty() ? "" : "\n").append(words).append('\n');
  }

  private void rows(List<Page.Row> rows) {
    for (Page.Row row : rows) {
      int width = Math.max(row.what().length() + 1, WHAT);
      text.append("  ").append(pad(row.what(), width)).append(pad(row.detail(), DETAIL + WHAT - width))
          .append(" [").append(row.layer()).append("]\n");
    }
  }

  private static String pad(String words, int width) {
    return words + " ".repeat(Math.max(0, width - words.length()));
  }
}
