package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Hosts that lack something: each layer is taken away from a launcher, and it says so before anything is made, with the
 * reason and what to do. Where the policy does not need the layer, it runs.
 */
class HostsTest {
  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final Path CONTAINER = Path.of("target", "hostile", "container").toAbsolutePath();
  private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final String CLASS_PATH = System.getProperty("java.class.path");
  private static final int LAUNCHER_ERROR = 125;
  private static final int WEAKER = 1;

  @TempDir
  private Path directory;

  private Path program;

  @BeforeEach
  void copyTheProgram() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    program = Files.copy(Probe.PROGRAM, directory.resolve("probe"));
  }

  /** A command, under a launcher that has been confined, and how it went. */
  private record Answer(int status, String text) {}

  private static Answer run(List<String> before, String... words) throws IOException, InterruptedException {
    var command = new ArrayList<>(before);
    command.addAll(List.of(JAVA, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
        "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(words));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), text.lines()
        .filter(line -> !line.startsWith("SLF4J") && !line.startsWith("WARNING: ")).collect(Collectors.joining("\n")));
  }

  private static List<String> container(String options) {
    var words = new ArrayList<>(List.of(CONTAINER.toString()));
    words.addAll(Arrays.asList(options.split(" ")));
    words.add("--");
    return words;
  }

  private Answer launch(List<String> before, String sections) throws IOException, InterruptedException {
    var policy = Files.writeString(directory.resolve("policy.yaml"), """
        policy: embryo/v1
        name: hosts
        program: {path: %s, arguments: [executed]}
        capabilities: {stdout: {inherit: 1, rights: write}}
        %s
        """.formatted(program, sections));
    return run(before, "-cp", CLASS_PATH, "dev.embryo.launcher.cli.Main", "run", policy.toString());
  }

  private static Answer doctor(List<String> before) throws IOException, InterruptedException {
    return run(before, "-cp", CLASS_PATH, "dev.embryo.launcher.cli.Main", "doctor");
  }

  private void assertRefused(Answer answer, String place, String message) {
    assertThat(answer.text()).startsWith(directory + "/policy.yaml:" + place + ": isolation.require: ").contains(message);
    assertThat(answer.text().lines()).as("lines of: %s", answer.text()).hasSize(1);
    assertThat(answer.status()).isEqualTo(LAUNCHER_ERROR);
  }

  private static void assertRuns(Answer answer) {
    assertThat(answer).isEqualTo(new Answer(0, "ok a new program runs"));
  }

  private static final String WITHOUT = "isolation: {require: [landlock, seccomp]}";
  private static final String ALL = "isolation: {require: [namespaces, landlock, seccomp]}";

  @Test
  void inAContainerOfDockersOnlyPoliciesWithoutNamespacesRun() throws Exception {
    assertRefused(launch(container("docker"), ALL), "5:22", "namespaces: a seccomp filter lies on this process already, as"
        + " container runtimes install one (cannot make a process in namespaces of its own: EPERM (operation not"
        + " permitted)); give the container a seccomp profile that allows namespaces and mounts (docker run --security-opt"
        + " seccomp=PROFILE); or leave namespaces out");
    assertRuns(launch(container("docker"), WITHOUT));
    var doctor = doctor(container("docker"));
    assertThat(doctor.status()).isEqualTo(WEAKER);
    assertThat(doctor.text()).contains("limited  this process ", "ok       seccomp ", "missing  mount namespace ",
        "missing  private root ").endsWith(
        "Only policies that leave namespaces out can be run here: isolation: {require: [landlock, seccomp]}");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"clone3=ENOSYS", "keyctl=EPERM", "keyctl=ENOSYS"})
  void whatHasASecondWayIsNotMissed(String taken) throws Exception {
    assertRuns(launch(container(taken), ALL));
    assertRuns(launch(container(taken), WITHOUT));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      landlock_create_ruleset=ENOSYS     | landlock: a seccomp filter lies on this process already, as container runtimes \
      install one, and answers ENOSYS; give the container a profile that allows landlock_create_ruleset, \
      landlock_add_rule and landlock_restrict_self
      landlock_create_ruleset=EPERM      | landlock: a seccomp filter lies on this process already, as container runtimes \
      install one, and answers EPERM; give the container a profile
      landlock_create_ruleset=EOPNOTSUPP | add landlock to lsm= on the kernel's command line
      seccomp=EPERM                      | seccomp: a seccomp filter lies on this process already, as container runtimes \
      install one, and refuses another (cannot allow one exec and no other: EPERM (operation not permitted)); give the \
      container a profile that allows seccomp
      listener                           | seccomp: this process runs under the seccomp listener of somebody else already, \
      and the kernel allows one; start the launcher outside of that supervisor
      """)
  void withoutLandlockOrSeccompNothingRuns(String taken, String message) throws Exception {
    String words = message.replaceAll("\\s+", " ");
    assertRefused(launch(container(taken), ALL), "5:22", words);
    assertRefused(launch(container(taken), WITHOUT), "5:22", words);
    assertThat(doctor(container(taken)).status()).isEqualTo(LAUNCHER_ERROR);
  }

  @Test
  void underAListenerAProgramThatMayExecuteNeedsNoneUnlessDenialsAreExplained() throws Exception {
    assertRuns(launch(container("listener"), "processes: {execute: view}"));
    assertRefused(launch(container("listener"), "processes: {execute: view}\nsystem-calls: {on-denied: explain}"), "1:1",
        "seccomp: this process runs under the seccomp listener of somebody else already");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"mount", "open_tree", "pivot_root"})
  void aFilterThatTakesMountsAwayTakesTheRoot(String call) throws Exception {
    assertRefused(launch(container(call + "=EPERM"), ALL), "5:22",
        "namespaces: a seccomp filter lies on this process already, as container runtimes install one (cannot ");
    assertRuns(launch(container(call + "=EPERM"), WITHOUT));
  }

  @Test
  void whereUserNamespacesAreUsedUpAnOrdinaryUserHasNone() throws Exception {
    assumeFalse(ROOT, "root needs no user namespace");
    assertRefused(launch(container("no-namespaces"), ALL), "5:22", "namespaces: user.max_user_namespaces is 0 here (cannot"
        + " make a process in namespaces of its own: ENOSPC (no space left on device)); set it as root: sysctl"
        + " user.max_user_namespaces=15000; or leave namespaces out");
    assertRuns(launch(container("no-namespaces"), WITHOUT));
    var doctor = doctor(container("no-namespaces"));
    assertThat(doctor.status()).isEqualTo(WEAKER);
    assertThat(doctor.text()).contains("-> set it as root: sysctl user.max_user_namespaces=15000");
  }

  @Test
  void withoutLibseccompTheErrorNamesThePackage() throws Exception {
    var library = hidden("libseccomp.so.2");
    assertThat(launch(library, WITHOUT)).isEqualTo(new Answer(LAUNCHER_ERROR, "embryo: cannot load libseccomp.so.2:"
        + " install the package libseccomp2 (Debian, Ubuntu, openSUSE) or libseccomp (Fedora, Arch), version 2.5 or newer"));
    var doctor = doctor(library);
    assertThat(doctor.status()).isEqualTo(LAUNCHER_ERROR);
    assertThat(doctor.text()).contains("missing  libseccomp         cannot load libseccomp.so.2: install the package");
  }

  @Test
  void whereAPartOfProcIsCoveredAProgramGetsNoneOfItsOwn() throws Exception {
    String own = "filesystem: {proc: own}";
    assertThat(launch(covered("/proc/cpuinfo"), own)).isEqualTo(new Answer(LAUNCHER_ERROR, "embryo: cannot make /proc in the"
        + " private root: mount(\"proc\", \"proc\", \"proc\", MS_RDONLY|MS_NOSUID|MS_NODEV|MS_NOEXEC,"
        + " \"hidepid=ptraceable,subset=pid\"): EPERM (operation not permitted); the kernel lets no one mount a /proc where a part"
        + " of the host's is covered, as it is in containers: uncover it (docker run --security-opt systempaths=unconfined,"
        + " podman run --security-opt unmask=ALL), or write filesystem.proc: none"));
    assertRuns(launch(covered("/proc/cpuinfo"), ALL));
    assertRuns(launch(List.of("env"), own));
    assertThat(doctor(covered("/proc/cpuinfo")).text()).contains("missing  /proc of its own   cannot make /proc in the private"
        + " root: EPERM (operation not permitted): the kernel gives one only to those who see the whole of the host's /proc",
        "-> give the container an unmasked /proc (docker run --security-opt systempaths=unconfined)");
  }

  /** A command for which a file is covered, and which cannot take the cover off: its user namespace is another than that of the mount. */
  private static List<String> covered(String file) {
    return List.of("unshare", "-Urm", "sh", "-ec", "mount --bind /dev/null " + file
        + "; exec unshare -U --map-user=65534 --map-group=65534 \"$@\"", "sh");
  }

  /** A command under which a library of the host is not there, in a mount namespace of its own. */
  private static List<String> hidden(String soname) throws IOException {
    try (var folders = Files.walk(Path.of("/usr/lib"), 2)) {
      var found = folders.filter(path -> path.getFileName().toString().equals(soname)).findFirst().orElseThrow().toRealPath();
      return List.of("unshare", ROOT ? "-m" : "-Urm", "sh", "-ec", "mount --bind /dev/null " + found + "; exec \"$@\"", "sh");
    }
  }

  @Test
  void theHostOfTheseTestsOffersEverything() throws Exception {
    var doctor = doctor(List.of("env"));
    assertThat(doctor.text().lines().filter(line -> line.startsWith("missing"))).as("what only some policies need")
        .allMatch(line -> line.startsWith("missing  cgroup "));
    assertThat(doctor.text()).endsWith("Policies can be run here.");
    assertThat(doctor.status()).isZero();
  }

  @Test
  void theDoctorAnswersMachinesToo() throws Exception {
    var doctor = run(container("docker"), "-cp", CLASS_PATH, "dev.embryo.launcher.cli.Main", "doctor", "--json");
    assertThat(doctor.status()).isEqualTo(WEAKER);
    assertThat(doctor.text().replaceAll("\\s+", "")).startsWith("{\"verdict\":\"without-namespaces\",\"status\":1,\"facts\":[{")
        .contains("{\"name\":\"privateroot\",\"state\":\"missing\",\"need\":\"namespaces\",\"detail\":\"");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      -Dos.name=FreeBSD   | kernel: FreeBSD
      -Dos.version=5.4.0  | kernel: Linux 5.4.0; use Linux 5.13 or later
      -Dos.arch=riscv64   | processor: riscv64; use x86-64 or aarch64, and a 64-bit JVM
      """)
  void theLibrarySaysWhyItDoesNotRunElsewhere(String property, String reason) throws Exception {
    var answer = run(List.of(), property, "-cp", CLASS_PATH, SupportMain.class.getName());
    assertThat(answer.status()).isZero();
    assertThat(answer.text()).startsWith("NONE\nno policy can be run here\n" + reason);
  }

  @Test
  void theLibrarySaysThatJnaIsMissing() throws Exception {
    String without = Arrays.stream(CLASS_PATH.split(":")).filter(entry -> !entry.contains("jna"))
        .collect(Collectors.joining(":"));
    var answer = run(List.of(), "-cp", without, SupportMain.class.getName());
    assertThat(answer.status()).isZero();
    assertThat(answer.text()).isEqualTo("NONE\nno policy can be run here\nC library: a class is missing:"
        + " com/sun/jna/Platform; use a system with glibc, and have the jar of JNA (net.java.dev.jna:jna) on the class path");
  }

  @Test
  void theLibrarySaysThatALibraryIsMissing() throws Exception {
    var answer = run(hidden("libseccomp.so.2"), "-cp", CLASS_PATH, SupportMain.class.getName());
    assertThat(answer.text()).startsWith("NONE\nno policy can be run here\n")
        .contains("libseccomp: cannot load libseccomp.so.2: install the package libseccomp2");
  }

  @Test
  void theLibrarySaysThatAllIsWell() throws Exception {
    assertThat(run(List.of(), "-cp", CLASS_PATH, SupportMain.class.getName()).text())
        .startsWith("FULL\npolicies can be run here");
  }
}
