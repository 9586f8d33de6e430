package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.CgroupPlan;
import dev.embryo.runtime.birth.CgroupPlan.Setting;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A sandbox's own cgroup: born in it, killed with it, and nothing is left of it. Needs a cgroup2 mount that may be used. */
@ExtendWith(NothingLeftBehind.class)
@Timeout(60)
class SandboxCgroupTest {
  private static final Setting KILLED = new Setting("cgroup.kill", "1");
  private static Path parent = Path.of("/");

  @BeforeAll
  static void find() throws IOException {
    var found = CgroupSearch.find();
    assumeTrue(found.isPresent(), () -> "no cgroup for sandboxes: " + found.reason());
    assumeTrue(found.canKill(), "this kernel cannot kill cgroups (Linux 5.14)");
    parent = found.directory().orElseThrow();
  }

  @AfterEach
  void noCgroupIsLeft() throws IOException {
    assertThat(ours()).isEmpty();
  }

  private static List<Path> ours() throws IOException {
    try (var entries = Files.newDirectoryStream(parent, "embryo-" + Libc.getpid() + "-*")) {
      return java.util.stream.StreamSupport.stream(entries.spliterator(), false).toList();
    }
  }

  private static CgroupPlan cgroup(Setting... settings) {
    return new CgroupPlan(parent, List.of(settings), List.of());
  }

  private static BirthPlan plan(Namespace... namespaces) {
    return BirthPlan.of(Set.of(namespaces), Fragment.NONE, Fragment.NONE).inCgroup(cgroup());
  }

  private static String cgroupOf(int pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/cgroup")).lines().filter(line -> line.startsWith("0::"))
        .findFirst().orElseThrow();
  }

  /** A program that leaves a child behind when its input ends; its output is the child's pid. */
  private static RunningProcess leavingAChild(BirthPlan plan, FdPair input, FdPair output) throws IOException {
    try (var embryo = Zygote.shared().embryo(plan)) {
      embryo.setFd(input.first(), 0);
      embryo.setFd(output.second(), 1);
      Program.shell(embryo, "sleep 1000 >/dev/null & echo $!; read -r line");
      return embryo.start();
    } finally {
      input.first().close();
      output.second().close();
    }
  }

  private static int pidFrom(FdPair output) throws IOException {
    try (var stream = new PipeInputStream(output.first())) {
      return Integer.parseInt(new String(stream.readAllBytes(), StandardCharsets.US_ASCII).strip());
    }
  }

  @Test
  void aProcessIsBornInACgroupOfItsOwnAndNotMovedThere() throws Exception {
    String own = cgroupOf(Libc.getpid());
    try (var embryo = Zygote.shared().embryo(plan())) {
      assertThat(cgroupOf(embryo.pid())).as("at rest").contains("/embryo-" + Libc.getpid() + "-").isNotEqualTo(own);
      assertThat(cgroupOf(Zygote.shared().pid())).isEqualTo(own);
      assertThat(ours()).hasSize(1);
      assertThat(Program.outputOf(embryo, "read -r line </proc/self/cgroup; echo ran")).isEqualTo("ran\n");
    }
  }

  @Test
  void initIsInItToo() throws Exception {
    assumeTrue(Libc.getuid() == 0, "an ordinary user cannot make a pid namespace alone");
    try (var embryo = Zygote.shared().embryo(plan(Namespace.PID))) {
      var pids = Files.readAllLines(ours().get(0).resolve("cgroup.procs"));
      assertThat(pids).hasSize(2).contains(Integer.toString(embryo.pid()));
    }
  }

  @Test
  void aCgroupNamespaceHidesWhereItIs() throws Exception {
    assumeTrue(Libc.getuid() == 0, "an ordinary user cannot make a cgroup namespace alone");
    try (var embryo = Zygote.shared().embryo(plan(Namespace.CGROUP))) {
      assertThat(Program.outputOf(embryo, "while read -r line; do case $line in 0::*) echo $line; esac; done </proc/self/cgroup"))
          .isEqualTo("0::/\n");
    }
  }

