package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files outside the grants, and more than was granted on those inside. The host has a directory with a secret and, in it,
 * the one that is granted as {@code /in}.
 */
class FileAttackTest {
  @TempDir Path outer;
  private Path granted;
  private ProbePolicy readOnly;
  private ProbePolicy writable;

  @BeforeEach
  void prepareTheDirectory() throws IOException {
    allowEverybody(outer, "rwxr-xr-x");
    Files.writeString(outer.resolve("secret.txt"), "a secret\n");
    granted = Files.createDirectory(outer.resolve("granted"));
    allowEverybody(granted, "rwxrwxrwx");
    allowEverybody(Files.createDirectory(granted.resolve("folder")), "rwxrwxrwx");
    allowEverybody(Files.writeString(granted.resolve("note.txt"), "a note\n"), "rw-rw-rw-");
    Files.createSymbolicLink(granted.resolve("climbing"), Path.of("../secret.txt"));
    Files.createSymbolicLink(granted.resolve("absolute"), outer.resolve("secret.txt"));
    Files.createSymbolicLink(granted.resolve("root"), Path.of("/"));
    Files.createSymbolicLink(granted.resolve("magic"), Path.of("/proc/self/root"));
    readOnly = ProbePolicy.LEAST.directory(granted, "[list, read]", "/in");
    writable = ProbePolicy.LEAST.directory(granted, "all", "/in");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # OUTER is the directory on the host that holds the granted one.
      read /etc/passwd                     | ENOENT
      read /etc/shadow                     | ENOENT
      read OUTER/secret.txt                | ENOENT
      list /root                           | ENOENT
      list /home                           | ENOENT
      list /proc                           | ENOENT
      read /proc/self/status               | ENOENT
      list /proc/self/root                 | ENOENT
      list /proc/self/fd                   | ENOENT
      read /proc/1/environ                 | ENOENT
      list /proc/1/root                    | ENOENT
      open-write /proc/1/mem               | ENOENT
      open-write /proc/sys/kernel/core_pattern | ENOENT
      list /sys                            | ENOENT
      list /dev/pts                        | ENOENT
      open /dev/mem                        | ENOENT
      open /dev/kmsg                       | ENOENT
      open /dev/tty                        | ENOENT
      open /dev/ptmx                       | ENOENT
      open /dev/fd/0                       | ENOENT
      list /run                            | ENOENT
      list /var                            | ENOENT
      read /in/climbing                    | ENOENT/ELOOP
      read /in/absolute                    | ENOENT/ELOOP
      read /in/../secret.txt               | ENOENT
      read /in/../../../etc/passwd         | ENOENT
      read /in/folder/../../secret.txt     | ENOENT
      read /in/root/etc/passwd             | ENOENT/ELOOP
      list /in/magic/etc                   | ENOENT/ELOOP
      climb /in secret.txt                 | ENOENT
      climb /in etc/passwd                 | ENOENT
      climb /in/folder secret.txt          | ENOENT
      climb / etc/passwd                   | ENOENT
      climb-renamed /in secret.txt         | ENOENT/EROFS/EACCES/EXDEV
      """)
  void whatIsNotGrantedIsNotThere(String act, String refusal) throws Exception {
    for (ProbePolicy policy : List.of(readOnly, writable)) {
      Probe.assertAnswer(Probe.inside(policy, words(act)), refusal);
    }

    Probe.assumePossible(onTheHost(act));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      create /in/new                  | EROFS/EACCES
      write /in/note.txt              | EROFS/EACCES
      open-write /in/note.txt         | EROFS/EACCES
      temporary /in                   | EROFS/EACCES
      truncate /in/note.txt           | EROFS/EACCES
      touch /in/note.txt              | EROFS/EACCES
      rename /in/note.txt /in/renamed | EROFS/EACCES
      rename /in/note.txt /in/folder/note.txt | EROFS/EACCES
      link /in/note.txt /in/linked    | EROFS/EACCES
      symlink /etc /in/link           | EROFS/EACCES
      unlink /in/note.txt             | EROFS/EACCES
      mkdir /in/made                  | EROFS/EACCES
      rmdir /in/folder                | EROFS/EACCES
      mkfifo /in/fifo                 | EROFS/EACCES
      """)
  void whatIsGrantedForReadingIsNotWritten(String act, String refusal) throws Exception {
    Probe.assertAnswer(Probe.inside(readOnly, words(act)), refusal);

    Probe.assertAnswer(Probe.inside(writable, words(act)), "ok");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # Metadata: the owner's to change, and as root the program is not the owner.
      chmod 0600 /in/note.txt    | EROFS/EACCES/EPERM
      chown /in/note.txt         | EROFS/EACCES/EPERM
      setxattr /in/note.txt      | EROFS/EACCES/EPERM
      """)
  void metadataOfWhatIsGrantedForReadingIsNotWritten(String act, String refusal) throws Exception {
    Probe.assertAnswer(Probe.inside(readOnly, words(act)), refusal);

    Probe.assumePossible(onTheHost(act));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # The private root itself, and what was put there for the program to run.
      create /new                | EROFS/EACCES
      mkdir /new                 | EROFS/EACCES
      symlink /etc /new          | EROFS/EACCES
      rename /in /new            | EROFS/EACCES/EBUSY/EXDEV
      rmdir /in                  | EROFS/EACCES/EBUSY
      chmod 0777 /               | EROFS/EACCES/EPERM
      open-write PROBE           | EROFS/EACCES/ETXTBSY
      truncate PROBE             | EROFS/EACCES/ETXTBSY
      unlink PROBE               | EROFS/EACCES/EBUSY
      chmod 0777 PROBE           | EROFS/EACCES/EPERM
      """)
  void theViewItselfIsNotWritten(String act, String refusal) throws Exception {
    for (ProbePolicy policy : List.of(readOnly, writable)) {
      Probe.assertAnswer(Probe.inside(policy, words(act)), refusal);
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"/in/device", "/tmp/device"})
  void aDeviceIsNotMade(String path) throws Exception {
    var policy = writable.capability("scratch: {tmpfs: 1MiB, mount: /tmp}");
    for (String kind : List.of("mknod-character", "mknod-block")) {
      Probe.assertAnswer(Probe.inside(policy, kind, path), "EPERM");
    }

    Probe.assumePossible("mknod-character", outer.resolve("device").toString());
  }

