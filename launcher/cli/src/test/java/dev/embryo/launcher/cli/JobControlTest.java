package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs on a terminal, under a shell with job control: what is typed does what people expect of it. */
@Timeout(180)
class JobControlTest {
  private static final String STREAMS = """
      capabilities:
        stdin: {inherit: 0}
        stdout: {inherit: 1, rights: write}
        stderr: {inherit: 2, rights: write}
      """;

  @TempDir Path directory;
  private Home home;
  private Screen screen;

  @BeforeEach
  void open() throws Exception {
    need("/usr/bin/tmux");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    home = Home.in(directory);
    screen = Screen.open(directory);
  }

  @AfterEach
  void close() throws Exception {
    if (screen != null) {
      screen.close();
    }
  }

  private static void need(String program) {
    assumeTrue(Files.isExecutable(Path.of(program)), program + " is not installed");
  }

  private String run(String program, String more) throws IOException {
    return home.command() + " run " + home.policy("program: " + program + "\n" + STREAMS + more);
  }

  /** A program that says when it is there. */
  private String script(String script) throws IOException {
    return home.command() + " run " + home.script(script);
  }

  @Test
  void ctrlZStopsAProgramAndFgLetsItGoOn() throws Exception {
    screen.line("clear; " + script("echo ready; read -r line; echo \"got $line\"")).await("ready");
    screen.key("C-z").await("out>").line("jobs").await("has the stopped job", text -> text.contains("Stopped"));
    screen.line("clear; fg; echo status $?").await("has the job", JobControlTest::isContinued);
    screen.line("word").await("status 0\nout>");
    assertThat(screen.text()).contains("got word");
  }

  /** A pipe with a name, from which a program reads as a file: what it gets has nothing to do with its terminal. */
  private Path fifo() throws Exception {
    var folder = Files.createDirectory(directory.resolve("fifo"));
    assertThat(new ProcessBuilder("mkfifo", "-m", "644", folder.resolve("line").toString()).inheritIO().start().waitFor()).isZero();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    return folder;
  }

  /** What fg prints of a job is there, and no list of jobs is that was there before. */
  private static boolean isContinued(String text) {
    return text.contains(" run ") && !text.contains("[1]");
  }

  @Test
  void aProgramThatDoesNotReadFromItsTerminalRunsOnByBgHoweverOftenItIsStopped() throws Exception {
    var fifo = fifo();
    screen.line("clear; " + run("{path: /bin/sh, arguments: [-c, 'echo ready; read -r line </fifo/line; echo got $line']}",
        "  fifo: {directory: " + fifo + ", rights: [list, read], mount: /fifo}\n")).await("ready");
    for (int i = 0; i < 5; i++) {
      screen.key("C-z").await("out>").line("clear; bg; clear; jobs").await("has it running", text -> text.contains("Running"))
          .line("clear; fg").await("has the job", JobControlTest::isContinued).awaitTaken();
    }
    screen.key("C-z").await("out>").line("clear; bg; clear; echo word >" + fifo.resolve("line") + "; wait; echo status $?")
        .await("has got it", text -> text.contains("got word")).await("status 0\nout>");
  }

  @Test
  void aProgramThatReadsInTheBackgroundIsStoppedAndReadsAfterFg() throws Exception {
    screen.line("clear; " + script("echo ready; read -r line; echo \"got $line\"")).await("ready");
    screen.key("C-z").await("out>").line("clear; bg; wait %1; jobs")
        .await("has it stopped again", text -> text.contains("Stopped")).line("clear; fg; echo status $?")
        .await("has the job", JobControlTest::isContinued);
    screen.line("word").await("status 0\nout>");
    assertThat(screen.text()).contains("got word");
  }

  @Test
  void aProgramThatIsStartedInTheBackgroundReadsAfterFg() throws Exception {
    screen.line("clear; " + script("read -r line; echo \"got $line\"") + " & wait $!; clear; jobs")
        .await("has it stopped", text -> text.contains("Stopped")).line("clear; fg; echo status $?")
        .await("has the job", JobControlTest::isContinued);
    screen.line("word").await("status 0\nout>");
    assertThat(screen.text()).contains("got word");
  }

