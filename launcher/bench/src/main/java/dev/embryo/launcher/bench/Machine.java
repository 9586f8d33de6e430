package dev.embryo.launcher.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the figures were taken.
 *
 * @param kernel its release
 * @param processors how many this JVM may use
 * @param jvm its version and vendor
 * @param user who launches
 * @param load the load average of the last minute
 */
record Machine(String kernel, int processors, String jvm, String user, double load) {
  private static final double QUIET = 0.25; // load per processor

  static Machine current() throws IOException {
    String average = Files.readString(Path.of("/proc/loadavg"));
    return new Machine(
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vm.name") + ' ' + System.getProperty("java.vm.version"),
        System.getProperty("user.name"),
        Double.parseDouble(average.substring(0, average.indexOf(' '))));
  }

  /** What makes the figures doubtful, if anything does. */
  Optional<String> warning() {
    return load <= QUIET * processors ? Optional.empty() : Optional.of(String.format(Locale.ROOT,
        "the load average is %.2f: something else runs here; absolute times are too high, ratios less so", load));
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Linux %s, %d processors, %s, user %s, load %.2f",
        kernel, processors, jvm, user, load);
  }
}
