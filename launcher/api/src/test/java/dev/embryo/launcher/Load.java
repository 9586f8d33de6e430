package dev.embryo.launcher;

import java.util.Arrays;
import java.util.Locale;

/** How much a test of load does: little where the whole suite runs, all with {@code -Dembryo.test.load=full}. */
final class Load {
  private static final boolean FULL = "full".equals(System.getProperty("embryo.test.load"));

  private Load() {}

  static int of(int little, int all) {
    return FULL ? all : little;
  }

  /** Prints figures, of a full load only: they are for people, and no test depends on them. */
  static void figures(String format, Object... values) {
    if (FULL) {
      System.out.printf(Locale.ROOT, "load, as " + System.getProperty("user.name") + ": " + format + "%n", values);
    }
  }

  /** The median of some times, and the worst, such as {@code 0.80 ms (99 %: 1.20, worst: 4.00)}. */
  static String times(long[] nanos) {
    var sorted = nanos.clone();
    Arrays.sort(sorted);
    return String.format(Locale.ROOT, "%.2f ms (99 %%: %.2f, worst: %.2f)", millis(sorted[sorted.length / 2]),
        millis(sorted[sorted.length * 99 / 100]), millis(sorted[sorted.length - 1]));
  }

  static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }
}
