package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Tree.Items;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A list whose items are all of one type.
 *
 * @param many what to call the items in a sentence
 * @param item the type of an item
 * @param distinct whether an item may stand in it only once
 * @param most the most items
 * @param <T> what an item means
 */
record ListOf<T>(String many, ValueType<T> item, boolean distinct, int most) implements ValueType<List<T>> {

  /** Nobody comes near a larger number unless a text is hostile. */
  private static final int WORTH_SAYING = 1024;

  @Override
  public String expects() {
    return "a list of " + many;
  }

  @Override
  public String values() {
    return "list of " + many + (most <= WORTH_SAYING ? ", at most " + most : "");
  }

  @Override
  public Schema schema() {
    return Schema.list(item.schema(), distinct, most);
  }

  @Override
  public Optional<List<T>> read(Field field) {
    if (!(field.value() instanceof Items items)) {
      return field.mismatch(this);
    }
    if (items.items().size() > most) {
      return field.refuse("has " + items.items().size() + " items; the most is " + most);
    }
    List<T> meanings = new ArrayList<>();
    boolean complete = true;
    for (int index = 0; index < items.items().size(); index++) {
      Field one = field.item(index, items.items().get(index));
      Optional<T> meaning = one.as(item);
      if (distinct && meaning.isPresent() && meanings.contains(meaning.get())) {
        meaning = one.refuse("stands in the list twice");
      }
      meaning.ifPresent(meanings::add);
      complete &= meaning.isPresent();
    }
    return complete ? Optional.of(List.copyOf(meanings)) : Optional.empty();
  }

  @Override
  public String write(List<T> meaning) {
    return meaning.stream().map(item::write).collect(Collectors.joining(", ", "[", "]"));
  }
}
