package dev.embryo.policy.explain;

/** A text of headings and rows: what, its details, and behind them, in brackets, the layer that enforces it. */
final class Page {
  private static final int WHAT = 18;
  private static final int DETAIL = 58;

  private final StringBuilder text = new StringBuilder();

  Page heading(String words) {
    text.append(text.isEmpty() ? "" : "\n").append(words).append('\n');
    return this;
  }

  Page row(String what, String detail, String layer) {
    int width = Math.max(what.length() + 1, WHAT);
    text.append("  ").append(pad(what, width)).append(pad(detail, DETAIL + WHAT - width)).append(" [").append(layer)
        .append("]\n");
    return this;
  }

  private static String pad(String words, int width) {
    return words + " ".repeat(Math.max(0, width - words.length()));
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
