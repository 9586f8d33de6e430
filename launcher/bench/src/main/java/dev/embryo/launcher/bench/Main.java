package dev.embryo.launcher.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.Arrays;

/** The {@code embryo-bench} command. */
public final class Main {
  private static final int WRONG_USAGE = 2;

  private Main() {}

  /**
   * Measures and exits: 0, also when a time is not reached; 1 if a check or a launch failed; 2 on wrong usage.
   *
   * @param arguments see {@link Options#USAGE}
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    System.exit(run(System.out, System.err, arguments));
  }

  static int run(PrintStream out, PrintStream err, String... arguments) throws IOException, InterruptedException {
    if (Arrays.asList(arguments).contains("--help")) {
      out.print(Options.USAGE);
      return 0;
    }
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException wrong) {
      err.println("embryo-bench: " + wrong.getMessage());
      err.print(Options.USAGE);
      return WRONG_USAGE;
    }
    var report = new Report(Machine.current(), options);
    report.printHeader(out);
    for (Row row : options.rows()) {
      report.add(row, row.measure(options), out);
    }
    Files.writeString(options.json(), report.json());
    out.println();
    out.println("as JSON: " + options.json());
    return report.hasFailed() ? 1 : 0;
  }
}
