package dev.embryo.policy.compile;

import dev.embryo.policy.model.Policy;
import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Operand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The variables by which a program finds the descriptors that it is passed, as servers know them from socket activation:
 * sd_listen_fds(3). They tell of the capabilities without a number of their own, which are at 3, 4, 5 and so on; what has a
 * number was meant for a program that knows it. Without such capabilities there are no variables.
 */
public final class ListenVariables {
  /** How many there are. */
  public static final String COUNT = "LISTEN_FDS";
  /** Their names, in the order of their numbers, with colons between them. */
  public static final String NAMES = "LISTEN_FDNAMES";
  /** The process that they are meant for, in decimal: a child that inherits the variables leaves them alone. */
  public static final String PID = "LISTEN_PID";

  private ListenVariables() {}

  /** Those that are known beforehand, which are all but {@link #PID}. */
  public static Map<String, String> known(Policy policy) {
    var variables = new LinkedHashMap<String, String>();
    if (!policy.passed().isEmpty()) {
      variables.put(COUNT, Integer.toString(policy.passed().size()));
      variables.put(NAMES, String.join(":", policy.passed()));
    }
    return variables;
  }

  /**
   * The variable with the pid. The embryo asks the kernel for it: which number it is depends on the pid namespace, and a wrong
   * one makes a program ignore the others.
   */
  static List<Operand.Data> pid(BirthProgram.Builder program, Policy policy) {
    return policy.passed().isEmpty() ? List.of() : List.of(Arming.pidVariable(program, PID));
  }
}
