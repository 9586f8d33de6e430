package dev.embryo.policy.resolve;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Merges all that the private root will hold into one list, and refuses what cannot be built or would hide something.
 *
 * <p>What the program needs to run comes first and keeps its place; capabilities are put around it. Inside a mounted
 * host directory nothing is ever made: a mount point there has to exist already.
 *
 * <p>For one resolution; not thread-safe.
 */
final class ViewAssembly {
  private static final String PROC = "/proc";

  private final HostFiles files;
  private final List<Problem> problems;
  /** In the natural order of paths, in which a parent precedes its children. */
  private final TreeMap<String, ViewEntry> entries = new TreeMap<>();

  private final Map<String, Capability> owners = new HashMap<>();

  /**
   * Begins an empty view.
   *
   * @param problems where problems with capabilities go
   */
  ViewAssembly(HostFiles files, List<Problem> problems) {
    this.files = files;
    this.problems = problems;
  }

  /** Shows a file or directory of the host at its own path, with the links and directories that led to it. */
  void mount(HostFiles.Walk walk, MountUse use) {
    for (ViewEntry.Link link : walk.links()) {
      entries.putIfAbsent(link.path(), link);
    }
    for (String path : walk.directories()) {
      entries.putIfAbsent(path, new ViewEntry.Directory(path));
    }
    if (isOfPrograms(use) && above(walk.real()) instanceof ViewEntry.Mount) {
      return; // on a merged system /bin is /usr/bin: the link is all there is to show
    }
    if (!(entries.get(walk.real()) instanceof ViewEntry.Mount)) {
      entries.put(walk.real(), new ViewEntry.Mount(walk.real(), Path.of(walk.real()), walk.node().identity(),
          walk.node().isDirectory(), use, Optional.empty()));
    }
  }

  /** Shows the sandbox's own processes; no capability is mounted there. */
  void proc() {
    entries.put(PROC, new ViewEntry.Proc(PROC));
  }

  /** Shows a granted directory or file at a mount point. */
  void mount(Capability capability, String mountPoint, HostFiles.Walk walk, MountUse use) {
    place(capability, new ViewEntry.Mount(
        mountPoint, Path.of(walk.real()), walk.node().identity(), walk.node().isDirectory(), use,
        Optional.of(capability.name())));
  }

  /** Shows an empty file system in memory at a mount point. */
  void tmpfs(Capability capability, String mountPoint, long bytes) {
    place(capability, new ViewEntry.Tmpfs(mountPoint, bytes, capability.name()));
  }

  private void place(Capability capability, ViewEntry entry) {
    String path = entry.path();
    try {
      HostFiles.requirePrintable(path);
    } catch (HostPathException e) {
      report(capability, Objects.requireNonNullElse(e.getMessage(), e.toString()));
      return;
    }
    Capability other = owners.putIfAbsent(path, capability);
    ViewEntry taken = entries.get(path);
    if (other != null) {
      report(capability, "the mount point " + path + " is already that of capabilities." + other.name());
    } else if (taken instanceof ViewEntry.Link link) {
      report(capability, "the mount point " + path + " is a symbolic link to " + link.target() + " in the view");
    } else if (taken instanceof ViewEntry.Directory && isFile(entry)) {
      report(capability, "the mount point " + path + " is a directory of the view, and a file cannot be mounted on one");
    } else if (taken instanceof ViewEntry.Mount) {
      report(capability, "the mount point " + path + " already shows the host's " + path + ", which the program needs");
    } else {
      entries.put(path, entry);
    }
  }

  /**
   * The finished view. Problems are reported; when there are any, the result is not complete.
   *
   * @return sorted by path, every directory above an entry in it unless a mount provides it
   */
  List<ViewEntry> assemble() throws IOException {
    for (ViewEntry entry : List.copyOf(entries.values())) {
      addParents(entry.path());
    }
    List<ViewEntry> view = new ArrayList<>(entries.size());
    for (ViewEntry entry : entries.values()) {
      ViewEntry above = above(entry.path());
      if (above == null || above instanceof ViewEntry.Tmpfs) {
        view.add(entry);
      } else if (above instanceof ViewEntry.Mount mount && mount.directory()) {
        if (fits(entry, mount) && !isAlreadyShown(entry, mount)) {
          view.add(entry);
        }
      } else {
        // The program's own entries have real directories above them, so this one is a capability's.
        report(entry, "the mount point %s lies below %s, which is %s in the view".formatted(
            entry.path(), above.path(), above instanceof ViewEntry.Link ? "a symbolic link" : "a file"));
      }
    }
    return view;
  }

