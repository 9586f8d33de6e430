package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Filesystem;
import dev.embryo.policy.model.Filesystem.Devices;
import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.Identity;
import dev.embryo.policy.model.Inherit;
import dev.embryo.policy.model.Isolation;
import dev.embryo.policy.model.Isolation.Layer;
import dev.embryo.policy.model.Isolation.Sharing;
import dev.embryo.policy.model.Limits;
import dev.embryo.policy.model.Null;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.model.Processes;
import dev.embryo.policy.model.Processes.Execute;
import dev.embryo.policy.model.Program;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.model.Tmpfs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Whole policies, as people write them. */
class PolicyParserTest {

  static final String THUMBNAILER = """
      # Thumbnails of one folder.
      policy: embryo/v1
      name: thumbnailer
      version: 3

      program:
        path: bin/../bin/convert
        name: convert
        arguments: [/in/cat.jpg, -resize, 200x200, "png:-"]
        environment: {LANG: C.UTF-8, DEPTH: 8}
        directory: /tmp

      capabilities:
        stdout:  {inherit: 1, rights: write}
        stderr:  {inherit: 2, rights: write}
        photos:  {directory: ./photos, rights: [list, read], mount: /in}
        scratch: {tmpfs: 64MiB, mount: /tmp}
        log:     {file: ../log/thumb.log, rights: write}
        palette: {file: /usr/share/palette}
        sink:    {null: true, fd: 9}

      filesystem: {programs: system, proc: none, devices: none}
      processes: {threads: false, spawn: true, execute: none}
      network: none
      limits: {memory: 256MiB, stack: 1MiB, open-files: 64, processes: 16, cpu-time: 2m, wall-time: 3h, file-size: 100MiB,
               core: 1KiB, locked-memory: 4096, message-queues: 1MiB, priority: 5}
      identity: {user: 4001, group: 4002, groups: [4003, 4004], inside: {user: 1, group: 2}}
      isolation: {require: [seccomp, landlock, namespaces], landlock-abi: 4, pid: private, network: private,
                  ipc: private, hostname: private}
      """;

  private static final Rights READ_TREE =
      Rights.of(Right.READ, Right.STAT, Right.LIST, Right.LOOKUP, Right.DUPLICATE);
  private static final Rights WRITE = Rights.of(Right.WRITE, Right.DUPLICATE);

  @Test
  void aWholePolicyIsReadAsItIsWritten() throws Exception {
    Policy policy = Texts.parse(THUMBNAILER);

    assertThat(policy.name()).isEqualTo("thumbnailer");
    assertThat(policy.version()).isEqualTo(3);
    assertThat(policy.program()).isEqualTo(new Program(
        Path.of("/srv/policies/bin/convert"),
        List.of("/in/cat.jpg", "-resize", "200x200", "png:-"),
        Map.of("LANG", "C.UTF-8", "DEPTH", "8"),
        "/tmp",
        Optional.of("convert"),
        Optional.empty()));
    assertThat(policy.filesystem()).isEqualTo(new Filesystem(Programs.SYSTEM, Proc.NONE, Devices.NONE));
    assertThat(policy.processes()).isEqualTo(new Processes(false, true, Execute.NONE, false));
    assertThat(policy.limits()).isEqualTo(new Limits(
        OptionalLong.of(256 << 20), 1 << 20, 64, 16, Optional.of(Duration.ofMinutes(2)), Optional.of(Duration.ofHours(3)),
        OptionalLong.of(100 << 20), 1024, 4096, 1 << 20, 5));
    assertThat(policy.identity())
        .isEqualTo(new Identity(OptionalInt.of(4001), OptionalInt.of(4002), List.of(4003, 4004), 1, 2));
    assertThat(policy.isolation()).isEqualTo(new Isolation(
        EnumSet.allOf(Layer.class), 4, Sharing.PRIVATE, Sharing.PRIVATE, Sharing.PRIVATE, Sharing.PRIVATE));
  }

  @Test
  void theCapabilitiesKeepTheOrderOfTheTextAndTheirPlaces() throws Exception {
    assertThat(Texts.parse(THUMBNAILER).capabilities().values()).containsExactly(
        new Inherit("stdout", 1, WRITE, OptionalInt.of(1), Optional.empty(), at(14)),
        new Inherit("stderr", 2, WRITE, OptionalInt.of(2), Optional.empty(), at(15)),
        new DirectoryCapability(
            "photos", Path.of("/srv/policies/photos"), READ_TREE, OptionalInt.empty(), Optional.of("/in"), at(16)),
        new Tmpfs(
            "scratch", 64 << 20, Kind.ALL.get(4).rights().unwritten(), OptionalInt.empty(), Optional.of("/tmp"), at(17)),
        new FileCapability(
            "log", Path.of("/srv/log/thumb.log"), Rights.of(Right.WRITE, Right.SEEK, Right.STAT, Right.POLL), OptionalInt.of(3), Optional.empty(), at(18)),
        new FileCapability(
            "palette", Path.of("/usr/share/palette"), Rights.of(Right.READ, Right.SEEK, Right.STAT, Right.POLL), OptionalInt.of(4), Optional.empty(),
            at(19)),
        new Null("sink", Rights.of(Right.READ, Right.WRITE, Right.DUPLICATE), OptionalInt.of(9), Optional.empty(), at(20)));
  }

