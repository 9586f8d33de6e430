package dev.embryo.policy.parse;

import java.util.Optional;

/**
 * A type of value: what a person may write for a key, and what it means.
 *
 * @param <T> what it means
 */
interface ValueType<T> {

  /** What to write, as it ends the sentence "expected ...". */
  String expects();

  /** The meaning of what is written, or nothing after saying what is wrong with it. */
  Optional<T> read(Field field);
}
