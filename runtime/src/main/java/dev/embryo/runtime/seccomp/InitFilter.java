package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import java.util.List;

/**
 * The filter of a sandbox's init, the first process of its pid namespace.
 *
 * <p>Init says once that it is ready, waits for its control socket to end, and does nothing else; any other call means that the
 * program got at it, and ends init and thereby the sandbox.
 */
public final class InitFilter {
  private static final List<String> ALLOWED =
      List.of("recvmsg", "sendmsg", "write", "close", "exit_group", "rt_sigreturn");

  private InitFilter() {}

  /**
   * The filter.
   *
   * @throws LibseccompException if the library does not know one of the calls
   */
  public static Filter filter(SystemCallTable calls) throws LibseccompException {
    return allowing(ALLOWED, calls);
  }

  /** A filter under which every other call ends the process. */
  static Filter allowing(List<String> allowed, SystemCallTable calls) throws LibseccompException {
    Architecture architecture = calls.architecture();
    Assembler program = Prologue.begin(architecture);
    for (String call : allowed) {
      program.ifEqual(calls.require(call), "allow");
    }
    program.answer(Action.KILL_PROCESS).place("allow").answer(Action.ALLOW);
    return new Filter(Prologue.end(program, architecture, Action.KILL_PROCESS).assemble());
  }
}
