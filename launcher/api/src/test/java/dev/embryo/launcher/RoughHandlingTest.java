package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One process in the hands of several threads at once, each of which does something else to it: what they get are results
 * or {@link IOException}s, and nothing is left in the end. {@code -Dembryo.test.launches=10000} makes it ten thousand.
 */
class RoughHandlingTest {
  private static final int LAUNCHES = Integer.getInteger("embryo.test.launches", 200);
  private static final int AT_ONCE = 4;
  private static final int HANDS = 3;

  @TempDir
  private Path directory;

  /** What a thread does to a process that is not its own. */
  private interface Act {
    void on(SandboxedProcess process) throws IOException, InterruptedException;
  }

  private static final List<Act> ACTS = List.of(
      process -> process.getInputStream().readAllBytes(),
      process -> process.getOutputStream().write("line\n".getBytes(StandardCharsets.UTF_8)),
      process -> process.getOutputStream().write(new byte[200_000]),
      process -> process.getInputStream().close(),
      process -> process.getOutputStream().close(),
      process -> process.getErrorStream().close(),
      process -> process.getErrorStream().read(),
      SandboxedProcess::destroy,
      SandboxedProcess::destroyForcibly,
      SandboxedProcess::close,
      process -> process.signal(10),
      process -> process.killAfter(Duration.ZERO),
      process -> process.killAfter(Duration.ofHours(1)).run(),
      process -> process.onExit().cancel(true),
      process -> process.toHandle().isAlive(),
      process -> process.waitFor(1, TimeUnit.MILLISECONDS),
      process -> process.complete(Duration.ofMillis(5)),
      process -> process.getInputStream().available());

  @Test
  @Timeout(1200)
  void whateverManyThreadsDoToAProcessNothingIsLeft() throws Exception {
    var plain = Launches.shell(directory, "while read -r line; do echo \"$line\"; done", "");
    var noisy = Launches.shell(directory, "while :; do echo 0123456789 0123456789; done", "");
    var collected = noisy.toBuilder().stdout(Stdio.collect(1000)).build();
    var sandboxes = List.of(plain, noisy, collected);
    var threads = Executors.newFixedThreadPool(AT_ONCE * (HANDS + 1));
    try {
      handleAll(sandboxes, threads, 20);
      var before = Holdings.now();
      handleAll(sandboxes, threads, LAUNCHES);
      assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
    } finally {
      threads.shutdown();
      assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  private static void handleAll(List<Sandbox> sandboxes, ExecutorService threads, int launches) throws Exception {
    for (int i = 0; i < launches; i += AT_ONCE) {
      var round = new ArrayList<Callable<Object>>();
      for (int seed = i; seed < i + AT_ONCE; seed++) {
        int number = seed;
        round.add(() -> handle(sandboxes.get(number % sandboxes.size()), threads, new Random(number)));
      }
      for (var result : threads.invokeAll(round)) {
        result.get();
      }
    }
  }

  private static Object handle(Sandbox sandbox, ExecutorService threads, Random random) throws Exception {
    var begin = new CountDownLatch(1);
    try (var process = sandbox.launch()) {
      var hands = new ArrayList<java.util.concurrent.Future<Object>>();
      for (int hand = 0; hand < HANDS; hand++) {
        var act = ACTS.get(random.nextInt(ACTS.size()));
        hands.add(threads.submit(() -> {
          begin.await();
          try {
            act.on(process);
          } catch (IOException ofAnothersDoing) {
            return ofAnothersDoing;
          }
          return act;
        }));
      }
      begin.countDown();
      process.killAfter(Duration.ofMillis(20)); // for the hands that wait for an end
      for (var hand : hands) {
        hand.get();
      }
      assertThat(process.waitFor()).isNotNegative();
      return process;
    }
  }
}
