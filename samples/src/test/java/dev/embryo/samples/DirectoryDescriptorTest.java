package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.model.PolicyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A directory that is granted as a descriptor, at no path of the program's. Beside it lies a secret that everybody may read: no
 * way leads there. Each right that is withheld fails and changes nothing; granted, the same act works.
 */
class DirectoryDescriptorTest {
  private static final Path PROGRAM = Path.of("target", "hostile", "directory").toAbsolutePath();

  @TempDir Path outer;
  private Path granted;

  @BeforeEach
  void fillTheDirectory() throws IOException {
    Files.setPosixFilePermissions(outer, PosixFilePermissions.fromString("rwxr-xr-x"));
    open(Files.writeString(outer.resolve("secret"), "a secret\n"), "rw-rw-rw-");
    granted = open(Files.createDirectory(outer.resolve("granted")), "rwxrwxrwx");
    var folder = open(Files.createDirectory(granted.resolve("folder")), "rwxrwxrwx");
    open(Files.writeString(granted.resolve("note"), "a note\n"), "rw-rw-rw-");
    open(Files.writeString(folder.resolve("inner"), "inner\n"), "rw-rw-rw-");
    Files.createSymbolicLink(granted.resolve("absolute"), outer.resolve("secret"));
    Files.createSymbolicLink(granted.resolve("absolute-within"), granted.resolve("note"));
    Files.createSymbolicLink(granted.resolve("climbing"), Path.of("../secret"));
    Files.createSymbolicLink(granted.resolve("climbing-directory"), Path.of(".."));
    Files.createSymbolicLink(granted.resolve("within"), Path.of("folder/../note"));
    Files.createSymbolicLink(granted.resolve("magic"), Path.of("/proc/self/root/" + outer + "/secret"));
    Files.createSymbolicLink(granted.resolve("magic-descriptor"), Path.of("/proc/self/fd/3/../secret"));
  }

