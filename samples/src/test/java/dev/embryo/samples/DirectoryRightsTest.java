package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.model.PolicyException;
import java.io.IOException;
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

/**
 * Rights on a directory that is granted as {@code /in}. Each is withheld, and the act that takes it fails and changes nothing;
 * each is granted, and the same act works.
 */
class DirectoryRightsTest {
  /** A tmpfs is empty at first, so that an act makes what it needs before. */
  static final String PAIRS = """
      # kind    | right    | act                            | granted                  | withheld                                 | errno
      directory | read     | read /in/note                  | read                     | [list, write, create, delete, rename, symlink, link] | EACCES
      directory | list     | list /in                       | list                     | [write, create, delete, rename, symlink, link] | EACCES
      directory | stat     | stat /in/note                  | list                     | -                                        | -
      directory | write    | write /in/note                 | [list, write]            | read                                     | EROFS/EACCES
      directory | write    | write /in/note                 | write                    | [list, read, create, delete, rename, symlink, link] | EACCES
      directory | write    | truncate /in/note              | write                    | [list, read, create, delete, rename, symlink, link] | EACCES
      directory | write    | truncate /in/note              | write                    | read                                     | EROFS/EACCES
      directory | create   | create /in/new                 | [write, create]          | [list, read, write, delete, symlink] | EACCES
      directory | create   | mkdir /in/new                  | create                   | [list, read, write, delete, symlink] | EACCES
      directory | create   | mkfifo /in/new                 | create                   | [list, read, write, delete, symlink] | EACCES
      directory | delete   | unlink /in/note                | delete                   | [list, read, write, create, symlink, link] | EACCES
      directory | delete   | rmdir /in/folder               | delete                   | [list, read, write, create, symlink, link] | EACCES
      directory | symlink  | symlink x /in/new              | symlink                  | [list, read, write, create, delete, rename, link] | EACCES
      directory | link     | link /in/note /in/new          | [create, link]           | [write, create, delete, rename, symlink] | EPERM
      directory | link     | link /in/note /in/folder/new   | [create, link]           | [write, create]                          | EPERM
      directory | rename   | rename /in/note /in/new        | [create, delete, rename] | [list, read, write, create, symlink, link] | EACCES
      directory | rename   | rename /in/note /in/folder/new | [create, delete, rename] | [write, create, symlink]                 | EACCES/EXDEV
      directory | metadata | touch /in/note                 | [write, metadata]        | [write, create]                          | EPERM
      directory | metadata | setxattr /in/note              | [write, metadata]        | [write, create, delete, rename]          | EPERM
      directory | metadata | touch /in/note                 | [write, metadata]        | read                                     | EROFS
      tmpfs     | read     | made read /in/note             | [read, create]           | [list, create]                           | EACCES
      tmpfs     | list     | list /in                       | list                     | create                                   | EACCES
      tmpfs     | write    | made write /in/note            | [write, create]          | [read, create]                           | EACCES
      tmpfs     | create   | mkdir /in/new                  | create                   | [write, delete]                          | EACCES
      tmpfs     | delete   | made unlink /in/note           | [create, delete, rename] | [write, create]                          | EACCES
      tmpfs     | rename   | made rename /in/note /in/new   | [create, delete, rename] | [write, create]                          | EACCES
      tmpfs     | link     | made link /in/note /in/new     | [create, link]           | [write, create]                          | EPERM
      tmpfs     | symlink  | symlink /in/new x              | symlink                  | [write, create]                          | EACCES
      tmpfs     | metadata | made touch /in/note            | [create, metadata]       | [write, create]                          | EPERM
      """;

  private static final Path BY_DESCRIPTOR = Path.of("target", "hostile", "directory").toAbsolutePath();
  private static final String AT_FDCWD = "-100";

  @TempDir Path outer;
  private Path granted;

  @BeforeEach
  void fillTheDirectory() throws IOException {
    Files.setPosixFilePermissions(outer, PosixFilePermissions.fromString("rwxr-xr-x"));
    granted = open(Files.createDirectory(outer.resolve("granted")), "rwxrwxrwx");
    open(Files.createDirectory(granted.resolve("folder")), "rwxrwxrwx");
    open(Files.writeString(granted.resolve("note"), "a note\n"), "rw-rw-rw-");
  }

