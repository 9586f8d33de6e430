package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * An open descriptor of the launcher, handed on. It is the same open file: the offset is shared.
 *
 * @param name the name in the policy
 * @param from the descriptor number in the launcher, 0 or more
 * @param rights what may be done with it
 * @param fd the descriptor number, if any
 * @param mount the path in the private root, if any
 * @param position where the policy names it
 */
public record Inherit(
    String name, int from, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements Capability {

  @Override
  public String kind() {
    return "inherit";
  }
}
