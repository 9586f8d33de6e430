package dev.embryo.runtime.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a process's cgroup of version 2 is in the file system, see cgroups(7).
 *
 * @param directory the cgroup
 * @param top the highest cgroup that the process sees: the directory itself or one above it
 */
public record OwnCgroup(Path directory, Path top) {
  private static final String VERSION_2 = "0::"; // the line of the only hierarchy without a number and controllers
  private static final String TYPE = " - cgroup2 ";

  /** That of this process, as the first mount shows it; empty if none does. */
  public static Optional<OwnCgroup> current() throws IOException {
    return of(Files.readString(Path.of("/proc/self/cgroup")), Files.readString(Path.of("/proc/self/mountinfo")));
  }

  /**
   * Finds it in what the kernel tells.
   *
   * @param cgroups the content of /proc/self/cgroup
   * @param mounts the content of /proc/self/mountinfo
   */
  static Optional<OwnCgroup> of(String cgroups, String mounts) {
    var path = cgroups.lines().filter(line -> line.startsWith(VERSION_2)).map(line -> line.substring(VERSION_2.length()))
        .findFirst();
    return path.flatMap(own -> mounts.lines().filter(line -> line.contains(TYPE))
        .map(MountLine::parse).flatMap(mount -> shownBy(mount, own).stream()).findFirst());
  }

  /** A mount may show a part of the hierarchy only, and with a cgroup namespace both paths begin at its root. */
  private static Optional<OwnCgroup> shownBy(MountLine mount, String own) {
    var root = Path.of(mount.root());
    var cgroup = Path.of(own);
    var point = Path.of(mount.point());
    return cgroup.startsWith(root) && !own.contains("/..")
        ? Optional.of(new OwnCgroup(point.resolve(root.relativize(cgroup)), point))
        : Optional.empty();
  }

  /** The cgroup and those above it, as far as this process sees them. */
  public List<Path> upwards() {
    var found = new ArrayList<Path>();
    for (Path next = directory; next != null && next.startsWith(top); next = next.getParent()) {
      found.add(next);
    }
    return found;
  }
}
