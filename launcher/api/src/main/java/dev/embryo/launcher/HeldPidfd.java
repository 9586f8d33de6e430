package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Reactor;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.process.Pidfd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/** Any process, by a pidfd. How it has ended only its parent learns. Thread-safe: a call never meets a descriptor that was closed. */
final class HeldPidfd implements HeldProcess {
  /** What is said of an end of which no more is known. */
  static final String ENDED = "ended";

  private static final System.Logger LOG = System.getLogger(HeldPidfd.class.getName());

  private final Fd pidfd;
  private final Reactor.Registration ending; // used under this monitor

  private HeldPidfd(Fd pidfd) {
    this.pidfd = pidfd;
    this.ending = Reactor.shared().reading(pidfd);
  }

  /**
   * By a pidfd of somebody else's, whose it stays.
   *
   * @throws LinuxException EBADF if it is none, EPERM if this JVM may not signal the process
   */
  static HeldPidfd of(int number) throws LinuxException {
    var held = new HeldPidfd(Fd.duplicate(number));
    try {
      held.signal(0);
      return held;
    } catch (LinuxException failure) {
      held.close();
      throw failure;
    }
  }

  /**
   * By a handle. The pid was the process's while the pidfd was opened if the process is alive after that.
   *
   * @throws LinuxException ESRCH if it has ended
   */
  static HeldPidfd of(ProcessHandle handle) throws LinuxException {
    var what = "hold process " + handle.pid();
    try (var pidfd = Fd.own((int) LinuxException.check(what,
        Libc.syscall(SystemCalls.number("pidfd_open"), handle.pid(), 0, 0, 0, 0, 0)))) {
      if (!handle.isAlive()) {
        throw new LinuxException(what, Errno.ESRCH.number());
      }
      return of(pidfd.number());
    }
  }

  @Override
  public synchronized boolean signal(int signal) throws LinuxException {
    return Pidfd.signal(pidfd, signal, "the process that is held");
  }

  @Override
  public synchronized void whenEnded(Consumer<String> telling) throws IOException {
    if (pidfd.isOpen()) {
      ending.arm(() -> telling.accept(ENDED), broken -> LOG.log(Level.WARNING, "the end of a process is not told", broken));
    }
  }

  @Override
  public synchronized void close() {
    if (pidfd.isOpen()) {
      try {
        ending.close();
      } catch (LinuxException failure) {
        LOG.log(Level.WARNING, "a pidfd is waited for that is closed", failure);
      }
      pidfd.close();
    }
  }
}
