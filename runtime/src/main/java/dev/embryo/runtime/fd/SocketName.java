package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Libc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An address as the kernel takes it, see ip(7), ipv6(7), unix(7): a {@code sockaddr}. Immutable.
 */
public final class SocketName {
  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  /** Of {@code sun_path}, which has to end with a NUL. */
  public static final int LONGEST_PATH = 107;

  private final int family;
  private final byte[] afterFamily;

  private SocketName(int family, byte[] afterFamily) {
    this.family = family;
    this.afterFamily = afterFamily;
  }

  /**
   * An internet address.
   *
   * @param host 4 bytes of an IPv4 address or 16 of an IPv6 one, in network order
   * @param port 0 to 65535
   */
  public static SocketName internet(byte[] host, int port) {
    if (host.length != 4 && host.length != 16) {
      throw new IllegalArgumentException("no address has " + host.length + " bytes");
    }
    boolean four = host.length == 4;
    var bytes = ByteBuffer.allocate(four ? 14 : 26).order(ByteOrder.BIG_ENDIAN);
    bytes.putShort((short) port);
    if (!four) {
      bytes.putInt(0); // flow information
    }
    bytes.put(host);
    return new SocketName(four ? AF_INET : AF_INET6, bytes.array());
  }

  /** The path of a Unix socket: at most {@link #LONGEST_PATH} bytes. */
  public static SocketName path(String path) {
    return new SocketName(AF_UNIX, bounded(path + '\0', LONGEST_PATH + 1));
  }

  /** The name of a Unix socket without a file: at most {@link #LONGEST_PATH} bytes. */
  public static SocketName abstractName(String name) {
    return new SocketName(AF_UNIX, bounded('\0' + name, LONGEST_PATH + 1));
  }

  private static byte[] bounded(String text, int most) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > most) {
      throw new IllegalArgumentException("longer than " + LONGEST_PATH + " bytes");
    }
    return bytes;
  }

  int family() {
    return family;
  }

  /** The whole structure, in memory of the C library's kind. */
  ByteBuffer memory() {
    var memory = Libc.allocate(2 + afterFamily.length);
    memory.putShort((short) family).put(afterFamily);
    return memory;
  }
}
