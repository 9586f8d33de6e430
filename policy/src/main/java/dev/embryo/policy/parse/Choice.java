package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Tree.Items;
import dev.embryo.policy.parse.Tree.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One of a few words.
 *
 * @param words the words and what they mean
 * @param laterWords words of the language that are not supported yet
 * @param laterList whether the language has a list in their place, not supported yet
 * @param <T> what they mean
 */
record Choice<T>(Map<String, T> words, List<String> laterWords, boolean laterList) implements ValueType<T> {

  /** Keeps the words in order, so that they are always listed as the table lists them. */
  Choice {
    words = Collections.unmodifiableMap(new LinkedHashMap<>(words));
    laterWords = List.copyOf(laterWords);
  }

  /** The one word there is. */
  static Choice<String> only(String word) {
    return new Choice<>(Map.of(word, word), List.of(), false);
  }

  /** The constants of an enum, in lower case. */
  static <E extends Enum<E>> Choice<E> of(Class<E> constants) {
    Map<String, E> words = new LinkedHashMap<>();
    for (E constant : constants.getEnumConstants()) {
      words.put(constant.name().toLowerCase(Locale.ROOT), constant);
    }
    return new Choice<>(words, List.of(), false);
  }

  /** This choice, with words that are known but not supported yet. */
  Choice<T> later(String... more) {
    return new Choice<>(words, List.of(more), laterList);
  }

  /** This choice, with a list that is known but not supported yet. */
  Choice<T> laterAList() {
    return new Choice<>(words, laterWords, true);
  }

  @Override
  public String expects() {
    return listed(String.join(", ", words.keySet()));
  }

  @Override
  public String values() {
    return listed(words.keySet().stream().map(word -> "`" + word + "`").collect(Collectors.joining(", ")));
  }

  private static String listed(String all) {
    int comma = all.lastIndexOf(", ");
    return comma < 0 ? all : all.substring(0, comma) + " or " + all.substring(comma + 2);
  }

  @Override
  public Optional<T> read(Field field) {
    if (field.value() instanceof Text text) {
      Optional<T> meaning = Optional.ofNullable(words.get(text.text()));
      return meaning.isPresent() ? meaning : field.refuse(refusal(text));
    }
    return laterList && field.value() instanceof Items
        ? field.refuse("a list is not supported yet; expected " + expects())
        : field.mismatch(this);
  }

  @Override
  public String write(T meaning) {
    return words.entrySet().stream()
        .filter(word -> word.getValue().equals(meaning))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private String refusal(Text text) {
    String word = text.text();
    if (laterWords.contains(word)) {
      return "'" + word + "' is not supported yet; expected " + expects();
    }
    List<String> known = new ArrayList<>(words.keySet());
    known.addAll(laterWords);
    String hint = known.size() > 1 ? Nearest.hint(word, known) : "";
    return "expected " + expects() + ", not " + text.description() + hint;
  }
}
