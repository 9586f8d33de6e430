package dev.embryo.launcher.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One line of the benchmark's table.
 *
 * @param name by which {@code --rows} chooses it
 * @param what is measured, ours
 * @param against theirs, or nothing
 * @param reach what to reach
 * @param measurement how it is measured
 */
record Row(String name, String what, String against, Reach reach, Measurement measurement) {
  private static final int HEAP_MEBIBYTES = 2048;
  private static final long ENOUGH_KIBIBYTES = 4 << 20;

  /** How a row is measured. */
  @FunctionalInterface
  interface Measurement {
    Outcome measure(Options options) throws IOException, InterruptedException;
  }

  /** All rows, in the order in which they are measured. */
  static final List<Row> ALL = List.of(
      row("cold", "launch + exit, full isolation, no network namespace", "ProcessBuilder (POSIX_SPAWN), same JVM",
          Reach.atMost(0.85), o -> Comparison.here(Subject.EMBRYO, Subject.PROCESS_BUILDER, o)),
      row("cold-vfork", "the same", "ProcessBuilder (VFORK), both in one JVM of that mode",
          Reach.NONE, Row::againstVfork),
      row("cold-network", "the same with a network namespace", "ProcessBuilder (POSIX_SPAWN), same JVM",
          Reach.atMost(1.2), o -> Comparison.here(Subject.EMBRYO_WITH_NETWORK_NAMESPACE, Subject.PROCESS_BUILDER, o)),
      row("bwrap", "full isolation with a network namespace", "bwrap --unshare-all, started by the same JVM",
          Reach.atMost(0.3), o -> Comparison.here(Subject.EMBRYO_WITH_NETWORK_NAMESPACE, Subject.BWRAP, o)),
      row("open", "embryo without isolation", "ProcessBuilder (POSIX_SPAWN), same JVM",
          Reach.NONE, o -> Comparison.here(Subject.EMBRYO_WITHOUT_ISOLATION, Subject.PROCESS_BUILDER, o)),
      row("attest", "launch + exit of an attested program", "without attestation",
          Reach.NONE, o -> Comparison.here(Subject.EMBRYO_ATTESTED, Subject.EMBRYO, o)),
      row("throughput", "launches per second, 16 in flight", "ProcessBuilder, 16 in flight",
          Reach.atLeast(1.3), o -> Throughput.compare(Subject.EMBRYO, Subject.PROCESS_BUILDER, o)),
      row("heap", "launch + exit with a 2 GiB touched heap", "itself with a small heap, another JVM",
          Reach.atMost(1.1), Row::withLargeHeap),
      row("compile", "a policy of a dozen lines, from its text to what a launch executes, warm JVM", "",
          Reach.withinMicros(1000), PolicyTimes::compiled),
      row("cached", "the same policy, compiled before", "",
          Reach.withinMicros(20), PolicyTimes::cached),
      row("call", "a thousand calls that are allowed (getppid), inside", "the same program outside",
          Reach.atMost(1.4), CallTimes::allowed),
      row("restricted", "a thousand reads on a restricted pipe, inside", "the same program outside",
          Reach.atMost(1.5), CallTimes::restricted),
      row("file", "a thousand files opened and closed in a granted directory, inside", "the same program outside",
          Reach.atMost(1.6), CallTimes::opened),
      row("command", "the command, unpacked from the tarball: embryo run", "java -version",
          Reach.atMost(5), InstalledCommand::compare),
      row("leaks", "threads, descriptors, children after launches", "before",
          Reach.NONE, o -> Leaks.check(Subject.EMBRYO, o.leakLaunches())));

  private static Row row(String name, String what, String against, Reach reach, Measurement measurement) {
    return new Row(name, what, against, reach, measurement);
  }

  /** Measures, and says what prevents it instead of failing the whole run. */
  Outcome measure(Options options) throws InterruptedException {
    try {
      return measurement.measure(options);
    } catch (IOException failure) {
      return Outcome.failed(String.valueOf(failure.getMessage()));
    }
  }

  private static Outcome againstVfork(Options options) throws IOException, InterruptedException {
    try (var jvm = Satellite.start(0, List.of("-Djdk.lang.Process.launchMechanism=VFORK"))) {
      return Comparison.alternate(
          jvm.launcher(Subject.EMBRYO), jvm.launcher(Subject.PROCESS_BUILDER), options);
    }
  }

  private static Outcome withLargeHeap(Options options) throws IOException, InterruptedException {
    if (availableKibibytes() < ENOUGH_KIBIBYTES) {
      return Outcome.skipped("less than " + (ENOUGH_KIBIBYTES >> 20) + " GiB of memory are available");
    }
    try (var large = Satellite.start(HEAP_MEBIBYTES, List.of("-Xms3g", "-Xmx3g"));
        var small = Satellite.start(0, List.of("-Xmx64m"))) {
      return Comparison.alternate(large.launcher(Subject.EMBRYO), small.launcher(Subject.EMBRYO), options);
    }
  }

  private static long availableKibibytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemAvailable:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return 0;
  }
}
