package dev.embryo.policy.model;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The layers that the policy insists on. A host that lacks one of them is an error before anything is created.
 *
 * @param require the layers that must be there; all unless written
 * @param landlockAbi the least Landlock ABI, 1 or more; 1 unless written
 * @param pid whose processes are seen; private unless written
 * @param network whose network is seen; private unless written
 * @param ipc whose System V and POSIX objects are seen; private unless written
 * @param hostname whose host name is seen; private unless written. Without namespaces all four are shared
 */
public record Isolation(
    Set<Layer> require, int landlockAbi, Sharing pid, Sharing network, Sharing ipc, Sharing hostname) {

  /** Keeps a copy of the layers. */
  public Isolation {
    EnumSet<Layer> copy = EnumSet.noneOf(Layer.class);
    copy.addAll(require);
    require = Collections.unmodifiableSet(copy);
  }

  /** A kernel mechanism that a policy can insist on. */
  public enum Layer {
    /** User, mount, pid, ipc, uts, cgroup and network namespaces. */
    NAMESPACES,
    /** Landlock rulesets. */
    LANDLOCK,
    /** System call filters. */
    SECCOMP
  }

  /** Whose view of a kernel resource the program has. */
  public enum Sharing {
    /** Its own. */
    PRIVATE,
    /** The launcher's. */
    SHARED
  }

  /** Whether the program has namespaces of its own, a root among them; else it sees the launcher's files where they are. */
  public boolean hasNamespaces() {
    return require.contains(Layer.NAMESPACES);
  }
}
