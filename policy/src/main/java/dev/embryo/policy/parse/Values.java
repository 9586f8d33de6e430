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
    names.computeIfAbsent(section, s -> new LinkedHashMap<>()).put(name, position);
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
  @SuppressWarnings("unchecked") // what is kept under a key's path was read by the key's type
  <T> Optional<T> find(Key<T> key, String name) {
    return Optional.ofNullable((T) meanings.get(key.path(name)));
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
