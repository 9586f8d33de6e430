package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxGroup;
import dev.embryo.launcher.SandboxedProcess;
import dev.embryo.launcher.Stdio;
import dev.embryo.policy.explain.Explanation;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A program holds the process of another sandbox: it does with that what its policy says, and nothing else. */
@Timeout(60)
class ProcessCapabilityTest {
  static final String PAIRS = """
      # kind  | right  | act  | granted                | withheld
      process | signal | TERM | {signal: [TERM]}       | wait
      process | signal | TERM | {signal: [TERM]}       | {signal: [KILL]}
      process | signal | TERM | {signal: [TERM, KILL]} | [{signal: [USR1, HUP]}, wait]
      process | wait   | END  | wait                   | {signal: [TERM]}
      """;

  /** Sends each argument to descriptor 3 and prints the answer, a line each; END reads until the end; an argument after "call" is a system call. */
  private static final String HOLDER = """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <signal.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/syscall.h>
      #include <sys/wait.h>
      #include <unistd.h>

      static void line(void)
      {
          char next;
          while (read(3, &next, 1) == 1 && next != '\\n') putchar(next);
          putchar('\\n');
      }

      static void call(const char *name)
      {
          long result = -1;
          if (!strcmp(name, "pidfd_send_signal")) result = syscall(SYS_pidfd_send_signal, 3, 9, NULL, 0);
          if (!strcmp(name, "pidfd_getfd")) result = syscall(SYS_pidfd_getfd, 3, 0, 0);
          if (!strcmp(name, "process_madvise")) result = syscall(SYS_process_madvise, 3, NULL, 0, 0, 0);
          if (!strcmp(name, "setns")) result = syscall(SYS_setns, 3, 0);
          if (!strcmp(name, "waitid")) result = syscall(SYS_waitid, P_PIDFD, 3, NULL, WEXITED, NULL);
          printf("%s\\n", result < 0 ? strerrorname_np(errno) : "ok");
      }

      int main(int argc, char **argv)
      {
          for (int i = 1; i < argc; i++) {
              if (!strcmp(argv[i], "END")) {
                  char next;
                  ssize_t length;
                  while ((length = read(3, &next, 1)) == 1) putchar(next);
                  printf("%s\\n", length < 0 ? strerrorname_np(errno) : "end");
              } else if (!strcmp(argv[i], "call")) {
                  call(argv[++i]);
              } else if (!strcmp(argv[i], "ask")) {
                  for (int n = 0; n < 100; n++) if (write(3, "HUP\\n", 4) < 0) printf("%s\\n", strerrorname_np(errno));
              } else if (!strcmp(argv[i], "move")) {
                  int moved = dup(3);
                  close(3);
                  printf("%s\\n", dup2(moved, 3) == 3 && close(moved) == 0 ? "moved" : strerrorname_np(errno));
              } else if (!strcmp(argv[i], "flood")) {
                  signal(SIGPIPE, SIG_IGN);
                  for (int n = 0; n < 1000000; n++) if (write(3, "KILL\\n", 5) < 0) break;
                  printf("flooded\\n");
              } else if (dprintf(3, "%s\\n", argv[i]) < 0) {
                  printf("%s\\n", strerrorname_np(errno));
              } else {
                  line();
              }
              fflush(stdout);
          }
          return 0;
      }
      """;

  @TempDir private Path directory;

