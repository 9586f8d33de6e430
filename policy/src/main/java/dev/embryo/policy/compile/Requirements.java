package dev.embryo.policy.compile;

import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Isolation.Sharing;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.model.SystemCallRules.OnDenied;
import dev.embryo.runtime.host.Host.Layer;
import dev.embryo.runtime.birth.Ruleset;
import dev.embryo.runtime.host.Host;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** What a policy asks for and a host, or this version, cannot enforce: each an error before anything is made. */
final class Requirements {
  private final Policy policy;
  private final Host host;
  private final List<Problem> problems = new ArrayList<>();

  private Requirements(Policy policy, Host host) {
    this.policy = policy;
    this.host = host;
  }

  /**
   * Compares the two.
   *
   * @throws PolicyException with everything that is missing
   */
  static void check(Policy policy, Host host) throws PolicyException {
    var requirements = new Requirements(policy, host);
    requirements.checkLayers();
    requirements.checkLandlock();
    requirements.checkIdentity();
    requirements.checkSpawn();
    requirements.checkProc();
    requirements.checkExecution();
    if (!requirements.problems.isEmpty()) {
      throw new PolicyException(requirements.problems);
    }
  }

  private void checkLayers() {
    checkLayer(Layer.LANDLOCK, "landlock");
    checkLayer(Layer.SECCOMP, "seccomp");
    if (!policy.processes().execute().isAny() || policy.systemCalls().onDenied() == OnDenied.EXPLAIN) {
      checkLayer(Layer.LISTENER, "seccomp");
    }
    if (policy.isolation().hasNamespaces()) {
      checkLayer(Layer.NAMESPACES, "namespaces");
    }
  }

  private void checkLayer(Layer layer, String name) {
    var why = host.missing().get(layer);
    if (why != null) {
      problem("isolation.require", name + ": " + why + (layer == Layer.NAMESPACES ? "; or leave namespaces out" : ""));
    }
  }

  private void checkLandlock() {
    int required = policy.isolation().landlockAbi();
    if (!host.missing().containsKey(Layer.LANDLOCK) && host.landlockAbi() < required) {
      problem("isolation.landlock-abi", required + " is required, and this kernel (" + host.kernel() + ") offers "
          + host.landlockAbi());
    }
  }

  private void checkIdentity() {
    if (host.isRoot()) {
      return;
    }
    checkOwn("identity.user", policy.identity().user(), host.user());
    checkOwn("identity.group", policy.identity().group(), host.group());
    if (!policy.identity().groups().isEmpty()) {
      problem("identity.groups", "only root may choose supplementary groups");
    }
  }

  /** Without a pid namespace or a cgroup nothing finds a process whose parent has ended. */
  private void checkSpawn() {
    if (!policy.processes().spawn() || policy.isolation().pid() == Sharing.PRIVATE) {
      return;
    }
    if (host.landlockAbi() < Ruleset.SIGNALS_SINCE_ABI) {
      problem("processes.spawn", "without a pid namespace it takes Landlock ABI " + Ruleset.SIGNALS_SINCE_ABI
          + " to tell the signals of its processes to each other from others, and this kernel (" + host.kernel() + ") offers "
          + host.landlockAbi());
    }
    if (!host.cgroups().canKill()) {
      problem("processes.spawn", "without a pid namespace, and without a cgroup of its own (" + host.cgroups().reason()
          + "), nothing ends the processes that the program leaves behind; make isolation.pid private"
          + (policy.isolation().hasNamespaces() ? "" : ", and require namespaces"));
    }
  }

  private void checkProc() {
    if (policy.filesystem().proc() == Proc.OWN && policy.isolation().pid() == Sharing.SHARED) {
      problem("filesystem.proc", "'own' shows the processes of a pid namespace, and isolation.pid is 'shared'");
    }
  }

  /** The ELF interpreter, which has to be executable, executes whatever it can read, unless the mount forbids it. */
  private void checkExecution() {
    if (policy.processes().execute().isAny() && !policy.isolation().hasNamespaces()) {
      problem("processes.execute", "without a mount namespace, which isolation.require leaves out, there are no noexec"
          + " mounts, and the program could execute what it can write");
    }
  }

  private void checkOwn(String key, OptionalInt wanted, int own) {
    if (wanted.isPresent() && wanted.getAsInt() != own) {
      problem(key, "only root may run a program under another id than its own, which is " + own);
    }
  }

  private void problem(String key, String text) {
    problems.add(Problem.with(key, policy.places().at(key), text));
  }
}
