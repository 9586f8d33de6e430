package dev.embryo.runtime.linux;

/** Error numbers of the kernel (asm-generic, the same on x86-64 and aarch64), with their C names; see errno(3). */
public enum Errno {
  EPERM(1, "operation not permitted"),
  ENOENT(2, "no such file or directory"),
  ESRCH(3, "no such process"),
  EINTR(4, "interrupted system call"),
  EIO(5, "input/output error"),
  ENXIO(6, "no such device or address"),
  E2BIG(7, "argument list too long"),
  ENOEXEC(8, "exec format error"),
  EBADF(9, "bad file descriptor"),
  ECHILD(10, "no child processes"),
  EAGAIN(11, "resource temporarily unavailable"),
  ENOMEM(12, "cannot allocate memory"),
  EACCES(13, "permission denied"),
  EFAULT(14, "bad address"),
  EBUSY(16, "device or resource busy"),
  EEXIST(17, "file exists"),
  EXDEV(18, "invalid cross-device link"),
  ENODEV(19, "no such device"),
  ENOTDIR(20, "not a directory"),
  EISDIR(21, "is a directory"),
  EINVAL(22, "invalid argument"),
  ENFILE(23, "too many open files in system"),
  EMFILE(24, "too many open files"),
  ENOTTY(25, "inappropriate ioctl for device"),
  ETXTBSY(26, "text file busy"),
  EFBIG(27, "file too large"),
  ENOSPC(28, "no space left on device"),
  ESPIPE(29, "illegal seek"),
  EROFS(30, "read-only file system"),
  EMLINK(31, "too many links"),
  EPIPE(32, "broken pipe"),
  ERANGE(34, "numerical result out of range"),
  ENAMETOOLONG(36, "file name too long"),
  ENOSYS(38, "function not implemented"),
  ENOTEMPTY(39, "directory not empty"),
  ELOOP(40, "too many levels of symbolic links"),
  EPROTO(71, "protocol error"),
  EOVERFLOW(75, "value too large for defined data type"),
  ELIBBAD(80, "accessing a corrupted shared library"),
  EUSERS(87, "too many users"),
  ENOTSOCK(88, "socket operation on non-socket"),
  EMSGSIZE(90, "message too long"),
  EPROTOTYPE(91, "protocol wrong type for socket"),
  EOPNOTSUPP(95, "operation not supported"),
  EAFNOSUPPORT(97, "address family not supported by protocol"),
  EADDRINUSE(98, "address already in use"),
  EADDRNOTAVAIL(99, "cannot assign requested address"),
  ENETUNREACH(101, "network is unreachable"),
  ECONNRESET(104, "connection reset by peer"),
  ETIMEDOUT(110, "connection timed out"),
  ECONNREFUSED(111, "connection refused"),
  EHOSTUNREACH(113, "no route to host"),
  EINPROGRESS(115, "operation now in progress"),
  ESTALE(116, "stale file handle"),
  EDQUOT(122, "disk quota exceeded");

  private final int number;
  private final String meaning;

  Errno(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** The number, positive. */
  public int number() {
    return number;
  }

  /** True if an error number is this one. */
  public boolean is(int errno) {
    return number == errno;
  }

  /** The C name of an error number, or {@code errno N} for one that is not listed here. */
  public static String name(int errno) {
    for (Errno candidate : values()) {
      if (candidate.number == errno) {
        return candidate.name();
      }
    }
    return "errno " + errno;
  }

  /** The C name and the meaning: {@code ENOENT (no such file or directory)}. */
  public static String describe(int errno) {
    for (Errno candidate : values()) {
      if (candidate.number == errno) {
        return candidate.name() + " (" + candidate.meaning + ")";
      }
    }
    return "errno " + errno;
  }
}
