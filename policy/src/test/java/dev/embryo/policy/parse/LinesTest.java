package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.Position;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines and columns, in characters as people count them. */
class LinesTest {
  private static String at(String text, int index) {
    Position position = new Lines("f", text).at(index);
    return position.line() + ":" + position.column();
  }

  @Test
  void everyWayToEndALineEndsOne() {
    assertThat(at("ab\ncd", 3)).isEqualTo("2:1");
    assertThat(at("ab\rcd", 3)).isEqualTo("2:1");
    assertThat(at("ab\r\ncd", 4)).isEqualTo("2:1");
    assertThat(at("ab\r\ncd", 3)).isEqualTo("1:4"); // the line feed itself
    assertThat(at("\r\r\n\n", 4)).isEqualTo("4:1");
    assertThat(at("ab", 1)).isEqualTo("1:2");
    assertThat(at("", 0)).isEqualTo("1:1");
  }

  @Test
  void aCharacterOfTwoUnitsIsOneColumn() {
    assertThat(at("\uD83D\uDE00x\n\uD83D\uDE00x", 1)).isEqualTo("1:2");
    assertThat(at("\uD83D\uDE00x\n\uD83D\uDE00x", 4)).isEqualTo("2:2");
  }

  @Test
  void aTextMayHaveAnyNumberOfLines() {
    assertThat(at("\n".repeat(1000) + "x", 1000)).isEqualTo("1001:1");
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      a: [b\\r,         2:1
      a: [b\\r\\r,       3:1
      a: [b\\n\\r,       3:1
      a: 1\\rb]\\r,      3:1
      """)
  void anErrorAtTheEndOfATextThatEndsWithACarriageReturnIsOnTheLineBehindIt(String text, String place) {
    String written = text.replace("\\r", "\r").replace("\\n", "\n");
    assertThat(Texts.errors(written)).startsWith("p.yaml:" + place + ": not YAML");
  }
}
