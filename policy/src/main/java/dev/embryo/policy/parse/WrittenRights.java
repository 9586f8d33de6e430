package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import java.util.List;

/**
 * The rights of a capability as they are written; what they mean depends on its kind.
 *
 * @param position where they begin
 * @param words one or more words
 */
record WrittenRights(Position position, List<Word> words) {

  /** One of them, with the path to name it by. */
  record Word(String path, Position position, String text) {}
}
