package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;

/**
 * Two descriptors that belong together: a pipe's ends or a socket pair.
 *
 * @param first the read end of a pipe, or one socket
 * @param second the write end of a pipe, or the other socket
 */
public record FdPair(Fd first, Fd second) implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_CLOEXEC = Constant.O_CLOEXEC.asInt();

  /** A pipe, see pipe(7). */
  public static FdPair pipe() throws LinuxException {
    var numbers = Libc.allocate(8);
    LinuxException.check("make a pipe", Libc.pipe2(Libc.address(numbers), Constant.O_CLOEXEC.asInt()));
    return new FdPair(Fd.own(numbers.getInt(0)), Fd.own(numbers.getInt(4)));
  }

  /** A pair of Unix sockets that keep message boundaries, see unix(7) SOCK_SEQPACKET. */
  public static FdPair packets() throws LinuxException {
    return sockets(SOCK_SEQPACKET);
  }

  /** A pair of Unix sockets for bytes, see unix(7) SOCK_STREAM. */
  public static FdPair stream() throws LinuxException {
    return sockets(SOCK_STREAM);
  }

  private static FdPair sockets(int type) throws LinuxException {
    var numbers = Libc.allocate(8);
    LinuxException.check("make a socket pair",
        Libc.socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, Libc.address(numbers)));
    return new FdPair(Fd.own(numbers.getInt(0)), Fd.own(numbers.getInt(4)));
  }

  @Override
  public void close() {
    first.close();
    second.close();
  }
}
