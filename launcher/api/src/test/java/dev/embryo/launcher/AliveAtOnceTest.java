package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many sandboxes of one launcher live at the same time, each by itself. */
@Tag("load")
@Timeout(1200)
class AliveAtOnceTest {
  private static final int SANDBOXES = Load.of(50, 1000);
  private static final String EACH = "read -r name; while read -r line; do echo \"$name $line\"; done; exit 7";

  @TempDir
  private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"", "isolation: {require: [landlock, seccomp]}\n"})
  void manyAreAliveAtOnceAndEachAnswersForItself(String isolation) throws Exception {
    var sandbox = Launches.shell(directory, EACH, isolation);
    sandbox.launch().close();
    var before = Holdings.now();
    long available = availableMemory();
    var times = new long[SANDBOXES];
    var processes = new ArrayList<SandboxedProcess>();
    try {
      for (int i = 0; i < SANDBOXES; i++) {
        long begun = System.nanoTime();
        processes.add(sandbox.launch());
        times[i] = System.nanoTime() - begun;
        say(processes.get(i), "sandbox" + i);
      }
      assertThat(processes).allMatch(SandboxedProcess::isAlive);
      var all = Holdings.now();
      Load.figures("%d sandboxes alive%s: the first tenth launched in %s each, the last in %s; descriptors each: %.1f, "
          + "children each: %.1f, threads more: %d, memory each: %d KiB", SANDBOXES, isolation.isEmpty() ? "" : " without namespaces",
          Load.times(Arrays.copyOf(times, SANDBOXES / 10)), Load.times(Arrays.copyOfRange(times, SANDBOXES * 9 / 10, SANDBOXES)),
          (double) (all.descriptors() - before.descriptors()) / SANDBOXES, (double) (all.children() - before.children()) / SANDBOXES,
          all.threads() - before.threads(), (available - availableMemory()) / SANDBOXES);

      var order = new ArrayList<Integer>();
      for (int i = 0; i < SANDBOXES; i++) {
        order.add(i);
      }
      Collections.shuffle(order, new Random(1));
      for (int i : order) {
        say(processes.get(i), "hello");
        assertThat(new BufferedReader(processes.get(i).inputReader()).readLine()).isEqualTo("sandbox" + i + " hello");
      }
      for (int i : order.subList(0, SANDBOXES / 2)) { // the others are killed
        processes.get(i).getOutputStream().close();
        assertThat(processes.get(i).waitFor()).isEqualTo(7);
      }
      for (int i : order.subList(SANDBOXES / 2, SANDBOXES)) {
        assertThat(processes.get(i).isAlive()).isTrue();
      }
    } finally {
      long begun = System.nanoTime();
      for (var process : processes) {
        process.close();
      }
      Load.figures("%d of them killed in %.1f s", SANDBOXES / 2, Load.seconds(begun));
    }
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }

  private static void say(SandboxedProcess process, String line) throws Exception {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /** Of the machine, in KiB. */
  private static long availableMemory() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemAvailable:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new AssertionError("/proc/meminfo does not say");
  }
}
