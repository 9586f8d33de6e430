package dev.embryo.launcher.bench;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;

/**
 * What the command line asks for.
 *
 * @param rows which rows
 * @param launches timed launches of each side of a row
 * @param warmUp launches of each side before those
 * @param leakLaunches launches of the leak check
 * @param json where the JSON file goes
 */
record Options(List<Row> rows, int launches, int warmUp, int leakLaunches, Path json) {
  static final String USAGE = """
      usage: embryo-bench [--rows NAME,NAME...] [--launches N] [--quick] [--json FILE]

        --rows       only these rows: %s
        --launches   timed launches of each side, after as many untimed ones; 1000 unless said, 200 at least
                     for a figure worth quoting
        --quick      few launches: shows that everything works, its figures are worth little
        --json       where the figures go as JSON; embryo-bench.json in the temporary folder unless said
      """.formatted(String.join(", ", Row.ALL.stream().map(Row::name).toList()));

  private static final int LAUNCHES = 1000;
  private static final int LEAK_LAUNCHES = 10_000;
  private static final int QUICK_LAUNCHES = 50;
  private static final int QUICK_LEAK_LAUNCHES = 200;

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  static Options parse(String... arguments) {
    var options = new Options(Row.ALL, LAUNCHES, LAUNCHES, LEAK_LAUNCHES,
        Path.of(System.getProperty("java.io.tmpdir"), "embryo-bench.json"));
    var words = new ArrayDeque<>(Arrays.asList(arguments));
    while (!words.isEmpty()) {
      String word = words.remove();
      switch (word) {
        case "--rows" -> options = options.withRows(value(word, words));
        case "--launches" -> options = options.withLaunches(number(word, value(word, words)));
        case "--json" -> options = options.withJson(Path.of(value(word, words)));
        case "--quick" -> options = options.withLaunches(QUICK_LAUNCHES).withLeakLaunches(QUICK_LEAK_LAUNCHES);
        default -> throw new IllegalArgumentException("unknown option '" + word + "'");
      }
    }
    return options;
  }

  private Options withRows(String names) {
    var chosen = Arrays.stream(names.split(",", -1)).map(Options::row).toList();
    return new Options(chosen, launches, warmUp, leakLaunches, json);
  }

  private static Row row(String name) {
    return Row.ALL.stream().filter(row -> row.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no row is called '" + name + "'"));
  }

  private Options withLaunches(int number) {
    return new Options(rows, number, number, leakLaunches, json);
  }

  /** For a row whose launches take long. */
  Options withAtMost(int most, int untimed) {
    return new Options(rows, Math.min(launches, most), Math.min(warmUp, untimed), leakLaunches, json);
  }

  private Options withLeakLaunches(int number) {
    return new Options(rows, launches, warmUp, number, json);
  }

  private Options withJson(Path file) {
    return new Options(rows, launches, warmUp, leakLaunches, file);
  }

  private static String value(String option, ArrayDeque<String> words) {
    if (words.isEmpty()) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return words.remove();
  }

  private static int number(String option, String text) {
    if (!text.matches("[1-9][0-9]{0,6}")) {
      throw new IllegalArgumentException(option + " takes a number from 1 to 9999999, not '" + text + "'");
    }
    return Integer.parseInt(text);
  }
}
