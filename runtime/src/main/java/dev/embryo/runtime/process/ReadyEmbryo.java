package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Reactor;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The right to start an embryo, to kill it and to wait for it, without the right to change anything about it. Whoever
 * holds it owns the process until it has started.
 *
 * <p>Thread-safe.
 */
public final class ReadyEmbryo implements AutoCloseable {
  private final Nascent process;
  private final LastBatch last;

  ReadyEmbryo(Nascent process, LastBatch last) {
    this.process = process;
    this.last = last;
  }

  /** The process's pid as this JVM sees it. */
  public int pid() {
    return process.pid();
  }

  /**
   * Starts the program; once.
   *
   * @throws ExecException if the kernel refuses to execute it
   * @throws BirthException if the kernel refuses another of the last steps. The embryo is gone, in either case
   * @throws IllegalStateException if it was started or killed before
   */
  public RunningProcess start() throws IOException {
    process.turn.lock();
    try (last) {
      process.require(Nascent.State.READY);
      return process.start(last);
    } finally {
      process.turn.unlock();
    }
  }

  /** Ends an embryo that has not started, and leaves nothing of it. Of a running program nothing is changed. */
  public void kill() {
    process.destroy();
    last.close();
  }

  /**
   * Waits for the process's end, whoever starts or kills it.
   *
   * @throws IOException if its status was lost because other code in this JVM took it
   */
  public ExitStatus waitFor() throws InterruptedException, IOException {
    try {
      return process.end().get();
    } catch (ExecutionException failure) {
      throw RunningProcess.failed(failure);
    }
  }

  /** As {@link #waitFor()}, at most as long as said; empty if the process still exists then. */
  public Optional<ExitStatus> waitFor(Duration timeout) throws InterruptedException, IOException {
    try {
      return Optional.of(process.end().get(Reactor.nanos(timeout), TimeUnit.NANOSECONDS));
    } catch (TimeoutException still) {
      return Optional.empty();
    } catch (ExecutionException failure) {
      throw RunningProcess.failed(failure);
    }
  }

  /** The same as {@link #kill}. */
  @Override
  public void close() {
    kill();
  }
}
