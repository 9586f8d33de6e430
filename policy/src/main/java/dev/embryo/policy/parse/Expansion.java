package dev.embryo.policy.parse;

import dev.embryo.policy.parse.Key.Default;
import dev.embryo.policy.parse.Key.Meaning;
import dev.embryo.policy.parse.Key.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Writes a policy out in full, in the order of the key table. A key with a value has a line; one without a value that could
 * be written has a comment that says what holds.
 */
final class Expansion {

  private static final String INDENT = "  ";

  private final Values values;
  private final Map<String, String> remarks;
  private final StringBuilder text = new StringBuilder();
  private int entries;

  private Expansion(Values values, Map<String, String> remarks) {
    this.values = values;
    this.remarks = remarks;
  }

  /** The text of what is written without problems. */
  static String of(Values values) {
    Map<Draft, OptionalInt> capabilities = CapabilityReader.check(values, new Problems());
    Map<String, String> remarks = new HashMap<>();
    capabilities.forEach((draft, fd) -> {
      if (fd.isPresent() && values.find(KeyTable.FD, draft.name()).isEmpty()) {
        remarks.put(draft.path(), "descriptor " + fd.getAsInt());
      }
    });
    Expansion expansion = new Expansion(filled(values, capabilities), remarks);
    expansion.section(Section.ROOT, "", "");
    return expansion.text.toString();
  }

  /**
   * The values with those defaults that a capability has by its kind. A number that it has by its place stays unwritten: it
   * is the next one, as long as it stands where it stands.
   */
  private static Values filled(Values values, Map<Draft, OptionalInt> capabilities) {
    Values filled = values.copy();
    capabilities.forEach((draft, fd) -> {
      String rights = KeyTable.RIGHTS.path(draft.name());
      if (values.find(KeyTable.RIGHTS, draft.name()).isEmpty()) {
        filled.put(rights, WrittenRights.of(draft.rights(), rights, draft.position()));
      }
      if (fd.isEmpty()) {
        filled.put(KeyTable.FD.path(draft.name()), fd);
      }
    });
    return filled;
  }

  private void section(Section section, String path, String indent) {
    section.parts().forEach((word, part) -> {
      if (part.rule().isPresent()) {
        values.names(path).keySet().forEach(name -> named(part, beneath(path, name), name, indent));
      } else if (part.key().isPresent()) {
        line(part.key().get(), beneath(path, word), indent);
      } else {
        block(part, beneath(path, word), word, indent);
      }
    });
  }

  private void block(Section section, String path, String word, String indent) {
    int start = text.length();
    int before = entries;
    text.append(indent).append(word).append(":\n");
    section(section, path, indent + INDENT);
    if (entries == before) {
      text.setLength(start); // comments alone are no mapping
    }
  }

  private <T> void line(Key<T> key, String path, String indent) {
    Optional<String> value = value(key, path);
    if (value.isPresent()) {
      text.append(indent).append(key.word()).append(": ").append(value.get()).append('\n');
      entries++;
    } else if (key.otherwise() instanceof Meaning<T> meaning) {
      text.append(indent).append("# ").append(key.word()).append(": ").append(meaning.doc().replace("`", "")).append('\n');
    }
  }

  private void named(Section section, String path, String name, String indent) {
    String remark = remarks.containsKey(path) ? "  # " + remarks.get(path) : "";
    text.append(indent).append(Flow.text(name)).append(": ").append(flow(section, path)).append(remark).append('\n');
    entries++;
  }

  /** On one line: what is written under a name is short. */
  private String flow(Section section, String path) {
    if (section.key().isPresent()) {
      return written(section.key().get(), path).orElseThrow();
    }
    List<String> entries = new ArrayList<>();
    section.parts().forEach((word, part) -> {
      String below = beneath(path, word);
      Optional<String> value = part.key().isPresent()
          ? written(part.key().get(), below)
          : Optional.of(flow(part, below)).filter(inner -> !inner.equals("{}"));
      value.ifPresent(v -> entries.add(Flow.text(word) + ": " + v));
    });
    return "{" + String.join(", ", entries) + "}";
  }

  private <T> Optional<String> value(Key<T> key, String path) {
    Default<T> otherwise = key.otherwise();
    return written(key, path)
        .or(() -> otherwise instanceof Value<T> value
            ? Optional.of(key.type().write(value.value()))
            : Optional.empty());
  }

  private <T> Optional<String> written(Key<T> key, String path) {
    return values.findAt(key, path).map(key.type()::write);
  }

  private static String beneath(String path, String word) {
    return path.isEmpty() ? word : path + "." + word;
  }
}
