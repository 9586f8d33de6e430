package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.fd.PipeOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;

/**
 * Copies from one descriptor to another until the first ends or the second breaks; owns both. It stands between a program
 * and a descriptor that could do more than the program may.
 */
final class Pump implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Pump.class.getName());

  private final Fd from;
  private final Fd to;
  private final Thread thread;

  Pump(Fd from, Fd to) {
    this.from = from;
    this.to = to;
    thread = new Thread(null, this::copy, "embryo-pump", 128 * 1024, false);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Waits until everything is copied. */
  void drain() throws InterruptedException {
    thread.join();
  }

  private void copy() {
    try (var in = new PipeInputStream(from); var out = new PipeOutputStream(to)) {
      in.transferTo(out);
    } catch (IOException broken) {
      LOG.log(Level.DEBUG, "a pump has ended", broken);
    }
  }

  /** For a pump that was never started. */
  @Override
  public void close() {
    from.close();
    to.close();
  }
}
