package dev.embryo.policy.resolve;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.runtime.elf.Machine;
import java.util.Optional;
import java.util.Set;

/**
 * Finds on this host what a policy names.
 *
 * <p>It only looks: nothing is created, changed, kept open or executed. What it says is of the moment; the identities
 * in the result let a later step notice that a file was replaced. It sees what the calling process may see.
 *
 * <p>Immutable and thread-safe; an interrupt of the calling thread ends a resolution with a {@link PolicyException}.
 */
public final class PolicyResolver {
  private final String loaderCache;
  private final Optional<Machine> machine;

  /** A resolver for this host. */
  public PolicyResolver() {
    this("/etc/ld.so.cache", Machine.current());
  }

  /** A resolver for a host with another loader's cache, or of another machine. */
  PolicyResolver(String loaderCache, Optional<Machine> machine) {
    this.loaderCache = loaderCache;
    this.machine = machine;
  }

  /**
   * Resolves a policy.
   *
   * @param policy a policy from the parser: its paths are absolute
   * @return all that it names, found
   * @throws PolicyException if something that the policy names is missing, is not what the policy takes it for, or
   *     cannot be shown where the policy wants it; with all such problems, in the order of the text
   */
  public ResolvedPolicy resolve(Policy policy) throws PolicyException {
    return resolve(policy, Set.of());
  }

  /**
   * Resolves a policy for a launch on a terminal.
   *
   * @param terminals the descriptors of the launcher that are its terminal, among those that the policy inherits
   * @throws PolicyException as {@link #resolve(Policy)}
   */
  public ResolvedPolicy resolve(Policy policy, Set<Integer> terminals) throws PolicyException {
    return new Resolution(policy, terminals, loaderCache, machine).resolve();
  }

  /**
   * Resolves a policy, and keeps in mind what the result depends on: while the facts hold, resolving it again would have the
   * same result.
   *
   * @throws PolicyException as {@link #resolve(Policy, Set)}
   */
  public Observation observe(Policy policy, Set<Integer> terminals) throws PolicyException {
    Resolution resolution = new Resolution(policy, terminals, loaderCache, machine);
    ResolvedPolicy resolved = resolution.resolve();
    return new Observation(resolved, resolution.facts());
  }

  /**
   * A resolved policy, and what that depends on.
   *
   * @param resolved the policy with all that it names
   * @param facts empty if a file that matters was changing at that moment
   */
  public record Observation(ResolvedPolicy resolved, Optional<HostFacts> facts) {}
}
