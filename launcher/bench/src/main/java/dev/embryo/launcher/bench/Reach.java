package dev.embryo.launcher.bench;

import java.util.Locale;

/**
 * What to reach: a ratio of medians or, where there is nothing to compare with, a median.
 *
 * @param bound the ratio, or the time in microseconds; 0 if there is none
 * @param most true if less is better
 * @param time true if it is a time
 */
record Reach(double bound, boolean most, boolean time) {
  /** For information only. */
  static final Reach NONE = new Reach(0, true, false);

  static Reach atMost(double bound) {
    return new Reach(bound, true, false);
  }

  static Reach atLeast(double bound) {
    return new Reach(bound, false, false);
  }

  static Reach withinMicros(double bound) {
    return new Reach(bound, true, true);
  }

  boolean reachedBy(double figure) {
    return most ? figure <= bound : figure >= bound;
  }

  /** {@code <= 0.85}, {@code <= 20 us}, or nothing. */
  @Override
  public String toString() {
    if (bound == 0) {
      return "";
    }
    return String.format(Locale.ROOT, time ? "%s %.0f us" : "%s %.2f", most ? "<=" : ">=", bound);
  }
}
