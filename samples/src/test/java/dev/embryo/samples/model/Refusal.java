package dev.embryo.samples.model;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Whether a policy is refused before its program runs, and why. */
final class Refusal {
  private static final Set<String> OF_MOUNTED_FILES = Set.of("read", "write", "duplicate");
  private static final Set<String> TELLING = Set.of("read", "write", "append", "truncate", "allocate", "metadata");

  private final Grants grants;
  private final Node files;

  private Refusal(Grants grants, Node files) {
    this.grants = grants;
    this.files = files;
  }

  /** @param files the directory of the test */
  static Optional<String> of(Grants grants, Node files) {
    return new Refusal(grants, files).reason();
  }

  private Optional<String> reason() {
    return grants.all().stream().map(this::alone).flatMap(Optional::stream).findFirst().or(this::together).or(this::twice);
  }

  private Optional<String> alone(Grant grant) {
    if (!grants.ownRoot() && (grant.kind() == Grant.Kind.TMPFS || grant.isTree() && grant.number().isPresent())) {
      return Optional.of(grant.name() + " takes a mount namespace");
    }
    if (grants.proc() && grant.kind() == Grant.Kind.MEMORY) {
      return Optional.of(grant.name() + " is opened again by /proc");
    }
    if (grants.proc() && grant.isExact() && grant.number().isPresent() && !grant.has("stat")) {
      return Optional.of(grant.name() + " is looked at by /proc");
    }
    var rights = grant.rights();
    boolean unenforceable = grant.isTree() ? isNoSetOfATree(rights)
        : grant.mount().isPresent() ? !OF_MOUNTED_FILES.containsAll(rights) : isNoSetOfADescriptor(grant, rights);
    return unenforceable ? Optional.of(grant.name() + " has rights that nothing tells apart") : Optional.empty();
  }

  private static boolean isNoSetOfATree(Set<String> rights) {
    boolean moves = rights.contains("create") && rights.contains("delete");
    return moves != rights.contains("rename") || rights.contains("link") && !rights.contains("create");
  }

  private static boolean isNoSetOfADescriptor(Grant grant, Set<String> rights) {
    return rights.contains("append") && (hasOneOf(rights, "read", "write", "truncate", "allocate", "map", "map-write")
            || hasOneOf(rights, "duplicate", Acts.SET_FLAGS))
        || lacks(rights, "allocate", "write")
        || lacks(rights, "map", "read")
        || lacks(rights, "map-write", "map") || lacks(rights, "map-write", "write")
        || lacks(rights, "map-execute", "map")
        || rights.contains("map") && grant.opensForWriting() && !hasOneOf(rights, "map-write", "duplicate")
        || rights.contains("duplicate") && !rights.contains("write") && (grant.opensForWriting() || !rights.contains("read"));
  }

  private static boolean hasOneOf(Set<String> rights, String... some) {
    return Set.of(some).stream().anyMatch(rights::contains);
  }

  private static boolean lacks(Set<String> rights, String right, String other) {
    return rights.contains(right) && !rights.contains(other);
  }

  /** What is taken from all cannot be given to one, and what one is mounted in gives what it has. */
  private Optional<String> together() {
    if (grants.isMetadataTaken() && grants.any(grant -> grant.has("metadata"))) {
      return Optional.of("'metadata' is given and withheld");
    } else if (grants.withoutLinks() && grants.any(grant -> grant.has("link"))) {
      return Optional.of("'link' is given and withheld");
    }
    for (Grant outer : grants.trees()) {
      for (Grant inner : grants.all()) {
        if (!grants.ownRoot() && outer.changes() && inner.mount().isPresent() && isBeneath(inner, outer)
            && !(inner.isTree() ? inner.changes() : inner.has("read") && inner.has("write"))) {
          return Optional.of(inner.name() + " is granted for less than " + outer.name());
        }
      }
      for (Grant inner : grants.trees()) {
        if (inner.mount().isPresent() && outer.mount().isPresent() && inner.mount().get().startsWith(outer.mount().get() + "/")) {
          var more = outer.rights();
          more.removeIf(right -> !inner.changes() && !Set.of("list", "read").contains(right));
          more.removeAll(inner.rights());
          if (!more.isEmpty()) {
            return Optional.of(inner.name() + " is mounted in " + outer.name());
          }
        }
      }
    }
    return Optional.empty();
  }

  /** An exact file that can be read, written or changed by another grant and not by its own. */
  private Optional<String> twice() {
    for (Grant exact : grants.all()) {
      for (Grant other : grants.all()) {
        if (exact.isExact() && exact != other && isAlsoIn(exact, other)) {
          var more = new TreeSet<>(other.rights());
          if (other.isTree() || other.mount().isPresent() ? other.changes() : !other.isExact()) {
            more.add("metadata");
          }
          if (more.contains("write") && !other.isExact()) {
            more.addAll(Set.of("truncate", "allocate"));
          }
          if (grants.isMetadataTaken()) {
            more.remove("metadata");
          }
          more.retainAll(TELLING);
          more.removeAll(exact.rights());
          if (exact.has("write")) {
            more.remove("append");
          }
          if (!more.isEmpty()) {
            return Optional.of(exact.name() + " may get " + more + " by " + other.name());
          }
        }
      }
    }
    return Optional.empty();
  }

  private boolean isAlsoIn(Grant exact, Grant other) {
    if (exact.path().isEmpty() || other.path().isEmpty()) {
      return false;
    }
    var file = files.at(exact.path());
    return other.isTree() ? isBeneath(exact, other) || names(files, file) > 1 : files.at(other.path()) == file;
  }

  private static boolean isBeneath(Grant inner, Grant outer) {
    return inner.path().startsWith(outer.path() + "/");
  }

  private static int names(Node directory, Node file) {
    return directory.entries.values().stream().mapToInt(each -> each == file ? 1 : names(each, file)).sum();
  }
}