  private static Position at(int line) {
    return new Position("p.yaml", line, 3);
  }

  @Test
  void whatIsNotWrittenHasTheDocumentedDefaults() throws Exception {
    Policy policy = Texts.with("");

    assertThat(policy.version()).isEqualTo(1);
    assertThat(policy.program())
        .isEqualTo(new Program(Path.of("/bin/true"), List.of(), Map.of(), "/", Optional.empty(), Optional.empty()));
    assertThat(policy.capabilities()).isEmpty();
    assertThat(policy.filesystem()).isEqualTo(new Filesystem(Programs.CLOSURE, Proc.NONE, Devices.MINIMAL));
    assertThat(policy.processes()).isEqualTo(new Processes(true, false, Execute.NONE, false));
    assertThat(policy.limits()).isEqualTo(new Limits(
        OptionalLong.empty(), 8 << 20, 256, 1024, Optional.empty(), Optional.empty(), OptionalLong.empty(), 0, 0, 0, 0));
    assertThat(policy.identity())
        .isEqualTo(new Identity(OptionalInt.empty(), OptionalInt.empty(), List.of(), 1000, 1000));
    assertThat(policy.isolation()).isEqualTo(new Isolation(
        EnumSet.allOf(Layer.class), 1, Sharing.PRIVATE, Sharing.PRIVATE, Sharing.PRIVATE, Sharing.PRIVATE));
  }

  @Test
  void everyErrorIsReportedInTheOrderOfTheText() {
    assertThat(Texts.errors("""
        policy: embryo/v1
        name: Test
        program: {path: /bin/true, argument: [a]}
        capabilities:
          log: {file: a, rights: [append, read]}
        limits: {memory: lots}
        """)).isEqualTo("""
        p.yaml:2:7: name: expected a name of a-z, 0-9 and ._/-, 128 characters at most, not 'Test'
        p.yaml:3:28: unknown key 'argument'; did you mean 'arguments'?
        p.yaml:5:26: capabilities.log.rights: a file opened for 'append' cannot have 'read'
        p.yaml:6:18: limits.memory: expected a size from 1MiB to 8589934591GiB, such as 64MiB, not 'lots'""");
  }

  @Test
  void theProblemsCanBeTakenOneByOne() {
    PolicyException exception =
        catchThrowableOfType(PolicyException.class, () -> Texts.with("version: 0\nnetwork: all\n"));

    assertThat(exception.problems()).containsExactly(
        Problem.with(
            "version", new Position("p.yaml", 4, 10), "expected a whole number from 1 to 2147483647, not '0'"),
        Problem.with("network", new Position("p.yaml", 5, 10), "expected none, not 'all'"));
  }

  @Test
  void afterAHundredErrorsTheRestIsOnlyCounted() {
    StringBuilder text = new StringBuilder();
    for (int key = 0; key < 150; key++) {
      text.append("unheard-of-").append(key).append(": 1\n");
    }

    assertThat(Texts.errorsWith(text.toString()).lines())
        .hasSize(101)
        .last()
        .isEqualTo("p.yaml:103:1: and 50 more errors");
  }

  @Test
  void laterStagesCanPointAtAKeyOrAtTheNearestSectionThatIsWritten() throws Exception {
    Policy policy = Texts.with("limits: {memory: 1GiB}\n");

    assertThat(policy.places().at("program.path")).hasToString("p.yaml:3:17");
    assertThat(policy.places().at("limits.stack")).hasToString("p.yaml:4:9");
    assertThat(policy.places().at("isolation.landlock-abi")).hasToString("p.yaml:1:1");
  }

  @Test
  void relativePathsStartAtThePolicyWhereverTheJvmRuns() throws Exception {
    byte[] text = Texts.LEAST.replace("/bin/true", "../x/./tool").getBytes(StandardCharsets.UTF_8);

    assertThat(PolicyParser.parse("p.yaml", Path.of("/a/b"), text).program().path()).isEqualTo(Path.of("/a/x/tool"));
    assertThatThrownBy(() -> PolicyParser.parse("p.yaml", Path.of("a/b"), text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the base directory must be absolute: a/b");
  }
}
