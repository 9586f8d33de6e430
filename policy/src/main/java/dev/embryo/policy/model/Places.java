package dev.embryo.policy.model;

import java.util.Map;

/**
 * Where each key of a policy stands in its text.
 *
 * @param start the beginning of the policy
 * @param keys for each key that is written, by its full path ({@code limits.memory}), the position of its value
 */
public record Places(Position start, Map<String, Position> keys) {

  /** Keeps a copy of the positions. */
  public Places {
    keys = Map.copyOf(keys);
  }

  /**
   * The place to point at when something about a key is wrong: its value, or, for a key that is not written and
   * has its default, the nearest section around it that is.
   *
   * @param path the full path of a key, such as {@code program.path} or {@code capabilities.log.rights}
   */
  public Position at(String path) {
    String known = path;
    while (!keys.containsKey(known)) {
      int dot = known.lastIndexOf('.');
      if (dot < 0) {
        return start;
      }
      known = known.substring(0, dot);
    }
    return keys.getOrDefault(known, start);
  }
}
