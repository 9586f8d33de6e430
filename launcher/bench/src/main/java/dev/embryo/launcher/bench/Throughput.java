package dev.embryo.launcher.bench;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.ArrayList;
import java.util.List;

/** Launches many programs at a time. */
final class Throughput {
  /** How many programs are in flight. */
  static final int IN_FLIGHT = 16;

  private static final int ROUNDS = 7;

  private Throughput() {}

  /** Launches per second; rounds of the two subjects alternate. */
  static Outcome compare(Subject ours, Subject theirs, Options options) throws IOException, InterruptedException {
    try (var a = ours.open(); var b = theirs.open()) {
      int perRound = Math.max(IN_FLIGHT, options.launches());
      run(a, options.warmUp());
      run(b, options.warmUp());
      var ourRates = new double[ROUNDS];
      var theirRates = new double[ROUNDS];
      for (int i = 0; i < ROUNDS; i++) {
        ourRates[i] = rate(a, perRound);
        theirRates[i] = rate(b, perRound);
      }
      return Outcome.compared(new Times(ourRates), new Times(theirRates), "launches per second, "
          + Runtime.getRuntime().availableProcessors() + " processors, " + ROUNDS + " rounds of " + perRound);
    }
  }

  private static double rate(Launcher launcher, int launches) throws IOException, InterruptedException {
    long start = System.nanoTime();
    run(launcher, launches);
    return launches / ((System.nanoTime() - start) / 1e9);
  }

  /** Launches so often, {@link #IN_FLIGHT} at a time; throws the first failure. */
  static void run(Launcher launcher, int launches) throws IOException, InterruptedException {
    var left = new AtomicInteger(launches);
    Callable<Void> worker = () -> {
      while (left.getAndDecrement() > 0) {
        launcher.launch();
      }
      return null;
    };
    var threads = Executors.newFixedThreadPool(IN_FLIGHT);
    try {
      List<Future<Void>> workers = new ArrayList<>();
      for (int i = 0; i < IN_FLIGHT; i++) {
        workers.add(threads.submit(worker));
      }
      for (Future<Void> each : workers) {
        each.get();
      }
    } catch (ExecutionException failure) {
      throw failure.getCause() instanceof IOException cause ? cause : new IOException(failure.getCause());
    } finally {
      threads.shutdownNow();
    }
  }
}
