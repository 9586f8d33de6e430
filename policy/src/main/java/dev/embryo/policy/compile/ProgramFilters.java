package dev.embryo.policy.compile;

import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.SeccompData;
import dev.embryo.runtime.seccomp.Simulator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The seccomp filters of a program.
 *
 * @param features what the program may do; the surface is that of these features, and of what the policy adds
 * @param oneShotExec hands execveat to the stub's gate, which lets one pass; none passes after that. Empty for a program
 *     that may execute: Landlock decides what
 * @param ownSignals lets the program signal only itself; empty where another layer sees to that
 * @param surface which system calls there are
 * @param rights refuses what descriptors are not to be used for, and calls that would not tell one directory from another; empty
 *     where no right is withheld so
 * @param denials which of them the policy takes away; installed last of all, because the birth itself makes some of them
 * @param supervised what is installed in the place of all others but {@code ownSignals} where the launcher explains what is
 *     denied: it allows the same, and asks where the others refuse
 */
public record ProgramFilters(
    SurfaceFeatures features,
    Optional<Filter> oneShotExec,
    Optional<Filter> ownSignals,
    Filter surface,
    Optional<Filter> rights,
    Optional<Filter> denials,
    Optional<Filter> supervised) {

  /**
   * A filter, and what it is called where it is spoken of.
   *
   * @param name a few words in lower case, each filter's its own
   */
  public record Named(String name, Filter filter) {}

  /** The filters in the order of their installation, with their names; also where one stands in their place, these are what it means. */
  public List<Named> named() {
    return Stream.of(named("one-shot exec", oneShotExec), named("own signals", ownSignals), named("surface", Optional.of(surface)),
        named("rights", rights), named("denials", denials)).flatMap(each -> each).toList();
  }

  private static Stream<Named> named(String name, Optional<Filter> filter) {
    return filter.map(each -> new Named(name, each)).stream();
  }

  /** The filters in the order of their installation. */
  public List<Filter> inOrder() {
    return named().stream().map(Named::filter).toList();
  }

  /**
   * These filters, supervised: one program, because only one listener is possible, and a refusal outranks a question. That about
   * signals stays apart and goes on to refuse, for it compares with a number that only a birth knows.
   */
  ProgramFilters explained() {
    var all = Stream.of(Stream.of(surface), rights.stream(), denials.stream(), oneShotExec.stream()).flatMap(each -> each).toList();
    var asking = Filter.inTurn(all).answering(action -> action.errno().isPresent() ? Action.USER_NOTIF : action);
    return new ProgramFilters(features, oneShotExec, ownSignals, surface, rights, denials, Optional.of(asking));
  }

  /** Whether these filters let a call pass. */
  public boolean permit(SeccompData call) {
    return Simulator.run(inOrder(), call).permits();
  }

  /** How a call fails that these filters do not let pass. */
  public int errno(SeccompData call) {
    var answer = Simulator.run(inOrder(), call);
    // Nobody listens any more where execveat is asked about: the kernel answers for the listener.
    return answer.equals(Action.USER_NOTIF) ? Errno.ENOSYS.number() : answer.errno().orElse(Errno.EPERM.number());
  }
}
