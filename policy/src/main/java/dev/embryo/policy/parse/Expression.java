package dev.embryo.policy.parse;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.embryo.policy.parse.Tree.Text;
import java.util.Optional;

/**
 * A regular expression of RE2, which matches in a time that grows with the text and with nothing else, whoever chose the
 * text (github.com/google/re2/wiki/Syntax).
 */
record Expression() implements ValueType<Pattern> {

  private static final int LONGEST = 1024;

  @Override
  public String expects() {
    return "a regular expression, such as [a-z]{1,20}";
  }

  @Override
  public String values() {
    return "regular expression";
  }

  @Override
  public Schema schema() {
    return Schema.text();
  }

  @Override
  public Optional<Pattern> read(Field field) {
    if (!(field.value() instanceof Text text)) {
      return field.mismatch(this);
    }
    if (text.text().length() > LONGEST) {
      return field.refuse("a regular expression has at most " + LONGEST + " characters");
    }
    try {
      return Optional.of(Pattern.compile(text.text()));
    } catch (PatternSyntaxException e) {
      return field.refuse("no regular expression of RE2: " + e.getDescription() + ": " + Printable.quote(e.getPattern()));
    }
  }

  @Override
  public String write(Pattern meaning) {
    return Flow.text(meaning.pattern());
  }
}
