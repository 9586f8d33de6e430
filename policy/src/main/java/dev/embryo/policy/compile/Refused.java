package dev.embryo.policy.compile;

import dev.embryo.policy.compile.SurfaceRow.Feature;
import dev.embryo.policy.model.Policy;
import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.linux.MaskedComparison;
import dev.embryo.runtime.seccomp.Comparison;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Why a system call was refused, and what would allow it. Immutable.
 *
 * @param why in words that end a sentence
 * @param remedy what to write in the policy, in its own language; empty if nothing allows it
 */
public record Refused(String why, Optional<String> remedy) {
  private static final String ELSEWHERE = "the policy grants it, but not with these arguments";

  /** What a policy writes for a feature of its program. What protects the host is not among them. */
  private record Key(Feature feature, String text) {}

  private static final List<Key> KEYS = List.of(
      new Key(Feature.THREADS, "processes: {threads: true}"),
      new Key(Feature.SPAWN, "processes: {spawn: true}"),
      new Key(Feature.JIT, "processes: {jit: true}"),
      new Key(Feature.MEMORY_FILES, "processes: {jit: true}"),
      new Key(Feature.EXECUTE, "processes: {execute: view}"));

  /**
   * Looks for the reason.
   *
   * @param call the name of the call; empty if the host's libseccomp has none for its number
   * @param arguments six of them
   */
  public static Refused of(Policy policy, Withholding withholding, ProgramFilters filters, String call,
      List<Long> arguments) {
    var row = Surface.row(call);
    if (row.isEmpty()) {
      return new Refused("it is newer than this host's libseccomp; programs have another way", Optional.empty());
    }
    var denied = CallRules.denying(policy, call, arguments);
    if (denied.isPresent()) {
      return new Refused("system-calls.deny takes it away, at " + denied.get().position(), Optional.empty());
    }
    var withheld = withholding.refusing(call, arguments);
    if (withheld.isPresent()) {
      return withheld.get();
    }
    return call.equals("execveat")
        ? new Refused("its one exec was its own beginning", Optional.of("processes: {execute: view}"))
        : of(row.get(), filters.features(), arguments);
  }

  private static Refused of(SurfaceRow row, SurfaceFeatures features, List<Long> arguments) {
    for (Key key : KEYS) {
      boolean helps = row.grants().stream()
          .anyMatch(grant -> grant.needs().contains(key.feature)
              && grant.needs().stream().allMatch(need -> need == key.feature || features.hold(need))
              && grant.when().stream().allMatch(each -> each.matches(arguments)));
      boolean contradicts = key.feature == Feature.MEMORY_FILES && features.hold(Feature.EXECUTE);
      if (helps && !contradicts) {
        return new Refused("the policy does not grant it", Optional.of(key.text));
      }
    }
    return bySystemCalls(row, features, arguments);
  }

  private static Refused bySystemCalls(SurfaceRow row, SurfaceFeatures features, List<Long> arguments) {
    var allowance = Allowance.of(row.call());
    if (allowance.verdict() == Allowance.Verdict.NEVER) {
      return never(allowance.reason());
    }
    var limit = allowance.limits().stream()
        .filter(each -> each.when().stream().allMatch(comparison -> comparison.matches(arguments))).findFirst();
    if (limit.isPresent()) {
      return never(limit.get().reason());
    }
    var lacking = CallRules.lacking(row.call(), allowance, features);
    if (lacking.isPresent()) {
      return never("it would reach the host: the program has not got " + CallRules.PROTECTION.get(lacking.get()));
    }
    String why = row.reason().isEmpty() ? ELSEWHERE : row.reason();
    return new Refused(why, Optional.of("system-calls: {allow: [" + rule(row, arguments) + "]}"));
  }

  /** The narrowest rule that is short: with the one argument that it depends on, if it is one. */
  private static String rule(SurfaceRow row, List<Long> arguments) {
    var looked = new TreeSet<Integer>();
    row.grants().forEach(grant -> grant.when().stream().map(MaskedComparison::argument).forEach(looked::add));
    var signature = CallSignature.of(row.call());
    if (looked.size() != 1 || signature.isEmpty() || signature.get().kind(looked.first()).width() == 0) {
      return row.call();
    }
    long seen = arguments.get(looked.first()) & Comparison.bits(signature.get().kind(looked.first()).width());
    return "{call: %s, when: arg%d == %#x}".formatted(row.call(), looked.first(), seen);
  }

  private static Refused never(String why) {
    return new Refused("never allowed: " + why, Optional.empty());
  }
}
