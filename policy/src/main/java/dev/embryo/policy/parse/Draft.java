package dev.embryo.policy.parse;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.parse.Kind.Common;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A capability of which everything is known but, perhaps, its descriptor number.
 *
 * @param kind its kind
 * @param name its name
 * @param rights its rights
 * @param fixed the number that it must have: written, or that of a standard stream
 * @param mount where it is mounted
 * @param position where it is named
 */
record Draft(
    Kind<?> kind, String name, Rights rights, OptionalInt fixed, Optional<String> mount, Position position) {

  /** Whether it takes the next number that is free. */
  boolean automatic() {
    boolean atNumber = kind.descriptor() == Kind.Way.ALWAYS || (kind.descriptor() == Kind.Way.EITHER && mount.isEmpty());
    return atNumber && fixed.isEmpty();
  }

  /** Of its name, which no other has: that of all its parts takes the making of classes, in every JVM, and tables to be gone through. */
  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** Its path in the policy. */
  String path() {
    return "capabilities." + name;
  }

  /** The capability, at the number if there is one. */
  Capability finish(OptionalInt fd, Values values) {
    return kind.make(new Common(name, rights, fd, mount, position, values), values);
  }
}
