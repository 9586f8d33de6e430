package dev.embryo.launcher.cli;

import dev.embryo.runtime.process.ThisProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;

/** The {@code embryo} command. */
public final class Main {
  private static final char REPLACED = '\uFFFD';

  private Main() {}

  /**
   * Runs the command and exits with its status.
   *
   * @param words what stands behind {@code embryo} on the command line
   */
  public static void main(String[] words) {
    int status = execute(words);
    System.out.flush();
    System.err.flush();
    if (words.length > 0 && words[0].equals(Run.COMMAND)) {
      ThisProcess.end(status);
    }
    System.exit(status);
  }

  /** Whatever is thrown, the status is one of ours: the JVM's own for it, 1, would be taken for the program's. */
  private static int execute(String... words) {
    var err = new PrintWriter(System.err, true);
    try {
      requireText(words);
      Optional<Run> run = Run.plainly(words);
      return run.isPresent() ? run.get().execute(err) : answer(words, err);
    } catch (Exception failure) {
      return Report.failure(failure, err);
    } catch (Error broken) { // of the JVM, or of an installation in which there may be nothing to end the process with
      int status = Report.failure(broken, err);
      System.exit(status);
      return status;
    }
  }

  /** An answer that has not arrived whole, such as half a policy on a full disk, must not be taken for one. */
  private static int answer(String[] words, PrintWriter err) {
    var output = Output.take();
    int status = EmbryoCommand.execute(words);
    var lack = output.lack();
    lack.ifPresent(err::println);
    return lack.isPresent() ? Status.LAUNCHER : status;
  }

  /** The JVM replaces bytes that it cannot read, and the program would get other arguments than were given. */
  private static void requireText(String... words) throws IOException {
    for (int i = 0; i < words.length; i++) {
      if (words[i].indexOf(REPLACED) >= 0) {
        throw new IOException("word " + (i + 1) + " of the command line is no text in this locale; run with LC_ALL=C.UTF-8,"
            + " and write it in UTF-8");
      }
    }
  }
}
