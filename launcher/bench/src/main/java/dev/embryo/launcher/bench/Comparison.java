package dev.embryo.launcher.bench;

import java.io.IOException;

/** Launches two subjects alternately, and compares the times. */
final class Comparison {
  private Comparison() {}

  /** Two subjects in this JVM. */
  static Outcome here(Subject ours, Subject theirs, Options options) throws IOException, InterruptedException {
    var obstacle = theirs.obstacle();
    if (obstacle.isPresent()) {
      return Outcome.skipped(theirs.title() + ' ' + obstacle.get());
    }
    try (var a = ours.open(); var b = theirs.open()) {
      return alternate(a, b, options);
    }
  }

  static Outcome alternate(Launcher ours, Launcher theirs, Options options) throws IOException, InterruptedException {
    for (int i = 0; i < options.warmUp(); i++) {
      ours.launch();
      theirs.launch();
    }
    var a = new long[options.launches()];
    var b = new long[options.launches()];
    for (int i = 0; i < a.length; i++) {
      a[i] = ours.launch();
      b[i] = theirs.launch();
    }
    return Outcome.compared(Times.ofNanos(a), Times.ofNanos(b), "");
  }
}
