package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A process that the program may signal, or learn the end of, through the launcher. A launch passes it, under the name of a
 * parameter.
 *
 * @param name the name in the policy
 * @param parameter the parameter that stands for the process
 * @param rights what may be done with it: {@link Right#WAIT}, and the signals of {@link Right#SIGNAL}
 * @param fd the descriptor number, if any
 * @param mount the path in the private root, if any
 * @param position where the policy names it
 */
public record ProcessCapability(
    String name, String parameter, Rights rights, OptionalInt fd, Optional<String> mount, Position position)
    implements Capability {

  @Override
  public String kind() {
    return "process";
  }
}
