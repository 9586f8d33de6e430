package dev.embryo.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.parse.PolicyParser;
import dev.embryo.policy.resolve.Executable;
import dev.embryo.policy.resolve.FileIdentity;
import dev.embryo.policy.resolve.MountUse;
import dev.embryo.policy.resolve.ResolvedPolicy;
import dev.embryo.policy.resolve.ResolvedProgram;
import dev.embryo.policy.resolve.ViewEntry;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.CgroupPlan;
import dev.embryo.runtime.birth.Disassembler;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.elf.Elf;
import dev.embryo.runtime.elf.Machine;
import dev.embryo.runtime.host.Delegation;
import dev.embryo.runtime.host.Host;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Compiles policies that leave namespaces out, or share some, for hosts that exist only as values. */
class WithoutNamespacesTest {
  private static final String LEAST = """
      policy: embryo/v1
      name: example
      program: {path: /usr/bin/example}
      """;
  private static final String WITHOUT = "isolation: {require: [landlock, seccomp]}\n";

  private static CompiledPolicy compile(String more, int user, int landlockAbi) throws IOException {
    return compile(more, new Host("6.1.0-test", user, user, landlockAbi, 2, Collections.nCopies(16, -1L)));
  }

  private static CompiledPolicy compile(String more, Host host) throws IOException {
    var policy = PolicyParser.parse("p.yaml", Path.of("/"), (LEAST + more).getBytes(StandardCharsets.UTF_8));
    var identity = new FileIdentity(8, 1, 42);
    var elf = new Elf(Elf.Type.EXECUTABLE, Machine.X86_64, 0, Optional.empty(), List.of(), Optional.empty(),
        Optional.empty(), Optional.empty(), false, false);
    var path = Path.of("/usr/bin/example");
    return new PolicyCompiler().compile(new ResolvedPolicy(policy,
        new ResolvedProgram(path.toString(), path, identity, elf, Optional.empty(), List.of(path.toString()),
            Optional.empty(), Optional.empty()),
        List.of(new ViewEntry.Mount(path.toString(), path, identity, false, MountUse.PROGRAM, Optional.empty())),
        Map.of(), List.of(new Executable(path.toString(), false))), host);
  }

  /** Compares with a file beside the tests; {@code -Dgolden.write=true} writes it, to be read before it is committed. */
  private static void assertGolden(String name, CompiledPolicy compiled) throws IOException {
    var plan = compiled.plan();
    String actual = ("zygote\n" + Disassembler.print(plan.zygote())
        + "guard\n" + Disassembler.print(plan.helper().orElseThrow())
        + "then\n" + Disassembler.print(plan.init().orElseThrow())
        + "at last\n" + Disassembler.print(plan.watch().orElseThrow())
        + "embryo\n" + Disassembler.print(compiled.program()))
        .replaceAll("surface filter, \\d+ instructions", "surface filter, N instructions");
    var file = Path.of("src/test/resources/dev/embryo/policy/compile", name);
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(file, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(file));
  }

  @Test
  void theBirthsAreAsWrittenDown() throws IOException {
    assertGolden("birth-without-namespaces-as-ordinary-user.txt", compile(WITHOUT, 1001, 2));
    assertGolden("birth-without-namespaces-as-root.txt", compile(WITHOUT, 0, 7));
  }

  @Test
  void theNamespacesAreThoseThatThePolicyDoesNotShare() throws IOException {
    assertThat(namespaces("")).containsExactlyInAnyOrder(Namespace.USER, Namespace.PID, Namespace.MOUNT, Namespace.IPC,
        Namespace.UTS, Namespace.CGROUP);
    assertThat(namespaces("isolation: {pid: shared}\n")).doesNotContain(Namespace.PID).hasSize(5);
    assertThat(namespaces("isolation: {ipc: shared}\n")).doesNotContain(Namespace.IPC).hasSize(5);
    assertThat(namespaces("isolation: {hostname: shared}\n")).doesNotContain(Namespace.UTS).hasSize(5);
    assertThat(namespaces("isolation: {network: shared}\nfilesystem: {proc: own}\n")).doesNotContain(Namespace.NETWORK);
    assertThat(namespaces("filesystem: {proc: own}\n")).contains(Namespace.NETWORK);
    assertThat(namespaces(WITHOUT)).isEmpty();
  }

