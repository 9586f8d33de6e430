package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.parse.Key.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/policy.md} lists the keys that there are: no more, no fewer, in the table's order. */
class PolicyReferenceTest {
  private static final Path REFERENCE = Path.of("..", "docs", "policy.md");
  private static final String KEYS = "## Every key";
  private static final String LATER = "## Known, and not supported yet";

  @Test
  void theReferenceListsTheKeysThatAreSupported() throws IOException {
    assertThat(rows(KEYS).keySet()).containsExactlyElementsOf(keys(List.of(Support.NOW)));
  }

  @Test
  void theReferenceListsTheKeysThatAreNotSupportedYet() throws IOException {
    assertThat(rows(LATER).keySet()).containsExactlyElementsOf(keys(List.of(Support.LATER, Support.LATER_KIND)));
  }

  @Test
  void theReferenceTellsWhatHoldsWhenAKeyIsNotWritten() throws IOException {
    var rows = rows(KEYS);

    assertThat(KeyTable.KEYS).filteredOn(key -> key.support() == Support.NOW).allSatisfy(key -> {
      String written = rows.get(key.path()).get(2);
      if (key.otherwise() instanceof Key.Required<?>) {
        assertThat(written).as(key.path()).isEqualTo("required");
      } else if (key.otherwise() instanceof Key.Value<?> value && !isLongList(value.value())) {
        assertThat(written).as(key.path()).isEqualTo('`' + asWritten(value.value()) + '`');
      } else {
        assertThat(written).as(key.path()).isNotEmpty();
      }
    });
  }

  /** The reference says in words that all of a list is the default. */
  private static boolean isLongList(Object value) {
    return value instanceof Collection<?> list && !list.isEmpty();
  }

  private static String asWritten(Object value) {
    if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
    boolean large = value instanceof Long bytes && bytes >= 1 << 20;
    return large ? ((Long) value >> 20) + "MiB" : value.toString();
  }

  private static List<String> keys(List<Support> support) {
    return KeyTable.KEYS.stream().filter(key -> support.contains(key.support())).map(Key::path)
        .collect(Collectors.toList());
  }

  /** The rows of the first table below a heading: the key, without its quotes, and the cells of its row. */
  private static Map<String, List<String>> rows(String heading) throws IOException {
    var rows = new LinkedHashMap<String, List<String>>();
    Files.readAllLines(REFERENCE).stream()
        .dropWhile(line -> !line.equals(heading))
        .dropWhile(line -> !line.startsWith("| `"))
        .takeWhile(line -> line.startsWith("| `"))
        .map(line -> List.of(line.substring(2, line.length() - 2).split(" \\| ", -1)))
        .forEach(cells -> rows.put(cells.get(0).replace("`", ""), cells));
    return rows;
  }
}
