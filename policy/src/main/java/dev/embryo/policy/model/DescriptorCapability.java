package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * An open descriptor that a launch passes, under the name of a parameter.
 *
 * @param name the name in the policy
 * @param parameter the parameter that stands for the descriptor
 * @param rights what may be done with it
 * @param fd the descriptor number, if any
 * @param mount the path in the private root, if any
 * @param position where the policy names it
 */
public record DescriptorCapability(
    String name, String parameter, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements Capability {

  @Override
  public String kind() {
    return "descriptor";
  }
}
