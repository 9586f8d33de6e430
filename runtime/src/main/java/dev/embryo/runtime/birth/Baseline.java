package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;

/**
 * What the zygote sets once so that every embryo begins with it, whatever the launcher's own state is:
 * umask 077, working directory {@code /}, niceness 0 (or the launcher's, if that is worse: only root may improve it),
 * scheduling policy SCHED_OTHER (likewise), timer slack 50 us, personality PER_LINUX, dumpable, and a session keyring of
 * its own.
 *
 * <p>no_new_privs, signals, the empty environment and the empty descriptor table are the stub's own doing.
 */
public final class Baseline {
  /** Files that a program makes are its own, until it says otherwise. */
  static final int UMASK = 077;

  private static final int TIMER_SLACK_NANOS = 50_000;
  private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;

  /** The operations, in order. */
  public static final BirthProgram PROGRAM = program();

  /**
   * What follows, as far as it is allowed: container runtimes refuse keyctl. Then embryos have the launcher's session
   * keyring, and no way to use it, for their filters refuse the calls that do.
   */
  public static final BirthProgram KEYRING = keyring();

  private Baseline() {}

  private static BirthProgram program() {
    var program = BirthProgram.builder();
    program.purpose("set the zygote's baseline");
    program.call("prctl", Constant.PR_SET_NAME, program.string("embryo-zygote"));
    program.call("umask", Operand.mode(UMASK));
    program.call("chdir", program.string("/"));
    program.callTolerating(Errno.EACCES, "setpriority", 0, 0, 0);
    var parameters = program.words("{sched_priority=0}", 0);
    program.callTolerating(Errno.EPERM, "sched_setscheduler", 0, 0, parameters);
    program.call("prctl", Constant.PR_SET_TIMERSLACK, TIMER_SLACK_NANOS);
    program.call("personality", 0);
    program.call("prctl", Constant.PR_SET_DUMPABLE, 1);
    return program.build();
  }

  private static BirthProgram keyring() {
    var program = BirthProgram.builder();
    program.purpose("give the zygote a session keyring of its own");
    program.call("keyctl", KEYCTL_JOIN_SESSION_KEYRING, 0);
    return program.buildSurvivingFailure();
  }
}
