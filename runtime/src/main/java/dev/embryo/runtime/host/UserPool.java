package dev.embryo.runtime.host;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Host users for the sandboxes of a launcher that is root: each sandbox gets a user id (and the group id of the same
 * number) that no other sandbox on the machine has at the time, and that is never 0.
 *
 * <p>The range is the line {@code embryo:FIRST:COUNT} of {@code /etc/subuid}, see subuid(5); without such a line
 * 1879048192 to 1879113727, which no distribution gives to anyone (systemd, UIDS-GIDS). Launchers divide it among
 * themselves in blocks, by locks on the file {@code /run/embryo/users}, which the kernel drops when a launcher ends.
 *
 * <p>Thread-safe. An id comes back last: it is given out again only after all others of its block.
 */
public final class UserPool {
  private static final Path SUBUID = Path.of("/etc/subuid");
  private static final Path DIRECTORY = Path.of("/run/embryo");
  private static final String OWNER = "embryo:";
  private static final int DEFAULT_FIRST = 0x70000000;
  private static final int DEFAULT_COUNT = 65536;
  private static final int BLOCK = 64;
  private static final int O_RDWR_O_CREAT = 0x42;
  private static final int F_OFD_SETLK = 37; // 3.15
  private static final short F_WRLCK = 1;
  private static final UserPool SHARED = new UserPool();

  private record Range(int first, int count) {}

  private final Queue<Integer> free = new ArrayDeque<>(); // guarded by this
  private @Nullable Fd lockFile; // guarded by this; open for as long as the JVM lives
  private int nextBlock; // guarded by this

  private UserPool() {}

  /** The pool that everybody in this JVM uses. */
  public static UserPool shared() {
    return SHARED;
  }

  /**
   * Takes a user id for one sandbox.
   *
   * @throws IOException if the range is used up or cannot be locked
   */
  public synchronized int take() throws IOException {
    if (free.isEmpty()) {
      lockAnotherBlock();
    }
    return free.remove();
  }

  /** Gives a user id back, when every process of its sandbox is gone. */
  public synchronized void giveBack(int user) {
    free.add(user);
  }

  /** The range from which users come, in words: {@code 1879048192 to 1879113727}. */
  public static String users() throws IOException {
    var range = range();
    return range.first() + " to " + (range.first() + range.count() - 1);
  }

  private void lockAnotherBlock() throws IOException {
    var range = range();
    if (lockFile == null) {
      lockFile = openLockFile();
    }
    for (; nextBlock < range.count() / BLOCK; nextBlock++) {
      if (lock(lockFile, nextBlock)) {
        for (int i = 0; i < BLOCK; i++) {
          free.add(range.first() + nextBlock * BLOCK + i);
        }
        nextBlock++;
        return;
      }
    }
    throw new IOException("all " + range.count() + " user ids from " + range.first()
        + " on are in use by sandboxes; give Embryo a larger range: a line 'embryo:FIRST:COUNT' in " + SUBUID);
  }

  private static Fd openLockFile() throws IOException {
    try {
      Files.createDirectories(DIRECTORY,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
      return Fd.create(DIRECTORY.resolve("users").toString(), O_RDWR_O_CREAT, 0600);
    } catch (IOException failure) {
      throw new IOException("cannot keep track of the user ids of sandboxes in " + DIRECTORY + ": "
          + failure.getMessage() + "; mount a file system that root may write at /run", failure);
    }
  }

  /** Locks one byte for this launcher; false if another has it. */
  private static boolean lock(Fd file, int block) throws LinuxException {
    var flock = Libc.allocate(32); // struct flock: type, whence, start, length, pid
    flock.putShort(0, F_WRLCK).putShort(2, (short) 0).putLong(8, block).putLong(16, 1);
    if (Libc.fcntl(file.number(), F_OFD_SETLK, Libc.address(flock)) == 0) {
      return true;
    }
    int errno = Libc.errno();
    if (Errno.EAGAIN.is(errno) || Errno.EACCES.is(errno)) {
      return false;
    }
    throw new LinuxException("lock a block of user ids", errno);
  }

  private static Range range() throws IOException {
    if (Files.exists(SUBUID)) {
      for (String line : Files.readAllLines(SUBUID)) {
        if (line.startsWith(OWNER)) {
          return parse(line);
        }
      }
    }
    return new Range(DEFAULT_FIRST, DEFAULT_COUNT);
  }

  private static Range parse(String line) throws IOException {
    var parts = line.strip().split(":", -1);
    try {
      var range = new Range(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
      if (parts.length == 3 && range.first() > 0 && range.count() >= BLOCK
          && Integer.MAX_VALUE - range.count() > range.first()) {
        return range;
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException malformed) {
      // said below
    }
    throw new IOException(SUBUID + ": '" + line + "' is not embryo:FIRST:COUNT with FIRST above 0 and COUNT at least "
        + BLOCK);
  }
}
