package dev.embryo.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.explain.Explanation;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.parse.PolicyParser;
import dev.embryo.policy.resolve.Executable;
import dev.embryo.policy.resolve.FileIdentity;
import dev.embryo.policy.resolve.MountUse;
import dev.embryo.policy.resolve.ResolvedFile;
import dev.embryo.policy.resolve.ResolvedPolicy;
import dev.embryo.policy.resolve.ResolvedProgram;
import dev.embryo.policy.resolve.ViewEntry;
import dev.embryo.runtime.birth.CgroupPlan;
import dev.embryo.runtime.birth.CgroupPlan.Setting;
import dev.embryo.runtime.birth.Disassembler;
import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.elf.Elf;
import dev.embryo.runtime.elf.Machine;
import dev.embryo.runtime.host.Delegation;
import dev.embryo.runtime.host.Delegation.Controller;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.SeccompData;
import dev.embryo.runtime.seccomp.Simulator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Compiles one policy for hosts that exist only as values. */
class PolicyCompilerTest {
  private static final String POLICY = """
      policy: embryo/v1
      name: example
      program:
        path: /usr/bin/example
        arguments: [first, second]
        environment: {LANG: C.UTF-8}
        directory: /work
      capabilities:
        stdout: {inherit: 1, rights: write}
        log: {file: /var/log/example, rights: write}
        in: {directory: /srv/in, rights: read, mount: /in}
        out: {directory: /srv/out, rights: all, mount: /out}
        work: {tmpfs: 1MiB, mount: /work}
      limits: {open-files: 64, memory: 64MiB}
      """;
  private static final Host ORDINARY = host(1001, 7, -1);
  private static final Host ROOT = host(0, 7, -1);

  private static Host host(int user, int landlockAbi, long hardLimit) {
    return new Host("6.1.0-test", user, user, landlockAbi, 2, Collections.nCopies(16, hardLimit));
  }

  private static ResolvedPolicy resolved(String text) throws PolicyException {
    Policy policy = PolicyParser.parse("p.yaml", Path.of("/"), text.getBytes(StandardCharsets.UTF_8));
    var identity = new FileIdentity(8, 1, 42);
    var elf = new Elf(Elf.Type.EXECUTABLE, Machine.X86_64, 0, Optional.empty(), List.of(), Optional.empty(),
        Optional.empty(), Optional.empty(), false, false);
    List<ViewEntry> view = List.of(
        new ViewEntry.Link("/bin", "usr/bin"),
        mount("/dev/null", false, MountUse.DEVICE, ""),
        mount("/in", true, MountUse.DATA_READ, "in"),
        mount("/out", true, MountUse.DATA_WRITE, "out"),
        new ViewEntry.Directory("/usr"),
        new ViewEntry.Directory("/usr/bin"),
        mount("/usr/bin/example", false, MountUse.PROGRAM, ""),
        new ViewEntry.Tmpfs("/work", 1 << 20, "work"));
    return new ResolvedPolicy(policy,
        new ResolvedProgram("/usr/bin/example", Path.of("/usr/bin/example"), identity, elf, Optional.empty(),
            List.of("/usr/bin/example"), Optional.empty(), Optional.empty()), view,
        Map.of("log", new ResolvedFile(Path.of("/var/log/example"), identity)),
        List.of(new Executable("/usr/bin/example", false)));
  }

  private static ViewEntry.Mount mount(String path, boolean directory, MountUse use, String capability) {
    return new ViewEntry.Mount(path, Path.of(directory ? "/srv" + path : path), new FileIdentity(8, 1, 42), directory,
        use, capability.isEmpty() ? Optional.empty() : Optional.of(capability));
  }

  private static CompiledPolicy compile(String text, Host host) throws IOException {
    return new PolicyCompiler().compile(resolved(text), host);
  }

  /** The whole birth; the length of a filter depends on the libseccomp that made it. */
  private static String birth(CompiledPolicy compiled) {
    return ("zygote\n" + Disassembler.print(compiled.plan().zygote())
        + "helper\n" + Disassembler.print(compiled.plan().helper().orElseThrow())
        + "init\n" + Disassembler.print(compiled.plan().init().orElseThrow())
        + "embryo\n" + Disassembler.print(compiled.program()))
        .replaceAll("surface filter, \\d+ instructions", "surface filter, N instructions")
        .replaceAll("@compare\\(\\d+, the root", "@compare(N, the root")
        .replaceAll("rights filter, \\d+ instructions", "rights filter, N instructions");
  }

