package dev.embryo.launcher;

import dev.embryo.runtime.survey.Fact;
import dev.embryo.runtime.survey.Fact.Need;
import dev.embryo.runtime.survey.Fact.State;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What this host offers. A value, found by trying: {@link Sandbox#support}.
 *
 * <pre>{@code
 * var support = Sandbox.support();
 * if (support.verdict() != Support.Verdict.FULL) {
 *   System.err.println(support);
 * }
 * }</pre>
 *
 * @param verdict which policies can be run
 * @param facts what was found, in an order in which it can be put right
 */
public record Support(Verdict verdict, List<Fact> facts) {
  /** Which policies can be run on a host. */
  public enum Verdict {
    /** Those with the default isolation, and so nearly all. */
    FULL,
    /** Those only that leave namespaces out: {@code isolation: {require: [landlock, seccomp]}}. */
    WITHOUT_NAMESPACES,
    /** None. */
    NONE
  }

  /** Keeps a copy of the list. */
  public Support {
    facts = List.copyOf(facts);
  }

  static Support of(List<Fact> facts) {
    return new Support(
        lacks(facts, Need.EVERYTHING) ? Verdict.NONE
            : lacks(facts, Need.NAMESPACES) ? Verdict.WITHOUT_NAMESPACES
            : Verdict.FULL,
        facts);
  }

  private static boolean lacks(List<Fact> facts, Need need) {
    return facts.stream().anyMatch(fact -> fact.need() == need && fact.state() == State.MISSING);
  }

  /** The verdict, and below it what is missing or limited, with what to do; several lines. */
  @Override
  public String toString() {
    return facts.stream().filter(fact -> fact.state() != State.OK)
        .map(fact -> "\n" + fact.name() + ": " + fact.detail() + (fact.remedy().isEmpty() ? "" : "; " + fact.remedy()))
        .collect(Collectors.joining("", switch (verdict) {
          case FULL -> "policies can be run here";
          case WITHOUT_NAMESPACES -> "only policies without namespaces can be run here";
          case NONE -> "no policy can be run here";
        }, ""));
  }
}
