package dev.embryo.policy.parse;

import com.google.re2j.Pattern;
import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Text;
import java.util.List;
import java.util.Optional;

/**
 * What a launch may append to the arguments.
 *
 * @param max how many
 * @param matches what all of each must match; nothing where none may be appended
 */
record ExtraArguments(int max, Optional<Pattern> matches) {

  private static final int MOST = 1 << 16;
  private static final String MAX = "max";
  private static final String MATCHES = "matches";

  /** Nothing. */
  static final ExtraArguments NONE = new ExtraArguments(0, Optional.empty());

  /** Why this one may not be appended. */
  Optional<String> refusal(String argument) {
    return argument.indexOf('\0') >= 0
        ? Optional.of("an argument cannot hold a NUL character")
        : matches.flatMap(pattern -> ParameterValue.mismatch(pattern, argument));
  }

  /** How they are written: {@code none}, or a mapping of both. */
  record Type() implements ValueType<ExtraArguments> {

    private static final ValueType<Integer> COUNT = ScalarType.wholeNumber(1, MOST);

    @Override
    public String expects() {
      return "none or a mapping with max, matches";
    }

    @Override
    public String values() {
      return "`none`, or `{max, matches}`: a number and a regular expression";
    }

    @Override
    public Schema schema() {
      return Schema.any(
          Schema.only("none"),
          Schema.mapping(MAX, COUNT.schema(), MATCHES, new Expression().schema(), List.of(MAX, MATCHES)));
    }

    @Override
    public Optional<ExtraArguments> read(Field field) {
      if (field.value() instanceof Text text && text.text().equals("none")) {
        return Optional.of(NONE);
      }
      return field.value() instanceof Keys keys ? mapping(field, keys) : field.mismatch(this);
    }

    private static Optional<ExtraArguments> mapping(Field field, Keys keys) {
      Optional<Integer> max = Optional.empty();
      Optional<Pattern> matches = Optional.empty();
      for (Entry entry : keys.entries()) {
        String word = entry.key().text();
        Field part = new Field(field.path() + "." + word, entry.value(), field.base(), field.problems());
        switch (word) {
          case MAX -> max = part.as(COUNT);
          case MATCHES -> matches = part.as(new Expression());
          default -> field.problems().spoil(field.path(), entry.key().position(),
              "unknown key " + Printable.quote(word) + Nearest.hint(word, List.of(MAX, MATCHES)));
        }
      }
      for (String word : List.of(MAX, MATCHES)) {
        if (keys.entries().stream().noneMatch(entry -> entry.key().text().equals(word))) {
          return field.refuse("has no '" + word + "'; expected a mapping with max, matches");
        }
      }
      Optional<Pattern> pattern = matches;
      return pattern.isEmpty() ? Optional.empty() : max.map(most -> new ExtraArguments(most, pattern));
    }

    @Override
    public String write(ExtraArguments meaning) {
      return meaning.matches
          .map(pattern -> "{max: " + meaning.max + ", matches: " + new Expression().write(pattern) + "}")
          .orElse("none");
    }
  }
}