  private static Path open(Path path, String mode) throws IOException {
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.walk(granted)) {
      return all.map(path -> granted.relativize(path).toString()).sorted().toList();
    }
  }

  private Outcome act(String kind, String rights, String act) throws Exception {
    if (kind.equals("directory")) {
      return Probe.inside(ProbePolicy.LEAST.directory(granted, rights, "/in"), act.split(" "));
    }
    var words = new ArrayList<>(List.of(act.split(" ")));
    words.add(words.get(0).equals("made") ? 2 : 1, AT_FDCWD);
    return Probe.inside(ProbePolicy.LEAST.program(BY_DESCRIPTOR).capability("in: {tmpfs: 1MiB, mount: /in, rights: " + rights + "}"), words);
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = PAIRS)
  void whatIsWithheldFailsAndWhatIsGrantedWorks(String kind, String right, String act, String may, String mayNot, String errno)
      throws Exception {
    var before = names();
    if (!mayNot.equals("-")) {
      Probe.assertAnswer(act(kind, mayNot, act), errno);
      assertThat(names()).isEqualTo(before);
      assertThat(granted.resolve("note")).hasContent("a note\n");
    }
    if (act.startsWith("setxattr")) {
      Probe.assumePossible("setxattr", granted + "/note"); // a tmpfs has none of users before Linux 6.6
    }
    Probe.assertAnswer(act(kind, may, act), "ok");
  }

  @Test
  void aTmpfsWithoutARightToChangeKeepsItsMode() throws Exception {
    var listed = ProbePolicy.LEAST.capability("in: {tmpfs: 1MiB, mount: /in, rights: list}");

    Probe.assertAnswer(Probe.inside(listed, "chmod", "700", "/in"), "EPERM"); // though it is the program's own
  }

  /** Landlock knows nothing of it, and takes no rule that allows nothing. */
  @Test
  void aDirectoryMayHaveARightThatLandlockDoesNotKnowAndNoOther() throws Exception {
    Probe.assertAnswer(act("directory", "metadata", "read /in/note"), "EACCES");
    Probe.assertAnswer(act("directory", "metadata", "truncate /in/note"), "EACCES");
    Probe.assertAnswer(act("directory", "metadata", "stat /in/note"), "ok");
  }

  @Test
  void whatIsTakenFromAllCannotBeGivenToOne() {
    var policy = ProbePolicy.LEAST.directory(granted, "[read, write]", "/in").capability("out: {tmpfs: 1MiB, mount: /out}");

    assertThatThrownBy(() -> Probe.inside(policy, "list", "/in")).isInstanceOf(PolicyException.class).hasMessageContaining(
        "capabilities.in.rights: lack 'metadata', which 'out' has: no layer tells for which of the two it is used; give it to "
            + "both or to neither");
  }

  /** A rule of Landlock goes with a directory, however it is reached. */
  @Test
  void whatMayNotBeTruncatedMayNotWhereItIsReadOnlyInAnotherPlace() throws Exception {
    open(Files.writeString(granted.resolve("folder/note"), "another\n"), "rw-rw-rw-");
    for (Path readOnly : List.of(granted, granted.resolve("folder"))) {
      var policy = ProbePolicy.LEAST.directory(granted, "[read, create]", "/in")
          .capability("same: {directory: " + readOnly + ", rights: read, mount: /same}");

      Probe.assertAnswer(Probe.inside(policy, "truncate", "/in/folder/note"), "EACCES");
    }
    assertThat(granted.resolve("folder/note")).hasContent("another\n");
  }

  @Test
  void aDirectoryWithinOneWithMoreRightsIsRefused() {
    var policy = ProbePolicy.LEAST.directory(granted, "[read, write, create]", "/in")
        .capability("inner: {directory: " + granted.resolve("folder") + ", rights: [read, write], mount: /in/folder}");

    assertThatThrownBy(() -> Probe.inside(policy, "list", "/in")).isInstanceOf(PolicyException.class).hasMessageContaining(
        "capabilities.inner.rights: lack [create], which 'in' has, in which it is mounted");
  }

  @Test
  void aDirectoryWithinAnotherMayBeReadOnly() throws Exception {
    var policy = ProbePolicy.LEAST.directory(granted, "[read, write, create]", "/in")
        .capability("inner: {directory: " + granted.resolve("folder") + ", rights: read, mount: /in/folder}");

    Probe.assertAnswer(Probe.inside(policy, "mkdir", "/in/new"), "ok");
    Probe.assertAnswer(Probe.inside(policy, "mkdir", "/in/folder/new"), "EROFS");
  }
}
