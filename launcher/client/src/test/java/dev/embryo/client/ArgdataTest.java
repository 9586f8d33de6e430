package dev.embryo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.client.Argdata.Descriptor;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Argdata as its description has it, and what is none. */
class ArgdataTest {

  private static Object read(String hex) {
    return Argdata.read(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
  }

  @Test
  void eachTypeIsReadAsItsOwn() {
    assertThat(read("")).isNull();
    assertThat(read("0101ff")).isEqualTo(new byte[] {1, -1});
    assertThat(List.of(read("02"), read("0201"))).containsExactly(false, true);
    assertThat(read("0300000007")).isEqualTo(new Descriptor(7));
    assertThat(read("04bff8000000000000")).isEqualTo(-1.5);
    assertThat(List.of(read("05"), read("057f"), read("05ff7f"), read("057fffffffffffffff")))
        .containsExactly(0L, 127L, -129L, Long.MAX_VALUE);
    assertThat(read("0500ffffffffffffffff")).isEqualTo(new BigInteger("18446744073709551615"));
    assertThat(read("08636166c3a900")).isEqualTo("caf\u00e9");
    assertThat(read("09c4653600")).isEqualTo(Instant.ofEpochSecond(-1));
  }

  @Test
  void mapsAndListsHoldValuesInOrder() {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put("b", Arrays.asList(null, true));
    map.put("a", 1L);

    assertThat(read("06" + "83086200" + "8507808202" + "01" + "83086100" + "820501")).isEqualTo(map);
    assertThat(((Map<?, ?>) read("06" + "83086200" + "80" + "83086100" + "80")).keySet().toString()).isEqualTo("[b, a]");
  }

  @ParameterizedTest
  @CsvSource(textBlock = """
      00,                 there is no type 0
      0a,                 there is no type 10
      80,                 there is no type -128
      0200,               a truth value that is neither
      020101,             a truth value that is neither
      03000000,           a descriptor that is no number
      03ffffffff,         a descriptor that is no number
      0400,               a floating point number of 1 bytes
      08,                 a text without an end
      0861,               a text without an end
      08ff00,             Input length = 1
      0701,               a length without an end
      0781,               a length of more than there is
      070080,             a length that is longer than needed
      077f7f7f7f7f7f7f7fff, a length without an end
      07070707ff,         a length of more than there is
      0681,               a length of more than there is
      0680,               a length without an end
      """)
  void whatIsNoArgdataIsRefused(String hex, String why) {
    assertThatThrownBy(() -> read(hex)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
  }

  @Test
  void listsInOneAnotherEndSomewhere() {
    var bytes = new byte[1 << 20];
    int at = bytes.length;
    while (at > 8) {
      int rest = bytes.length - at;
      for (int last = 0x80; last == 0x80 || rest > 0; rest >>>= 7, last = 0) {
        bytes[--at] = (byte) (rest & 0x7f | last);
      }
      bytes[--at] = 7;
    }

    var tooDeep = ByteBuffer.wrap(bytes, at, bytes.length - at);
    assertThatThrownBy(() -> Argdata.read(tooDeep)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no argdata: nested too deep");
  }

  @Test
  void randomBytesAreReadOrRefused() {
    var random = new SplittableRandom(20240517);
    for (int i = 0; i < 200_000; i++) {
      var bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      if (bytes.length > 0) {
        bytes[0] = (byte) random.nextInt(1, 10);
      }
      try {
        Argdata.read(ByteBuffer.wrap(bytes));
      } catch (IllegalArgumentException refused) {
        assertThat(refused).hasMessageStartingWith("no argdata: ");
      }
    }
  }
}
