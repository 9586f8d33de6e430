package dev.embryo.policy.explain;

import dev.embryo.policy.compile.Allowance;
import dev.embryo.policy.compile.Allowance.Verdict;
import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.model.SystemCallRules;
import dev.embryo.policy.model.SystemCallRules.CallRule;
import dev.embryo.runtime.seccomp.Comparison;
import java.util.List;
import java.util.stream.Collectors;

/** Tells what a policy adds to the system calls of its program and takes away, and where a layer is weaker for it. */
final class CallExplanation {
  private static final String SURFACE = "surface filter";
  private static final String DENIALS = "denials filter";

  private CallExplanation() {}

  /** Adds a section, if there is something to say. */
  static void addTo(PageBuilder page, CompiledPolicy compiled) {
    var rules = compiled.policy().systemCalls();
    if (rules.equals(SystemCallRules.NONE)) {
      return;
    }
    page.heading("system-calls", "what the policy says of single system calls");
    rules.allow().forEach(rule -> allowed(page, rule));
    rules.deny().forEach(rule -> page.row("deny " + words(rule), "taken away", DENIALS)
        .fact("deny", rule.call()).fact("when", rule.condition()));
    page.row("on-denied", onDenied(rules), SURFACE).fact("on-denied", rules.onDenied().word());
  }

  private static void allowed(PageBuilder page, CallRule rule) {
    var allowance = Allowance.of(rule.call());
    boolean weaker = allowance.verdict() == Verdict.WEAKENS;
    page.row("allow " + words(rule), weaker ? "added. Weaker: " + allowance.reason() : "added", SURFACE)
        .fact("allow", rule.call()).fact("when", rule.condition()).fact("weakens", weaker ? allowance.reason() : "");
    var limits = allowance.limits().stream()
        .collect(Collectors.groupingBy(Allowance.Limit::reason, java.util.LinkedHashMap::new, Collectors.toList()));
    limits.forEach((reason, each) -> page.row("", "never where "
        + each.stream().map(limit -> words(limit.when())).collect(Collectors.joining(", ")) + ": " + reason, SURFACE));
  }

  private static String words(CallRule rule) {
    return rule.when().isEmpty() ? rule.call() : rule.call() + " when " + rule.condition();
  }

  private static String words(List<Comparison> when) {
    return when.stream().map(Comparison::toString).collect(Collectors.joining(" and "));
  }

  private static String onDenied(SystemCallRules rules) {
    return switch (rules.onDenied()) {
      case ERRNO -> "a call that is not allowed fails with EPERM, or ENOSYS";
      case KILL -> "a call that would fail with EPERM kills the program by SIGSYS; those that fail with ENOSYS still do";
      case EXPLAIN -> "a call that is not allowed fails, and the launcher says which, and what would allow it";
    };
  }
}
