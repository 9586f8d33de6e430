package dev.embryo.policy.parse;

import dev.embryo.policy.model.Argument;
import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.parse.Tree.Broken;
import dev.embryo.policy.parse.Tree.Entry;
import dev.embryo.policy.parse.Tree.Items;
import dev.embryo.policy.parse.Tree.Keys;
import dev.embryo.policy.parse.Tree.Tagged;
import dev.embryo.policy.parse.Tree.Text;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The structured arguments: any tree of YAML. A plain scalar is what YAML 1.2 takes it for by its core schema; everything else
 * that is no collection is a text, unless a tag says what it is.
 */
record ArgumentType() implements ValueType<ArgumentNode> {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
  private static final Pattern DECIMAL = Pattern.compile("[-+]?[0-9]{1,40}");
  private static final Pattern OCTAL = Pattern.compile("0o[0-7]{1,40}");
  private static final Pattern HEXADECIMAL = Pattern.compile("0x[0-9a-fA-F]{1,40}");
  private static final Pattern NUMBER = Pattern.compile("[-+]?([0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)");
  private static final Pattern REAL =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern INFINITE = Pattern.compile("[-+]?\\.(inf|Inf|INF)");
  private static final Pattern NO_NUMBER = Pattern.compile("\\.(nan|NaN|NAN)");
  private static final List<String> TRUE = List.of("true", "True", "TRUE");
  private static final List<String> FALSE = List.of("false", "False", "FALSE");

  private static final BigInteger LEAST = BigInteger.ONE.shiftLeft(63).negate();
  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
  private static final String BOUNDS = "an integer is from -2^63 to 2^64 - 1; between quotes it is a text";

  @Override
  public String expects() {
    return "a tree of values";
  }

  @Override
  public String values() {
    return "tree of values, with `!fd NAME`, `!file` and others";
  }

  @Override
  public Schema schema() {
    return new Schema(Map.of());
  }

  @Override
  public Optional<ArgumentNode> read(Field field) {
    if (field.value() instanceof Tagged tagged) {
      return tagged(field, tagged);
    } else if (field.value() instanceof Items items) {
      return items(field, items);
    } else if (field.value() instanceof Keys keys) {
      return keys(field, keys);
    }
    return field.value() instanceof Text text ? scalar(field, text) : Optional.empty();
  }

  @Override
  public String write(ArgumentNode meaning) {
    boolean nothing = meaning instanceof ArgumentNode.Leaf leaf && leaf.value() instanceof Argument.Nothing;
    return nothing ? Tags.NULL.text() + " \"\"" : meaning.written(); // without a tag it would be a key without a value
  }

  private Optional<ArgumentNode> items(Field field, Items items) {
    List<ArgumentNode> nodes = new ArrayList<>();
    for (int i = 0; i < items.items().size(); i++) {
      read(field.item(i, items.items().get(i))).ifPresent(nodes::add);
    }
    return nodes.size() == items.items().size() ? Optional.of(new ArgumentNode.Items(nodes)) : Optional.empty();
  }

  private Optional<ArgumentNode> keys(Field field, Keys keys) {
    Map<String, ArgumentNode> nodes = new LinkedHashMap<>();
    for (Entry entry : keys.entries()) {
      String name = entry.key().text();
      Field part = new Field(entry.key().beneath(field.path()), entry.value(), field.base(), field.problems());
      read(part).ifPresent(node -> nodes.put(name, node));
    }
    return nodes.size() == keys.entries().size() ? Optional.of(new ArgumentNode.Entries(nodes)) : Optional.empty();
  }

  private Optional<ArgumentNode> scalar(Field field, Text text) {
    if (!text.plain()) {
      return words(field, text);
    }
    String plain = text.text();
    if (text.isNothing()) {
      return leaf(field, new Argument.Nothing());
    } else if (TRUE.contains(plain) || FALSE.contains(plain)) {
      return leaf(field, new Argument.Flag(TRUE.contains(plain)));
    } else if (NUMBER.matcher(plain).matches()) {
      return whole(field, plain);
    }
    Optional<Double> real = real(plain);
    return real.isPresent() ? leaf(field, new Argument.Real(real.get())) : words(field, text);
  }

  private static Optional<ArgumentNode> leaf(Field field, Argument value) {
    return Optional.of(new ArgumentNode.Leaf(field.path(), field.value().position(), value));
  }

