package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.resolve.Executable;
import dev.embryo.policy.resolve.HostPermissions;
import dev.embryo.policy.resolve.PathInView;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What stands in the way of a deed at one place in the root of a program: permissions, mounts, Landlock. Each answers for itself;
 * {@link PathAnswer} knows in which order the kernel asks. Immutable, but looks at the host's files.
 */
final class PathLayers {
  private static final String MOUNT = "mount";
  private static final String ROOT = "private root";
  private static final String LANDLOCK = "Landlock";
  private static final String HOST = "the host's files";

  private final CompiledPolicy compiled;
  private final HostPermissions permissions;
  private final boolean ownRoot;

  PathLayers(CompiledPolicy compiled) {
    this.compiled = compiled;
    ownRoot = compiled.plan().namespaces().contains(Namespace.MOUNT);
    var identity = compiled.policy().identity();
    permissions = compiled.needsHostUser()
        ? new HostPermissions(identity.user(), Set.copyOf(identity.groups()), false)
        : new HostPermissions(OptionalInt.of(compiled.host().user()), Set.of(), true);
  }

  HostPermissions permissions() {
    return permissions;
  }

  boolean hasOwnRoot() {
    return ownRoot;
  }

  /** The mount that a place is in; empty for the root itself, and where the host's are seen. */
  Optional<RootEntry> mount(String path) {
    return compiled.root().stream().filter(entry -> ownRoot && isMount(entry) && isAtOrAbove(entry.path(), path))
        .max((a, b) -> Integer.compare(a.path().length(), b.path().length()));
  }

  private static boolean isMount(RootEntry entry) {
    return entry instanceof RootEntry.Mount || entry instanceof RootEntry.Tmpfs || entry instanceof RootEntry.Proc;
  }

  private static boolean isAtOrAbove(String entry, String path) {
    return path.equals(entry) || path.startsWith(entry + "/");
  }

  /** Whether two places are in different mounts. */
  Optional<PathVerdict> apart(PathInView one, PathInView other) {
    boolean together = ownRoot ? mount(one.path()).equals(mount(other.path()))
        : one.host().flatMap(a -> other.host().map(b -> HostPermissions.areTogether(a, b))).orElse(true);
    return together ? Optional.empty() : Optional.of(PathVerdict.fails(Errno.EXDEV, "the two are not in one mount", MOUNT));
  }

  /** Whether nothing there can be changed. */
  Optional<PathVerdict> readOnly(PathInView place) {
    var mount = mount(place.path());
    if (ownRoot && mount.isEmpty()) {
      return Optional.of(PathVerdict.fails(Errno.EROFS, "the root itself holds what was granted, and nothing can be made in it", ROOT));
    } else if (mount.isPresent() && (mount.get() instanceof RootEntry.Proc || has(mount.get(), Constant.MOUNT_ATTR_RDONLY))) {
      return Optional.of(PathVerdict.fails(Errno.EROFS, mount.get().path() + " is mounted for reading" + purpose(mount.get()), MOUNT));
    }
    return place.host().filter(HostPermissions::isReadOnly)
        .map(host -> PathVerdict.fails(Errno.EROFS, "the host has mounted it for reading", HOST));
  }

  /** Whether nothing there can be executed. */
  Optional<PathVerdict> noExecution(PathInView place) {
    return mount(place.path()).filter(mount -> !(mount instanceof RootEntry.Mount) || has(mount, Constant.MOUNT_ATTR_NOEXEC))
        .map(mount -> PathVerdict.fails(Errno.EACCES, mount.path() + " is mounted noexec" + purpose(mount), MOUNT));
  }

  private static boolean has(RootEntry entry, Constant attribute) {
    return entry instanceof RootEntry.Mount mount && (mount.attributes().value() & attribute.value()) != 0;
  }

  private static String purpose(RootEntry entry) {
    return entry instanceof RootEntry.Mount mount ? ": " + mount.purpose() : "";
  }

