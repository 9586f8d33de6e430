package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.explain.Explanation;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program reads its structured arguments, and what they refer to is what it finds at the numbers that stand there. */
@Timeout(120)
class StructuredArgumentsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Reads argdata, from its description alone: https://github.com/NuxiNL/argdata. */
  private static final class Decoder {
    record Descriptor(int number) {}

    static Object decode(byte[] bytes) {
      if (bytes.length == 0) {
        return "null";
      }
      var value = ByteBuffer.wrap(bytes, 1, bytes.length - 1).slice();
      byte[] rest = new byte[value.remaining()];
      value.duplicate().get(rest);
      return switch (bytes[0]) {
        case 1 -> List.of("binary", new BigInteger(1, rest).toString(16));
        case 2 -> rest.length == 1 && rest[0] == 1 ? Boolean.TRUE : rest.length == 0 ? Boolean.FALSE : "?";
        case 3 -> new Descriptor(value.getInt());
        case 4 -> value.getDouble();
        case 5 -> number(rest);
        case 6 -> map(parts(value));
        case 7 -> parts(value).stream().map(Decoder::decode).toList();
        case 8 -> rest[rest.length - 1] == 0 ? new String(rest, 0, rest.length - 1, UTF_8) : "?";
        case 9 -> {
          var parts = number(rest).divideAndRemainder(BigInteger.valueOf(1_000_000_000));
          yield Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
        }
        default -> throw new AssertionError("type " + bytes[0]);
      };
    }

    private static BigInteger number(byte[] bytes) {
      var number = bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
      assertThat(bytes.length).as("no byte too many").isLessThanOrEqualTo(number.signum() == 0 ? 0 : number.bitLength() / 8 + 1);
      return number;
    }

    private static Map<Object, Object> map(List<byte[]> parts) {
      var map = new LinkedHashMap<Object, Object>();
      for (int i = 0; i < parts.size(); i += 2) {
        map.put(decode(parts.get(i)), decode(parts.get(i + 1)));
      }
      return map;
    }

    private static List<byte[]> parts(ByteBuffer value) {
      var parts = new ArrayList<byte[]>();
      while (value.hasRemaining()) {
        int length = 0;
        int next = value.get();
        assertThat(next).as("no length longer than needed").isNotZero();
        for (; next >= 0; next = value.get()) {
          length = length << 7 | next;
        }
        var part = new byte[length << 7 | next & 0x7f];
        value.get(part);
        parts.add(part);
      }
      return parts;
    }
  }

  @TempDir
  private Path directory;

  @BeforeEach
  void letOthersIn() throws Exception {
    CompiledProgram.letOthersIn(directory);
    CompiledProgram.letOthersIn(Files.writeString(directory.resolve("first"), "of first\n"));
  }

  private byte[] run(String script, String more) throws Exception {
    var done = Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: test
        program:
          path: /bin/sh
          arguments:
            - -c
            - |
        """ + script.indent(6) + """
        processes: {spawn: true, execute: view}
        filesystem: {programs: system, proc: own}
        capabilities:
          stdout: {inherit: 1, rights: write}
          stderr: {inherit: 2, rights: write}
        """ + more, directory)).build().run(LONG);
    assertThat(done.errorText()).isEmpty();
    return done.output();
  }

  private static final String TREE = """
      arguments:
        nothing: null
        flags: [true, false]
        numbers: [0, 1, 127, 128, -128, -129, 255, 1000, -1000, 18446744073709551615, -9223372036854775808]
        real: -1.5
        text: "caf\\u00e9"
        bytes: !!binary AAH/
        time: !!timestamp 1969-12-31T23:59:59.5Z
        output: !fd stdout
        input: !file {path: first}
        empty: [{}, [], ""]
      """;

  @Test
  void argdataSaysWhatThePolicyWrites() throws Exception {
    var long1 = "x".repeat(20_000);
    var tree = (Map<?, ?>) Decoder.decode(run("exec cat <&4\n", TREE + "  long: " + long1 + "\n"));

    var expected = new LinkedHashMap<Object, Object>();
    expected.put("nothing", "null");
    expected.put("flags", List.of(true, false));
    expected.put("numbers", List.of("0", "1", "127", "128", "-128", "-129", "255", "1000", "-1000", "18446744073709551615",
        "-9223372036854775808").stream().map(BigInteger::new).toList());
    expected.put("real", -1.5);
    expected.put("text", "caf\u00e9");
    expected.put("bytes", List.of("binary", "1ff"));
    expected.put("time", Instant.parse("1969-12-31T23:59:59.5Z"));
    expected.put("output", new Decoder.Descriptor(1));
    expected.put("input", new Decoder.Descriptor(3));
    expected.put("empty", List.of(Map.of(), List.of(), ""));
    expected.put("long", long1);
    assertThat(tree).isEqualTo(expected);
    assertThat(new ArrayList<Object>(tree.keySet())).isEqualTo(new ArrayList<>(expected.keySet()));
  }

  @Test
  void jsonSaysTheSame() throws Exception {
    assertThat(run("exec cat <&4\n", TREE + "arguments-format: json\n")).asString(UTF_8).isEqualTo(
        "{\"nothing\":null,\"flags\":[true,false],\"numbers\":[0,1,127,128,-128,-129,255,1000,-1000,18446744073709551615,"
            + "-9223372036854775808],\"real\":-1.5,\"text\":\"caf\u00e9\",\"bytes\":\"AAH/\","
            + "\"time\":\"1969-12-31T23:59:59.500Z\",\"output\":1,\"input\":3,\"empty\":[{},[],\"\"]}\n");
  }

  @Test
  void theDescriptorsInThemAreThoseOfTheProgram() throws Exception {
    assertThat(run("read -r json <&3\nnumber=$${json#*:}\necho \"to $json\" >&$${number%?}\n",
        "  log: {inherit: 1, rights: write, fd: 7}\narguments: {log: !fd log}\narguments-format: json\n")).asString(UTF_8)
        .isEqualTo("to {\"log\":7}\n");
  }

  @Test
  void nobodyCanChangeThem() throws Exception {
    assertThat(run("echo changed 2>/dev/null >&3 || echo refused\nexec cat <&3\n",
        "arguments: [a]\narguments-format: json\n")).asString(UTF_8).isEqualTo("refused\n[\"a\"]\n");
  }

  @Test
  void whatTheyAreInIsNotOpenedForWritingEither() throws Exception {
    assertThat(run("{ echo changed >>/proc/self/fd/3; } 2>/dev/null || echo refused\n"
        + "{ true >/proc/self/fd/3; } 2>/dev/null || echo refused\nexec cat <&3\n",
        "arguments: [a]\narguments-format: json\n")).asString(UTF_8).isEqualTo("refused\nrefused\n[\"a\"]\n");
  }

  @Test
  void theExplanationTellsThemAndShowsWhatWouldHide() throws Exception {
    var explanation = Explanation.of(Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: test
        program: {path: /bin/true}
        arguments: {letter: !file {path: first}, hidden: "a\\e[2J\\u202eb", "k\\n": !!binary AAH/}
        """, directory)).build().compiled()).toString();

    assertThat(explanation).containsPattern("3 letter +" + directory + "/first: read,")
        .containsPattern("4 arguments +the structured arguments, [0-9]+ bytes in memory, sealed: read,")
        .contains("as argdata, on the descriptor 'arguments': "
            + "{\"letter\":3,\"hidden\":\"a\\u001b[2J\\u202eb\",\"k\\u000a\":\"AAH/\"}");
  }

  @Test
  void eachLaunchReadsThemFromTheBeginning() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThat(run("exec cat <&3\n", "arguments: [a]\narguments-format: json\n")).asString(UTF_8).isEqualTo("[\"a\"]\n");
    }
  }
}
