package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.SystemCalls;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What was at a list of paths at one time, see statx(2), to be compared with what is there later: a microsecond for each.
 * Symbolic links are looked at and not followed.
 *
 * <p>Thread-safe.
 */
public final class PathStates {
  private static final Constant AT_SYMLINK_NOFOLLOW = new Constant("AT_SYMLINK_NOFOLLOW", 0x100);
  private static final long STATX = SystemCalls.number("statx");
  private static final int TYPE_MODE_CTIME_INODE = 0x1 | 0x2 | 0x80 | 0x100;
  private static final int STATX_BYTES = 256;
  private static final int MODE = 28;
  private static final int INODE = 32;
  private static final int CHANGED_SECONDS = 96;
  private static final int CHANGED_NANOS = 104;
  private static final int DEVICE = 136;
  private static final State ABSENT = new State(0, 0, 0, 0);

  /** @param changed {@code st_ctime} in nanoseconds */
  private record State(long device, long inode, int mode, long changed) {
    boolean isSameFile(State other) {
      return device == other.device && inode == other.inode && mode == other.mode;
    }
  }

  private final ByteBuffer names; // all paths, NUL-terminated
  private final long[] addresses;
  private final State[] states;

  private PathStates(ByteBuffer names, long[] addresses) {
    this.names = names;
    this.addresses = addresses;
    states = new State[addresses.length];
    var look = new Look();
    for (int i = 0; i < states.length; i++) {
      states[i] = look.now(i);
    }
  }

  /** Looks at each of the paths. */
  public static PathStates of(List<String> paths) {
    var encoded = paths.stream().map(path -> path.getBytes(StandardCharsets.UTF_8)).toList();
    var names = Libc.allocate(encoded.stream().mapToInt(path -> path.length + 1).sum() + 1);
    var addresses = new long[encoded.size()];
    long address = Libc.address(names);
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = address + names.position();
      names.put(encoded.get(i)).put((byte) 0);
    }
    return new PathStates(names, addresses);
  }

  /** The number of paths. */
  public int size() {
    return states.length;
  }

  /** Whether there was anything at a path. */
  public boolean isPresent(int path) {
    return states[path] != ABSENT;
  }

  /** The inode that was at a path. */
  public long inode(int path) {
    return states[path].inode;
  }

  /** When that was last changed, its content, its attributes or, for a directory, a name in it; milliseconds since 1970. */
  public long changedMillis(int path) {
    return states[path].changed / 1_000_000;
  }

  /** Begins to compare. What is returned is for one thread. */
  public Look look() {
    return new Look();
  }

  /** Compares what is there now with what was there. Not thread-safe. */
  public final class Look {
    private final ByteBuffer memory = Libc.allocate(STATX_BYTES);
    private final long address = Libc.address(memory);

    private Look() {}

    /** Whether a path leads to the same, with the same permissions, or still to nothing. */
    public boolean isSame(int path) {
      return now(path).isSameFile(states[path]);
    }

    /** Whether nothing at all has changed there. A change within the clock's tick of the first look may be missed. */
    public boolean isUnchanged(int path) {
      var now = now(path);
      return now.isSameFile(states[path]) && now.changed == states[path].changed;
    }

    private State now(int path) {
      long result = Libc.syscall(STATX, Constant.AT_FDCWD.value(), addresses[path],
          AT_SYMLINK_NOFOLLOW.value(), TYPE_MODE_CTIME_INODE, address, 0);
      if (result == -1) { // whatever the reason, it is not there for us
        return ABSENT;
      }
      return new State(memory.getLong(DEVICE), memory.getLong(INODE), memory.getShort(MODE),
          memory.getLong(CHANGED_SECONDS) * 1_000_000_000 + memory.getInt(CHANGED_NANOS));
    }
  }

  @Override
  public String toString() {
    return states.length + " paths in " + names.capacity() + " bytes";
  }
}
