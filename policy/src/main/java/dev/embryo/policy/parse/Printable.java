package dev.embryo.policy.parse;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * Text of a policy as it may be shown on a terminal. A policy can come from anyone; it must not be able to move the
 * cursor or hide half of an error.
 */
final class Printable {

  private static final int LONGEST = 80;
  private static final int LONGEST_SENTENCE = 300;

  private Printable() {}

  /** The text in quotes, escaped, and cut if it is long. */
  static String quote(String text) {
    return "'" + escape(cut(text, LONGEST)) + "'";
  }

  /** A sentence of others that quotes text in its own way: escaped, and cut if it is long. */
  static String sentence(String text) {
    return escape(cut(text, LONGEST_SENTENCE));
  }

  private static String cut(String text, int most) {
    boolean cut = text.codePointCount(0, text.length()) > most;
    return cut ? text.substring(0, text.offsetByCodePoints(0, most)) + "..." : text;
  }

  /** The texts in quotes, with commas between them. */
  static String quote(Collection<String> texts) {
    return texts.stream().map(Printable::quote).collect(Collectors.joining(", "));
  }

  /** The text with every character that does not show as itself written as {@code \}{@code uXXXX}. */
  static String escape(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints().forEach(c -> {
      if (shows(c)) {
        shown.appendCodePoint(c);
      } else {
        shown.append(String.format("\\u%04X", c));
      }
    });
    return shown.toString();
  }

  private static boolean shows(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }
}
