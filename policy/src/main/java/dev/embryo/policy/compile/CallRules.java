package dev.embryo.policy.compile;

import dev.embryo.policy.compile.SurfaceRow.Feature;
import dev.embryo.policy.compile.SurfaceRow.Refusal;
import dev.embryo.policy.model.Nearest;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Position;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.model.SystemCallRules.CallRule;
import dev.embryo.policy.model.SystemCallRules.Condition;
import dev.embryo.policy.model.SystemCallRules.OnDenied;
import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.linux.MaskedComparison;
import dev.embryo.runtime.linux.SystemCallTable;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.CallSwitch;
import dev.embryo.runtime.seccomp.CallSwitch.Branch;
import dev.embryo.runtime.seccomp.Comparison;
import dev.embryo.runtime.seccomp.Comparison.Operator;
import dev.embryo.runtime.seccomp.FilterRules;
import dev.embryo.runtime.seccomp.Rule;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The rules of the section {@code system-calls}, as filters.
 *
 * <p>What is allowed becomes a part of the surface filter: behind the ways in which a call is allowed anyway stand those that
 * the policy adds, and between the two what no policy can add. What is denied becomes a second filter, whose default is to
 * allow: the kernel takes the stricter answer of the two, so a denial beats everything. It is installed last, because the
 * birth itself makes calls that a policy may deny.
 */
final class CallRules {
  /** Of the 4096 instructions of a filter, which may have to hold what is added, what is denied, and all other calls. */
  private static final int MOST_INSTRUCTIONS = 1500;

  /** What cannot be denied, and why. */
  private static final Map<String, String> INDISPENSABLE = Map.of(
      "execveat", "the program itself begins with it; processes.execute says whether it may execute more",
      "exit", "a thread could not end",
      "exit_group", "the program could not end",
      "restart_syscall", "the kernel makes it, where a stopped program goes on",
      "rt_sigreturn", "a program makes it where a signal handler returns");

  /** What a sandbox may lack, so that calls are closed that would reach the host; and what to write to have it. */
  static final Map<Feature, String> PROTECTION = new EnumMap<>(Map.of(
      Feature.OWN_PIDS, "a pid namespace of its own",
      Feature.OWN_IPC, "an ipc namespace of its own",
      Feature.OWN_ROOT, "a root of its own",
      Feature.RULED_TRUNCATION, "Landlock ABI 3, or a root of its own and no /proc"));

  private final Policy policy;
  private final SystemCallTable calls;
  private final List<Problem> problems = new ArrayList<>();

  private CallRules(Policy policy, SystemCallTable calls) {
    this.policy = policy;
    this.calls = calls;
  }

  /**
   * The rules of the surface filter.
   *
   * @throws PolicyException if the policy allows what no policy can, or names a call or argument that there is not
   */
  static FilterRules surface(Policy policy, SurfaceFeatures features, SystemCallTable calls) throws PolicyException {
    return new CallRules(policy, calls).surface(features);
  }

  /**
   * The rules of the filter of what is denied; empty if nothing is.
   *
   * @throws PolicyException if the policy denies what no program can do without, or names a call or argument that there is not
   */
  static Optional<FilterRules> denials(Policy policy, SystemCallTable calls) throws PolicyException {
    return new CallRules(policy, calls).denials();
  }

  // What is allowed.

  private FilterRules surface(SurfaceFeatures features) throws PolicyException {
    var derived = new LinkedHashMap<String, List<Rule>>();
    Surface.rows().forEach(row -> derived.put(row.call(), row.rules(features)));
    var switches = new ArrayList<CallSwitch>();
    allowed(policy.systemCalls().allow(), features).forEach((call, ways) -> {
      var rules = derived.getOrDefault(call, List.of());
      if (rules.stream().noneMatch(CallRules::allowsAll)) {
        derived.remove(call);
        switches.add(allowing(call, rules, ways));
      }
    });
    checkLength("system-calls.allow", switches);
    return new FilterRules(Action.EPERM, derived.values().stream().flatMap(List::stream).toList(), switches);
  }

  private static boolean allowsAll(Rule rule) {
    return rule.isUnconditional() && rule.action().equals(Action.ALLOW);
  }

