package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;

/** What is done to a process by a descriptor of it, see pidfd_open(2). Stateless. */
public final class Pidfd {
  private Pidfd() {}

  /**
   * Sends a signal, see pidfd_send_signal(2).
   *
   * @param what the process, as an error calls it
   * @return false if the process has ended, or the descriptor is closed
   * @throws LinuxException EBADF if it is no pidfd, EPERM if this process may not
   */
  public static boolean signal(Fd pidfd, int signal, String what) throws LinuxException {
    if (!pidfd.isOpen()) {
      return false;
    }
    if (Libc.syscall(SystemCalls.number("pidfd_send_signal"), pidfd.number(), signal, 0, 0, 0, 0) == 0) {
      return true;
    }
    int errno = Libc.errno();
    if (Errno.ESRCH.is(errno)) {
      return false;
    }
    throw new LinuxException("send signal " + signal + " to " + what, errno);
  }
}
