package dev.embryo.launcher.cli;

import dev.embryo.runtime.process.ThisProcess;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * Does once what {@code embryo run} does, and ends as only a JVM can that writes an archive of its classes. The scripts in
 * {@code launcher/bin} run it where there is no archive yet.
 */
public final class Rehearsal {
  /** The two ends of a command, which a rehearsal has not got: named, they are loaded. */
  private static final List<Class<?>> ENDS = List.of(Main.class, ThisProcess.class);

  private Rehearsal() {}

  /**
   * Rehearses. Where nothing can be launched, the archive holds what it took to find that out.
   *
   * @param words the policy to launch under
   */
  public static void main(String[] words) {
    var err = new PrintWriter(System.err, true);
    try {
      new Run(Path.of(words[0])).execute(err);
    } catch (Exception failure) {
      Report.failure(failure, err);
    }
    System.exit(Status.OK);
  }
}
