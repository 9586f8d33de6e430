package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Tree.Broken;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A value under its key, ready to be read.
 *
 * @param path the full path of the key, such as {@code limits.memory}
 * @param value what is written there
 * @param base the directory of the policy
 * @param problems where errors go
 */
record Field(String path, Tree value, Path base, Problems problems) {

  /** Reads it as a value of the type. */
  <T> Optional<T> as(ValueType<T> type) {
    if (value instanceof Broken) {
      return Optional.empty();
    }
    return value.isNothing() ? refuse("has no value; expected " + type.expects()) : type.read(this);
  }

  /** Says that it is not what the type expects. */
  <T> Optional<T> mismatch(ValueType<?> type) {
    return refuse("expected " + type.expects() + ", not " + value.description());
  }

  /** Says what is wrong with it. */
  <T> Optional<T> refuse(String message) {
    problems.at(path, value.position(), message);
    return Optional.empty();
  }

  /** An item of it, where it is a list. */
  Field item(int index, Tree item) {
    return new Field(path + "[" + index + "]", item, base, problems);
  }
}
