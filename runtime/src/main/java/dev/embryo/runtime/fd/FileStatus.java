package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What the kernel says of a file; see statx(2).
 *
 * @param type the file type, {@code S_IFMT} of its mode
 * @param links how many names it has in directories; 0 if it was deleted, or never had one
 * @param major the device that holds it, as the next
 * @param mount the mount by which it was reached, as {@code /proc/self/mountinfo} numbers them; 0 before Linux 5.8
 * @param deviceMajor of a device, its own major number
 */
public record FileStatus(int type, int links, int major, int minor, long inode, long mount, int deviceMajor) {
  private static final int S_IFMT = 0xF000;
  private static final int S_IFREG = 0x8000;
  private static final int S_IFSOCK = 0xC000;
  private static final int STATX_TYPE_LINKS_INODE_MOUNT = 0x1 | 0x4 | 0x100 | 0x1000;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int STATX_BYTES = 256;
  private static final int LINKS = 16;
  private static final int MODE = 28;
  private static final int INODE = 32;
  private static final int RDEV_MAJOR = 128;
  private static final int DEVICE_MAJOR = 136;
  private static final int DEVICE_MINOR = 140;
  private static final int MOUNT = 144;

  /** Asks about an open descriptor, also one that is O_PATH. */
  public static FileStatus of(int number) throws LinuxException {
    return ask("look at descriptor " + number, number, "");
  }

  /** Asks about the file at a path, which may be a symbolic link: then that is looked at. */
  public static FileStatus of(String path) throws LinuxException {
    return ask("look at " + path, Constant.AT_FDCWD.asInt(), path);
  }

  /** Asks about a name in a directory, which may be that of a symbolic link: then that is looked at. */
  public static FileStatus at(Fd directory, String name) throws LinuxException {
    return ask("look at " + name, directory.number(), name);
  }

  private static FileStatus ask(String act, int directory, String path) throws LinuxException {
    var name = path.getBytes(StandardCharsets.UTF_8);
    var memory = Libc.allocate(STATX_BYTES + name.length + 1);
    memory.position(STATX_BYTES);
    memory.put(name).put((byte) 0);
    long address = Libc.address(memory);
    long flags = Constant.AT_EMPTY_PATH.value() | AT_SYMLINK_NOFOLLOW;
    LinuxException.check(act, Libc.syscall(SystemCalls.number("statx"), directory, address + STATX_BYTES, flags,
        STATX_TYPE_LINKS_INODE_MOUNT, address, 0));
    return read(memory);
  }

  private static FileStatus read(ByteBuffer status) {
    return new FileStatus(status.getShort(MODE) & S_IFMT, status.getInt(LINKS), status.getInt(DEVICE_MAJOR),
        status.getInt(DEVICE_MINOR), status.getLong(INODE), status.getLong(MOUNT), status.getInt(RDEV_MAJOR));
  }

  /** True for files that hold bytes on a file system. */
  public boolean isRegular() {
    return type == S_IFREG;
  }

  /** True for sockets. */
  public boolean isSocket() {
    return type == S_IFSOCK;
  }

  /** Whether both are the same file. */
  public boolean isSameFile(FileStatus other) {
    return isFile(other.major, other.minor, other.inode);
  }

  /** Whether it is this file. */
  public boolean isFile(int otherMajor, int otherMinor, long otherInode) {
    return inode == otherInode && major == otherMajor && minor == otherMinor;
  }
}