  private static java.util.Set<Namespace> namespaces(String more) throws IOException {
    return compile(more, 1001, 7).plan().namespaces();
  }

  @Test
  void aProgramThatSharesPidsHasAGuardAndAnotherHasNone() throws IOException {
    assertThat(compile(WITHOUT, 1001, 7).plan().watch()).isPresent();
    assertThat(compile("isolation: {pid: shared}\n", 1001, 7).plan().watch()).isPresent();
    assertThat(compile("isolation: {ipc: shared}\n", 1001, 7).plan().watch()).isEmpty();
  }

  @Test
  void aFilterKeepsSignalsWhereNeitherAPidNamespaceNorLandlockDoes() throws IOException {
    assertThat(compile(WITHOUT, 1001, 5).filters().ownSignals()).isPresent();
    assertThat(compile("isolation: {pid: shared}\n", 1001, 5).filters().ownSignals()).isPresent();
    assertThat(compile(WITHOUT, 1001, 6).filters().ownSignals()).isEmpty();
    assertThat(compile("", 1001, 5).filters().ownSignals()).isEmpty();
  }

  @Test
  void whatTakesAPidNamespaceIsRefusedWhereItIsShared() {
    assertThatThrownBy(() -> compile("processes: {spawn: true}\nfilesystem: {proc: own}\n" + WITHOUT, 1001, 7))
        .isInstanceOf(PolicyException.class).hasMessage("""
            p.yaml:4:20: processes.spawn: without a pid namespace, and without a cgroup of its own (it was not looked \
            for one), nothing ends the processes that the program leaves behind; make isolation.pid private, and require namespaces
            p.yaml:5:20: filesystem.proc: 'own' shows the processes of a pid namespace, and isolation.pid is 'shared'""");
    assertThatThrownBy(() -> compile("processes: {spawn: true}\nisolation: {pid: shared}\n", 1001, 7))
        .isInstanceOf(PolicyException.class).hasMessage("""
            p.yaml:4:20: processes.spawn: without a pid namespace, and without a cgroup of its own (it was not looked \
            for one), nothing ends the processes that the program leaves behind; make isolation.pid private""");
  }

  @Test
  void aCgroupEndsWhatNoPidNamespaceEnds() throws IOException {
    var killing = new Delegation(Optional.of(Path.of("/cg")), Set.of(), true, false, "");
    var plan = compile("processes: {spawn: true}\n" + WITHOUT,
        new Host("6.1.0-test", 1001, 1001, 7, 2, Collections.nCopies(16, -1L)).with(killing)).plan();
    assertThat(plan.cgroup()).contains(new CgroupPlan(Path.of("/cg"), List.of(), List.of()));
    assertThat(plan.watch().orElseThrow().descriptors()).contains(BirthPlan.CGROUP_KILL);
  }

  @Test
  void anOlderLandlockDoesNotTellTheSignalsOfATreeFromOthers() {
    var killing = new Delegation(Optional.of(Path.of("/cg")), Set.of(), true, false, "");
    assertThatThrownBy(() -> compile("processes: {spawn: true}\n" + WITHOUT,
        new Host("6.1.0-test", 1001, 1001, 5, 2, Collections.nCopies(16, -1L)).with(killing)))
        .isInstanceOf(PolicyException.class).hasMessage("""
            p.yaml:4:20: processes.spawn: without a pid namespace it takes Landlock ABI 6 to tell the signals of its \
            processes to each other from others, and this kernel (6.1.0-test) offers 5""");
  }

  @Test
  void nothingIsExecutedWhereNoMountForbidsIt() {
    assertThatThrownBy(() -> compile("processes: {execute: view}\n" + WITHOUT, 1001, 7))
        .isInstanceOf(PolicyException.class).hasMessage("""
            p.yaml:4:22: processes.execute: without a mount namespace, which isolation.require leaves out, there are no \
            noexec mounts, and the program could execute what it can write""");
  }
}
