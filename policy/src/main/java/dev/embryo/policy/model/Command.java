package dev.embryo.policy.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** A command of {@code fcntl} or {@code ioctl}: calls of their own in all but name. */
public sealed interface Command permits FcntlCommand, IoctlCommand {
  /** The C name. */
  String name();

  /** The number, 32 bits wide. */
  int number();

  /**
   * The rights of which one is enough to give it; empty for a command that everyone may give who has the descriptor. One
   * that a policy names may be given as well.
   */
  Set<Right> anyOf();

  /** The rights as a set that nobody changes. */
  static Set<Right> rights(Right... rights) {
    return rights.length == 0 ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(Arrays.asList(rights)));
  }
}
