package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.linux.Constant;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** As much as a program reads and writes goes through the launcher's pipes unchanged, and stays in nobody's memory. */
@Tag("load")
@Timeout(1200)
class BulkOutputTest {
  private static final int BLOCK = 1 << 20;
  private static final int BLOCKS = Load.of(64, 1024);

  @TempDir
  private Path directory;

  /** What goes in: blocks of random bytes, each with its number in front. */
  private static final class Blocks {
    private final byte[] bytes = new byte[BLOCK];

    Blocks() {
      new Random(1).nextBytes(bytes);
    }

    byte[] block(int number) {
      ByteBuffer.wrap(bytes).putInt(number);
      return bytes;
    }
  }

  private static Callable<Void> writer(OutputStream to) {
    return () -> {
      try (to) {
        var blocks = new Blocks();
        for (int i = 0; i < BLOCKS; i++) {
          to.write(blocks.block(i));
        }
      }
      return null;
    };
  }

  private static void assertThatAllArrives(InputStream from) throws Exception {
    var blocks = new Blocks();
    for (int i = 0; i < BLOCKS; i++) {
      assertThat(Arrays.equals(from.readNBytes(BLOCK), blocks.block(i))).as("block %d", i).isTrue();
    }
    assertThat(from.read()).isEqualTo(-1);
  }

  private Sandbox cat() throws Exception {
    return Launches.sandbox(directory, "program: {path: /bin/cat}\n" + Launches.STREAMS);
  }

  private static void passOn(String how, SandboxedProcess process, InputStream output) throws Exception {
    var thread = Executors.newSingleThreadExecutor();
    long used = usedMemory();
    long begun = System.nanoTime();
    try {
      Future<Void> writing = thread.submit(writer(process.getOutputStream()));
      assertThatAllArrives(output);
      writing.get();
      assertThat(process.waitFor()).isZero();
      double seconds = Load.seconds(begun);
      Load.figures("%d MiB into and out of a program by %s in %.1f s: %.0f MiB/s; heap of the launcher more by %d KiB", BLOCKS, how,
          seconds, BLOCKS / seconds, (usedMemory() - used) / 1024);
    } finally {
      thread.shutdownNow();
    }
  }

  private static long usedMemory() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void whatAProgramReadsAndWritesByPipesArrivesUnchanged() throws Exception {
    var cat = cat();
    cat.launch().close();
    var before = Holdings.now();
    try (var process = cat.launch()) {
      passOn("two pipes", process, process.getInputStream());
    }
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }

  /** What is open for reading, too, is put behind a pipe, which a thread of the launcher copies from. */
  @Test
  void whatTheLauncherCopiesArrivesUnchanged() throws Exception {
    cat().launch().close();
    var before = Holdings.now();
    var pipe = FdPair.pipe();
    try (var here = new PipeInputStream(pipe.first())) {
      SandboxedProcess process;
      try (var end = pipe.second(); var there = Fd.open("/proc/self/fd/" + end.number(), Constant.O_RDWR.asInt())) {
        process = cat().toBuilder().stdout(Stdio.descriptor(there)).build().launch();
      }
      try (process) {
        passOn("three pipes", process, here);
      }
    }
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }
}
