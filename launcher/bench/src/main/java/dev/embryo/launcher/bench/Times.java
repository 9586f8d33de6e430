package dev.embryo.launcher.bench;

import java.util.Arrays;

/** Measured values of one kind, of which the middle counts. Immutable. */
final class Times {
  private final double[] ascending;

  /** At least one value. */
  Times(double[] values) {
    ascending = values.clone();
    Arrays.sort(ascending);
  }

  /** Times in microseconds, from nanoseconds. */
  static Times ofNanos(long[] nanos) {
    return new Times(Arrays.stream(nanos).mapToDouble(n -> n / 1e3).toArray());
  }

  /** The value that the given part of all values, 0 to 1, does not exceed. */
  double quantile(double part) {
    return ascending[(int) Math.max(0, Math.ceil(part * ascending.length) - 1)];
  }

  double median() {
    return quantile(0.5);
  }
}
