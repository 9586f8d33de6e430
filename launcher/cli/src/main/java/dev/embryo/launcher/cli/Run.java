package dev.embryo.launcher.cli;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.Stdio;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code embryo run} does: one launch of a policy's program, in the place of the launcher.
 *
 * @param policy the policy's file
 * @param arguments to append to those of the policy
 */
record Run(Path policy, List<String> arguments) {
  static final String COMMAND = "run";

  /**
   * The launch that a command line asks for in the simplest form, {@code run POLICY}. That is what scripts write, and to
   * understand it takes no parser of command lines, which takes longer to begin than all the rest of a launch. Whatever is
   * longer, or may be an option, is for {@link RunCommand}.
   */
  static Optional<Run> plainly(String... words) {
    return words.length == 2 && words[0].equals(COMMAND) && !words[1].isEmpty() && words[1].charAt(0) != '-'
        ? Optional.of(new Run(Path.of(words[1]), List.of())) : Optional.empty();
  }

  /**
   * Launches, waits for the end, and returns the exit status.
   *
   * @param err for what has to be said when the program has ended
   */
  int execute(PrintWriter err) throws IOException, InterruptedException {
    var signals = SignalRelay.begin();
    var headStart = HeadStart.begin();
    var loaded = Policies.load(policy);
    refuseArguments(loaded);
    var sandbox = Sandbox.builder().policy(loaded).stdio(Stdio.INHERIT).build();
    headStart.await();
    try (var process = sandbox.launch()) {
      signals.deliverTo(process);
      int status = process.waitFor();
      if (process.endedByWallTime()) {
        reportWallTime(loaded, err);
      }
      return status;
    }
  }

  private static void reportWallTime(Policy loaded, PrintWriter err) {
    String key = "limits.wall-time";
    err.println(Problem.with(key, loaded.places().at(key), "the time is up, and the program was killed"));
  }

  /** What a program is told to do is authority, which only the policy gives. */
  private void refuseArguments(Policy loaded) throws PolicyException {
    if (!arguments.isEmpty()) {
      String key = "program.extra-arguments";
      throw new PolicyException(loaded.places().at(key), key
          + " is 'none': a launch may append no arguments, and this one has " + arguments);
    }
  }
}