  @Test
  void ctrlBackslashEndsTheProgram() throws Exception {
    screen.line("clear; " + script("echo ready; read -r line") + "; echo status $?").await("ready");
    screen.key("C-\\").await("status 131\nout>");
    screen.line("clear; " + script("trap 'exit 5' QUIT; echo ready; while :; do read -r line; done") + "; echo status $?")
        .await("ready").key("C-\\").await("status 5\nout>");
  }

  @Test
  void aProgramInAPipelineReadsFromTheTerminalAndCtrlCAndCtrlZReachIt() throws Exception {
    screen.line("clear; " + script("echo ready >&2; read -r line; echo \"got $line\"; read -r line; echo \"and $line\"") + " | cat")
        .await("ready").line("one").await("has got it", text -> text.contains("got one"));
    screen.key("C-z").await("out>").line("clear; jobs").await("has the stopped job", text -> text.contains("Stopped"));
    screen.line("clear; fg").await("has the job", JobControlTest::isContinued).awaitTaken();
    // Ctrl-D, which is not echoed: the end of an echoed line and what cat writes may come in either order.
    screen.type("two").await("two").key("C-d", "C-d").await("and two\nout>");
    screen.line("clear; " + script("echo ready >&2; read -r line") + " | cat; echo status ${PIPESTATUS[0]}").await("ready").awaitTaken();
    screen.key("C-c").await("status 130\nout>");
  }

  @Test
  void aPagerReadsItsKeysWhileAProgramWritesToIt() throws Exception {
    need("/usr/bin/less");
    screen.line("clear; " + run("{path: /usr/bin/seq, arguments: ['100000']}", "") + " | LESS= less").await("23\n:");
    screen.key("G").await("shows the end", text -> text.contains("100000")).key("q").await("out>");
  }

  @Test
  void aProgramInAPipelineLearnsThatTheSizeHasChanged() throws Exception {
    screen.line("clear; " + script("trap 'echo resized' WINCH; echo ready; until read -r line; do :; done; echo \"got $line\"")
        + " | cat").await("ready").awaitTaken(); // before that the size is not its own
    screen.resize(90, 30);
    screen.await("resized").line("word").await("has got it", text -> text.contains("got word"));
  }

  @Test
  void theTerminalIsTheUsersAgainWhileAProgramIsStoppedAndAfterItsEnd() throws Exception {
    screen.line("before=$(stty -g); clear; " + script("echo ready; read -r line")).await("ready");
    screen.key("C-z").await("out>").line("clear; [ \"$before\" = \"$(stty -g)\" ] && echo same").await("same\nout>");
    screen.line("clear; fg").await("has the job", JobControlTest::isContinued);
    screen.line("word").await("out>").line("clear; [ \"$before\" = \"$(stty -g)\" ] && echo same").await("same\nout>");
  }

  @Test
  void whatAProgramDoesToItsTerminalDoesNotReachTheUsers() throws Exception {
    screen.line("before=$(stty -g; stty size); clear; "
        + run("{path: /bin/sh, arguments: [-c, 'stty raw -echo; stty rows 5 cols 7; stty size; echo ready; read -r line']}",
            "processes: {spawn: true, execute: [/bin/stty]}\n"))
        .await("has the word", text -> text.contains("ready"));
    assertThat(screen.text()).contains("24 80"); // a size can be asked for, and not set
    screen.key("C-j").await("out>").line("clear; [ \"$before\" = \"$(stty -g; stty size)\" ] && echo same")
        .await("same\nout>");
  }

  @Test
  void aPasswordIsNotEchoedAndWhatIsTypedAfterTheProgramsDeathIs() throws Exception {
    screen.line("clear; " + run("{path: /bin/sh, arguments: [-c, 'stty -echo; echo ready; read -r line; kill -9 $$']}",
        "processes: {spawn: true, execute: [/bin/stty]}\n")).await("ready");
    screen.line("secret").await("has a prompt", text -> text.contains("out>"));
    assertThat(screen.text()).doesNotContain("secret");
    screen.line("echo visi''ble").await("visible\nout>");
    assertThat(screen.text()).contains("echo visi''ble");
  }

  private String shell() throws IOException {
    return run("{path: /bin/bash, arguments: [--norc, -i], environment: {PATH: /usr/bin, PS1: 'in> ', TERM: screen}}",
        "  scratch: {tmpfs: 1MiB, mount: /tmp}\nfilesystem: {programs: system}\n"
            + "processes: {spawn: true, execute: view}\n");
  }

