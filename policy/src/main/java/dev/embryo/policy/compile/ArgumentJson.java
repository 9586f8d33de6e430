package dev.embryo.policy.compile;

import dev.embryo.policy.model.Argument;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Structured arguments as JSON (RFC 8259), on one line. A descriptor is its number, bytes are a text of Base64, and a time is a
 * text in the form of RFC 3339, in UTC. Stateless.
 */
public final class ArgumentJson {
  private ArgumentJson() {}

  /**
   * The text of a value. A number that is not finite, which JSON has not, is written as its name.
   *
   * @param numbers the descriptor of each capability that the value refers to
   */
  public static String of(Argument argument, Map<String, Integer> numbers) {
    if (argument instanceof Argument.Flag flag) {
      return String.valueOf(flag.value());
    } else if (argument instanceof Argument.Whole whole) {
      return whole.value().toString();
    } else if (argument instanceof Argument.Real real) {
      return String.valueOf(real.value());
    } else if (argument instanceof Argument.Text text) {
      return quoted(text.value());
    } else if (argument instanceof Argument.Binary binary) {
      return quoted(binary.base64());
    } else if (argument instanceof Argument.Timestamp timestamp) {
      return quoted(timestamp.value().toString());
    } else if (argument instanceof Argument.Reference reference) {
      return Objects.requireNonNull(numbers.get(reference.capability())).toString();
    } else if (argument instanceof Argument.Sequence sequence) {
      return sequence.items().stream().map(item -> of(item, numbers)).collect(Collectors.joining(",", "[", "]"));
    } else if (argument instanceof Argument.Mapping mapping) {
      return mapping.entries().entrySet().stream()
          .map(entry -> quoted(entry.getKey()) + ":" + of(entry.getValue(), numbers))
          .collect(Collectors.joining(",", "{", "}"));
    }
    return "null";
  }

  /** What moves a cursor or hides text is escaped too, though JSON does not ask for it: this is shown to people. */
  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    text.codePoints().forEach(c -> {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append((char) c);
      } else if (shows(c)) {
        quoted.appendCodePoint(c);
      } else {
        for (char unit : Character.toChars(c)) {
          quoted.append(String.format("\\u%04x", (int) unit));
        }
      }
    });
    return quoted.append('"').toString();
  }

  private static boolean shows(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
          Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }
}