  @Test
  void whatAProgramLeavesBehindIsKilledWithItsCgroupAndLivesOnWithoutOne() throws Exception {
    var without = BirthPlan.of(Set.of(), Fragment.NONE, Fragment.NONE);
    for (var plan : List.of(plan(), without)) {
      var input = FdPair.pipe();
      var output = FdPair.pipe();
      int child;
      try (var process = leavingAChild(plan, input, output)) {
        input.second().close();
        process.onGone().get();
        child = pidFrom(output);
      }
      assertThat(Proc.runs(child)).isEqualTo(plan == without);
      ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly); // no child of this JVM
    }
  }

  @Test
  void closingKillsWhatAProgramHasStarted() throws Exception {
    var input = FdPair.pipe();
    var output = FdPair.pipe();
    var process = leavingAChild(plan(), input, output);
    var pid = new byte[8];
    try (var stream = new PipeInputStream(output.first())) {
      int length = stream.read(pid);
      process.close();
      assertThat(Proc.runs(Integer.parseInt(new String(pid, 0, length, StandardCharsets.US_ASCII).strip()))).isFalse();
    }
    input.second().close();
  }

  @Test
  void aGuardKillsTheWholeOfItWhenTheJvmIsKilled() throws Exception {
    var jvm = ChildJvm.start("guarded-tree");
    int child;
    try (var lines = jvm.inputReader()) {
      child = Integer.parseInt(lines.readLine());
      assertThat(Proc.runs(child)).isTrue();
    } finally {
      jvm.destroyForcibly().waitFor();
    }
    Eventually.holds("what the program had started has died", () -> !Proc.runs(child));
    SandboxCgroup.removeStale(parent);
  }

  @Test
  void whatALivingLauncherHasIsNotRemoved() throws Exception {
    try (var living = SandboxCgroup.make(cgroup())) {
      SandboxCgroup.removeStale(parent);
      assertThat(living.cgroup().path()).exists();
    }
  }

  @Test
  void whatADeadLauncherHasLeftIsRemoved() throws Exception {
    var jvm = ChildJvm.start("guarded-tree");
    String prefix = "embryo-" + jvm.pid() + "-";
    try (var lines = jvm.inputReader()) {
      lines.readLine();
      assertThat(count(prefix)).as("of a living launcher").isOne();
    } finally {
      jvm.destroyForcibly().waitFor();
    }
    assertThat(count(prefix)).as("of a dead launcher").isOne();
    Eventually.holds("its cgroup is removed", () -> {
      SandboxCgroup.removeStale(parent);
      return count(prefix) == 0;
    });
  }

  private static long count(String prefix) throws IOException {
    try (var entries = Files.list(parent)) {
      return entries.filter(entry -> entry.getFileName().toString().startsWith(prefix)).count();
    }
  }

  @Test
  void aBirthThatFailsLeavesNoCgroup() {
    var failing = BirthPlan.of(Set.of(), program -> program.purpose("prepare").call("close", 99), Fragment.NONE)
        .inCgroup(cgroup());
    assertThatThrownBy(() -> Zygote.shared().embryo(failing)).hasMessageStartingWith("cannot prepare: close(99): EBADF");
  }

  @Test
  void aSettingThatTheKernelRefusesIsAnErrorAndNothingBegins() {
    var unknown = BirthPlan.of(Set.of(), Fragment.NONE, Fragment.NONE).inCgroup(cgroup(new Setting("no.such", "1")));
    assertThatThrownBy(() -> Zygote.shared().embryo(unknown)).isInstanceOf(LinuxException.class)
        .hasMessageMatching("open no.such: ENOENT.*");
    var wrong = BirthPlan.of(Set.of(), Fragment.NONE, Fragment.NONE)
        .inCgroup(cgroup(new Setting("cgroup.max.depth", "many")));
    assertThatThrownBy(() -> Zygote.shared().embryo(wrong)).isInstanceOf(LinuxException.class)
        .hasMessageMatching("write many to " + parent + "/embryo-\\d+-\\d+/cgroup.max.depth: EINVAL.*");
  }

  @Test
  void aParentThatIsGoneIsAnErrorAndNothingBegins() {
    var gone = BirthPlan.of(Set.of(), Fragment.NONE, Fragment.NONE)
        .inCgroup(new CgroupPlan(parent.resolve("gone"), List.of(), List.of()));
    assertThatThrownBy(() -> Zygote.shared().embryo(gone)).isInstanceOf(LinuxException.class)
        .hasMessageMatching("make the cgroup " + parent + "/gone/embryo-\\d+-\\d+: ENOENT.*");
  }

  /** Killed after its settings and before the exec: the birth fails, and is cleaned up after. */
  @Test
  void aCgroupThatIsKilledDuringABirthFailsIt() {
    var plan = BirthPlan.of(Set.of(), Fragment.NONE, Fragment.NONE)
        .inCgroup(new CgroupPlan(parent, List.of(), List.of(KILLED, new Setting("no.such", "1"))));
    assertThatThrownBy(() -> {
      try (var embryo = Zygote.shared().embryo(plan)) {
        Program.shell(embryo, "exec sleep 1000");
        embryo.start();
      }
    }).isInstanceOf(LinuxException.class).hasMessageMatching("open no.such: ENOENT.*");
  }
}
