package dev.embryo.launcher.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** A check, not a time: after many launches the JVM has the threads, descriptors and children that it had before. */
final class Leaks {
  private static final long SETTLING_NANOS = 10_000_000_000L; // threads of the JDK's own pools end when they are idle
  private static final long LOOK_AGAIN_MILLIS = 50;

  private Leaks() {}

  /** What the JVM holds. Its compiler and collector threads come and go as they like, and are none of it. */
  private record Holdings(int threads, long descriptors, long children) {
    static Holdings now() throws IOException {
      try (var open = Files.list(Path.of("/proc/self/fd"));
          var children = ProcessHandle.current().children()) {
        return new Holdings(Thread.getAllStackTraces().size(), open.count(), children.count());
      }
    }
  }

  static Outcome check(Subject subject, int launches) throws IOException, InterruptedException {
    try (var launcher = subject.open()) {
      Throughput.run(launcher, 2 * Throughput.IN_FLIGHT); // makes what is made once: the zygote, the reactor
      var before = settled(Holdings.now());
      Throughput.run(launcher, launches);
      var after = awaited(before);
      boolean equal = after.equals(before);
      return new Outcome(figures(before, after), OptionalDouble.empty(), !equal,
          (equal ? "equal after " : "NOT EQUAL after ") + launches + " launches, " + Throughput.IN_FLIGHT
              + " at a time, none failed");
    }
  }

  private static Map<String, Double> figures(Holdings before, Holdings after) {
    var figures = new LinkedHashMap<String, Double>();
    figures.put("threads before", (double) before.threads());
    figures.put("threads after", (double) after.threads());
    figures.put("descriptors before", (double) before.descriptors());
    figures.put("descriptors after", (double) after.descriptors());
    figures.put("children before", (double) before.children());
    figures.put("children after", (double) after.children());
    return figures;
  }

  /** The holdings when they have not changed for a while. */
  private static Holdings settled(Holdings first) throws IOException, InterruptedException {
    var last = first;
    long since = System.nanoTime();
    while (System.nanoTime() - since < SETTLING_NANOS / 10) {
      Thread.sleep(LOOK_AGAIN_MILLIS);
      var now = Holdings.now();
      if (!now.equals(last)) {
        last = now;
        since = System.nanoTime();
      }
    }
    return last;
  }

  /** The holdings as soon as they are what they were, or after a while. */
  private static Holdings awaited(Holdings before) throws IOException, InterruptedException {
    long start = System.nanoTime();
    var now = Holdings.now();
    while (!now.equals(before) && System.nanoTime() - start < SETTLING_NANOS) {
      Thread.sleep(LOOK_AGAIN_MILLIS);
      now = Holdings.now();
    }
    return now;
  }
}
