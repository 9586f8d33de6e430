package dev.embryo.policy.compile;

import dev.embryo.runtime.seccomp.Filter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The seccomp filters of a program.
 *
 * @param oneShotExec hands execveat to the stub's gate, which lets one pass; none passes after that. Empty for a program
 *     that may execute: Landlock decides what
 * @param ownSignals lets the program signal only itself; empty where another layer sees to that
 * @param surface which system calls there are
 * @param denials which of them the policy takes away; installed last of all, because the birth itself makes some of them
 */
public record ProgramFilters(
    Optional<Filter> oneShotExec, Optional<Filter> ownSignals, Filter surface, Optional<Filter> denials) {
  /** The filters, in the order of their installation. */
  public List<Filter> inOrder() {
    return Stream.of(oneShotExec.stream(), ownSignals.stream(), Stream.of(surface), denials.stream())
        .flatMap(each -> each).toList();
  }
}
