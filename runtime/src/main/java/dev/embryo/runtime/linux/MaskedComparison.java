package dev.embryo.runtime.linux;

import java.util.List;

/**
 * One comparison in a seccomp rule: {@code (argument & mask) == value}.
 *
 * <p>It is the only kind there is, so that no comparison can forget its width. The kernel truncates
 * most arguments to 32 bits, a filter sees 64: comparing more bits than the kernel uses lets {@code
 * ioctl(0, 0x1_0000_5412)} pass for something other than {@code TIOCSTI} (CVE-2019-7303). The
 * factories are named for the C type of the parameter as the kernel declares it.
 *
 * @param argument the position of the argument, 0 to 5
 * @param mask the bits compared; never 0
 * @param value what these bits must be; no bit outside {@code mask}
 */
public record MaskedComparison(int argument, long mask, long value) {
  private static final long INT_BITS = 0xffff_ffffL;

  /** Checks the ranges given above. */
  public MaskedComparison {
    if (argument < 0 || argument > 5) {
      throw new IllegalArgumentException("argument " + argument + " is not one of 0 to 5");
    }
    if (mask == 0) {
      throw new IllegalArgumentException("argument " + argument + ": a mask of 0 compares nothing");
    }
    if ((value & ~mask) != 0) {
      throw new IllegalArgumentException(
          "argument %d: value %#x has bits outside mask %#x".formatted(argument, value, mask));
    }
  }

  /** All 32 bits of an {@code int} or {@code unsigned int} parameter equal {@code value}. */
  public static MaskedComparison intEquals(int argument, int value) {
    return new MaskedComparison(argument, INT_BITS, value & INT_BITS);
  }

  /**
   * The bits {@code mask} of a parameter of which the kernel uses at most 32 bits equal {@code
   * value}. {@code value} may have no bit outside {@code mask}.
   */
  public static MaskedComparison bits(int argument, int mask, int value) {
    return new MaskedComparison(argument, mask & INT_BITS, value & INT_BITS);
  }

  /** None of the bits {@code mask} is set in the lower 32 bits of a parameter. */
  public static MaskedComparison noneOf(int argument, int mask) {
    return bits(argument, mask, 0);
  }

  /** Whether the six-argument list {@code arguments} satisfies this comparison. */
  public boolean matches(List<Long> arguments) {
    return (arguments.get(argument) & mask) == value;
  }

  /** Whether this comparison holds wherever another one does. */
  public boolean followsFrom(MaskedComparison other) {
    return argument == other.argument && (mask & ~other.mask) == 0 && (other.value & mask) == value;
  }

  @Override
  public String toString() {
    return mask == INT_BITS
        ? "arg%d == %#x".formatted(argument, value)
        : "(arg%d & %#x) == %#x".formatted(argument, mask, value);
  }
}
