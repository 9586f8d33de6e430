package dev.embryo.runtime.process;

import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;

/** What a launcher does with signals to itself; see signal(7). For whole processes, not for libraries within them. */
public final class Signals {
  private static final int SIGSTOP = 19;
  private static final long SIG_IGN = 1;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int SIGACTION_BYTES = 32; // struct sigaction of the kernel; all zero: SIG_DFL, no flags, no mask

  private Signals() {}

  /** Gives a signal its default action, also one that the JVM keeps for itself. */
  public static void restoreDefault(int signal) throws LinuxException {
    var action = Libc.allocate(SIGACTION_BYTES);
    LinuxException.check("restore the default of signal " + signal, Libc.syscall(
        SystemCalls.number("rt_sigaction"), signal, Libc.address(action), 0, SIGNAL_SET_BYTES, 0, 0));
  }

  /**
   * Stops this process and all others in its process group, as a terminal does; returns when it was continued, or at once
   * if nobody is there who could do that: the kernel stops no orphaned process group.
   *
   * @param signal SIGTSTP, SIGTTIN or SIGTTOU
   */
  public static void stopThisJob(int signal) throws LinuxException {
    int group = 0;
    var before = Libc.allocate(SIGACTION_BYTES);
    var ignore = Libc.allocate(SIGACTION_BYTES).putLong(0, SIG_IGN);
    LinuxException.check("ignore signal " + signal, Libc.syscall(SystemCalls.number("rt_sigaction"), signal,
        Libc.address(ignore), Libc.address(before), SIGNAL_SET_BYTES, 0, 0));
    try {
      LinuxException.check("stop this job", Libc.syscall(SystemCalls.number("kill"), group, signal, 0, 0, 0, 0));
      restoreDefault(signal);
      // By this very thread, which therefore goes on only when all is over: another one might take its time to stop.
      LinuxException.check("stop this process", Libc.syscall(SystemCalls.number("tgkill"), Libc.getpid(),
          Libc.syscall(SystemCalls.number("gettid"), 0, 0, 0, 0, 0, 0), signal, 0, 0, 0));
    } finally {
      Libc.syscall(SystemCalls.number("rt_sigaction"), signal, Libc.address(before), 0, SIGNAL_SET_BYTES, 0, 0);
    }
  }

  /**
   * Whether there is a shell that could continue this process if its job were stopped: an ancestor in the same session, in
   * another process group, with none but members of this job in between.
   */
  public static boolean canBeContinued() {
    long group = call("getpgid", 0);
    var ancestor = ProcessHandle.current().parent();
    while (ancestor.isPresent() && call("getpgid", ancestor.get().pid()) == group) {
      ancestor = ancestor.get().parent();
    }
    return ancestor.isPresent() && call("getsid", ancestor.get().pid()) == call("getsid", 0);
  }

  private static long call(String name, long pid) {
    return Libc.syscall(SystemCalls.number(name), pid, 0, 0, 0, 0, 0);
  }

  /** Stops this process as a shell's Ctrl-Z does; returns when it was continued. */
  public static void stopThisProcess() throws LinuxException {
    LinuxException.check("stop this process", Libc.syscall(
        SystemCalls.number("kill"), Libc.getpid(), SIGSTOP, 0, 0, 0, 0));
  }
}
