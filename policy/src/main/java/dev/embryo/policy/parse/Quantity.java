package dev.embryo.policy.parse;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts with units: sizes in bytes and times in milliseconds. */
final class Quantity {

  private static final Pattern FORM = Pattern.compile("(0|[1-9][0-9]{0,18})([A-Za-z]*)");

  private static final Map<String, Long> BYTES = Map.of("", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);
  private static final Map<String, Long> MILLISECONDS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

  private static final String MOST = "8589934591GiB";
  private static final String TIME = "[1-9][0-9]{0,18}(ms|s|m|h)";

  private Quantity() {}

  /**
   * A size in bytes.
   *
   * @param least the least allowed, in the units of a policy
   */
  static ScalarType<Long> size(String least) {
    return size(least, MOST);
  }

  /**
   * A size in bytes.
   *
   * @param least the least allowed, in the units of a policy
   * @param most the most allowed, likewise
   */
  static ScalarType<Long> size(String least, String most) {
    long bytes = amount(least, BYTES).orElseThrow();
    long limit = most.equals(MOST) ? Long.MAX_VALUE : amount(most, BYTES).orElseThrow();
    return new ScalarType<>(
        "a size from " + least + " to " + most + ", such as 64MiB",
        (bytes == 0 ? "size" : "size, from `" + least + "`") + (most.equals(MOST) ? "" : " to `" + most + "`"),
        Schema.amount("(0|[1-9][0-9]{0,18})(KiB|MiB|GiB)?", bytes),
        text -> amount(text.text(), BYTES).filter(n -> n >= bytes && n <= limit),
        amount -> print(amount, BYTES));
  }

  /** A time that the kernel counts in whole seconds, and which must therefore be some. */
  static ScalarType<Duration> wholeSeconds() {
    return new ScalarType<>(
        "a time of whole seconds, such as 90s, 2m or 1h",
        "time, whole seconds",
        Schema.matching(TIME),
        text -> amount(text.text(), MILLISECONDS)
            .filter(ms -> ms > 0 && ms % 1_000 == 0)
            .map(Duration::ofMillis),
        time -> print(time.toMillis(), MILLISECONDS));
  }

  /** A time that the launcher counts. */
  static ScalarType<Duration> time() {
    return new ScalarType<>(
        "a time from 1ms on, such as 500ms, 90s, 2m or 1h",
        "time, from `1ms`",
        Schema.matching(TIME),
        text -> amount(text.text(), MILLISECONDS).filter(ms -> ms > 0).map(Duration::ofMillis),
        time -> print(time.toMillis(), MILLISECONDS));
  }

  /** The amount in the largest unit of which it is a whole number. */
  private static String print(long amount, Map<String, Long> units) {
    return units.entrySet().stream()
        .filter(unit -> amount == 0 ? unit.getValue() == 1 : amount % unit.getValue() == 0)
        .max(Map.Entry.comparingByValue())
        .map(unit -> amount / unit.getValue() + unit.getKey())
        .orElseThrow();
  }

  private static Optional<Long> amount(String text, Map<String, Long> units) {
    Matcher matcher = FORM.matcher(text);
    Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
    if (unit == null) {
      return Optional.empty();
    }
    BigInteger amount = new BigInteger(matcher.group(1)).multiply(BigInteger.valueOf(unit));
    return amount.bitLength() < Long.SIZE ? Optional.of(amount.longValueExact()) : Optional.empty();
  }
}
