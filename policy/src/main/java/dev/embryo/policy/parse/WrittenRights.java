package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.RightNames;
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
    return new WrittenRights(position, rights.set().stream().map(right -> word(rights, right, path, position)).toList());
  }

  private static Word word(Rights rights, Right right, String path, Position position) {
    return new Word(path, position, right.word(), rights.named(right).stream()
        .map(number -> new Item(path, position, RightNames.name(right, number))).toList());
  }

  /**
   * One of them.
   *
   * @param path the path to name it by
   * @param items what is listed for it, for a right that holds a list; else nothing
   */
  record Word(String path, Position position, String text, List<Item> items) {}

  /** A command or a signal in the list of a right: a name or a number. */
  record Item(String path, Position position, String text) {}
}
