package dev.embryo.policy.parse;

/**
 * A row of the {@link KeyTable}: one key of the language.
 *
 * @param path its full path; {@code *} stands for a name that the policy chooses
 * @param type what to write for it
 * @param otherwise what holds when it is not written
 * @param by what enforces it; empty where there is nothing to enforce
 * @param doc what it is for, as the reference says it
 * @param <T> what its value means
 */
record Key<T>(String path, ValueType<T> type, Default<T> otherwise, String by, String doc) {

  /** What holds when a key is not written. */
  sealed interface Default<T> {}

  /** It must be written. */
  record Required<T>() implements Default<T> {}

  /** This value. */
  record Value<T>(T value) implements Default<T> {}

  /** Something that is not a value of its type. */
  record Meaning<T>(String doc) implements Default<T> {}

  /** The path with the name in the place of {@code *}. */
  String path(String name) {
    return path.replace("*", name);
  }

  /** The last part of the path. */
  String word() {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
