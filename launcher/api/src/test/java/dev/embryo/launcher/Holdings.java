package dev.embryo.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What a launch could leave behind in this JVM. */
record Holdings(long descriptors, long threads, long children) {
  static Holdings now() throws IOException {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return new Holdings(descriptors.count(),
          Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("embryo")).count(),
          ProcessHandle.current().children().count());
    }
  }

  /** Looks until it is that, for a while: what ends after a program is announced to nobody. */
  static Holdings eventually(Holdings expected) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    var found = now();
    while (!found.equals(expected) && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      found = now();
    }
    return found;
  }
}
