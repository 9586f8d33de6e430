package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.MaskedComparison;
import java.util.List;

/**
 * One rule of a filter: a call, made with arguments for which all comparisons hold, gets an action.
 *
 * @param call the name of the system call
 * @param when the comparisons, at most one per argument; none stands for any arguments
 * @param action the answer
 */
public record Rule(String call, List<MaskedComparison> when, Action action) {
  /** Refuses two comparisons of one argument, which libseccomp cannot join. */
  public Rule {
    when = List.copyOf(when);
    int compared = 0;
    for (MaskedComparison each : when) {
      int bit = 1 << each.argument();
      if ((compared & bit) != 0) {
        throw new IllegalArgumentException(call + ": two comparisons of one argument in " + when);
      }
      compared |= bit;
    }
  }

  /** Whether any arguments will do. */
  public boolean isUnconditional() {
    return when.isEmpty();
  }

  /** As in {@code openat when (arg2 & 0x40) == 0: ALLOW}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(call);
    String joint = " when ";
    for (MaskedComparison each : when) {
      text.append(joint).append(each);
      joint = " and ";
    }
    return text.append(": ").append(action).toString();
  }
}
