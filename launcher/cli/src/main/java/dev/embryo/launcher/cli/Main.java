package dev.embryo.launcher.cli;

import dev.embryo.runtime.process.ThisProcess;
import java.io.PrintWriter;
import java.util.Optional;

/** The {@code embryo} command. */
public final class Main {
  private Main() {}

  /**
   * Runs the command and exits with its status.
   *
   * @param words what stands behind {@code embryo} on the command line
   */
  public static void main(String[] words) {
    Optional<Run> run = Run.plainly(words);
    int status = run.isPresent() ? execute(run.get()) : EmbryoCommand.execute(words);
    System.out.flush();
    System.err.flush();
    if (words.length > 0 && words[0].equals(Run.COMMAND)) {
      ThisProcess.end(status);
    }
    System.exit(status);
  }

  private static int execute(Run run) {
    var err = new PrintWriter(System.err, true);
    try {
      return run.execute(err);
    } catch (Exception failure) {
      return Report.failure(failure, err);
    }
  }
}
