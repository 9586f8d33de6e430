package dev.embryo.policy.resolve;

import dev.embryo.runtime.fd.PathStates;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * All that one resolution saw of the host: each name that it asked for, those among them that were not there, and each file
 * that it read. As long as they hold, the same policy resolves to the same.
 *
 * <p>A directory that has not changed still holds the same names, so one look answers for all of them; where it has changed,
 * each name is looked at. A file that was put over a name by a mount is not noticed here: a launch notices it.
 *
 * <p>Immutable and thread-safe.
 */
public final class HostFacts {
  /** What has changed more recently may change again without its time of change telling so. */
  private static final long SETTLED_MILLIS = 100;

  /**
   * A directory in which names were asked for.
   *
   * @param path its place among the states
   * @param settled whether its time of change can be trusted
   * @param names the places of the names
   * @param links those of the names that are links: another link may get the same inode, and only the directory or the time
   *     of the link itself tells
   */
  private record Directory(int path, boolean settled, List<Integer> names, List<Integer> links) {
    boolean holds(PathStates.Look look) {
      return (settled && look.isUnchanged(path))
          || (names.stream().allMatch(look::isSame) && links.stream().allMatch(look::isUnchanged));
    }
  }

  private final PathStates states;
  private final List<Directory> directories;
  private final List<Integer> unchanging; // what was read: code, whole directories

  private HostFacts(PathStates states, List<Directory> directories, List<Integer> unchanging) {
    this.states = states;
    this.directories = directories;
    this.unchanging = unchanging;
  }

  /**
   * Takes down what a resolution has seen.
   *
   * @param data files that were looked at, and not read
   * @param begun when the resolution began, in milliseconds since 1970
   * @return empty if something is already another, or was changed too recently to tell
   */
  static Optional<HostFacts> of(HostFiles files, Set<String> data, long begun) {
    Map<String, Integer> places = new LinkedHashMap<>();
    Map<String, List<Integer>> byDirectory = new LinkedHashMap<>();
    files.asked().keySet().forEach(name -> {
      int place = place(name, places);
      byDirectory.computeIfAbsent(parent(name), directory -> new ArrayList<>()).add(place);
    });
    byDirectory.keySet().forEach(directory -> place(directory, places));
    files.listed().forEach(directory -> place(directory, places));
    PathStates states = PathStates.of(List.copyOf(places.keySet()));

    List<Integer> unchanging = new ArrayList<>();
    Set<Integer> links = new HashSet<>();
    for (Map.Entry<String, Optional<HostNode>> asked : files.asked().entrySet()) {
      int place = place(asked.getKey(), places);
      HostNode node = asked.getValue().orElse(null);
      if (states.isPresent(place) != (node != null) || (node != null && states.inode(place) != node.identity().inode())) {
        return Optional.empty();
      }
      if (node != null && node.target() != null) {
        links.add(place);
      } else if (node != null && node.isRegular() && !data.contains(asked.getKey())) {
        unchanging.add(place);
      }
    }
    files.listed().forEach(directory -> unchanging.add(place(directory, places)));
    if (!Stream.concat(unchanging.stream(), links.stream()).allMatch(place -> isSettled(states, place, begun))) {
      return Optional.empty();
    }
    List<Directory> directories = new ArrayList<>();
    byDirectory.forEach((directory, names) -> {
      int place = place(directory, places);
      directories.add(new Directory(place, isSettled(states, place, begun), List.copyOf(names),
          names.stream().filter(links::contains).toList()));
    });
    return Optional.of(new HostFacts(states, List.copyOf(directories), List.copyOf(unchanging)));
  }

  private static int place(String path, Map<String, Integer> places) {
    return places.computeIfAbsent(path, added -> places.size());
  }

  private static String parent(String name) {
    return name.substring(0, Math.max(1, name.lastIndexOf('/')));
  }

  private static boolean isSettled(PathStates states, int place, long begun) {
    return states.isPresent(place) && states.changedMillis(place) + SETTLED_MILLIS < begun;
  }

  /** Looks whether everything is still so. */
  public boolean hold() {
    PathStates.Look look = states.look();
    for (Directory directory : directories) {
      if (!directory.holds(look)) {
        return false;
      }
    }
    for (int read : unchanging) {
      if (!look.isUnchanged(read)) {
        return false;
      }
    }
    return true;
  }
}
