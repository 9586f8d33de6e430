package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Key.Default;
import dev.embryo.policy.parse.Key.Meaning;
import dev.embryo.policy.parse.Key.Required;
import dev.embryo.policy.parse.Key.Value;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The keys of the language, told to people: every row of the table that the parser reads by.
 *
 * <p>Texts are Markdown without markup other than backquotes. Immutable; safe for use by many threads.
 */
public final class PolicyReference {

  private static final String QUOTES = "`";

  private PolicyReference() {}

  /**
   * One key.
   *
   * @param key its full path; {@code *} stands for a name that the policy chooses
   * @param values what may be written for it
   * @param otherwise what holds when it is not written
   * @param by what enforces it; empty where there is nothing to enforce
   * @param doc what it is for
   */
  public record Row(String key, String values, String otherwise, String by, String doc) {

    private static <T> Row of(Key<T> key) {
      return new Row(key.path(), key.type().values(), PolicyReference.otherwise(key), key.by(), key.doc());
    }
  }

  /** The keys, in the order of the table. */
  public static List<Row> keys() {
    return KeyTable.KEYS.stream().<Row>map(Row::of).toList();
  }

  /** A table of the keys, in Markdown. */
  public static String asMarkdown() {
    return table(List.of("Key", "Values", "Default", "Enforced by", "What it is"), keys().stream()
        .map(row -> List.of(quoted(row.key), row.values, row.otherwise, row.by, row.doc))
        .toList());
  }

  private static <T> String otherwise(Key<T> key) {
    Default<T> otherwise = key.otherwise();
    if (otherwise instanceof Value<T> value) {
      return quoted(key.type().write(value.value()));
    }
    return otherwise instanceof Meaning<T> meaning ? meaning.doc() : "required";
  }

  private static String quoted(String text) {
    return QUOTES + text + QUOTES;
  }

  private static String table(List<String> head, List<List<String>> rows) {
    String rule = IntStream.range(0, head.size()).mapToObj(column -> "---").collect(Collectors.joining("|", "|", "|\n"));
    return line(head) + rule + rows.stream().map(PolicyReference::line).collect(Collectors.joining());
  }

  private static String line(List<String> cells) {
    return cells.stream().map(cell -> cell.replace("|", "\\|")).collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
