package dev.embryo.launcher;

import java.time.Duration;

/**
 * What the launcher does for one of the program's descriptors as long as the program runs: copying, collecting. It owns the
 * descriptors it works on, and closes them when it is done.
 */
interface Attendant extends AutoCloseable {
  /** Begins; called once, when the program runs. */
  void start();

  /**
   * Waits until what the program has written is where it belongs; for a program that has ended.
   *
   * @param timeout the longest wait; one of {@link Long#MAX_VALUE} nanoseconds or more has no end
   */
  void drain(Duration timeout) throws InterruptedException;

  /** Closes the descriptors of one that was never started; one that works ends by itself, with the program. */
  @Override
  void close();
}
