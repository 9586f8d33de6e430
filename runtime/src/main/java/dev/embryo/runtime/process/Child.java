package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A child process of this JVM, by pid and pidfd: signals it, and takes its exit status exactly once.
 *
 * <p>Thread-safe: a signal never meets a descriptor that was closed meanwhile. One thread at a time may take the status.
 */
final class Child implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Child.class.getName());
  private static final AtomicBoolean SAID = new AtomicBoolean();

  private static final int P_PID = 1;
  private static final int P_PIDFD = 3;
  private static final int WNOHANG = 1;
  private static final int WSTOPPED = 2;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x1000000;
  private static final int WALL = 0x40000000; // whatever the exit signal is
  private static final int SIGKILL = 9;
  private static final int SIGINFO_BYTES = 128;
  private static final int PIDFD_SIGNAL_PROCESS_GROUP = 4; // 6.9
  private static final long PIDFD_GET_INFO = 0xC040FF0BL; // 6.13, exit status since 6.15
  private static final long PIDFD_INFO_EXIT = 8;
  private static final long PF_FORKNOEXEC = 0x40;
  private static final int STAT_BYTES = 1024;
  private static final int STAT_PARENT = 1; // fields after the name
  private static final int STAT_FLAGS = 6;

  private final int pid;
  private final Fd pidfd;

  Child(int pid, Fd pidfd) {
    this.pid = pid;
    this.pidfd = pidfd;
  }

  int pid() {
    return pid;
  }

  Fd pidfd() {
    return pidfd;
  }

  /**
   * Sends a signal, see pidfd_send_signal(2).
   *
   * @return false if the process has ended
   */
  synchronized boolean signal(int signal) throws LinuxException {
    return Pidfd.signal(pidfd, signal, "process " + pid);
  }

  /**
   * Sends a signal to the process group that the process leads; it does while it is not reaped.
   *
   * @return false if the process has ended
   */
  synchronized boolean signalGroup(int signal) throws LinuxException {
    if (!pidfd.isOpen()) {
      return false;
    }
    long result = Libc.syscall(
        SystemCalls.number("pidfd_send_signal"), pidfd.number(), signal, 0, PIDFD_SIGNAL_PROCESS_GROUP, 0, 0);
    if (result == -1 && Errno.EINVAL.is(Libc.errno())) {
      result = Libc.syscall(SystemCalls.number("kill"), -pid, signal, 0, 0, 0, 0);
    }
    if (result == -1 && Errno.ESRCH.is(Libc.errno())) {
      return false;
    }
    LinuxException.check("send signal " + signal + " to the process group " + pid, result);
    return true;
  }

  /** Waits until the process is stopped, and takes that event: the signal, or 0 if the process has ended. */
  int awaitStop() throws LinuxException {
    Fd own;
    synchronized (this) {
      if (!pidfd.isOpen()) {
        return 0;
      }
      own = Fd.duplicate(pidfd.number());
    }
    try (own) {
      var info = Libc.allocate(SIGINFO_BYTES);
      int result;
      do {
        result = Libc.waitid(P_PIDFD, own.number(), Libc.address(info), WSTOPPED);
      } while (result == -1 && Errno.EINTR.is(Libc.errno()));
      if (result == -1 && Errno.ECHILD.is(Libc.errno())) {
        return 0;
      }
      LinuxException.check("wait for process " + pid + " to stop", result);
      return info.getInt(24);
    }
  }

  void kill() throws LinuxException {
    signal(SIGKILL);
  }

  /**
   * True once the process executes its program, false if it ended before that; asked when its control socket has ended, which an
   * exec closes last. Who has executed nothing yet is marked by the kernel, also when it has died.
   *
   * @throws LinuxException EMFILE if no descriptor is free to look with
   */
  boolean hasExecuted() throws LinuxException {
    var info = Libc.allocate(SIGINFO_BYTES);
    if (Libc.waitid(P_PIDFD, pidfd.number(), Libc.address(info), WEXITED | WNOHANG | WNOWAIT | WALL) == 0) {
      return (flags() & PF_FORKNOEXEC) == 0; // the pid is its own until it is reaped
    }
    int errno = Libc.errno();
    if (!Errno.ECHILD.is(errno)) {
      throw new LinuxException("look at process " + pid, errno);
    }
    return true; // the host ignores SIGCHLD and the kernel has reaped it already
  }

  /** Its flags as ps(1) knows them, from /proc/PID/stat; 0 where /proc shows it not to this process. */
  private long flags() throws LinuxException {
    try (Fd file = Fd.open("/proc/" + pid + "/stat", Constant.O_RDONLY.asInt())) {
      var memory = Libc.allocate(STAT_BYTES);
      long length = Libc.read(file.number(), Libc.address(memory), STAT_BYTES);
      var text = new byte[(int) Math.max(0, length)];
      memory.get(0, text);
      return flags(new String(text, StandardCharsets.ISO_8859_1));
    } catch (LinuxException failure) {
      if (Errno.EMFILE.is(failure.errno()) || Errno.ENFILE.is(failure.errno())) {
        throw failure;
      }
      return 0;
    }
  }

  /** The name, in parentheses, may hold anything. A parent who is not this process: a /proc of other numbers. */
  private static long flags(String stat) {
    var fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", STAT_FLAGS + 2);
    return fields.length > STAT_FLAGS && fields[STAT_PARENT].equals(Integer.toString(Libc.getpid()))
        ? Long.parseLong(fields[STAT_FLAGS])
        : 0;
  }

  /** Takes the exit status of a process that has ended; empty if it has not. */
  Optional<ExitStatus> reap() throws LinuxException {
    var info = Libc.allocate(SIGINFO_BYTES);
    if (Libc.waitid(P_PIDFD, pidfd.number(), Libc.address(info), WEXITED | WNOHANG | WALL) == 0) {
      return info.getInt(16) == 0
          ? Optional.empty()
          : Optional.of(ExitStatus.ofWaitid(info.getInt(8), info.getInt(24)));
    }
    int errno = Libc.errno();
    if (Errno.ECHILD.is(errno)) {
      return Optional.of(statusTakenByOthers());
    }
    throw new LinuxException("wait for process " + pid, errno);
  }

  /**
   * Kills the process if it still lives, waits for its end and closes the pidfd. By the pidfd and not by the pid, which
   * may be another's by now if the status was taken before.
   *
   * @return how it ended; empty if that was learnt before, or is not known
   */
  Optional<ExitStatus> end() throws LinuxException {
    try {
      kill();
      var info = Libc.allocate(SIGINFO_BYTES);
      int result;
      do {
        result = Libc.waitid(P_PIDFD, pidfd.number(), Libc.address(info), WEXITED | WALL);
      } while (result == -1 && Errno.EINTR.is(Libc.errno()));
      return result == -1 ? Optional.empty() : Optional.of(ExitStatus.ofWaitid(info.getInt(8), info.getInt(24)));
    } finally {
      close();
    }
  }

  /** The host ignores SIGCHLD or waits for every child: the pidfd still knows how the process ended (6.15). */
  private ExitStatus statusTakenByOthers() throws LinuxException {
    if (SAID.compareAndSet(false, true)) {
      LOG.log(Level.WARNING, "this JVM ignores SIGCHLD, or waits for children that are not its own; "
          + "exit statuses are read from the pidfd instead (Linux 6.15)");
    }
    var info = Libc.allocate(64);
    info.putLong(0, PIDFD_INFO_EXIT);
    int result = Libc.ioctl(pidfd.number(), PIDFD_GET_INFO, Libc.address(info));
    if (result == -1 || (info.getLong(0) & PIDFD_INFO_EXIT) == 0) {
      throw new LinuxException("learn how process " + pid + " ended: its status was taken by other code in this JVM",
          Errno.ECHILD.number());
    }
    return ExitStatus.ofWait(info.getInt(60));
  }

  /** Waits for a child that has no pidfd and ends by itself; its status does not matter. */
  static void reapByPid(int pid) {
    var info = Libc.allocate(SIGINFO_BYTES);
    int result;
    do {
      result = Libc.waitid(P_PID, pid, Libc.address(info), WEXITED | WALL);
    } while (result == -1 && Errno.EINTR.is(Libc.errno()));
  }

  /** Kills a child that has no pidfd, and nobody else. Its pid is its own until it is reaped, and only this JVM can do that. */
  static void killByPid(int pid) {
    var info = Libc.allocate(SIGINFO_BYTES);
    if (pid <= 0 || Libc.waitid(P_PID, pid, Libc.address(info), WEXITED | WNOHANG | WNOWAIT | WALL) != 0) {
      return; // no child of this JVM's
    }
    Libc.syscall(SystemCalls.number("kill"), pid, SIGKILL, 0, 0, 0, 0);
  }

  @Override
  public synchronized void close() {
    pidfd.close();
  }
}
