package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a hostile program does to every terminal that it reaches is not done to its user's. */
@Timeout(120)
class TerminalAttackTest {
  private static final ProbePolicy ON_TERMINAL = new ProbePolicy(Probe.PROGRAM, "/",
      List.of("stdin: {inherit: 0}", "stdout: {inherit: 1, rights: write}", "stderr: {inherit: 2}"), List.of());
  /** Settings, size and flags of the terminal before a command and after it, and what somebody has typed at it meanwhile. */
  private static final String LOOK = """
      before=$(stty -a; grep flags /proc/$$/fdinfo/0)
      "$@"
      [ "$before" = "$(stty -a; grep flags /proc/$$/fdinfo/0)" ] && echo same || echo changed
      stty -icanon min 0 time 0
      [ -z "$(dd bs=100 count=1 2>/dev/null)" ] && echo nothing typed || echo typed
      """;

  @TempDir Path directory;

  @BeforeAll
  static void need() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script(1) is not installed");
  }

  @Test
  void whateverAProgramDoesToItsTerminalsItsUsersIsAsItWas() throws Exception {
    assertThat(onTerminal(launcher(ON_TERMINAL, "spoil-terminals")))
        .containsExactly("ok 4", "same", "nothing typed"); // its own, by four descriptors: also by the name /dev/tty

    assertThat(onTerminal(List.of(Probe.PROGRAM.toString(), "spoil-terminals"))).contains("changed");
  }

  /** Where the program runs, both are armed already: nothing is waited for here. */
  @Test
  void theTwoProcessesThatKeepAProgramCompanyAreWithoutPrivilegesAndUnderAFilter() throws Exception {
    var process = start(launcher(ON_TERMINAL, "hang"));
    List<ProcessHandle> all = List.of();
    try (var output = process.inputReader()) {
      assertThat(output.readLine()).contains("ready");
      all = process.descendants().toList();
      var company = all.stream().filter(each -> status(each, "Name").equals("embryo-job")).toList();
      assertThat(company).hasSize(2).allSatisfy(each -> {
        assertThat(status(each, "Seccomp")).as("seccomp").isEqualTo("2");
        assertThat(status(each, "NoNewPrivs")).as("no_new_privs").isEqualTo("1");
        assertThat(status(each, "CapEff")).as("capabilities").isEqualTo("0000000000000000");
        assertThat(status(each, "Uid")).as("user").doesNotContain("\t0");
        assertThat(Files.getAttribute(Path.of("/proc", Long.toString(each.pid()), "mem"), "unix:uid"))
            .as("who may trace it").isEqualTo(0);
      });
    } finally {
      process.destroy(); // the terminal hangs up
      process.waitFor();
    }
    for (ProcessHandle each : all) {
      each.onExit().get(30, TimeUnit.SECONDS);
    }
  }

  private static String status(ProcessHandle process, String key) {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      return lines.filter(line -> line.startsWith(key + ":")).findFirst().orElse(":").split(":", 2)[1].strip();
    } catch (IOException ended) {
      return "";
    }
  }

  /** Each line that a command prints on a terminal which script(1) makes, and at which nobody types. */
  private List<String> onTerminal(List<String> command) throws IOException, InterruptedException {
    var process = start(command);
    try (var output = process.inputReader()) {
      return output.lines().map(String::strip).toList();
    } finally {
      process.waitFor();
    }
  }

  private Process start(List<String> command) throws IOException {
    var look = Files.writeString(directory.resolve("look"), LOOK);
    String line = Stream.concat(Stream.of("sh", look.toString()), command.stream()).map(word -> '\'' + word + '\'')
        .collect(Collectors.joining(" "));
    return new ProcessBuilder("script", "--quiet", "--return", "--command", line, "/dev/null")
        .redirectErrorStream(true).start(); // whose input stays open: its end would be typed
  }

  /** The command of a JVM that launches the probe on its own terminal. */
  private List<String> launcher(ProbePolicy policy, String... act) throws IOException {
    Path file = Files.writeString(directory.resolve("policy.yaml"), policy.text(List.of(act)));
    return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "-cp", System.getProperty("java.class.path"), LaunchingMain.class.getName(), file.toString(), "inherit");
  }
}