  /** The ways that are added, by call. */
  private Map<String, List<List<Comparison>>> allowed(List<CallRule> rules, SurfaceFeatures features)
      throws PolicyException {
    var added = new TreeMap<String, List<List<Comparison>>>();
    for (int i = 0; i < rules.size(); i++) {
      var rule = rules.get(i);
      var key = "system-calls.allow[" + i + "]";
      if (isKnown(key, rule) && mayBeAllowed(key, rule, features)) {
        var when = ArgumentConditions.toAllow(signature(rule.call()), rule.when());
        checkLimits(key, rule, when);
        added.computeIfAbsent(rule.call(), call -> new ArrayList<>()).add(when);
      }
    }
    throwIfAny();
    return added;
  }

  private boolean mayBeAllowed(String key, CallRule rule, SurfaceFeatures features) {
    var allowance = Allowance.of(rule.call());
    if (allowance.verdict() == Allowance.Verdict.NEVER) {
      problem(key, rule.position(), "'" + rule.call() + "' is never allowed: " + allowance.reason());
      return false;
    }
    if (rule.call().equals("memfd_create") && features.hold(Feature.EXECUTE)) {
      problem(key, rule.position(), "'memfd_create' goes with no processes.execute: Landlock does not see memory files, so that"
          + " the program could execute what it wrote");
      return false;
    }
    var lacking = lacking(rule.call(), allowance, features);
    lacking.ifPresent(feature -> problem(key, rule.position(), "'" + rule.call() + "' would reach the host: the program"
        + " has not got " + PROTECTION.get(feature)));
    if (lacking.isPresent()) {
      return false;
    }
    boolean newer = Surface.row(rule.call())
        .filter(row -> row.refusal() == Refusal.ABSENT && row.grants().isEmpty()).isPresent();
    if (newer && calls.number(rule.call()).isEmpty()) {
      problem(key, rule.position(), "the libseccomp of this host does not know '" + rule.call() + "' yet");
      return false;
    }
    return true;
  }

  /** What protects the host from this call, and the sandbox does not have. */
  static Optional<Feature> lacking(String call, Allowance allowance, SurfaceFeatures features) {
    var needed = EnumSet.noneOf(Feature.class);
    Surface.row(call).ifPresent(row -> row.grants().forEach(grant -> needed.addAll(grant.needs())));
    needed.retainAll(PROTECTION.keySet());
    if (allowance.concernsProcesses()) {
      needed.add(Feature.OWN_PIDS);
    }
    return needed.stream().filter(feature -> !features.hold(feature)).findFirst();
  }

  /** An allowance that the limits take back whole is a mistake. */
  private void checkLimits(String key, CallRule rule, List<Comparison> when) {
    for (Allowance.Limit limit : Allowance.of(rule.call()).limits()) {
      if (!when.isEmpty() && Conjunction.implies(when, limit.when())) {
        problem(key, rule.position(), "'" + rule.call() + "' is never allowed with these arguments: " + limit.reason());
        return;
      }
    }
  }

  private static CallSwitch allowing(String call, List<Rule> derived, List<List<Comparison>> added) {
    var refusal = refusal(call);
    var branches = new ArrayList<Branch>();
    derived.stream().filter(rule -> rule.action().equals(Action.ALLOW))
        .forEach(rule -> branches.add(new Branch(rule.when().stream().map(CallRules::comparison).toList(), Action.ALLOW)));
    Allowance.of(call).limits().forEach(limit -> branches.add(new Branch(limit.when(), refusal)));
    added.forEach(way -> branches.add(new Branch(way, Action.ALLOW)));
    return new CallSwitch(call, branches, refusal);
  }

  private static Comparison comparison(MaskedComparison masked) {
    int width = masked.mask() >>> Integer.SIZE == 0 ? Integer.SIZE : Long.SIZE;
    return new Comparison(masked.argument(), width, masked.mask(), Operator.EQUAL, masked.value());
  }

  // What is denied.

