package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.model.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rights on a file that is granted as descriptor 3, where more goes into them than a pair of {@link RightPairsTest}. */
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

  // Ways out: to where nothing is withheld

  /**
   * By the ways as the proof of a policy begins to tell them. What opens a way is refused as a policy, or there for a file of which
   * nothing is withheld: there the act works.
   */
  private static final String WAYS = """
      # way                                                  | act           | policy                                             | refused | without rights withheld
      another number                                         | dup           | -                                                  | EPERM   | ok
      another number                                         | dup3          | -                                                  | EPERM   | ok
      another number                                         | dupfd         | -                                                  | EPERM   | ok
      another number                                         | dupfd-cloexec | -                                                  | EPERM   | ok
      a name, or a program, made of it                       | name          | -                                                  | EPERM   | ENOENT
      a name, or a program, made of it                       | execute       | processes: {execute: view}                         | EPERM   | EACCES
      a name, or a program, made of it                       | tree          | -                                                  | EPERM   | EPERM
      a message over a Unix socket                           | pass          | system-calls: {allow: [socketpair, sendmsg, recvmsg]} | EPERM | ok
      io_uring, asynchronous input and output, pidfd_getfd   | ring          | -                                                  | EPERM   | EPERM
      io_uring, asynchronous input and output, pidfd_getfd   | queue         | -                                                  | EPERM   | EPERM
      io_uring, asynchronous input and output, pidfd_getfd   | steal         | -                                                  | ENOSYS  | ENOSYS
      opened again by /proc/self/fd                          | reopen        | -                                                  | ENOENT  | ENOENT
      opened again by /proc/self/fd                          | reopen        | filesystem: {proc: own}                            | EACCES  | EACCES
      its mode, owner and times, changed by /proc/self/fd    | by-path       | filesystem: {proc: own}                            | EPERM   | ok/EPERM
      a descriptor put in place by who answers               | listener      | -                                                  | EPERM   | EPERM
      a process that the program traces or starts            | trace         | processes: {spawn: true}                           | EPERM   | EPERM
      a process that the program traces or starts            | by-child      | processes: {spawn: true}                           | EPERM   | ok
      a process that the program traces or starts            | by-thread     | processes: {threads: true}                         | EPERM   | ok
      a file that is copied from behind a pointer            | clone-range   | -                                                  | EPERM   | EBADF
      a file that is copied from behind a pointer            | share-range   | -                                                  | EPERM   | EBADF
      """;

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = WAYS)
  void aWayOutIsClosed(String way, String act, String policy, String refused, String otherwise) throws Exception {
    Probe.assertAnswer(act(way("[read, write, stat]", policy), act), refused);
    Probe.assertAnswer(act(way("[read, write, stat]", policy), act, "high"), refused);
    assertUnchanged();
    Probe.assertAnswer(act(way("all", policy), act), otherwise);
  }

  private ProbePolicy way(String rights, String section) {
    var least = ProbePolicy.LEAST.program(PROGRAM).capability("file: {file: \"" + file + "\", rights: " + rights + "}");
    return section.equals("-") ? least : least.section(section);
  }

  @Test
  void noWayOfTheProofIsUntried() throws Exception {
    for (String section : List.of("network: none", "filesystem: {proc: own}")) {
      var policy = granting("[read, write, stat]").section(section).text(List.of("read", "3"));
      var ways = Sandbox.builder().policy(Policies.parse(policy, Path.of("/"))).build().compiled().withholding().ways();
      assertThat(ways).isNotEmpty().allSatisfy(way -> assertThat(WAYS + "the same file, granted a second time").contains(
          Stream.of(way.way().split("[:]|, granted| a seccomp")).findFirst().orElseThrow()));
    }
  }

  /** What opens two of the ways is refused beside an exact descriptor; see aPolicyThatOpensAWayOutIsRefused. */
  @Test
  void aDescriptorIsStolenWhereThePolicyAllowsItAndNothingIsWithheld() throws Exception {
    Probe.assertAnswer(act(granting("all").section("system-calls: {allow: [pidfd_open, pidfd_getfd]}"), "steal"), "ok");
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
  void whatHasNoStatIsNotShownByProc() throws Exception {
    assertThatThrownBy(() -> act(granting("[lock]").section("filesystem: {proc: own}"), "read"))
        .isInstanceOf(PolicyException.class).hasMessageContaining("filesystem.proc: shows /proc/self/fd, by which the program looks at"
            + " 'file', and no layer withholds that from a path; give 'file' 'stat', or leave /proc out");
  }

  @Test
  void aPipeIsNotRestrictedWhereProcOpensItAgain() {
    assertThatThrownBy(() -> act(ProbePolicy.LEAST.program(PROGRAM).capability("pipe: {inherit: 0, rights: [read, stat]}")
        .section("filesystem: {proc: own}"), "read"))
        .isInstanceOf(PolicyException.class).hasMessageContaining("opens 'pipe' again if it is a pipe");
  }

  @Test
  void aRightOfSendingDescriptorsGoesWithNoRestrictedOne() {
    assertThatThrownBy(() -> act(granting("read").capability("peer: {inherit: 0, rights: [read, write, connect, send-fds]}"), "read"))
        .isInstanceOf(PolicyException.class).hasMessageContaining("'send-fds' could send 'file'");
  }
}
