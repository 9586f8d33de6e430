package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Copies from one descriptor to another until the first ends or the second breaks, and then closes both, so that whoever
 * is at the other end of either learns of it: a program that writes on gets SIGPIPE. It stands between a program and a
 * descriptor that could do more than the program may. Owns both descriptors, which may be of any kind: pipes, sockets, files;
 * once it has started, its thread uses and closes them, and nobody else.
 */
final class Pump implements Attendant {
  // struct pollfd, see poll(2): a descriptor, the events asked for, those that happened
  private static final int POLLFD_BYTES = 8;
  private static final int EVENTS = 4;
  private static final int HAPPENED = 6;
  private static final int POLLIN = 1;
  private static final int POLLOUT = 4;
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int STACK_BYTES = 128 * 1024;

  private final Fd from;
  private final Fd to;
  private final boolean fromProgram;
  private final Thread thread;
  private boolean started; // written by the thread that launches, before others have the process

  private Pump(Fd from, Fd to, boolean fromProgram) {
    this.from = from;
    this.to = to;
    this.fromProgram = fromProgram;
    thread = new Thread(null, this::copy, "embryo-pump", STACK_BYTES, false);
    thread.setDaemon(true);
  }

  /** Copies what the program writes. */
  static Pump outOf(Fd program, Fd outside) {
    return new Pump(program, outside, true);
  }

  /** Copies what the program reads. */
  static Pump into(Fd program, Fd outside) {
    return new Pump(outside, program, false);
  }

  @Override
  public void start() {
    thread.start();
    started = true;
  }

  /** What the program did not read is lost, and not waited for: nobody outside has to end a stream because a program has. */
  @Override
  public void drain(Duration timeout) throws InterruptedException {
    if (fromProgram) {
      thread.join(Math.max(1, TimeUnit.MILLISECONDS.convert(timeout)));
    }
  }

  private void copy() {
    try (from; to) {
      var polls = Libc.allocate(2 * POLLFD_BYTES);
      var buffer = Libc.allocate(BUFFER_BYTES);
      polls.putInt(0, from.number()).putInt(POLLFD_BYTES, to.number());
      while (awaitInput(polls)) {
        long count = Libc.read(from.number(), Libc.address(buffer), BUFFER_BYTES);
        if (count == 0 || !mayGoOn(count) || (count > 0 && !write(buffer, count))) {
          return;
        }
      }
    }
  }

  /** Waits for something to copy; false when nobody is there to take it. */
  private static boolean awaitInput(ByteBuffer polls) {
    polls.putInt(EVENTS, POLLIN).putInt(POLLFD_BYTES + EVENTS, 0); // the events and, cleared, what happened
    while (Libc.poll(Libc.address(polls), 2, -1) == -1) {
      if (!Errno.EINTR.is(Libc.errno())) {
        return false;
      }
    }
    return polls.getShort(POLLFD_BYTES + HAPPENED) == 0;
  }

  private boolean write(ByteBuffer buffer, long length) {
    var poll = Libc.allocate(POLLFD_BYTES);
    poll.putInt(0, to.number()).putInt(EVENTS, POLLOUT);
    for (long done = 0; done < length; ) {
      long count = Libc.write(to.number(), Libc.address(buffer) + done, length - done);
      if (!mayGoOn(count)) {
        return false;
      }
      if (count >= 0) {
        done += count;
      } else {
        Libc.poll(Libc.address(poll), 1, -1); // whoever gave us the descriptor may have made it non-blocking
      }
    }
    return true;
  }

  /** Whether the call did something, or could later. */
  private static boolean mayGoOn(long result) {
    int errno = result == -1 ? Libc.errno() : 0;
    return result != -1 || Errno.EINTR.is(errno) || Errno.EAGAIN.is(errno);
  }

  @Override
  public void close() {
    if (!started) {
      from.close();
      to.close();
    }
  }
}
