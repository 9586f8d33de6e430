package dev.embryo.launcher.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The table that a person reads and the JSON that a program reads, of the same figures. Used by one thread. */
final class Report {
  private static final double TENTHS_BELOW = 100;

  private record Line(Row row, Outcome outcome) {}

  private final Machine machine;
  private final Options options;
  private final List<Line> lines = new ArrayList<>();

  Report(Machine machine, Options options) {
    this.machine = machine;
    this.options = options;
  }

  /** Prints what was measured and how. */
  void printHeader(PrintStream out) {
    out.println(machine);
    machine.warning().ifPresent(warning -> out.println("WARNING: " + warning));
    out.println("/bin/true with three pipes, from the call that starts it until its exit status is known; alternating,");
    out.println("medians of " + options.launches() + " after " + options.warmUp()
        + " untimed; times in microseconds; ratio = ours p50 / theirs p50");
    out.println();
    out.printf(Locale.ROOT, "%-13s %9s %9s %11s %11s %7s %10s  %s%n",
        "row", "ours p50", "ours p90", "theirs p50", "theirs p90", "ratio", "reach", "");
  }

  /** Takes a row's outcome, and prints it. */
  void add(Row row, Outcome outcome, PrintStream out) {
    lines.add(new Line(row, outcome));
    var figures = outcome.figures();
    if (outcome.figure().isPresent()) {
      double figure = outcome.figure().getAsDouble();
      String reached = row.reach() == Reach.NONE ? "" : row.reach().reachedBy(figure) ? "reached" : "not reached";
      out.printf(Locale.ROOT, "%-13s %9s %9s %11s %11s %7s %10s  %s%n", row.name(),
          micros(figures.get("ours p50")), micros(figures.get("ours p90")), micros(figures.get("theirs p50")),
          micros(figures.get("theirs p90")), outcome.ratio().isPresent() ? number(figure) : "", row.reach(), reached);
    } else {
      out.printf(Locale.ROOT, "%-13s%n", row.name());
      if (!figures.isEmpty()) {
        var texts = figures.entrySet().stream().map(e -> e.getKey() + ' ' + Math.round(e.getValue())).toList();
        out.println("              " + String.join(", ", texts));
      }
    }
    out.println("              " + row.what() + (row.against().isEmpty() ? "" : " / " + row.against()));
    if (!outcome.note().isEmpty()) {
      out.println("              " + outcome.note());
    }
  }

  private static String micros(@Nullable Double figure) {
    return figure == null ? "" : String.format(Locale.ROOT, figure < TENTHS_BELOW ? "%.1f" : "%.0f", figure);
  }

  /** True if a check failed. */
  boolean hasFailed() {
    return lines.stream().anyMatch(line -> line.outcome().failed());
  }

  String json() {
    var rows = new ArrayList<String>();
    for (Line line : lines) {
      rows.add("    " + json(line));
    }
    return "{\n  \"machine\": " + json(machine) + ",\n  \"launches\": " + options.launches() + ",\n  \"warm-up\": "
        + options.warmUp() + ",\n  \"rows\": [\n" + String.join(",\n", rows) + "\n  ]\n}\n";
  }

  private static String json(Machine machine) {
    return "{\"kernel\": " + quoted(machine.kernel()) + ", \"processors\": " + machine.processors()
        + ", \"jvm\": " + quoted(machine.jvm()) + ", \"user\": " + quoted(machine.user())
        + ", \"load\": " + number(machine.load()) + '}';
  }

  private static String json(Line line) {
    var row = line.row();
    var outcome = line.outcome();
    var members = new ArrayList<String>();
    members.add("\"name\": " + quoted(row.name()));
    members.add("\"what\": " + quoted(row.what()));
    members.add("\"against\": " + quoted(row.against()));
    members.add("\"reach\": " + (row.reach() == Reach.NONE ? "null" : quoted(row.reach().toString())));
    members.add("\"ratio\": " + (outcome.ratio().isPresent() ? number(outcome.ratio().getAsDouble()) : "null"));
    members.add("\"failed\": " + outcome.failed());
    members.add("\"note\": " + quoted(outcome.note()));
    members.add("\"figures\": {" + String.join(", ", outcome.figures().entrySet().stream()
        .map(Report::member).toList()) + '}');
    return '{' + String.join(", ", members) + '}';
  }

  private static String member(Map.Entry<String, Double> figure) {
    return quoted(figure.getKey()) + ": " + number(figure.getValue());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
