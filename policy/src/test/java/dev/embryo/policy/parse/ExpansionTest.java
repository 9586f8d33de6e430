package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A policy written out in full: everything that holds stands there, and it is the same policy. */
class ExpansionTest {

  private static final Path CHECKOUT = Path.of("..");
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```yaml\n(policy: .*?)```");

  /** Every policy there is: of the samples, of the documents, and of the tests of this package. */
  static Stream<String> policies() throws IOException {
    return Stream.of(samples(), examples(), tests()).flatMap(s -> s);
  }

  private static Stream<String> samples() throws IOException {
    try (var files = Files.walk(CHECKOUT.resolve("samples"))) {
      return files.filter(file -> file.toString().endsWith(".yaml") && !file.toString().contains("/target/"))
          .map(ExpansionTest::read)
          .toList()
          .stream();
    }
  }

  private static Stream<String> examples() throws IOException {
    try (var files = Files.list(CHECKOUT.resolve("docs"))) {
      return Stream.concat(Stream.of(CHECKOUT.resolve("README.md")), files)
          .filter(file -> file.toString().endsWith(".md"))
          .flatMap(file -> EXAMPLE.matcher(read(file)).results().map(example -> example.group(1)))
          .toList()
          .stream();
    }
  }

  private static Stream<String> tests() {
    return Stream.concat(
        Stream.of(PolicyParserTest.THUMBNAILER, Texts.LEAST, Texts.LEAST + "isolation: {require: [landlock, seccomp]}\n"),
        KeysTest.ROWS.stream().map(row -> row.written().replace("@", row.good())));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void thereAreSamplesAndExamplesToExpand() throws IOException {
    assertThat(samples()).isNotEmpty();
    assertThat(examples()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("policies")
  void theExpansionIsAPolicyOfTheSameMeaning(String text) throws Exception {
    String expanded = Texts.expand(text);

    assertThat(Meanings.of(KeysTest.bound(expanded))).as(expanded).isEqualTo(Meanings.of(KeysTest.bound(text)));
  }

  @ParameterizedTest
  @MethodSource("policies")
  void expandingAgainChangesNothing(String text) throws Exception {
    String expanded = Texts.expand(text);

    assertThat(Texts.expand(expanded)).isEqualTo(expanded);
  }

  @Test
  void everyKeyWithAValueIsWrittenAndEveryOtherIsTold() throws Exception {
    String expanded = Texts.expand(Texts.LEAST);

    assertThat(PolicyReference.keys()).filteredOn(row -> !row.key().contains("*")).allSatisfy(row -> {
      String word = row.key().substring(row.key().lastIndexOf('.') + 1);
      assertThat(expanded).as(row.key()).containsPattern("(?m)^ *(# )?" + word + ": \\S");
    });
  }

  @Test
  void pathsAreAbsoluteAndAmountsAreWritable() throws Exception {
    assertThat(Texts.expand("""
        policy: embryo/v1
        name: test
        program: {path: bin/tool}
        limits: {memory: 1073741824, cpu-time: 120000ms}
        """)).contains("  path: /srv/policies/bin/tool\n", "  memory: 1GiB\n", "  cpu-time: 2m\n");
  }

  @Test
  void aCapabilityTellsItsRightsAndItsDescriptor() throws Exception {
    assertThat(Texts.expand(Texts.LEAST + """
        capabilities:
          in: {directory: /srv/in, mount: /in}
          a: {file: /srv/a}
          stdout: {inherit: 1, rights: write}
        """)).contains("""
        capabilities:
          in: {directory: /srv/in, rights: [read, stat, duplicate, list, lookup], fd: none, mount: /in}
          a: {file: /srv/a, rights: [read, seek, stat, poll]}  # descriptor 3
          stdout: {inherit: 1, rights: [write]}  # descriptor 1
        """);
  }

  @Test
  void aTextOfAnyCharactersIsWrittenSoThatItIsReadAgain() throws Exception {
    List<String> arguments = List.of("", " ", "-", "---", "null", "~", "Yes", "1.10", "a: b", "#", "a\nb\tc", "\"\\", "'",
        "\u00e9\u4e16", "\uD83D\uDE00", "\u2028\u200b\u202e\ue000", "\u0001\u007f\u0085\u00a0", "[a, b]", "{", "@x", "%y");
    String text = Texts.LEAST.replace("/bin/true", "/bin/true, arguments: "
        + new ListOf<>("texts", RuledText.literal(), false, 99).write(arguments));

    assertThat(Texts.parse(text).program().arguments()).isEqualTo(arguments);
    assertThat(Texts.parse(Texts.expand(text)).program().arguments()).isEqualTo(arguments);
    assertThat(Texts.expand(text).getBytes(StandardCharsets.UTF_8)).doesNotContain(0x85).doesNotContain(1);
  }
}
