package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Tree.Text;
import java.util.Optional;

/**
 * A text in which parameters may stand.
 *
 * @param rule which parts it may have
 */
record TemplateText(Rule rule) implements ValueType<Template> {

  private static final String FORM = "a parameter is written ${name}, and the text '${' is written $${";

  /** Where parameters may stand. */
  enum Rule {
    /** Anywhere in the text. */
    ANYWHERE,
    /** One parameter and nothing else. */
    ONE_ALONE
  }

  @Override
  public String expects() {
    return rule == Rule.ONE_ALONE ? "a parameter, such as ${name}" : "a text";
  }

  @Override
  public String values() {
    return rule == Rule.ONE_ALONE ? "`${name}`" : "text with parameters";
  }

  @Override
  public Schema schema() {
    return Schema.text();
  }

  @Override
  public Optional<Template> read(Field field) {
    if (!(field.value() instanceof Text text)) {
      return field.mismatch(this);
    }
    Optional<Template> template = template(field, text.text());
    return template.isPresent() && rule == Rule.ONE_ALONE && template.get().whole().isEmpty()
        ? field.mismatch(this)
        : template;
  }

  @Override
  public String write(Template meaning) {
    return Flow.text(meaning.written());
  }

  /** The template in a text of the field, or nothing after saying how parameters are written. */
  static Optional<Template> template(Field field, String text) {
    Optional<Template> template = Template.read(field.path(), field.value().position(), text);
    return template.isPresent() ? template : field.refuse(FORM);
  }
}
