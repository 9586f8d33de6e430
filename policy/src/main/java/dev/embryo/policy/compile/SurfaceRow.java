package dev.embryo.policy.compile;

import dev.embryo.runtime.linux.MaskedComparison;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * One row of {@link Surface}: a system call, and when a program may make it.
 *
 * @param call the name of the call
 * @param grants alternatives, one of which has to apply; none means never
 * @param refusal the answer when none applies
 * @param reason why the call is refused or absent, in a few words; empty for others
 */
public record SurfaceRow(String call, List<Grant> grants, Refusal refusal, String reason) {
  /** What a program may or may not have, and some calls depend on. See {@link SurfaceFeatures}. */
  public enum Feature {
    /** More threads than one. */
    THREADS,
    /** Child processes. */
    SPAWN,
    /** Memory that is writable and executable. */
    JIT,
    /** Anonymous memory files: two views of one are memory that is writable and executable. */
    MEMORY_FILES,
    /** Programs that it executes; which ones is for Landlock to decide. */
    EXECUTE,
    /**
     * An {@code execveat} that the surface filter lets pass, because another filter below it ({@link
     * dev.embryo.runtime.seccomp.OneShotExec}) or Landlock decides. Never install a surface with this gate alone: the
     * program could execute whatever it can read.
     */
    EXEC_GATE,
    /** A pid namespace of its own: the pids that it can name, and the signals that it sends, are its own processes'. */
    OWN_PIDS,
    /** An ipc namespace of its own: the System V and POSIX objects that it can name are its own. */
    OWN_IPC,
    /** A root of its own: the paths that it can name are granted, and what is granted for reading is mounted so. */
    OWN_ROOT,
    /** Files whose truncation Landlock decides about, from ABI 3 on, or its own root, past which no {@code /proc} leads. */
    RULED_TRUNCATION,
    /** Sockets that the launch made, and those that are accepted at them. */
    SOCKETS,
    /** Sending to addresses that the program names, over a datagram socket. */
    ADDRESSES,
    /** Messages to peers, over sockets that carry no descriptors and go nowhere else, or with the right to do that. */
    SENT_MESSAGES,
    /** Messages from peers, over sockets that carry no descriptors, or with the right to receive such. */
    RECEIVED_MESSAGES
  }

  /** How a call that no grant allows fails. */
  public enum Refusal {
    /** With {@code EPERM}, the default action of the filter. */
    REFUSED,
    /** With {@code ENOSYS}, for calls that programs know how to do without. */
    ABSENT
  }

  /**
   * One way in which a call is allowed.
   *
   * @param needs the features that this way needs
   * @param when the comparisons of arguments that all have to hold; none for any arguments
   */
  public record Grant(Set<Feature> needs, List<MaskedComparison> when) {
    /** Keeps copies. */
    public Grant {
      needs = Set.copyOf(needs);
      when = List.copyOf(when);
    }

    /** Whether whatever the other way allows is allowed by this one. */
    boolean covers(Grant other) {
      return when.stream().allMatch(mine -> other.when.stream().anyMatch(mine::followsFrom));
    }
  }

  /** Keeps a copy of the list. */
  public SurfaceRow {
    grants = List.copyOf(grants);
  }

  /** A row of a call that every program may make, where all comparisons hold. */
  static SurfaceRow allow(String call, MaskedComparison... when) {
    return choice(call, when(when));
  }

  /** A row of a call for which there are several ways. */
  static SurfaceRow choice(String call, Grant... grants) {
    return new SurfaceRow(call, Arrays.asList(grants), Refusal.REFUSED, "");
  }

  /** A row of a call that comes with a feature. */
  static SurfaceRow needs(Feature feature, String call) {
    return choice(call, given(feature));
  }

  /** A row of a call that comes with a feature, and is not there without it. */
  static SurfaceRow absentWithout(Feature feature, String call) {
    return new SurfaceRow(call, List.of(given(feature)), Refusal.ABSENT, "");
  }

  /** A row of a call that no program may make. */
  static SurfaceRow refuse(String call, String reason) {
    return new SurfaceRow(call, List.of(), Refusal.REFUSED, reason);
  }

  /** A row of a call that comes with sockets, and the reason why it is refused without them. */
  static SurfaceRow socket(String call, String reason, Grant... grants) {
    return new SurfaceRow(call, Arrays.asList(grants), Refusal.REFUSED, reason);
  }

  /** A row of a call that is not there for any program. */
  static SurfaceRow absent(String call, String reason) {
    return new SurfaceRow(call, List.of(), Refusal.ABSENT, reason);
  }

  /** A way that is open where all comparisons hold. */
  static Grant when(MaskedComparison... when) {
    return new Grant(Set.of(), Arrays.asList(when));
  }

  /** A way that is open with a feature, where all comparisons hold. */
  static Grant given(Feature feature, MaskedComparison... when) {
    return given(Set.of(feature), when);
  }

  /** A way that is open with several features, where all comparisons hold. */
  static Grant given(Set<Feature> features, MaskedComparison... when) {
    return new Grant(features, Arrays.asList(when));
  }

  /** The ways in which an {@code int} argument is one of {@code values}. */
  static Grant[] oneOf(int argument, int... values) {
    Grant[] grants = new Grant[values.length];
    for (int i = 0; i < values.length; i++) {
      grants[i] = when(MaskedComparison.intEquals(argument, values[i]));
    }
    return grants;
  }

  /** The rules of this row. A way that another one covers is needless. */
  List<Rule> rules(SurfaceFeatures features) {
    List<Grant> open = new ArrayList<>();
    for (Grant grant : grants) {
      if (grant.needs().stream().allMatch(features::hold) && open.stream().noneMatch(other -> other.covers(grant))) {
        open.removeIf(grant::covers);
        open.add(grant);
      }
    }
    if (open.isEmpty() && refusal == Refusal.ABSENT) {
      return List.of(new Rule(call, List.of(), Action.ENOSYS));
    }
    return open.stream().map(grant -> new Rule(call, grant.when(), Action.ALLOW)).toList();
  }
}