  @Test
  void dataIsNotExecutable() throws Exception {
    var policy = writable.capability("scratch: {tmpfs: 1MiB, mount: /tmp}");

    Probe.assertAnswer(Probe.inside(policy, "map-execute", "/in/note.txt"), "EPERM/EACCES");

    Probe.assertAnswer(Probe.inside(policy, "map-execute", Probe.PROGRAM.toString()), "ok");
    Probe.assumePossible("map-execute", granted.resolve("note.txt").toString());
  }

  @Test
  void whatIsGrantedIsThere() throws Exception {
    assertThat(Probe.inside(readOnly, "read", "/in/note.txt").output()).isEqualTo("ok a note\n");
    assertThat(Probe.inside(readOnly, "list", "/in").output()).contains("note.txt", "folder");
    assertThat(Probe.inside(ProbePolicy.LEAST, "read", "/in/note.txt").answer()).isEqualTo("ENOENT");
  }

  @Test
  void whatTheProgramWritesIntoAGrantIsOnTheHost() throws Exception {
    assertThat(Probe.inside(writable, "write", "/in/written.txt").answer()).isEqualTo("ok");

    assertThat(granted.resolve("written.txt")).hasContent("written by the probe");
  }

  @Test
  void aDirectoryThatWasReplacedByALinkAfterThePolicyWasReadIsNotGranted() throws Exception {
    var sandbox = Sandbox.builder()
        .policy(Policies.parse(readOnly.text(List.of("list", "/in")), outer))
        .build();
    Files.move(granted, outer.resolve("moved"));
    Files.createSymbolicLink(granted, Path.of("/etc"));

    assertThatThrownBy(() -> sandbox.launch().close()).isInstanceOf(IOException.class);
  }

