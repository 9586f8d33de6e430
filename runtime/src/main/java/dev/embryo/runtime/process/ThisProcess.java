package dev.embryo.runtime.process;

import dev.embryo.runtime.linux.Libc;

/** The launcher's own process. For commands, not for libraries within a process. */
public final class ThisProcess {
  private ThisProcess() {}

  /**
   * Ends this process at once, see _exit(2): nothing is flushed, and no shutdown hook runs. {@link System#exit} waits up to
   * 300 ms for threads that are in native code, such as the one that waits for processes.
   *
   * @param status 0 to 255
   */
  public static void end(int status) {
    Libc._exit(status);
  }
}
