package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.model.SocketAddress;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Socket;
import dev.embryo.runtime.fd.SocketName;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;

/** Makes the sockets that a policy grants. Stateless. */
final class Sockets {
  /** What to do about what the kernel says of a name. */
  private static final Map<Errno, String> NAMING = Map.of(
      Errno.EADDRINUSE, "somebody has this name already, or has left a socket file; see 'reuse'",
      Errno.EADDRNOTAVAIL, "this machine has no such address",
      Errno.EACCES, "ports below sysctl net.ipv4.ip_unprivileged_port_start take CAP_NET_BIND_SERVICE, and a socket file a directory"
          + " in which the launcher may write");

  /** What to do about what the kernel says of a peer. */
  private static final Map<Errno, String> CONNECTING = Map.of(
      Errno.ECONNREFUSED, "nobody listens there",
      Errno.ENOENT, "there is no such socket file",
      Errno.EPROTOTYPE, "what listens there is a socket of another type",
      Errno.EAGAIN, "too many wait there already",
      Errno.EINPROGRESS, "nobody answered within " + Socket.PATIENCE + " seconds");

  private Sockets() {}

  /** A socket that others find by its name; its file, if it has one, goes with the sandbox. */
  static Fd listening(String capability, DescriptorSlot.Listener listener, Ends ends) throws IOException {
    var address = listener.address();
    var type = type(address);
    try {
      var socket = address.transport().scope() == SocketAddress.Scope.PATH
          ? SocketFile.bound(address.name(), type, listener.reuse(), ends)
          : Socket.bound(type, name(address), listener.reuse());
      try {
        if (!address.isDatagram()) {
          Socket.listen(socket, listener.backlog());
        }
        return socket;
      } catch (IOException | RuntimeException failure) {
        socket.close();
        throw failure;
      }
    } catch (LinuxException refused) {
      throw refusal(capability, "listen: " + address, refused, NAMING);
    }
  }

  /** A socket that has its peer. */
  static Fd connected(String capability, DescriptorSlot.Connection connection) throws IOException {
    try {
      return Socket.connected(type(connection.address()), name(connection.address()));
    } catch (LinuxException refused) {
      throw refusal(capability, "connect: " + connection.address(), refused, CONNECTING);
    }
  }

  private static IOException refusal(String capability, String what, LinuxException refused, Map<Errno, String> remedies) {
    var remedy = remedies.entrySet().stream().filter(each -> each.getKey().is(refused.errno())).map(Map.Entry::getValue).findFirst();
    return new IOException("capability '" + capability + "', " + what + ": " + refused.getMessage()
        + remedy.map("; "::concat).orElse(""), refused);
  }

  private static Socket.Type type(SocketAddress address) {
    return Socket.Type.valueOf(address.transport().form().name());
  }

  private static SocketName name(SocketAddress address) throws UnknownHostException {
    return switch (address.transport().scope()) {
      case INTERNET -> SocketName.internet(InetAddress.getByName(address.name()).getAddress(), address.port()); // a number
      case PATH -> SocketName.path(address.name());
      case ABSTRACT -> SocketName.abstractName(address.name());
    };
  }
}
