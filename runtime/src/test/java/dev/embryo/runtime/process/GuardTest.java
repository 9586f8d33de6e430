package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Privileges;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.seccomp.GuardFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Without a pid namespace, a guard ends a program with its launcher. */
@ExtendWith(NothingLeftBehind.class)
@Timeout(60)
class GuardTest {
  private static final Fragment DROPPED = Privileges.dropped();

  static BirthPlan guarded() throws IOException {
    return BirthPlan.guarded(Set.of(), Fragment.NONE, Fragment.NONE,
        Arming.guard(DROPPED, GuardFilter.filter(Libseccomp.load().systemCalls()).bytes()));
  }

  private static RunningProcess run(String command) throws IOException {
    try (var embryo = Zygote.shared().embryo(guarded())) {
      Program.shell(embryo, command);
      return embryo.start();
    }
  }

  @Test
  void aGuardedProgramEndsAsItDoesWithoutAGuard() throws Exception {
    try (var process = run("exit 7")) {
      assertThat(process.waitFor()).isEqualTo(new ExitStatus(7, 0, false));
    }
  }

  @Test
  void aGuardIsClosedToTheProgramAndHoldsNothingButItsSocketAndTheProgram() throws Exception {
    try (var process = run("exec sleep 1000")) {
      int guard = guardOf(process);
      assertThat(Proc.status(guard, "Seccomp")).isEqualTo("2");
      assertThat(Proc.status(guard, "NoNewPrivs")).isEqualTo("1");
      assertThat(Proc.status(guard, "CapEff")).isEqualTo("0000000000000000");
      if (Libc.getuid() == 0) { // an ordinary user cannot look at what is not dumpable
        assertThat(Proc.descriptors(guard).keySet()).containsExactlyInAnyOrder(0, 16);
      }
    }
  }

  @Test
  void whenTheJvmIsKilledAGuardedProgramDiesWithItsGuardAndSoDoesAnEmbryoAtRest() throws Exception {
    var jvm = ChildJvm.start("guarded");
    var pids = new ArrayList<Integer>();
    try (var lines = jvm.inputReader()) {
      for (String line = lines.readLine(); line != null && !line.equals("ready"); line = lines.readLine()) {
        pids.add(Integer.valueOf(line));
      }
      assertThat(pids).as("zygote, program, guard, embryo, guard").hasSize(5).allMatch(Proc::exists);
    } finally {
      jvm.destroyForcibly().waitFor();
    }
    for (int pid : pids) {
      Eventually.holds("process " + pid + " has died", () -> !Proc.runs(pid));
    }
  }

  @Test
  void aProgramWhoseGuardIsKilledIsKilled() throws Exception {
    try (var process = run("trap '' HUP INT TERM; exec sleep 1000")) {
      Child.killByPid(guardOf(process));
      assertThat(process.waitFor()).isEqualTo(new ExitStatus(0, 9, false));
    }
  }

  @Test
  void aGuardThatCannotBeArmedLeavesNothing() {
    var plan = BirthPlan.guarded(Set.of(), Fragment.NONE, Fragment.NONE,
        program -> program.purpose("arm the guard").call("close", 99));
    assertThatThrownBy(() -> Zygote.shared().embryo(plan)).hasMessageStartingWith("cannot arm the guard: close(99): EBADF");
  }

  @Test
  void aGuardThatCannotPrepareLeavesNothing() {
    var plan = BirthPlan.guarded(Set.of(), program -> program.purpose("prepare").call("close", 99), Fragment.NONE,
        Fragment.NONE);
    assertThatThrownBy(() -> Zygote.shared().embryo(plan)).hasMessageStartingWith("cannot prepare: close(99): EBADF");
  }

  private static int guardOf(RunningProcess process) throws IOException {
    for (int child : Proc.children(Libc.getpid())) {
      if (child != process.pid() && child != Zygote.shared().pid()) {
        return child;
      }
    }
    throw new AssertionError("no guard");
  }
}
