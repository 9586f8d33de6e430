package dev.embryo.policy.compile;

/** How the surface filter treats {@code execveat}, by which an embryo becomes its program. */
public enum ExecGate {
  /**
   * The surface filter lets {@code execveat} pass, because another filter below it ({@link
   * dev.embryo.runtime.seccomp.OneShotExec}) or Landlock decides. Never install a surface with this
   * gate alone: the program could execute whatever it can read.
   */
  SEPARATE,
  /** The surface filter refuses {@code execveat}: for a process that has nothing more to execute. */
  CLOSED
}
