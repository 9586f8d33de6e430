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
 * @param surface which system calls there are
 */
public record ProgramFilters(Optional<Filter> oneShotExec, Filter surface) {
  /** The filters, in the order of their installation. */
  public List<Filter> inOrder() {
    return Stream.concat(oneShotExec.stream(), Stream.of(surface)).toList();
  }
}
