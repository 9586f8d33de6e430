package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * An empty file system in memory, made for one launch and gone with it.
 *
 * @param name the name in the policy
 * @param bytes the most that it can hold, 4096 or more
 * @param rights what may be done with it
 * @param fd the descriptor number, if any
 * @param mount the path in the private root, if any
 * @param position where the policy names it
 */
public record Tmpfs(
    String name, long bytes, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements Capability {

  @Override
  public String kind() {
    return "tmpfs";
  }
}
