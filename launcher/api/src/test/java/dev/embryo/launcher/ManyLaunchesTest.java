package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many launches at once leave a JVM as they found it. {@code -Dembryo.test.launches=10000} makes it ten thousand. */
@Tag("load")
class ManyLaunchesTest {
  private static final int LAUNCHES = Integer.getInteger("embryo.test.launches", Load.of(320, 50_000));
  private static final int AT_ONCE = 16;

  @TempDir
  private Path directory;

  @Test
  @Timeout(2400)
  void manyLaunchesAtOnceLeaveNothingBehind() throws Exception {
    var sandbox = Launches.shell(directory, "read -r line; echo \"$line\"; exit 7", "");
    launchAll(sandbox, AT_ONCE);
    var before = Holdings.now();
    long begun = System.nanoTime();
    launchAll(sandbox, LAUNCHES);
    double seconds = Load.seconds(begun);
    Load.figures("%d launches, %d in flight, in %.1f s: %.0f in a second", LAUNCHES, AT_ONCE, seconds, LAUNCHES / seconds);
    assertThat(Holdings.now()).isEqualTo(before);
  }

  @Test
  @Timeout(2400)
  void programsThatNobodyClosesLeaveNothingEither() throws Exception {
    var sandbox = Launches.shell(directory, "echo out; echo err >&2", "");
    sandbox.run(Duration.ofMinutes(1));
    var before = Holdings.now();
    for (int i = 0; i < 40; i++) {
      var process = sandbox.launch();
      assertThat(process.waitFor()).isZero();
      assertThat(Launches.text(process.getInputStream().readAllBytes())).isEqualTo("out\n");
    }
    assertThat(Holdings.eventually(before)).isEqualTo(before);
  }

  private static void launchAll(Sandbox sandbox, int launches) throws Exception {
    var pool = Executors.newFixedThreadPool(AT_ONCE);
    try {
      var next = new AtomicInteger();
      Callable<Integer> worker = () -> {
        int done = 0;
        for (int number = next.getAndIncrement(); number < launches; number = next.getAndIncrement()) {
          launchOne(sandbox, number);
          done++;
        }
        return done;
      };
      int done = 0;
      var workers = new ArrayList<Callable<Integer>>();
      for (int i = 0; i < AT_ONCE; i++) {
        workers.add(worker);
      }
      for (var result : pool.invokeAll(workers)) {
        done += result.get();
      }
      assertThat(done).isEqualTo(launches);
    } finally {
      pool.shutdown();
      assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  private static void launchOne(Sandbox sandbox, int number) throws Exception {
    try (var process = sandbox.launch()) {
      process.getOutputStream().write((number + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      assertThat(Launches.text(process.getInputStream().readAllBytes())).isEqualTo(number + "\n");
      assertThat(process.waitFor()).isEqualTo(7);
    }
  }
}