  private static Path open(Path path, String mode) throws IOException {
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.walk(granted)) {
      return all.map(path -> granted.relativize(path).toString()).sorted().toList();
    }
  }

  private static ProbePolicy granting(Path directory, String rights) {
    return ProbePolicy.LEAST.program(PROGRAM).capability("in: {directory: \"%s\", rights: %s}".formatted(directory, rights));
  }

  private Outcome act(String rights, String act) throws Exception {
    return Probe.inside(granting(granted, rights), act.split(" "));
  }

  @ParameterizedTest(name = "{0}: {1}, not {2}")
  @CsvSource(delimiter = '|', textBlock = """
      # act                     | granted                     | withheld                                | errno
      read 3 note               | read                        | list                                    | EACCES
      list 3 .                  | list                        | write                                   | EACCES
      list 3 folder             | list                        | write                                   | EACCES
      stat 3 note               | list                        | -                                       | -
      write 3 note              | [list, write]               | read                                    | EROFS/EACCES
      write 3 note              | write                       | [list, create, delete, rename, symlink] | EACCES
      truncate 3 note           | write                       | [read, create]                          | EACCES
      create 3 new              | [write, create]             | [write, delete]                         | EACCES
      create 3 folder/new       | [write, create]             | read                                    | EROFS/EACCES
      mkdir 3 new               | create                      | [write, delete, symlink]                | EACCES
      mkfifo 3 new              | create                      | [write, symlink]                        | EACCES
      unlink 3 note             | delete                      | [write, create]                         | EACCES
      rename 3 note new         | [create, delete, rename]    | [write, create]                         | EACCES
      rename 3 note folder/new  | [create, delete, rename]    | [write, create, symlink]                | EACCES/EXDEV
      symlink 3 new x           | symlink                     | [write, create, delete, rename, link]   | EACCES
      link 3 note new           | [create, link]              | [write, create, delete, rename, symlink] | EPERM
      touch 3 note              | [write, metadata]           | [write, create]                         | EPERM
      touch 3 note              | [write, metadata]           | read                                    | EROFS
      """)
  void whatIsWithheldFailsAndWhatIsGrantedWorks(String act, String may, String mayNot, String errno) throws Exception {
    var before = names();
    if (!mayNot.equals("-")) {
      Probe.assertAnswer(act(mayNot, act), errno);
      assertThat(names()).isEqualTo(before);
      assertThat(granted.resolve("note")).hasContent("a note\n");
    }
    Probe.assertAnswer(act(may, act), "ok");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "stat 3 ../secret", "stat 3 climbing", "read 3 ../secret", "read 3 folder/../../secret", "read 3 ../../../../../../../../etc/passwd", "read 3 ../granted/note",
    "read 3 SECRET", "read 3 absolute", "read 3 absolute-within", "read 3 climbing", "read 3 climbing-directory/secret",
    "read 3 folder/../climbing-directory/climbing", "read 3 magic", "read 3 magic-descriptor",
    "climb 3 ../secret", "climb 3 folder/../../secret", "climb 3 climbing", "climb-by-descriptors 3 secret",
    "climb-by-descriptors 3 etc/passwd",
  })
  void noPathLeadsOut(String act) throws Exception {
    var words = act.replace("SECRET", outer.resolve("secret").toString()).split(" ");

    Probe.assertAnswer(Probe.inside(granting(granted, "all"), words), "ENOENT");
    var withProc = granting(granted, "all").section("filesystem: {proc: own}");
    Probe.assertAnswer(Probe.inside(withProc, words), "ENOENT");
  }

  @ParameterizedTest
  @CsvSource({"read 3 note, a note", "read 3 within, a note", "read 3 ../note, a note", "climb 3 ../../note, a note",
    "climb-by-descriptors 3 note, a note", "read 3 folder/inner, inner"})
  void whatLiesWithinIsThere(String act, String content) throws Exception {
    assertThat(act("read", act)).isEqualTo(new Outcome("ok", "ok " + content + '\n'));
  }

  @Test
  void anAncestorIsNotReachedFromADirectoryThatTheHostMovesOut() throws Exception {
    for (String path : List.of("../secret", "../../secret", "../../granted/note")) {
      var outcome = Probe.insideAfter(() -> Files.move(granted.resolve("folder"), outer.resolve("moved")),
          granting(granted, "all"), "read-in-folder", "3", path);
      Files.move(outer.resolve("moved"), granted.resolve("folder"));

      Probe.assertAnswer(outcome, "ENOENT");
    }
  }

  @Test
  void theProgramCannotMoveTheRootOfItsTreeOrItsAttributes() throws Exception {
    Probe.assertAnswer(act("all", "change-root 3"), "EPERM/ENOSYS");
    Probe.assertAnswer(act("read", "chmod-itself 3"), "EROFS");
    Probe.assertAnswer(act("[read, write]", "chmod-itself 3"), "EPERM");
  }

  @Test
  void aHardLinkInTheTreeBelongsToIt() throws Exception {
    Files.createLink(granted.resolve("hard"), outer.resolve("secret"));

    assertThat(act("read", "read 3 hard").detail()).isEqualTo("a secret");
    Probe.assertAnswer(act("read", "write 3 hard"), "EROFS/EACCES");
    assertThat(outer.resolve("secret")).hasContent("a secret\n");
  }

  @Test
  void mountsWithinHaveTheRightsOfTheWhole() throws Exception {
    var memory = Path.of("/dev/shm");
    assumeTrue(Files.isDirectory(memory) && Files.getFileStore(memory).type().equals("tmpfs")
        && !Files.getAttribute(memory, "unix:dev").equals(Files.getAttribute(memory.getParent(), "unix:dev")),
        "/dev/shm is no mount of its own");
    var file = Files.createTempFile(memory, "embryo", "");
    try {
      open(Files.writeString(file, "in memory\n"), "rw-rw-rw-");
      var name = "shm/" + file.getFileName();
      var policy = granting(memory.getParent(), "[list, read]").section("filesystem: {devices: none}");

      assertThat(Probe.inside(policy, "read", "3", name).detail()).isEqualTo("in memory");
      Probe.assertAnswer(Probe.inside(policy, "write", "3", name), "EROFS/EACCES");
      Probe.assertAnswer(Probe.inside(policy, "create", "3", name + ".new"), "EROFS/EACCES");
      assertThat(Probe.inside(policy, "read", "3", "shm/../../etc/passwd").answer()).isEqualTo("ENOENT");
      Probe.assertAnswer(Probe.inside(policy, "read", "3", "zero"), "EACCES");
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void aMountedDirectoryMayHaveANumberToo() throws Exception {
    var policy = ProbePolicy.LEAST.program(PROGRAM)
        .capability("in: {directory: \"" + granted + "\", rights: read, mount: /in, fd: 7}");

    assertThat(Probe.inside(policy, "read", "7", "note").detail()).isEqualTo("a note");
    assertThat(Probe.inside(policy, "read", "7", "/in/note").detail()).isEqualTo("a note");
    Probe.assertAnswer(Probe.inside(policy, "read", "7", "../in/note"), "ENOENT");
  }

  @Test
  void manyDirectoriesAndOtherDescriptorsHaveTheirNumbers() throws Exception {
    var policy = ProbePolicy.LEAST.program(PROGRAM);
    for (int number : new int[] {3, 4, 5, 6, 12}) {
      var directory = open(Files.createDirectory(outer.resolve("d" + number)), "rwxr-xr-x");
      open(Files.writeString(directory.resolve("file"), "of " + number), "rw-r--r--");
      policy = policy.capability("d%d: {directory: \"%s\", rights: read%s}"
          .formatted(number, directory, number == 12 ? ", fd: 12" : ""));
      policy = number == 4 ? policy.capability("nothing: {null: true, fd: 9}") : policy;
    }
    for (int number : new int[] {3, 4, 5, 6, 12}) {
      assertThat(Probe.inside(policy, "read", Integer.toString(number), "file").detail()).isEqualTo("of " + number);
    }
    Probe.assertAnswer(Probe.inside(policy, "stat", "7", "."), "EBADF");
    Probe.assertAnswer(Probe.inside(policy, "stat", "9", "file"), "ENOTDIR");
  }

  @Test
  void aDirectoryThatIsReplacedBeforeTheBirthIsNotGranted() throws Exception {
    var sandbox = Sandbox.builder().policy(Policies.parse(granting(granted, "read").text(List.of("list", "3")), Path.of("/")))
        .build();
    try (var first = sandbox.launch()) {
      assertThat(first.waitFor()).isZero();
    }
    Files.move(granted, outer.resolve("before"));
    Files.createSymbolicLink(granted, outer);

    assertThatThrownBy(() -> sandbox.launch().close()).isInstanceOf(IOException.class);
  }

  @Test
  void aRestrictedFileInAGrantedDirectoryIsRefused() {
    var policy = granting(granted, "[read, write]")
        .capability("file: {file: \"" + granted.resolve("note") + "\", rights: [read, stat]}");

    assertThatThrownBy(() -> Probe.inside(policy, "list", "3")).isInstanceOf(IOException.class)
        .hasMessageContaining("capability 'file' withholds 'write'")
        .hasMessageContaining("it lies in " + granted + ", which the program sees at descriptor 3");
  }

  @Test
  void withoutAMountNamespaceNothingWouldHoldIt() {
    var policy = granting(granted, "read").section("isolation: {require: [landlock, seccomp]}");

    assertThatThrownBy(() -> Probe.inside(policy, "list", "3")).isInstanceOf(PolicyException.class).hasMessageContaining(
        "capabilities.in.directory: as a descriptor it takes a mount namespace, which isolation.require leaves out: nothing"
            + " else keeps '..' from leading out of it; write 'mount: " + granted + "'");
  }

  @Test
  void aProgramOfThePureWorldWalksItsTree() throws Exception {
    var policy = Path.of("pure", "policy.yaml").toAbsolutePath();
    var expected = new ArrayList<String>();
    try (var files = Files.walk(policy.getParent())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        expected.add(Files.size(file) + " " + policy.getParent().relativize(file));
      }
    }

    try (var process = Sandbox.builder().policy(Policies.load(policy)).build().launch()) {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).isZero();
      assertThat(output.lines()).containsExactlyInAnyOrderElementsOf(expected);
    }
  }
}
