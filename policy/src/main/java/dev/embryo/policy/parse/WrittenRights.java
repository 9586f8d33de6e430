package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Rights;
import java.util.List;

/**
 * The rights of a capability as they are written; what they mean depends on its kind.
 *
 * @param position where they begin
 * @param words one or more words
 */
record WrittenRights(Position position, List<Word> words) {

  /** The rights, as they could stand there. */
  static WrittenRights of(Rights rights, String path, Position position) {
    return new WrittenRights(
        position, rights.set().stream().map(right -> new Word(path, position, right.word())).toList());
  }

  /** One of them, with the path to name it by. */
  record Word(String path, Position position, String text) {}
}
