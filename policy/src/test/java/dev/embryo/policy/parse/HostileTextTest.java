package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the bytes are, they are a policy or there is an error with a place: nothing else, and soon. */
class HostileTextTest {

  private static final int MUTANTS = 8_000;

  /** What the grammars of YAML and of policies take for something. */
  private static final List<String> TOKENS = List.of(
      ": ", "- ", "? ", "[", "]", "{", "}", ",", "#", "&a ", "*a ", "!t ", "!!int ", "|", ">", "'", "\"", "%", "@", "`",
      "\n", "\r", "\t", "  ", "---\n", "...\n", "<<: ", "~", "null", "\\", "\\0", "\\x", "\\uD800", "\\U00110000",
      "%YAML 1.2\n", "%TAG ! x\n", "!<", "!<tag:x>", "|2-\n", ">+9\n", "\u0000", "\uFEFF", "\u2028", "\u0085", "😀",
      "all", "none", "read", "[]", "{}", "0", "-1", "99999999999999999999", "1GiB", "/..", "${x}", "capabilities:",
      "fd: 3", "mount: /", "policy: embryo/v1\n", "arguments: ", "!fd a ", "!file {path: x}", "!socket {bind: /x}", "!!binary ",
      "!<tag:nuxi.nl,2015:cloudabi/fd>");

  private static final List<String> SEEDS = List.of(
      PolicyParserTest.THUMBNAILER,
      Texts.LEAST,
      Texts.LEAST + """
          capabilities:
            a: {file: "x\\ty", rights: [read, 'write']}
            b:
              tmpfs: 1MiB
              mount: |-
                /m
          """,
      Texts.LEAST + """
          capabilities: {a: {null: true}}
          arguments:
            a: [!fd a, 1, -0x0f, .5, ~, true, !!str 7, !!binary "AP8=", !!timestamp 2001-12-14, "${"]
            b: {c: !file {path: x, rights: read}, d: !socket {bind: "unix:/x"}, e: !directory {path: .}}
          """);