  @BeforeEach
  void makeTheProgram() throws Exception {
    CompiledProgram.of(directory, "holder", HOLDER);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Sandbox.Builder worker() throws IOException {
    return Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: worker
        program:
          path: /bin/sh
          arguments: [-c, "trap 'exit 7' TERM; trap 'echo usr1' USR1; echo ready; while :; do read -r line || :; done"]
        capabilities:
          stdin: {inherit: 0, rights: read}
          stdout: {inherit: 1, rights: write}
        """, directory));
  }

  private SandboxedProcess work() throws IOException {
    var process = worker().build().launch();
    assertThat(line(process)).isEqualTo("ready");
    return process;
  }

  private static String line(SandboxedProcess process) throws IOException {
    var line = new StringBuilder();
    for (int next = process.getInputStream().read(); next != '\n' && next >= 0; next = process.getInputStream().read()) {
      line.append((char) next);
    }
    return line.toString();
  }

  private Sandbox.Builder holder(String rights, String arguments, String more) throws IOException {
    return Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: holder
        parameters: {worker: {process: true}}
        program: {path: holder, arguments: [%s]}
        capabilities:
          stdout: {inherit: 1, rights: write}
          worker: {process: "${worker}", rights: %s}
        """.formatted(arguments, rights) + more, directory));
  }

  private List<String> hold(SandboxedProcess worker, String rights, String arguments, String more) throws Exception {
    return hold(Stdio.process(worker), rights, arguments, more);
  }

  private List<String> hold(Stdio worker, String rights, String arguments, String more) throws Exception {
    try (var process = holder(rights, arguments, more).descriptor("worker", worker).build().launch();
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      return output.lines().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "isolation: {pid: shared}", "isolation: {require: [landlock, seccomp]}"})
  void itSignalsAndIsToldOfTheEnd(String more) throws Exception {
    try (var worker = work()) {
      assertThat(hold(worker, "[{signal: [TERM]}, wait]", "TERM, END", more)).containsExactly("TERM: ok", "exited 7", "end");
      assertThat(worker.waitFor()).isEqualTo(7);
    }
  }

  @ParameterizedTest(name = "{0} {1}: {3}, not {4}")
  @CsvSource(delimiter = '|', textBlock = PAIRS)
  void whatIsWithheldIsNotDoneOrTold(String kind, String right, String act, String granted, String withheld) throws Exception {
    try (var worker = work()) {
      if (right.equals("wait")) {
        worker.signal(15);
        worker.waitFor();
        assertThat(hold(worker, withheld, "TERM", "")).containsExactly("TERM: ESRCH");
        assertThat(hold(worker, granted, act, "")).containsExactly("exited 7", "end");
        return;
      }
      assertThat(hold(worker, withheld, "TERM, '15'", "")).containsExactly("TERM: EPERM", "15: EPERM");
      assertThat(worker.isAlive()).isTrue();
      assertThat(hold(worker, granted, act, "")).containsExactly("TERM: ok");
      assertThat(worker.waitFor()).isEqualTo(7);
    }
  }

  /** 271 is 15 with a high bit; 64 is no signal of the list. */
  @Test
  void whatIsNoSignalIsNotSent() throws Exception {
    try (var worker = work()) {
      assertThat(hold(worker, "all", "x, '0', '-1', '271', '4294967311', '64', SIGTERM, term, 'TERM TERM', '\u00e9'", ""))
          .hasSize(10).allMatch(each -> each.endsWith(": EINVAL"));
      assertThat(hold(worker, "all", "'" + "9".repeat(100) + "'", "")).singleElement().asString().endsWith(": EINVAL");
      assertThat(worker.isAlive()).isTrue();
    }
  }

  @Test
  void whatItHoldsIsNoPidfd() throws Exception {
    try (var worker = work()) {
      assertThat(hold(worker, "all", "call, pidfd_send_signal, call, pidfd_getfd, call, process_madvise, call, setns, call, waitid", ""))
          .containsExactly("EPERM", "EPERM", "EPERM", "EPERM", "EBADF");
      assertThat(worker.isAlive()).isTrue();
    }
  }

  /** The launcher's end of it is a socket that could carry a descriptor, if only to the launcher. */
  @Test
  void besideAnExactFileItSendsNoMessages() throws Exception {
    var file = Files.writeString(directory.resolve("file"), "");
    try (var worker = work()) {
      var policy = Policies.parse("""
          policy: embryo/v1
          name: test
          parameters: {worker: {process: true}}
          program: {path: holder}
          capabilities:
            worker: {process: "${worker}"}
            file: {file: %s, rights: [read, stat]}
            client: {connect: "udp:127.0.0.1:9", rights: [read, write, connect, duplicate]}
          """.formatted(file), directory);
      var compiled = Sandbox.builder().policy(policy).descriptor("worker", Stdio.process(worker)).build().compiled();

      assertThat(Explanation.of(compiled).toString()).contains("  sendmsg           no: 'worker' may be a Unix socket");
    }
  }

  @Test
  void aFloodOfRequestsKeepsNobody() throws Exception {
    try (var worker = work()) {
      assertThat(hold(worker, "wait", "flood", "")).containsExactly("flooded");
      assertThat(worker.isAlive()).isTrue();
      assertThat(hold(worker, "[{signal: [TERM]}, wait]", "TERM, END", "")).containsExactly("TERM: ok", "exited 7", "end");
    }
  }

  /** Whether its questions come before or after the launcher has told of the end. */
  @Test
  void whoAsksOfAProcessThatHasEndedReadsToTheEndAndMayGoOnWriting() throws Exception {
    try (var worker = work()) {
      worker.signal(15);
      worker.waitFor();
      assertThat(hold(worker, "wait", "ask, END, ask, TERM, END", ""))
          .filteredOn(line -> !line.equals("HUP: EPERM")).containsExactly("exited 7", "end", "", "end");
    }
  }

  /** A process of the JDK's, by its handle and by a pidfd. */
  @Test
  void anyProcessOfTheLaunchersCanBeHeld() throws Exception {
    for (boolean byPidfd : new boolean[] {false, true}) {
      var other = new ProcessBuilder("/bin/cat").start(); // which ends with its input at the latest
      try (Fd pidfd = Fd.own((int) Libc.syscall(SystemCalls.number("pidfd_open"), other.pid(), 0, 0, 0, 0, 0))) {
        var held = byPidfd ? Stdio.process(pidfd) : Stdio.process(other.toHandle());
        assertThat(hold(held, "{signal: [TERM]}", "KILL", "")).containsExactly("KILL: EPERM");
        assertThat(other.isAlive()).isTrue();
        assertThat(hold(held, "[{signal: [KILL]}, wait]", "KILL, END", "")).containsExactly("KILL: ok", "ended", "end");
        assertThat(other.waitFor()).isEqualTo(137);
        assertThatThrownBy(() -> hold(Stdio.process(other.toHandle()), "wait", "END", "")).isInstanceOf(IOException.class)
            .hasMessageStartingWith("capability 'worker': hold process " + other.pid() + ": ESRCH");
      } finally {
        other.getOutputStream().close();
      }
    }
    try (Fd none = Fd.open("/dev/null", 0)) {
      assertThatThrownBy(() -> hold(Stdio.process(none), "wait", "END", "")).isInstanceOf(IOException.class)
          .hasMessageStartingWith("capability 'worker': ").hasMessageContaining("EBADF");
    }
  }

  @Test
  void itIsTheSameAtAnotherNumber() throws Exception {
    try (var worker = work()) {
      assertThat(hold(worker, "{signal: [TERM]}", "move, KILL, TERM", "")).containsExactly("moved", "KILL: EPERM", "TERM: ok");
    }
  }

  @Test
  void aGroupStartsAHolderAfterWhatItHolds() throws Exception {
    var group = SandboxGroup.builder()
        .sandbox("supervisor", holder("[{signal: [USR1, TERM]}, wait]", "USR1, TERM, END", ""))
        .sandbox("worker", worker()).process("supervisor", "worker", "worker").build();
    try (var processes = group.launch()) {
      var supervisor = processes.process("supervisor");
      assertThat(new String(supervisor.getInputStream().readAllBytes(), UTF_8)).startsWith("USR1: ok\nTERM: ok\n").endsWith("end\n");
      processes.process("worker").waitFor();
    }
  }

  @Test
  void noTwoHoldEachOther() throws Exception {
    var group = SandboxGroup.builder().sandbox("a", holder("wait", "END", "")).sandbox("b", holder("wait", "END", ""))
        .process("a", "worker", "b");

    assertThatThrownBy(() -> group.process("b", "worker", "a")).isInstanceOf(IllegalArgumentException.class).hasMessage(
        "'b' cannot hold 'a': one of both would have to be started before the other, and each holds the other's process");
    assertThatThrownBy(() -> group.process("b", "worker", "c")).hasMessage("no sandbox of the group is called 'c'");
    assertThat(group.sandbox("c", worker()).process("b", "worker", "c").build()).isNotNull(); // nothing was changed by that
  }

  @Test
  void aProcessIsNoDescriptorAndADescriptorNoProcess() throws Exception {
    assertThatThrownBy(() -> holder("wait", "END", "").descriptor("worker", Stdio.NULL).build())
        .hasMessage("worker cannot be the null device: the policy has a process there");
    assertThatThrownBy(() -> holder("wait", "END", "").build())
        .hasMessage("capability 'worker': this launch passes no process 'worker'");
    try (var worker = work()) {
      var policy = Policies.parse("""
          policy: embryo/v1
          name: test
          parameters: {worker: {descriptor: true}}
          program: {path: holder}
          capabilities: {worker: {descriptor: "${worker}"}}
          """, directory);
      assertThatThrownBy(() -> Sandbox.builder().policy(policy).descriptor("worker", Stdio.process(worker)).build())
          .hasMessage("worker cannot be process " + worker.pid() + ": a process is for a parameter that is one");
    }
  }

  @Test
  void theExplanationTellsWhatItMayAskFor() throws Exception {
    try (var worker = work()) {
      var explained = Explanation.of(holder("[{signal: [TERM]}, wait]", "END", "").descriptor("worker", Stdio.process(worker)).build()
          .compiled()).toString();
      assertThat(explained).containsPattern("3 worker +the process that the launch passes as 'worker': wait, \\{signal: \\[TERM\\]\\};"
          + " by asking the launcher, which refuses the rest +\\[launcher\\]");
    }
  }
}
