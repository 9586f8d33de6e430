package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command in a terminal of its own, which script(1) makes. */
@Timeout(60)
class TerminalTest {
  @TempDir
  private static Path directory;
  private static Home home;

  @BeforeAll
  static void install() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script(1) is not installed");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    home = Home.in(directory);
  }

  /** The terminal echoes nothing, has 33 rows of 77 columns, and tells its name in the first line. */
  private static Process inTerminal(Path policy) throws IOException {
    return new ProcessBuilder("script", "--quiet", "--return", "--command",
        "stty -echo rows 33 cols 77; tty; exec " + home.command() + " run " + policy, "/dev/null")
        .redirectErrorStream(true).start();
  }

  private static String line(BufferedReader reader) throws IOException {
    return reader.readLine().strip();
  }

  @Test
  void ctrlCReachesTheProgramExactlyOnce() throws Exception {
    var terminal = inTerminal(home.script("""
        trap 'echo interrupted' INT
        echo ready
        while :; do read -r line && echo "$line" && exit 5; done
        """));
    var output = terminal.inputReader();
    line(output);
    assertThat(line(output)).isEqualTo("ready");
    terminal.outputWriter().write('\003');
    terminal.outputWriter().flush();
    assertThat(line(output)).isEqualTo("interrupted");
    terminal.outputWriter().write("done\n");
    terminal.outputWriter().flush();
    assertThat(line(output)).isEqualTo("done");
    assertThat(terminal.waitFor()).isEqualTo(5);
  }

  @Test
  void aProgramThatDoesNotCatchCtrlCEndsByIt() throws Exception {
    var terminal = inTerminal(home.script("echo ready; read -r line"));
    var output = terminal.inputReader();
    line(output);
    assertThat(line(output)).isEqualTo("ready");
    terminal.outputWriter().write('\003');
    terminal.outputWriter().flush();
    assertThat(terminal.waitFor()).isEqualTo(130);
  }

  @Test
  void theProgramCanAskForTheTerminalsSize() throws Exception {
    var terminal = inTerminal(home.policy("""
        program: {path: /bin/stty, arguments: [size]}
        capabilities:
          stdin: {inherit: 0, rights: read}
          stdout: {inherit: 1, rights: write}
          stderr: {inherit: 2, rights: write}
        """));
    var output = terminal.inputReader();
    line(output);
    assertThat(line(output)).isEqualTo("33 77");
    assertThat(terminal.waitFor()).isZero();
  }

  @Test
  void theProgramLearnsThatTheSizeHasChanged() throws Exception {
    var terminal = inTerminal(home.script("""
        trap 'echo resized; exit 4' WINCH
        echo ready
        while :; do read -r line; done
        """));
    var output = terminal.inputReader();
    String name = line(output);
    assertThat(line(output)).isEqualTo("ready");
    assertThat(new ProcessBuilder("stty", "-F", name, "rows", "44").inheritIO().start().waitFor()).isZero();
    assertThat(line(output)).isEqualTo("resized");
    assertThat(terminal.waitFor()).isEqualTo(4);
  }

  /** What the user's terminal shows of a program on it is what it would show of the same program without a sandbox. */
  @Test
  void allOfALargeOutputArrivesUnharmed() throws Exception {
    var policy = home.policy("""
        program: {path: /usr/bin/seq, arguments: ['600000']}
        capabilities:
          stdin: {inherit: 0, rights: read}
          stdout: {inherit: 1, rights: write}
        """);
    var sums = Home.outcome(home.shell("""
        script -qec "$0 run $1" /dev/null </dev/null | tr -cd '0-9\\r\\n' | cksum
        script -qec 'seq 600000' /dev/null </dev/null | tr -cd '0-9\\r\\n' | cksum""", policy));
    assertThat(sums.output().lines().distinct()).hasSize(1);
    assertThat(sums.output()).endsWith(" 4688895\n");
  }

  @Test
  void explainTellsOnATerminalWhatTheProgramGetsThere() throws Exception {
    var policy = home.script("exit");
    var page = Home.outcome(home.shell("script -qec \"$0 explain $1\" /dev/null </dev/null", policy)).output();
    assertThat(page).contains("/dev/tty", "its own, on a new terminal in the place of yours");
    var birth = Home.outcome(home.shell("script -qec \"$0 explain --birth $1\" /dev/null </dev/null", policy)).output();
    assertThat(birth).contains("TIOCSCTTY", "TIOCSPGRP", "companion:", "member:", "wait for the companion and the member");
    assertThat(home.run("explain", "--birth", policy).output()).doesNotContain("TIOCSCTTY");
  }

  /** There it would be opened again, at a number where nothing is withheld. */
  @Test
  void aTerminalWithExactRightsIsNotToBeSeenByItsName() throws Exception {
    var policy = home.policy("""
        program: {path: /bin/sh, arguments: [-c, 'echo found >/dev/tty']}
        capabilities:
          stdout: {inherit: 1, rights: [write, window-size]}
          stderr: {inherit: 2, rights: [write, window-size]}
        """);
    var seen = Home.outcome(home.shell("script -qec \"$0 run $1\" /dev/null </dev/null", policy)).output();
    assertThat(seen).contains("/dev/tty").doesNotContain("found");
    var proof = Home.outcome(home.shell("script -qec \"$0 explain --proof $1\" /dev/null </dev/null", policy)).output();
    assertThat(proof).contains("opened again as /dev/tty", "the program does not see it");
  }
}
