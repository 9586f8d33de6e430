package dev.embryo.policy.parse;

import static dev.embryo.policy.model.Right.*;

import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.parse.WrittenRights.Word;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the rights of a kind of capability can be.
 *
 * @param noun what one such capability is called in a sentence
 * @param known the rights that the language has for it
 * @param implied for a right, others that it cannot be without
 * @param enforceable the sets that this version can enforce, the last being {@code all}
 * @param otherwise the set when none is written
 * @param hint what to write, as it ends the sentence "expected ..."
 */
record RightsRule(
    String noun,
    Set<Right> known,
    Map<Right, Rights> implied,
    List<Rights> enforceable,
    Rights otherwise,
    String hint) {

  private static final Rights READ_TREE = Rights.of(READ, STAT, LIST, LOOKUP);
  private static final Rights ALL_TREE =
      READ_TREE.and(Rights.of(WRITE, METADATA, CREATE, DELETE, RENAME, LINK, SYMLINK));

  private static final Set<Right> OF_FILES =
      EnumSet.of(READ, WRITE, APPEND, SEEK, TRUNCATE, SYNC, STAT, METADATA, LOCK, ALLOCATE, MAP, MAP_WRITE, MAP_EXECUTE, POLL,
          IOCTL, FCNTL, EXECUTE, DUPLICATE);
  private static final Set<Right> OF_TREES =
      EnumSet.of(LIST, LOOKUP, STAT, READ, WRITE, CREATE, DELETE, RENAME, LINK, SYMLINK, METADATA, EXECUTE, DUPLICATE);

  private static final Map<Right, Rights> TREE_IMPLIES = Map.of(READ, READ_TREE);
  private static final List<Rights> STREAMS = List.of(Rights.of(READ), Rights.of(WRITE), Rights.of(READ, WRITE));

  /** Pairs that contradict each other. */
  private static final Map<Right, Set<Right>> CONTRADICTIONS = Map.of(APPEND, EnumSet.of(READ, WRITE, TRUNCATE));

  /** What is open already or can be opened for reading, for writing or for both. */
  static RightsRule ofStream(String noun, Rights otherwise) {
    return new RightsRule(noun, OF_FILES, Map.of(), STREAMS, otherwise, "read, write, [read, write] or all");
  }

  /** A directory of the host. */
  static RightsRule ofTree(String noun) {
    return new RightsRule(
        noun,
        OF_TREES,
        TREE_IMPLIES,
        List.of(READ_TREE, ALL_TREE), // no layer keeps a program that may write from changing modes and times
        READ_TREE,
        "read, [list, read] or all");
  }

  /** A tree that belongs to the program alone. */
  static RightsRule ofOwnTree(String noun) {
    return new RightsRule(noun, OF_TREES, TREE_IMPLIES, List.of(ALL_TREE), ALL_TREE, "all");
  }

  /** Everything that this version can let be done. */
  Rights all() {
    return enforceable.get(enforceable.size() - 1);
  }

  /** The rights that the words stand for, or nothing after saying what is wrong with them. */
  Optional<Rights> read(String path, WrittenRights written, Problems problems) {
    if (written.words().stream().anyMatch(word -> word.text().equals("all"))) {
      if (written.words().size() == 1) {
        return Optional.of(all());
      }
      problems.at(path, written.position(), "'all' holds the others already; write it alone");
      return Optional.empty();
    }
    Set<Right> rights = EnumSet.noneOf(Right.class);
    written.words().forEach(word -> add(word, rights, problems));
    Optional<String> refusal = contradiction(rights).or(() -> unenforceable(rights));
    boolean sound = !problems.touch(path);
    if (sound) {
      refusal.ifPresent(message -> problems.at(path, written.position(), message));
    }
    return sound && refusal.isEmpty() ? Optional.of(spelt(rights)) : Optional.empty();
  }

  private void add(Word word, Set<Right> rights, Problems problems) {
    Optional<Right> right = known.stream().filter(r -> r.word().equals(word.text())).findFirst();
    if (right.isEmpty()) {
      problems.at(word.path(), word.position(), unknown(word.text()));
    } else if (!rights.add(right.get())) {
      problems.at(word.path(), word.position(), "'" + right.get() + "' stands in the list twice");
    }
  }

  private String unknown(String word) {
    List<String> words = new ArrayList<>(known.stream().map(Right::word).toList());
    words.add("all");
    return Printable.quote(word) + " is not a right of " + noun + Nearest.hint(word, words);
  }

  private Optional<String> contradiction(Set<Right> rights) {
    return CONTRADICTIONS.entrySet().stream()
        .filter(row -> rights.contains(row.getKey()))
        .flatMap(row -> row.getValue().stream()
            .filter(rights::contains)
            .map(other -> noun + " opened for '" + row.getKey() + "' cannot have '" + other + "'"))
        .findFirst();
  }

  private Optional<String> unenforceable(Set<Right> rights) {
    if (enforceable.contains(spelt(rights))) {
      return Optional.empty();
    }
    String words = rights.stream().map(Right::word).collect(Collectors.joining(", "));
    return Optional.of((rights.size() == 1 ? "'" + words + "'" : "[" + words + "]")
        + " is not supported yet for " + noun + "; expected " + hint);
  }

  /** The rights with all that they imply. */
  private Rights spelt(Set<Right> rights) {
    Rights spelt = new Rights(rights);
    for (Right right : rights) {
      spelt = spelt.and(Objects.requireNonNullElse(implied.get(right), Rights.of()));
    }
    return spelt;
  }
}