  /** Whether Landlock withholds one of these. */
  Optional<PathVerdict> landlock(String path, Set<Access> wanted) {
    var missing = missing(path, wanted);
    return missing.isEmpty() ? Optional.empty() : Optional.of(PathVerdict.fails(Errno.EACCES, "no rule allows to "
        + missing.stream().map(Explanation::right).distinct().collect(Collectors.joining(" and ")) + " at " + path, LANDLOCK));
  }

  /** What of these Landlock knows and no rule for a place or a directory above it allows. */
  Set<Access> missing(String path, Set<Access> wanted) {
    var missing = EnumSet.noneOf(Access.class);
    missing.addAll(wanted);
    missing.removeIf(access -> access.sinceAbi() > compiled.host().landlockAbi());
    missing.removeAll(accesses(path));
    return missing;
  }

  /** All that the rules allow there. */
  Set<Access> accesses(String path) {
    var allowed = EnumSet.noneOf(Access.class);
    for (RootEntry entry : compiled.root()) {
      if (entry instanceof RootEntry.Mount mount && isAtOrAbove(ownRoot ? mount.path() : mount.source(), path)) {
        allowed.addAll(mount.accesses());
      } else if (entry instanceof RootEntry.Tmpfs tmpfs && isAtOrAbove(tmpfs.path(), path)) {
        allowed.addAll(tmpfs.accesses());
      } else if (entry instanceof RootEntry.Proc proc && isAtOrAbove(proc.path(), path)) {
        allowed.addAll(proc.accesses());
      }
    }
    for (Executable executable : compiled.resolved().executables()) {
      if (executable.directory() ? isAtOrAbove(executable.path(), path) : executable.path().equals(path)) {
        allowed.add(Access.EXECUTE);
      }
    }
    return allowed;
  }

  /** What the permissions of the file are in the way of: read 4, write 2, execute 1. */
  Optional<PathVerdict> permissions(PathInView place, int wanted) {
    if (ownRoot && mount(place.path()).isEmpty() && (wanted & 2) != 0 && compiled.needsHostUser()) {
      return Optional.of(PathVerdict.fails(Errno.EACCES, "the root belongs to the host's root", ROOT));
    }
    return place.host().flatMap(host -> permissions(host, place.path(), wanted));
  }

  private Optional<PathVerdict> permissions(String host, String path, int wanted) {
    boolean may = ((wanted & 4) == 0 || permissions.mayRead(host)) && ((wanted & 2) == 0 || permissions.mayWrite(host))
        && ((wanted & 1) == 0 || permissions.mayExecute(host));
    return may ? Optional.empty() : Optional.of(PathVerdict.fails(Errno.EACCES,
        "the permissions of " + host + " on the host do not let the program's user, "
            + (permissions.launcher() ? "who is you" : permissions.user().isPresent() ? "host user " + permissions.user().getAsInt()
                : "who owns nothing there") + (host.equals(path) ? "" : "; it is seen at " + path), HOST));
  }

  /** Whether the kernel keeps others than its owner from giving it another name: proc_sys_fs(5), {@code protected_hardlinks}. */
  Optional<PathVerdict> linkProtection(PathInView place) {
    return place.host().filter(host -> HostPermissions.protectsLinks() && !permissions.owns(host)
            && !(place.kind() == PathInView.Kind.FILE && permissions.mayRead(host) && permissions.mayWrite(host)))
        .map(host -> PathVerdict.fails(Errno.EPERM, "fs.protected_hardlinks: the program's user does not own " + host
            + ", and may not read and write it", HOST));
  }

  /** Whether it is not the program's to change. */
  Optional<PathVerdict> ownership(PathInView place) {
    return place.host().filter(host -> !permissions.owns(host))
        .map(host -> PathVerdict.fails(Errno.EPERM, "the program's user does not own " + host, HOST));
  }
}
