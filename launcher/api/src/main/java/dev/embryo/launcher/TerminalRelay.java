package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Tty;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies between the user's terminal and the master of the program's, both ways, each only as fast as its reader. It reads
 * from the user's terminal while it is told to, and writes to it always.
 *
 * <p>One thread runs it, and is the only one to use its buffers; any thread may tell it.
 */
final class TerminalRelay implements AutoCloseable {
  // struct pollfd, see poll(2): a descriptor, the events asked for, those that happened
  private static final int POLLFD_BYTES = 8;
  private static final int EVENTS = 4;
  private static final int HAPPENED = 6;
  private static final int POLLIN = 1;
  private static final int POLLOUT = 4;
  private static final int GONE = 0x8 | 0x10 | 0x20; // POLLERR, POLLHUP, POLLNVAL
  private static final int NOT_ASKED = -1;
  private static final int USER = 0; // the places of the three descriptors
  private static final int MASTER = 1;
  private static final int WAKE_UP = 2;
  private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int FOREGROUND_MILLIS = 200;

  private final Fd user;
  private final Fd master;
  private final Fd wakeUp;
  private final ByteBuffer polls = Libc.allocate(3 * POLLFD_BYTES);
  private final ByteBuffer typed = Libc.allocate(BUFFER_BYTES).limit(0);
  private final ByteBuffer written = Libc.allocate(BUFFER_BYTES + 1).limit(0);
  private final LineEnds lineEnds = new LineEnds();
  private volatile boolean reading; // any thread tells it, and wakes the one that reads it

  private TerminalRelay(Fd user, Fd master, Fd wakeUp) {
    this.user = user;
    this.master = master;
    this.wakeUp = wakeUp;
  }

  static TerminalRelay between(Fd user, Fd master) throws LinuxException {
    return new TerminalRelay(user, master,
        Fd.own(LinuxException.check("make an eventfd", Libc.eventfd(0, EFD_CLOEXEC_NONBLOCK))));
  }

  /** From now on, what is typed at the user's terminal is read, or it is not. */
  void read(boolean read) {
    reading = read;
    wake();
  }

  synchronized void wake() {
    if (wakeUp.isOpen()) {
      var one = Libc.allocate(8).putLong(0, 1);
      Libc.write(wakeUp.number(), Libc.address(one), 8);
    }
  }

  /**
   * Copies until the program's terminal is gone and all is written, or the user's is gone.
   *
   * @param mayRead is asked before each reading
   * @param settled is asked again and again while nothing is read; true if there is no need to
   */
  void run(BooleanSupplier mayRead, BooleanSupplier settled) {
    try {
      boolean open = true;
      while (open) {
        await(reading || settled.getAsBoolean() ? -1 : FOREGROUND_MILLIS);
        open = copy(mayRead);
      }
    } catch (IOException failure) {
      System.getLogger(TerminalRelay.class.getName()).log(System.Logger.Level.DEBUG, "a terminal is gone", failure);
    } finally {
      close();
    }
  }

  private void await(int millis) throws LinuxException {
    int userEvents = (reading && !typed.hasRemaining() ? POLLIN : 0) | (written.hasRemaining() ? POLLOUT : 0);
    int masterEvents = (written.hasRemaining() ? 0 : POLLIN) | (typed.hasRemaining() ? POLLOUT : 0);
    ask(USER, user, userEvents);
    // An end would be told again and again, also while what came before it waits to be written.
    ask(MASTER, masterEvents == 0 ? null : master, masterEvents);
    ask(WAKE_UP, wakeUp, POLLIN);
    int result = Libc.poll(Libc.address(polls), 3, millis);
    if (result == -1 && !Errno.EINTR.is(Libc.errno())) {
      throw new LinuxException("wait for a terminal", Libc.errno());
    }
    if (result <= 0) {
      for (int i = 0; i < 3; i++) {
        polls.putShort(POLLFD_BYTES * i + HAPPENED, (short) 0);
      }
    }
  }

  private void ask(int place, @Nullable Fd descriptor, int events) {
    polls.putInt(POLLFD_BYTES * place, descriptor == null ? NOT_ASKED : descriptor.number())
        .putShort(POLLFD_BYTES * place + EVENTS, (short) events)
        .putShort(POLLFD_BYTES * place + HAPPENED, (short) 0);
  }

  private boolean happened(int place, int events) {
    return (polls.getShort(POLLFD_BYTES * place + HAPPENED) & events) != 0;
  }

  /** Copies what can be copied now; false at the end. */
  private boolean copy(BooleanSupplier mayRead) throws LinuxException {
    if (happened(WAKE_UP, POLLIN)) {
      var counter = Libc.allocate(8);
      Libc.read(wakeUp.number(), Libc.address(counter), 8);
    }
    if (happened(USER, POLLIN) && reading && mayRead.getAsBoolean() && !fill(typed, user, BUFFER_BYTES)) {
      return false;
    }
    if (happened(MASTER, POLLOUT)) {
      empty(typed, master);
    }
    if (happened(MASTER, POLLIN | GONE) && !written.hasRemaining() && !readOutput()) {
      return false;
    }
    if (happened(USER, POLLOUT)) {
      empty(written, user);
    }
    return !happened(USER, GONE);
  }

  private boolean readOutput() throws LinuxException {
    if (!fill(written, master, BUFFER_BYTES)) {
      lineEnds.finish(written);
      empty(written, user);
      return false;
    }
    if (written.hasRemaining() && Tty.settings(user).addsCarriageReturns()) {
      lineEnds.takeBack(written);
    } else if (written.hasRemaining()) {
      lineEnds.putBack(written);
    }
    return true;
  }

  /** Reads what is there; false at the end. */
  private static boolean fill(ByteBuffer buffer, Fd from, int most) throws LinuxException {
    buffer.clear().limit(0);
    long count = Libc.read(from.number(), Libc.address(buffer), most);
    if (count == -1) {
      int errno = Libc.errno();
      if (Errno.EAGAIN.is(errno) || Errno.EINTR.is(errno)) {
        return true;
      }
      if (Errno.EIO.is(errno)) {
        return false;
      }
      throw new LinuxException("read from a terminal", errno);
    }
    buffer.limit((int) count);
    return count > 0;
  }

  private static void empty(ByteBuffer buffer, Fd to) throws LinuxException {
    if (!buffer.hasRemaining()) {
      return;
    }
    long count = Libc.write(to.number(), Libc.address(buffer) + buffer.position(), buffer.remaining());
    int errno = count == -1 ? Libc.errno() : 0;
    if (count == -1 && !Errno.EAGAIN.is(errno) && !Errno.EINTR.is(errno)) {
      throw new LinuxException("write to a terminal", errno);
    }
    buffer.position(buffer.position() + (int) Math.max(0, count));
  }

  @Override
  public synchronized void close() {
    wakeUp.close();
  }
}
