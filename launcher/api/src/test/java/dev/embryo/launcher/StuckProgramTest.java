package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.process.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that does not end when it should is ended by each way there is, whatever it does; those who wait learn it, and nothing is left. */
@Timeout(60)
class StuckProgramTest {
  private static final String NAMESPACES = "isolation: {}";
  private static final List<String> ISOLATIONS = List.of(NAMESPACES, "isolation: {pid: shared}", "isolation: {require: [landlock, seccomp]}");
  private static final ExitStatus KILLED = new ExitStatus(0, 9, false);
  private static final Duration AT_ONCE = Duration.ofMillis(1);
  private static final int SIGSTOP = 19;

  @TempDir private Path directory;

  /** What a program does instead of ending, when it has written a line. */
  private enum Program {
    IGNORES("trap '' HUP INT TERM; echo ready; read -r line", ""),
    IS_STOPPED("echo ready; read -r line", "") {
      @Override
      void whenReady(SandboxedProcess process) throws IOException {
        process.signal(SIGSTOP);
        awaitStopped(process);
      }
    },
    CLOSES_ALL_AND_STOPS_ITSELF("trap '' HUP INT TERM; echo ready; exec 0<&- 1>&- 2>&-; kill -STOP $$", "") {
      @Override
      void whenReady(SandboxedProcess process) throws IOException {
        awaitStopped(process);
      }
    },
    HAS_CHILDREN_WITH_ITS_PIPES("trap '' HUP INT TERM; exec 3<&0; (read -r line <&3) & (read -r line <&3) & echo ready; read -r line <&3",
        "processes: {spawn: true}\n"),
    HAS_MUCH_MEMORY("s=0123456789abcdef; i=0; while [ $i -lt 22 ]; do s=$s$s; i=$((i+1)); done; trap '' TERM; echo ready; read -r line", "");

    private final String script;
    private final String more;

    Program(String script, String more) {
      this.script = script;
      this.more = more;
    }

    void whenReady(SandboxedProcess process) throws IOException {}
  }

  /** How it is ended. */
  private enum Way {
    CLOSE {
      @Override
      void end(SandboxedProcess process) throws IOException {
        process.close();
        assertThat(process.exitValue()).isEqualTo(137); // without waiting
      }
    },
    DESTROY_AND_FORCE {
      @Override
      void end(SandboxedProcess process) throws IOException {
        process.destroy(); // which a program that waits for a line may die of, and one that ignores it does not
        process.destroyForcibly();
      }
    },
    DEADLINE {
      @Override
      void end(SandboxedProcess process) {
        process.killAfter(AT_ONCE);
      }
    },
    WALL_TIME {
      @Override
      void end(SandboxedProcess process) throws Exception {
        process.limitTime(AT_ONCE);
        process.onExit().get();
        assertThat(process.endedByWallTime()).isTrue();
      }
    },
    TIMEOUT {
      @Override
      void end(SandboxedProcess process) {
        assertThatThrownBy(() -> process.complete(AT_ONCE)).isInstanceOf(CutShortException.class);
      }
    };

    abstract void end(SandboxedProcess process) throws Exception;
  }

  static Stream<Arguments> all() {
    return ISOLATIONS.stream().flatMap(isolation -> Stream.of(Program.values())
        .filter(program -> program.more.isEmpty() || isolation.equals(NAMESPACES)) // elsewhere it takes a cgroup: LimitsTest
        .filter(program -> program != Program.HAS_MUCH_MEMORY || isolation.equals(NAMESPACES)) // which takes its time
        .flatMap(program -> Stream.of(Way.values())
            .filter(way -> program != Program.HAS_MUCH_MEMORY || way == Way.CLOSE || way == Way.DEADLINE).map(way -> Arguments.of(isolation, program, way))));
  }

  @ParameterizedTest(name = "{1}, {2}, {0}")
  @MethodSource("all")
  void itIsEndedAndNothingIsLeft(String isolation, Program program, Way way) throws Exception {
    var sandbox = Launches.shell(directory, program.script, program.more + isolation + "\n");
    try (var first = sandbox.launch()) {
      first.destroyForcibly().waitFor(); // what is shared is there from now on
    }
    var before = Holdings.now();
    var process = sandbox.launch();
    try (process) {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      program.whenReady(process);
      var onExit = process.onExit();

      way.end(process);

      assertThat(onExit.get()).isSameAs(process);
      assertThat(process.exitStatus()).isIn(KILLED, way == Way.DESTROY_AND_FORCE ? new ExitStatus(0, 15, false) : KILLED);
      if (way != Way.CLOSE) { // which closes the streams
        assertThat(process.getInputStream().readAllBytes()).isEmpty(); // nobody holds the other end
      }
    }
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {NAMESPACES, "isolation: {require: [landlock, seccomp]}"})
  void askingToEndDoesNotEndWhatIgnoresIt(String isolation) throws Exception {
    try (var process = Launches.shell(directory, Program.IGNORES.script + "; echo \"$line\"; exit 4", isolation + "\n").launch()) {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      process.destroy();
      process.outputWriter().write("it lives\n");
      process.outputWriter().flush();
      assertThat(process.inputReader().readLine()).isEqualTo("it lives");
      assertThat(process.waitFor()).isEqualTo(4);
    }
  }

  /** Its end is its tracer's first, see ptrace(2): while that one takes its time it has not ended, and then it has. */
  @ParameterizedTest
  @ValueSource(strings = {NAMESPACES, "isolation: {require: [landlock, seccomp]}"})
  void aTracedProgramIsEnded(String isolation) throws Exception {
    var strace = Path.of("/usr/bin/strace");
    assumeTrue(Files.isExecutable(strace), "strace is not installed");
    var sandbox = Launches.shell(directory, Program.IGNORES.script, isolation + "\n");
    try (var process = sandbox.launch()) {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      var tracer = new ProcessBuilder(strace.toString(), "-p", Long.toString(process.pid())).redirectErrorStream(true).start();
      try (var said = tracer.inputReader()) {
        String line = said.readLine();
        assumeTrue(line != null && line.contains("attached"), "strace may not trace here: " + line);
        var onExit = process.onExit();
        signal(tracer, "STOP");
        awaitState(tracer.pid(), "T");

        process.destroyForcibly();
        awaitState(process.pid(), "[tZ]");
        assertThat(onExit).isNotDone();
        signal(tracer, "CONT");
        process.close();

        assertThat(onExit.get()).isSameAs(process);
        assertThat(process.exitStatus()).isEqualTo(KILLED);
      } finally {
        tracer.destroyForcibly().waitFor();
      }
    }
  }

  private static void signal(Process process, String name) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start().waitFor()).isZero();
  }

  private static void awaitStopped(SandboxedProcess process) throws IOException {
    awaitState(process.pid(), "T");
  }

  private static void awaitState(long pid, String state) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!stat(pid).matches("(?s)" + state + " .*") && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(stat(pid)).matches("(?s)" + state + " .*");
  }

  /** From the state on. */
  private static String stat(long pid) throws IOException {
    String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return line.substring(line.lastIndexOf(')') + 2);
  }
}
