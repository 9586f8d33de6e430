package dev.embryo.policy.explain;

import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.linux.CallSignature.Kind;
import dev.embryo.runtime.seccomp.SeccompData;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * A system call in words, as strace(1) writes them, as far as two calls that differ in nothing worth telling have the same words:
 * addresses and sizes of memory are left out.
 *
 * <p>Texts of the program are shown as what they are, texts of somebody who may be hostile: with printable ASCII
 * characters only, and cut.
 */
final class CallText {
  /** How much of a text is looked at; a path may be longer, and then the rest of it does not matter. */
  static final int MOST_BYTES = 256;

  private static final int MOST_SHOWN = 100;
  private static final int AT_FDCWD = -100;
  private static final String SOMEWHERE = "...";

  private CallText() {}

  /**
   * The call.
   *
   * @param name its name
   * @param texts the bytes at an address, up to a NUL and {@link #MOST_BYTES} at most; empty if they cannot be read
   */
  static String of(String name, SeccompData call, LongFunction<Optional<byte[]>> texts) {
    var signature = CallSignature.of(name);
    if (signature.isEmpty()) {
      return name + "(" + SOMEWHERE + ")";
    }
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < signature.get().count(); i++) {
      arguments.add(argument(signature.get(), i, call.arguments().get(i), texts));
    }
    return name + "(" + String.join(", ", arguments) + ")";
  }

  private static String argument(CallSignature signature, int at, long value, LongFunction<Optional<byte[]>> texts) {
    Kind kind = signature.kind(at);
    var words = ArgumentWords.of(signature.call(), at);
    if (words.isPresent()) {
      return words.get().words(kind.width() == Long.SIZE ? value : value & 0xffff_ffffL);
    }
    return switch (kind) {
      case NUMBER -> Integer.toString((int) value);
      case DESCRIPTOR -> (int) value == AT_FDCWD ? "AT_FDCWD" : Integer.toString((int) value);
      case BITS -> (int) value == 0 ? "0" : "0x" + Integer.toHexString((int) value);
      case MODE -> (value & 0xffff) == 0 ? "0" : "0" + Long.toOctalString(value & 0xffff);
      case STRING -> value == 0 ? "NULL" : texts.apply(value).map(CallText::quoted).orElse(SOMEWHERE);
      case POINTER -> value == 0 ? "NULL" : SOMEWHERE;
      case WIDE, EITHER -> value == 0 ? "0" : SOMEWHERE;
    };
  }

  /** A path of whoever made it, on one line of a terminal: what is no printable ASCII is {@code ?}. */
  static String shown(String text) {
    return text.replaceAll("[^ -~]", "?");
  }

  /** Printable ASCII as it is, anything else as {@code \\xNN}. */
  static String quoted(byte[] text) {
    var shown = new StringBuilder("\"");
    for (int i = 0; i < text.length && i < MOST_SHOWN; i++) {
      int c = text[i] & 0xff;
      if (c == '"' || c == '\\') {
        shown.append('\\').append((char) c);
      } else if (c >= ' ' && c < 0x7f) {
        shown.append((char) c);
      } else {
        shown.append("\\x%02x".formatted(c));
      }
    }
    return shown.append('"').append(text.length > MOST_SHOWN ? SOMEWHERE : "").toString();
  }
}
