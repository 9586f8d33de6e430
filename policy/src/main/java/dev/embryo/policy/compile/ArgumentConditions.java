package dev.embryo.policy.compile;

import dev.embryo.policy.model.SystemCallRules.Condition;
import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.linux.CallSignature.Kind;
import dev.embryo.runtime.seccomp.Comparison;
import dev.embryo.runtime.seccomp.Comparison.Operator;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Turns the conditions of a policy into comparisons at the width that the kernel uses, so that no bit that the kernel ignores
 * makes a difference, and none that it reads is ignored.
 */
final class ArgumentConditions {
  private ArgumentConditions() {}

  /** What is wrong with a condition on this call; empty if nothing is. */
  static Optional<String> problem(CallSignature signature, Condition condition) {
    int argument = condition.argument();
    String call = signature.call();
    if (argument >= signature.count()) {
      return Optional.of(signature.count() == 0
          ? call + " has no arguments"
          : call + " has " + signature.count() + (signature.count() == 1 ? " argument, arg0"
              : " arguments, arg0 to arg" + (signature.count() - 1)));
    }
    Kind kind = signature.kind(argument);
    String what = "arg" + argument + " of " + call;
    boolean address = kind == Kind.POINTER || kind == Kind.STRING;
    if (address && (condition.mask().isPresent() || condition.value().signum() != 0 || !isEquality(condition))) {
      return Optional.of(what + " is an address, of which a filter can only tell whether it is 0; it does not see what is"
          + " there");
    }
    boolean either = kind == Kind.EITHER;
    int width = either ? Integer.SIZE : kind.width();
    if (!fits(condition.value(), width) || condition.mask().filter(mask -> !fits(mask, width)).isPresent()) {
      return Optional.of(what + (either
          ? " has 32 bits or 64, as the other arguments say; compare it with 32"
          : " has " + width + " bits: the kernel looks at no others"));
    }
    BigInteger most = condition.mask().orElse(BigInteger.ONE.shiftLeft(width).subtract(BigInteger.ONE));
    boolean settled = !either && condition.value().equals(most)
        && (operator(condition) == Operator.ABOVE || operator(condition) == Operator.AT_MOST);
    return settled ? Optional.of("0x" + most.toString(16) + " is the most that it can be") : Optional.empty();
  }

  private static boolean isEquality(Condition condition) {
    return operator(condition) == Operator.EQUAL || operator(condition) == Operator.NOT_EQUAL;
  }

  private static boolean fits(BigInteger number, int width) {
    return number.signum() < 0 ? number.bitLength() < width : number.bitLength() <= width;
  }

  private static Operator operator(Condition condition) {
    for (Operator operator : Operator.values()) {
      if (operator.sign().equals(condition.operator())) {
        return operator;
      }
    }
    throw new IllegalArgumentException("no operator is '" + condition.operator() + "'");
  }

  /**
   * What an allowance compares, all of which has to hold: where the kernel may read an argument at either width, it has to
   * hold at both.
   */
  static List<Comparison> toAllow(CallSignature signature, List<Condition> conditions) {
    var all = new ArrayList<Comparison>();
    for (Condition condition : conditions) {
      all.addAll(readings(signature, condition));
    }
    return all;
  }

  /** The ways in which a denial applies: where the kernel may read an argument at either width, one is enough. */
  static List<List<Comparison>> toDeny(CallSignature signature, List<Condition> conditions) {
    List<List<Comparison>> ways = List.of(List.of());
    for (Condition condition : conditions) {
      var longer = new ArrayList<List<Comparison>>();
      for (List<Comparison> way : ways) {
        for (Comparison reading : readings(signature, condition)) {
          var extended = new ArrayList<>(way);
          extended.add(reading);
          longer.add(extended);
        }
      }
      ways = longer;
    }
    return ways;
  }

  private static List<Comparison> readings(CallSignature signature, Condition condition) {
    Kind kind = signature.kind(condition.argument());
    if (kind != Kind.EITHER) {
      return List.of(comparison(condition, kind.width()));
    }
    return List.of(comparison(condition, Long.SIZE), comparison(condition, Integer.SIZE));
  }

  private static Comparison comparison(Condition condition, int width) {
    long bits = Comparison.bits(width);
    long mask = condition.mask().map(BigInteger::longValue).orElse(bits);
    return new Comparison(condition.argument(), width, mask, operator(condition), condition.value().longValue() & bits);
  }
}
