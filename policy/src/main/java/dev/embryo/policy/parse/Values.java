package dev.embryo.policy.parse;

import dev.embryo.policy.model.Places;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.parse.Key.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is written for each key, read by its type. */
final class Values {

  private final Position start;
  private final Map<String, Object> meanings = new LinkedHashMap<>();
  private final Map<String, Position> positions = new LinkedHashMap<>();
  private final Map<String, Map<String, Position>> names = new LinkedHashMap<>();

  Values(Position start) {
    this.start = start;
  }

  /** Keeps what the key means here. Only {@link SchemaReader} calls this, with the type that the key has. */
  void put(String path, Object meaning) {
    meanings.put(path, meaning);
  }

  /** Keeps where the value of a key, or a section, stands. */
  void place(String path, Position position) {
    positions.put(path, position);
  }

  /** Keeps a name that the policy chose in a section. */
  void name(String section, String name, Position position) {
    namesIn(section).put(name, position);
  }

  /**
   * These values, and those of a fragment where these have none. What a name stands for is replaced as a whole, so that
   * two capabilities are never mixed.
   *
   * @param place where to point at when something about the fragment's values is wrong
   */
  Values over(Values fragment, Position place) {
    Values merged = copy();
    fragment.meanings.forEach((path, meaning) -> {
      if (!replaced(path)) {
        merged.meanings.putIfAbsent(path, meaning);
      }
    });
    fragment.positions.keySet().forEach(path -> merged.positions.putIfAbsent(path, place));
    fragment.names.forEach((section, chosen) ->
        chosen.keySet().forEach(name -> merged.namesIn(section).putIfAbsent(name, place)));
    return merged;
  }

  /** Values that can be changed without changing these. */
  Values copy() {
    Values copy = new Values(start);
    copy.meanings.putAll(meanings);
    copy.positions.putAll(positions);
    names.forEach((section, chosen) -> copy.namesIn(section).putAll(chosen));
    return copy;
  }

  /** Whether the path lies beneath a name that is chosen here too. */
  private boolean replaced(String path) {
    return names.entrySet().stream().anyMatch(section -> section.getValue().keySet().stream()
        .anyMatch(name -> path.startsWith(section.getKey() + "." + name + ".")));
  }

  private Map<String, Position> namesIn(String section) {
    return names.computeIfAbsent(section, s -> new LinkedHashMap<>());
  }

  /** The names that the policy chose in a section, in its order, and where. */
  Map<String, Position> names(String section) {
    return Collections.unmodifiableMap(names.getOrDefault(section, Map.of()));
  }

  /** What is written for the key. */
  <T> Optional<T> find(Key<T> key) {
    return find(key, "");
  }

  /** What is written for the key under the name. */
  <T> Optional<T> find(Key<T> key, String name) {
    return findAt(key, key.path(name));
  }

  /** What is written at a path of the key. */
  @SuppressWarnings("unchecked") // what is kept under a key's path was read by the key's type
  <T> Optional<T> findAt(Key<T> key, String path) {
    return Optional.ofNullable((T) meanings.get(path));
  }

  /** What holds for a key that is required or has a default value. */
  <T> T get(Key<T> key) {
    Optional<T> otherwise = key.otherwise() instanceof Value<T> value ? Optional.of(value.value()) : Optional.empty();
    return find(key).or(() -> otherwise).orElseThrow();
  }

  /** Where everything stands. */
  Places places() {
    return new Places(start, positions);
  }
}
