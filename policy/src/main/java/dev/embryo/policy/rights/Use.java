package dev.embryo.policy.rights;

import dev.embryo.policy.model.Right;
import dev.embryo.runtime.seccomp.Comparison;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a system call does with the descriptor in one of its arguments, and the right that it takes.
 *
 * @param argument the position of the argument, 0 to 5; the kernel reads 32 bits of it
 * @param anyOf the rights of which one is enough; several uses of one argument have to be satisfied each
 * @param when what has to hold of other arguments for this to be a use at all; nothing for always
 */
public record Use(int argument, Set<Right> anyOf, List<Comparison> when) {
  /** Keeps copies. */
  public Use {
    anyOf = Collections.unmodifiableSet(EnumSet.copyOf(anyOf));
    when = List.copyOf(when);
  }

  /** Whether a capability with these rights may be used so. */
  public boolean permitted(Set<Right> rights) {
    return anyOf.stream().anyMatch(rights::contains);
  }
}
