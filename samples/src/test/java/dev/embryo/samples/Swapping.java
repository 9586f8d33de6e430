package dev.embryo.samples;

import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.SystemCalls;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A thread that lets two names change places, as fast as the kernel does it, until it is closed: both are always there. */
final class Swapping implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int RENAME_EXCHANGE = 2;

  private final Thread thread;
  private volatile boolean done; // set by the one who closes
  private volatile long swaps; // written by the thread

  private Swapping(Path one, Path other) {
    var first = zeroTerminated(one);
    var second = zeroTerminated(other);
    thread = new Thread(() -> {
      long call = SystemCalls.number("renameat2");
      long made = 0;
      while (!done) {
        made += Libc.syscall(call, AT_FDCWD, Libc.address(first), AT_FDCWD, Libc.address(second), RENAME_EXCHANGE, 0) == 0 ? 1 : 0;
        swaps = made;
      }
    }, "swapping");
  }

  static Swapping of(Path one, Path other) {
    var swapping = new Swapping(one, other);
    swapping.thread.start();
    return swapping;
  }

  private static ByteBuffer zeroTerminated(Path path) {
    var bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    return Libc.allocate(bytes.length + 1).put(0, bytes);
  }

  /** How often they have until now. */
  long swaps() {
    return swaps;
  }

  /** Afterwards each is where it was, or in the other's place. */
  @Override
  public void close() throws InterruptedException {
    done = true;
    thread.join();
  }
}