  /** Compares with a file beside the tests; {@code -Dgolden.write=true} writes it, to be read before it is committed. */
  private static void assertGolden(String name, String actual) throws IOException {
    var file = Path.of("src/test/resources/dev/embryo/policy/compile", name);
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(file, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(file));
  }

  @Test
  void theBirthForAnOrdinaryUserIsAsWrittenDown() throws IOException {
    assertGolden("birth-as-ordinary-user.txt", birth(compile(POLICY, ORDINARY)));
  }

  @Test
  void theBirthForRootIsAsWrittenDown() throws IOException {
    assertGolden("birth-as-root.txt", birth(compile(POLICY, ROOT)));
  }

  @Test
  void compilingTwiceGivesTheSameBytes() throws IOException {
    var compiler = new PolicyCompiler();
    var once = compiler.compile(resolved(POLICY), ORDINARY);
    var twice = new PolicyCompiler().compile(resolved(POLICY), ORDINARY);
    assertThat(once.program().data()).isEqualTo(twice.program().data());
    assertThat(once.filters()).isEqualTo(twice.filters());
    assertThat(compiler.compile(resolved(POLICY), ORDINARY).filters().surface()).isSameAs(once.filters().surface());
  }

  @Test
  void privilegeIsGoneBeforeTheFiltersAndNoPathIsUsedBeforeTheRootIsMade() throws IOException {
    List<String> order = compile(POLICY, ROOT).program().operations().stream().map(Operation::name).toList();
    assertThat(order).containsSubsequence("@place", "setgroups", "setresgid", "setresuid", "capset", "seccomp",
        "@gate", "seccomp", "read", "@compare", "openat", "landlock_restrict_self", "prlimit64", "execveat");
    assertThat(order).endsWith("execveat").containsOnlyOnce("execveat");
  }

  @Test
  void initMakesTheRootBeforeItArmsItselfAndSaysSoLast() throws IOException {
    List<String> order = compile(POLICY, ROOT).plan().init().orElseThrow().operations().stream()
        .map(Operation::name).toList();
    assertThat(order).containsSubsequence("open_tree", "@compare", "move_mount", "pivot_root", "umount2", "setresuid",
        "capset", "seccomp", "write");
    assertThat(order).endsWith("write");
  }

  /** Conditions on arguments hold for the flags that are used here; the surface is the narrowest there is. */
  @Test
  void everyStepAfterTheSurfaceFilterIsAllowedByIt() throws IOException {
    var text = POLICY + "processes: {threads: false, spawn: false}\n";
    var compiled = compile(text, ORDINARY);
    var names = compiled.program().operations().stream().map(Operation::name).toList();
    int surface = names.lastIndexOf("seccomp");
    for (String name : names.subList(surface + 1, names.size())) {
      if (!name.startsWith("@")) {
        var call = SeccompData.of(Libseccomp.load().nativeArchitecture(), SystemCalls.number(name), 0, 0, 0, 0, 0, 0);
        assertThat(Simulator.run(compiled.filters().surface(), call)).as(name).isEqualTo(Action.ALLOW);
      }
    }
  }

  @Test
  void whereDenialsAreExplainedOneFilterIsInstalledLastAndOnlyItsExecIsAskedAboutAfterThat() throws IOException {
    var text = POLICY + "processes: {threads: false}\nsystem-calls: {on-denied: explain, deny: [chdir, read, openat]}\n";
    var compiled = compile(text, ORDINARY);
    var names = compiled.program().operations().stream().map(Operation::name).toList();
    assertThat(names).containsOnlyOnce("seccomp").doesNotContain("@gate");
    assertThat(names.subList(names.indexOf("seccomp") - 1, names.size()))
        .containsExactly("@herald", "seccomp", "prlimit64", "execveat");
    for (String name : List.of("prlimit64", "execveat")) {
      var call = SeccompData.of(Libseccomp.load().nativeArchitecture(), SystemCalls.number(name), 0, 7, 0);
      assertThat(Simulator.run(compiled.filters().supervised().orElseThrow(), call))
          .isEqualTo(name.equals("execveat") ? Action.USER_NOTIF : Action.ALLOW);
    }
  }

