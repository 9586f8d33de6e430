package dev.embryo.policy.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.resolve.ViewEntry.Directory;
import dev.embryo.policy.resolve.ViewEntry.Link;
import dev.embryo.policy.resolve.ViewEntry.Mount;
import dev.embryo.policy.resolve.ViewEntry.Tmpfs;
import dev.embryo.runtime.elf.Machine;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyResolverTest {
  private static final Path TRUE = Path.of("/bin/true");
  private static final String PROGRAM = "policy.yaml:2:3: program.path: ";
  private static final String NOTHING = "int main(void) { return 0; }\n";

  private Path top;

  @BeforeEach
  void realDirectory(@TempDir Path directory) throws IOException {
    top = directory.toRealPath();
  }

  // The program.

  @Test
  void theProgramIsShownAtItsRealPathAndTheLinksThatLeadToItAreReproduced() throws Exception {
    Path real = program("app/tool-1.2");
    link(top.resolve("app/tool"), "tool-1.2");
    link(top.resolve("current"), top + "/app");

    ResolvedPolicy resolved = PolicySketch.of(top.resolve("current/tool")).resolve();

    assertThat(resolved.program().viewPath()).isEqualTo(real.toString());
    assertThat(resolved.program().host()).isEqualTo(real);
    assertThat(resolved.program().identity()).isEqualTo(identity(real));
    assertThat(resolved.program().elf().machine()).isEqualTo(Machine.current().orElseThrow());
    assertThat(resolved.program().origin()).isEmpty();
    assertThat(resolved.view()).contains(
        new Link(top + "/current", top + "/app"),
        new Link(top + "/app/tool", "tool-1.2"),
        new Directory(top + "/app"),
        new Mount(real.toString(), real, identity(real), false, MountUse.PROGRAM, Optional.empty()));
  }

  @Test
  void theViewIsSortedHoldsEachPathOnceAndEveryParent() throws Exception {
    List<String> paths = paths(PolicySketch.of(TRUE).devices().tmpfs("scratch", "/var/tmp").resolve());

    assertThat(paths).isSorted().doesNotHaveDuplicates().contains("/dev", "/dev/null", "/var", "/var/tmp", "/usr/bin");
    for (String path : paths) {
      String parent = path.substring(0, path.lastIndexOf('/'));
      assertThat(parent.isEmpty() || paths.contains(parent)).as(path).isTrue();
    }
  }

  @Test
  void aMissingProgramIsNamed() {
    assertProblem(PolicySketch.of(top.resolve("none")), PROGRAM + top + "/none does not exist");
  }

  @Test
  void aDirectoryIsNoProgram() {
    assertProblem(PolicySketch.of(top), PROGRAM + top + " is a directory, not a program");
  }

  @Test
  void aFifoIsNoProgramAndIsNotWaitedFor() throws Exception {
    Tool.require("mkfifo");
    Tool.run(List.of("mkfifo", top + "/fifo"));

    assertProblem(PolicySketch.of(top.resolve("fifo")), PROGRAM + top + "/fifo is a FIFO, not a program");
  }

  @Test
  void aProgramWithoutExecutableBitIsNamedWithItsPermissions() throws Exception {
    Path file = Files.writeString(top.resolve("f"), "x");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertProblem(PolicySketch.of(file), PROGRAM + file + " is not executable (permissions 0644)");
  }

  @Test
  void aProgramThatMayNotBeReadIsSaid() throws Exception {
    assumeFalse("root".equals(System.getProperty("user.name")), "root may read every file");
    Path file = Files.writeString(top.resolve("f"), "x");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("--x--x--x"));

    assertProblem(PolicySketch.of(file), PROGRAM + file + " cannot be read: permission denied");
  }

  @Test
  void aProgramForAnotherMachineIsSaid() throws Exception {
    Path file = program("program");
    Machine other = Machine.current().orElseThrow() == Machine.X86_64 ? Machine.AARCH64 : Machine.X86_64;
    PolicyResolver resolver = new PolicyResolver("/etc/ld.so.cache", Optional.of(other));

    assertThatThrownBy(() -> resolver.resolve(PolicySketch.of(file).policy())).hasMessage(PROGRAM + file + " is for "
        + Machine.current().get().displayName() + ", and this machine is " + other.displayName());
  }

  @Test
  void onAMachineThatIsNotSupportedThatIsSaid() {
    PolicyResolver resolver = new PolicyResolver("/etc/ld.so.cache", Optional.empty());

    assertThatThrownBy(() -> resolver.resolve(PolicySketch.of(TRUE).policy()))
        .hasMessage(PROGRAM + "Embryo runs programs on x86-64 and aarch64, and this machine is neither");
  }

  @Test
  void aSharedLibraryIsNoProgram() throws Exception {
    Path library = Tool.gcc(top.resolve("lib.so"), "int f(void) { return 0; }\n", "-shared", "-fPIC");

    assertProblem(PolicySketch.of(library), PROGRAM + library + " is a shared library, not a program");
  }

  @Test
  void aPathWithANewlineIsRefused() throws Exception {
    Path file = executable(top.resolve("a\nb"), "x");

    assertProblem(PolicySketch.of(file), PROGRAM + top + "/a?b: a path with a control character in it is refused");
  }

  // Which programs and libraries are shown.

  @ParameterizedTest
  @ValueSource(strings = {"-static", "-static-pie"})
  void withoutProgramsAStaticProgramIsAlone(String option) throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING, option);

    ResolvedPolicy resolved = PolicySketch.of(program).programs(Programs.NONE).resolve();

    assertThat(resolved.program().elf().isStatic()).isTrue();
    assertThat(resolved.view().stream().filter(entry -> !(entry instanceof Directory))).singleElement()
        .isEqualTo(new Mount(program.toString(), program, identity(program), false, MountUse.PROGRAM, Optional.empty()));
  }

  @Test
  void withoutProgramsADynamicProgramIsAnError() throws Exception {
    Path program = program("program");

    assertThatThrownBy(() -> PolicySketch.of(program).programs(Programs.NONE).resolve())
        .hasMessageMatching("\\Q" + PROGRAM + program + "\\E is dynamically linked \\(it needs /lib\\S+\\), but "
            + "filesystem.programs is none; a static program can start so, this one needs closure or system");
  }

  @Test
  void systemShowsUsrAndWhatIsBesideItAsOnTheHost() throws Exception {
    ResolvedPolicy resolved = PolicySketch.of(TRUE).programs(Programs.SYSTEM).resolve();
    Map<String, ViewEntry> view = byPath(resolved);

    Path usr = Path.of("/usr");
    assertThat(view.get("/usr")).isEqualTo(new Mount("/usr", usr, identity(usr), true, MountUse.SYSTEM, Optional.empty()));
    for (String beside : List.of("/bin", "/sbin", "/lib", "/lib64")) {
      Path path = Path.of(beside);
      if (Files.isSymbolicLink(path)) {
        assertThat(view.get(beside)).isEqualTo(new Link(beside, Files.readSymbolicLink(path).toString()));
      } else if (Files.isDirectory(path)) {
        assertThat(view.get(beside)).isInstanceOf(Mount.class);
      } else {
        assertThat(view).doesNotContainKey(beside);
      }
    }
    assertThat(view.keySet()).noneMatch(path -> path.startsWith("/usr/"));
  }

  @Test
  void systemShowsTheConfigurationThatTheHostsJdksHaveLinksTo() throws Exception {
    try (Stream<Path> etc = Files.list(Path.of("/etc"))) {
      List<String> configurations = etc.map(Path::toString).filter(path -> path.matches("/etc/java-.*-openjdk")).toList();
      assumeFalse(configurations.isEmpty(), "no JDK of Debian's is installed");

      assertThat(paths(PolicySketch.of(TRUE).programs(Programs.SYSTEM).resolve())).containsAll(configurations);
    }
  }

  @Test
  void systemShowsAProgramAndLibrariesOutsideOfUsrToo() throws Exception {
    Path library = Tool.gcc(top.resolve("libf.so"), "int f(void) { return 0; }\n", "-shared", "-fPIC", "-Wl,-soname,libf.so");
    Path program = Tool.gcc(top.resolve("program"), "int f(void); int main(void) { return f(); }\n",
        library.toString(), "-Wl,-rpath," + top);

    Map<String, ViewEntry> view = byPath(PolicySketch.of(program).programs(Programs.SYSTEM).resolve());

    assertThat(view.get(program.toString())).isInstanceOfSatisfying(
        Mount.class, mount -> assertThat(mount.use()).isEqualTo(MountUse.PROGRAM));
    assertThat(view.get(library.toString())).isInstanceOfSatisfying(
        Mount.class, mount -> assertThat(mount.use()).isEqualTo(MountUse.LIBRARY));
  }

  // Devices.

  @Test
  void minimalDevicesAreFiveAndGenuine() throws Exception {
    ResolvedPolicy resolved = PolicySketch.of(TRUE).devices().resolve();

    List<Mount> devices = mounts(resolved, MountUse.DEVICE);
    assertThat(devices).extracting(Mount::path)
        .containsExactly("/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero");
    assertThat(devices).allSatisfy(device -> assertThat(device.directory()).isFalse());
    assertThat(paths(PolicySketch.of(TRUE).resolve())).noneMatch(path -> path.startsWith("/dev"));
  }

  // Capabilities.

  @Test
  void aGrantedDirectoryIsShownAtItsMountPointWithItsRealPathAndIdentity() throws Exception {
    Path real = Files.createDirectory(top.resolve("real"));
    link(top.resolve("photos"), "real");

    ResolvedPolicy resolved = PolicySketch.of(TRUE)
        .grant("photos", top.resolve("photos"), "/in")
        .grant("out", real, "/data/out", Right.WRITE)
        .resolve();

    assertThat(resolved.view()).contains(
        new Mount("/in", real, identity(real), true, MountUse.DATA_READ, Optional.of("photos")),
        new Directory("/data"),
        new Mount("/data/out", real, identity(real), true, MountUse.DATA_WRITE, Optional.of("out")));
    assertThat(paths(resolved)).doesNotContain(top + "/photos", top + "/real");
  }

  @Test
  void aGrantedDirectoryThatIsMissingOrNoDirectoryIsNamed() throws Exception {
    Path file = Files.writeString(top.resolve("file"), "x");

    assertProblem(PolicySketch.of(TRUE).grant("photos", Path.of("/srv/none/x"), "/in"),
        "policy.yaml:11:3: capabilities.photos: /srv/none/x does not exist: there is no "
            + (Files.exists(Path.of("/srv")) ? "/srv/none" : "/srv"));
    assertProblem(PolicySketch.of(TRUE).grant("photos", file, "/in"),
        "policy.yaml:11:3: capabilities.photos: " + file + " is a file, not a directory; a file is granted with 'file:'");
  }

  @Test
  void everyProblemIsToldInTheOrderOfTheText() {
    assertProblem(
        PolicySketch.of(top.resolve("none"))
            .grant("a", top.resolve("x"), "/a")
            .file("b", top.resolve("y"), Right.READ),
        PROGRAM + top + "/none does not exist\n"
            + "policy.yaml:11:3: capabilities.a: " + top + "/x does not exist\n"
            + "policy.yaml:12:3: capabilities.b: " + top + "/y does not exist");
  }

  @Test
  void aFileIsFoundAndOpenedOnlyAtLaunch() throws Exception {
    Path file = Files.writeString(top.resolve("log-1"), "x");
    link(top.resolve("log"), "log-1");

    ResolvedPolicy resolved = PolicySketch.of(TRUE)
        .file("log", top.resolve("log"), Right.WRITE)
        .file("null", Path.of("/dev/null"), Right.READ)
        .resolve();

    assertThat(resolved.files()).containsOnlyKeys("log", "null")
        .containsEntry("log", new ResolvedFile(file, identity(file)));
    assertThat(paths(resolved)).noneMatch(path -> path.contains("log"));
  }

  @Test
  void aFileToWriteIsNotCreated() {
    assertProblem(PolicySketch.of(TRUE).file("log", top.resolve("log"), Right.WRITE),
        "policy.yaml:11:3: capabilities.log: " + top + "/log does not exist; a file is not created, make it first");
    assertThat(top.resolve("log")).doesNotExist();
  }

  @Test
  void whatCannotBeOpenedAsAFileIsNamed() throws Exception {
    Tool.require("mkfifo");
    Tool.run(List.of("mkfifo", top + "/fifo"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(top.resolve("socket")));

      assertProblem(
          PolicySketch.of(TRUE)
              .file("a", top, Right.READ)
              .file("b", top.resolve("fifo"), Right.READ)
              .file("c", top.resolve("socket"), Right.READ),
          "policy.yaml:11:3: capabilities.a: " + top + " is a directory, not a file; a directory is granted with 'directory:'\n"
              + "policy.yaml:12:3: capabilities.b: " + top + "/fifo is a FIFO, not a file\n"
              + "policy.yaml:13:3: capabilities.c: " + top + "/socket is a socket, not a file");
    }
  }

  // The view of them all.

  @Test
  void aMountPointInsideAGrantedDirectoryMustBeThere() throws Exception {
    Path outer = Files.createDirectories(top.resolve("outer/in")).getParent();
    Path inner = Files.createDirectory(top.resolve("inner"));

    ResolvedPolicy resolved = PolicySketch.of(TRUE).grant("a", outer, "/data").grant("b", inner, "/data/in").resolve();

    assertThat(resolved.mountPointExists(byPath(resolved).get("/data/in"))).isTrue();
    assertThat(resolved.mountPointExists(byPath(resolved).get("/data"))).isFalse();
    assertProblem(PolicySketch.of(TRUE).grant("a", outer, "/data").tmpfs("b", "/data/none/x"),
        "policy.yaml:12:3: capabilities.b: the mount point /data/none/x does not exist in " + outer
            + ", which the view shows at /data; nothing is made there");
    assertThat(outer.resolve("none")).doesNotExist();
  }

  @Test
  void aMountPointInsideAGrantedDirectoryMayNotBeALinkOrFile() throws Exception {
    Path outer = Files.createDirectories(top.resolve("outer/real")).getParent();
    link(outer.resolve("link"), "real");
    Files.writeString(outer.resolve("file"), "x");

    assertProblem(PolicySketch.of(TRUE).grant("a", outer, "/data").tmpfs("b", "/data/link").tmpfs("c", "/data/file"),
        "policy.yaml:12:3: capabilities.b: the mount point /data/link is a symbolic link, not a directory, in " + outer
            + ", which the view shows at /data; nothing is made there\n"
            + "policy.yaml:13:3: capabilities.c: the mount point /data/file is a file, not a directory, in " + outer
            + ", which the view shows at /data; nothing is made there");
    assertThatThrownBy(() -> PolicySketch.of(TRUE).grant("a", outer, "/data").tmpfs("b", "/data/link/x").resolve())
        .hasMessageContaining("the mount point /data/link/x does not exist in");
  }

  @Test
  void aMountPointInsideATmpfsIsMade() throws Exception {
    ResolvedPolicy resolved = PolicySketch.of(TRUE).tmpfs("scratch", "/tmp").grant("in", top, "/tmp/data/in").resolve();

    assertThat(resolved.view()).contains(new Tmpfs("/tmp", 1 << 20, "scratch"), new Directory("/tmp/data"));
    assertThat(resolved.mountPointExists(byPath(resolved).get("/tmp/data/in"))).isFalse();
  }

  @Test
  void aMountPointUnderTheSystemMustBeThere() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/usr/share")));

    assertThat(paths(PolicySketch.of(TRUE).programs(Programs.SYSTEM).grant("a", top, "/usr/share").resolve()))
        .contains("/usr", "/usr/share");
    assertProblem(PolicySketch.of(TRUE).programs(Programs.SYSTEM).grant("a", top, "/usr/share/no-such-directory"),
        "policy.yaml:11:3: capabilities.a: the mount point /usr/share/no-such-directory does not exist in /usr, "
            + "which the view shows at /usr; nothing is made there");
  }

  @ParameterizedTest
  @EnumSource(value = Programs.Scope.class, names = {"CLOSURE", "SYSTEM"})
  void aGrantMayNotHideWhatTheProgramNeeds(Programs.Scope scope) throws Exception {
    String real = TRUE.toRealPath().toString();

    assertThatThrownBy(() -> PolicySketch.of(TRUE).programs(new Programs(scope, List.of())).grant("a", top, "/usr/bin").resolve())
        .hasMessageContaining("policy.yaml:11:3: capabilities.a: mounted at /usr/bin, it would hide " + real
            + ", which the program needs");
  }

  @Test
  void aGrantOfTheProgramsOwnDirectoryInItsPlaceHidesNothing() throws Exception {
    Path program = program("app/bin/tool");

    ResolvedPolicy resolved = PolicySketch.of(program).grant("app", top.resolve("app"), top + "/app").resolve();

    Map<String, ViewEntry> view = byPath(resolved);
    assertThat(view.get(top + "/app")).isInstanceOf(Mount.class);
    assertThat(view.get(program.toString())).isInstanceOfSatisfying(
        Mount.class, mount -> assertThat(mount.use()).isEqualTo(MountUse.PROGRAM));
    assertThat(resolved.mountPointExists(view.get(program.toString()))).isTrue();
    assertThat(view).doesNotContainKey(top + "/app/bin");
  }

  @Test
  void twoCapabilitiesAtOneMountPointAreRefused() {
    assertProblem(PolicySketch.of(TRUE).grant("a", top, "/in").tmpfs("b", "/in"),
        "policy.yaml:12:3: capabilities.b: the mount point /in is already that of capabilities.a");
  }

  @Test
  void aMountPointThatIsALinkOrLiesBelowOneIsRefused() throws Exception {
    Path program = program("real/tool");
    link(top.resolve("link"), "real");

    assertProblem(
        PolicySketch.of(top.resolve("link/tool")).tmpfs("a", top + "/link").tmpfs("b", top + "/link/x"),
        "policy.yaml:11:3: capabilities.a: the mount point " + top + "/link is a symbolic link to real in the view\n"
            + "policy.yaml:12:3: capabilities.b: the mount point " + top + "/link/x lies below " + top
            + "/link, which is a symbolic link in the view");
    assertThat(program).exists();
  }

  @Test
  void aMountPointThatIsAFileOfTheProgramOrLiesBelowOneIsRefused() throws Exception {
    Path program = program("tool");

    assertProblem(PolicySketch.of(program).tmpfs("a", program.toString()).tmpfs("b", program + "/x"),
        "policy.yaml:11:3: capabilities.a: the mount point " + program + " already shows the host's " + program
            + ", which the program needs\n"
            + "policy.yaml:12:3: capabilities.b: the mount point " + program + "/x lies below " + program
            + ", which is a file in the view");
  }

  @Test
  void aMountPointWithAControlCharacterIsRefused() {
    assertProblem(PolicySketch.of(TRUE).tmpfs("a", "/in\nx"),
        "policy.yaml:11:3: capabilities.a: /in?x: a path with a control character in it is refused");
  }

  @Test
  void aMountedFileIsShownForWhatItIsGranted() throws Exception {
    Path file = Files.writeString(top.resolve("data"), "x");
    link(top.resolve("link"), "data");
    ResolvedPolicy resolved = PolicySketch.of(TRUE)
        .mountedFile("a", top.resolve("link"), "/in/a", Right.READ)
        .mountedFile("b", file, "/in/b", Right.READ, Right.WRITE)
        .mountedFile("c", file, "/in/c", Right.WRITE).resolve();

    assertThat(mounts(resolved, MountUse.DATA_READ)).containsExactly(
        new Mount("/in/a", file, identity(file), false, MountUse.DATA_READ, Optional.of("a")));
    assertThat(mounts(resolved, MountUse.DATA_WRITE)).extracting(Mount::path).containsExactly("/in/b");
    assertThat(mounts(resolved, MountUse.DATA_WRITE_ONLY)).extracting(Mount::path).containsExactly("/in/c");
    assertThat(resolved.files()).isEmpty();
  }

  @Test
  void aFileIsMountedOnAFileOrOnNothing() throws Exception {
    Path file = Files.writeString(top.resolve("data"), "x");
    Files.createDirectory(top.resolve("sub"));

    assertThat(PolicySketch.of(TRUE).grant("a", top, "/in").mountedFile("b", file, "/in/data", Right.READ).resolve()
        .view()).extracting(ViewEntry::path).contains("/in", "/in/data");
    assertProblem(PolicySketch.of(TRUE).grant("a", top, "/in").mountedFile("b", file, "/in/sub", Right.READ),
        "policy.yaml:12:3: capabilities.b: the mount point /in/sub is a directory, not a file, in " + top
            + ", which the view shows at /in; nothing is made there");
    assertProblem(PolicySketch.of(TRUE).mountedFile("a", file, "/usr", Right.READ),
        "policy.yaml:11:3: capabilities.a: the mount point /usr is a directory of the view, and a file cannot be mounted on"
            + " one");
    assertProblem(PolicySketch.of(TRUE).mountedFile("a", file, "/x", Right.READ).tmpfs("b", "/x/y"),
        "policy.yaml:12:3: capabilities.b: the mount point /x/y lies below /x, which is a file in the view");
  }

  @Test
  void aDeviceIsNotMounted() {
    assertProblem(PolicySketch.of(TRUE).mountedFile("a", Path.of("/dev/null"), "/x", Right.READ),
        "policy.yaml:11:3: capabilities.a: /dev/null is a character device, which is granted as a descriptor: mounted, no "
            + "device can be opened");
  }

  // The working directory.

  @Test
  void theWorkingDirectoryMustBeADirectoryOfTheView() throws Exception {
    Files.createDirectory(top.resolve("sub"));
    Files.writeString(top.resolve("file"), "x");
    link(top.resolve("link"), "sub");
    link(top.resolve("loop"), "loop");

    for (String directory : List.of("/", "/in", "/in/sub", "/in/link", "/usr", "/bin", "/scratch", "/in/../in/sub/..")) {
      assertThat(grantedAndScratch().directory(directory).resolve().policy().program().directory()).isEqualTo(directory);
    }
    for (String directory : List.of("/none", "/in/file", "/in/none", "/in/loop", "/scratch/x", TRUE.toString())) {
      assertProblem(grantedAndScratch().directory(directory), "policy.yaml:3:3: program.directory: " + directory
          + " is no directory of the program's view; mount one there");
    }
  }

  private PolicySketch grantedAndScratch() {
    return PolicySketch.of(TRUE).grant("a", top, "/in").tmpfs("scratch", "/scratch");
  }

  // Fixtures.

  private Path program(String name) throws Exception {
    return Tool.gcc(top.resolve(name), NOTHING);
  }

  private static Path executable(Path file, String content) throws IOException {
    Files.writeString(file, content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void link(Path link, String target) throws IOException {
    Files.createSymbolicLink(link, Path.of(target));
  }

  private static List<String> paths(ResolvedPolicy resolved) {
    return resolved.view().stream().map(ViewEntry::path).toList();
  }

  private static Map<String, ViewEntry> byPath(ResolvedPolicy resolved) {
    return resolved.view().stream().collect(Collectors.toMap(ViewEntry::path, entry -> entry));
  }

  private static List<Mount> mounts(ResolvedPolicy resolved, MountUse use) {
    return resolved.view().stream()
        .flatMap(entry -> entry instanceof Mount mount && mount.use() == use ? Stream.of(mount) : Stream.empty())
        .toList();
  }

  private static FileIdentity identity(Path path) throws IOException {
    return FileIdentity.of((Long) Files.getAttribute(path, "unix:dev"), (Long) Files.getAttribute(path, "unix:ino"));
  }

  private static void assertProblem(PolicySketch sketch, String message) {
    assertThatThrownBy(sketch::resolve).isInstanceOf(PolicyException.class).hasMessage(message);
  }
}
