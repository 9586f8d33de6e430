package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.runtime.host.Host;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.opentest4j.TestAbortedException;

/** Runs the hostile probe, in a sandbox and, to show that its act is possible at all, outside of any. */
final class Probe {
  static final Path PROGRAM = Path.of("target", "hostile", "probe").toAbsolutePath();

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Probe() {}

  /** The probe's act under a policy. */
  static Outcome inside(ProbePolicy policy, List<String> act) throws IOException, InterruptedException {
    try (var process = launch(policy, act)) {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Outcome.of(process.waitFor(), output);
    }
  }

  private static SandboxedProcess launch(ProbePolicy policy, List<String> act) throws IOException {
    var process = built(policy, act).launch();
    process.killAfter(PATIENCE);
    return process;
  }

  /** Skips the rest of a test whose policy the Landlock of this kernel is too old to hold, and which is refused for that. */
  private static Sandbox built(ProbePolicy policy, List<String> act) throws IOException {
    try {
      return Sandbox.builder().policy(Policies.parse(policy.text(act), Path.of("/"))).build();
    } catch (PolicyException refused) {
      if (String.valueOf(refused.getMessage()).contains(": it takes Landlock ABI ")) {
        throw new TestAbortedException(refused.getMessage());
      }
      throw refused;
    }
  }

  /** Whether Landlock sees truncation here; before, the filter refuses the call without namespaces. */
  static boolean landlockSeesTruncation() throws IOException {
    return Host.current().landlockAbi() >= 3;
  }

  /** Something that the host does while a program runs. */
  interface Meanwhile {
    void happens() throws IOException, InterruptedException;
  }

  /** The probe's act after something has happened on the host while it ran. */
  static Outcome insideAfter(Meanwhile meanwhile, ProbePolicy policy, String... act)
      throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("later"));
    words.addAll(List.of(act));
    var waiting = policy.capability("stdin: {inherit: 0, rights: read}");
    try (var process = launch(waiting, words);
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(output.readLine()).isEqualTo("ready");
      meanwhile.happens();
      process.getOutputStream().write('\n');
      String answer = output.lines().collect(Collectors.joining("\n"));
      return Outcome.of(process.waitFor(), answer);
    }
  }

  static Outcome inside(ProbePolicy policy, String... act) throws IOException, InterruptedException {
    return inside(policy, List.of(act));
  }

  /** The same without a sandbox, by the user of this JVM. */
  static Outcome outside(List<String> act) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(PROGRAM.toString()));
    command.addAll(act);
    return run(command);
  }

  static Outcome outside(String... act) throws IOException, InterruptedException {
    return outside(List.of(act));
  }

  /** A command that root gives to another user; an ordinary user has nobody but itself. */
  static List<String> asUser(int user, String... command) {
    var words = new ArrayList<String>();
    if (System.getProperty("user.name").equals("root")) {
      words.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
    }
    words.addAll(List.of(command));
    return words;
  }

  /** Any command. */
  static Outcome run(List<String> command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Outcome.of(process.waitFor(), output);
  }

  /**
   * Skips the rest of a test whose act is impossible without a sandbox, too: there, a refusal proves little. The refusal
   * itself has been asserted before.
   */
  static void assumePossible(List<String> act) throws IOException, InterruptedException {
    Outcome contrast = outside(act);
    if (!contrast.done()) {
      throw new TestAbortedException("'" + String.join(" ", act)
          + "' was refused, but it cannot be done without a sandbox either: " + contrast.answer());
    }
  }

  static void assumePossible(String... act) throws IOException, InterruptedException {
    assumePossible(List.of(act));
  }

  static void assertAnswer(Outcome outcome, String answers) {
    assertThat(outcome).as("answer, which should be one of %s", answers).matches(seen -> seen.isOneOf(answers));
  }
}