  private Optional<FilterRules> denials() throws PolicyException {
    var denied = denied(policy.systemCalls().deny());
    if (denied.isEmpty()) {
      return Optional.empty();
    }
    var rules = new ArrayList<Rule>();
    var switches = new ArrayList<CallSwitch>();
    denied.forEach((call, ways) -> {
      if (ways.contains(List.<Comparison>of())) {
        rules.add(new Rule(call, List.of(), refusal(call)));
      } else {
        switches.add(new CallSwitch(call, ways.stream().map(way -> new Branch(way, refusal(call))).toList(),
            Action.ALLOW));
      }
    });
    checkLength("system-calls.deny", switches);
    return Optional.of(new FilterRules(Action.ALLOW, rules, switches));
  }

  /** The ways that are taken away, by call. */
  private Map<String, List<List<Comparison>>> denied(List<CallRule> rules) throws PolicyException {
    var taken = new TreeMap<String, List<List<Comparison>>>();
    for (int i = 0; i < rules.size(); i++) {
      var rule = rules.get(i);
      var key = "system-calls.deny[" + i + "]";
      var needed = INDISPENSABLE.get(rule.call());
      if (needed != null) {
        problem(key, rule.position(), "'" + rule.call() + "' cannot be denied: " + needed);
      } else if (rule.call().equals("prlimit64") && policy.systemCalls().onDenied() == OnDenied.EXPLAIN) {
        problem(key, rule.position(), "'prlimit64' cannot be denied where on-denied is 'explain': the birth sets the limit of open"
            + " files when that filter is there already");
      } else if (isKnown(key, rule)) {
        taken.computeIfAbsent(rule.call(), call -> new ArrayList<>())
            .addAll(ArgumentConditions.toDeny(signature(rule.call()), rule.when()));
      }
    }
    throwIfAny();
    return taken;
  }

  /** The rule by which a policy denies this very call; empty if none does. */
  static Optional<CallRule> denying(Policy policy, String call, List<Long> arguments) {
    return policy.systemCalls().deny().stream()
        .filter(rule -> rule.call().equals(call))
        .filter(rule -> ArgumentConditions.toDeny(signature(call), rule.when()).stream()
            .anyMatch(way -> way.stream().allMatch(each -> each.matches(arguments))))
        .findFirst();
  }

  /** The rule by which a policy allows this very call; empty if none does. */
  static Optional<CallRule> allowing(Policy policy, String call, List<Long> arguments) {
    return policy.systemCalls().allow().stream()
        .filter(rule -> rule.call().equals(call))
        .filter(rule -> ArgumentConditions.toAllow(signature(call), rule.when()).stream()
            .allMatch(each -> each.matches(arguments)))
        .findFirst();
  }

  // Both.

  /** A denied call fails as it would if the policy had never had it. */
  static Action refusal(String call) {
    return Surface.row(call).filter(row -> row.refusal() == Refusal.ABSENT).isPresent() ? Action.ENOSYS : Action.EPERM;
  }

  private boolean isKnown(String key, CallRule rule) {
    if (Surface.row(rule.call()).isEmpty()) {
      var known = Surface.rows().stream().map(SurfaceRow::call).toList();
      problem(key, rule.position(), "there is no system call '" + rule.call() + "'" + Nearest.hint(rule.call(), known));
      return false;
    }
    boolean sound = true;
    for (Condition condition : rule.when()) {
      var wrong = CallSignature.of(rule.call()).map(signature -> ArgumentConditions.problem(signature, condition))
          .orElseGet(() -> Optional.of("nothing is known of the arguments of " + rule.call()));
      wrong.ifPresent(text -> problem(key + ".when", condition.position(), text));
      sound &= wrong.isEmpty();
    }
    return sound;
  }

  /** Only conditions look at it, and they have been checked. */
  private static CallSignature signature(String call) {
    return CallSignature.of(call).orElseGet(() -> new CallSignature(call, ""));
  }

  private void checkLength(String key, List<CallSwitch> switches) throws PolicyException {
    int length = switches.stream().mapToInt(CallSwitch::length).sum();
    if (length > MOST_INSTRUCTIONS) {
      problem(key, policy.places().at(key), "these conditions come to a filter of " + length
          + " instructions; the most is " + MOST_INSTRUCTIONS);
      throwIfAny();
    }
  }

  private void problem(String key, Position position, String what) {
    problems.add(Problem.with(key, position, what));
  }

  private void throwIfAny() throws PolicyException {
    if (!problems.isEmpty()) {
      throw new PolicyException(problems);
    }
  }
}
