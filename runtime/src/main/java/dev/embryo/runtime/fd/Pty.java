package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;

/**
 * A new pseudoterminal, see pty(7): what is written to the master is typed at the terminal, and what is written to the
 * terminal can be read from the master. Both sides are close-on-exec, and become nobody's controlling terminal by being
 * opened. Not thread-safe.
 */
public final class Pty implements AutoCloseable {
  private static final long TIOCSPTLCK = 0x40045431;
  private static final long TIOCGPTPEER = 0x5441; // 4.13: by descriptor, whatever is mounted at /dev/pts

  private final Fd master;

  private Pty(Fd master) {
    this.master = master;
  }

  /** Makes one; its master does not block. */
  public static Pty open() throws LinuxException {
    var master = Fd.open("/dev/ptmx", Constant.or(Constant.O_RDWR, Constant.O_NONBLOCK).asInt());
    try {
      LinuxException.check("unlock a new terminal",
          Libc.ioctl(master.number(), TIOCSPTLCK, Libc.address(Libc.allocate(Integer.BYTES))));
      return new Pty(master);
    } catch (LinuxException failure) {
      master.close();
      throw failure;
    }
  }

  /** The master, which stays this object's. */
  public Fd master() {
    return master;
  }

  /**
   * Opens the terminal.
   *
   * @param mode O_RDONLY, O_WRONLY or O_RDWR
   */
  public Fd terminal(int mode) throws LinuxException {
    int flags = mode | Constant.or(Constant.O_NOCTTY, Constant.O_CLOEXEC).asInt();
    return Fd.own(LinuxException.check("open a new terminal", Libc.ioctl(master.number(), TIOCGPTPEER, flags)));
  }

  /** Closes the master: the terminal hangs up. */
  @Override
  public void close() {
    master.close();
  }
}
