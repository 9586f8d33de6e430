package dev.embryo.runtime.process;

/**
 * Answers the calls of a program that its filter refuses. It is asked for one call at a time, on a thread of this library, and
 * the program waits: it has to be quick, and must not block.
 */
@FunctionalInterface
public interface Judge {
  /**
   * With which error a call fails; see errno(3). It cannot be let through: whatever was looked at, the program could change
   * before the kernel reads it.
   *
   * @return 1 to 4095
   */
  int refuse(Notification notification);
}
