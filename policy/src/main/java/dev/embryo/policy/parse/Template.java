package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A text in which parameters may stand.
 *
 * <p>{@code ${name}} is a parameter. In front of a brace {@code $$} is a dollar, so that <code>$${</code> is the
 * text <code>${</code>; all other dollars stand for themselves.
 *
 * @param path the key that it is the value of
 * @param position where it stands
 * @param parts texts and parameters, in order
 */
record Template(String path, Position position, List<Part> parts) {

  private static final Pattern BRACES = Pattern.compile("\\$+\\{");

  private static final Pattern REFERENCE = Pattern.compile("([A-Za-z_][A-Za-z0-9_]{0,127})\\}");

  /** A piece of it. */
  sealed interface Part {}

  /** A text that stands for itself. */
  record Literal(String text) implements Part {}

  /** The place of a parameter's value. */
  record Reference(String name) implements Part {}

  Template {
    parts = List.copyOf(parts);
  }

  /** The template that is written, or nothing if a brace belongs to no parameter. */
  static Optional<Template> read(String path, Position position, String written) {
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    Matcher braces = BRACES.matcher(written);
    int next = 0;
    while (braces.find(next)) {
      int dollars = braces.end() - braces.start() - 1;
      literal.append(written, next, braces.start()).append("$".repeat(dollars / 2));
      next = braces.end();
      if (dollars % 2 == 0) {
        literal.append('{');
        continue;
      }
      Matcher reference = REFERENCE.matcher(written).region(next, written.length());
      if (!reference.lookingAt()) {
        return Optional.empty();
      }
      add(parts, literal);
      parts.add(new Reference(reference.group(1)));
      next = reference.end();
    }
    literal.append(written, next, written.length());
    add(parts, literal);
    return Optional.of(new Template(path, position, parts));
  }

  private static void add(List<Part> parts, StringBuilder literal) {
    if (literal.length() > 0) {
      parts.add(new Literal(literal.toString()));
      literal.setLength(0);
    }
  }

  /** The parameters in it, as often as they stand there. */
  List<String> names() {
    return parts.stream().filter(Reference.class::isInstance).map(part -> ((Reference) part).name()).toList();
  }

  /** The parameter that stands for the whole of it. */
  Optional<String> whole() {
    return parts.size() == 1 && parts.get(0) instanceof Reference reference
        ? Optional.of(reference.name())
        : Optional.empty();
  }

  /** Its text, with these values in the places of the parameters, of which all are there. */
  String fill(Map<String, String> values) {
    return parts.stream()
        .map(part -> part instanceof Reference reference
            ? Optional.ofNullable(values.get(reference.name())).orElseThrow()
            : ((Literal) part).text())
        .collect(Collectors.joining());
  }

  /** The same with no parameter in it any more. */
  Template filled(Map<String, String> values) {
    return of(fill(values));
  }

  /** The text at the place of this. */
  Template of(String text) {
    return new Template(path, position, text.isEmpty() ? List.of() : List.of(new Literal(text)));
  }

  /** How it is written. */
  String written() {
    StringBuilder written = new StringBuilder();
    for (Part part : parts) {
      if (part instanceof Reference reference) {
        doubleLastDollars(written);
        written.append("${").append(reference.name()).append('}');
      } else {
        String text = ((Literal) part).text();
        for (int i = 0; i < text.length(); i++) {
          if (text.charAt(i) == '{') {
            doubleLastDollars(written);
          }
          written.append(text.charAt(i));
        }
      }
    }
    return written.toString();
  }

  private static void doubleLastDollars(StringBuilder written) {
    int first = written.length();
    while (first > 0 && written.charAt(first - 1) == '$') {
      first--;
    }
    written.append("$".repeat(written.length() - first));
  }
}
