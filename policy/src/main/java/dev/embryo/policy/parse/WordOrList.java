package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Tree.Items;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One of a few words, or a list in their place.
 *
 * @param words the words
 * @param list the list
 * @param empty what to say of a list without items: it must not be read as everything, nor as a word
 * @param meaning what a list means
 * @param items the items of a meaning; none when a word has it
 * @param <T> what they mean
 * @param <I> what an item means
 */
record WordOrList<T, I>(
    Choice<T> words, ListOf<I> list, String empty, Function<List<I>, T> meaning, Function<T, List<I>> items)
    implements ValueType<T> {

  @Override
  public String expects() {
    return words.expectsOr(list.expects());
  }

  @Override
  public String values() {
    return words.valuesOr(list.values());
  }

  @Override
  public Schema schema() {
    return Schema.any(words.schema(), list.schema());
  }

  @Override
  public Optional<T> read(Field field) {
    if (!(field.value() instanceof Items)) {
      return words.read(field, this);
    }
    Optional<List<I>> read = list.read(field);
    return read.isPresent() && read.get().isEmpty() ? field.refuse(empty) : read.map(meaning);
  }

  @Override
  public String write(T written) {
    List<I> listed = items.apply(written);
    return listed.isEmpty() ? words.write(written) : list.write(listed);
  }
}
