package dev.embryo.runtime.linux;

import java.io.IOException;

/** The kernel refused a system call: what was tried, on what, and its error number. */
public class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param what what was tried, on what: {@code "open /etc/passwd"}
   * @param errno what the kernel said, see errno(3)
   */
  public LinuxException(String what, int errno) {
    super(what + ": " + Errno.describe(errno));
    this.errno = errno;
  }

  /** What the kernel said, see errno(3). */
  public int errno() {
    return errno;
  }

  /**
   * Passes a libc function's result on unless it is -1.
   *
   * @param what what was tried, for the message
   * @throws LinuxException with the thread's error number, if the result is -1
   */
  public static int check(String what, int result) throws LinuxException {
    if (result == -1) {
      throw new LinuxException(what, Libc.errno());
    }
    return result;
  }

  /** As {@link #check(String, int)}, for functions that return a size. */
  public static long check(String what, long result) throws LinuxException {
    if (result == -1) {
      throw new LinuxException(what, Libc.errno());
    }
    return result;
  }
}
