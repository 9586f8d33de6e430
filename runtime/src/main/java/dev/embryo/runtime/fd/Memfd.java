package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Files in memory, see memfd_create(2). */
public final class Memfd {
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int MFD_NOEXEC_SEAL = 8; // 6.3
  private static final int MFD_EXEC = 0x10; // 6.3
  private static final int F_ADD_SEALS = 1033;
  private static final int F_GET_SEALS = 1034;
  private static final int F_SEAL_EXEC = 0x20; // 6.3
  private static final int CHUNK = 1 << 16;
  private static final int ALL_SEALS = 0xF; // SEAL, SHRINK, GROW, WRITE
  private static final int SIZE_SEALS = 0x7; // SEAL, SHRINK, GROW
  private static final int F_SEAL_FUTURE_WRITE = 0x10; // 5.1

  private Memfd() {}

  /**
   * A sealed file that holds the given bytes and may be executed.
   *
   * @param name shown by the kernel in /proc, no part of any path
   * @throws LinuxException EACCES where the sysctl vm.memfd_noexec forbids executable files in memory
   */
  public static Fd executable(String name, byte[] bytes) throws LinuxException {
    return fill(makeExecutable(name), bytes);
  }

  /** Where the content of a file comes from. */
  @FunctionalInterface
  public interface Source {
    /**
     * Puts the next bytes into an empty buffer.
     *
     * @return how many; -1 at the end
     */
    int read(ByteBuffer chunk) throws IOException;
  }

  /**
   * A sealed file that holds what a source gives and may be executed; it is not in the Java heap at any time.
   *
   * @param name shown by the kernel in /proc, no part of any path
   * @throws LinuxException EACCES where the sysctl vm.memfd_noexec forbids executable files in memory
   */
  public static Fd executableCopy(String name, Source source) throws IOException {
    var file = makeExecutable(name);
    try {
      var chunk = ByteBuffer.allocateDirect(CHUNK);
      long address = Libc.address(chunk);
      for (int length = source.read(chunk); length >= 0; length = source.read(chunk.clear())) {
        write(file, address, length);
      }
      return seal(file);
    } catch (IOException | RuntimeException failure) {
      file.close();
      throw failure;
    }
  }

  private static Fd makeExecutable(String name) throws LinuxException {
    var cName = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int made = Libc.memfd_create(cName, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (made == -1 && Errno.EINVAL.is(Libc.errno())) { // a kernel before MFD_EXEC
      made = Libc.memfd_create(cName, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    return Fd.own(LinuxException.check("make the file in memory " + name, made));
  }

  /**
   * Whether a descriptor is of a file in memory that can be executed, or that its owner could make executable. Such a file
   * lies on a mount of the kernel's own, where no rule of Landlock's reaches it. A deleted file of a tmpfs is taken for one.
   *
   * @param number an open descriptor
   */
  public static boolean mayBeExecuted(int number) throws LinuxException {
    var status = FileStatus.of(number);
    if (!status.isRegular() || status.links() > 0) {
      return false;
    }
    int seals = Libc.fcntl(number, F_GET_SEALS, 0);
    if (seals == -1 && Errno.EINVAL.is(Libc.errno())) { // of a file system that knows no seals: no file in memory
      return false;
    }
    return (LinuxException.check("look at the seals of descriptor " + number, seals) & F_SEAL_EXEC) == 0;
  }

  /** A sealed file that holds the given bytes and, from Linux 6.3 on, can never be executed. */
  public static Fd of(String name, byte[] bytes) throws LinuxException {
    var cName = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int made = Libc.memfd_create(cName, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (made == -1 && Errno.EINVAL.is(Libc.errno())) { // a kernel before MFD_NOEXEC_SEAL
      made = Libc.memfd_create(cName, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    return fill(Fd.own(LinuxException.check("make the file in memory " + name, made)), bytes);
  }

  /** An empty file that is not sealed, and cannot be executed where the kernel can forbid that. */
  static Fd unsealed(String name) throws LinuxException {
    var cName = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int made = Libc.memfd_create(cName, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (made == -1 && Errno.EINVAL.is(Libc.errno())) { // a kernel before MFD_NOEXEC_SEAL
      made = Libc.memfd_create(cName, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    return Fd.own(LinuxException.check("make the file in memory " + name, made));
  }

  /**
   * Seals the size of a file, and that it is sealed so.
   *
   * @param readOnly whether it can be written to from now on only by the mappings that there are
   */
  static void sealSize(Fd file, boolean readOnly) throws LinuxException {
    LinuxException.check("seal a file in memory",
        Libc.fcntl(file.number(), F_ADD_SEALS, SIZE_SEALS | (readOnly ? F_SEAL_FUTURE_WRITE : 0)));
  }

  private static Fd fill(Fd file, byte[] bytes) throws LinuxException {
    try {
      var memory = Libc.allocate(bytes.length);
      memory.put(0, bytes);
      write(file, Libc.address(memory), bytes.length);
      return seal(file);
    } catch (LinuxException failure) {
      file.close();
      throw failure;
    }
  }

  private static void write(Fd file, long address, int length) throws LinuxException {
    for (int written = 0; written < length; ) {
      written += (int) LinuxException.check("write to a file in memory",
          Libc.write(file.number(), address + written, length - written));
    }
  }

  private static Fd seal(Fd file) throws LinuxException {
    LinuxException.check("seal a file in memory", Libc.fcntl(file.number(), F_ADD_SEALS, ALL_SEALS));
    return file;
  }
}
