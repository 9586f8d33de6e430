package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.nio.ByteBuffer;

/** Sockets that somebody else will use, see socket(7). They block, and have no option that a caller did not ask for. */
public final class Socket {
  /** How long a peer may take to answer, in seconds. */
  public static final int PATIENCE = 10;

  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_REUSEPORT = 15;
  private static final int SO_SNDTIMEO = 21;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;

  /** How a socket carries what is written to it. */
  public enum Type {
    /** A stream of bytes. */
    STREAM(1),
    /** Single messages. */
    DATAGRAM(2),
    /** Messages over a connection; Unix sockets only. */
    SEQPACKET(5);

    private final int number;

    Type(int number) {
      this.number = number;
    }
  }

  private Socket() {}

  /**
   * A socket with a name; one of IPv6 has nothing to do with IPv4. It does not listen yet.
   *
   * @param shared whether others may have the same internet address, if they say so too: SO_REUSEPORT
   * @throws LinuxException EADDRINUSE if somebody has the name, EACCES if this process may not take it
   */
  public static Fd bound(Type type, SocketName name, boolean shared) throws LinuxException {
    return made(type, name, socket -> {
      boolean internet = name.family() != SocketName.AF_UNIX;
      if (internet && type == Type.STREAM) {
        option(socket, SOL_SOCKET, SO_REUSEADDR, number(1)); // connections of an earlier socket do not keep the port
      }
      if (internet && shared) {
        option(socket, SOL_SOCKET, SO_REUSEPORT, number(1));
      }
      if (name.family() == SocketName.AF_INET6) {
        option(socket, IPPROTO_IPV6, IPV6_V6ONLY, number(1));
      }
      named("bind", socket, name);
    });
  }

  /**
   * Lets connections queue up at a socket.
   *
   * @param backlog how many; no more than sysctl net.core.somaxconn
   */
  public static void listen(Fd socket, int backlog) throws LinuxException {
    call("listen", socket.number(), backlog, 0, 0, 0);
  }

  /**
   * A socket with a peer.
   *
   * @throws LinuxException ECONNREFUSED if nobody is there; EINPROGRESS if nobody answered within {@link #PATIENCE}
   */
  public static Fd connected(Type type, SocketName name) throws LinuxException {
    return made(type, name, socket -> {
      option(socket, SOL_SOCKET, SO_SNDTIMEO, Libc.allocate(16).putLong(0, PATIENCE));
      named("connect", socket, name);
      option(socket, SOL_SOCKET, SO_SNDTIMEO, Libc.allocate(16));
    });
  }

  /** Whether somebody is behind the name of a Unix socket: false only if the kernel says that nobody is. */
  public static boolean isServed(Type type, SocketName name) {
    try (Fd probe = connected(type, name)) {
      return probe.isOpen();
    } catch (LinuxException refused) {
      return !Errno.ECONNREFUSED.is(refused.errno());
    }
  }

  private interface Preparation {
    void prepare(int socket) throws LinuxException;
  }

  private static Fd made(Type type, SocketName name, Preparation preparation) throws LinuxException {
    var socket = Fd.own((int) LinuxException.check("make a socket", Libc.syscall(SystemCalls.number("socket"),
        name.family(), type.number | Constant.O_CLOEXEC.asInt(), 0, 0, 0, 0)));
    try {
      preparation.prepare(socket.number());
      return socket;
    } catch (LinuxException failure) {
      socket.close();
      throw failure;
    }
  }

  private static void named(String call, int socket, SocketName name) throws LinuxException {
    var memory = name.memory();
    call(call, socket, Libc.address(memory), memory.capacity(), 0, 0);
    memory.clear(); // it has to be reachable until now
  }

  private static void option(int socket, int level, int option, ByteBuffer value) throws LinuxException {
    call("setsockopt", socket, level, option, Libc.address(value), value.capacity());
    value.clear();
  }

  private static ByteBuffer number(int value) {
    return Libc.allocate(Integer.BYTES).putInt(0, value);
  }

  private static void call(String name, int socket, long a, long b, long c, long d) throws LinuxException {
    LinuxException.check(name, Libc.syscall(SystemCalls.number(name), socket, a, b, c, d, 0));
  }
}
