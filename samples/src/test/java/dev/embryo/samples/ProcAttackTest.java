package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.runtime.host.Host;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that sees a /proc of its own: it sees itself there, and gets nothing that it did not have. */
class ProcAttackTest {
  private static final ProbePolicy OWN =
      ProbePolicy.LEAST.section("filesystem: {proc: own}").section("processes: {spawn: true}");

  @TempDir Path directory;

  @BeforeEach
  void open() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void itSeesItselfAndNeitherItsInitNorTheHost() throws Exception {
    assertThat(List.of(Probe.inside(OWN, "list", "/proc").detail().split(" ")))
        .containsExactlyInAnyOrder("2", "self", "thread-self");
    assertThat(Probe.inside(OWN, "read", "/proc/self/stat").detail()).startsWith("2 (");
    assertThat(Probe.inside(ProbePolicy.LEAST, "list", "/proc").answer()).isEqualTo("ENOENT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"})
  void itIsInANamespaceOfItsOwn(String kind) throws Exception {
    var policy = Policies.parse("""
        policy: embryo/v1
        name: namespace
        program: {path: /bin/readlink, arguments: [/proc/self/ns/%s]}
        capabilities: {stdout: {inherit: 1, rights: write}}
        filesystem: {proc: own}
        """.formatted(kind), directory);

    String inside = Sandbox.builder().policy(policy).build().run(Duration.ofSeconds(30)).outputText().strip();

    assertThat(inside).startsWith(kind + ":[");
    if (kind.equals("user") && System.getProperty("user.name").equals("root")) {
      assertThat(inside).as("root gives its programs a user of the host's").isEqualTo(ofThisJvm(kind));
    } else {
      assertThat(inside).isNotEqualTo(ofThisJvm(kind));
    }
  }

