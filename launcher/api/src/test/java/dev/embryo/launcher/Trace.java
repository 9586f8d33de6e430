package dev.embryo.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What {@code strace -f -X raw} wrote: the calls of each process, in the order in which they began. */
final class Trace {
  private static final Pattern LINE = Pattern.compile("(\\d+) +(.*)");
  private static final Pattern RESUMED = Pattern.compile("<\\.\\.\\. \\w+ resumed>(.*)");
  private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*?)(?:\\) += (-?\\w+)?.*)?", Pattern.DOTALL);
  private static final String UNFINISHED = "<unfinished ...>";

  /** A system call as it was made. */
  record Call(String name, List<String> arguments, String result) {}

  private Trace() {}

  /** The calls by pid. */
  static Map<Integer, List<Call>> read(Path file) throws IOException {
    var texts = new LinkedHashMap<Integer, List<String>>();
    var open = new HashMap<Integer, Boolean>();
    for (String line : Files.readAllLines(file)) {
      var parts = LINE.matcher(line);
      if (!parts.matches() || parts.group(2).startsWith("+++") || parts.group(2).startsWith("---")) {
        continue;
      }
      int pid = Integer.parseInt(parts.group(1));
      String text = parts.group(2);
      var calls = texts.computeIfAbsent(pid, key -> new ArrayList<>());
      var resumed = RESUMED.matcher(text);
      String tail = resumed.matches() ? resumed.group(1) : text;
      String whole = tail.replace(UNFINISHED, "");
      if (resumed.matches() && open.getOrDefault(pid, false)) {
        calls.set(calls.size() - 1, calls.get(calls.size() - 1) + whole);
      } else if (!resumed.matches()) {
        calls.add(whole);
      }
      open.put(pid, tail.contains(UNFINISHED));
    }
    var result = new LinkedHashMap<Integer, List<Call>>();
    texts.forEach((pid, lines) -> result.put(pid, lines.stream().map(Trace::call).toList()));
    return result;
  }

  private static Call call(String text) {
    var parts = CALL.matcher(text.strip());
    if (!parts.matches()) {
      throw new AssertionError("not a line of strace: " + text);
    }
    String result = parts.group(3);
    return new Call(parts.group(1), split(parts.group(2)), result == null ? "" : result);
  }

  /** Takes arguments apart at the commas outside of quotes and brackets. */
  static List<String> split(String arguments) {
    var parts = new ArrayList<String>();
    var part = new StringBuilder();
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < arguments.length(); i++) {
      char c = arguments.charAt(i);
      if (c == '"' && (i == 0 || arguments.charAt(i - 1) != '\\')) {
        quoted = !quoted;
      } else if (!quoted) {
        depth += "[{(".indexOf(c) >= 0 ? 1 : "]})".indexOf(c) >= 0 ? -1 : 0;
      }
      if (c == ',' && depth == 0 && !quoted) {
        parts.add(part.toString().strip());
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    if (!part.toString().isBlank()) {
      parts.add(part.toString().strip());
    }
    return parts;
  }
}
