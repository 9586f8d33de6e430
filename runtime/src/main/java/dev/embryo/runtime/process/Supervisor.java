package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.SeccompData;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers for a sandbox whose filter asks: lets the one exec of its birth pass, and refuses everything else.
 *
 * <p>A thread of its own, the only one to use what is not final here, and the buffers. When it ends, in whatever way, the listener is closed, and the kernel answers ENOSYS in its place:
 * no call passes because of that, and none waits.
 */
final class Supervisor {
  private static final System.Logger LOG = System.getLogger(Supervisor.class.getName());

  // linux/seccomp.h
  private static final long NOTIF_RECV = 0xc050_2100L;
  private static final long NOTIF_SEND = 0xc018_2101L;
  private static final int NOTIFICATION_BYTES = 80; // struct seccomp_notif: id, pid, flags, struct seccomp_data
  private static final int PID = 8;
  private static final int NUMBER = 16;
  private static final int ARCHITECTURE = 20;
  private static final int INSTRUCTION_POINTER = 24;
  private static final int ARGUMENTS = 32;
  private static final int RESPONSE_BYTES = 24; // struct seccomp_notif_resp: id, val, error, flags
  private static final int ERROR = 16;
  private static final int FLAGS = 20;
  private static final int CONTINUE = 1; // SECCOMP_USER_NOTIF_FLAG_CONTINUE, Linux 5.5

  private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
  private static final int POLLFD_BYTES = 8;
  private static final int EVENTS = 4;
  private static final int HAPPENED = 6;
  private static final short POLLIN = 1;
  private static final int STACK_BYTES = 512 * 1024; // judges turn calls into words
  private static final int MAX_ERRNO = 4095;

  private final Fd listener;
  private final Fd stop; // used and closed under this monitor, but for the thread's own poll
  private final Judge judge;
  private final ByteBuffer polls = Libc.allocate(2 * POLLFD_BYTES);
  private final ByteBuffer received = Libc.allocate(NOTIFICATION_BYTES);
  private final ByteBuffer response = Libc.allocate(RESPONSE_BYTES);
  private boolean execMayPass;

  private Supervisor(Fd listener, Fd stop, Judge judge, boolean execMayPass) {
    this.listener = listener;
    this.stop = stop;
    this.judge = judge;
    this.execMayPass = execMayPass;
  }

  /** Starts the thread, which owns the listener. */
  static Supervisor start(Fd listener, Supervision supervision) throws LinuxException {
    try {
      var stop = Fd.own(LinuxException.check("make an eventfd", Libc.eventfd(0, EFD_CLOEXEC_NONBLOCK)));
      var supervisor = new Supervisor(listener, stop, supervision.judge(), supervision.oneExec());
      var thread = new Thread(null, supervisor::run, "embryo-supervisor", STACK_BYTES, false);
      thread.setDaemon(true);
      thread.start();
      return supervisor;
    } catch (LinuxException | Error failure) { // such as no memory for a thread
      listener.close();
      throw failure;
    }
  }

  /** Ends the thread, soon. */
  synchronized void stop() {
    if (stop.isOpen()) {
      var one = Libc.allocate(Long.BYTES);
      one.putLong(0, 1);
      Libc.write(stop.number(), Libc.address(one), Long.BYTES);
    }
  }

  private synchronized void close() {
    listener.close();
    stop.close();
  }

  private void run() {
    try {
      polls.putInt(0, listener.number()).putInt(POLLFD_BYTES, stop.number());
      while (awaitNotification()) {
        answer();
      }
    } catch (LinuxException failure) {
      LOG.log(Level.WARNING, "denied system calls of a program fail with ENOSYS from now on", failure);
    } finally {
      close();
    }
  }

  /** False when nobody is left who could ask, or {@link #stop} was called. */
  private boolean awaitNotification() throws LinuxException {
    polls.putInt(EVENTS, POLLIN).putInt(POLLFD_BYTES + EVENTS, POLLIN); // the events and, cleared, what happened
    while (Libc.poll(Libc.address(polls), 2, -1) == -1) {
      if (!Errno.EINTR.is(Libc.errno())) {
        throw new LinuxException("wait for a denied system call", Libc.errno());
      }
    }
    return (polls.getShort(HAPPENED) & POLLIN) != 0 && polls.getShort(POLLFD_BYTES + HAPPENED) == 0;
  }

  /** Takes one call, which does not block: poll has told of one, and there is only this thread. */
  private void answer() throws LinuxException {
    received.clear().put(new byte[NOTIFICATION_BYTES]); // the kernel wants it so
    if (Libc.ioctl(listener.number(), NOTIF_RECV, Libc.address(received)) == -1) {
      int errno = Libc.errno();
      if (Errno.ENOENT.is(errno) || Errno.EINTR.is(errno)) {
        return; // the one who asked was killed meanwhile
      }
      throw new LinuxException("receive a denied system call", errno);
    }
    var call = call();
    if (execMayPass && call.number() == SystemCalls.number(ExecException.CALL)) {
      // The first of all, by the stub: no program runs yet that could have made it. A signal may take it back.
      execMayPass = !respond(0, CONTINUE);
    } else {
      respond(-refuse(call), 0);
    }
  }

  private SeccompData call() {
    List<Long> arguments = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      arguments.add(received.getLong(ARGUMENTS + Long.BYTES * i));
    }
    return new SeccompData(received.getInt(NUMBER), received.getInt(ARCHITECTURE),
        received.getLong(INSTRUCTION_POINTER), arguments);
  }

  /** Whatever the judge does, the call is refused, and the next one is answered too. */
  @SuppressWarnings("CatchingUnchecked")
  private int refuse(SeccompData call) {
    try {
      int errno = judge.refuse(new Notification(listener, received.getLong(0), received.getInt(PID), call));
      return errno >= 1 && errno <= MAX_ERRNO ? errno : Errno.EPERM.number();
    } catch (RuntimeException failure) {
      LOG.log(Level.ERROR, "a denied system call could not be told", failure);
      return Errno.EPERM.number();
    }
  }

  /** False if nobody waits for the answer any more. */
  private boolean respond(int error, int flags) throws LinuxException {
    response.putLong(0, received.getLong(0)).putLong(Long.BYTES, 0).putInt(ERROR, error).putInt(FLAGS, flags);
    if (Libc.ioctl(listener.number(), NOTIF_SEND, Libc.address(response)) == 0) {
      return true;
    }
    int errno = Libc.errno();
    if (Errno.ENOENT.is(errno)) {
      return false;
    }
    throw new LinuxException("answer a denied system call", errno);
  }
}
