package dev.embryo.policy.parse;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Position;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * The characters of a policy: what its bytes say, if they say it in plain sight.
 *
 * @param file the name of the policy, for errors
 * @param text the characters, without a byte order mark
 */
record SourceText(String file, String text) {

  /** The largest policy that is read, in bytes. */
  static final int LARGEST = 1 << 20;

  /**
   * Decodes UTF-8.
   *
   * @throws PolicyException if it is too large or not UTF-8, or if it holds characters that cannot be seen
   */
  static SourceText decode(String file, byte[] bytes) throws PolicyException {
    if (bytes.length > LARGEST) {
      throw new PolicyException(
          new Position(file, 1, 1), "the policy has more than " + LARGEST + " bytes");
    }
    CharBuffer decoded = CharBuffer.allocate(bytes.length);
    boolean malformed = StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(bytes), decoded, true)
        .isError();
    String text = decoded.flip().toString();
    SourceText source = new SourceText(file, text.startsWith("\uFEFF") ? text.substring(1) : text);
    source.refuseUnseen();
    if (malformed) {
      throw new PolicyException(source.position(source.text.length()), "not UTF-8 from here on");
    }
    return source;
  }

  private void refuseUnseen() throws PolicyException {
    for (int index = 0; index < text.length(); index += Character.charCount(text.codePointAt(index))) {
      int character = text.codePointAt(index);
      if (hidden(character) || changesDirection(character)) {
        throw new PolicyException(
            position(index), String.format("the character U+%04X is not allowed in a policy", character));
      }
    }
  }

  private static boolean hidden(int character) {
    boolean control = Character.isISOControl(character) && "\t\n\r".indexOf(character) < 0;
    boolean endsLinesForSome = character == 0x2028 || character == 0x2029; // an editor may show a line where YAML has none
    return control || endsLinesForSome || !StreamReader.isPrintable(character);
  }

  /** With these a text can be made to look like another one (CVE-2021-42574). */
  private static boolean changesDirection(int character) {
    return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
  }

  /** The line and column of the character at the index. */
  private Position position(int index) {
    return new Lines(file, text).at(text.codePointCount(0, index));
  }
}
