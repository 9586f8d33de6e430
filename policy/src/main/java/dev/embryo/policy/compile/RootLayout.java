package dev.embryo.policy.compile;

import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.resolve.Executable;
import dev.embryo.policy.resolve.MountUse;
import dev.embryo.policy.resolve.ResolvedFile;
import dev.embryo.policy.resolve.ResolvedPolicy;
import dev.embryo.policy.resolve.ViewEntry;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Constant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * How each use of a mount is enforced: the attributes of the mount, and what Landlock allows beneath it; to execute, only
 * where {@link ResolvedPolicy#executables} has it. Nothing that the program can write is executable, and no device or set-user-ID bit counts outside the few devices themselves.
 */
final class RootLayout {
  private record Enforcement(Constant attributes, Set<Access> accesses) {}

  private static final Constant READ_ONLY = Constant.MOUNT_ATTR_RDONLY;
  private static final Constant NO_SET_ID = Constant.MOUNT_ATTR_NOSUID;
  private static final Constant NO_DEVICES = Constant.MOUNT_ATTR_NODEV;
  private static final Constant NO_EXEC = Constant.MOUNT_ATTR_NOEXEC;
  private static final Map<MountUse, Enforcement> TABLE = table();

  private RootLayout() {}

  private static Map<MountUse, Enforcement> table() {
    var table = new EnumMap<MountUse, Enforcement>(MountUse.class);
    row(table, MountUse.PROGRAM, Set.of(Access.READ_FILE), READ_ONLY, NO_SET_ID, NO_DEVICES);
    row(table, MountUse.EXECUTABLE, Set.of(Access.READ_FILE), READ_ONLY, NO_SET_ID, NO_DEVICES);
    row(table, MountUse.INTERPRETER, Set.of(Access.READ_FILE), READ_ONLY, NO_SET_ID, NO_DEVICES);
    row(table, MountUse.LIBRARY, Set.of(Access.READ_FILE), READ_ONLY, NO_SET_ID, NO_DEVICES);
    row(table, MountUse.SHOWN, Set.of(Access.READ_FILE, Access.READ_DIR), READ_ONLY, NO_SET_ID, NO_DEVICES);
    row(table, MountUse.SYSTEM, Set.of(Access.READ_FILE, Access.READ_DIR), READ_ONLY, NO_SET_ID, NO_DEVICES);
    row(table, MountUse.SCRIPT, Set.of(Access.READ_FILE), READ_ONLY, NO_SET_ID, NO_DEVICES, NO_EXEC);
    row(table, MountUse.DATA_READ, Set.of(Access.READ_FILE, Access.READ_DIR),
        READ_ONLY, NO_SET_ID, NO_DEVICES, NO_EXEC);
    row(table, MountUse.DATA_WRITE, Set.of(Access.READ_FILE, Access.WRITE_FILE, Access.TRUNCATE),
        NO_SET_ID, NO_DEVICES, NO_EXEC);
    row(table, MountUse.DATA_WRITE_ONLY, Set.of(Access.WRITE_FILE, Access.TRUNCATE), NO_SET_ID, NO_DEVICES, NO_EXEC);
    row(table, MountUse.DEVICE, Set.of(Access.READ_FILE, Access.WRITE_FILE), READ_ONLY, NO_SET_ID, NO_EXEC);
    row(table, MountUse.TERMINAL_INPUT, Set.of(Access.READ_FILE, Access.IOCTL_DEV), READ_ONLY, NO_SET_ID, NO_EXEC);
    row(table, MountUse.TERMINAL_OUTPUT, Set.of(Access.WRITE_FILE, Access.IOCTL_DEV), READ_ONLY, NO_SET_ID, NO_EXEC);
    row(table, MountUse.TERMINAL, Set.of(Access.READ_FILE, Access.WRITE_FILE, Access.IOCTL_DEV),
        READ_ONLY, NO_SET_ID, NO_EXEC);
    return table;
  }

  private static void row(
      Map<MountUse, Enforcement> table, MountUse use, Set<Access> accesses, Constant... attributes) {
    table.put(use, new Enforcement(Constant.or(attributes), EnumSet.copyOf(accesses)));
  }

  /** What the private root will hold. */
  static List<RootEntry> of(ResolvedPolicy resolved) {
    return resolved.view().stream().map(entry -> rootEntry(resolved, entry)).toList();
  }

  private static RootEntry rootEntry(ResolvedPolicy resolved, ViewEntry entry) {
    if (entry instanceof ViewEntry.Directory directory) {
      return new RootEntry.Directory(directory.path());
    } else if (entry instanceof ViewEntry.Link link) {
      return new RootEntry.Link(link.path(), link.target());
    } else if (entry instanceof ViewEntry.Tmpfs tmpfs) {
      return new RootEntry.Tmpfs(tmpfs.path(), resolved.mountPointExists(entry), tmpfs.bytes(),
          TreeAccess.of(Objects.requireNonNull(resolved.policy().capabilities().get(tmpfs.capability())).rights()));
    } else if (entry instanceof ViewEntry.Proc proc) {
      return new RootEntry.Proc(proc.path(), EnumSet.of(Access.READ_FILE, Access.READ_DIR));
    } else if (entry instanceof ViewEntry.Mount mount) {
      var enforcement = enforcement(mount.use());
      var identity = mount.identity();
      var accesses = accesses(resolved, mount, enforcement);
      return new RootEntry.Mount(mount.path(), resolved.mountPointExists(entry), mount.host().toString(),
          mount.directory(), identity.devMajor(), identity.devMinor(), identity.inode(), enforcement.attributes(),
          isExecutable(resolved, mount) ? and(Access.EXECUTE, accesses) : accesses,
          purpose(mount));
    }
    throw new AssertionError(entry);
  }

  /** A directory that is granted as a descriptor, at no path of the program's. */
  static RootEntry.Mount tree(DirectoryCapability directory, ResolvedFile found) {
    var use = MountUse.ofDirectory(directory.rights());
    var identity = found.identity();
    return new RootEntry.Mount(found.host().toString(), true, found.host().toString(), true, identity.devMajor(),
        identity.devMinor(), identity.inode(), enforcement(use).attributes(), TreeAccess.of(directory.rights()),
        "the capability '" + directory.name() + "'");
  }

  private static Enforcement enforcement(MountUse use) {
    var enforcement = TABLE.get(use);
    if (enforcement == null) {
      throw new AssertionError("no row for " + use);
    }
    return enforcement;
  }

  /** A granted directory has rights of its own; a file is open or it is not. */
  private static Set<Access> accesses(ResolvedPolicy resolved, ViewEntry.Mount mount, Enforcement enforcement) {
    return mount.capability().map(resolved.policy().capabilities()::get)
        .filter(DirectoryCapability.class::isInstance)
        .map(directory -> TreeAccess.of(directory.rights())).orElse(enforcement.accesses());
  }

  private static boolean isExecutable(ResolvedPolicy resolved, ViewEntry.Mount mount) {
    return resolved.executables().stream().anyMatch(executable -> executable.path().equals(mount.path()));
  }

  private static Set<Access> and(Access more, Set<Access> accesses) {
    var all = EnumSet.of(more);
    all.addAll(accesses);
    return all;
  }

  /**
   * What may be executed and is no mount itself, but lies in one.
   *
   * @param root what {@link #of} gave
   */
  static List<Executable> executablesWithin(List<RootEntry> root, ResolvedPolicy resolved) {
    var paths = new HashSet<String>();
    root.forEach(entry -> paths.add(entry.path()));
    return resolved.executables().stream().filter(executable -> !paths.contains(executable.path())).toList();
  }

  private static String purpose(ViewEntry.Mount mount) {
    return mount.capability().map(name -> "the capability '" + name + "'").orElseGet(() -> purpose(mount.use()));
  }

  private static String purpose(MountUse use) {
    return switch (use) {
      case SHOWN -> "filesystem.programs";
      case EXECUTABLE -> "processes.execute";
      case TERMINAL_INPUT, TERMINAL_OUTPUT, TERMINAL -> "the program's controlling terminal";
      case INTERPRETER -> "an ELF interpreter";
      default -> "the program's " + use.name().toLowerCase(Locale.ROOT);
    };
  }
}
