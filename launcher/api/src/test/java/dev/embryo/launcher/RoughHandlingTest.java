package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes in the hands of several threads at once, each of which does something else to one of them, while others launch: alone and
 * in groups, attested, supervised, with memory of their own and with a limit of their time. What they get are results or {@link
 * IOException}s, and nothing is left in the end. {@code -Dembryo.test.launches=10000} makes it ten thousand.
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
      process -> process.getInputStream().available(),
      process -> process.memory("shared").putInt(0, process.memory("shared").getInt(4) + 1),
      process -> process.onDenial(denial -> process.destroyForcibly()),
      process -> process.denials().forEach(Object::toString),
      process -> process.exitStatus(Duration.ofMillis(1)),
      process -> {
        process.endedByWallTime();
        process.endedByMemoryLimit();
        process.detach();
      });

  /** What acts are done to: what was launched together, by any name. */
  private interface Launch {
    SandboxedGroup begin() throws IOException;

    static Launch of(Sandbox sandbox) {
      return () -> new SandboxedGroup(Map.of("alone", sandbox.launch()));
    }
  }

  /** A sandbox of each kind, used by all threads, and one that each launch builds anew. */
  private List<Launch> launches() throws IOException {
    var plain = shell("while read -r line; do echo \"$line\"; done", "");
    var noisy = shell("while :; do echo 0123456789 0123456789; done", "");
    var denied = shell("while :; do cd /; done", "system-calls: {on-denied: explain, deny: [chdir]}\n");
    var limited = shell("while :; do :; done", "limits: {wall-time: 3ms}\n");
    var holder = Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: holder
        program: {path: /bin/sh, arguments: [-c, "while echo USR1 >&4 && read -r line <&4; do echo $line; done"]}
        parameters: {worker: {process: true}}
        capabilities:
          stdout: {inherit: 1, rights: write}
          shared: {memory: 4KiB, fd: 3}
          worker: {process: "${worker}", rights: [{signal: [USR1]}, wait], fd: 4}
        """, directory));
    var group = SandboxGroup.builder()
        .sandbox("writer", noisy.toBuilder())
        .sandbox("reader", plain.toBuilder())
        .sandbox("holder", holder)
        .pipe("writer", "stdout", "reader", "stdin")
        .process("holder", "worker", "writer")
        .build();
    return List.of(Launch.of(plain), Launch.of(noisy), Launch.of(noisy.toBuilder().stdout(Stdio.collect(1000)).build()),
        Launch.of(plain.toBuilder().attest(true).build()), Launch.of(denied),
        Launch.of(denied.toBuilder().attest(true).build()), Launch.of(limited), group::launch,
        () -> Launch.of(plain.toBuilder().redirectErrorStream(true).build()).begin());
  }

  @Test
  @Timeout(1200)
  void whateverManyThreadsDoToAProcessNothingIsLeft() throws Exception {
    var launches = launches();
    var threads = Executors.newFixedThreadPool(AT_ONCE * (HANDS + 1));
    try {
      handleAll(launches, threads, 2 * launches.size());
      var before = Holdings.now();
      handleAll(launches, threads, LAUNCHES);
      assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
    } finally {
      threads.shutdown();
      assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  private static void handleAll(List<Launch> kinds, ExecutorService threads, int launches) throws Exception {
    for (int i = 0; i < launches; i += AT_ONCE) {
      var round = new ArrayList<Callable<Object>>();
      for (int seed = i; seed < i + AT_ONCE; seed++) {
        int number = seed;
        round.add(() -> handle(kinds.get(number % kinds.size()), threads, new Random(number)));
      }
      for (var result : threads.invokeAll(round)) {
        result.get();
      }
    }
  }

  private static Object handle(Launch kind, ExecutorService threads, Random random) throws Exception {
    var begin = new CountDownLatch(1);
    try (var group = kind.begin()) {
      var processes = List.copyOf(group.processes().values());
      var hands = new ArrayList<Future<Object>>();
      for (int hand = 0; hand < HANDS; hand++) {
        var act = ACTS.get(random.nextInt(ACTS.size()));
        var process = processes.get(random.nextInt(processes.size()));
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
      for (SandboxedProcess process : processes) {
        process.killAfter(Duration.ofMillis(20)); // for the hands that wait for an end
      }
      for (var hand : hands) {
        hand.get();
      }
      for (SandboxedProcess process : processes) {
        assertThat(process.waitFor()).isNotNegative();
      }
      return group;
    }
  }

  private Sandbox shell(String script, String more) throws IOException {
    return Launches.shell(directory, script, "  shared: {memory: 4KiB, fd: 3}\n" + more);
  }
}
