package dev.embryo.policy.compile;

import dev.embryo.runtime.seccomp.Comparison;
import dev.embryo.runtime.seccomp.Comparison.Operator;
import java.util.List;

/** What can be told of comparisons that all have to hold, without trying arguments. */
final class Conjunction {
  private Conjunction() {}

  /**
   * Whether each comparison of {@code limit} certainly holds wherever all of {@code when} do. Only what fixes bits of an
   * argument is looked at, which is how commands and flags are named; false where it cannot be told.
   */
  static boolean implies(List<Comparison> when, List<Comparison> limit) {
    return limit.stream().allMatch(needed -> when.stream().anyMatch(given -> implies(given, needed)));
  }

  private static boolean implies(Comparison given, Comparison needed) {
    if (given.operator() != Operator.EQUAL || given.argument() != needed.argument()) {
      return false;
    }
    long known = given.mask() & needed.mask();
    return switch (needed.operator()) {
      case EQUAL -> known == needed.mask() && (given.value() & needed.mask()) == needed.value();
      case NOT_EQUAL -> (given.value() & known) != (needed.value() & known);
      default -> false;
    };
  }
}
