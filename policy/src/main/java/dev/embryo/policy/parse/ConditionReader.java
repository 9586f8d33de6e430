package dev.embryo.policy.parse;

import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.SystemCallRules.Condition;
import dev.embryo.policy.parse.Tree.Text;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a condition on the arguments of a system call.
 *
 * <pre>
 * condition   = comparison { "and" comparison }
 * comparison  = argument [ "&amp;" number ] operator number
 * argument    = "arg0" | "arg1" | "arg2" | "arg3" | "arg4" | "arg5"
 * operator    = "==" | "!=" | "&lt;" | "&lt;=" | "&gt;" | "&gt;="
 * number      = [ "-" ] ( decimal | "0x" hexadecimal | "0" octal )
 * </pre>
 *
 * <p>The mask binds more tightly than the comparison, unlike in C. There is no "or": an alternative is another rule.
 */
final class ConditionReader {

  private static final int MOST_COMPARISONS = 6;
  private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(Long.SIZE).subtract(BigInteger.ONE);
  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);

  /** A word, an operator, or a single character that is neither. */
  private static final Pattern TOKEN = Pattern.compile("\\s*(?:(-?\\w+|==|!=|<=|>=|\\S)|$)");
  private static final Pattern ARGUMENT = Pattern.compile("arg([0-5])");
  private static final List<String> OPERATORS = List.of("==", "!=", "<", "<=", ">", ">=");

  private final Text text;
  private final Matcher tokens;
  private String token = "";
  private int start;

  private ConditionReader(Text text) {
    this.text = text;
    this.tokens = TOKEN.matcher(text.text());
    advance();
  }

  /** What is wrong with a condition, and where. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // does not leave this package
    private final Position position;

    private Malformed(Position position, String message) {
      super(message);
      this.position = position;
    }

    Position position() {
      return position;
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * The comparisons, one at least.
   *
   * @throws Malformed if it is no condition
   */
  static List<Condition> read(Text text) throws Malformed {
    return new ConditionReader(text).condition();
  }

  private List<Condition> condition() throws Malformed {
    List<Condition> all = new ArrayList<>(List.of(comparison()));
    while (!token.isEmpty()) {
      if (!token.equals("and")) {
        throw unexpected(token.equals("or") || token.equals("||")
            ? "'and' or the end; an alternative is another rule of the list"
            : "'and' or the end");
      }
      advance();
      if (all.size() == MOST_COMPARISONS) {
        throw malformed("a condition has at most " + MOST_COMPARISONS + " comparisons");
      }
      all.add(comparison());
    }
    return List.copyOf(all);
  }

  private Condition comparison() throws Malformed {
    Position begin = position();
    Matcher argument = ARGUMENT.matcher(token);
    if (!argument.matches()) {
      throw unexpected("an argument, arg0 to arg5");
    }
    advance();
    Optional<BigInteger> mask = Optional.empty();
    if (token.equals("&")) {
      advance();
      mask = Optional.of(mask());
    }
    String operator = token;
    if (!OPERATORS.contains(operator)) {
      throw unexpected("==, !=, <, <=, > or >=" + (mask.isEmpty() ? ", or & and a mask" : ""));
    }
    advance();
    return new Condition(Integer.parseInt(argument.group(1)), mask, operator, value(operator, mask), begin);
  }

  private BigInteger mask() throws Malformed {
    Position begin = position();
    BigInteger mask = number();
    if (mask.signum() <= 0) {
      throw new Malformed(begin, "a mask has to be above 0");
    }
    return mask;
  }

  private BigInteger value(String operator, Optional<BigInteger> mask) throws Malformed {
    Position begin = position();
    BigInteger value = number();
    boolean unsigned = mask.isPresent() || operator.startsWith("<") || operator.startsWith(">");
    if (value.signum() < 0 && unsigned) {
      throw new Malformed(begin, "a negative number stands behind == and != only, without a mask: arguments have no sign");
    }
    if (mask.isPresent() && value.andNot(mask.get()).signum() != 0) {
      throw new Malformed(begin, "0x" + value.toString(16) + " has bits outside the mask 0x" + mask.get().toString(16));
    }
    boolean settled = value.signum() == 0 && (operator.equals("<") || operator.equals(">="));
    if (settled) {
      throw new Malformed(begin, operator.equals("<") ? "nothing is below 0" : "everything is at least 0");
    }
    return value;
  }

  private BigInteger number() throws Malformed {
    String digits = token.startsWith("-") ? token.substring(1) : token;
    boolean hexadecimal = digits.startsWith("0x") || digits.startsWith("0X");
    boolean octal = !hexadecimal && digits.length() > 1 && digits.startsWith("0");
    BigInteger number;
    try {
      // BigInteger takes signs itself, and these digits are to have none.
      number = Character.isLetterOrDigit(digits.isEmpty() ? ' ' : digits.charAt(hexadecimal ? 2 : 0))
          ? new BigInteger(digits.substring(hexadecimal ? 2 : 0), hexadecimal ? 16 : octal ? 8 : 10)
          : null;
    } catch (NumberFormatException | StringIndexOutOfBoundsException none) {
      number = null;
    }
    if (number == null) {
      throw unexpected("a number, such as 3, 0xff or 0755");
    }
    if (token.startsWith("-")) {
      number = number.negate();
    }
    if (number.compareTo(LARGEST) > 0 || number.compareTo(LEAST) < 0) {
      throw malformed("no argument has more than 64 bits");
    }
    advance();
    return number;
  }

  private void advance() {
    boolean found = tokens.find() && tokens.group(1) != null;
    token = found ? tokens.group(1) : "";
    start = found ? tokens.start(1) : text.text().length();
  }

  private Malformed unexpected(String expected) {
    return malformed("expected " + expected + ", not " + (token.isEmpty() ? "the end" : Printable.quote(token)));
  }

  private Malformed malformed(String message) {
    return new Malformed(position(), message);
  }

  private Position position() {
    return text.positionOf(start);
  }
}
