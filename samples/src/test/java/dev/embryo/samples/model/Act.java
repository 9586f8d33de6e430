package dev.embryo.samples.model;

import java.util.Arrays;
import java.util.List;

/**
 * Something that the program is told to do: a line of {@code hostile/model.c}.
 *
 * @param words the first names it
 */
record Act(List<String> words) {
  static Act of(Object... words) {
    return new Act(Arrays.stream(words).map(Object::toString).toList());
  }

  String name() {
    return words.get(0);
  }

  String word(int i) {
    return words.get(i);
  }

  int number(int i) {
    return Integer.decode(words.get(i));
  }

  /** As the program reads it. */
  String line() {
    return String.join(" ", words);
  }
}
