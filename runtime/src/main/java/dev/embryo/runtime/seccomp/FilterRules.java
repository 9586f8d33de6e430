package dev.embryo.runtime.seccomp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a filter should say: an action for each call that a rule matches, and one for all others.
 *
 * <p>Immutable. Several conditional rules for one call are alternatives.
 *
 * @param otherwise the action where no rule matches
 * @param rules in any order
 * @param switches for calls of which no rule says anything, in any order
 */
public record FilterRules(Action otherwise, List<Rule> rules, List<CallSwitch> switches) {
  /** Refuses what libseccomp would drop without a word, or refuse with a bare number. */
  public FilterRules {
    rules = List.copyOf(rules);
    switches = List.copyOf(switches);
    Map<String, Boolean> unconditional = new HashMap<>();
    for (Rule rule : rules) {
      if (rule.action().value() == otherwise.value()) {
        throw new IllegalArgumentException(rule + ": this is the default action already");
      }
      Boolean before = unconditional.put(rule.call(), rule.isUnconditional());
      if (before != null && (before || rule.isUnconditional())) {
        throw new IllegalArgumentException(
            rule + ": an unconditional rule stands beside another one for the same call");
      }
    }
    for (CallSwitch each : switches) {
      if (unconditional.put(each.call(), true) != null) {
        throw new IllegalArgumentException(each + ": stands beside another rule for the same call");
      }
    }
  }

  /** Rules alone. */
  public FilterRules(Action otherwise, List<Rule> rules) {
    this(otherwise, rules, List.of());
  }
}
