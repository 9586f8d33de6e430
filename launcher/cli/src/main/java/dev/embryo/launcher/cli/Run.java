package dev.embryo.launcher.cli;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.Stdio;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.parse.PolicyTemplate;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code embryo run} does: one launch of a policy's program, in the place of the launcher.
 *
 * @param policy the policy's file
 * @param settings what the launch adds to it
 */
record Run(Path policy, Settings settings) {
  static final String COMMAND = "run";

  /**
   * The launch that a command line asks for in the simplest form, {@code run POLICY}. That is what scripts write, and to
   * understand it takes no parser of command lines, which takes longer to begin than all the rest of a launch. Whatever is
   * longer, or may be an option, is for {@link RunCommand}.
   */
  static Optional<Run> plainly(String... words) {
    return words.length == 2 && words[0].equals(COMMAND) && !words[1].isEmpty() && words[1].charAt(0) != '-'
        ? Optional.of(new Run(Path.of(words[1]), Settings.NONE)) : Optional.empty();
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
    var sandbox = settings.applyTo(Sandbox.builder().policy(loaded)).stdio(Stdio.INHERIT).build();
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

  private static void reportWallTime(PolicyTemplate loaded, PrintWriter err) {
    String key = "limits.wall-time";
    err.println(Problem.with(key, loaded.places().at(key), "the time is up, and the program was killed"));
  }

}
