package dev.embryo.policy.compile;

import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.landlock.Access;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** What each right of a directory is to Landlock. A right without a row is not Landlock's to give. */
final class TreeAccess {
  private static final Map<Right, Set<Access>> TABLE = new EnumMap<>(Map.of(
      Right.READ, EnumSet.of(Access.READ_FILE),
      Right.LIST, EnumSet.of(Access.READ_DIR),
      Right.WRITE, EnumSet.of(Access.WRITE_FILE, Access.TRUNCATE),
      Right.CREATE, EnumSet.of(Access.MAKE_REG, Access.MAKE_DIR, Access.MAKE_FIFO, Access.MAKE_SOCK),
      Right.DELETE, EnumSet.of(Access.REMOVE_FILE, Access.REMOVE_DIR),
      Right.RENAME, EnumSet.of(Access.REFER), // and what making and removing take
      Right.LINK, EnumSet.of(Access.REFER),
      Right.SYMLINK, EnumSet.of(Access.MAKE_SYM)));

  private TreeAccess() {}

  /** What Landlock is to allow beneath a directory with these rights. */
  static Set<Access> of(Rights rights) {
    var accesses = EnumSet.noneOf(Access.class);
    rights.set().forEach(right -> accesses.addAll(TABLE.getOrDefault(right, Set.of())));
    return accesses;
  }
}
