package dev.embryo.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What launches could leave in this JVM: open descriptors but for its archives of classes, child processes, mounts. */
record Leftovers(long descriptors, long children, long mounts) {
  static Leftovers now() throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd")); var mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return new Leftovers(descriptors.filter(descriptor -> !isArchive(descriptor)).count(),
          ProcessHandle.current().children().count(), mounts.count());
    }
  }

  private static boolean isArchive(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().endsWith(".jar");
    } catch (IOException closedMeanwhile) {
      return false;
    }
  }

  boolean atMost(Leftovers other) {
    return descriptors <= other.descriptors && children <= other.children && mounts <= other.mounts;
  }

  /** Looks until there is no more than that, for a while: what ends after a program is announced to nobody. */
  static Leftovers eventuallyAtMost(Leftovers bound) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    var found = now();
    while (!found.atMost(bound) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      found = now();
    }
    return found;
  }
}
