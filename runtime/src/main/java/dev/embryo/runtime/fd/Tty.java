package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.nio.ByteBuffer;

/**
 * What can be asked of a descriptor that is a terminal, and said to it; see ioctl_tty(2). Stateless.
 *
 * <p>To change a terminal's settings from a background process group of its session stops that group (SIGTTOU).
 */
public final class Tty {
  private static final long TCGETS = 0x5401;
  private static final long TCSETSW = 0x5403; // when what was written has gone out
  private static final long TIOCGPGRP = 0x540F;
  private static final long TIOCGWINSZ = 0x5413;
  private static final long TIOCSWINSZ = 0x5414;
  private static final long TIOCGDEV = 0x80045432L; // 2.6.31
  private static final int WINSIZE_BYTES = 8;

  private Tty() {}

  /** Whether the descriptor is a terminal; false also if it is not open. */
  public static boolean isTerminal(int descriptor) {
    return Libc.ioctl(descriptor, TCGETS, Libc.address(Libc.allocate(TerminalSettings.BYTES))) == 0;
  }

  /** The terminal's device, which tells it from others, also when it was opened as {@code /dev/tty}. */
  public static int device(int descriptor) throws LinuxException {
    var device = Libc.allocate(Integer.BYTES);
    LinuxException.check("ask which terminal descriptor " + descriptor + " is",
        Libc.ioctl(descriptor, TIOCGDEV, Libc.address(device)));
    return device.getInt(0);
  }

  /** The settings. */
  public static TerminalSettings settings(Fd terminal) throws LinuxException {
    var memory = Libc.allocate(TerminalSettings.BYTES);
    LinuxException.check("read the terminal's settings", Libc.ioctl(terminal.number(), TCGETS, Libc.address(memory)));
    return TerminalSettings.of(memory);
  }

  /** Changes the settings, when what was written to the terminal has gone out. */
  public static void settings(Fd terminal, TerminalSettings settings) throws LinuxException {
    ByteBuffer memory = settings.toMemory();
    int result;
    do {
      result = Libc.ioctl(terminal.number(), TCSETSW, Libc.address(memory));
    } while (result == -1 && Errno.EINTR.is(Libc.errno()));
    LinuxException.check("change the terminal's settings", result);
  }

  /** Gives one terminal the window size of another, whose foreground process group gets SIGWINCH if that is a change. */
  public static void copyWindowSize(Fd from, Fd to) throws LinuxException {
    var size = Libc.allocate(WINSIZE_BYTES);
    LinuxException.check("read the window's size", Libc.ioctl(from.number(), TIOCGWINSZ, Libc.address(size)));
    LinuxException.check("set the window's size", Libc.ioctl(to.number(), TIOCSWINSZ, Libc.address(size)));
  }

  /**
   * Whether this process may read from the terminal: it is in the foreground, or the terminal is not the one that controls
   * its session, where there is no background.
   */
  public static boolean isForeground(Fd terminal) {
    var group = Libc.allocate(Integer.BYTES);
    return Libc.ioctl(terminal.number(), TIOCGPGRP, Libc.address(group)) == -1
        ? Errno.ENOTTY.is(Libc.errno())
        : group.getInt(0) == Libc.syscall(SystemCalls.number("getpgid"), 0, 0, 0, 0, 0, 0);
  }
}
