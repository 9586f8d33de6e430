package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Libc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps in memory what comes through a pipe, up to a limit, on the reactor's thread: it takes what is there and never waits,
 * so it needs no thread of its own. Beyond the limit it closes its end, at which the writer gets SIGPIPE.
 *
 * <p>Thread-safe.
 */
public final class PipeCollector implements AutoCloseable {
  private final PipeEnd end;
  private final int limit;
  private final List<byte[]> pieces = new ArrayList<>(); // guarded by this
  private final CountDownLatch done = new CountDownLatch(1);
  private Runnable whenTooMuch = () -> {}; // set once, before the first event; seen by others because they take the end's monitor
  private int size; // guarded by this
  private boolean tooMuch; // guarded by this
  private @Nullable IOException failure; // guarded by this

  /**
   * Over a pipe's read end, which is this object's from now on, also when this fails.
   *
   * @param limit the most bytes to keep
   */
  public PipeCollector(Fd readEnd, int limit) throws IOException {
    end = new PipeEnd(readEnd, Reactor.shared()::reading);
    this.limit = limit;
  }

  /**
   * Begins.
   *
   * @param whenTooMuch runs once, on the reactor's thread, when there is more than the limit allows; it must not block
   */
  public void start(Runnable whenTooMuch) throws IOException {
    this.whenTooMuch = whenTooMuch;
    arm();
  }

  private void arm() throws IOException {
    synchronized (end) {
      if (end.isOpen()) {
        end.registration().arm(this::take, this::fail);
      }
    }
  }

  /** One piece a time, so that a writer without end keeps nobody else waiting. */
  private void take() {
    try {
      if (takePiece() != 0) {
        arm();
      }
    } catch (IOException broken) {
      fail(broken);
    }
  }

  /** @return 0 if that was all, {@link PipeEnd#WOULD_BLOCK} if there is none now */
  private long takePiece() throws IOException {
    var chunk = PipeEnd.Chunk.borrow();
    try {
      synchronized (end) { // pieces stay in order
        if (!end.isOpen()) {
          return 0;
        }
        long count = end.call("collect from a pipe", n -> Libc.read(n, chunk.address(), PipeEnd.CHUNK));
        if (count == PipeEnd.WOULD_BLOCK || count > 0 && keep(chunk, (int) count)) {
          return count;
        }
        finish();
      }
    } finally {
      chunk.giveBack();
    }
    if (hadTooMuch()) {
      whenTooMuch.run();
    }
    return 0;
  }

  /** @return false if that is more than may be kept */
  private synchronized boolean keep(PipeEnd.Chunk chunk, int count) {
    int kept = Math.min(count, limit - size);
    var piece = new byte[kept];
    chunk.bytes().get(0, piece);
    pieces.add(piece);
    size += kept;
    tooMuch = kept < count;
    return !tooMuch;
  }

  private synchronized void fail(IOException reason) {
    failure = failure == null ? reason : failure;
    done.countDown();
  }

  private void finish() throws IOException {
    end.close();
    done.countDown();
  }

  /**
   * Waits until everything is there that will come, or too much was.
   *
   * @return false if that takes longer than the timeout
   */
  public boolean await(Duration timeout) throws InterruptedException {
    return done.await(Reactor.nanos(timeout), TimeUnit.NANOSECONDS);
  }

  /** Whether there was more than the limit allows. */
  public synchronized boolean hadTooMuch() {
    return tooMuch;
  }

  /** The most bytes that it keeps. */
  public int limit() {
    return limit;
  }

  /**
   * What was collected until now.
   *
   * @throws IOException if the pipe could not be read to its end
   */
  public synchronized byte[] bytes() throws IOException {
    if (failure != null) {
      throw new IOException("what a program wrote was not collected: " + failure.getMessage(), failure);
    }
    var all = new ByteArrayOutputStream(size);
    for (byte[] piece : pieces) {
      all.write(piece);
    }
    return all.toByteArray();
  }

  /** Takes what is in the pipe by now, and stops; what was collected stays. */
  @Override
  public void close() throws IOException {
    long count;
    do {
      count = takePiece();
    } while (count > 0);
    finish();
  }
}
