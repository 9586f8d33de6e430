package dev.embryo.policy.resolve;

import dev.embryo.runtime.host.MountLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Why a user may not execute a program that was found. Asked when the kernel has refused it, and said nothing but that; looks
 * at the host's files as they are now. Stateless.
 */
public final class ExecutionObstacle {
  private ExecutionObstacle() {}

  /**
   * Looks for the obstacle.
   *
   * @param user the host user that the program runs as
   * @param groups its host groups, but for those that it has from this process, whose user it then shares
   * @param shared whether it shares this process's user
   * @return what it is, in a sentence without a full stop; empty if none is seen
   */
  public static Optional<String> find(
      ResolvedPolicy resolved, int user, Collection<Integer> groups, boolean shared) {
    try {
      for (String file : executed(resolved.program())) {
        Optional<String> obstacle = closed(resolved, file, user, Set.copyOf(groups), shared).or(() -> noExecution(file));
        if (obstacle.isPresent()) {
          return obstacle.map(HostFiles::printable);
        }
      }
    } catch (IOException changedMeanwhile) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** What the kernel opens to execute it. */
  private static List<String> executed(ResolvedProgram program) throws IOException {
    List<String> files = new ArrayList<>();
    if (program.sealed().isEmpty()) {
      files.add(program.host().toString());
    }
    if (program.elf().interpreter().isPresent()) {
      files.add(new HostFiles().walk(program.elf().interpreter().get()).real());
    }
    return files;
  }

  /** A file is shown by itself, so that only directories which are shown with it are in its way. */
  private static Optional<String> closed(
      ResolvedPolicy resolved, String file, int user, Set<Integer> groups, boolean shared) throws IOException {
    List<String> inTheWay = new ArrayList<>();
    for (ViewEntry entry : resolved.view()) {
      if (entry instanceof ViewEntry.Mount mount && mount.directory() && file.startsWith(mount.path() + "/")) {
        for (int end = mount.path().length(); end >= 0; end = file.indexOf('/', end + 1)) {
          inTheWay.add(file.substring(0, end));
        }
      }
    }
    inTheWay.add(file);
    for (String path : inTheWay) {
      int mode = attribute(path, "mode");
      int owner = attribute(path, "uid");
      int bits = owner == user ? 0100 : groups.contains(attribute(path, "gid")) ? 0010 : 0001;
      if ((mode & bits) == 0 && !(shared && Files.isExecutable(Path.of(path)))) {
        return Optional.of("%s (permissions 0%03o, of host user %d) is closed to host user %d, which the program runs as"
            .formatted(path.equals(file) ? path : "the directory " + path, mode & 07777, owner, user));
      }
    }
    return Optional.empty();
  }

  private static int attribute(String path, String name) throws IOException {
    return ((Number) Files.getAttribute(Path.of(path), "unix:" + name)).intValue();
  }

  private static Optional<String> noExecution(String file) {
    try {
      String place = "";
      boolean refuses = false;
      for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
        MountLine mount = MountLine.parse(line);
        String point = mount.point();
        if (point.length() >= place.length() && (file.startsWith(point.equals("/") ? point : point + "/") || file.equals(point))) {
          place = point; // of two at one place, the later covers the other
          refuses = mount.options().contains("noexec");
        }
      }
      return refuses
          ? Optional.of(file + " lies on the file system at " + place + ", which the host has mounted noexec; move the file,"
              + " or have that remounted with exec")
          : Optional.empty();
    } catch (IOException | IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }
}
