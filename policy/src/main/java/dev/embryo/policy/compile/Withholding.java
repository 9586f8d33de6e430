package dev.embryo.policy.compile;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Tmpfs;
import dev.embryo.policy.resolve.ResolvedPolicy;
import dev.embryo.policy.rights.RightsFilter;
import dev.embryo.policy.rights.Withheld;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.seccomp.CallSwitch;
import dev.embryo.runtime.seccomp.FilterRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The rights that a program has not got, as far as a seccomp filter has to see to it: by the number of a descriptor, or by
 * taking calls away from all of the program, where neither a mount nor Landlock tells a directory's rights apart.
 *
 * @param restricted the descriptors with exact rights, by number
 * @param taken the calls that are taken away whatever they are about, and why
 * @param ways how a restricted capability might be had under another number, and what is in the way
 */
public record Withholding(List<Withheld> restricted, Map<String, String> taken, List<WayOut> ways) {

  /** Of the 4096 of a filter: in explain mode one holds all. */
  private static final int MOST_INSTRUCTIONS = 3000;

  /** Calls by which a right is used on paths, where no descriptor tells which directory they are about. */
  private static final Map<Right, List<String>> BY_PATH = Map.of(
      Right.METADATA, List.of("chmod", "chown", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "file_setattr",
          "fremovexattr", "fsetxattr", "futimesat", "lchown", "lremovexattr", "lsetxattr", "removexattr", "removexattrat",
          "setxattr", "setxattrat", "utime", "utimensat", "utimes"),
      Right.LINK, List.of("link", "linkat"));

  /** Copies the collections. */
  public Withholding {
    restricted = List.copyOf(restricted);
    taken = Collections.unmodifiableMap(new TreeMap<>(taken));
    ways = List.copyOf(ways);
  }

  /**
   * Finds out.
   *
   * @throws PolicyException if rights cannot be withheld that the policy does not give
   */
  static Withholding of(ResolvedPolicy resolved, Host host) throws PolicyException {
    var policy = resolved.policy();
    var problems = new ArrayList<Problem>();
    var taken = new TreeMap<String, String>();
    BY_PATH.forEach((right, calls) -> take(policy, right, calls, taken, problems));
    checkTruncation(policy, host, problems);
    checkNesting(policy, problems);
    var exact = exact(policy);
    var ways = new ArrayList<WayOut>();
    if (!exact.isEmpty()) {
      var laundering = new Laundering(resolved, exact, problems);
      ways.addAll(laundering.ways());
      laundering.taken().forEach(taken::putIfAbsent);
    }
    if (!problems.isEmpty()) {
      throw new PolicyException(problems);
    }
    return new Withholding(
        exact.stream().map(each -> new Withheld(each.fd().orElseThrow(), each.name(), each.rights())).toList(), taken, ways);
  }

  /** The calls by which a right is used on a path. */
  static List<String> callsByPath(Right right) {
    return BY_PATH.getOrDefault(right, List.of());
  }

  /** The rules of the filter; empty if nothing is withheld so. */
  Optional<FilterRules> rules(Policy policy) throws PolicyException {
    if (restricted.isEmpty() && taken.isEmpty()) {
      return Optional.empty();
    }
    var rules = RightsFilter.rules(restricted,
        taken.keySet().stream().collect(Collectors.toMap(Function.identity(), CallRules::refusal)));
    int length = rules.switches().stream().collect(Collectors.toMap(CallSwitch::branches, CallSwitch::length, (one, same) -> one))
        .values().stream().mapToInt(Integer::intValue).sum();
    if (length > MOST_INSTRUCTIONS) {
      throw new PolicyException(List.of(Problem.with("capabilities", policy.places().at("capabilities"),
          "the exact rights of " + restricted.size() + " descriptors come to a filter of " + length + " instructions; the most is "
              + MOST_INSTRUCTIONS + ": give some of them 'duplicate'")));
    }
    return Optional.of(rules);
  }

