package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A pipe between the program and whoever launches it, made at each launch.
 *
 * @param name the name in the policy
 * @param rights what the program may do with its end: read from it, or write to it
 * @param fd the descriptor number, if any
 * @param mount the path in the private root, if any
 * @param position where the policy names it
 */
public record Pipe(String name, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements Capability {

  @Override
  public String kind() {
    return "pipe";
  }
}
