package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.model.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rights on a file that is granted as descriptor 3. Each is withheld, and the act that takes it fails and changes nothing, with
 * high bits in its arguments, too; each is granted, and the same act works.
 */
class RightsAttackTest {
  private static final String CONTENT = "0123456789";
  private static final Path PROGRAM = Path.of("target", "hostile", "rights").toAbsolutePath();

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void writeTheFile() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    file = Files.writeString(directory.resolve("file"), CONTENT);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  private ProbePolicy granting(String rights) {
    return ProbePolicy.LEAST.program(PROGRAM).capability("file: {file: \"" + file + "\", rights: " + rights + "}")
        .section("processes: {jit: true}"); // for memory files, to and from which something is copied
  }

  private static Outcome act(ProbePolicy policy, String act, String... more) throws Exception {
    return Probe.inside(policy, more.length == 0 ? List.of(act, "3") : List.of(act, "3", more[0]));
  }

  private void assertUnchanged() throws IOException {
    assertThat(file).hasContent(CONTENT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-rw-rw-");
  }

  @ParameterizedTest(name = "{0}: {1}, not {2}")
  @CsvSource(delimiter = '|', textBlock = """
      # act            | granted                     | withheld
      read             | read                        | [stat, lock]
      readv            | read                        | [stat]
      pread            | read                        | [stat]
      preadv2          | read                        | [stat]
      sendfile-from    | read                        | [stat]
      splice-from      | read                        | [stat]
      copy-from        | [read, duplicate]           | [stat]
      readahead        | read                        | [stat]
      write            | write                       | [truncate, stat]
      writev           | append                      | [truncate]
      pwrite           | write                       | append
      overwrite        | write                       | append
      sendfile-to      | write                       | [truncate]
      splice-to        | write                       | [truncate]
      seek             | write                       | append
      truncate         | [read, truncate]            | [read, write]
      truncate         | [truncate]                  | write
      allocate         | [write, allocate]           | write
      punch            | [write, allocate]           | write
      sync             | [write, sync]               | write
      sync-range       | [write, sync]               | [read, write]
      stat             | read                        | [lock]
      stat-empty       | append                      | [truncate]
      statx            | stat                        | [sync]
      xattr            | [write, metadata]           | write
      chown            | [read, metadata]            | [read, write]
      touch            | [write, metadata]           | write
      flock            | [read, lock]                | read
      posix-lock       | [read, lock]                | read
      description-lock | [read, lock]                | [read, map]
      map              | [read, map]                 | read
      map-shared       | [read, write, map, map-write] | [read, write]
      map-code         | [read, map, map-execute]    | [read, map]
      set-flags        | [read, {fcntl: [F_SETFL]}]  | append
      nonblocking      | [read, {ioctl: [FIONBIO]}]  | read
      block-size       | stat                        | [lock]
      block-size       | [lock, {ioctl: [0x2]}]      | [sync]
      dup              | [write, duplicate]          | [write, truncate]
      dup3             | all                         | [read, write, truncate]
      dupfd            | [write, duplicate]          | [write, truncate]
      dupfd-cloexec    | [write, duplicate]          | append
      """)
  void whatIsWithheldFailsAndWhatIsGrantedWorks(String act, String granted, String withheld) throws Exception {
    Probe.assertAnswer(act(granting(withheld), act), "EPERM");
    Probe.assertAnswer(act(granting(withheld), act, "high"), "EPERM");
    assertUnchanged();
    Probe.assertAnswer(act(granting(granted), act), act.equals("copy-from") ? "ok/EXDEV" : "ok"); // between file systems
  }

  @Test
  void whoOwnsAFileChangesItsModeOnlyWithTheRight() throws Exception {
    boolean root = System.getProperty("user.name").equals("root");
    String owner = root ? "\nidentity: {user: 4242, group: 4242}" : "";
    if (root) {
      Files.setAttribute(file, "unix:uid", 4242);
    }

    Probe.assertAnswer(act(granting("[read, write, stat]").section(owner), "chmod"), "EPERM");
    assertUnchanged();
    Probe.assertAnswer(act(granting("[read, metadata]").section(owner), "chmod"), "ok");
  }

  @ParameterizedTest
  @ValueSource(strings = {"flags", "watch"})
  void whatNothingWithholdsWorksAsFarAsTheFileHasIt(String act) throws Exception {
    Probe.assertAnswer(act(granting("append"), act), act.equals("watch") ? "EPERM" : "ok"); // epoll knows no files
  }

  @Test
  void whatComesToStandAtANumberHasNoMoreRights() throws Exception {
    Probe.assertAnswer(act(granting("read"), "close-and-open"), "EPERM");
    Probe.assertAnswer(act(granting("all"), "close-and-open"), "ok");
  }

  @Test
  void aDescriptorIsNotPassedOverASocket() throws Exception {
    String sockets = "system-calls: {allow: [socketpair, sendmsg, recvmsg]}";
    Probe.assertAnswer(act(granting("[read, write, truncate]").section(sockets), "pass"), "EPERM");
    assertUnchanged();
    Probe.assertAnswer(act(granting("all").section(sockets), "pass"), "ok");
  }

  @Test
  void aFileIsNotOpenedAgainByProc() throws Exception {
    Probe.assertAnswer(act(granting("read").section("filesystem: {proc: own}"), "reopen"), "EACCES");
    assertUnchanged();
  }

  @Test
  void aFileGetsNoSecondName() throws Exception {
    Path granted = Files.createDirectory(directory.resolve("granted"));
    Files.setPosixFilePermissions(granted, PosixFilePermissions.fromString("rwxrwxrwx"));
    var policy = granting("[read, write]").directory(granted, "[list, create, link]", "/in");

    Probe.assertAnswer(act(policy, "name"), "EPERM");
    assertThat(granted).isEmptyDirectory();
  }

  // The same file twice

  private String refusal(ProbePolicy policy) {
    try {
      return act(policy, "flags").answer();
    } catch (Exception e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void aFileInADirectoryThatGivesMoreIsRefused() {
    assertThat(refusal(granting("append").directory(directory, "read", "/in"))).isEqualTo(
        "capability 'file' withholds 'read', but it lies in " + directory + ", which the program sees at /in; give 'read' to "
            + "both or to neither");
    assertThat(refusal(granting("read").directory(directory, "all", "/in")))
        .contains("withholds 'write', 'truncate', 'metadata' and 'allocate'");
    assertThat(refusal(granting("read").directory(directory, "read", "/in"))).isEqualTo("ok");
  }

  @Test
  void aFileWithAnotherNameThatMayBeInADirectoryIsRefused() throws Exception {
    Path granted = Files.createDirectory(directory.resolve("granted"));
    Files.createLink(granted.resolve("other"), file);

    assertThat(refusal(granting("append").directory(granted, "read", "/in")))
        .startsWith("capability 'file' withholds 'read', but it has 2 names (hard links), one of which may be in " + granted);
    Files.delete(granted.resolve("other"));
    assertThat(refusal(granting("read").directory(granted, "all", "/in"))).isEqualTo("ok");
  }

  @Test
  void aFileThatIsGrantedASecondTimeWithMoreIsRefused() {
    assertThat(refusal(granting("read").capability("again: {file: \"" + file + "\", rights: all}")))
        .isEqualTo("capability 'file' withholds 'write', 'truncate', 'metadata' and 'allocate', but 'again' is the same file; give "
            + "'write', 'truncate', 'metadata' and 'allocate' to both or to neither");
    assertThat(refusal(granting("read").capability("again: {file: \"" + file + "\", mount: /again, rights: [read, write]}")))
        .contains("/again is the same file");
  }

  @ParameterizedTest(name = "{0} beside {1}")
  @CsvSource(delimiter = '|', textBlock = """
      append                 | [truncate]             | withholds 'truncate'
      append                 | [read, write]          | withholds 'read' and 'write'
      read                   | append                 | withholds 'append'
      write                  | [write, allocate]      | withholds 'allocate'
      write                  | append                 | 'again' withholds 'write'
      append                 | append                 | ok
      """)
  void whatChangesAFileByAnotherDescriptorIsWithheldByBothOrNeither(String rights, String others, String answer) {
    assertThat(refusal(granting(rights).capability("again: {file: \"" + file + "\", rights: " + others + "}"))).contains(answer);
  }

  // What is refused before anything is made

  @Test
  void moreExactRightsThanAFilterHoldsAreRefused() throws Exception {
    var policy = granting("read");
    for (int i = 0; i < 200; i++) {
      policy = policy.capability("more%d: {file: \"%s\", rights: [read, {ioctl: [FIONBIO]}]}".formatted(i, file));
    }
    var many = policy;

    assertThatThrownBy(() -> act(many, "read")).isInstanceOf(PolicyException.class)
        .hasMessageContaining("the exact rights of 201 descriptors come to a filter of");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      system-calls: {allow: [io_submit]}       | 'io_submit' goes with no restricted descriptor
      system-calls: {allow: [pidfd_getfd]}     | 'pidfd_getfd' goes with no restricted descriptor
      """)
  void aPolicyThatOpensAWayOutIsRefused(String section, String error) {
    assertThatThrownBy(() -> act(granting("read").section(section), "read"))
        .isInstanceOf(PolicyException.class).hasMessageContaining(error);
  }

  @Test
  void aPipeIsNotRestrictedWhereProcOpensItAgain() {
    assertThatThrownBy(() -> act(ProbePolicy.LEAST.program(PROGRAM).capability("pipe: {inherit: 0, rights: [read, stat]}")
        .section("filesystem: {proc: own}"), "read"))
        .isInstanceOf(PolicyException.class).hasMessageContaining("opens 'pipe' again if it is a pipe");
  }

  @Test
  void aRightOfSendingDescriptorsGoesWithNoRestrictedOne() {
    assertThatThrownBy(() -> act(granting("read").capability("peer: {inherit: 0, rights: [read, send-fds]}"), "read"))
        .isInstanceOf(PolicyException.class).hasMessageContaining("'send-fds' could send 'file'");
  }
}
