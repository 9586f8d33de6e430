package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel says of an open descriptor of this process, see fcntl(2) F_GETFL and statx(2).
 *
 * @param number the descriptor
 * @param accessMode O_RDONLY, O_WRONLY or O_RDWR
 * @param type the file type, {@code S_IFMT} of its mode
 * @param isCloseOnExec whether the descriptor ends with this process's image: no program is meant to inherit it
 */
public record OpenFile(int number, int accessMode, int type, boolean isCloseOnExec) {
  private static final int O_ACCMODE = 3;
  private static final int FD_CLOEXEC = 1;
  private static final int S_IFIFO = 0x1000;
  private static final int S_IFSOCK = 0xC000;
  private static final int S_IFCHR = 0x2000;
  private static final int S_IFDIR = 0x4000;

  /**
   * Asks.
   *
   * @return empty if the descriptor is not open
   */
  public static Optional<OpenFile> ifOpen(int number) throws LinuxException {
    int flags = Libc.fcntl(number, Constant.F_GETFL.asInt(), 0);
    if (flags == -1 && Errno.EBADF.is(Libc.errno())) {
      return Optional.empty();
    }
    int mode = LinuxException.check("look at descriptor " + number, flags) & O_ACCMODE;
    int ofDescriptor = LinuxException.check("look at descriptor " + number,
        Libc.fcntl(number, Constant.F_GETFD.asInt(), 0));
    return Optional.of(
        new OpenFile(number, mode, FileStatus.of(number).type(), (ofDescriptor & FD_CLOEXEC) != 0));
  }

  /**
   * Opens a path, without following symbolic links, if the file there is still the one that is meant.
   *
   * @param flags open flags
   * @param major the file's device, as the next
   * @throws LinuxException ESTALE if another file is there, ELOOP if a symbolic link is
   */
  public static Fd atExactly(String path, int flags, int major, int minor, long inode) throws LinuxException {
    var opened = Fd.openWithoutSymbolicLinks(path, flags);
    try {
      if (!isExactly(opened.number(), major, minor, inode)) {
        throw new LinuxException("open " + path + ", which is another file than when the policy was resolved",
            Errno.ESTALE.number());
      }
      return opened;
    } catch (LinuxException failure) {
      opened.close();
      throw failure;
    }
  }

  /** Whether a descriptor, open or O_PATH, is of this file. */
  public static boolean isExactly(int number, int major, int minor, long inode) throws LinuxException {
    return FileStatus.of(number).isFile(major, minor, inode);
  }

  /** Whether what is written to a descriptor goes to the end, wherever its offset is. */
  public static boolean isAppending(int number) throws LinuxException {
    int flags = LinuxException.check("look at descriptor " + number, Libc.fcntl(number, Constant.F_GETFL.asInt(), 0));
    return (flags & Constant.O_APPEND.asInt()) != 0;
  }

  /** True for directories, also those that are open with O_PATH. */
  public boolean isDirectory() {
    return type == S_IFDIR;
  }

  /** Whether it is open on the file at this path; false if that cannot be told. */
  public boolean isSameFile(Path path) {
    try {
      return Files.isSameFile(Path.of("/proc/self/fd/" + number), path);
    } catch (IOException notThere) {
      return false;
    }
  }

  /** True for pipes and sockets: somebody is at their other end. */
  public boolean isPipe() {
    return type == S_IFIFO || type == S_IFSOCK;
  }

  /** True for sockets, which have no open mode. */
  public boolean isSocket() {
    return type == S_IFSOCK;
  }

  /** True for terminals, the null device and the like: files without an offset that others share. */
  public boolean isCharacterDevice() {
    return type == S_IFCHR;
  }

  /**
   * Opens the same file again in another mode.
   *
   * @param flags open flags
   * @return empty if this process may not
   */
  public Optional<Fd> reopen(int flags) {
    try {
      return Optional.of(Fd.open("/proc/self/fd/" + number, flags));
    } catch (LinuxException refused) {
      return Optional.empty();
    }
  }
}
