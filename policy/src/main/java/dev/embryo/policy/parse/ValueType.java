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

  /** What to write, as the reference says it; the words of the language stand between backquotes. */
  String values();

  /** What it looks like, for editors: nothing that {@link #read} accepts is refused by it. */
  Schema schema();

  /** The meaning of what is written, or nothing after saying what is wrong with it. */
  Optional<T> read(Field field);

  /** A text, on one line and fit for the inside of a list, that is read as the meaning. */
  String write(T meaning);
}