  @Test
  void aShellInsideHasJobs() throws Exception {
    screen.line("clear; " + shell()).await("in>");
    screen.line("sh -c 'echo rea\"\"dy; exec sleep 1000'").await("\nready");
    screen.key("C-z").await("has stopped it", text -> text.contains("Stopped")).await("in>");
    screen.line("bg; clear; jobs").await("has it running", text -> text.contains("Running")).await("in>");
    screen.line("clear; fg").await("exec sleep 1000'").key("C-c").await("in>");
    screen.line("echo status $?").await("status 130\nin>");
    screen.line("clear; echo through the terminal >/dev/tty").await("through the terminal\nin>");
    screen.line("exit 7").await("out>").line("echo status $?").await("status 7\nout>");
  }

  @Test
  void theSizeOfTheWindowIsThatOfTheUsers() throws Exception {
    screen.line("clear; " + shell()).await("in>");
    screen.line("clear; stty size").await("24 80\nin>");
    screen.resize(100, 30);
    screen.line("clear; stty size").await("30 100\nin>");
    screen.line("exit").await("out>");
  }

  @Test
  void viEditsAFileAndIsSuspendedMeanwhile() throws Exception {
    need("/usr/bin/vi");
    var files = Files.createDirectory(directory.resolve("files"));
    Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxrwxrwx"));
    screen.line("clear; " + run("{path: /usr/bin/vi, arguments: [-n, -u, NONE, /files/note], environment: {TERM: screen}}",
        "  files: {directory: " + files + ", rights: all, mount: /files}\n  scratch: {tmpfs: 1MiB, mount: /tmp}\nfilesystem: {programs: system}\n"))
        .await("has the name of the file", text -> text.contains("/files/note"));
    screen.key("i").line("a line of text").key("Escape").await("has the text", text -> text.contains("a line of text"));
    screen.key("C-z").await("has stopped it", text -> text.contains("Stopped")).line("clear; fg")
        .await("has the text again", text -> text.contains("a line of text"));
    screen.line(":wq").await("has a prompt", text -> text.endsWith("out>"));
    assertThat(files.resolve("note")).content().startsWith("a line of text\n");
  }

  @Test
  void lessPagesAndIsSuspendedMeanwhile() throws Exception {
    need("/usr/bin/less");
    var file = Files.writeString(directory.resolve("long"), "line\n".repeat(100) + "the last line\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    screen.line("clear; " + run("{path: /usr/bin/less, arguments: [/long], environment: {TERM: screen}}",
        "  long: {file: " + file + ", mount: /long}\nfilesystem: {programs: system}\n"))
        .await("shows a page", text -> text.contains("line\nline") && text.endsWith("/long"));
    screen.key("G").await("shows the end", text -> text.contains("the last line"));
    screen.key("C-z").await("has stopped it", text -> text.contains("Stopped")).line("clear; fg")
        .await("shows the end again", text -> text.contains("the last line"));
    screen.key("q").await("out>");
  }

  @Test
  void aPipeCanStandInTheTerminalsPlace() throws Exception {
    screen.line("clear; echo piped | " + run("{path: /bin/cat}", "") + " ; echo status $?").await("piped\nstatus 0\nout>");
  }

  @Test
  void theEndOfTheTerminalEndsTheProgram() throws Exception {
    screen.line("clear; " + script("echo ready; while :; do read -r line || exit; done")).await("ready");
    List<ProcessHandle> launcher = launchers();
    assertThat(launcher).hasSize(1);
    var program = launcher.get(0).children().toList();
    assertThat(program).isNotEmpty();
    screen.close();
    screen = null;
    for (ProcessHandle each : program) {
      each.onExit().join();
    }
    launcher.get(0).onExit().join();
  }

  /** The JVMs that run a policy of this test's. */
  private List<ProcessHandle> launchers() {
    return ProcessHandle.allProcesses()
        .filter(each -> Optional.of(each.info()).flatMap(ProcessHandle.Info::commandLine)
            .filter(line -> line.contains(directory.toString()) && line.contains("cli.Main")).isPresent())
        .toList();
  }
}
