package dev.embryo.policy.compile;

import dev.embryo.policy.model.Isolation.Sharing;
import dev.embryo.policy.model.Policy;
import dev.embryo.runtime.birth.CgroupPlan;
import dev.embryo.runtime.birth.CgroupPlan.Setting;
import dev.embryo.runtime.host.Delegation.Controller;
import dev.embryo.runtime.host.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The cgroup of a sandbox. There is one where the policy needs it and the host offers it: for a total of memory, and to end
 * what no pid namespace ends.
 */
final class CgroupLimits {
  static final String MEMORY = "memory.max";
  static final String PROCESSES = "pids.max";

  private static final int COMPANION = 1; // init, or a guard
  private static final int OF_THE_BIRTH = 2; // the helper, and the thread that lets the exec through

  private CgroupLimits() {}

  /** Whether the policy would make use of a cgroup. */
  static boolean areAskedFor(Policy policy) {
    return policy.limits().memory().isPresent() || needsTree(policy);
  }

  private static boolean needsTree(Policy policy) {
    return policy.processes().spawn() && policy.isolation().pid() == Sharing.SHARED;
  }

  static Optional<CgroupPlan> of(Policy policy, Host host) {
    var offered = host.cgroups();
    boolean memory = policy.limits().memory().isPresent() && offered.limits(Controller.MEMORY);
    boolean tree = needsTree(policy) && offered.canKill();
    return offered.directory().filter(parent -> memory || tree).map(parent -> {
      var settings = new ArrayList<Setting>();
      var afterwards = new ArrayList<Setting>();
      if (memory) {
        settings.add(new Setting(MEMORY, Long.toString(policy.limits().memory().orElseThrow())));
        if (offered.limitsSwap()) {
          settings.add(new Setting("memory.swap.max", "0"));
        }
        settings.add(new Setting("memory.oom.group", "1"));
      }
      if (offered.limits(Controller.PIDS)) {
        int processes = policy.limits().processes() + COMPANION;
        settings.add(new Setting(PROCESSES, Integer.toString(processes + OF_THE_BIRTH)));
        afterwards.add(new Setting(PROCESSES, Integer.toString(processes)));
      }
      return new CgroupPlan(parent, List.copyOf(settings), List.copyOf(afterwards));
    });
  }

  /** Whether a plan limits this by its cgroup. */
  static boolean limit(Optional<CgroupPlan> plan, String file) {
    return plan.stream().flatMap(cgroup -> cgroup.settings().stream()).anyMatch(setting -> setting.file().equals(file));
  }
}
