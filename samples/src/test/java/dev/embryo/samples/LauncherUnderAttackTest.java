package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a launcher has, and how it ends, is not the program's. The launchers here are JVMs of their own. */
@Timeout(120)
class LauncherUnderAttackTest {
  private static final int DESCRIPTORS = 500;

  @TempDir Path directory;

  @Test
  void descriptorsThatTheLauncherHoldsWithoutCloseOnExecAreNotThePrograms() throws Exception {
    Outcome inside = Probe.outside(holding(launcher(ProbePolicy.LEAST, "descriptors")));
    assertThat(inside.output()).isEqualTo("ok 0 1 2\n");

    // The contrast: what an ordinary child of such a process sees.
    Outcome outside = Probe.outside(holding(List.of(Probe.PROGRAM.toString(), "descriptors")));
    assertThat(outside.output()).contains("(a directory!)");
    assertThat(outside.output().split(" ")).hasSizeGreaterThan(DESCRIPTORS);
  }

  @Test
  void aDirectoryOnAStandardStreamOfTheLauncherIsNotHandedOver() throws Exception {
    var policy = ProbePolicy.LEAST.capability("stdin: {inherit: 0, rights: read}");
    String fromRoot = "exec \"$@\" < /";

    var inside = joined(List.of("sh", "-c", fromRoot, "sh"), inheriting(launcher(policy, "list-descriptor", "0")));
    assertThat(Probe.run(inside).output()).isEqualTo(
        "capability 'stdin': descriptor 0 of the launcher is a directory, from which a program reaches all that is above"
            + " and below it; grant the directory itself instead, with 'directory:' and 'mount:'\n");

    var outside = List.of("sh", "-c", fromRoot, "sh", Probe.PROGRAM.toString(), "list-descriptor", "0");
    assertThat(Probe.run(outside).answer()).isEqualTo("ok");
  }

  @Test
  void aTerminalIsReplacedByANewOneAndItsUserIsNot() throws Exception {
    var policy = ProbePolicy.LEAST.capability("stdin: {inherit: 0, rights: read}");
    assumeTrue(runOnTerminal(List.of("true")).done(), "there is no script(1) to make a terminal");

    assertThat(runOnTerminal(inheriting(launcher(policy, "tiocsti"))).answer()).isEqualTo("EPERM");
    assertThat(runOnTerminal(inheriting(launcher(policy, "tiocsctty"))).answer()).isEqualTo("EPERM");

    assertThat(runOnTerminal(inheriting(launcher(policy, "state"))).output()).as("its own").contains("terminal=1");
    assertThat(runOnTerminal(inheriting(launcher(policy, "terminal-size", "0"))).answer()).isEqualTo("ok");
    assertThat(runOnTerminal(List.of(Probe.PROGRAM.toString(), "state")).output()).contains("terminal=1");
  }

  @Test
  void aLauncherThatIsKilledTakesItsSandboxesAlong() throws Exception {
    var launcher = new ProcessBuilder(launcher(ProbePolicy.SPAWNING, "orphans", "3", "hang"))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    List<ProcessHandle> all;
    try (BufferedReader output = launcher.inputReader()) {
      assertThat(output.readLine()).isEqualTo("ready");
      all = launcher.descendants().toList();
      assertThat(all).as("zygote, init, the program and its three children").hasSizeGreaterThanOrEqualTo(6);
    } finally {
      launcher.destroyForcibly().waitFor();
    }

    for (ProcessHandle process : all) {
      process.onExit().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void whatTheProgramStartedEndsWithTheProgram() throws Exception {
    var launcher = new ProcessBuilder(launcher(ProbePolicy.SPAWNING, "orphans", "3")).start();
    var output = new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    // The orphans hold the output open: that it ended says that they did.
    assertThat(output).isEqualTo("ok\n");
    assertThat(launcher.waitFor()).isZero();
  }

  @Test
  void aSetUserIdProgramGainsNothing() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can make a set-user-ID program of root's here");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path program = Files.copy(Probe.PROGRAM, directory.resolve("setuid"));
    Outcome made = Probe.run(List.of("chmod", "6755", program.toString()));
    assertThat(made.answer()).isEqualTo("ok");

    Outcome inside = Probe.inside(ProbePolicy.LEAST.program(program), "ids");

    assertThat(inside.output()).startsWith("ok uid ").doesNotContain(" 0 ");
    Outcome outside = Probe.run(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program.toString(), "ids"));
    assumeTrue(outside.output().startsWith("ok uid 65534 0 0 "), "set-user-ID bits have no effect in this directory");
  }