  /**
   * The view of a program without a root of its own: what it may use of the host, where that is. There is nothing to be
   * made, and nothing hides anything: rights on what lies within one another add up.
   *
   * @return the mounts alone, sorted by path
   */
  List<ViewEntry> onHost() {
    List<ViewEntry> view = new ArrayList<>();
    for (ViewEntry entry : entries.values()) {
      if (entry instanceof ViewEntry.Mount mount) {
        ViewEntry.Mount writable = writableAbove(mount.path());
        if (writable != null && mount.use() != MountUse.DATA_WRITE) {
          reportSum(mount, writable);
        }
        view.add(mount);
      }
    }
    return view;
  }

  private ViewEntry.@Nullable Mount writableAbove(String path) {
    for (String parent = parent(path); !parent.isEmpty(); parent = parent(parent)) {
      if (entries.get(parent) instanceof ViewEntry.Mount mount && mount.use() == MountUse.DATA_WRITE) {
        return mount;
      }
    }
    return null;
  }

  private void reportSum(ViewEntry.Mount mount, ViewEntry.Mount writable) {
    if (owners.containsKey(mount.path())) {
      report(mount, mount.path() + " lies in " + writable.path() + ", which the program may write, and without namespaces"
          + " rights add up; take it out of there, or grant both for writing");
    } else {
      report(writable, writable.path() + " holds " + mount.path() + ", which the program needs and could then change:"
          + " without namespaces rights add up; grant directories beside it");
    }
  }

  private void addParents(String path) {
    List<String> missing = new ArrayList<>();
    for (String parent = parent(path); !parent.isEmpty(); parent = parent(parent)) {
      ViewEntry entry = entries.get(parent);
      if (entry instanceof ViewEntry.Mount || entry instanceof ViewEntry.Link) {
        return;
      }
      if (entry instanceof ViewEntry.Tmpfs) {
        break;
      }
      if (entry == null) {
        missing.add(parent);
      }
    }
    for (String directory : missing) {
      entries.put(directory, new ViewEntry.Directory(directory));
    }
  }

  /** The nearest entry above a path that is more than a directory of the same file system. */
  private @Nullable ViewEntry above(String path) {
    for (String parent = parent(path); !parent.isEmpty(); parent = parent(parent)) {
      ViewEntry entry = entries.get(parent);
      if (entry != null && !(entry instanceof ViewEntry.Directory)) {
        return entry;
      }
    }
    return null;
  }

  /** Whether a mounted host directory has, at the place of an entry, something on which the entry can be put. */
  private boolean fits(ViewEntry entry, ViewEntry.Mount over) throws IOException {
    HostNode node = within(over, entry.path());
    if (node != null && matches(entry, node)) {
      return true;
    }
    if (owners.containsKey(entry.path())) {
      report(entry, "the mount point %s %s in %s, which the view shows at %s; nothing is made there".formatted(
          entry.path(), node == null ? "does not exist"
              : "is " + node.kind() + ", not " + (isFile(entry) ? "a file," : "a directory,"), over.host(), over.path()));
    } else if (owners.containsKey(over.path())) {
      report(over, "mounted at " + over.path() + ", it would hide " + entry.path() + ", which the program needs");
    } else {
      throw new ProgramException(entry.path() + " changed while the policy was resolved");
    }
    return false;
  }

  private static boolean matches(ViewEntry entry, HostNode node) {
    if (entry instanceof ViewEntry.Link link) {
      return link.target().equals(node.target());
    }
    return node.target() == null && node.isDirectory() != isFile(entry);
  }

  private static boolean isFile(ViewEntry entry) {
    return entry instanceof ViewEntry.Mount mount && !mount.directory();
  }

  /** What a mounted host directory holds at a path of the view; null when nothing, or behind a symbolic link. */
  private @Nullable HostNode within(ViewEntry.Mount over, String path) throws IOException {
    String host = over.host().toString();
    HostNode node = null;
    for (String name : path.substring(over.path().length() + 1).split("/", -1)) {
      if (node != null && !node.isDirectory()) {
        return null;
      }
      host = host.equals("/") ? "/" + name : host + "/" + name;
      node = files.lstat(host);
      if (node == null) {
        return null;
      }
    }
    return node;
  }

  /** Whether the host directory shows the very same thing there, with rights that are enough. */
  private static boolean isAlreadyShown(ViewEntry entry, ViewEntry.Mount over) {
    if (entry instanceof ViewEntry.Mount mount) {
      return isOfPrograms(over.use()) && mount.capability().isEmpty();
    }
    return !(entry instanceof ViewEntry.Tmpfs);
  }

  /** Whether it may show directories in which the program's own things are. */
  private static boolean isOfPrograms(MountUse use) {
    return use == MountUse.SYSTEM || use == MountUse.SHOWN;
  }

  private void report(ViewEntry entry, String what) {
    report(Objects.requireNonNull(owners.get(entry.path())), what);
  }

  private void report(Capability capability, String what) {
    problems.add(Problem.with("capabilities." + capability.name(), capability.position(), what));
  }

  private static String parent(String path) {
    return path.substring(0, path.lastIndexOf('/'));
  }
}