  @Test
  void aDirectoryThatIsMovedOutOfAGrantLeadsNowhere() throws Exception {
    var inFolder = writable.startingIn("/in/folder");

    Outcome moved = Probe.insideAfter(
        () -> Files.move(granted.resolve("folder"), outer.resolve("folder")), inFolder, "climb", ".", "secret.txt");

    Probe.assertAnswer(moved, "ENOENT/EACCES");
    assertThat(Probe.outside("climb", outer.resolve("folder").toString(), "secret.txt").answer()).isEqualTo("ok");
  }

  @Test
  void whatIsMountedOnTheHostWhileTheProgramRunsDoesNotAppear() throws Exception {
    String folder = granted.resolve("folder").toString();
    assumeTrue("root".equals(System.getProperty("user.name")), "only root mounts on the host");
    assumeTrue(Probe.run(List.of("mount", "-t", "tmpfs", "test", folder)).done(), "nothing can be mounted here");
    Probe.run(List.of("umount", folder));
    try {
      Outcome during = Probe.insideAfter(() -> mountWithSecret(folder), readOnly, "read", "/in/folder/secret.txt");

      Probe.assertAnswer(during, "ENOENT");
      Probe.assertAnswer(Probe.inside(readOnly, "read", "/in/folder/secret.txt"), "ok");
    } finally {
      Probe.run(List.of("umount", folder));
    }
  }

  private static void mountWithSecret(String folder) throws IOException, InterruptedException {
    assertThat(Probe.run(List.of("mount", "-t", "tmpfs", "test", folder)).answer()).isEqualTo("ok");
    Files.writeString(Path.of(folder, "secret.txt"), "mounted later\n");
  }

  /** A read-only mount does not keep anybody from writing to a FIFO in it; Landlock does. */
  @Test
  void aFifoInAReadOnlyGrantIsNotWritten() throws Exception {
    Path fifo = granted.resolve("fifo");
    assertThat(Probe.outside("mkfifo", fifo.toString()).answer()).isEqualTo("ok");
    allowEverybody(fifo, "rw-rw-rw-");

    Probe.assertAnswer(Probe.inside(readOnly, "open-write", "/in/fifo"), "EACCES");

    String nobodyReadsIt = "ENXIO";
    Probe.assertAnswer(Probe.inside(writable, "open-write", "/in/fifo"), nobodyReadsIt);
  }

  @Test
  void theDevicesOfAPolicyAreThereAndNoOthers() throws Exception {
    var without = ProbePolicy.LEAST.section("filesystem: {devices: none}");
    for (String device : List.of("null", "zero", "full", "random", "urandom")) {
      Probe.assertAnswer(Probe.inside(ProbePolicy.LEAST, "open", "/dev/" + device), "ok");
      Probe.assertAnswer(Probe.inside(without, "open", "/dev/" + device), "ENOENT");
    }
    Probe.assertAnswer(Probe.inside(ProbePolicy.LEAST, "write", "/dev/null"), "ok");
  }

  private List<String> words(String act) {
    return words(act, "/in");
  }

  private List<String> onTheHost(String act) {
    return words(act, granted.toString());
  }

  private List<String> words(String act, String in) {
    return Arrays.stream(act.split(" "))
        .map(word -> word.replace("PROBE", Probe.PROGRAM.toString()).replace("OUTER", outer.toString())
            .replaceFirst("^/in(?=/|$)", in))
        .toList();
  }

  private static Path allowEverybody(Path file, String permissions) throws IOException {
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
