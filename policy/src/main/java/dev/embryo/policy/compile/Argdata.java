package dev.embryo.policy.compile;

import dev.embryo.policy.model.Argument;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;

/**
 * CloudABI's binary format of structured arguments, as <a href="https://github.com/NuxiNL/argdata">argdata</a> describes it: a
 * byte for the type, then the value, of which the length is known from outside; null is no bytes at all.
 */
final class Argdata {
  private static final int BINARY = 1;
  private static final int BOOL = 2;
  private static final int FD = 3;
  private static final int FLOAT = 4;
  private static final int INT = 5;
  private static final int MAP = 6;
  private static final int SEQ = 7;
  private static final int STR = 8;
  private static final int TIMESTAMP = 9;

  private static final int LAST = 0x80; // of the bytes of a length, which have seven bits each
  private static final BigInteger NANOSECONDS = BigInteger.valueOf(1_000_000_000);

  private Argdata() {}

  /**
   * The bytes of a value.
   *
   * @param numbers the descriptor of each capability that the value refers to
   */
  static byte[] of(Argument argument, Map<String, Integer> numbers) {
    var out = new ByteArrayOutputStream();
    if (argument instanceof Argument.Flag flag) {
      out.write(BOOL);
      out.writeBytes(flag.value() ? new byte[] {1} : new byte[0]);
    } else if (argument instanceof Argument.Whole whole) {
      out.write(INT);
      out.writeBytes(shortest(whole.value()));
    } else if (argument instanceof Argument.Real real) {
      out.write(FLOAT);
      out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(real.value()).array());
    } else if (argument instanceof Argument.Text text) {
      out.write(STR);
      out.writeBytes(text.value().getBytes(StandardCharsets.UTF_8));
      out.write(0);
    } else if (argument instanceof Argument.Binary binary) {
      out.write(BINARY);
      out.writeBytes(Base64.getDecoder().decode(binary.base64()));
    } else if (argument instanceof Argument.Timestamp timestamp) {
      var time = timestamp.value();
      out.write(TIMESTAMP);
      out.writeBytes(shortest(BigInteger.valueOf(time.getEpochSecond()).multiply(NANOSECONDS)
          .add(BigInteger.valueOf(time.getNano()))));
    } else if (argument instanceof Argument.Reference reference) {
      int number = Objects.requireNonNull(numbers.get(reference.capability()));
      out.write(FD);
      out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    } else if (argument instanceof Argument.Sequence sequence) {
      out.write(SEQ);
      sequence.items().forEach(item -> part(out, of(item, numbers)));
    } else if (argument instanceof Argument.Mapping mapping) {
      out.write(MAP);
      mapping.entries().forEach((name, entry) -> {
        part(out, of(new Argument.Text(name), numbers));
        part(out, of(entry, numbers));
      });
    }
    return out.toByteArray();
  }

  /** Two's complement, big-endian, in as few bytes as possible; 0 has none. */
  private static byte[] shortest(BigInteger number) {
    return number.signum() == 0 ? new byte[0] : number.toByteArray();
  }

  private static void part(ByteArrayOutputStream out, byte[] bytes) {
    int rest = bytes.length;
    int more = 0;
    while (rest >>> 7 * (more + 1) != 0) {
      more++;
    }
    for (int at = more; at > 0; at--) {
      out.write(rest >>> 7 * at & LAST - 1);
    }
    out.write(rest & LAST - 1 | LAST);
    out.writeBytes(bytes);
  }
}
