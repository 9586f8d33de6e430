package dev.embryo.policy.resolve;

import org.jspecify.annotations.Nullable;

/**
 * What lstat(2) and readlink(2) say of one name.
 *
 * @param mode {@code st_mode}
 * @param identity device and inode
 * @param rdev {@code st_rdev}, for a device
 * @param target what the symbolic link holds; null when it is none
 */
record HostNode(int mode, FileIdentity identity, long rdev, @Nullable String target) {
  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFCHR = 0020000;
  private static final int S_IFBLK = 0060000;
  static final int S_IFLNK = 0120000;

  static boolean isLink(int mode) {
    return (mode & S_IFMT) == S_IFLNK;
  }

  boolean isDirectory() {
    return (mode & S_IFMT) == S_IFDIR;
  }

  boolean isRegular() {
    return (mode & S_IFMT) == S_IFREG;
  }

  boolean isCharacterDevice() {
    return (mode & S_IFMT) == S_IFCHR;
  }

  boolean isDevice() {
    return isCharacterDevice() || (mode & S_IFMT) == S_IFBLK;
  }

  boolean hasExecutableBit() {
    return (mode & 0111) != 0;
  }

  String permissions() {
    return "0%03o".formatted(mode & 07777);
  }

  /** A word for what it is, for errors. */
  String kind() {
    return switch (mode & S_IFMT) {
      case S_IFDIR -> "a directory";
      case S_IFREG -> "a file";
      case S_IFCHR -> "a character device";
      case S_IFLNK -> "a symbolic link";
      case S_IFBLK -> "a block device";
      case 0010000 -> "a FIFO";
      case 0140000 -> "a socket";
      default -> "something unknown";
    };
  }
}
