package dev.embryo.policy.resolve;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The first line of a script, as the kernel reads it: {@code #!}, the interpreter, and at most one argument, which may
 * hold blanks.
 *
 * <p>Hostile input. Where the kernel would go on with something that nobody meant (a line that is cut off, a carriage
 * return as a part of a name), it is an error here. Source: {@code fs/binfmt_script.c}.
 *
 * @param interpreter the path in the line; may be relative
 * @param argument what stands behind it, without the blanks around
 */
record Shebang(String interpreter, Optional<String> argument) {
  /** {@code BINPRM_BUF_SIZE}: how much of a file the kernel looks at to tell what it is. */
  static final int HEAD = 256;

  private static final String LINE = ": its first line (#!) ";

  /** Whether a file that begins so is a script. */
  static boolean begins(byte[] head) {
    return head.length >= 2 && head[0] == '#' && head[1] == '!';
  }

  /**
   * Reads the line.
   *
   * @param head the first {@link #HEAD} bytes of the file, or all of a shorter one
   * @param file the name in errors
   */
  static Shebang parse(byte[] head, String file) throws ProgramException {
    int end = 2;
    while (end < head.length && head[end] != '\n' && head[end] != 0) {
      end++;
    }
    if (end == HEAD) {
      throw new ProgramException(file + LINE + "has more than " + (HEAD - 1) + " bytes, and the kernel would cut it off");
    }
    String line = text(Arrays.copyOfRange(head, 2, end), file);
    if (line.endsWith("\r")) {
      throw new ProgramException(file + LINE + "ends in a carriage return, as lines do on Windows, and the kernel would"
          + " take it for a part of the name; give the file Unix line ends");
    }
    String words = strip(line);
    int blank = 0;
    while (blank < words.length() && !isBlank(words.charAt(blank))) {
      blank++;
    }
    if (blank == 0) {
      throw new ProgramException(file + LINE + "names no interpreter");
    }
    String rest = strip(words.substring(blank));
    return new Shebang(words.substring(0, blank), rest.isEmpty() ? Optional.empty() : Optional.of(rest));
  }

  private static String text(byte[] bytes, String file) throws ProgramException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ProgramException(file + LINE + "is not UTF-8");
    }
  }

  /** Without the blanks around; the kernel knows two kinds. */
  private static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
