package dev.embryo.samples;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A table in a text block: a row a line, its cells between bars, comments behind '#', '-' for an empty cell. */
final class Table {
  private Table() {}

  static Stream<List<String>> rows(String text) {
    return text.lines().filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> Arrays.stream(line.split("\\|", -1)).map(String::strip).map(cell -> cell.equals("-") ? "" : cell).toList());
  }
}
