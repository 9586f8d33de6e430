package dev.embryo.policy.parse;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes texts as scalars of YAML that are read as the same texts, wherever in a policy they stand. */
final class Flow {

  /** What nobody takes for anything but a text. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/.][A-Za-z0-9_/.@+-]*");

  /** Words that YAML, or a reader of YAML 1.1, takes for something else. */
  private static final Set<String> SPECIAL =
      Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan");

  private Flow() {}

  /** The text: plain where that is safe, else between double quotes. */
  static String text(String text) {
    boolean plain = PLAIN.matcher(text).matches() && !SPECIAL.contains(text.toLowerCase(Locale.ROOT));
    return plain && !text.startsWith("..") ? text : quoted(text);
  }

  /** The text between double quotes, where a plain one would be taken for something else. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints().forEach(c -> quoted.append(escaped(c)));
    return quoted.append('"').toString();
  }

  private static String escaped(int character) {
    if (character == '"' || character == '\\') {
      return "\\" + (char) character;
    }
    String itself = Character.toString(character);
    return Printable.escape(itself).equals(itself) ? itself : String.format("\\U%08X", character);
  }
}
