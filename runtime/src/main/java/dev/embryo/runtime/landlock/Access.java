package dev.embryo.runtime.landlock;

import java.util.Collection;

/** What may be done to a file hierarchy: {@code LANDLOCK_ACCESS_FS_*}, with the ABI that brought each. */
public enum Access {
  EXECUTE(1, true),
  WRITE_FILE(1, true),
  READ_FILE(1, true),
  READ_DIR(1, false),
  REMOVE_DIR(1, false),
  REMOVE_FILE(1, false),
  MAKE_CHAR(1, false),
  MAKE_DIR(1, false),
  MAKE_REG(1, false),
  MAKE_SOCK(1, false),
  MAKE_FIFO(1, false),
  MAKE_BLOCK(1, false),
  MAKE_SYM(1, false),
  REFER(2, false),
  TRUNCATE(3, true),
  IOCTL_DEV(5, true);

  private final int sinceAbi;
  private final boolean ofFiles;

  Access(int sinceAbi, boolean ofFiles) {
    this.sinceAbi = sinceAbi;
    this.ofFiles = ofFiles;
  }

  /** The first Landlock ABI that knows it. */
  public int sinceAbi() {
    return sinceAbi;
  }

  /** True if it makes sense for a rule on a file that is no directory; the kernel refuses the others there. */
  public boolean ofFiles() {
    return ofFiles;
  }

  /** The bit in {@code allowed_access} and {@code handled_access_fs}. */
  public long bit() {
    return 1L << ordinal();
  }

  /** The bits of those that an ABI knows. */
  public static long bits(Collection<Access> accesses, int abi) {
    return accesses.stream().filter(a -> a.sinceAbi <= abi).mapToLong(Access::bit).reduce(0, (a, b) -> a | b);
  }
}
