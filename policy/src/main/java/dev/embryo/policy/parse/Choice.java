package dev.embryo.policy.parse;

import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.parse.Tree.Text;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One of a few words.
 *
 * @param words the words and what they mean
 * @param <T> what they mean
 */
record Choice<T>(Map<String, T> words) implements ValueType<T> {

  /** Keeps the words in order, so that they are always listed as the table lists them. */
  Choice {
    words = Collections.unmodifiableMap(new LinkedHashMap<>(words));
  }

  /** The one word there is. */
  static Choice<String> only(String word) {
    return word(word, word);
  }

  /** The constants of an enum, in lower case. */
  static <E extends Enum<E>> Choice<E> of(Class<E> constants) {
    Map<String, E> words = new LinkedHashMap<>();
    for (E constant : constants.getEnumConstants()) {
      words.put(constant.name().toLowerCase(Locale.ROOT), constant);
    }
    return new Choice<>(words);
  }

  /** This word, until there are more. */
  static <T> Choice<T> word(String word, T meaning) {
    return new Choice<>(Map.of(word, meaning));
  }

  /** This choice, with another word. */
  Choice<T> or(String word, T meaning) {
    Map<String, T> more = new LinkedHashMap<>(words);
    more.put(word, meaning);
    return new Choice<>(more);
  }

  @Override
  public String expects() {
    return listed(words.keySet());
  }

  @Override
  public String values() {
    return listed(marked());
  }

  /** What to write, where something else may be written too. */
  String expectsOr(String other) {
    return String.join(", ", words.keySet()) + " or " + other;
  }

  /** As {@link #expectsOr}, as the reference says it. */
  String valuesOr(String other) {
    return String.join(", ", marked()) + " or " + other;
  }

  private List<String> marked() {
    return words.keySet().stream().map(word -> "`" + word + "`").toList();
  }

  private static String listed(Collection<String> words) {
    String all = String.join(", ", words);
    int comma = all.lastIndexOf(", ");
    return comma < 0 ? all : all.substring(0, comma) + " or " + all.substring(comma + 2);
  }

  @Override
  public Schema schema() {
    return Schema.words(words.keySet());
  }

  @Override
  public Optional<T> read(Field field) {
    return read(field, this);
  }

  /** As {@link #read(Field)}, where the words are a part of what may be written. */
  Optional<T> read(Field field, ValueType<T> whole) {
    if (field.value() instanceof Text text) {
      Optional<T> meaning = Optional.ofNullable(words.get(text.text()));
      return meaning.isPresent() ? meaning : field.refuse(refusal(text, whole));
    }
    return field.mismatch(whole);
  }

  @Override
  public String write(T meaning) {
    return words.entrySet().stream()
        .filter(word -> word.getValue().equals(meaning))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private String refusal(Text text, ValueType<T> whole) {
    String word = text.text();
    String hint = words.size() > 1 ? Nearest.hint(word, words.keySet()) : "";
    return "expected " + whole.expects() + ", not " + text.description() + hint;
  }
}
