package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import java.util.List;

/**
 * The filter of a program whose pids are the host's and whose signals Landlock does not confine (it does from ABI 6 on):
 * the only process that it can signal is itself, with its threads, which {@code abort} and {@code pthread_kill} need.
 *
 * <p>The pid is known when the process exists. Until then {@link #PID} stands for it in the one instruction whose place is
 * {@link #pidOffset}.
 */
public final class OwnSignals {
  /** Stands for the pid. No process has this one: it is above the kernel's limit for pids. */
  static final int PID = 0x7fff_fffe;

  private static final int ITS_GROUP = 0; // it has a session, and so a group, of its own
  private static final int OPERAND = 4; // in struct sock_filter: code, jt, jf, k
  private static final List<String> BY_PID = List.of("tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo");
  private static final String GROUP_OR_ITSELF = "group or itself";
  private static final String ITSELF = "itself";
  private static final String ALLOW = "allow";

  private OwnSignals() {}

  /**
   * The filter.
   *
   * @throws LibseccompException if the library does not know one of the calls
   */
  public static Filter filter(SystemCallTable calls) throws LibseccompException {
    var architecture = calls.architecture();
    var program = Prologue.begin(architecture).ifEqual(calls.require("kill"), GROUP_OR_ITSELF);
    for (String call : BY_PID) {
      program.ifEqual(calls.require(call), ITSELF);
    }
    program.answer(Action.ALLOW);
    program.place(GROUP_OR_ITSELF).load(SeccompData.ARGUMENTS).ifEqual(ITS_GROUP, ALLOW);
    program.place(ITSELF).load(SeccompData.ARGUMENTS).ifEqual(PID, ALLOW);
    program.answer(Action.EPERM).place(ALLOW).answer(Action.ALLOW);
    return new Filter(Prologue.end(program, architecture, Action.ALLOW).assemble());
  }

  /** Where in the bytes of such a filter the pid belongs, as a 32-bit word. */
  public static int pidOffset(Filter filter) {
    for (int at = 0; at < filter.length(); at++) {
      if (filter.instructions().get(at).k() == PID) {
        return at * Instruction.SIZE + OPERAND;
      }
    }
    throw new IllegalArgumentException("no filter of a program's own signals");
  }
}
