package dev.embryo.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What a launch could leave behind in this JVM; not the archives of classes, which it opens when it first looks into them. */
record Holdings(long descriptors, long threads, long children, long mounts) {
  static Holdings now() throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd")); var mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return new Holdings(descriptors.filter(descriptor -> !isArchive(descriptor)).count(),
          Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("embryo")).count(),
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

  /** Whether no kind is more than there: what was about to be given back when one looked is no leak. */
  boolean atMost(Holdings other) {
    return descriptors <= other.descriptors && threads <= other.threads && children <= other.children && mounts <= other.mounts;
  }

  /** Looks until it is no more than that, for a while. */
  static Holdings eventuallyAtMost(Holdings bound) throws IOException {
    return eventually(found -> found.atMost(bound));
  }

  /** Looks until it is that, for a while: what ends after a program is announced to nobody. */
  static Holdings eventually(Holdings expected) throws IOException {
    return eventually(expected::equals);
  }

  static Holdings eventually(Predicate<Holdings> condition) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    var found = now();
    while (!condition.test(found) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      found = now();
    }
    return found;
  }
}
