package dev.embryo.policy.compile;

import dev.embryo.runtime.linux.MaskedComparison;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
    /**
     * An {@code execveat} that the surface filter lets pass, because another filter below it ({@link
     * dev.embryo.runtime.seccomp.OneShotExec}) or Landlock decides. Never install a surface with this gate alone: the
     * program could execute whatever it can read.
     */
    EXEC_GATE
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
   * @param needs the feature that this way needs; empty for none
   * @param when the comparisons of arguments that all have to hold; none for any arguments
   */
  public record Grant(Optional<Feature> needs, List<MaskedComparison> when) {
    /** Keeps a copy of the list. */
    public Grant {
      when = List.copyOf(when);
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

  /** A row of a call that is not there for any program. */
  static SurfaceRow absent(String call, String reason) {
    return new SurfaceRow(call, List.of(), Refusal.ABSENT, reason);
  }

  /** A way that is open where all comparisons hold. */
  static Grant when(MaskedComparison... when) {
    return new Grant(Optional.empty(), Arrays.asList(when));
  }

  /** A way that is open with a feature, where all comparisons hold. */
  static Grant given(Feature feature, MaskedComparison... when) {
    return new Grant(Optional.of(feature), Arrays.asList(when));
  }

  /** The ways in which an {@code int} argument is one of {@code values}. */
  static Grant[] oneOf(int argument, int... values) {
    Grant[] grants = new Grant[values.length];
    for (int i = 0; i < values.length; i++) {
      grants[i] = when(MaskedComparison.intEquals(argument, values[i]));
    }
    return grants;
  }

  /** The rules of this row. A way without comparisons makes the other ways needless. */
  List<Rule> rules(SurfaceFeatures features) {
    List<Rule> rules = new ArrayList<>();
    for (Grant grant : grants) {
      if (grant.needs().isEmpty() || features.hold(grant.needs().get())) {
        Rule rule = new Rule(call, grant.when(), Action.ALLOW);
        if (rule.isUnconditional()) {
          return List.of(rule);
        }
        rules.add(rule);
      }
    }
    if (rules.isEmpty() && refusal == Refusal.ABSENT) {
      rules.add(new Rule(call, List.of(), Action.ENOSYS));
    }
    return rules;
  }
}
