package dev.embryo.policy.parse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What values of a type look like, in the words of JSON Schema, draft 2020-12.
 *
 * @param keywords the keywords and their values: texts, numbers, flags, lists and maps of such, or schemas
 */
record Schema(Map<String, Object> keywords) {

  Schema {
    keywords = Collections.unmodifiableMap(new LinkedHashMap<>(keywords));
  }

  private static Schema of(String keyword, Object value) {
    return new Schema(Map.of(keyword, value));
  }

  /** This schema with another keyword. */
  Schema with(String keyword, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(keywords);
    more.put(keyword, value);
    return new Schema(more);
  }

  /** A text: also what YAML would take for a number or a flag. */
  static Schema text() {
    return of("type", List.of("string", "number", "boolean"));
  }

  /** A text that all matches an expression. */
  static Schema matching(String expression) {
    return of("type", "string").with("pattern", "^(?:" + expression + ")$");
  }

  /** One of a few words. */
  static Schema words(Collection<String> words) {
    return of("enum", List.copyOf(words));
  }

  static Schema flag() {
    return of("type", "boolean");
  }

  /** This value and no other. */
  static Schema only(Object value) {
    return of("const", value);
  }

  static Schema wholeNumber(long least, long most) {
    return of("type", "integer").with("minimum", least).with("maximum", most);
  }

  /** A number of the least unit, or a text with a unit. */
  static Schema amount(String expression, long least) {
    return of("type", List.of("string", "integer")).with("pattern", "^(?:" + expression + ")$").with("minimum", least);
  }

  static Schema list(Schema item, boolean distinct, int most) {
    Schema list = of("type", "array").with("items", item).with("maxItems", most);
    return distinct ? list.with("uniqueItems", true) : list;
  }

  /** Any of these. */
  static Schema any(Schema... schemas) {
    return of("anyOf", new ArrayList<>(Arrays.asList(schemas)));
  }

  /** A mapping with these two keys and no others. */
  static Schema mapping(String first, Schema one, String second, Schema other, List<String> required) {
    Map<String, Schema> keys = new LinkedHashMap<>();
    keys.put(first, one);
    keys.put(second, other);
    return mapping(keys, required);
  }

  /** A mapping with these keys and no others. */
  static Schema mapping(Map<String, Schema> keys, List<String> required) {
    Schema mapping =
        of("type", "object").with("properties", new LinkedHashMap<>(keys)).with("additionalProperties", false);
    return required.isEmpty() ? mapping : mapping.with("required", required);
  }
}
