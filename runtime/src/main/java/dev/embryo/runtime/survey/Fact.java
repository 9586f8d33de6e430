package dev.embryo.runtime.survey;

/**
 * One thing that a host offers, or does not.
 *
 * @param name what it is: {@code kernel}, {@code user namespace}
 * @param state whether it is there
 * @param need what depends on it
 * @param detail what was found, in one line
 * @param remedy what to do about it, in one line; empty if there is nothing to do, or nothing that can be done
 */
public record Fact(String name, State state, Need need, String detail, String remedy) {
  /** Whether something is there. */
  public enum State {
    /** It works. */
    OK,
    /** It works, with less than it could. */
    LIMITED,
    /** It does not work. */
    MISSING
  }

  /** What depends on a thing. */
  public enum Need {
    /** Every launch. */
    EVERYTHING,
    /** Every launch of a policy that requires namespaces, which is the default. */
    NAMESPACES,
    /** Some policies only, which ask for it. */
    SOME_POLICIES
  }

  static Fact ok(String name, Need need, String detail) {
    return new Fact(name, State.OK, need, detail, "");
  }

  static Fact limited(String name, Need need, String detail, String remedy) {
    return new Fact(name, State.LIMITED, need, detail, remedy);
  }

  static Fact missing(String name, Need need, String detail, String remedy) {
    return new Fact(name, State.MISSING, need, detail, remedy);
  }
}
