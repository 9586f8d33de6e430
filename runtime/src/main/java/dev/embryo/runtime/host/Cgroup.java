package dev.embryo.runtime.host;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A directory of the cgroup file system that is open, see cgroups(7). What is read and written is this cgroup's, whatever has
 * become of its path.
 *
 * <p>Thread-safe, except that nothing may be called after {@link #close}.
 */
public final class Cgroup implements AutoCloseable {
  private static final int LOCK_EX_LOCK_NB = 2 | 4;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int MODE = 0755;
  private static final int MOST_BYTES = 1 << 16;

  private final Path path;
  private final Fd directory;

  private Cgroup(Path path, Fd directory) {
    this.path = path;
    this.directory = directory;
  }

  /** Opens one that is there. */
  public static Cgroup open(Path path) throws LinuxException {
    return new Cgroup(path, Fd.open(path.toString(), Constant.O_RDONLY.asInt()));
  }

  /**
   * Makes a cgroup.
   *
   * @return false if there is something at the path already
   */
  public static boolean make(Path path) throws LinuxException {
    var name = zeroTerminated(path.toString());
    if (Libc.syscall(SystemCalls.number("mkdirat"), Constant.AT_FDCWD.value(), Libc.address(name), MODE, 0, 0, 0) == 0) {
      return true;
    }
    int errno = Libc.errno();
    if (Errno.EEXIST.is(errno)) {
      return false;
    }
    throw new LinuxException("make the cgroup " + path, errno);
  }

  /**
   * Removes the cgroup at this path, which must be empty. If there is none, that is as well.
   *
   * @return false if there are processes or cgroups in it
   */
  public boolean remove() throws LinuxException {
    var name = zeroTerminated(path.toString());
    if (Libc.syscall(SystemCalls.number("unlinkat"), Constant.AT_FDCWD.value(), Libc.address(name), AT_REMOVEDIR, 0, 0, 0)
        == 0) {
      return true;
    }
    int errno = Libc.errno();
    if (Errno.EBUSY.is(errno)) {
      return false;
    } else if (Errno.ENOENT.is(errno)) {
      return true;
    }
    throw new LinuxException("remove the cgroup " + path, errno);
  }

  /** Where it was opened. */
  public Path path() {
    return path;
  }

  /** The descriptor of the directory. It stays this object's. */
  public Fd directory() {
    return directory;
  }

  /**
   * Locks it, see flock(2), until it is closed here and in every process that was given {@link #directory}.
   *
   * @return false if somebody else has locked it
   */
  public boolean lock() throws LinuxException {
    if (Libc.syscall(SystemCalls.number("flock"), directory.number(), LOCK_EX_LOCK_NB, 0, 0, 0, 0) == 0) {
      return true;
    }
    int errno = Libc.errno();
    if (Errno.EAGAIN.is(errno)) {
      return false;
    }
    throw new LinuxException("lock the cgroup " + path, errno);
  }

  /** Opens one of its files. */
  public Fd open(String file, Constant mode) throws LinuxException {
    return Fd.openAt(directory, file, mode.asInt());
  }

  /** Whether it has such a file: that depends on the kernel and on the controllers. */
  public boolean has(String file) throws LinuxException {
    try (Fd found = open(file, Constant.O_PATH)) {
      return found.isOpen();
    } catch (LinuxException failure) {
      if (Errno.ENOENT.is(failure.errno())) {
        return false;
      }
      throw failure;
    }
  }

  /** The content of one of its files. */
  public String read(String file) throws LinuxException {
    try (Fd opened = open(file, Constant.O_RDONLY)) {
      return read(opened);
    }
  }

  /** The content of a file of a cgroup from its beginning. */
  public static String read(Fd file) throws LinuxException {
    var memory = Libc.allocate(MOST_BYTES);
    int length = (int) LinuxException.check("read a file of a cgroup", Libc.syscall(SystemCalls.number("pread64"),
        file.number(), Libc.address(memory), MOST_BYTES, 0, 0, 0));
    var bytes = new byte[length];
    memory.get(0, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Its words: numbers of processes, names of controllers. */
  public List<String> words(String file) throws LinuxException {
    String content = read(file).strip();
    return content.isEmpty() ? List.of() : List.of(content.split("\\s+", -1));
  }

  /** Writes to one of its files. */
  public void write(String file, String value) throws LinuxException {
    try (Fd opened = open(file, Constant.O_WRONLY)) {
      write(opened, path + "/" + file, value);
    }
  }

  /** Writes to a file of a cgroup that is open. */
  public static void write(Fd file, String name, String value) throws LinuxException {
    var bytes = value.getBytes(StandardCharsets.US_ASCII);
    var memory = Libc.allocate(bytes.length).put(0, bytes);
    LinuxException.check("write " + value + " to " + name,
        Libc.write(file.number(), Libc.address(memory), bytes.length));
  }

  private static ByteBuffer zeroTerminated(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return Libc.allocate(bytes.length + 1).put(0, bytes);
  }

  /** Closes the descriptor; the cgroup stays. */
  @Override
  public void close() {
    directory.close();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
