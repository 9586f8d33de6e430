package dev.embryo.runtime.process;

/**
 * How a process ended; see waitid(2).
 *
 * @param code the exit code, 0 to 255, or 0 if a signal ended the process
 * @param signal the number of the signal that ended the process, or 0
 * @param coreDumped true if the signal also made a core dump
 */
public record ExitStatus(int code, int signal, boolean coreDumped) {
  private static final int CLD_EXITED = 1;
  private static final int CLD_DUMPED = 3;

  /** From the {@code si_code} and {@code si_status} of waitid(2). */
  static ExitStatus ofWaitid(int siCode, int siStatus) {
    return siCode == CLD_EXITED
        ? new ExitStatus(siStatus, 0, false)
        : new ExitStatus(0, siStatus, siCode == CLD_DUMPED);
  }

  /** From the status word of wait(2). */
  static ExitStatus ofWait(int status) {
    return new ExitStatus(status >> 8 & 0xff, status & 0x7f, (status & 0x80) != 0);
  }

  /** True if the process ended by itself, whatever its exit code. */
  public boolean exited() {
    return signal == 0;
  }

  /** What a shell says of it: the exit code, or 128 + the signal's number. */
  public int shellStatus() {
    return exited() ? code : 128 + signal;
  }

  @Override
  public String toString() {
    return exited() ? "exit status " + code : "killed by signal " + signal + (coreDumped ? " (core dumped)" : "");
  }
}
