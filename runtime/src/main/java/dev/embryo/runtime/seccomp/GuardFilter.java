package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import java.util.List;

/**
 * The filter of a guard, which ends the program of a sandbox without a pid namespace when the launcher has ended.
 *
 * <p>It says once that it is ready, waits for its control socket to end, and sends one signal, through a pidfd; any other
 * call means that somebody got at it, and ends it. The launcher then ends the program.
 */
public final class GuardFilter {
  private static final List<String> ALLOWED = List.of("recvmsg", "sendmsg", "write", "close", "exit_group", "rt_sigreturn",
      "ppoll", "restart_syscall", "pidfd_send_signal");

  private GuardFilter() {}

  /**
   * The filter.
   *
   * @throws LibseccompException if the library does not know one of the calls
   */
  public static Filter filter(SystemCallTable calls) throws LibseccompException {
    return InitFilter.allowing(ALLOWED, calls);
  }
}
