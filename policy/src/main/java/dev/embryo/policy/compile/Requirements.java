package dev.embryo.policy.compile;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
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
    requirements.checkLandlock();
    requirements.checkIdentity();
    if (!requirements.problems.isEmpty()) {
      throw new PolicyException(requirements.problems);
    }
  }

  private void checkLandlock() {
    int required = policy.isolation().landlockAbi();
    if (host.landlockAbi() == 0) {
      problem("isolation.require", "landlock: this kernel (" + host.kernel()
          + ") has none; it takes Linux 5.13 or later, with landlock in the kernel's lsm= list");
    } else if (host.landlockAbi() < required) {
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

  private void checkOwn(String key, OptionalInt wanted, int own) {
    if (wanted.isPresent() && wanted.getAsInt() != own) {
      problem(key, "only root may run a program under another id than its own, which is " + own);
    }
  }

  private void problem(String key, String text) {
    problems.add(Problem.with(key, policy.places().at(key), text));
  }
}
