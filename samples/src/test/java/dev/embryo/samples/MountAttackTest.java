package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the mounts of the private root forbid, as the kernel tells of them inside, and as attacks meet them that no other layer would
 * stop: the program owns the files.
 */
class MountAttackTest {
  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final int OWNER = 1879113002; // of nobody else
  private static final String OPTIONS = "ro|nosuid|nodev|noexec";

  @TempDir Path directory;
  private Path tool;
  private Path shown;
  private ProbePolicy policy;

  @BeforeEach
  void makeWhatTheProgramOwns() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path tools = owned(Files.createDirectory(directory.resolve("tools")));
    shown = owned(Files.copy(Path.of("/bin/true"), tools.resolve("shown")));
    tool = owned(Files.copy(Probe.PROGRAM, directory.resolve("tool")));
    owned(Files.copy(Path.of("/bin/true"), directory.resolve("listed")));
    policy = ProbePolicy.LEAST.program(tool).section("identity: {user: %d, group: %d}".formatted(user(), user()));
  }

  private static int user() throws IOException {
    return ROOT ? OWNER : (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static Path owned(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    if (ROOT) {
      Files.setAttribute(path, "unix:uid", OWNER);
    }
    return path;
  }

  /** Each use of a mount. */
  @Test
  void eachMountForbidsWhatItIsNotFor() throws Exception {
    Path script = owned(Files.writeString(directory.resolve("script"),
        "#!/bin/sh\nwhile read -r line; do echo \"$line\"; done </proc/self/mountinfo\n"));
    for (String name : List.of("read", "write")) {
      owned(Files.createDirectory(directory.resolve(name)));
      owned(Files.writeString(directory.resolve(name + "-file"), "x"));
    }
    var mounts = mounts("""
        policy: embryo/v1
        name: mounts
        program: {path: ./script}
        capabilities:
          stdout: {inherit: 1, rights: write}
          read: {directory: ./read, rights: [list, read], mount: /read}
          read-file: {file: ./read-file, rights: read, mount: /read-file}
          write: {directory: ./write, rights: all, mount: /write}
          write-file: {file: ./write-file, rights: write, mount: /write-file}
          scratch: {tmpfs: 1MiB, mount: /scratch}
        filesystem: {proc: own, programs: [./tools]}
        processes: {spawn: true, execute: [%s/listed]}
        """.formatted(directory));

    assertThat(mounts).containsAllEntriesOf(Map.ofEntries(
        Map.entry("/", Set.of("ro", "nosuid", "nodev", "noexec")),
        Map.entry(script.toString(), Set.of("ro", "nosuid", "nodev", "noexec")),
        Map.entry(directory + "/tools", Set.of("ro", "nosuid", "nodev")),
        Map.entry(directory + "/listed", Set.of("ro", "nosuid", "nodev")),
        Map.entry("/read", Set.of("ro", "nosuid", "nodev", "noexec")),
        Map.entry("/read-file", Set.of("ro", "nosuid", "nodev", "noexec")),
        Map.entry("/write", Set.of("nosuid", "nodev", "noexec")),
        Map.entry("/write-file", Set.of("nosuid", "nodev", "noexec")),
        Map.entry("/scratch", Set.of("nosuid", "nodev", "noexec")),
        Map.entry("/dev/null", Set.of("ro", "nosuid", "noexec")),
        Map.entry("/proc", Set.of("ro", "nosuid", "nodev", "noexec"))));
    assertThat(mounts).as("the shell, its interpreter and its library").satisfies(all -> assertThat(all.values())
        .filteredOn(Set.of("ro", "nosuid", "nodev")::equals).hasSizeGreaterThanOrEqualTo(5));
  }

  @Test
  void theSystemIsNotWritten() throws Exception {
    assertThat(mounts("""
        policy: embryo/v1
        name: mounts
        program: {path: /bin/cat, arguments: [/proc/self/mountinfo]}
        capabilities: {stdout: {inherit: 1, rights: write}}
        filesystem: {proc: own, programs: system}
        """)).containsEntry("/usr", Set.of("ro", "nosuid", "nodev"));
  }

  /** The options of each mount that the program sees, of those that forbid something; others may be the host's. */
  private Map<String, Set<String>> mounts(String text) throws Exception {
    var sandbox = Sandbox.builder().policy(Policies.parse(text, directory)).build();
    return sandbox.run(Duration.ofSeconds(30)).outputText().lines().map(line -> line.split(" ")).collect(Collectors.toMap(
        words -> words[4],
        words -> Arrays.stream(words[5].split(",")).filter(option -> option.matches(OPTIONS)).collect(Collectors.toSet())));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      chmod 0777 TOOL   | chmod 0777
      touch TOOL        | touch
      chmod 0777 SHOWN  | chmod 0777
      touch SHOWN       | touch
      chmod 0777 LISTED | chmod 0777
      touch LISTED      | touch
      """)
  void itsOwnerDoesNotChangeWhatIsExecuted(String act, String contrast) throws Exception {
    var executing = policy.section("filesystem: {programs: [%s]}".formatted(shown.getParent()))
        .section("processes: {spawn: true, execute: [%s/listed]}".formatted(directory));
    String path = act.replace("TOOL", tool.toString()).replace("SHOWN", shown.toString()).replace("LISTED", directory + "/listed");

    Probe.assertAnswer(Probe.inside(executing, path.split(" ")), "EROFS");

    var granted = policy.directory(owned(Files.createDirectory(directory.resolve("own"))), "all", "/in");
    Probe.assertAnswer(Probe.inside(granted, (contrast + " /in").split(" ")), "ok");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[list, read]", "[list, read, write]"})
  void aDeviceInAGrantedDirectoryIsNotOpened(String rights) throws Exception {
    Probe.assertAnswer(Probe.inside(policy.directory(Path.of("/dev"), rights, "/in"), "open", "/in/null"), "EACCES");

    Probe.assertAnswer(Probe.inside(policy, "open", "/dev/null"), "ok");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[list, read]", "[list, read, write]"})
  void noFileOfAGrantedDirectoryIsCode(String rights) throws Exception {
    Probe.assertAnswer(Probe.inside(policy.directory(shown.getParent(), rights, "/in"), "map-execute", "/in/shown"), "EPERM");

    Probe.assertAnswer(Probe.inside(policy, "map-execute", tool.toString()), "ok");
  }
}
