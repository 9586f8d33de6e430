package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.model.PolicyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The documents tell the truth: every policy and command of theirs that a reader may copy is run, in order, in one
 * directory, as whoever runs the tests; and what they say is printed is what is printed. See {@link Document}.
 */
class DocumentationTest {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final String CLASS_PATH = System.getProperty("java.class.path");
  private static final String PACKED_CLASS_PATH = "launcher/dist/target/lib/*";
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  @TempDir
  Path reader;

  private String printed = "";

  static List<Path> documents() throws IOException {
    try (var docs = Files.list(CHECKOUT.resolve("docs"))) {
      return Stream.concat(Stream.of(CHECKOUT.resolve("README.md")),
          docs.filter(path -> path.toString().endsWith(".md")).sorted()).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void theExamplesOfADocumentDoWhatItSays(Path document) throws Exception {
    settle();
    for (Document.Block block : Document.read(document).blocks()) {
      String place = document.getFileName() + ":" + block.line();
      switch (block.use()) {
        case FILE -> write(place, block);
        case RUN -> run(place, block);
        case NOT_RUN -> { }
        case PRINTS -> assertThat(printed).as("what is printed at %s", place).matches(pattern(block.text()));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void theLinksOfADocumentLeadSomewhere(Path document) throws Exception {
    var links = LINK.matcher(Files.readString(document)).results().map(link -> link.group(1)).toList();

    assertThat(links).allSatisfy(link -> assertThat(document.resolveSibling(link)).exists());
  }

  @Test
  void aCommandThatNobodyTriesIsNoDocumentation() throws Exception {
    var document = Files.writeString(reader.resolve("document.md"), "Do this:\n\n```sh\nembryo --version\n```\n");

    assertThatThrownBy(() -> Document.read(document)).isInstanceOf(AssertionError.class)
        .hasMessage("line 3: a command that is not run; say '<!-- run -->' before it, or '<!-- not run: WHY -->'");

    Files.writeString(document, "Do this:\n\n<!-- not run -->\n```sh\nembryo --version\n```\n");

    assertThatThrownBy(() -> Document.read(document)).isInstanceOf(AssertionError.class)
        .hasMessage("line 4: a command that is not run has to say why: '<!-- not run: WHY -->'");

    Files.writeString(document, "Do this:\n\n<!-- not run: it needs root -->\n```sh\nembryo --version\n```\n");

    assertThat(Document.read(document).blocks()).extracting(Document.Block::use).containsExactly(Document.Use.NOT_RUN);
  }

  /** Makes a reader's directory look like a checkout. A program of root's has another user, and has to see into it. */
  private void settle() throws IOException {
    open(reader);
    Files.createSymbolicLink(reader.resolve("samples"), CHECKOUT.resolve("samples"));
    var command = Files.createDirectories(reader.resolve("launcher/bin")).resolve("embryo");
    Files.writeString(command, """
        #!/bin/sh
        exec '%s' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData --enable-native-access=ALL-UNNAMED \\
          -cp '%s' dev.embryo.launcher.cli.Main "$@"
        """.formatted(JAVA, absolute(CLASS_PATH)));
    open(command);
  }

  /** Else the directory's deletion warns of a link that leads out of it. */
  @AfterEach
  void removeLink() throws IOException {
    Files.deleteIfExists(reader.resolve("samples"));
  }

  private static String absolute(String classPath) {
    return Arrays.stream(classPath.split(":")).map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(":"));
  }

  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void write(String place, Document.Block block) throws IOException {
    var file = reader.resolve(block.argument());
    if (!Files.exists(file.getParent())) {
      open(Files.createDirectory(file.getParent()));
    }
    Files.writeString(file, block.text());
    open(file);
    if (block.language().equals("yaml")) {
      assertThat(Policies.load(file).name()).as(place).isNotEmpty();
    } else if (block.language().startsWith("yaml")) {
      assertThatThrownBy(() -> Sandbox.builder().policy(Policies.load(file)).build()).as(place)
          .isInstanceOf(PolicyException.class);
    }
  }

  private void run(String place, Document.Block block) throws IOException, InterruptedException {
    String text = "umask 022\n" + block.text().replace(PACKED_CLASS_PATH, absolute(CLASS_PATH));
    var command = new ProcessBuilder("sh", "-e", "-c", text)
        .directory(reader.toFile()).redirectErrorStream(true);
    command.environment().merge("PATH", reader.resolve("launcher/bin") + ":" + Path.of(JAVA).getParent(),
        (old, first) -> first + ':' + old);
    var process = command.start();
    process.getOutputStream().close();
    printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    int expected = block.argument().isEmpty() ? 0 : Integer.parseInt(block.argument().replace("status ", ""));
    assertThat(process.waitFor()).as("the status of %s, which printed:%n%s", place, printed).isEqualTo(expected);
  }

  /** "..." stands for any text within its line, and alone for any lines. */
  private static Pattern pattern(String text) {
    return Pattern.compile(text.lines().map(line -> line.equals("...") ? "(?:.*\\n)*"
            : Arrays.stream(line.split("\\.\\.\\.", -1)).map(Pattern::quote).collect(Collectors.joining(".*")) + "\\n")
        .collect(Collectors.joining()));
  }
}
