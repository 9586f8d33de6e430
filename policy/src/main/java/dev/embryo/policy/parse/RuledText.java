package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Tree.Text;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A text that keeps some rules.
 *
 * @param expects what to write
 * @param values the same, as the reference says it
 * @param rules the rules, of which the first that is broken is told
 */
record RuledText(String expects, String values, List<TextRule> rules) implements ValueType<String> {

  /** A text that reaches the program as it is. */
  static RuledText literal() {
    return new RuledText("a text", "text", List.of(TextRule.NO_PARAMETERS));
  }

  /** A text in which nothing has a meaning. */
  static RuledText any() {
    return new RuledText("a text", "text", List.of());
  }

  /** A path of the host, as it is written. */
  static RuledText path() {
    return new RuledText("a path", "host path", TextRule.PATH);
  }

  /** A path as the program sees it. */
  static RuledText viewPath() {
    return path().and("view path", "an absolute path in the program's view", TextRule.VIEW_PATH);
  }

  /** The path at which the program sees a capability. */
  static RuledText mount() {
    return viewPath().and("view path", "an absolute path in the program's view, such as /in", TextRule.MOUNT);
  }

  private RuledText and(String name, String expected, List<TextRule> more) {
    return new RuledText(expected, name, Stream.concat(rules.stream(), more.stream()).toList());
  }

  @Override
  public Schema schema() {
    return Schema.text();
  }

  @Override
  public Optional<String> read(Field field) {
    if (!(field.value() instanceof Text text)) {
      return field.mismatch(this);
    }
    for (TextRule rule : rules) {
      if (rule.broken().test(text.text())) {
        return field.refuse(rule.refusal());
      }
    }
    return Optional.of(text.text());
  }

  @Override
  public String write(String meaning) {
    return Flow.text(meaning);
  }
}
