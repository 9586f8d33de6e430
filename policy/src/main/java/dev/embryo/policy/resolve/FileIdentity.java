package dev.embryo.policy.resolve;

/**
 * Which file it is, whatever its name: the device that holds it and its inode there.
 *
 * <p>Two names with the same identity name the same file, as long as the file exists. Source: stat(2), makedev(3).
 *
 * @param devMajor the major number of the device, as {@code gnu_dev_major} gives it (and statx in {@code
 *     stx_dev_major})
 * @param devMinor the minor number of the device
 * @param inode the inode number, an unsigned 64-bit number
 */
public record FileIdentity(int devMajor, int devMinor, long inode) {

  /**
   * Takes a {@code dev_t} apart.
   *
   * @param dev the device as stat(2) gives it in glibc's encoding
   * @param inode the inode number
   */
  static FileIdentity of(long dev, long inode) {
    return new FileIdentity(major(dev), minor(dev), inode);
  }

  // Written out: what the compiler makes for a record costs a cold JVM 10 ms at its first use, and this is a map's key.

  @Override
  public boolean equals(Object other) {
    return other instanceof FileIdentity that
        && devMajor == that.devMajor
        && devMinor == that.devMinor
        && inode == that.inode;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(inode) * 31 + devMinor;
  }

  static int major(long dev) {
    return (int) (((dev >>> 8) & 0xfff) | ((dev >>> 32) & ~0xfffL));
  }

  static int minor(long dev) {
    return (int) ((dev & 0xff) | ((dev >>> 12) & ~0xffL));
  }
}
