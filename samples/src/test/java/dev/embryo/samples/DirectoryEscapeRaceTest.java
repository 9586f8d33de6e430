package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The host moves directories and links to and fro while the program goes up from them, or through them. It never reads what lies
 * outside, where without a sandbox it does. {@code -Dtries=N} for more.
 */
class DirectoryEscapeRaceTest {
  private static final int TRIES = Integer.getInteger("tries", 5000);

  @TempDir Path directory;
  private EscapeTree tree;

  static Stream<Arguments> races() {
    return EscapeSetting.all().filter(EscapeSetting::isPossible).filter(EscapeSetting::isOfTheHost)
        .flatMap(setting -> EscapeRace.ALL.stream().map(race -> Arguments.of(race, setting)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("races")
  void nothingOutsideIsReadMeanwhile(EscapeRace race, EscapeSetting setting) throws Exception {
    makeTree();
    try (var racing = EscapeProgram.inside(setting, tree)) {
      assertThat(secrets(race, racing)).isEqualTo("ok 0 secrets");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void withoutASandboxItIs(EscapeRace race) throws Exception {
    makeTree();

    assertThat(secrets(race, EscapeProgram.outside(tree, true))).matches("ok [1-9][0-9]* secrets");
  }

  static Stream<EscapeRace> all() {
    return EscapeRace.ALL.stream();
  }

  private void makeTree() throws IOException {
    CompiledProgram.letOthersIn(directory);
    tree = new EscapeTree(directory.resolve("tree"));
    tree.make("/in");
    EscapeRace.make(tree);
  }

  @AfterEach
  void clearAway() throws IOException {
    tree.removeLinks();
  }

  /** The host's program ends with its standard input. */
  private String secrets(EscapeRace race, Process racing) throws IOException, InterruptedException {
    var host = EscapeProgram.onTheHost(tree);
    try (var input = host.getOutputStream()) {
      send(input, tree.words(race.hostLine()));
      try (var script = racing.getOutputStream()) {
        send(script, race.line(TRIES));
        return new String(racing.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      }
    } finally {
      assertThat(new String(host.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("ok\n");
      assertThat(host.waitFor()).isZero();
    }
  }

  private static void send(OutputStream script, String line) throws IOException {
    script.write((line + "\ngo\n").getBytes(StandardCharsets.UTF_8));
    script.flush();
  }
}
