package dev.embryo.policy.parse;

import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.RightNames;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Items;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Text;
import dev.embryo.policy.parse.WrittenRights.Item;
import dev.embryo.policy.parse.WrittenRights.Word;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A right or a list of rights. */
record RightsType() implements ValueType<WrittenRights> {

  private static final ListOf<Word> LIST = new ListOf<>("rights", new OneRight(), false, 64);
  private static final ListOf<Item> ITEMS = new ListOf<>("names or numbers", new OneItem(), false, 64);

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
    return field.value() instanceof Items ? LIST.read(field) : field.as(new OneRight()).map(List::of);
  }

  /** One right: a word, or a mapping of a word and a list. */
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
      Map<String, Schema> lists = new LinkedHashMap<>();
      RightNames.rights().forEach(right -> lists.put(right.word(), ITEMS.schema()));
      return Schema.any(Schema.words(words), Schema.mapping(lists, List.of()));
    }

    @Override
    public Optional<Word> read(Field field) {
      if (field.value() instanceof Text text) {
        return Optional.of(new Word(field.path(), text.position(), text.text(), List.of()));
      }
      return field.value() instanceof Keys keys ? list(field, keys) : field.mismatch(this);
    }

    private static Optional<Word> list(Field field, Keys keys) {
      if (keys.entries().size() != 1) {
        return field.refuse("expected one right with its list, such as {" + Right.SIGNAL + ": [TERM]}");
      }
      Entry entry = keys.entries().get(0);
      List<String> known = RightNames.rights().stream().map(Right::word).toList();
      String word = entry.key().text();
      if (!known.contains(word)) {
        field.problems().at(field.path(), entry.key().position(), Printable.quote(word)
            + " is not a right that holds a list; expected " + String.join(" or ", known) + Nearest.hint(word, known));
        return Optional.empty();
      }
      Field value = new Field(field.path() + '.' + word, entry.value(), field.base(), field.problems());
      Optional<List<Item>> items = value.as(ITEMS);
      if (items.isPresent() && items.get().isEmpty()) {
        return value.refuse("an empty list allows nothing; leave the right out instead");
      }
      return items.map(list -> new Word(field.path(), entry.key().position(), word, list));
    }

    @Override
    public String write(Word meaning) {
      String word = Flow.text(meaning.text());
      return meaning.items().isEmpty()
          ? word
          : meaning.items().stream().map(item -> Flow.text(item.text()))
              .collect(Collectors.joining(", ", "{" + word + ": [", "]}"));
    }
  }

  /** A name or a number in the list of a right. */
  private record OneItem() implements ValueType<Item> {
    @Override
    public String expects() {
      return "a name or a number";
    }

    @Override
    public String values() {
      return "name or number";
    }

    @Override
    public Schema schema() {
      return Schema.text();
    }

    @Override
    public Optional<Item> read(Field field) {
      return field.value() instanceof Text text
          ? Optional.of(new Item(field.path(), text.position(), text.text()))
          : field.mismatch(this);
    }

    @Override
    public String write(Item meaning) {
      return Flow.text(meaning.text());
    }
  }
}
