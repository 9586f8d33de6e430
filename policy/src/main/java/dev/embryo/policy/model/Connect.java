package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A socket that has a peer. The launch makes it.
 *
 * @param name the name in the policy
 * @param address the peer
 * @param rights what may be done with it
 * @param fd the descriptor number
 * @param mount nothing
 * @param position where the policy names it
 */
public record Connect(
    String name, SocketAddress address, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements SocketCapability {

  @Override
  public String kind() {
    return "connect";
  }
}
