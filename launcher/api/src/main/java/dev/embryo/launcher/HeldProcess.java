package dev.embryo.launcher;

import java.io.IOException;
import java.util.function.Consumer;

/** A process that a program holds through this JVM. Thread-safe. */
interface HeldProcess extends AutoCloseable {
  /** Sends a signal; false if the process has ended. */
  boolean signal(int signal) throws IOException;

  /** Tells once, on a thread of this library's or the common pool, how the process has ended: at once if it has already. */
  void whenEnded(Consumer<String> telling) throws IOException;

  /** Nobody is told any more. The process goes on. */
  @Override
  void close();
}
