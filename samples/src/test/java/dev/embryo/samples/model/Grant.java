package dev.embryo.samples.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * A capability, as the generator wrote it.
 *
 * @param path beneath the directory of the test; empty for what is none of the host's
 * @param words its rights, as they are written
 */
record Grant(String name, Kind kind, String path, List<String> words, Optional<String> mount, OptionalInt number) {
  enum Kind {
    FILE, DIRECTORY, TMPFS, MEMORY
  }

  static final int MEMORY_SIZE = 4096;
  /** Rights of a directory by which something changes. */
  private static final Set<String> CHANGING = Set.of("write", "create", "delete", "rename", "link", "symlink", "metadata");
  /** Rights of a descriptor that is open for writing. */
  private static final Set<String> WRITING = Set.of("write", "append", "truncate", "allocate", "map-write");

  boolean isTree() {
    return kind == Kind.DIRECTORY || kind == Kind.TMPFS;
  }

  /** What the words stand for. */
  Set<String> rights() {
    var rights = new TreeSet<>(words);
    boolean all = rights.remove("all");
    switch (kind) {
      case DIRECTORY, TMPFS -> add(rights, all ? "list read write create delete rename link symlink metadata"
          : rights.contains("read") ? "list" : "");
      case MEMORY -> add(rights, all ? "read write seek stat lock map map-write poll" : implied(rights));
      case FILE -> add(rights, all ? "read write duplicate" : mount.isPresent() ? "duplicate"
          : rights.contains("duplicate") ? "" : implied(rights));
    }
    return rights;
  }

  private static String implied(Set<String> rights) {
    return "poll" + (rights.contains("read") || rights.contains("write") ? " seek stat" : rights.contains("append") ? " stat" : "");
  }

  private static void add(Set<String> rights, String words) {
    rights.addAll(Arrays.stream(words.split(" ")).filter(word -> !word.isEmpty()).toList());
  }

  boolean has(String right) {
    return rights().contains(right);
  }

  /** Whether it is a descriptor from which rights are withheld by its number. */
  boolean isExact() {
    return number.isPresent() && !isTree() && !has("duplicate");
  }

  /** Whether something is changed by it. */
  boolean changes() {
    return isTree() ? rights().stream().anyMatch(CHANGING::contains) : has("write");
  }

  /** Whether it is mounted read-only, as a tmpfs never is. */
  boolean isReadOnly() {
    return !changes() && kind != Kind.TMPFS;
  }

  boolean opensForWriting() {
    return rights().stream().anyMatch(WRITING::contains);
  }

  boolean opensForReading() {
    return has("read") || !opensForWriting();
  }

  /** The line of the policy. */
  String text() {
    var text = new StringBuilder("%s: {%s: %s, rights: [%s]".formatted(name, kind.name().toLowerCase(Locale.ROOT),
        path.isEmpty() ? kind == Kind.TMPFS ? "1MiB" : "4KiB" : path, String.join(", ", words)));
    mount.ifPresent(where -> text.append(", mount: \"").append(where).append('"'));
    number.ifPresent(where -> text.append(", fd: ").append(where));
    return text.append('}').toString().replace("[all]", "all");
  }
}
