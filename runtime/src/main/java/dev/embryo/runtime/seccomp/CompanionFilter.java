package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import java.util.List;

/**
 * The filter of the companion of a program on a terminal, which has one thing to do: to say, when the launcher wants it,
 * which process group is in the terminal's foreground. Any other call means that somebody got at it, and ends it.
 */
public final class CompanionFilter {
  private static final List<String> ALLOWED =
      List.of("recvmsg", "sendmsg", "write", "close", "exit_group", "rt_sigreturn", "getpid", "getsid");
  private static final int TIOCSPGRP = 0x5410;
  private static final int COMMAND = SeccompData.ARGUMENTS + Long.BYTES;

  private CompanionFilter() {}

  /**
   * The filter.
   *
   * @throws LibseccompException if the library does not know one of the calls
   */
  public static Filter filter(SystemCallTable calls) throws LibseccompException {
    var architecture = calls.architecture();
    var program = Prologue.begin(architecture);
    for (String call : ALLOWED) {
      program.ifEqual(calls.require(call), "allow");
    }
    program.ifEqual(calls.require("ioctl"), "ioctl", Prologue.OTHER);
    program.place("ioctl").load(COMMAND).ifEqual(TIOCSPGRP, "allow", Prologue.OTHER); // of which the kernel reads 32 bits
    program.place("allow").answer(Action.ALLOW);
    return new Filter(Prologue.end(program, architecture, Action.KILL_PROCESS).assemble());
  }
}
