package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A socket that has a name, at which others find the program: it listens, or, of datagrams, receives. The launch makes it.
 *
 * @param name the name in the policy
 * @param address the name
 * @param backlog how many connections may wait
 * @param reuse whether a name may be taken that is in use already: by who shares an internet address, or by a socket file that
 *     nobody serves
 * @param rights what may be done with it
 * @param fd the descriptor number
 * @param mount nothing
 * @param position where the policy names it
 */
public record Listen(
    String name, SocketAddress address, int backlog, boolean reuse, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements SocketCapability {

  @Override
  public String kind() {
    return "listen";
  }
}
