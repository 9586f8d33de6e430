package dev.embryo.launcher.bench;

import java.util.Locale;

/**
 * The ratio to reach.
 *
 * @param bound the ratio, 0 if there is none
 * @param most true if less is better
 */
record Reach(double bound, boolean most) {
  /** For information only. */
  static final Reach NONE = new Reach(0, true);

  static Reach atMost(double bound) {
    return new Reach(bound, true);
  }

  static Reach atLeast(double bound) {
    return new Reach(bound, false);
  }

  boolean reachedBy(double ratio) {
    return most ? ratio <= bound : ratio >= bound;
  }

  /** {@code <= 0.85}, or nothing. */
  @Override
  public String toString() {
    return bound == 0 ? "" : String.format(Locale.ROOT, "%s %.2f", most ? "<=" : ">=", bound);
  }
}
