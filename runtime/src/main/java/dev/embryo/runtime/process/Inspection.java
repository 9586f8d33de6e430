package dev.embryo.runtime.process;

import java.io.IOException;

/** Looks at an embryo that waits at its {@link Checkpoint}. */
@FunctionalInterface
public interface Inspection {
  /**
   * Looks at it; when this returns, it executes its program.
   *
   * @param pid of the embryo, as this process sees it
   * @throws IOException if it must not: the embryo is destroyed
   */
  void inspect(int pid) throws IOException;
}
