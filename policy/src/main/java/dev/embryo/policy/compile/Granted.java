package dev.embryo.policy.compile;

import dev.embryo.policy.compile.SurfaceRow.Feature;
import dev.embryo.policy.compile.SurfaceRow.Grant;
import dev.embryo.policy.model.Policy;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Why a system call passes the filters of a program. Stateless. */
public final class Granted {
  /** What a program has that a call may depend on, in words that go on from "because". */
  private static final Map<Feature, String> BECAUSE = new EnumMap<>(Map.ofEntries(
      Map.entry(Feature.THREADS, "processes.threads is true"),
      Map.entry(Feature.SPAWN, "processes.spawn is true"),
      Map.entry(Feature.JIT, "processes.jit is true"),
      Map.entry(Feature.MEMORY_FILES, "processes.jit is true"),
      Map.entry(Feature.EXECUTE, "processes.execute names what it may execute"),
      Map.entry(Feature.EXEC_GATE, "another layer decides about it"),
      Map.entry(Feature.OWN_PIDS, "it has a pid namespace of its own"),
      Map.entry(Feature.OWN_IPC, "it has an ipc namespace of its own"),
      Map.entry(Feature.OWN_ROOT, "it has a root of its own"),
      Map.entry(Feature.RULED_TRUNCATION, "its root or Landlock decides about truncation"),
      Map.entry(Feature.SOCKETS, "the policy grants a socket"),
      Map.entry(Feature.ADDRESSES, "a granted socket has the right 'connect'"),
      Map.entry(Feature.SENT_MESSAGES, "no granted socket could be misused so"),
      Map.entry(Feature.RECEIVED_MESSAGES, "no granted socket could be misused so")));

  private Granted() {}

  /**
   * Looks for the reason why the filters let a call pass.
   *
   * @param call the name of the call
   * @param arguments six of them
   * @return words that end a sentence
   */
  public static String why(Policy policy, ProgramFilters filters, String call, List<Long> arguments) {
    var way = Surface.row(call).stream().flatMap(row -> row.grants().stream())
        .filter(grant -> grant.needs().stream().allMatch(filters.features()::hold))
        .filter(grant -> grant.when().stream().allMatch(each -> each.matches(arguments)))
        .min(Comparator.comparingInt((Grant grant) -> grant.needs().size()));
    if (way.isPresent()) {
      return because(way.get());
    }
    return CallRules.allowing(policy, call, arguments)
        .map(rule -> "system-calls.allow adds it, at " + rule.position())
        .orElse("no filter refuses it");
  }

  private static String because(Grant grant) {
    String arguments = grant.when().isEmpty() ? "" : " with these arguments";
    return grant.needs().isEmpty() ? "every program may make it" + arguments
        : grant.needs().stream().sorted().map(need -> BECAUSE.getOrDefault(need, need.name())).distinct()
            .collect(Collectors.joining(" and "));
  }
}
