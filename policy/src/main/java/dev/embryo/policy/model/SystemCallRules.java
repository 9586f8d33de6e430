package dev.embryo.policy.model;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a policy adds to the system calls that its other keys come to, and what it takes away. A rule of {@code deny} beats
 * all others; rules of {@code allow} are alternatives to what is allowed already.
 *
 * @param allow what is added; nothing unless written
 * @param deny what is taken away; nothing unless written
 * @param onDenied what becomes of a call that is not allowed; {@code ERRNO} unless written
 */
public record SystemCallRules(List<CallRule> allow, List<CallRule> deny, OnDenied onDenied) {
  /** Nothing added, nothing taken away. */
  public static final SystemCallRules NONE = new SystemCallRules(List.of(), List.of(), OnDenied.ERRNO);

  /** Keeps copies of the lists. */
  public SystemCallRules {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }

  /** What becomes of a call that is not allowed. */
  public enum OnDenied {
    /** It fails. */
    ERRNO,
    /** The program is killed by SIGSYS, unless it is a call for which programs have another way. */
    KILL,
    /** It fails, and the launcher says which call it was and what would allow it. */
    EXPLAIN;

    /** The word of a policy. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A system call, whatever its arguments or only with some.
   *
   * @param call its name, as it is written
   * @param when what has to hold of the arguments, all of it; nothing for any arguments
   * @param position where the name stands
   */
  public record CallRule(String call, List<Condition> when, Position position) {
    /** Keeps a copy of the list. */
    public CallRule {
      when = List.copyOf(when);
    }

    /** The condition as a policy writes it: {@code arg0 == 1 and arg1 & 0x40 != 0}; empty if there is none. */
    public String condition() {
      return String.join(" and ", when.stream().map(Condition::toString).toList());
    }
  }

  /**
   * One comparison of a condition.
   *
   * @param argument which argument, 0 to 5
   * @param mask the bits that are compared; empty for all
   * @param operator {@code ==}, {@code !=}, {@code <}, {@code <=}, {@code >} or {@code >=}
   * @param value what it is compared with
   * @param position where it begins
   */
  public record Condition(
      int argument, Optional<BigInteger> mask, String operator, BigInteger value, Position position) {

    /** As a policy writes it. */
    @Override
    public String toString() {
      return "arg" + argument + mask.map(bits -> " & 0x" + bits.toString(16)).orElse("") + " " + operator + " "
          + (mask.isPresent() ? "0x" + value.toString(16) : value.toString());
    }
  }
}