  private static Optional<ArgumentNode> words(Field field, Text text) {
    return TemplateText.template(field, text.text()).map(ArgumentNode.Words::new);
  }

  private static Optional<ArgumentNode> whole(Field field, String text) {
    Optional<BigInteger> number = DECIMAL.matcher(text).matches() ? Optional.of(new BigInteger(text.replace("+", "")))
        : OCTAL.matcher(text).matches() ? Optional.of(new BigInteger(text.substring(2), 8))
        : HEXADECIMAL.matcher(text).matches() ? Optional.of(new BigInteger(text.substring(2), 16))
        : Optional.empty();
    return number.isPresent() && number.get().compareTo(LEAST) >= 0 && number.get().compareTo(MOST) <= 0
        ? leaf(field, new Argument.Whole(number.get()))
        : field.refuse(BOUNDS);
  }

  private static Optional<Double> real(String text) {
    if (INFINITE.matcher(text).matches()) {
      return Optional.of(text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
    }
    return NO_NUMBER.matcher(text).matches() ? Optional.of(Double.NaN)
        : REAL.matcher(text).matches() ? Optional.of(Double.valueOf(text))
        : Optional.empty();
  }

  private Optional<ArgumentNode> tagged(Field field, Tagged tagged) {
    Tree value = tagged.value();
    Field inner = new Field(field.path(), value, field.base(), field.problems());
    Optional<Tags> tag = Tags.of(tagged.tag());
    if (value instanceof Broken) {
      return Optional.empty();
    } else if (tagged.tag().equals("!")) { // YAML's own word for: whatever it looks like, it is a text or a plain collection
      return value instanceof Text text ? words(inner, text) : read(inner);
    } else if (tag.isEmpty()) {
      return field.refuse(Printable.quote(tagged.tag()) + " is no tag of this language; there are "
          + String.join(", ", Tags.texts()) + Nearest.hint(tagged.tag(), Tags.texts()));
    } else if (tag.get() == Tags.MAP || tag.get() == Tags.SEQ) {
      boolean fits = tag.get() == Tags.MAP ? value instanceof Keys : value instanceof Items;
      return fits ? read(inner) : field.refuse("expected " + expected(tag.get()) + " behind " + tagged.tag() + ", not "
          + value.description());
    }
    Optional<ArgumentNode> node = value instanceof Text text ? tagged(inner, tag.get(), text) : Optional.empty();
    return node.isPresent() || field.problems().touch(field.path()) ? node
        : field.refuse("expected " + expected(tag.get()) + " behind " + tagged.tag() + ", not " + value.description());
  }

  private static String expected(Tags tag) {
    return switch (tag) {
      case FD -> "the name of a capability";
      case FILE, DIRECTORY, SOCKET, MAP -> "a mapping";
      case SEQ -> "a list";
      case STR -> "a text";
      case INT -> "an integer";
      case FLOAT -> "a number";
      case BOOL -> "true or false";
      case NULL -> "nothing";
      case BINARY -> "bytes in Base64";
      case TIMESTAMP -> "a time, such as 2001-12-14T21:59:43.1Z or 2001-12-14,";
    };
  }

  private static Optional<ArgumentNode> tagged(Field field, Tags tag, Text text) {
    String words = text.text();
    return switch (tag) {
      case STR -> words(field, text);
      case FD -> NAME.matcher(words).matches()
          ? Optional.of(new ArgumentNode.Reference(field.path(), text.position(), words)) : Optional.empty();
      case INT -> NUMBER.matcher(words).matches() ? whole(field, words) : Optional.empty();
      case FLOAT -> real(words).flatMap(real -> leaf(field, new Argument.Real(real)));
      case BOOL -> TRUE.contains(words) || FALSE.contains(words)
          ? leaf(field, new Argument.Flag(TRUE.contains(words))) : Optional.empty();
      case NULL -> new Text(text.position(), words, true, false).isNothing()
          ? leaf(field, new Argument.Nothing()) : Optional.empty();
      case BINARY -> bytes(words).flatMap(base64 -> leaf(field, new Argument.Binary(base64)));
      case TIMESTAMP -> time(words).flatMap(time -> leaf(field, new Argument.Timestamp(time)));
      default -> Optional.empty();
    };
  }

  private static Optional<String> bytes(String text) {
    try {
      return Optional.of(Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text.replaceAll("\\s", ""))));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(text.indexOf('T') < 0
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException noTime) {
      return Optional.empty();
    }
  }
}
