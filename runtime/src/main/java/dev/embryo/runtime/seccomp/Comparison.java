package dev.embryo.runtime.seccomp;

import java.util.List;

/**
 * One test of an argument of a system call: {@code (argument & mask) operator value}, on the bits that the kernel uses.
 *
 * <p>Numbers are compared without a sign. Unlike {@link dev.embryo.runtime.linux.MaskedComparison}, which is what libseccomp
 * can express, this knows ranges, inequality, and arguments of 16 bits.
 *
 * @param argument the position of the argument, 0 to 5
 * @param width how many of the lower bits the kernel uses: 16, 32 or 64
 * @param mask the bits compared; none outside the width, and not 0
 * @param operator how
 * @param value with what; no bit outside the width
 */
public record Comparison(int argument, int width, long mask, Operator operator, long value) {
  /** How two numbers are compared. */
  public enum Operator {
    EQUAL("=="),
    NOT_EQUAL("!="),
    BELOW("<"),
    AT_MOST("<="),
    ABOVE(">"),
    AT_LEAST(">=");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    /** As C writes it. */
    public String sign() {
      return sign;
    }

    boolean holds(long left, long right) {
      int order = Long.compareUnsigned(left, right);
      return switch (this) {
        case EQUAL -> order == 0;
        case NOT_EQUAL -> order != 0;
        case BELOW -> order < 0;
        case AT_MOST -> order <= 0;
        case ABOVE -> order > 0;
        case AT_LEAST -> order >= 0;
      };
    }
  }

  /** Checks the ranges given above. */
  public Comparison {
    if (argument < 0 || argument > 5) {
      throw new IllegalArgumentException("argument " + argument + " is not one of 0 to 5");
    }
    if (width != 16 && width != 32 && width != 64) {
      throw new IllegalArgumentException("argument " + argument + ": no argument has " + width + " bits");
    }
    long outside = ~bits(width);
    if (mask == 0 || (mask & outside) != 0 || (value & outside) != 0) {
      throw new IllegalArgumentException("argument %d: mask %#x and value %#x are not %d bits, or the mask is 0"
          .formatted(argument, mask, value, width));
    }
  }

  /** A comparison of all bits that the kernel uses. */
  public static Comparison of(int argument, int width, Operator operator, long value) {
    return new Comparison(argument, width, bits(width), operator, value);
  }

  /** Whether any of the bits {@code mask} is set in the lower 32 bits. */
  public static Comparison anyOf(int argument, int mask) {
    return new Comparison(argument, Integer.SIZE, Integer.toUnsignedLong(mask), Operator.NOT_EQUAL, 0);
  }

  /** Whether the lower 32 bits are this number. */
  public static Comparison is(int argument, int value) {
    return of(argument, Integer.SIZE, Operator.EQUAL, Integer.toUnsignedLong(value));
  }

  /** As many bits, all set. */
  public static long bits(int width) {
    return width == Long.SIZE ? -1L : (1L << width) - 1;
  }

  /** Whether the six-argument list {@code arguments} satisfies this comparison. */
  public boolean matches(List<Long> arguments) {
    return operator.holds(arguments.get(argument) & mask, value);
  }

  /** As in {@code arg2 & 0xff == 0x3}. */
  @Override
  public String toString() {
    String masked = mask == bits(width) ? "" : " & %#x".formatted(mask);
    return "arg" + argument + masked + ' ' + operator.sign() + " %#x".formatted(value);
  }
}
