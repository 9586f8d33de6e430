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
    return value instanceof Broken || value.isNothing() ? expected(type.expects()) : type.read(this);
  }

  /** Says that it is not what the type expects. */
  <T> Optional<T> mismatch(ValueType<?> type) {
    return expected(type.expects());
  }

  /** Says that it is something else than was expected, or nothing; about what is broken enough was said. */
  <T> Optional<T> expected(String what) {
    if (value instanceof Broken) {
      return Optional.empty();
    }
    return refuse(value.isNothing()
        ? "has no value; expected " + what
        : "expected " + what + ", not " + value.description());
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
