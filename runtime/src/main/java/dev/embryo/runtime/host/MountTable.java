package dev.embryo.runtime.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mounts of this process; see proc_pid_mountinfo(5). It tells where in its file system a file is, whichever mount it was
 * reached by.
 *
 * <p>Immutable and thread-safe.
 */
public final class MountTable {
  /**
   * A place in a file system.
   *
   * @param device major and minor number, as mountinfo writes them
   * @param path absolute, from the root of the file system
   */
  public record Location(String device, String path) {
    /** Whether this is the other place or lies beneath it. */
    public boolean isWithin(Location other) {
      return device.equals(other.device)
          && (path.equals(other.path) || other.path.equals("/") || path.startsWith(other.path + "/"));
    }
  }

  private static final Path SOURCE = Path.of("/proc/self/mountinfo");

  private final Map<Long, MountLine> mounts = new HashMap<>();

  private MountTable(String text) throws IOException {
    for (String line : text.split("\n")) {
      try {
        var mount = MountLine.parse(line);
        mounts.put(mount.id(), mount);
      } catch (IllegalArgumentException other) {
        throw new IOException(SOURCE + ": " + other.getMessage(), other);
      }
    }
  }

  /** Reads the table as it is now. */
  public static MountTable read() throws IOException {
    return of(new String(Files.readAllBytes(SOURCE), StandardCharsets.UTF_8));
  }

  /** A table that stands in a text. */
  static MountTable of(String text) throws IOException {
    return new MountTable(text);
  }

  /**
   * Where a path leads.
   *
   * @param mount the number of the mount that it is on
   * @param path absolute, without symbolic links
   * @return empty if that mount is not in the table, or does not hold the path
   */
  public Optional<Location> locate(long mount, String path) {
    return Optional.ofNullable(mounts.get(mount))
        .flatMap(known -> beneath(known.point(), path)
            .map(relative -> new Location(known.device(), join(known.root(), relative))));
  }

  /**
   * What is to be seen at and beneath a directory: its own tree, and those that are mounted in it.
   *
   * @param mount the number of the mount that the directory is on
   * @param directory absolute, without symbolic links
   * @return the roots of these trees; empty if the mount does not hold the directory
   */
  public List<Location> seenFrom(long mount, String directory) {
    var own = locate(mount, directory);
    if (own.isEmpty()) {
      return List.of();
    }
    var seen = new ArrayList<Location>();
    seen.add(own.get());
    mounts.values().stream().filter(other -> beneath(directory, other.point()).isPresent())
        .forEach(other -> seen.add(new Location(other.device(), other.root())));
    return seen;
  }

  private static Optional<String> beneath(String directory, String path) {
    if (directory.equals("/") || path.equals(directory)) {
      return Optional.of(path.equals(directory) ? "" : path);
    }
    return path.startsWith(directory + "/") ? Optional.of(path.substring(directory.length())) : Optional.empty();
  }

  private static String join(String root, String relative) {
    return root.equals("/") && !relative.isEmpty() ? relative : root + relative;
  }
}
