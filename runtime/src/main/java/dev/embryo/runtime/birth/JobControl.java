package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import java.util.Arrays;

/**
 * What lets a program live on a terminal as a shell's job does: it is its session's leader, the terminal is its
 * controlling terminal, and it can be stopped by it.
 *
 * <p>The last takes company. The kernel stops a process at SIGTSTP, SIGTTIN or SIGTTOU only if its process group is not
 * orphaned: one member needs a parent in the same session and in another group, who could continue it. The program's
 * parent is the launcher, in another session. So the embryo clones a companion, which clones a member of the embryo's
 * group and moves into a group of its own. Both are the stub, wait for their control socket to end, and ignore every signal
 * that can be ignored. Their exit signal is 0, so that a program that waits for its children does not meet them.
 *
 * <pre>
 *   session of the program
 *     group of the program:    program, member
 *     group of the companion:  companion, the member's parent
 * </pre>
 */
public final class JobControl {
  /** The terminal, and the companion's control socket, by the names under which the launcher supplies them. */
  public static final String TERMINAL = "the terminal";
  public static final String COMPANION_CONTROL = "the companion's control";

  /** What the companion does. */
  public static final BirthProgram COMPANION = companion();

  private static final int SIGNALS = 64;
  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;
  private static final long SIG_IGN = 1;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int CLONE_ARGS_WORDS = 8;
  private static final int OWN_CONTROL = 0; // where the stub holds its control socket

  private JobControl() {}

  /** In the embryo, without privileges and before its filters: it leads a session that has no terminal yet. */
  public static void addTo(BirthProgram.Builder program) {
    program.purpose("make the new terminal the program's controlling terminal")
        .call("ioctl", program.received(TERMINAL), Constant.TIOCSCTTY, 0);
    program.purpose("make the companion, so that the terminal can stop the program");
    program.cloneMember(cloneArguments(program), program.received(COMPANION_CONTROL));
  }

  private static BirthProgram companion() {
    var program = BirthProgram.builder();
    program.purpose("ignore what the terminal and the program send");
    var ignore = program.words("{SIG_IGN}", SIG_IGN, 0, 0, 0);
    for (int signal = 1; signal <= SIGNALS; signal++) {
      if (signal != SIGKILL && signal != SIGSTOP) {
        program.call("rt_sigaction", signal, ignore, 0, SIGNAL_SET_BYTES);
      }
    }
    program.purpose("be closed to the program");
    program.call("prctl", Constant.PR_SET_NAME, program.string("embryo-job"));
    program.call("prctl", Constant.PR_SET_DUMPABLE, 0);
    program.purpose("make the member of the program's group");
    program.cloneMember(cloneArguments(program), OWN_CONTROL);
    program.purpose("be a group of its own").call("setpgid", 0, 0);
    return program.build();
  }

  private static Operand.Data cloneArguments(BirthProgram.Builder program) {
    var none = new Object[CLONE_ARGS_WORDS];
    Arrays.fill(none, 0);
    return program.words("{flags=0}", none);
  }
}
