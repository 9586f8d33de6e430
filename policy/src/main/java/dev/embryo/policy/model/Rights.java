package dev.embryo.policy.model;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The rights of one capability: exactly what may be done with it, short forms already spelt out.
 *
 * <p>A parsed policy holds one of these sets:
 * <table>
 * <caption>The sets that can be enforced</caption>
 * <tr><td>inherit, null, file</td><td>{@code read}; {@code write}; {@code read, write}</td></tr>
 * <tr><td>directory</td><td>{@code read, stat, list, lookup}; those and {@code write, metadata,
 * create, delete, rename, link, symlink}</td></tr>
 * <tr><td>tmpfs</td><td>the last of these</td></tr>
 * </table>
 *
 * @param set the rights, in the order of {@link Right}; never empty in a parsed policy
 */
public record Rights(Set<Right> set) {

  /** Keeps a copy of the set. */
  public Rights {
    set = copy(set);
  }

  /** The given rights and no others. */
  public static Rights of(Right... rights) {
    return new Rights(copy(List.of(rights)));
  }

  private static Set<Right> copy(Collection<Right> rights) {
    EnumSet<Right> copy = EnumSet.noneOf(Right.class);
    copy.addAll(rights);
    return Collections.unmodifiableSet(copy);
  }

  /** Whether the right is among them. */
  public boolean has(Right right) {
    return set.contains(right);
  }

  /** The rights of both. */
  public Rights and(Rights others) {
    EnumSet<Right> both = EnumSet.noneOf(Right.class);
    both.addAll(set);
    both.addAll(others.set);
    return new Rights(both);
  }

  /** {@code [read, write]}, as a policy would write it. */
  @Override
  public String toString() {
    return set.toString();
  }
}
