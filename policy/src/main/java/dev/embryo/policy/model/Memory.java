package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Memory that the program shares with whoever launches it: a file in memory of a fixed size, made for one launch.
 *
 * @param name the name in the policy
 * @param bytes its size, from 4096 to 2^30
 * @param rights what may be done with it
 * @param fd the descriptor number, if any
 * @param mount nothing: it has no path
 * @param position where the policy names it
 */
public record Memory(
    String name, long bytes, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements Capability {

  @Override
  public String kind() {
    return "memory";
  }
}