  @Test
  void itBeginsAlikeWhateverItsLauncherHasSet() throws Exception {
    var setting = List.of("sh", "-c", "umask 0 && exec setarch --addr-no-randomize \"$@\"", "sh");
    var outside = Probe.run(joined(setting, List.of(Probe.PROGRAM.toString(), "state")));
    assumeTrue(outside.output().contains(" personality=0x40000 "), "there is no setarch(8) that may switch randomisation off");

    assertThat(Probe.run(joined(setting, launcher(ProbePolicy.LEAST, "state"))).output()).contains(" personality=0 ");
    assertThat(Probe.run(joined(setting, launcher(ProbePolicy.LEAST, "umask"))).output()).isEqualTo("ok 077\n");
    assertThat(Probe.run(joined(setting, List.of(Probe.PROGRAM.toString(), "umask"))).output()).isEqualTo("ok 000\n");
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  @Test
  void theProgramHasNoPrivilegeAndNoWayBackToIt() throws Exception {
    assertThat(Probe.inside(ProbePolicy.LEAST, "state").output())
        .contains("no-new-privs=1", "seccomp=2", "caps=0/0/0", "bounding=0", "securebits=0xef", "leader=1", "terminal=0")
        .doesNotContain("blocked=", "not-default=");
    assertThat(Probe.inside(ProbePolicy.LEAST, "ids").output()).doesNotContain(" 0 ");
    assertThat(Probe.inside(ProbePolicy.LEAST, "environment").output()).isEqualTo("ok\n");
  }

  /** A process that is not dumpable can be traced, and its memory opened, by root alone: so says the owner of its files. */
  @Test
  void initIsNotDumpable() throws Exception {
    try (var process = hanging(ProbePolicy.LEAST)) {
      assertThat(Files.getAttribute(memory(companion("embryo-init")), "unix:uid")).isEqualTo(0);
      assertThat(Files.getAttribute(memory(process.pid()), "unix:uid")).as("the program is dumpable").isNotEqualTo(0);
    }
  }

  /** It executes nothing, which would take capabilities away by itself. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      embryo-init  | pid: private
      embryo-guard | pid: shared
      """)
  void whatKeepsTheProgramCompanyHasNoPrivilege(String name, String isolation) throws Exception {
    try (var process = hanging(ProbePolicy.LEAST.section("isolation: {%s}".formatted(isolation)))) {
      assertThat(Files.readAllLines(Path.of("/proc", Long.toString(companion(name)), "status")))
          .contains("CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
              "CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2")
          .noneMatch(line -> line.matches("[UG]id:.*\\b0\\b.*"));
    }
  }

  private static SandboxedProcess hanging(ProbePolicy policy) throws IOException {
    var process = Sandbox.builder().policy(Policies.parse(policy.text(List.of("hang")), Path.of("/"))).build().launch();
    assertThat(process.inputReader().readLine()).isEqualTo("ready");
    return process;
  }

  private static long companion(String name) {
    return ProcessHandle.current().children().mapToLong(ProcessHandle::pid)
        .filter(pid -> isCalled(name, pid)).findFirst().orElseThrow();
  }

  private static Path memory(long pid) {
    return Path.of("/proc", Long.toString(pid), "mem");
  }

  private static boolean isCalled(String name, long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "comm")).strip().equals(name);
    } catch (IOException ended) {
      return false;
    }
  }

  /** The same with its own standard streams handed over. */
  private static List<String> inheriting(List<String> launcher) {
    return joined(launcher, List.of("inherit"));
  }

  /** A command with a terminal of its own as its standard streams, and its exit status. */
  private static List<String> onTerminal(List<String> command) {
    String line = command.stream().map(word -> '\'' + word + '\'').collect(Collectors.joining(" "));
    return List.of("script", "--quiet", "--return", "--command", line, "/dev/null");
  }

  /** Whose input stays open: its end would be typed. */
  private static Outcome runOnTerminal(List<String> command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(onTerminal(command)).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Outcome.of(process.waitFor(), output);
  }

  /** The act of a parent that leaves files and directories open, without close-on-exec, to a command. */
  private static List<String> holding(List<String> command) {
    return joined(List.of("leave-open", Integer.toString(DESCRIPTORS)), command);
  }

  /** The command of a JVM that launches the probe and passes its output on. */
  private List<String> launcher(ProbePolicy policy, String... act) throws IOException {
    Path file = Files.writeString(directory.resolve("policy.yaml"), policy.text(List.of(act)));
    return Stream.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-cp", System.getProperty("java.class.path"),
            LaunchingMain.class.getName(), file.toString())
        .toList();
  }
}
