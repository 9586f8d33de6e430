package dev.embryo.policy.rights;

import java.util.List;

/**
 * One row of {@link RightsTable}: a system call, and what it has to do with descriptors.
 *
 * @param call the name of the call
 * @param sort what it is to the rights of capabilities
 * @param uses what it does with the descriptors in its arguments; empty unless it needs rights
 * @param note where the kernel is surprising, or why there is nothing to withhold; may be empty
 */
public record RightsRow(String call, Sort sort, List<Use> uses, String note) {
  /** What a call is to the rights of capabilities. */
  public enum Sort {
    /** It uses descriptors in ways that take rights. */
    NEEDS_RIGHT,
    /** It uses no descriptor, or in no way that rights are about. */
    HARMLESS,
    /** It makes a handle on something: a descriptor, a process, an object with a key. */
    CREATES_AUTHORITY,
    /** No program may make it, whatever it holds: a filter could not keep track of what it does. */
    FORBIDDEN
  }

  /** Keeps a copy of the list. */
  public RightsRow {
    uses = List.copyOf(uses);
    if (uses.isEmpty() == (sort == Sort.NEEDS_RIGHT)) {
      throw new IllegalArgumentException(call + ": uses and sort contradict each other");
    }
  }
}
