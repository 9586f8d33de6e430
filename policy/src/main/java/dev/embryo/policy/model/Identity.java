package dev.embryo.policy.model;

import java.util.List;
import java.util.OptionalInt;

/**
 * Who the program runs as, on the host and as seen from inside.
 *
 * @param user the host's user id, 1 to 2147483647; when empty the launcher chooses: itself, or, when it is root, an
 *         id of the host's configured range
 * @param group the host's group id, 1 to 2147483647; chosen in the same way when empty
 * @param groups the host's supplementary group ids, each 1 to 2147483647, at most 32; none unless written
 * @param insideUser the user id that the program sees as its own, 1 to 65534; 1000 unless written
 * @param insideGroup the group id that the program sees as its own, 1 to 65534; 1000 unless written
 */
public record Identity(OptionalInt user, OptionalInt group, List<Integer> groups, int insideUser, int insideGroup) {

  /** Keeps a copy of the groups. */
  public Identity {
    groups = List.copyOf(groups);
  }
}
