package dev.embryo.runtime.linux;

import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The C library's functions that the launcher itself calls, under their own names (see their man pages, section 2 and 3).
 *
 * <p>Addresses and sizes are {@code long}, descriptors {@code int}. Every method returns what the function returns; a
 * result of -1 is turned into an exception by {@link LinuxException#check(String, int)}, which has to be the very next
 * call, because the error number belongs to the thread. Thread-safe as far as the functions are.
 */
public final class Libc {
  // By its soname the loader finds it at once; by "c", JNA would first try linker scripts and search folders for it.
  private static final String SONAME = "libc.so.6";

  static {
    if (!Platform.isLinux() || !(Platform.isIntel() || Platform.isARM()) || !Platform.is64Bit()) {
      throw new UnsatisfiedLinkError("Embryo runs on Linux x86-64 and aarch64 with glibc only");
    }
    Native.register(Libc.class, SONAME);
  }

  private Libc() {}

  public static native int socketpair(int domain, int type, int protocol, long descriptors);

  public static native long sendmsg(int socket, long message, int flags);

  public static native long recvmsg(int socket, long message, int flags);

  public static native int shutdown(int socket, int how);

  public static native int poll(long descriptors, long count, int timeoutMillis);

  public static native int close(int descriptor);

  public static native int pipe2(long descriptors, int flags);

  public static native int fcntl(int descriptor, int command, long argument);

  public static native int ioctl(int descriptor, long request, long argument);

  public static native int memfd_create(byte[] name, int flags);

  public static native long write(int descriptor, long bytes, long count);

  public static native long read(int descriptor, long bytes, long count);

  public static native int waitid(int idType, int id, long siginfo, int options);

  public static native int epoll_create1(int flags);

  public static native int epoll_ctl(int epoll, int operation, int descriptor, long event);

  public static native int epoll_wait(int epoll, long events, int maximum, int timeoutMillis);

  public static native int eventfd(int initial, int flags);

  public static native void _exit(int status);

  public static native long getxattr(byte[] path, byte[] name, long value, long size);

  public static native int getuid();

  public static native int getgid();

  public static native int getpid();

  public static native int getgroups(int size, long list);

  public static native int posix_spawn(
      long pid, byte[] path, long fileActions, long attributes, long arguments, long environment);

  public static native int posix_spawn_file_actions_init(long fileActions);

  public static native int posix_spawn_file_actions_adddup2(long fileActions, int descriptor, int number);

  public static native int posix_spawn_file_actions_destroy(long fileActions);

  public static native int posix_spawnattr_init(long attributes);

  public static native int posix_spawnattr_setflags(long attributes, short flags);

  public static native int posix_spawnattr_setsigdefault(long attributes, long signals);

  public static native int posix_spawnattr_setsigmask(long attributes, long signals);

  public static native int posix_spawnattr_destroy(long attributes);

  public static native int sigfillset(long signals);

  public static native int sigemptyset(long signals);

  /** Makes any system call by number; see syscall(2). The arguments that a call does not take are ignored by it. */
  public static native long syscall(long number, long a, long b, long c, long d, long e, long f);

  /** The error number that the calling thread's last call in this class left. */
  public static int errno() {
    return Native.getLastError();
  }

  /** The address of a direct buffer's first byte. The buffer has to stay reachable while the address is in use. */
  public static long address(ByteBuffer direct) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
  }

  /** A zeroed direct buffer in the machine's byte order. */
  public static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
