package dev.embryo.policy.compile;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.resolve.ResolvedPolicy;
import dev.embryo.policy.resolve.ResolvedProgram;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.JobControl;
import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.host.Host;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a policy comes to on one host: everything that a launch executes and everything that a person may ask about. Read
 * by the launcher and by {@code explain} alike, so that what is said and what is enforced cannot differ.
 *
 * <p>Immutable and thread-safe; launched any number of times.
 *
 * @param resolved the policy, with what it names
 * @param host the facts it was compiled for
 * @param descriptors the program's whole descriptor table, by number
 * @param root what the private root holds, parents before children
 * @param withholding the rights that the filters have to withhold
 * @param filters the seccomp filters of the program
 * @param limits the resource limits, soft and hard alike; {@link ResourceLimit#UNLIMITED} is none
 * @param plan the processes of a birth
 * @param program what the embryo executes on itself
 * @param jobControl what keeps the program company on a terminal; absent without one
 */
public record CompiledPolicy(
    ResolvedPolicy resolved,
    Host host,
    List<DescriptorSlot> descriptors,
    List<RootEntry> root,
    Withholding withholding,
    ProgramFilters filters,
    Map<ResourceLimit, Long> limits,
    BirthPlan plan,
    BirthProgram program,
    Optional<JobControl> jobControl) {

  /** The descriptor that each launch supplies where {@link ResolvedProgram#sealed} is the program. */
  public static final String SEALED_PROGRAM = "the sealed program";

  /** Copies the collections. */
  public CompiledPolicy {
    descriptors = List.copyOf(descriptors);
    root = List.copyOf(root);
    limits = Collections.unmodifiableMap(new EnumMap<>(limits));
  }

  /** The policy as it was written. */
  public Policy policy() {
    return resolved.policy();
  }

  /** Whether a step of the birth belongs to the execution of the program, which ends it. */
  public boolean isExecution(Operation operation) {
    var operations = program.operations();
    return operation.purpose().equals(operations.get(operations.size() - 1).purpose());
  }

  /** True if each launch runs under a host user of its own, which it has to supply. */
  public boolean needsHostUser() {
    return host.isRoot();
  }
}
