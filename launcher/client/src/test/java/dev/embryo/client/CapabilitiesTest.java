package dev.embryo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the variables of sd_listen_fds(3) say, and that malformed ones say nothing. */
class CapabilitiesTest {
  private static final long PID = 42;

  private static Capabilities of(String pid, String count, String names) {
    Map<String, String> environment = new HashMap<>();
    environment.put("LISTEN_PID", pid);
    environment.put("LISTEN_FDS", count);
    environment.put("LISTEN_FDNAMES", names);
    environment.values().removeIf("unset"::equals);
    return Capabilities.of(environment, PID);
  }

  @Test
  void aCapabilityHasTheNumberOfItsPlace() {
    var capabilities = of("42", "3", "log:letter:arguments");

    assertThat(capabilities.names()).containsExactly("log", "letter", "arguments");
    assertThat(capabilities.find("log")).isEqualTo(OptionalInt.of(3));
    assertThat(capabilities.find("arguments")).isEqualTo(OptionalInt.of(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lo", "og", "logs", "let", "log:", ":log", "log::letter", ":", "LOG", " log", ""})
  void anotherNameIsNotFound(String name) {
    assertThat(of("42", "3", "log::letter").find(name)).isEmpty();
  }

  @Test
  void ofSeveralOfOneNameItIsTheFirst() {
    assertThat(of("42", "3", "a:log:log").find("log")).isEqualTo(OptionalInt.of(4));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      43          | 1                    | log
      unset       | 1                    | log
      ``          | 1                    | log
      4294967338  | 1                    | log
      042x        | 1                    | log
      +42         | 1                    | log
      -42         | 1                    | log
      ` 42`       | 1                    | log
      42          | unset                | log
      42          | ``                   | log
      42          | 0                    | log
      42          | -1                   | log
      42          | +1                   | log
      42          | `1 `                 | log
      42          | 0x1                  | log
      42          | 2                    | log
      42          | 1                    | log:log
      42          | 1                    | log:
      42          | 1                    | unset
      42          | 2147483647           | log
      42          | 4294967297           | log
      42          | 18446744073709551617 | log
      """)
  void malformedVariablesOrThoseOfAnotherProcessNameNothing(String pid, String count, String names) {
    assertThat(of(pid, count, names).find("log")).isEmpty();
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThatThrownBy(() -> of("42", "1", "log").descriptor("lock")).isInstanceOf(NoSuchElementException.class)
        .hasMessage("no capability is called 'lock'; there are [log]");
  }

  @Test
  void aClosedJavaSaysHowItIsOpened() {
    assertThatThrownBy(() -> of("42", "1", "log").descriptor("log")).isInstanceOf(IllegalStateException.class)
        .hasMessage("descriptor 3 cannot be used from Java; run it with --add-opens java.base/java.io=ALL-UNNAMED");
  }
}