  private static String ofThisJvm(String kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns", kind)).toString();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # Pid 1 is init; what is not about processes is not there at all.
      read /proc/1/status                      | ENOENT
      list /proc/1/fd                          | ENOENT
      list /proc/1/root                        | ENOENT
      open /proc/1/mem                         | ENOENT
      open-write /proc/1/mem                   | ENOENT
      open-write /proc/1/exe                   | ENOENT
      open-write /proc/sys/kernel/core_pattern | ENOENT
      open-write /proc/sysrq-trigger           | ENOENT
      open /proc/kcore                         | ENOENT
      open /proc/kallsyms                      | ENOENT
      read /proc/net/unix                      | ENOENT
      read /proc/mounts                        | ENOENT
      read /proc/cmdline                       | ENOENT
      read /proc/self/root/etc/passwd          | ENOENT
      read /proc/self/cwd/../etc/passwd        | ENOENT
      climb /proc/self/root etc/passwd         | ENOENT
      """)
  void whatIsNotItsOwnIsNotThere(String act, String refusal) throws Exception {
    Probe.assertAnswer(Probe.inside(OWN, act.split(" ")), refusal);
  }

  /** The kernel writes through /proc/PID/mem to pages that are not writable: code, without memory that is both. */
  @ParameterizedTest
  @CsvSource({"poke-self", "poke-child"})
  void noCodeIsWrittenThroughIt(String act) throws Exception {
    Probe.assertAnswer(Probe.inside(OWN, act), "EROFS/EACCES");

    Probe.assumePossible(act);
  }

  @ParameterizedTest
  @CsvSource({
    "/proc/self/oom_score_adj", "/proc/self/comm", "/proc/self/coredump_filter", "/proc/self/uid_map",
    "/proc/self/setgroups", "/proc/self/attr/current", "/proc/self/timerslack_ns", "/proc/self/clear_refs"
  })
  void nothingInItIsWritten(String file) throws Exception {
    Probe.assertAnswer(Probe.inside(OWN, "open-write", file), "EROFS/EACCES/ENOENT");
  }

  /** CVE-2019-5736: a program that is only read is opened again, by its descriptor, for writing. */
  @Test
  void aProgramIsNotOpenedAgainForWriting() throws Exception {
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Path tool = Files.copy(Probe.PROGRAM, bin.resolve("tool"));
    Files.setPosixFilePermissions(bin, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxrwxrwx"));
    var policy = ProbePolicy.LEAST.section("filesystem: {proc: own, programs: [%s]}".formatted(bin));

    Probe.assertAnswer(Probe.inside(policy, "write-through", tool.toString()), "EROFS/EACCES");
    Probe.assertAnswer(Probe.inside(policy, "open-write", "/proc/self/exe"), "EROFS/EACCES/ETXTBSY");

    Probe.assumePossible("write-through", tool.toString());
  }

  /** A descriptor keeps its open mode: the file behind it is not in the view, so /proc does not open it again. */
  @ParameterizedTest(name = "{0} on a descriptor with rights {1}")
  @CsvSource({"open-write, read", "open, read", "open, write", "open-write, write"})
  void aFileThatWasGivenAsADescriptorIsNotOpenedAgain(String act, String rights) throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    var given = OWN.capability("file: {file: %s, rights: %s, fd: 3}".formatted(file, rights));

    Probe.assertAnswer(Probe.inside(given, act, "/proc/self/fd/3"), "EACCES");
  }

  /**
   * What /proc leads to is the file as the launcher opened it, on the host's own mount: neither a read-only mount of a directory
   * that holds it nor, for its mode and times, Landlock is in the way.
   */
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      # Landlock refuses it, and before ABI 3 the surface filter, also to who may.
      truncate  | read, {fcntl: [F_SETFL]} | [list, read]                  | EACCES/EPERM
      truncate  | read, duplicate          | [list, read]                  | EACCES/EPERM
      truncate  | read, write, duplicate   | [list, read, write]           | ok
      chmod 600 | read                     | [list, read]                  | EPERM
      chmod 600 | read, write, truncate, allocate | [list, read, write, create] | EPERM
      chmod 600 | read, metadata           | [list, read]                  | ok
      touch     | read                     | [list, read]                  | EPERM
      touch     | read, metadata           | [list, read]                  | ok
      """)
  void aFileThatWasGivenAsADescriptorIsNotChangedThroughIt(String act, String rights, String ofDirectory, String answer)
      throws Exception {
    assumeTrue(!(act.equals("truncate") && answer.equals("ok")) || Host.current().landlockAbi() >= 3,
        "the Landlock of this kernel does not see truncation, so that no program that sees /proc may truncate by name");
    Path granted = Files.createDirectory(directory.resolve("granted"));
    Files.setPosixFilePermissions(granted, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path file = Files.writeString(granted.resolve("file"), "content");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    var policy = OWN.capability("file: {file: %s, rights: [%s], fd: 3}".formatted(file, rights)).directory(granted, ofDirectory, "/in");
    if (System.getProperty("user.name").equals("root")) {
      Files.setAttribute(file, "unix:uid", 4242);
      policy = policy.section("identity: {user: 4242, group: 4242}");
    }

    Probe.assertAnswer(Probe.inside(policy, (act + " /proc/self/fd/3").split(" ")), answer);
    if (!answer.equals("ok")) {
      assertThat(file).hasContent("content");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-rw-rw-");
    }
  }

  @Test
  void metadataOfAnotherCapabilityGoesWithNoRestrictedFileThere() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");
    var policy = OWN.capability("file: {file: %s, rights: read}".formatted(file)).capability("tmp: {tmpfs: 1MiB, mount: /tmp}");

    assertThatThrownBy(() -> Probe.inside(policy, "stat", "/")).isInstanceOf(PolicyException.class).hasMessageEndingWith(
        "filesystem.proc: shows /proc/self/fd, by which the program would change the mode, owner and times of 'file' with the"
            + " 'metadata' that 'tmp' has; give it to both or to neither, or leave /proc out");
  }

  @Test
  void aMountedFileKeepsItsRightsToo() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    var given = OWN.capability("file: {file: %s, rights: read, mount: /file}".formatted(file));

    Probe.assertAnswer(Probe.inside(given, "write-through", "/file"), "EROFS/EACCES");

    Probe.assumePossible("write-through", file.toString());
  }

  @Test
  void theSocketsOfTheHostAreNotToldOf() throws Exception {
    Path path = directory.resolve("socket");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));

      Probe.assertAnswer(Probe.inside(OWN, "find", "/proc/self/net/unix", path.toString()), "ENODATA");

      assertThat(Probe.outside("find", "/proc/self/net/unix", path.toString()).answer()).isEqualTo("ok");
    }
  }
}