  @Test
  void anExplanationSaysWhatThePolicySaysOfSystemCallsAndWhatThatWeakens() throws IOException {
    var rules = """
        system-calls:
          allow: [getcpu, pidfd_open, {call: personality, when: arg0 & 0xff == 0}]
          deny: [{call: kill, when: arg1 == 0 and arg0 != 1}, uname]
        """;
    assertThat(aboutCalls(POLICY + rules + "  on-denied: kill\n")).isEqualTo("""
        what the policy says of single system calls
          allow getcpu added [surface filter]
          allow pidfd_open added. Weaker: one process of the sandbox can look into and control the others [surface filter]
          allow personality when arg0 & 0xff == 0x0 added. Weaker: memory can be writable and executable [surface filter]
          deny kill when arg1 == 0 and arg0 != 1 taken away [denials filter]
          deny uname taken away [denials filter]
          on-denied a call that would fail with EPERM kills the program by SIGSYS; those that fail with ENOSYS still do \
        [surface filter]
        """);
    assertThat(aboutCalls(POLICY + rules)).endsWith("  on-denied a call that is not allowed fails with EPERM, or ENOSYS [surface filter]\n");
    assertThat(aboutCalls(POLICY + "system-calls: {on-denied: explain}\n")).isEqualTo("""
        what the policy says of single system calls
          on-denied a call that is not allowed fails, and the launcher says which, and what would allow it [surface filter]
        """);
    assertThat(Explanation.of(compile(POLICY, ORDINARY)).toString()).doesNotContain("single system calls");
  }

  /** The section of an explanation, with one space where the page has several. */
  private static String aboutCalls(String text) throws IOException {
    String page = Explanation.of(compile(text, ORDINARY)).toString();
    String section = page.substring(page.indexOf("what the policy says of single system calls"));
    return (section + "\n\n").split("\n\n", 2)[0].replaceAll("(?<=\\S) {2,}", " ") + "\n";
  }

  @Test
  void whereLandlockDoesNotSeeTruncationADirectoryThatChangesCanBeWritten() throws IOException {
    var creating = POLICY.replace("rights: all", "rights: [create, delete, rename, link, symlink, metadata]");
    int seesTruncation = 3;

    assertThatThrownBy(() -> compile(creating, host(1001, seesTruncation - 1, -1))).isInstanceOf(PolicyException.class)
        .hasMessage("p.yaml:12:38: capabilities.out.rights: lack 'write': it takes Landlock ABI 3 to keep the program from "
            + "truncating files, and this kernel (6.1.0-test) offers 2");
    compile(creating, host(1001, seesTruncation, -1));
  }

