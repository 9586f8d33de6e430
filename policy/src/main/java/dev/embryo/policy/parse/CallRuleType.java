package dev.embryo.policy.parse;

import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.SystemCallRules.CallRule;
import dev.embryo.policy.model.SystemCallRules.Condition;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A system call by its name, or a mapping of its name and a condition. Which names there are is not known here. */
record CallRuleType() implements ValueType<CallRule> {

  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,63}");
  private static final String CALL = "call";
  private static final String WHEN = "when";

  @Override
  public String expects() {
    return "the name of a system call, or a mapping with call, when";
  }

  @Override
  public String values() {
    return "name, or `{call, when}`";
  }

  @Override
  public Schema schema() {
    return Schema.any(
        Schema.matching(NAME.pattern()),
        Schema.mapping(CALL, new Named().schema(), WHEN, new When().schema(), List.of(CALL)));
  }

  @Override
  public Optional<CallRule> read(Field field) {
    if (field.value() instanceof Text text) {
      return name(field, text).map(name -> new CallRule(name, List.of(), text.position()));
    }
    return field.value() instanceof Keys keys ? mapping(field, keys) : field.mismatch(this);
  }

  @Override
  public String write(CallRule meaning) {
    return meaning.when().isEmpty()
        ? Flow.text(meaning.call())
        : "{call: " + Flow.text(meaning.call()) + ", when: " + Flow.text(meaning.condition()) + "}";
  }

  private static Optional<String> name(Field field, Text text) {
    return NAME.matcher(text.text()).matches()
        ? Optional.of(text.text())
        : field.refuse("expected the name of a system call, such as ptrace, not " + text.description());
  }

  private Optional<CallRule> mapping(Field field, Keys keys) {
    Optional<CallRule> call = Optional.empty();
    List<Condition> when = new ArrayList<>();
    boolean sound = true;
    boolean named = false;
    for (Entry entry : keys.entries()) {
      String key = entry.key().text();
      Field part = new Field(field.path() + "." + key, entry.value(), field.base(), field.problems());
      if (key.equals(CALL)) {
        named = true;
        call = part.as(new Named());
        sound &= call.isPresent();
      } else if (key.equals(WHEN)) {
        Optional<List<Condition>> read = part.as(new When());
        read.ifPresent(when::addAll);
        sound &= read.isPresent();
      } else {
        field.problems().spoil(field.path(), entry.key().position(), "unknown key " + Printable.quote(key)
            + Nearest.hint(key, List.of(CALL, WHEN)));
        sound = false;
      }
    }
    if (!named) {
      return field.refuse("has no 'call', the name of the system call");
    }
    Position position = call.map(CallRule::position).orElse(keys.position());
    return sound ? call.map(c -> new CallRule(c.call(), when, position)) : Optional.empty();
  }

  /** The name alone. */
  private record Named() implements ValueType<CallRule> {
    @Override
    public String expects() {
      return "the name of a system call";
    }

    @Override
    public String values() {
      return "name";
    }

    @Override
    public Schema schema() {
      return Schema.matching(NAME.pattern());
    }

    @Override
    public Optional<CallRule> read(Field field) {
      return field.value() instanceof Text text
          ? name(field, text).map(name -> new CallRule(name, List.of(), text.position()))
          : field.mismatch(this);
    }

    @Override
    public String write(CallRule meaning) {
      return Flow.text(meaning.call());
    }
  }

  /** The condition alone. */
  private record When() implements ValueType<List<Condition>> {
    @Override
    public String expects() {
      return "a condition, such as \"arg1 & 0xff == 3\"";
    }

    @Override
    public String values() {
      return "condition";
    }

    @Override
    public Schema schema() {
      return Schema.text();
    }

    @Override
    public Optional<List<Condition>> read(Field field) {
      if (!(field.value() instanceof Text text)) {
        return field.mismatch(this);
      }
      try {
        return Optional.of(ConditionReader.read(text));
      } catch (ConditionReader.Malformed malformed) {
        field.problems().at(field.path(), malformed.position(), malformed.reason());
        return Optional.empty();
      }
    }

    @Override
    public String write(List<Condition> meaning) {
      return Flow.text(String.join(" and ", meaning.stream().map(Condition::toString).toList()));
    }
  }
}
