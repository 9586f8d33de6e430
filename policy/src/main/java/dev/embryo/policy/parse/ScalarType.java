package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Tree.Text;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A type of scalar that is either well-formed or not, with nothing more to say about it.
 *
 * @param expects what to write
 * @param values the same, as the reference says it
 * @param schema what it looks like
 * @param parse the meaning of a text, if it is well-formed
 * @param print a text with a meaning
 * @param <T> what it means
 */
record ScalarType<T>(
    String expects, String values, Schema schema, Function<Text, Optional<T>> parse, Function<T, String> print)
    implements ValueType<T> {

  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,9}");
  private static final Map<String, Boolean> FLAGS = Map.of("true", true, "false", false);

  @Override
  public Optional<T> read(Field field) {
    Optional<T> meaning = field.value() instanceof Text text ? parse.apply(text) : Optional.empty();
    return meaning.isPresent() ? meaning : field.mismatch(this);
  }

  @Override
  public String write(T meaning) {
    return print.apply(meaning);
  }

  /** A plain {@code true} or {@code false}. */
  static ScalarType<Boolean> flag() {
    return new ScalarType<>("true or false", "flag", Schema.flag(), ScalarType::flag, String::valueOf);
  }

  /** A plain {@code true} and nothing else, where leaving the key out says the contrary. */
  static ScalarType<Boolean> trueOnly() {
    return new ScalarType<>(
        "true", "`true`", Schema.only(true), text -> flag(text).filter(Boolean::booleanValue), String::valueOf);
  }

  /** A plain decimal number within the bounds, both included. */
  static ScalarType<Integer> wholeNumber(int least, int most) {
    return new ScalarType<>(
        "a whole number from " + least + " to " + most,
        least + " to " + most,
        Schema.wholeNumber(least, most),
        text -> number(text, least, most),
        String::valueOf);
  }

  /** A plain decimal number within the bounds, both included, or {@code none}. */
  static ScalarType<OptionalInt> wholeNumberOrNone(int least, int most) {
    return new ScalarType<>(
        "a whole number from " + least + " to " + most + " or none",
        least + " to " + most + ", or `none`",
        Schema.any(Schema.only("none"), Schema.wholeNumber(least, most)),
        text -> text.text().equals("none")
            ? Optional.of(OptionalInt.empty())
            : number(text, least, most).map(OptionalInt::of),
        meaning -> meaning.isPresent() ? String.valueOf(meaning.getAsInt()) : "none");
  }

  /** A text of the given form. */
  static ScalarType<String> matching(String expects, String values, Pattern form) {
    return new ScalarType<>(
        expects,
        values,
        Schema.text().with("pattern", "^(?:" + form.pattern() + ")$"),
        text -> Optional.of(text.text()).filter(t -> form.matcher(t).matches()),
        Flow::text);
  }

  private static Optional<Boolean> flag(Text text) {
    return text.plain() ? Optional.ofNullable(FLAGS.get(text.text())) : Optional.empty();
  }

  private static Optional<Integer> number(Text text, int least, int most) {
    return text.plain() && NUMBER.matcher(text.text()).matches()
        ? Optional.of(Long.parseLong(text.text())).filter(n -> least <= n && n <= most).map(Long::intValue)
        : Optional.empty();
  }
}
