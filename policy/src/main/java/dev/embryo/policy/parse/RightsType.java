package dev.embryo.policy.parse;

import dev.embryo.policy.model.Right;
import dev.embryo.policy.parse.Tree.Items;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Text;
import dev.embryo.policy.parse.WrittenRights.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A right or a list of rights. */
record RightsType() implements ValueType<WrittenRights> {

  private static final ListOf<Word> LIST = new ListOf<>("rights", new OneRight(), false, 64);

  @Override
  public String expects() {
    return "a right, a list of rights or all";
  }

  @Override
  public String values() {
    return "right, list of rights, or `all`";
  }

  @Override
  public Schema schema() {
    return Schema.any(new OneRight().schema(), LIST.schema());
  }

  @Override
  public Optional<WrittenRights> read(Field field) {
    Optional<List<Word>> words = words(field);
    if (words.isPresent() && words.get().isEmpty()) {
      return field.refuse("an empty list grants nothing; leave the capability out instead");
    }
    return words.map(list -> new WrittenRights(field.value().position(), list));
  }

  @Override
  public String write(WrittenRights meaning) {
    return LIST.write(meaning.words());
  }

  private Optional<List<Word>> words(Field field) {
    if (field.value() instanceof Items) {
      return LIST.read(field);
    }
    return field.value() instanceof Text ? field.as(new OneRight()).map(List::of) : field.mismatch(this);
  }

  /** One right. */
  private record OneRight() implements ValueType<Word> {
    @Override
    public String expects() {
      return "a right";
    }

    @Override
    public String values() {
      return "right";
    }

    @Override
    public Schema schema() {
      List<String> words = new ArrayList<>(Arrays.stream(Right.values()).map(Right::word).toList());
      words.add("all");
      return Schema.words(words);
    }

    @Override
    public Optional<Word> read(Field field) {
      if (field.value() instanceof Text text) {
        return Optional.of(new Word(field.path(), text.position(), text.text()));
      }
      return field.value() instanceof Keys
          ? field.refuse("a right with a list of its own is not supported yet")
          : field.mismatch(this);
    }

    @Override
    public String write(Word meaning) {
      return Flow.text(meaning.text());
    }
  }
}
