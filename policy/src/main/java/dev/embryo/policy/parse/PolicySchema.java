package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Key.Required;
import dev.embryo.policy.parse.Key.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The JSON Schema of the language, from the table that the parser reads by: for editors, which complete and check policies
 * with it.
 *
 * <p>A policy that the parser accepts is valid by the schema. The contrary does not hold: what two keys have to do with each
 * other is known to the parser alone. Stateless; safe for use by many threads.
 */
public final class PolicySchema {

  private static final String INDENT = "  ";

  /** Keys of which one has to be written, and not two, by the section that they are in. */
  private static final Map<String, List<String>> ALTERNATIVES = Map.of(
      "capabilities.*", Kind.ALL.stream().map(Kind::word).toList(),
      "parameters.*", ParameterReader.BOUNDS);

  private PolicySchema() {}

  /** The schema, draft 2020-12, as a text of JSON. */
  public static String text() {
    Schema root = new Schema(Map.of())
        .with("$schema", "https://json-schema.org/draft/2020-12/schema")
        .with("title", "Embryo policy, version 1");
    for (Map.Entry<String, Object> keyword : section(Section.ROOT, "").keywords().entrySet()) {
      root = root.with(keyword.getKey(), keyword.getValue());
    }
    StringBuilder text = new StringBuilder();
    write(text, root, "");
    return text.append('\n').toString();
  }

  private static Schema section(Section section, String path) {
    Map<String, Schema> keys = new LinkedHashMap<>();
    Map<String, Schema> names = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    section.parts().forEach((word, part) -> {
      String below = path.isEmpty() ? word : path + "." + word;
      if (part.rule().isPresent()) {
        names.put(pattern(part.rule().get(), section.words()), part(part, below));
      } else {
        keys.put(word, part(part, below));
        if (needed(part)) {
          required.add(word);
        }
      }
    });
    Schema schema = Schema.mapping(keys, required);
    if (!names.isEmpty()) {
      schema = schema.with("patternProperties", names);
    }
    List<String> alternatives = ALTERNATIVES.getOrDefault(path, List.of());
    return alternatives.isEmpty() ? schema : schema.with("oneOf", alternatives.stream()
        .map(word -> new Schema(Map.of("required", List.of(word)))).toList());
  }

  private static Schema part(Section part, String path) {
    return part.key().isPresent() ? key(part.key().get()) : section(part, path);
  }

  private static <T> Schema key(Key<T> key) {
    Schema schema = key.type().schema().with("description", key.doc().replace("`", ""));
    if (!(key.otherwise() instanceof Value<T> value)) {
      return schema;
    }
    boolean itself = value.value() instanceof Boolean || value.value() instanceof Integer;
    boolean list = value.value() instanceof Collection<?>;
    return list ? schema : schema.with("default", itself ? value.value() : key.type().write(value.value()));
  }

  private static boolean needed(Section section) {
    return section.key()
        .map(key -> key.otherwise() instanceof Required)
        .orElseGet(() -> section.rule().isEmpty() && section.parts().values().stream().anyMatch(PolicySchema::needed));
  }

  /** The names that a policy may choose, without those that mean something of their own. */
  private static String pattern(NameRule rule, List<String> words) {
    List<String> others = new ArrayList<>(words);
    rule.reserved().stream().sorted().forEach(others::add);
    String not = others.isEmpty() ? "" : "(?!(?:" + String.join("|", others) + ")$)";
    return "^" + not + "(?:" + rule.form().pattern() + ")$";
  }

  private static void write(StringBuilder text, Object value, String indent) {
    if (value instanceof Schema schema) {
      write(text, schema.keywords(), indent);
    } else if (value instanceof Map<?, ?> map) {
      text.append('{');
      String separator = "\n";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        text.append(separator).append(indent).append(INDENT).append(quoted(String.valueOf(entry.getKey()))).append(": ");
        write(text, entry.getValue(), indent + INDENT);
        separator = ",\n";
      }
      text.append(map.isEmpty() ? "}" : "\n" + indent + "}");
    } else if (value instanceof List<?> list) {
      text.append('[');
      String separator = "";
      for (Object item : list) {
        text.append(separator);
        write(text, item, indent + INDENT);
        separator = ", ";
      }
      text.append(']');
    } else {
      text.append(value instanceof String string ? quoted(string) : String.valueOf(value));
    }
  }

  private static String quoted(String text) {
    return text.codePoints()
        .mapToObj(c -> c == '"' || c == '\\' ? "\\" + (char) c
            : c < ' ' ? String.format("\\u%04x", c)
            : Character.toString(c))
        .collect(Collectors.joining("", "\"", "\""));
  }
}
