package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;

/**
 * The filter that lets an embryo execute its program, once.
 *
 * <p>It asks a listener about every {@code execveat}. The listener, a second thread of the stub,
 * holds the only descriptor and lets one call through; the exec ends that thread and closes the
 * descriptor, and from then on the kernel answers {@code ENOSYS}. Everything else is another
 * filter's business: that one must allow {@code execveat} and refuse {@code execve}, for the
 * refusal would otherwise outrank the question.
 */
public final class OneShotExec {
  private OneShotExec() {}

  /**
   * The filter. Install it with {@code SECCOMP_FILTER_FLAG_NEW_LISTENER}.
   *
   * @throws LibseccompException if the library does not know {@code execveat}
   */
  public static Filter filter(SystemCallTable calls) throws LibseccompException {
    Architecture architecture = calls.architecture();
    Assembler program =
        Prologue.begin(architecture)
            .ifEqual(calls.require("execveat"), Assembler.NEXT, Prologue.OTHER)
            .answer(Action.USER_NOTIF);
    return new Filter(Prologue.end(program, architecture, Action.ALLOW).assemble());
  }
}
