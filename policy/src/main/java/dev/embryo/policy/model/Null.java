package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The null device: reads end at once, writes go nowhere. It carries no authority.
 *
 * @param name the name in the policy
 * @param rights what may be done with it
 * @param fd the descriptor number, if any
 * @param mount the path in the private root, if any
 * @param position where the policy names it
 */
public record Null(
    String name, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements Capability {

  @Override
  public String kind() {
    return "null";
  }
}
