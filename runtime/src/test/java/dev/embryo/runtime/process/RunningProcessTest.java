package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeftBehind.class)
class RunningProcessTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int SIGINT = 2;
  private static final int SIGKILL = 9;
  private static final int SIGSEGV = 11;
  private static final int SIGTERM = 15;

  private static RunningProcess run(String command, Namespace... namespaces) throws IOException {
    return run(Zygote.shared(), command, namespaces);
  }

  private static RunningProcess run(Zygote zygote, String command, Namespace... namespaces) throws IOException {
    try (var embryo = zygote.embryo(Set.of(namespaces))) {
      Program.shell(embryo, command);
      return embryo.start();
    }
  }

  private static ExitStatus killedBy(int signal) {
    return new ExitStatus(0, signal, false);
  }

  // exit status

  @Test
  void theExitCodeIsTheProgramsAlsoFromWithinAPidNamespace() throws Exception {
    for (int code : List.of(0, 1, 7, 127, 255)) {
      try (var plain = run("exit " + code); var within = run("exit " + code, Namespace.USER, Namespace.PID)) {
        assertThat(plain.waitFor()).isEqualTo(new ExitStatus(code, 0, false));
        assertThat(within.waitFor()).isEqualTo(new ExitStatus(code, 0, false));
        assertThat(within.exitStatus()).contains(new ExitStatus(code, 0, false));
        assertThat(within.isAlive()).isFalse();
      }
    }
  }

  @Test
  void aSignalThatEndsTheProgramIsItsStatus() throws Exception {
    for (int signal : List.of(SIGKILL, SIGSEGV, SIGTERM)) {
      try (var process = run("ulimit -c 0; kill -" + signal + " $$; exec sleep 1000")) {
        assertThat(process.waitFor()).isEqualTo(killedBy(signal));
        assertThat(process.waitFor().shellStatus()).isEqualTo(128 + signal);
      }
    }
  }

  @Test
  void signalsReachAProgramInAPidNamespaceWhichIsNotItsInit() throws Exception {
    for (int signal : List.of(SIGINT, SIGTERM)) {
      try (var process = run("exec sleep 1000", Namespace.USER, Namespace.PID)) {
        assertThat(process.signal(signal)).isTrue();
        assertThat(process.waitFor()).isEqualTo(killedBy(signal));
        assertThat(process.signal(signal)).as("it has ended").isFalse();
      }
    }
  }

  @Test
  void signalsWhileTheProgramEndsNeverMeetAClosedDescriptor() throws Exception {
    for (int i = 0; i < 100; i++) {
      try (var process = run("exit 0")) {
        while (process.signal(0)) {
          Thread.onSpinWait();
        }
        assertThat(process.waitFor().code()).isZero();
      }
    }
  }

  @Test
  void whatTheProgramLeavesRunningInItsPidNamespaceEndsWithIt() throws Exception {
    var pipe = FdPair.pipe();
    try (var embryo = Zygote.shared().embryo(Set.of(Namespace.USER, Namespace.PID))) {
      Program.shell(embryo, "setsid sleep 1000 & exec 1>&-; exit 3");
      embryo.setFd(pipe.second(), 1); // the sleeping process holds it
      pipe.second().close();
      try (var process = embryo.start();
          var output = new PipeInputStream(pipe.first())) {
        assertThat(process.waitFor().code()).isEqualTo(3);
        assertThat(output.read()).as("end of file, for nobody holds the other end").isEqualTo(-1);
        process.onGone().get();
      }
    }
  }

  // waiting

  @Test
  void onExitCompletesOutsideTheReactorAndCancellingItTouchesNothing() throws Exception {
    try (var process = run("exec sleep 1000")) {
      var name = process.onExit().thenApply(status -> Thread.currentThread().getName());
      assertThat(process.onExit().cancel(true)).isTrue();
      assertThat(process.isAlive()).isTrue();
      assertThat(process.exitStatus()).isEmpty();
      process.kill();
      assertThat(process.onExit().get()).isEqualTo(killedBy(SIGKILL));
      assertThat(name.get()).isNotEqualTo("embryo-reactor");
    }
  }

  @Test
  void waitingEndsAfterItsTimeoutAndLeavesTheProgram() throws Exception {
    try (var process = run("exec sleep 1000")) {
      assertThat(process.waitFor(Duration.ofMillis(1))).isEmpty();
      assertThat(process.isAlive()).isTrue();
      process.kill();
      assertThat(process.waitFor(Duration.ofSeconds(Long.MAX_VALUE))).contains(killedBy(SIGKILL));
    }
  }

  @Test
  void waitingIsInterruptible() throws Exception {
    try (var process = run("exec sleep 1000")) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(process::waitFor).isInstanceOf(InterruptedException.class);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> process.waitFor(LONG)).isInstanceOf(InterruptedException.class);
      assertThat(process.isAlive()).isTrue();
    }
  }

  @Test
  void aProgramIsKilledAtItsDeadline() throws Exception {
    try (var process = run("exec sleep 1000", Namespace.USER, Namespace.PID)) {
      process.killAfter(Duration.ofMillis(10));
      assertThat(process.waitFor()).isEqualTo(killedBy(SIGKILL));
    }
  }

  @Test
  void aCancelledDeadlineKillsNothing() throws Exception {
    try (var process = run("exec sleep 1000"); var other = run("exec sleep 1000")) {
      process.killAfter(Duration.ofMillis(50)).run();
      other.killAfter(Duration.ofMillis(100));
      other.waitFor();
      assertThat(process.isAlive()).isTrue();
    }
  }

  // closing

  @Test
  void closingKillsTheProgramAndWaitsUntilNothingOfItIsLeft() throws Exception {
    for (var namespaces : List.of(new Namespace[0], new Namespace[] {Namespace.USER, Namespace.PID})) {
      var process = run("exec sleep 1000", namespaces);
      process.close();
      assertThat(Proc.exists(process.pid())).isFalse();
      assertThat(process.waitFor()).isEqualTo(killedBy(SIGKILL));
      process.close();
    }
  }

  @Test
  void closingWhatWasDetachedLeavesItRunning() throws Exception {
    var process = run("exec sleep 1000", Namespace.USER, Namespace.PID);
    process.detach();
    process.close();
    assertThat(process.isAlive()).isTrue();
    process.kill();
    assertThat(process.waitFor()).isEqualTo(killedBy(SIGKILL));
    process.onGone().get();
  }

  // launching

  @Test
  void manyThreadsLaunchAtOnce() throws Exception {
    var threads = Executors.newFixedThreadPool(8);
    try {
      var launches = new ArrayList<Future<ExitStatus>>();
      for (int i = 0; i < 64; i++) {
        int code = i;
        launches.add(threads.submit(() -> {
          try (var process = code % 2 == 0 ? run("exit " + code) : run("exit " + code, Namespace.USER, Namespace.PID)) {
            return process.waitFor();
          }
        }));
      }
      for (int i = 0; i < 64; i++) {
        assertThat(launches.get(i).get().code()).isEqualTo(i);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aLaunchThatLacksASupplyDisturbsNoOther() throws Exception {
    var plan = OwnIdentity.plan(Set.of(Namespace.USER, Namespace.PID));
    var program = BirthProgram.builder();
    plan.begin().addTo(program);
    plan.awaitInit().addTo(program);
    Arming.exec(program, program.received("program"), "true", List.of("true"), List.of());
    var built = program.build();
    assertThatThrownBy(() -> Zygote.shared().launch(plan, built, new Supplies()))
        .hasMessage("the birth program needs 'program', which was not supplied");
    try (Fd executable = Program.open("/bin/true");
        var process = Zygote.shared().launch(plan, built, new Supplies().descriptor("program", executable))) {
      assertThat(process.waitFor().code()).isZero();
    }
  }

  @Test
  void aLaunchWhoseExecFailsSaysSoAndLeavesNothing() throws Exception {
    for (var plan : List.of(OwnIdentity.plan(Set.of()), OwnIdentity.plan(Set.of(Namespace.USER, Namespace.PID)))) {
      var program = BirthProgram.builder();
      plan.begin().addTo(program);
      plan.awaitInit().addTo(program);
      Arming.exec(program, program.received("program"), "usr", List.of("usr"), List.of());
      var built = program.build();
      try (Fd folder = Program.open("/usr")) {
        assertThatThrownBy(() -> Zygote.shared().launch(plan, built, new Supplies().descriptor("program", folder)))
            .isInstanceOf(ExecException.class).hasMessageContaining("EACCES (permission denied)");
      }
    }
  }

  @Test
  void aPlanWhoseInitCannotBeArmedLeavesNothing() throws Exception {
    var plan = BirthPlan.of(Set.of(Namespace.USER, Namespace.PID), OwnIdentity.plan(Set.of(Namespace.USER)).begin(),
        program -> program.purpose("arm init").call("close", 99));
    assertThatThrownBy(() -> Zygote.shared().embryo(plan)).hasMessageStartingWith("cannot arm init: close(99): EBADF");
  }

  @Test
  void aPlanWhoseHelperFailsLeavesNothing() throws Exception {
    var plan = BirthPlan.of(Set.of(Namespace.USER, Namespace.PID),
        program -> program.purpose("prepare").call("close", 99), program -> program.call("getpid"));
    assertThatThrownBy(() -> Zygote.shared().embryo(plan)).hasMessageStartingWith("cannot prepare: close(99): EBADF");
  }

  @Test
  void aKilledZygoteIsReplacedAndWhatItMadeLivesOn() throws Exception {
    try (var zygote = Zygote.start();
        var before = run(zygote, "exec sleep 1000", Namespace.USER, Namespace.PID);
        var atRest = zygote.embryo(Set.of())) {
      int first = zygote.pid();
      Child.killByPid(first);
      Eventually.holds("the zygote has died", () -> !Proc.runs(first));
      try (var after = run(zygote, "exit 4")) {
        assertThat(after.waitFor().code()).isEqualTo(4);
      }
      assertThat(zygote.pid()).isNotEqualTo(first);
      assertThat(Proc.exists(first)).isFalse();
      assertThat(before.isAlive()).isTrue();
      assertThat(Program.outputOf(atRest, "echo born")).isEqualTo("born\n");
    }
  }

  // other JVMs

  @Test
  void whenTheJvmIsKilledEverySandboxDiesRunningOrAtRest() throws Exception {
    var jvm = ChildJvm.start("sleepers");
    var pids = new ArrayList<Integer>();
    try (var lines = jvm.inputReader()) {
      readPids(lines, pids);
      assertThat(pids).hasSize(5).allMatch(Proc::exists);
    } finally {
      jvm.destroyForcibly().waitFor();
    }
    for (int pid : pids) {
      Eventually.holds("process " + pid + " has died", () -> !Proc.runs(pid));
    }
  }

  private static void readPids(BufferedReader lines, List<Integer> pids) throws IOException {
    for (String line = lines.readLine(); line != null && !line.equals("ready"); line = lines.readLine()) {
      pids.add(Integer.valueOf(line));
    }
  }

  @Test
  void aHostThatIgnoresSigchldStillLearnsHowAProgramEnded() throws Exception {
    assumeTrue(ChildJvm.kernelIsAtLeast(6, 15), "before Linux 6.15 the kernel forgets the status");
    assertThat(ChildJvm.outputOf("ignoring-sigchld"))
        .isEqualTo("exit status 7\nkilled by signal 9\nexit status 8\n");
  }

  @Test
  void aJvmWithoutFreeDescriptorsGetsErrorsAndLeavesNothing() throws Exception {
    assertThat(ChildJvm.outputOf("few-descriptors"))
        .isEqualTo("some launches failed\nno descriptor left\nno process left\n");
  }

  @Test
  void aBrokenReactorIsAnErrorForThoseWhoWaitAndClosingStillLeavesNothing() throws Exception {
    assertThat(ChildJvm.outputOf("broken-reactor")).isEqualTo("wait for processes: EBADF (bad file descriptor)\ngone\n");
  }
}
