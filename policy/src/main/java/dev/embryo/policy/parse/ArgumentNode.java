package dev.embryo.policy.parse;

import dev.embryo.policy.model.Argument;
import dev.embryo.policy.model.Position;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A value of the structured arguments as it is written, with parameters in its texts. */
sealed interface ArgumentNode {

  /** What it means, once no parameter is in it. */
  Argument value();

  /** The same with no parameter in it any more. */
  ArgumentNode filled(Map<String, String> values);

  /** It and all that is in it. */
  default Stream<ArgumentNode> all() {
    return Stream.of(this);
  }

  /** A text of YAML that is read as the same. */
  String written();

  /** A scalar in which nothing varies. */
  record Leaf(String path, Position position, Argument value) implements ArgumentNode {
    @Override
    public Leaf filled(Map<String, String> values) {
      return this;
    }

    @Override
    public String written() {
      if (value instanceof Argument.Flag flag) {
        return String.valueOf(flag.value());
      } else if (value instanceof Argument.Whole whole) {
        return whole.value().toString();
      } else if (value instanceof Argument.Real real) {
        return Double.isNaN(real.value()) ? ".nan"
            : Double.isInfinite(real.value()) ? (real.value() < 0 ? "-.inf" : ".inf")
            : Double.toString(real.value());
      } else if (value instanceof Argument.Binary binary) {
        return Tags.BINARY.text() + " " + Flow.quoted(binary.base64());
      } else if (value instanceof Argument.Timestamp timestamp) {
        return Tags.TIMESTAMP.text() + " " + Flow.quoted(timestamp.value().toString());
      }
      return "null";
    }
  }

  /** A text. */
  record Words(Template text) implements ArgumentNode {
    @Override
    public Argument value() {
      return new Argument.Text(text.fill(Map.of()));
    }

    @Override
    public Words filled(Map<String, String> values) {
      return new Words(text.filled(values));
    }

    @Override
    public String written() {
      return Flow.quoted(text.written()); // plain it might be read as a number
    }
  }

  /** A capability, by its name. */
  record Reference(String path, Position position, String capability) implements ArgumentNode {
    @Override
    public Argument value() {
      return new Argument.Reference(capability);
    }

    @Override
    public Reference filled(Map<String, String> values) {
      return this;
    }

    @Override
    public String written() {
      return Tags.FD.text() + " " + Flow.text(capability);
    }
  }

  /** Values in order. */
  record Items(List<ArgumentNode> items) implements ArgumentNode {
    public Items {
      items = List.copyOf(items);
    }

    @Override
    public Argument value() {
      return new Argument.Sequence(items.stream().map(ArgumentNode::value).toList());
    }

    @Override
    public Items filled(Map<String, String> values) {
      return new Items(items.stream().map(item -> item.filled(values)).toList());
    }

    @Override
    public Stream<ArgumentNode> all() {
      return Stream.concat(Stream.of(this), items.stream().flatMap(ArgumentNode::all));
    }

    @Override
    public String written() {
      return items.stream().map(ArgumentNode::written).collect(Collectors.joining(", ", "[", "]"));
    }
  }

  /** Values by name. */
  record Entries(Map<String, ArgumentNode> entries) implements ArgumentNode {
    public Entries {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    @Override
    public Argument value() {
      Map<String, Argument> values = new LinkedHashMap<>();
      entries.forEach((name, entry) -> values.put(name, entry.value()));
      return new Argument.Mapping(values);
    }

    @Override
    public Entries filled(Map<String, String> values) {
      Map<String, ArgumentNode> filled = new LinkedHashMap<>();
      entries.forEach((name, entry) -> filled.put(name, entry.filled(values)));
      return new Entries(filled);
    }

    @Override
    public Stream<ArgumentNode> all() {
      return Stream.concat(Stream.of(this), entries.values().stream().flatMap(ArgumentNode::all));
    }

    @Override
    public String written() {
      return entries.entrySet().stream()
          .map(entry -> Flow.quoted(entry.getKey()) + ": " + entry.getValue().written())
          .collect(Collectors.joining(", ", "{", "}"));
    }
  }
}
