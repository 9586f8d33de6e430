package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals that the launcher gets, and what becomes of the program. */
@Timeout(60)
class SignalsTest {
  @TempDir
  private static Path directory;
  private static Home home;

  @BeforeAll
  static void install() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    home = Home.in(directory);
  }

  private static void signal(Process process, String signal) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor()).isZero();
  }

  private static BufferedReader awaitReady(Process process) throws IOException {
    var reader = process.inputReader();
    assertThat(reader.readLine()).isEqualTo("ready");
    return reader;
  }

  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT", "TERM", "USR1", "USR2", "WINCH", "CONT"})
  void aSignalReachesTheProgramOnce(String signal) throws Exception {
    var process = home.process("run", home.script("""
        trap 'echo got' %s
        echo ready
        while :; do read -r line && echo "$line" && exit 9; done
        """.formatted(signal))).start();
    var output = awaitReady(process);
    signal(process, signal);
    assertThat(output.readLine()).isEqualTo("got");
    process.outputWriter().write("on\n");
    process.outputWriter().close();
    assertThat(output.lines()).containsExactly("on");
    assertThat(process.waitFor()).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({"HUP,129", "INT,130", "USR1,138", "USR2,140", "TERM,143"})
  void aProgramThatDoesNotCatchItEndsByIt(String signal, int status) throws Exception {
    var process = home.process("run", home.script("echo ready; read -r line")).start();
    awaitReady(process);
    signal(process, signal);
    assertThat(process.waitFor()).isEqualTo(status);
  }

  @Test
  void aQuitEndsTheLauncherAndTheProgramWithIt() throws Exception {
    var process = home.process("run", home.script("echo ready; trap '' QUIT; read -r line")).start();
    var output = awaitReady(process);
    signal(process, "QUIT");
    assertThat(process.waitFor()).isEqualTo(128 + 3);
    assertThat(output.lines()).as("not even the JVM's list of threads").isEmpty(); // and the program's end of it is closed
  }

  @Test
  void aKilledLauncherTakesTheProgramAlong() throws Exception {
    var process = home.process("run", home.script("echo ready; read -r line")).start();
    awaitReady(process);
    await(() -> process.children().count() == 3); // zygote, init, program; the launcher has yet to reap the helper
    var children = process.children().toList();
    process.destroyForcibly();
    assertThat(process.waitFor()).isEqualTo(137);
    await(() -> children.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void ctrlZStopsTheProgramAndTheLauncherUntilTheyAreContinued() throws Exception {
    var process = home.process("run", home.script("echo ready; read -r line; echo \"$line\"")).start();
    var output = awaitReady(process);
    signal(process, "TSTP");
    await(() -> state(process.pid()) == 'T');
    await(() -> process.children().anyMatch(child -> state(child.pid()) == 'T'));
    process.outputWriter().write("woken\n");
    process.outputWriter().flush();
    signal(process, "CONT");
    assertThat(output.readLine()).isEqualTo("woken");
    assertThat(process.waitFor()).isZero();
  }

  /** Polls: of what happens to a child's children nobody tells. The test's own time limit ends it. */
  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static char state(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException gone) {
      return '-';
    }
  }

  @Test
  void aSignalThatWasIgnoredFromTheBeginningStaysIgnored() throws Exception {
    var process = home.shell("trap '' HUP; exec \"$0\" \"$@\"", "run",
        home.script("echo ready; read -r line; echo \"$line\"")).start();
    var output = awaitReady(process);
    signal(process, "HUP");
    process.outputWriter().write("still here\n");
    process.outputWriter().close();
    assertThat(output.readLine()).isEqualTo("still here");
    assertThat(process.waitFor()).isZero();
  }
}
