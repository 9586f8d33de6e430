package dev.embryo.launcher.cli;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.Stdio;
import dev.embryo.policy.model.Pipe;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.model.SystemCallRules.OnDenied;
import dev.embryo.policy.parse.PolicyTemplate;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code embryo run} does: one launch of a policy's program, in the place of the launcher.
 *
 * @param policy the policy's file, or a program
 * @param configuration the program's configuration, as cloudabi-run takes it
 * @param settings what the launch adds to it
 * @param attest whether the process is compared with what was compiled, before the program begins
 */
record Run(Path policy, Optional<Path> configuration, Settings settings, boolean attest) {
  static final String COMMAND = "run";
  private static final int SIGSYS = 31;

  /** A launch as the policy has it. */
  Run(Path policy) {
    this(policy, Optional.empty(), Settings.NONE, false);
  }

  /**
   * The launch that a command line asks for in the simplest form, {@code run POLICY}. That is what scripts write, and to
   * understand it takes no parser of command lines, which takes longer to begin than all the rest of a launch. Whatever is
   * longer, or may be an option, is for {@link RunCommand}.
   */
  static Optional<Run> plainly(String... words) {
    return words.length == 2 && words[0].equals(COMMAND) && !words[1].isEmpty() && words[1].charAt(0) != '-'
        ? Optional.of(new Run(Path.of(words[1]))) : Optional.empty();
  }

  /** The policy of such a file, or of such a program with its configuration. */
  static PolicyTemplate load(Path policy, Optional<Path> configuration) throws IOException {
    return configuration.isPresent() ? Policies.loadCloudabi(configuration.get(), policy) : Policies.load(policy);
  }

  /**
   * Launches, waits for the end, and returns the exit status.
   *
   * @param err for what has to be said of the program
   */
  int execute(PrintWriter err) throws IOException, InterruptedException {
    var signals = SignalRelay.begin();
    var headStart = HeadStart.begin();
    var loaded = load(policy, configuration);
    var sandbox = settings.applyTo(Sandbox.builder().policy(loaded)).stdio(Stdio.INHERIT).attest(attest).build();
    requireNoPipes(sandbox.compiled().policy());
    headStart.await();
    try (var process = sandbox.launch()) {
      if (sandbox.compiled().policy().systemCalls().onDenied() == OnDenied.EXPLAIN) {
        process.onDenial(denial -> reportDenial(denial.toString(), err));
      }
      signals.deliverTo(process);
      var status = process.exitStatus();
      if (process.endedByWallTime()) {
        reportWallTime(loaded, err);
      }
      if (process.endedByMemoryLimit()) {
        reportMemory(loaded, err);
      }
      if (process.unlistedDenials() > 0) {
        reportDenial(process.unlistedDenials() + " more calls, which are not listed", err);
      }
      if (status.signal() == SIGSYS) {
        reportKill(sandbox.compiled().policy(), err);
      }
      return status.shellStatus();
    }
  }

  /** Nobody would be at the other end. */
  private static void requireNoPipes(Policy policy) throws PolicyException {
    for (var capability : policy.capabilities().values()) {
      if (capability instanceof Pipe pipe) {
        throw new PolicyException(List.of(Problem.with("capabilities." + pipe.name(), pipe.position(),
            "is a pipe to whoever launches this by the library; here, write {inherit: N} and give the command a descriptor N")));
      }
    }
  }

  private static void reportDenial(String what, PrintWriter err) {
    err.println("embryo: denied: " + what);
    err.flush();
  }

  /** The kernel tells nobody which call it was. */
  private static void reportKill(Policy policy, PrintWriter err) {
    String key = "system-calls.on-denied";
    err.println(policy.systemCalls().onDenied() == OnDenied.KILL
        ? Problem.with(key, policy.places().at(key), "the program was killed by SIGSYS, at a system call that it may not make;"
            + " write 'explain' in the place of 'kill', and it is said which")
        : "embryo: the program was killed by SIGSYS: it made a system call of another architecture, or sent itself that signal");
  }

  private static void reportWallTime(PolicyTemplate loaded, PrintWriter err) {
    String key = "limits.wall-time";
    err.println(Problem.with(key, loaded.places().at(key), "the time is up, and the program was killed"));
  }

  private static void reportMemory(PolicyTemplate loaded, PrintWriter err) {
    String key = "limits.memory";
    err.println(Problem.with(key, loaded.places().at(key), "the sandbox needed more, and the program was killed"));
  }
}
