package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file descriptor of this process that somebody owns. Whoever holds the object closes it, once; {@link #take} hands the
 * number, and with it that duty, to someone else.
 *
 * <p>Thread-safe. All descriptors made here are close-on-exec.
 */
public final class Fd implements AutoCloseable {
  private static final int CLOSED = -1;

  private final AtomicInteger number;

  private Fd(int number) {
    this.number = new AtomicInteger(number);
  }

  /** Owns a descriptor that is already open. */
  public static Fd own(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("not a descriptor: " + number);
    }
    return new Fd(number);
  }

  /**
   * A second descriptor for an open file of this process, see fcntl(2) F_DUPFD_CLOEXEC.
   *
   * @throws LinuxException EBADF if the number is not open, EMFILE if no more may be opened
   */
  public static Fd duplicate(int number) throws LinuxException {
    return own(LinuxException.check("duplicate descriptor " + number,
        Libc.fcntl(number, Constant.F_DUPFD_CLOEXEC.asInt(), 3)));
  }

  /**
   * Opens a path as open(2) does, following symbolic links.
   *
   * @param flags open flags; O_CLOEXEC and O_NOCTTY are added
   */
  public static Fd open(String path, int flags) throws LinuxException {
    return open(path, flags, 0, 0);
  }

  /**
   * Opens a path as open(2) does, and may make the file.
   *
   * @param flags open flags; O_CLOEXEC and O_NOCTTY are added
   * @param mode the permissions of a file that is made
   */
  public static Fd create(String path, int flags, int mode) throws LinuxException {
    return open(path, flags, mode, 0);
  }

  /**
   * Opens a path in which no component is a symbolic link, see openat2(2) RESOLVE_NO_SYMLINKS.
   *
   * @throws LinuxException ELOOP if a symbolic link has appeared in the path
   */
  public static Fd openWithoutSymbolicLinks(String path, int flags) throws LinuxException {
    return open(path, flags, 0, RESOLVE_NO_SYMLINKS);
  }

  /**
   * Opens a path that does not leave a directory: neither by {@code ..}, nor by a symbolic link, nor by one that appears
   * meanwhile; see openat2(2) RESOLVE_BENEATH. An absolute symbolic link leaves it, wherever it leads.
   *
   * @param directory where the path starts
   * @param path a relative path
   * @throws LinuxException EXDEV if it leads out; EAGAIN if something was moved meanwhile, so that this cannot be told
   */
  public static Fd openBeneath(Fd directory, String path, int flags) throws LinuxException {
    return open(directory.number(), path, flags, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  }

  private static final long RESOLVE_NO_MAGICLINKS = 2;
  private static final long RESOLVE_NO_SYMLINKS = 4;
  private static final long RESOLVE_BENEATH = 8;
  private static final long SYS_openat2 = 437; // every architecture since 5.6

  /**
   * Opens a path that begins at a directory, as openat(2) does.
   *
   * @param flags open flags; O_CLOEXEC and O_NOCTTY are added
   */
  public static Fd openAt(Fd directory, String path, int flags) throws LinuxException {
    return open(directory.number(), path, flags, 0, 0);
  }

  private static Fd open(String path, int flags, int mode, long resolve) throws LinuxException {
    return open(Constant.AT_FDCWD.asInt(), path, flags, mode, resolve);
  }

  private static Fd open(int directory, String path, int flags, int mode, long resolve) throws LinuxException {
    var name = path.getBytes(StandardCharsets.UTF_8);
    var memory = Libc.allocate(24 + name.length + 1);
    long all = Integer.toUnsignedLong(flags) | Constant.O_CLOEXEC.value();
    if ((all & Constant.O_PATH.value()) == 0) {
      all |= Constant.O_NOCTTY.value();
    }
    memory.putLong(0, all).putLong(8, mode).putLong(16, resolve).put(24, name);
    long address = Libc.address(memory);
    long opened = Libc.syscall(SYS_openat2, directory, address + 24, address, 24, 0, 0);
    return own((int) LinuxException.check("open " + path, opened));
  }

  /** The number. Throws IllegalStateException once it was closed or taken. */
  public int number() {
    int current = number.get();
    if (current == CLOSED) {
      throw new IllegalStateException("the descriptor is closed");
    }
    return current;
  }

  /** True until it is closed or taken. */
  public boolean isOpen() {
    return number.get() != CLOSED;
  }

  /** Gives the number away: closing it is the caller's from now on. */
  public int take() {
    int taken = number.getAndSet(CLOSED);
    if (taken == CLOSED) {
      throw new IllegalStateException("the descriptor is closed");
    }
    return taken;
  }

  /** Closes the descriptor; a second call does nothing. Linux frees the number even when close(2) reports an error. */
  @Override
  public void close() {
    int closing = number.getAndSet(CLOSED);
    if (closing != CLOSED) {
      Libc.close(closing);
    }
  }

  @Override
  public String toString() {
    int current = number.get();
    return current == CLOSED ? "Fd[closed]" : "Fd[" + current + "]";
  }
}
