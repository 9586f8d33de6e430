package dev.embryo.policy.model;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of the structured arguments of a program: what CloudABI's argdata can say, of which keys are texts here. Immutable.
 */
public sealed interface Argument {

  /** Nothing, YAML's null. */
  record Nothing() implements Argument {}

  /** A truth value. */
  record Flag(boolean value) implements Argument {}

  /** An integer, from -2^63 to 2^64 - 1. */
  record Whole(BigInteger value) implements Argument {}

  /** A floating point number, perhaps none that is finite. */
  record Real(double value) implements Argument {}

  /** A text without NUL characters. */
  record Text(String value) implements Argument {}

  /** Any bytes, in Base64 with padding (RFC 4648, section 4). */
  record Binary(String base64) implements Argument {}

  /** A point in time. */
  record Timestamp(Instant value) implements Argument {}

  /** A capability of the same policy, which has a descriptor number. */
  record Reference(String capability) implements Argument {}

  /** Values in order. */
  record Sequence(List<Argument> items) implements Argument {
    /** Keeps a copy. */
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /** Values by name, in the order of the text. */
  record Mapping(Map<String, Argument> entries) implements Argument {
    /** Keeps a copy. */
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }
  }
}
