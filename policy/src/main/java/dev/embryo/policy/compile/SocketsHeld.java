package dev.embryo.policy.compile;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.SocketCapability;
import java.util.List;

/**
 * The sockets that a policy grants, as far as the surface filter has to know: it cannot tell one from another, nor from those
 * that are accepted. What none of them may do, no socket of the program may.
 *
 * <p>What is inherited or passed is one where it has a right that only a socket has; of which kind, nobody knows before the launch.
 */
final class SocketsHeld {
  private final List<Capability> sockets;

  SocketsHeld(Policy policy) {
    sockets = policy.descriptors().values().stream()
        .filter(each -> each instanceof SocketCapability || each.rights().hasAny(Right.OF_SOCKETS_ALONE)).toList();
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
    return has() && (!anyUnix() || granted(Right.SEND_FDS)) && (!anyDatagram() || mayAddress());
  }

  /** A message can bring descriptors. */
  boolean mayReceiveMessages() {
    return has() && (!anyUnix() || granted(Right.RECEIVE_FDS));
  }

  private boolean granted(Right right) {
    return sockets.stream().anyMatch(socket -> socket.rights().has(right));
  }

  private boolean anyUnix() {
    return sockets.stream().anyMatch(each -> !(each instanceof SocketCapability socket) || socket.address().isUnix());
  }

  private boolean anyDatagram() {
    return sockets.stream().anyMatch(each -> !(each instanceof SocketCapability socket) || socket.address().isDatagram());
  }
}
