package dev.embryo.runtime.process;

import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;

/** What a launcher does with signals to itself; see signal(7). For whole processes, not for libraries within them. */
public final class Signals {
  private static final int SIGSTOP = 19;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int SIGACTION_BYTES = 32; // struct sigaction of the kernel; all zero: SIG_DFL, no flags, no mask

  private Signals() {}

  /** Gives a signal its default action, also one that the JVM keeps for itself. */
  public static void restoreDefault(int signal) throws LinuxException {
    var action = Libc.allocate(SIGACTION_BYTES);
    LinuxException.check("restore the default of signal " + signal, Libc.syscall(
        SystemCalls.number("rt_sigaction"), signal, Libc.address(action), 0, SIGNAL_SET_BYTES, 0, 0));
  }

  /** Stops this process as a shell's Ctrl-Z does; returns when it was continued. */
  public static void stopThisProcess() throws LinuxException {
    LinuxException.check("stop this process", Libc.syscall(
        SystemCalls.number("kill"), Libc.getpid(), SIGSTOP, 0, 0, 0, 0));
  }
}
