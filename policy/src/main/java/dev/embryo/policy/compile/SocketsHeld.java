package dev.embryo.policy.compile;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.SocketAddress;
import dev.embryo.policy.model.SocketCapability;
import java.util.List;
import java.util.function.Predicate;

/**
 * The sockets that a policy grants, as far as the surface filter has to know: it cannot tell one from another, nor from those
 * that are accepted. What none of them may do, no socket of the program may.
 */
final class SocketsHeld {
  private final List<SocketCapability> sockets;

  SocketsHeld(Policy policy) {
    sockets = policy.descriptors().values().stream()
        .filter(SocketCapability.class::isInstance).map(SocketCapability.class::cast).toList();
  }

  /** Whether there is one. */
  boolean has() {
    return !sockets.isEmpty();
  }

  /** Whether one may send to whom the program names. */
  boolean mayAddress() {
    return granted(Right.CONNECT);
  }

  /** A message can have an address and descriptors. */
  boolean maySendMessages() {
    return has() && (!any(SocketAddress::isUnix) || granted(Right.SEND_FDS)) && (!any(SocketAddress::isDatagram) || mayAddress());
  }

  /** A message can bring descriptors. */
  boolean mayReceiveMessages() {
    return has() && (!any(SocketAddress::isUnix) || granted(Right.RECEIVE_FDS));
  }

  private boolean granted(Right right) {
    return sockets.stream().anyMatch(socket -> socket.rights().has(right));
  }

  private boolean any(Predicate<SocketAddress> property) {
    return sockets.stream().map(SocketCapability::address).anyMatch(property);
  }
}
