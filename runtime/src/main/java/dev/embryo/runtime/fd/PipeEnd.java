package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One end of a pipe that never blocks in the kernel. Whoever has to wait does so for the {@link Reactor}, and is woken by a
 * close or an interrupt: a virtual thread gives its carrier back meanwhile, which it would not do in a read(2).
 *
 * <p>Thread-safe: no call meets a descriptor that was closed, or a number that is somebody else's by then.
 */
final class PipeEnd implements AutoCloseable {
  /** The most bytes that one call moves: what a pipe holds. */
  static final int CHUNK = 64 * 1024;

  /** What a call returns that would have had to wait. */
  static final long WOULD_BLOCK = -2;

  private static final ConcurrentLinkedQueue<Chunk> CHUNKS = new ConcurrentLinkedQueue<>();

  /** Native memory for a call; borrowed for that long only, so that there are no more than calls at once. */
  record Chunk(ByteBuffer bytes, long address) {
    static Chunk borrow() {
      var chunk = CHUNKS.poll();
      if (chunk == null) {
        var bytes = Libc.allocate(CHUNK);
        chunk = new Chunk(bytes, Libc.address(bytes));
      }
      return chunk;
    }

    void giveBack() {
      CHUNKS.add(this);
    }
  }

  /** A system call on a descriptor. */
  @FunctionalInterface
  interface Call {
    long on(int number);
  }

  private enum State { OPEN, ENDED, CLOSED }

  /** One reader or writer at a time. */
  final ReentrantLock turn = new ReentrantLock();

  private final Fd end;
  private final Reactor.Registration registration; // used under this monitor
  private State state = State.OPEN; // guarded by this
  private @Nullable CountDownLatch waiting; // guarded by this
  private @Nullable IOException broken; // guarded by this

  /**
   * Takes over a pipe's end, also when this fails.
   *
   * @param registration how to wait for it
   * @throws LinuxException EBADF if it is no pipe
   */
  PipeEnd(Fd end, Function<Fd, Reactor.Registration> registration) throws LinuxException {
    this.end = end;
    try {
      LinuxException.check("use a descriptor as a pipe",
          Libc.fcntl(end.number(), Constant.F_GETPIPE_SZ.asInt(), 0));
      int flags = LinuxException.check("look at a pipe", Libc.fcntl(end.number(), Constant.F_GETFL.asInt(), 0));
      LinuxException.check("make a pipe non-blocking", Libc.fcntl(end.number(), Constant.F_SETFL.asInt(),
          flags | Constant.O_NONBLOCK.asInt()));
      this.registration = registration.apply(end);
    } catch (LinuxException | RuntimeException failure) {
      end.close();
      throw failure;
    }
  }

  /**
   * Makes a call, if the end is open.
   *
   * @param what the call does, for errors
   * @return its result, or {@link #WOULD_BLOCK}
   */
  synchronized long call(String what, Call call) throws IOException {
    requireOpen(what);
    long result;
    do {
      result = call.on(end.number());
    } while (result == -1 && Errno.EINTR.is(Libc.errno()));
    if (result == -1 && Errno.EAGAIN.is(Libc.errno())) {
      return WOULD_BLOCK;
    }
    return LinuxException.check(what, result);
  }

  private void requireOpen(String what) throws IOException {
    requireNotClosed();
    if (broken != null) {
      throw new IOException(broken);
    }
    if (state == State.ENDED) {
      throw new LinuxException(what, Errno.EPIPE.number());
    }
  }

  synchronized void requireNotClosed() throws ClosedChannelException {
    if (state == State.CLOSED) {
      throw new ClosedChannelException();
    }
  }

  /** Waits for its turn, and for nothing else. */
  void takeTurn() throws IOException {
    try {
      turn.lockInterruptibly();
    } catch (InterruptedException interrupted) {
      throw closedByInterrupt();
    }
  }

  /** Waits until a call may succeed. The caller has the turn. */
  void await() throws IOException {
    var ready = new CountDownLatch(1);
    synchronized (this) {
      if (state != State.OPEN) {
        return; // of which the next call tells
      }
      waiting = ready;
      registration.arm(ready::countDown, this::breakDown);
    }
    try {
      ready.await();
    } catch (InterruptedException interrupted) {
      throw closedByInterrupt();
    }
    synchronized (this) {
      waiting = null;
      if (state == State.CLOSED) {
        throw new AsynchronousCloseException();
      }
    }
  }

  private ClosedByInterruptException closedByInterrupt() throws IOException {
    close();
    Thread.currentThread().interrupt();
    return new ClosedByInterruptException();
  }

  private synchronized void breakDown(IOException reason) {
    broken = reason;
    wake();
  }

  private synchronized void wake() {
    if (waiting != null) {
      waiting.countDown();
    }
  }

  /** How to wait for it without a thread. Used by who holds this object's monitor, and while it is open. */
  Reactor.Registration registration() {
    return registration;
  }

  synchronized boolean isOpen() {
    return state == State.OPEN;
  }

  synchronized boolean isEnded() {
    return state == State.ENDED;
  }

  /** Closes the descriptor because there is nothing more to be had of it: calls say so, and the stream is not closed. */
  synchronized void end() throws IOException {
    leave(State.ENDED);
  }

  @Override
  public synchronized void close() throws IOException {
    leave(State.CLOSED);
  }

  private synchronized void leave(State to) throws IOException {
    boolean wasOpen = state == State.OPEN;
    state = state == State.CLOSED ? State.CLOSED : to;
    if (wasOpen) {
      wake();
      try (end) {
        registration.close();
      }
    }
  }
}
