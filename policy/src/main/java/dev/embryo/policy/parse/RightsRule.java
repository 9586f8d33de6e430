package dev.embryo.policy.parse;

import static dev.embryo.policy.model.Right.*;

import dev.embryo.policy.model.FcntlCommand;
import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.RightNames;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.parse.WrittenRights.Item;
import dev.embryo.policy.parse.WrittenRights.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the rights of a kind of capability can be.
 *
 * @param noun what one such capability is called in a sentence
 * @param known the rights that the language has for it
 * @param byMode whether {@code read} and {@code write} alone mean all that a descriptor so opened allows
 * @param always rights that every such capability has, because no layer could withhold them
 * @param implied for a right, others that it cannot be without
 * @param all what {@code all} means
 * @param otherwise the set when none is written
 * @param bounds what no layer can enforce
 */
record RightsRule(
    String noun,
    Set<Right> known,
    boolean byMode,
    Rights always,
    Map<Right, Rights> implied,
    Rights all,
    Rights otherwise,
    List<Bound> bounds) {

  /**
   * A set of rights that no layer can enforce.
   *
   * @param rights a set that has one of these ...
   * @param rule ... but this is not so
   * @param why the message; {@code %s} stands for the noun
   */
  private record Bound(Set<Right> rights, Rule rule, String why) {
    Bound(Right right, Rule rule, String why) {
      this(EnumSet.of(right), rule, why);
    }

    boolean allows(Rights written) {
      return !written.hasAny(rights) || rule.holds(written);
    }

    /** A right that goes with at least one of others. */
    static Bound needs(Right right, Right other, String why) {
      return new Bound(right, rights -> rights.has(other), why);
    }

    /** A right that goes with none of others, each named in the message by a second {@code %s}. */
    static List<Bound> excludes(Right right, String why, Right... others) {
      return Arrays.stream(others)
          .map(other -> new Bound(right, rights -> !rights.has(other), why.formatted("%s", other))).toList();
    }
  }

  private interface Rule {
    boolean holds(Rights rights);
  }

  private static final Set<Right> OF_FILES =
      EnumSet.of(READ, WRITE, APPEND, SEEK, TRUNCATE, SYNC, STAT, METADATA, LOCK, ALLOCATE, MAP, MAP_WRITE, MAP_EXECUTE, POLL,
          IOCTL, FCNTL, EXECUTE, DUPLICATE);
  private static final Set<Right> OF_FILES_AT_PATHS = EnumSet.of(READ, WRITE, DUPLICATE);
  private static final Rights OF_MEMORY = Rights.of(READ, WRITE, SEEK, STAT, LOCK, MAP, MAP_WRITE, POLL);
  private static final Set<Right> OF_TERMINALS = EnumSet.of(WINDOW_SIZE, ATTRIBUTES);
  private static final Set<Right> OF_THE_NULL_DEVICE = EnumSet.of(READ, WRITE, SEEK, STAT, POLL, IOCTL, FCNTL, DUPLICATE);
  private static final Set<Right> OF_CONNECTIONS = EnumSet.of(READ, WRITE, CONNECT, SHUTDOWN, GETNAME, GETOPTION, SETOPTION,
      SEND_FDS, RECEIVE_FDS, STAT, POLL, IOCTL, FCNTL, DUPLICATE);
  private static final Set<Right> OF_LISTENERS = EnumSet.of(ACCEPT, LISTEN, SHUTDOWN, GETNAME, GETOPTION, SETOPTION, STAT, POLL,
      IOCTL, FCNTL, DUPLICATE);
  private static final Set<Right> OF_TREES =
      EnumSet.of(LIST, LOOKUP, STAT, READ, WRITE, CREATE, DELETE, RENAME, LINK, SYMLINK, METADATA, EXECUTE, DUPLICATE);

  private static final Set<Right> OF_PIPES = EnumSet.of(READ, WRITE, STAT, POLL, IOCTL, FCNTL, DUPLICATE);
  private static final Set<Right> OF_PROCESSES = EnumSet.of(WAIT, SIGNAL, DUPLICATE);
  private static final Rights ALL_OF_A_PROCESS =
      new Rights(OF_PROCESSES, Map.of(SIGNAL, Set.copyOf(RightNames.of(SIGNAL).values())));
  private static final Rights ALL_OF_A_FILE = Rights.of(READ, WRITE, DUPLICATE);
  private static final Rights ALL_OF_A_LISTENER = Rights.of(ACCEPT, GETNAME, DUPLICATE);
  private static final Rights READ_TREE = Rights.of(READ);
  private static final Rights ALL_OF_A_TREE =
      Rights.of(READ, WRITE, METADATA, LIST, CREATE, DELETE, RENAME, LINK, SYMLINK);

  /** Of a descriptor. Asking whether it is ready cannot be withheld: select and poll have it behind a pointer. */
  private static final Rights POLLED = Rights.of(POLL);
  private static final Map<Right, Rights> IMPLIED_BY_STREAMS = Map.of(
      READ, Rights.of(SEEK, STAT),
      WRITE, Rights.of(SEEK, STAT),
      APPEND, Rights.of(STAT));

  private static final Map<Right, Rights> IMPLIED_WITHOUT_OFFSET =
      Map.of(READ, Rights.of(STAT), WRITE, Rights.of(STAT), ACCEPT, Rights.of(STAT));

  private static final Map<Right, Rights> IMPLIED_BY_TREES = Map.of(READ, Rights.of(LIST));

  private static final List<Bound> OF_DESCRIPTORS = bounds(
      List.of(
          new Bound(EXECUTE, rights -> false,
              "'execute' is no right of %s: what may be executed is said of the whole program; mount it, and name it in"
                  + " processes.execute")),
      Bound.excludes(APPEND, "%s opened for 'append' cannot have '%s'", READ, WRITE, TRUNCATE, ALLOCATE, MAP, MAP_WRITE),
      Bound.excludes(APPEND, "%s opened for 'append' cannot have '%s': a duplicate stops appending by fcntl(F_SETFL)", DUPLICATE),
      List.of(
          new Bound(APPEND, rights -> !rights.named(FCNTL).contains(FcntlCommand.F_SETFL.number()),
              "%s opened for 'append' cannot have F_SETFL, by which it stops appending"),
          Bound.needs(ALLOCATE, WRITE, "'allocate' goes with 'write': it can overwrite with zeros"),
          Bound.needs(MAP, READ, "'map' goes with 'read': what is mapped is read"),
          Bound.needs(MAP_WRITE, WRITE, "'map-write' goes with 'write': what is mapped so is written"),
          Bound.needs(MAP_WRITE, MAP, "'map-write' goes with 'map'"),
          Bound.needs(MAP_EXECUTE, MAP, "'map-execute' goes with 'map'"),
          new Bound(MAP, rights -> !rights.writes() || rights.has(MAP_WRITE) || rights.has(DUPLICATE),
              "'map' goes with 'map-write' where %s is open for writing, too: mprotect makes the one of the other"),
          new Bound(DUPLICATE, rights -> rights.has(WRITE) || (rights.has(READ) && !rights.writes()),
              "'duplicate' goes with 'read' or 'write', for a duplicate of %s has all that its open mode allows")));

  private static final List<Bound> OF_UNKNOWN_SOCKETS = List.of(
      Bound.needs(CONNECT, WRITE, "'connect' goes with 'write': of %s it means sending to whom the program names"),
      Bound.needs(SEND_FDS, WRITE, "'send-fds' goes with 'write'"),
      Bound.needs(SEND_FDS, CONNECT, "'send-fds' goes with 'connect': nobody knows what kind of socket %s is, and a message can have an"
          + " address"),
      Bound.needs(RECEIVE_FDS, READ, "'receive-fds' goes with 'read'"));

  private static final List<Bound> OF_LISTENING = List.of(
      Bound.needs(DUPLICATE, ACCEPT, "'duplicate' goes with 'accept': a duplicate of %s has all that a socket allows"));

  private static final List<Bound> OF_CONNECTED = List.of(
      new Bound(DUPLICATE, rights -> rights.has(READ) && rights.has(WRITE),
          "'duplicate' goes with 'read' and 'write': a duplicate of %s has all that a socket allows"),
      Bound.needs(CONNECT, WRITE, "'connect' goes with 'write': of %s it means sending to whom the program names"),
      Bound.needs(SEND_FDS, WRITE, "'send-fds' goes with 'write'"),
      Bound.needs(RECEIVE_FDS, READ, "'receive-fds' goes with 'read'"));

  private static final List<Bound> OF_ONE_WAY = List.of(
      new Bound(OF_PIPES, rights -> rights.has(READ) != rights.has(WRITE), "%s goes one way: it has either 'read' or 'write'"));

  private static final List<Bound> OF_DIRECTORIES = bounds(
      List.of(
          new Bound(EXECUTE, rights -> false,
              "'execute' is no right of %s: what may be executed is said of the whole program; name it in processes.execute"),
          new Bound(CREATE, rights -> !rights.has(DELETE) || rights.has(RENAME),
              "'create' and 'delete' go with 'rename' for %s: who may make and remove names may rename"),
          Bound.needs(RENAME, CREATE, "'rename' goes with 'create': it makes a name"),
          Bound.needs(RENAME, DELETE, "'rename' goes with 'delete': it removes a name"),
          Bound.needs(LINK, CREATE, "'link' goes with 'create': it makes a name")));

  @SafeVarargs
  private static List<Bound> bounds(List<Bound>... groups) {
    return Arrays.stream(groups).flatMap(List::stream).toList();
  }

  /** What is open already, and may be anything: its rights {@code read} and {@code write} alone are those of its open mode. */
  static RightsRule ofOpen(String noun) {
    return new RightsRule(noun, union(OF_FILES, OF_TERMINALS, OF_SOCKETS_ALONE), true, POLLED, IMPLIED_BY_STREAMS, ALL_OF_A_FILE,
        Rights.of(READ), bounds(OF_DESCRIPTORS, OF_UNKNOWN_SOCKETS));
  }

  /** The null device. */
  static RightsRule ofNull(String noun) {
    return new RightsRule(noun, OF_THE_NULL_DEVICE, true, POLLED, IMPLIED_BY_STREAMS, ALL_OF_A_FILE, Rights.of(READ, WRITE), OF_DESCRIPTORS);
  }

  /** A file of the host, opened for its rights. */
  static RightsRule ofFile(String noun) {
    return new RightsRule(noun, OF_FILES, false, POLLED, IMPLIED_BY_STREAMS, ALL_OF_A_FILE, Rights.of(READ), OF_DESCRIPTORS);
  }

  /**
   * Memory, which has rights by number only: under another number it could be mapped for executing what was written to it, for
   * no layer but the filter knows it for what it is.
   */
  static RightsRule ofMemory(String noun) {
    return new RightsRule(noun, OF_MEMORY.set(), false, POLLED, IMPLIED_BY_STREAMS, OF_MEMORY, OF_MEMORY, OF_DESCRIPTORS);
  }

  /** One end of a pipe. */
  static RightsRule ofPipe(String noun) {
    return new RightsRule(noun, OF_PIPES, true, POLLED, IMPLIED_WITHOUT_OFFSET, ALL_OF_A_FILE, Rights.of(READ), OF_ONE_WAY);
  }

  /** A process, which the program holds through the launcher: what it holds can be kept anywhere, and is as much there. */
  static RightsRule ofProcess(String noun) {
    return new RightsRule(noun, OF_PROCESSES, false, Rights.of(DUPLICATE), Map.of(), ALL_OF_A_PROCESS, Rights.of(WAIT), List.of());
  }

  /** A socket at which others find the program, and can only be accepted. */
  static RightsRule ofListener(String noun) {
    return new RightsRule(noun, OF_LISTENERS, false, POLLED, IMPLIED_WITHOUT_OFFSET, ALL_OF_A_LISTENER, Rights.of(ACCEPT, GETNAME),
        OF_LISTENING);
  }

  /** A socket over which something goes. */
  static RightsRule ofConnection(String noun, Rights otherwise) {
    return new RightsRule(noun, OF_CONNECTIONS, false, POLLED, IMPLIED_WITHOUT_OFFSET, ALL_OF_A_FILE, otherwise, OF_CONNECTED);
  }

  /** The rule where such a capability is at a path of the program's. */
  RightsRule atPath() {
    return byMode || always.has(DUPLICATE) ? this : ofFileAtPath(noun);
  }

  /** A file that the program opens itself: there only reading and writing can be told apart. */
  private static RightsRule ofFileAtPath(String noun) {
    Bound exact = new Bound(OF_FILES, rights -> OF_FILES_AT_PATHS.containsAll(rights.set()),
        "%s that is mounted has 'read', 'write' or both: the program opens it by itself, and may do then all that the mode"
            + " of opening allows");
    return new RightsRule(noun, OF_FILES, true, Rights.of(), Map.of(), ALL_OF_A_FILE, Rights.of(READ), List.of(exact));
  }

  /** A directory, of which no layer withholds walking through it and asking what is there; nor derived descriptors. */
  static RightsRule ofTree(String noun, boolean own) {
    return new RightsRule(noun, OF_TREES, false, Rights.of(LOOKUP, STAT, DUPLICATE), IMPLIED_BY_TREES, ALL_OF_A_TREE,
        own ? ALL_OF_A_TREE : READ_TREE, OF_DIRECTORIES);
  }

  @SafeVarargs
  private static Set<Right> union(Set<Right>... sets) {
    EnumSet<Right> all = EnumSet.noneOf(Right.class);
    Arrays.stream(sets).forEach(all::addAll);
    return Collections.unmodifiableSet(all);
  }

  /** The set when none is written, spelt out. */
  Rights unwritten() {
    return spelt(otherwise);
  }

  /** The rights that the words stand for, or nothing after saying what is wrong with them. */
  Optional<Rights> read(String path, WrittenRights written, Problems problems) {
    if (written.words().stream().anyMatch(word -> word.text().equals("all"))) {
      if (written.words().size() == 1) {
        return enforceable(path, written, spelt(all), problems);
      }
      problems.at(path, written.position(), "'all' holds the others already; write it alone");
      return Optional.empty();
    }
    Set<Right> set = EnumSet.noneOf(Right.class);
    Map<Right, Set<Integer>> named = new EnumMap<>(Right.class);
    written.words().forEach(word -> add(word, set, named, problems));
    if (problems.touch(path)) {
      return Optional.empty();
    }
    return enforceable(path, written, spelt(new Rights(set, named)), problems);
  }

  private Optional<Rights> enforceable(String path, WrittenRights written, Rights rights, Problems problems) {
    Optional<String> unenforceable = bounds.stream()
        .filter(bound -> !bound.allows(rights))
        .map(bound -> bound.why.formatted(noun)).findFirst();
    unenforceable.ifPresent(message -> problems.at(path, written.position(), message));
    return unenforceable.isPresent() ? Optional.empty() : Optional.of(rights);
  }

  private void add(Word word, Set<Right> set, Map<Right, Set<Integer>> named, Problems problems) {
    Optional<Right> found = known.stream().filter(r -> r.word().equals(word.text())).findFirst();
    if (found.isEmpty()) {
      problems.at(word.path(), word.position(), unknown(word.text(), "a right of " + noun, words()));
      return;
    }
    Right right = found.get();
    if (!set.add(right)) {
      problems.at(word.path(), word.position(), "'" + right + "' stands in the list twice");
    } else if (RightNames.rights().contains(right) && word.items().isEmpty()) {
      problems.at(word.path(), word.position(), "'" + right + "' holds a list, as in {" + right + ": ["
          + RightNames.of(right).keySet().iterator().next() + "]}");
    } else if (!word.items().isEmpty()) {
      Set<Integer> numbers = new TreeSet<>();
      word.items().forEach(item -> number(right, item, problems).ifPresent(numbers::add));
      if (!numbers.isEmpty()) {
        named.put(right, numbers);
      }
    }
  }

  private static Optional<Integer> number(Right right, Item item, Problems problems) {
    Map<String, Integer> names = RightNames.of(right);
    Optional<Integer> number = Optional.ofNullable(names.get(item.text())).or(() -> parsed(item.text()).filter(names::containsValue));
    if (number.isEmpty()) {
      problems.at(item.path(), item.position(),
          unknown(item.text(), "among what '" + right + "' can allow", names.keySet()));
    }
    return number;
  }

  private static Optional<Integer> parsed(String text) {
    try {
      return Optional.of((int) (long) Long.decode(text)).filter(number -> Long.decode(text) >>> Integer.SIZE == 0);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private List<String> words() {
    List<String> words = new ArrayList<>(known.stream().map(Right::word).toList());
    words.add("all");
    return words;
  }

  private static String unknown(String word, String what, Collection<String> known) {
    return Printable.quote(word) + " is not " + what + Nearest.hint(word, known);
  }

  /** The rights with all that they imply. */
  private Rights spelt(Rights rights) {
    boolean mode = rights.has(DUPLICATE) || (byMode && EnumSet.of(READ, WRITE).containsAll(rights.set()));
    if (mode && !always.has(DUPLICATE)) {
      return rights.and(Rights.of(DUPLICATE));
    }
    Rights spelt = rights.and(always);
    for (Right right : rights.set()) {
      spelt = spelt.and(Objects.requireNonNullElse(implied.get(right), Rights.of()));
    }
    return spelt;
  }
}
