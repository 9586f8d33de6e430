package dev.embryo.policy.compile;

import dev.embryo.policy.model.Limits;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.host.Host;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** All resource limits of a program, so that none is left to chance; see setrlimit(2). */
final class ResourceLimits {
  private ResourceLimits() {}

  /** The limits, soft and hard alike. Where the launcher itself may have less, it cannot give more. */
  static Map<ResourceLimit, Long> of(Limits limits, Host host, BirthPlan plan) {
    var table = new EnumMap<ResourceLimit, Long>(ResourceLimit.class);
    table.put(ResourceLimit.CPU, limits.cpuTime().map(Duration::toSeconds).orElse(ResourceLimit.UNLIMITED));
    table.put(ResourceLimit.FSIZE, limits.fileSize().orElse(ResourceLimit.UNLIMITED));
    table.put(ResourceLimit.DATA, CgroupLimits.limit(plan.cgroup(), CgroupLimits.MEMORY)
        ? ResourceLimit.UNLIMITED // which counts what is reserved, used or not
        : limits.memory().orElse(ResourceLimit.UNLIMITED));
    table.put(ResourceLimit.STACK, limits.stack());
    table.put(ResourceLimit.CORE, Math.max(1, limits.core())); // 0 would still feed a core_pattern that is a pipe
    table.put(ResourceLimit.RSS, ResourceLimit.UNLIMITED); // without effect since Linux 2.4.30
    table.put(ResourceLimit.NPROC, processes(limits, host, plan));
    table.put(ResourceLimit.NOFILE, (long) limits.openFiles());
    table.put(ResourceLimit.MEMLOCK, limits.lockedMemory());
    table.put(ResourceLimit.AS, ResourceLimit.UNLIMITED); // would hit reserved memory, and misses memory files
    table.put(ResourceLimit.LOCKS, ResourceLimit.UNLIMITED); // without effect since Linux 2.4.25
    table.put(ResourceLimit.SIGPENDING, (long) limits.processes());
    table.put(ResourceLimit.MSGQUEUE, limits.messageQueues());
    table.put(ResourceLimit.NICE, (long) limits.priority());
    table.put(ResourceLimit.RTPRIO, 0L);
    table.put(ResourceLimit.RTTIME, ResourceLimit.UNLIMITED); // only counts under a real-time policy
    table.replaceAll((limit, value) -> {
      long most = host.hardLimits().get(limit.ordinal());
      return Long.compareUnsigned(value, most) > 0 ? most : value;
    });
    return table;
  }

  /**
   * The kernel counts per user, in a user namespace only what is in it (Linux 5.14). Of the sandbox's user are init too and,
   * in a user namespace, the helper until it is waited for: a program that starts at once all that it may must not fail.
   */
  private static long processes(Limits limits, Host host, BirthPlan plan) {
    boolean ownUsers = plan.namespaces().contains(Namespace.USER);
    if (!ownUsers && !host.isRoot() && CgroupLimits.limit(plan.cgroup(), CgroupLimits.PROCESSES)) {
      return ResourceLimit.UNLIMITED; // would count whatever else the user runs
    }
    return limits.processes() + 1L + (ownUsers ? 1 : 0);
  }
}
