package dev.embryo.launcher.bench;

import java.io.IOException;

/** Launches {@code /bin/true} once, in one particular way. */
@FunctionalInterface
interface Launcher extends AutoCloseable {
  /**
   * Launches the program and awaits its end; when it returns, nothing is left of it.
   *
   * @return the nanoseconds from the call that starts the program until its exit status is known
   * @throws IOException if the program cannot be started, or fails
   */
  long launch() throws IOException, InterruptedException;

  @Override
  default void close() throws IOException {}

  /** For a program that should have succeeded. */
  static void requireSuccess(int status) throws IOException {
    requireSuccess(Subject.PROGRAM, status);
  }

  /** For any other. */
  static void requireSuccess(String program, int status) throws IOException {
    if (status != 0) {
      throw new IOException(program + " ended with status " + status);
    }
  }
}