  /** What cloudabi-run reads, in its own dialect. */
  private static final String CONFIGURATION = """
      %TAG ! tag:nuxi.nl,2015:cloudabi/
      ---
      a: [!fd stdout, !fd 7, !fd {number: 9, rights: write}, "${", 1.5, !!binary "AP8="]
      b: {c: !file {path: x, rights: read}, d: !socket {bind: "[::1]:80", type: dgram}, e: !socket {connect: /x}}
      """;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
  void aMutantIsAPolicyOrHasAnErrorWithAPlace(long seed) {
    Random random = new Random(seed);
    int policies = 0;
    for (int mutant = 0; mutant < MUTANTS; mutant++) {
      byte[] bytes = SEEDS.get(random.nextInt(SEEDS.size())).getBytes(StandardCharsets.UTF_8);
      for (int edits = random.nextInt(4); edits >= 0; edits--) {
        bytes = edit(bytes, random);
      }
      policies += parses(bytes) ? 1 : 0;
    }
    // A generator that makes only policies, or none, would show nothing.
    assertThat(policies).isBetween(MUTANTS / 100, MUTANTS * 3 / 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "[", "{", "- ", "? ", "?\n", ": ", "a: ", "[[],", "{a: ", "&a ", "*a ", "*a,", "!t ", "!", "'", "\"", "|",
    "|\n", "#", "%", " ", "\n", "\t", "\r", "---\n", "\"\\x00\": ", "a: 1\n", "? a\n", "- a\n", "a,", "\u2028", "😀",
    "~\n", "\\", "<<: ", ".", "a.", "a b ", ">\n\n", "%TAG ! a\n", "%A\n", "'a':\n "
  })
  @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
  void aMebibyteOfOneTokenIsRefusedSoon(String token) {
    int length = token.getBytes(StandardCharsets.UTF_8).length;

    configures(token.repeat((1 << 20) / length).getBytes(StandardCharsets.UTF_8));
    parses(("arguments: {" + token.repeat((1 << 18) / length)).getBytes(StandardCharsets.UTF_8));
    parses(token.repeat((1 << 20) / length).getBytes(StandardCharsets.UTF_8));
    parses(("capabilities: {" + token.repeat((1 << 18) / length)).getBytes(StandardCharsets.UTF_8));
    parses(("arguments: {? " + "k.".repeat(1 << 18) + "\n: {a: !x y, b: !file {" + token.repeat((1 << 18) / length)).getBytes(StandardCharsets.UTF_8));
    parses(("? " + "k.".repeat(1 << 18) + "\n: {" + token.repeat((1 << 18) / length)).getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
  void aMutantOfAConfigurationIsOneOrHasAnErrorWithAPlace(long seed) {
    Random random = new Random(seed);
    int configurations = 0;
    for (int mutant = 0; mutant < MUTANTS; mutant++) {
      byte[] bytes = CONFIGURATION.getBytes(StandardCharsets.UTF_8);
      for (int edits = random.nextInt(4); edits >= 0; edits--) {
        bytes = edit(bytes, random);
      }
      configurations += configures(bytes) ? 1 : 0;
    }
    assertThat(configurations).isBetween(MUTANTS / 100, MUTANTS * 3 / 4);
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = ThreadMode.SEPARATE_THREAD)
  void asManyCapabilitiesAndReferencesAsFitAreReadSoon() {
    StringBuilder oneName = new StringBuilder("arguments:\n");
    for (int i = 0; i < 40_000; i++) {
      oneName.append(' ').append(Character.toString(0x4e00 + i % 20_000)).append(i < 20_000 ? "" : "\u4e00").append(": !file {path: x}\n");
    }
    StringBuilder unknown = new StringBuilder("capabilities:\n");
    StringBuilder known = new StringBuilder("arguments:\n");
    for (int i = 0; i < 20_000; i++) {
      unknown.append(" a").append(i).append(": {null: true}\n");
      known.append("- !fd a").append(i).append('\n');
    }

    parses((Texts.LEAST + oneName).getBytes(StandardCharsets.UTF_8));
    parses((Texts.LEAST + unknown + known).getBytes(StandardCharsets.UTF_8));
    parses((Texts.LEAST + unknown + "arguments: [" + "!fd b,".repeat(60_000) + "]\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the bytes are a policy; fails if they are neither that nor refused as they should be. */
  private static boolean parses(byte[] bytes) {
    return isRead(bytes, () -> Texts.parse(bytes));
  }

  private static boolean configures(byte[] bytes) {
    return isRead(bytes, () ->
        CloudabiReader.read("p.yaml", Texts.BASE, bytes, Path.of("/bin/true"), path -> false).bind(Binding.NONE));
  }

  private interface Reading {
    Policy read() throws PolicyException;
  }

  private static boolean isRead(byte[] bytes, Reading reading) {
    try {
      reading.read().descriptors();
      return true;
    } catch (PolicyException e) {
      long lines = new String(bytes, StandardCharsets.UTF_8).split("\r\n|\r|\n", -1).length;
      assertThat(e.problems()).isNotEmpty();
      for (Problem problem : e.problems()) {
        assertThat(problem.position().file()).isEqualTo("p.yaml");
        assertThat((long) problem.position().line()).isBetween(1L, lines);
        assertThat(problem.position().column()).isPositive();
        assertThat(problem.message()).isNotBlank().hasSizeLessThan(2000).doesNotContainPattern("\\p{Cntrl}");
      }
      return false;
    }
  }

  private static byte[] edit(byte[] bytes, Random random) {
    int from = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, from + random.nextInt(12));
    byte[] token = TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8);
    int other = random.nextInt(bytes.length + 1);
    return switch (random.nextInt(6)) {
      case 0 -> replace(bytes, from, from, token);
      case 1 -> replace(bytes, from, to, token);
      case 2 -> replace(bytes, from, to, new byte[0]);
      case 3 -> replace(bytes, from, from, new byte[] {(byte) random.nextInt(256)});
      case 4 -> replace(bytes, other, other, Arrays.copyOfRange(bytes, from, to));
      default -> replace(bytes, from, to, Arrays.copyOfRange(bytes, other, Math.min(bytes.length, other + 30)));
    };
  }

  private static byte[] replace(byte[] bytes, int from, int to, byte[] by) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, from);
    out.writeBytes(by);
    out.write(bytes, to, bytes.length - to);
    return out.size() == 0 ? new byte[] {'\n'} : out.toByteArray();
  }
}
