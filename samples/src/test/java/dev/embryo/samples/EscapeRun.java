package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lines for the program {@code escape}, each with what has to become of it. Not thread-safe.
 *
 * <p>After a line that pauses, the host does something before the next.
 */
final class EscapeRun {
  private static final String GO = "go\n";

  private final List<String> script = new ArrayList<>();
  private final List<String> expected = new ArrayList<>();
  private final List<String> titles = new ArrayList<>();

  /** Adds a line that prepares others. */
  void prepare(String line) {
    add("preparation", line, "ok");
  }

  /**
   * Adds a line.
   *
   * @param answer "ok", what the program prints, or "*: ERRNO" whatever step it is at which it ends
   */
  void add(String title, String line, String answer) {
    titles.add(title);
    script.add(line);
    expected.add(answer);
  }

  /** Runs them all, and tells of those of which something else has become than what has to. */
  List<String> surprises(Process process, Probe.Meanwhile meanwhile) throws IOException, InterruptedException {
    try (var input = process.getOutputStream();
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      input.write((String.join("\n", script) + '\n' + GO).getBytes(StandardCharsets.UTF_8));
      input.flush();
      var surprises = new ArrayList<String>();
      int count = 0;
      for (String line; (line = output.readLine()) != null;) {
        if (line.equals("ready")) {
          meanwhile.happens();
          input.write('\n');
          input.flush();
        } else if (!isAsExpected(line, expected.get(count++))) {
          surprises.add("%n%s (%s): %s, not %s".formatted(
              titles.get(count - 1), script.get(count - 1), line, expected.get(count - 1)));
        }
      }
      assertThat(count).as("lines that were answered").isEqualTo(script.size());
      assertThat(process.waitFor()).isZero();
      return surprises;
    }
  }

  private static boolean isAsExpected(String answer, String expected) {
    if (!expected.startsWith(EscapeSetting.ANY_STEP)) {
      return expected.equals("ok") ? isDone(answer) : answer.equals(expected);
    }
    return Arrays.stream(expected.substring(EscapeSetting.ANY_STEP.length()).split("/"))
        .anyMatch(word -> word.equals("ok") ? isDone(answer) : answer.endsWith(": " + word));
  }

  private static boolean isDone(String answer) {
    return answer.equals("ok") || answer.startsWith("ok ");
  }
}
