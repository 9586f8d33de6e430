package dev.embryo.launcher;

import dev.embryo.runtime.process.ExitStatus;
import dev.embryo.runtime.process.RunningProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs under a policy.
 *
 * <p>It is a {@link Process}, with these differences: closing it kills the program, and waits until nothing of the
 * sandbox is left; when the program ends, whatever it has started is killed; and when this JVM ends, however it ends, so
 * does the program. Streams of what the policy does not inherit are empty.
 *
 * <p>Thread-safe.
 */
public final class SandboxedProcess extends Process implements AutoCloseable {
  private static final int SIGTERM = 15;
  private static final Duration WITHOUT_END = Duration.ofNanos(Long.MAX_VALUE);

  private final RunningProcess process;
  private final Ends ends;
  private final List<Attendant> attendants;
  private @Nullable ProcessHandle handle; // guarded by this

  SandboxedProcess(RunningProcess process, Ends ends) {
    this.process = process;
    this.ends = ends;
    attendants = ends.attendants();
  }

  void limitTime(Duration limit) {
    process.limitTime(limit);
  }

  void attend() {
    process.whenGone(() -> {
      Reference.reachabilityFence(this); // its streams stay open while the program runs, though nobody holds them
      ends.settle();
    });
    attendants.forEach(Attendant::start);
  }

  /** What goes to the program's standard input, unbuffered. */
  @Override
  public OutputStream getOutputStream() {
    return ends.toProgram();
  }

  /** What comes from the program's standard output, unbuffered. An interrupt or a close ends a blocked read. */
  @Override
  public InputStream getInputStream() {
    return ends.output();
  }

  /** What comes from the program's standard error. */
  @Override
  public InputStream getErrorStream() {
    return ends.errors();
  }

  /** The pid as this JVM sees it. */
  @Override
  public long pid() {
    return process.pid();
  }

  /**
   * The program's process handle. Ask for it, or for {@link #info()}, while the program runs: afterwards its pid may be
   * another's.
   *
   * @throws UnsupportedOperationException if it is first asked for when the program has ended
   */
  @Override
  public synchronized ProcessHandle toHandle() {
    if (handle == null) {
      var found = ProcessHandle.of(pid());
      if (found.isEmpty() || !isAlive()) {
        throw new UnsupportedOperationException("the program has ended, and with it its process handle");
      }
      handle = found.get();
    }
    return handle;
  }

  @Override
  public ProcessHandle.Info info() {
    return toHandle().info();
  }

  @Override
  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * The exit status as the operating system tells it.
   *
   * @return empty if the program still runs after the timeout
   */
  public Optional<ExitStatus> exitStatus(Duration timeout) throws InterruptedException, IOException {
    long begun = System.nanoTime();
    var status = process.waitFor(timeout);
    if (status.isPresent()) {
      for (Attendant attendant : attendants) {
        attendant.drain(timeout.minusNanos(System.nanoTime() - begun));
      }
    }
    return status;
  }

  /** Waits for the program's end and returns its exit status. */
  public ExitStatus exitStatus() throws InterruptedException, IOException {
    var status = process.waitFor();
    for (Attendant attendant : attendants) {
      attendant.drain(WITHOUT_END);
    }
    return status;
  }

  @Override
  public int waitFor() throws InterruptedException {
    try {
      return exitStatus().shellStatus();
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    try {
      return exitStatus(Duration.ofNanos(unit.toNanos(timeout))).isPresent();
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }

  @Override
  public int exitValue() {
    try {
      return process.exitStatus().map(ExitStatus::shellStatus)
          .orElseThrow(() -> new IllegalThreadStateException("the program has not ended"));
    } catch (IOException lost) {
      throw new UncheckedIOException(lost);
    }
  }

  /** Sends a signal, by its number in signal(7); false if the program has ended. */
  public boolean signal(int signal) throws IOException {
    return process.signal(signal);
  }

  /** Asks the program to end: SIGTERM. */
  @Override
  public void destroy() {
    send(SIGTERM);
  }

  /** Kills the program and everything it has started. */
  @Override
  public Process destroyForcibly() {
    try {
      process.kill();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return this;
  }

  @Override
  public boolean supportsNormalTermination() {
    return true;
  }

  private void send(int signal) {
    try {
      process.signal(signal);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public CompletableFuture<Process> onExit() {
    return process.onExit().thenApply(status -> this);
  }

  /**
   * Kills the program when it has not ended by then.
   *
   * @return cancels the deadline
   */
  public Runnable killAfter(Duration timeout) {
    return process.killAfter(timeout);
  }

  /** True if the program has ended, and because it ran for as long as {@code limits.wall-time} of its policy allows. */
  public boolean endedByWallTime() {
    return process.endedByTimeLimit();
  }

  /** From now on {@link #close} closes the streams only. The program still ends with this JVM. */
  public void detach() {
    process.detach();
  }

  /** Kills the program unless it has ended or was detached, waits until nothing is left, and closes the streams. */
  @Override
  public void close() throws IOException {
    process.close();
    ends.close();
  }
}
