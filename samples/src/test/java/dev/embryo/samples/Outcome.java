package dev.embryo.samples;

import java.util.Arrays;
import java.util.Map;

/**
 * What became of an act of the probe.
 *
 * @param answer {@code ok}, the name of an errno, the name of the signal that ended it, or {@code exit N}
 * @param output all that it printed
 */
record Outcome(String answer, String output) {
  private static final int BY_SIGNAL = 128;
  private static final Map<Integer, String> SIGNALS =
      Map.of(4, "SIGILL", 6, "SIGABRT", 9, "SIGKILL", 11, "SIGSEGV", 24, "SIGXCPU", 25, "SIGXFSZ", 31, "SIGSYS");

  /**
   * @param status as a shell tells it: 128 and the number of the signal
   */
  static Outcome of(int status, String output) {
    return new Outcome(answer(status, output), output);
  }

  private static String answer(int status, String output) {
    if (status == 0) {
      return "ok";
    } else if (status == 1 && !output.isEmpty()) {
      return output.split("\\s", 2)[0];
    } else if (status > BY_SIGNAL) {
      return SIGNALS.getOrDefault(status - BY_SIGNAL, "signal " + (status - BY_SIGNAL));
    }
    return "exit " + status;
  }

  boolean done() {
    return answer.equals("ok");
  }

  /** Whether the answer is one of several, separated by slashes. */
  boolean isOneOf(String answers) {
    return Arrays.asList(answers.split("/")).contains(answer);
  }

  /** What the probe adds to its answer. */
  String detail() {
    return output.strip().replaceFirst("^\\S+\\s*", "");
  }
}
