package dev.embryo.samples.model;

import java.util.List;
import java.util.Map;

/** What acts with a descriptor take. Stateless. */
final class Acts {
  static final String SET_FLAGS = "{fcntl: [F_SETFL]}";
  static final String NONBLOCKING = "{ioctl: [FIONBIO]}";

  /** A right that no file has: only what is in a directory is used with a path. */
  static final String LOOKUP = "lookup";

  /** The rights that an act takes on the descriptor that is its first word; of several in one text, one. */
  private static final Map<String, List<String>> TAKEN = Map.ofEntries(
      Map.entry("fread", List.of("read")),
      Map.entry("fpread", List.of("read", "seek")),
      Map.entry("fwrite", List.of("write|append")),
      Map.entry("fpwrite", List.of("write|append", "seek")),
      Map.entry("fseek", List.of("seek")),
      Map.entry("fcut", List.of("truncate")),
      Map.entry("fallocate", List.of("allocate")),
      Map.entry("fstat", List.of("stat")),
      Map.entry("fmode", List.of("metadata")),
      Map.entry("ftouch", List.of("metadata")),
      Map.entry("lock", List.of("lock")),
      Map.entry("sync", List.of("sync")),
      Map.entry("ready", List.of()),
      Map.entry("flags", List.of()),
      Map.entry("set-flags", List.of(SET_FLAGS)),
      Map.entry("nonblocking", List.of(NONBLOCKING)),
      Map.entry("block-size", List.of("stat")),
      Map.entry("dup", List.of("duplicate")),
      Map.entry("fcut-another", List.of("duplicate")),
      Map.entry("map", List.of("map")),
      Map.entry("map-code", List.of("map", "map-execute")),
      Map.entry("map-shared", List.of("map", "map-write")),
      Map.entry("turn", List.of("map")),
      Map.entry("enter", List.of(LOOKUP)));

  private Acts() {}

  static boolean isWithDescriptor(Act act) {
    return TAKEN.containsKey(act.name());
  }

  static List<String> withDescriptor() {
    return TAKEN.keySet().stream().sorted().toList();
  }

  static List<String> taken(Act act) {
    return TAKEN.getOrDefault(act.name(), List.of());
  }
}