  @Test
  void theDescriptorTableIsCompleteAndNothingElse() throws IOException {
    assertThat(compile(POLICY, ORDINARY).descriptors())
        .extracting(DescriptorSlot::number, DescriptorSlot::capability, slot -> slot.rights().toString())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(0, "stdin", "[read, write, duplicate]"),
            org.assertj.core.groups.Tuple.tuple(1, "stdout", "[write, duplicate]"),
            org.assertj.core.groups.Tuple.tuple(2, "stderr", "[read, write, duplicate]"),
            org.assertj.core.groups.Tuple.tuple(3, "log", "[write, seek, stat, poll]"));
  }

  @Test
  void everyLimitIsSetAndNoneAboveTheLaunchersOwn() throws IOException {
    var limits = compile(POLICY, host(1001, 7, 100)).limits();
    assertThat(limits).hasSize(ResourceLimit.values().length);
    assertThat(limits).containsEntry(ResourceLimit.NOFILE, 64L).containsEntry(ResourceLimit.DATA, 100L)
        .containsEntry(ResourceLimit.CORE, 1L).containsEntry(ResourceLimit.CPU, 100L)
        .containsEntry(ResourceLimit.RTPRIO, 0L);
  }

  private static final Path CGROUP = Path.of("/sys/fs/cgroup/mine");
  private static final Delegation ALL =
      new Delegation(Optional.of(CGROUP), EnumSet.allOf(Controller.class), true, true, "");

  @Test
  void aCgroupLimitsTheMemoryAndTheProcessesOfAllTogether() throws IOException {
    var compiled = compile(POLICY, ORDINARY.with(ALL));
    assertThat(compiled.plan().cgroup()).contains(new CgroupPlan(CGROUP,
        List.of(new Setting("memory.max", "67108864"), new Setting("memory.swap.max", "0"),
            new Setting("memory.oom.group", "1"), new Setting("pids.max", "1027")),
        List.of(new Setting("pids.max", "1025"))));
    assertThat(compiled.limits()).containsEntry(ResourceLimit.DATA, ResourceLimit.UNLIMITED);
    assertThat(Disassembler.print(compiled.plan().zygote())).contains("@place({cgroup}, 8)", "CLONE_INTO_CGROUP", ", 88, ");
    assertThat(Explanation.of(compiled).toString())
        .contains("64 MiB in all, of any kind; then everything is killed", "1024 processes and threads");
  }

  @Test
  void withoutACgroupMemoryIsLimitedInEachProcessAndItIsSaidWhyThereIsNoTotal() throws IOException {
    var compiled = compile(POLICY, ORDINARY.with(Delegation.none("nobody delegates")));
    assertThat(compiled.plan().cgroup()).isEmpty();
    assertThat(compiled.limits()).containsEntry(ResourceLimit.DATA, 64L << 20);
    assertThat(Explanation.of(compiled).toString())
        .contains("64 MiB of private memory, each process", "no total, for want of a cgroup: nobody delegates");
  }

  @Test
  void aCgroupThatCannotLimitMemoryIsNotMadeForIt() throws IOException {
    var pids = new Delegation(Optional.of(CGROUP), EnumSet.of(Controller.PIDS), true, false, "no memory");
    var compiled = compile(POLICY, ORDINARY.with(pids));
    assertThat(compiled.plan().cgroup()).isEmpty();
    assertThat(compiled.limits()).containsEntry(ResourceLimit.DATA, 64L << 20);
  }

  @Test
  void aPolicyThatLimitsNoMemoryHasNoCgroup() throws IOException {
    var text = POLICY.replace(", memory: 64MiB", "");
    assertThat(compile(text, ORDINARY.with(ALL)).plan().cgroup()).isEmpty();
    assertThat(PolicyCompiler.asksForCgroup(compile(text, ORDINARY).policy())).isFalse();
    assertThat(PolicyCompiler.asksForCgroup(compile(POLICY, ORDINARY).policy())).isTrue();
  }

  @Test
  void initAndAHelperCountAmongTheProcessesAndTheProgramHasItsOwnNumber() throws IOException {
    assertThat(compile(POLICY, ROOT).limits()).containsEntry(ResourceLimit.NPROC, 1025L);
    assertThat(compile(POLICY, ORDINARY).limits()).containsEntry(ResourceLimit.NPROC, 1026L);
  }

  @Test
  void aKernelWithoutLandlockIsRefused() {
    for (var layer : Host.Layer.values()) {
      var host = ORDINARY.lacking(Map.of(layer, "why; remedy"));
      String name = layer == Host.Layer.LISTENER ? "seccomp" : layer.name().toLowerCase(java.util.Locale.ROOT);
      String more = layer == Host.Layer.NAMESPACES ? "; or leave namespaces out" : "";
      assertThatThrownBy(() -> compile(POLICY, host)).isInstanceOf(PolicyException.class)
          .hasMessage("p.yaml:1:1: isolation.require: " + name + ": why; remedy" + more);
    }
  }

  @Test
  void anOlderLandlockThanRequiredIsRefused() {
    var text = POLICY + "isolation: {landlock-abi: 5}\n";
    assertThatThrownBy(() -> compile(text, host(1001, 4, -1))).isInstanceOf(PolicyException.class)
        .hasMessage("p.yaml:15:27: isolation.landlock-abi: 5 is required, and this kernel (6.1.0-test) offers 4");
  }

  @Test
  void onlyRootMayChooseAnotherIdentity() throws IOException {
    var text = POLICY + "identity: {user: 5000, group: 5001, groups: [5002]}\n";
    assertThatThrownBy(() -> compile(text, ORDINARY)).isInstanceOf(PolicyException.class)
        .hasMessageContaining("p.yaml:15:18: identity.user: only root may run a program under another id")
        .hasMessageContaining("identity.group: only root").hasMessageContaining("identity.groups: only root");
    assertThat(compile(text, ROOT).policy().identity().user()).hasValue(5000);
  }

  @Test
  void noWritableMountIsExecutableAndNoMountHonoursDevicesOrSetIdBitsButTheDevices() throws IOException {
    for (var entry : compile(POLICY, ORDINARY).root()) {
      if (entry instanceof dev.embryo.runtime.birth.RootEntry.Mount mount) {
        var attributes = mount.attributes().name();
        assertThat(attributes).as(mount.path()).contains("NOSUID");
        assertThat(attributes.contains("RDONLY") || attributes.contains("NOEXEC")).as(mount.path()).isTrue();
        assertThat(attributes.contains("NODEV")).as(mount.path()).isEqualTo(!mount.path().startsWith("/dev/"));
      }
    }
  }
}
