package dev.embryo.client;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads <a href="https://github.com/NuxiNL/argdata">argdata</a>, CloudABI's binary format of structured arguments.
 *
 * <p>A value is null, a {@link Boolean}, a {@link Long} or, where that does not hold it, a {@link BigInteger}, a {@link Double}, a
 * {@link String}, an array of bytes, an {@link Instant}, a {@link Descriptor}, a {@link List} or a {@link Map} of such values. Maps
 * keep their order. Stateless.
 */
public final class Argdata {

  /**
   * An open descriptor.
   *
   * @param number its number, not negative
   */
  public record Descriptor(int number) {}

  private static final int DEEPEST = 128;
  private static final BigInteger NANOSECONDS = BigInteger.valueOf(1_000_000_000);

  private Argdata() {}

  /**
   * The value that the remaining bytes are.
   *
   * @throws IllegalArgumentException if they are none, or lists and maps are in one another more than 128 deep
   */
  public static @Nullable Object read(ByteBuffer bytes) {
    try {
      return value(bytes.slice(), 0);
    } catch (CharacterCodingException | ArithmeticException | DateTimeException unfit) {
      throw new IllegalArgumentException("no argdata: " + unfit.getMessage(), unfit);
    }
  }

  private static @Nullable Object value(ByteBuffer bytes, int depth) throws CharacterCodingException {
    require(depth <= DEEPEST, "nested too deep");
    if (!bytes.hasRemaining()) {
      return null;
    }
    int type = bytes.get();
    int size = bytes.remaining();
    return switch (type) {
      case 1 -> rest(bytes);
      case 2 -> {
        require(size == 0 || (size == 1 && bytes.get() == 1), "a truth value that is neither");
        yield size == 1;
      }
      case 3 -> {
        require(size == Integer.BYTES && bytes.get(bytes.position()) >= 0, "a descriptor that is no number");
        yield new Descriptor(bytes.getInt());
      }
      case 4 -> {
        require(size == Double.BYTES, "a floating point number of " + size + " bytes");
        yield bytes.getDouble();
      }
      case 5 -> number(whole(rest(bytes)));
      case 6 -> map(bytes, depth);
      case 7 -> list(bytes, depth);
      case 8 -> {
        require(size > 0 && bytes.get(bytes.limit() - 1) == 0, "a text without an end");
        yield StandardCharsets.UTF_8.newDecoder().decode(bytes.limit(bytes.limit() - 1)).toString();
      }
      case 9 -> {
        BigInteger[] parts = whole(rest(bytes)).divideAndRemainder(NANOSECONDS);
        yield Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
      }
      default -> throw new IllegalArgumentException("no argdata: there is no type " + type);
    };
  }

  private static Map<@Nullable Object, @Nullable Object> map(ByteBuffer bytes, int depth) throws CharacterCodingException {
    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
    while (bytes.hasRemaining()) {
      map.put(value(member(bytes), depth + 1), value(member(bytes), depth + 1));
    }
    return Collections.unmodifiableMap(map);
  }

  private static List<@Nullable Object> list(ByteBuffer bytes, int depth) throws CharacterCodingException {
    List<@Nullable Object> list = new ArrayList<>();
    while (bytes.hasRemaining()) {
      list.add(value(member(bytes), depth + 1));
    }
    return Collections.unmodifiableList(list);
  }

  private static Number number(BigInteger whole) {
    if (whole.bitLength() < Long.SIZE) {
      return whole.longValueExact();
    }
    return whole;
  }

  private static BigInteger whole(byte[] bytes) {
    return bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
  }

  private static byte[] rest(ByteBuffer bytes) {
    byte[] rest = new byte[bytes.remaining()];
    bytes.get(rest);
    return rest;
  }

  /** Takes a member of a map or a list: a length in groups of seven bits, of which the last has the top bit, and so many bytes. */
  private static ByteBuffer member(ByteBuffer bytes) {
    long length = 0;
    boolean last = false;
    while (!last) {
      require(bytes.hasRemaining() && length <= Integer.MAX_VALUE, "a length without an end");
      int group = bytes.get();
      require(group != 0 || length > 0, "a length that is longer than needed");
      length = length << 7 | (group & 0x7f);
      last = group < 0;
    }
    require(length <= bytes.remaining(), "a length of more than there is");
    ByteBuffer member = bytes.slice(bytes.position(), (int) length);
    bytes.position(bytes.position() + (int) length);
    return member;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("no argdata: " + otherwise);
    }
  }
}