  /**
   * Why a call is refused for want of a right.
   *
   * @param arguments six of them
   * @return empty if it is not
   */
  Optional<Refused> refusing(String call, List<Long> arguments) {
    var reason = taken.get(call);
    if (reason != null) {
      return Optional.of(new Refused("taken away from all of the program, because " + reason, Optional.empty()));
    }
    for (Withheld each : restricted) {
      var missing = RightsFilter.missing(each, call, arguments);
      if (missing.isPresent()) {
        return Optional.of(new Refused("descriptor " + each.number() + ", '" + each.capability() + "', has not the right '"
            + missing.get() + "'", Optional.of("capabilities: {" + each.capability() + ": {rights: [..., " + missing.get()
            + "]}}")));
      }
    }
    return Optional.empty();
  }

  /** The capabilities at descriptors that have exact rights. */
  private static List<Capability> exact(Policy policy) {
    return policy.descriptors().values().stream().filter(each -> each.rights().areExact()).toList();
  }

  private static List<Capability> trees(Policy policy) {
    return policy.capabilities().values().stream()
        .filter(capability -> capability instanceof DirectoryCapability || capability instanceof Tmpfs).toList();
  }

  /** Nobody has the right, so that the calls can go; or all have it among those that could use it. */
  private static void take(Policy policy, Right right, List<String> calls, Map<String, String> taken,
      List<Problem> problems) {
    var lacking = trees(policy).stream().filter(tree -> !tree.rights().has(right) && couldUse(tree, right)).findFirst();
    if (lacking.isEmpty()) {
      return;
    }
    var having = policy.capabilities().values().stream().filter(each -> each.rights().has(right)).findFirst();
    if (having.isPresent()) {
      var key = "capabilities." + lacking.get().name() + ".rights";
      problems.add(Problem.with(key, policy.places().at(key), "lack '" + right + "', which '"
          + having.get().name() + "' has: no layer tells for which of the two it is used; give it to both or to neither"));
    } else {
      calls.forEach(call -> taken.put(call, "'" + lacking.get().name() + "' lacks '" + right + "'"));
    }
  }

  /** What is read-only as a whole is safe, as a tmpfs never is; who may make no names makes no links. */
  private static boolean couldUse(Capability tree, Right right) {
    return right == Right.LINK ? tree.rights().has(Right.CREATE)
        : tree instanceof Tmpfs || tree.rights().hasAny(Right.CHANGING_TREES);
  }

  private static void checkTruncation(Policy policy, Host host, List<Problem> problems) {
    for (Capability tree : trees(policy)) {
      boolean changing = tree.rights().hasAny(Right.CHANGING_TREES);
      if (changing && !tree.rights().has(Right.WRITE) && host.landlockAbi() < Access.TRUNCATE.sinceAbi()) {
        var key = "capabilities." + tree.name() + ".rights";
        problems.add(Problem.with(key, policy.places().at(key), "lack 'write': it takes Landlock ABI "
            + Access.TRUNCATE.sinceAbi() + " to keep the program from truncating files, and this kernel (" + host.kernel()
            + ") offers " + host.landlockAbi()));
      }
    }
  }

  /** Landlock adds up what is allowed from a directory up to the root; only a read-only mount takes something back. */
  private static void checkNesting(Policy policy, List<Problem> problems) {
    for (Capability inner : trees(policy)) {
      for (Capability outer : trees(policy)) {
        if (inner.mount().isPresent() && outer.mount().isPresent()
            && inner.mount().get().startsWith(outer.mount().get() + '/')) {
          checkSum(policy, inner, outer, problems);
        }
      }
    }
  }

  private static void checkSum(Policy policy, Capability inner, Capability outer, List<Problem> problems) {
    var more = new TreeSet<>(outer.rights().set());
    more.removeAll(inner.rights().set());
    if (!inner.rights().hasAny(Right.CHANGING_TREES)) {
      more.removeAll(Right.CHANGING_TREES);
    }
    if (!more.isEmpty()) {
      var key = "capabilities." + inner.name() + ".rights";
      problems.add(Problem.with(key, policy.places().at(key), "lack " + more + ", which '" + outer.name()
          + "' has, in which it is mounted: Landlock adds up what a program may do from a directory up to the root; mount it"
          + " elsewhere"));
    }
  }
}
