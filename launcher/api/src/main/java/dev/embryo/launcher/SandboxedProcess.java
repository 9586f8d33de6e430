package dev.embryo.launcher;

import dev.embryo.launcher.CutShortException.Reason;
import dev.embryo.policy.explain.Denial;
import dev.embryo.runtime.fd.PipeCollector;
import dev.embryo.runtime.process.ExitStatus;
import dev.embryo.runtime.process.RunningProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs under a policy.
 *
 * <p>It is a {@link Process}, and can stand wherever one is expected. What each method of {@code Process} does here:
 *
 * <table>
 * <caption>The methods of Process</caption>
 * <tr><th>Method</th><th>What it does</th><th>Beside the JDK's</th></tr>
 * <tr><td>{@code getOutputStream()}</td><td>the program's standard input</td><td>unbuffered: needs no flush. An interrupt
 *     or a close ends a blocked write</td></tr>
 * <tr><td>{@code getInputStream()}</td><td>the program's standard output</td><td>unbuffered; wrap it for reading byte by byte.
 *     An interrupt or a close ends a blocked read. Empty for what is no pipe</td></tr>
 * <tr><td>{@code getErrorStream()}</td><td>the program's standard error</td><td>likewise</td></tr>
 * <tr><td>{@code inputReader()}, {@code inputReader(Charset)}</td><td>a buffered reader of the output</td>
 *     <td>the same code</td></tr>
 * <tr><td>{@code errorReader()}, {@code errorReader(Charset)}</td><td>a buffered reader of the errors</td>
 *     <td>the same code</td></tr>
 * <tr><td>{@code outputWriter()}, {@code outputWriter(Charset)}</td><td>a buffered writer to the input</td>
 *     <td>the same code; it needs its flush</td></tr>
 * <tr><td>{@code waitFor()}, {@code waitFor(long, TimeUnit)}</td><td>waits for the end</td><td>waits also until output that
 *     this JVM hands on has arrived; a status that is lost is an {@link UncheckedIOException}</td></tr>
 * <tr><td>{@code waitFor(Duration)}</td><td>the same (Java 24)</td><td>here on Java 17 already</td></tr>
 * <tr><td>{@code exitValue()}</td><td>the exit status, or 128 and the signal's number</td><td>the same;
 *     {@link #exitStatus()} tells the two apart</td></tr>
 * <tr><td>{@code destroy()}</td><td>sends SIGTERM</td><td>leaves the streams open</td></tr>
 * <tr><td>{@code destroyForcibly()}</td><td>kills the program</td><td>and all that it has started; leaves the streams
 *     open</td></tr>
 * <tr><td>{@code supportsNormalTermination()}</td><td>true</td><td>the same</td></tr>
 * <tr><td>{@code isAlive()}</td><td>whether it runs</td><td>the same</td></tr>
 * <tr><td>{@code pid()}</td><td>the pid as this JVM sees it</td><td>the program itself sees another</td></tr>
 * <tr><td>{@code onExit()}</td><td>completes at the end, on the common pool</td><td>the same; needs no thread</td></tr>
 * <tr><td>{@code toHandle()}</td><td>the JDK's process handle</td><td>if it is first asked for after the end, one that equals
 *     no handle of the JDK's</td></tr>
 * <tr><td>{@code info()}</td><td>what /proc says of the program</td><td>the same</td></tr>
 * <tr><td>{@code children()}</td><td>the processes that the program has started</td><td>the same; they end with the
 *     program</td></tr>
 * <tr><td>{@code descendants()}</td><td>those, and what they have started</td><td>likewise</td></tr>
 * <tr><td>{@code close()}</td><td>(Java 26)</td><td>kills the program and waits until nothing of its sandbox is left</td></tr>
 * </table>
 *
 * <p>{@code equals} and {@code hashCode} are those of {@code Object}, as the JDK's. When the program ends, whatever it has
 * started is killed. When this JVM ends, however it ends, so does the program. Like a process of the JDK's, it need not be
 * closed: when it has ended, what it wrote stays readable and no descriptor of it is open.
 *
 * <p>Thread-safe. No method holds the carrier of a virtual thread while it waits.
 */
public final class SandboxedProcess extends Process implements AutoCloseable {
  private static final int SIGTERM = 15;
  private static final Duration WITHOUT_END = Duration.ofNanos(Long.MAX_VALUE);

  private final String name;
  private final RunningProcess process;
  private final Ends ends;
  private final Optional<Denials> denials;
  private @Nullable ProcessHandle handle; // guarded by this

  SandboxedProcess(String name, RunningProcess process, Ends ends, Optional<Denials> denials) {
    this.name = name;
    this.process = process;
    this.ends = ends;
    this.denials = denials;
  }

  void limitTime(Duration limit) {
    process.limitTime(limit);
  }

  void attend() throws IOException {
    process.whenGone(() -> {
      Reference.reachabilityFence(this); // its streams stay open while the program runs, though nobody holds them
      ends.settle();
    });
    ends.terminal().ifPresent(terminal -> terminal.controls(process));
    ends.start(this::kill);
  }

  /**
   * What goes to the program's standard input, unbuffered. Not empty only if that is a {@link Stdio#PIPE}; else what is
   * written is dropped.
   */
  @Override
  public OutputStream getOutputStream() {
    var stream = ends.toProgram(Provisions.name(Provisions.STDIN));
    return stream == null ? OutputStream.nullOutputStream() : stream;
  }

  /**
   * What comes from the program's standard output, unbuffered; empty unless that is a {@link Stdio#PIPE}. An interrupt or a
   * close ends a blocked read.
   */
  @Override
  public InputStream getInputStream() {
    return fromProgram(Provisions.STDOUT);
  }

  /** What comes from the program's standard error, likewise. */
  @Override
  public InputStream getErrorStream() {
    return fromProgram(Provisions.STDERR);
  }

  private InputStream fromProgram(int stream) {
    var found = ends.fromProgram(Provisions.name(stream));
    return found == null ? InputStream.nullInputStream() : found;
  }

  /**
   * What goes to the program through a parameter that is a {@link Stdio#PIPE} to read from, or a capability of kind {@code pipe}
   * that it reads from.
   *
   * @param name of the parameter, or of the capability
   * @throws IllegalArgumentException if there is none of that name
   */
  public OutputStream outputTo(String name) {
    return required(name, ends.toProgram(Place.key(name)), "reads from");
  }

  /**
   * What comes from the program through a parameter that is a {@link Stdio#PIPE} to write to, or a capability of kind
   * {@code pipe} that it writes to.
   *
   * @param name of the parameter, or of the capability
   * @throws IllegalArgumentException if there is none of that name
   */
  public InputStream inputFrom(String name) {
    return required(name, ends.fromProgram(Place.key(name)), "writes to");
  }

  /**
   * The memory that the program has as a capability of kind {@code memory}: what is written here, the program sees, and the
   * other way round, as far as its rights go. Whoever uses it has to expect that the program changes it at any time: read a
   * value once, then check it.
   *
   * @param capability its name in the policy
   * @return a view of all of it, in native byte order, with a position of its own; it stays valid after the program's end
   * @throws IllegalArgumentException if there is none of that name
   */
  public ByteBuffer memory(String capability) {
    var shared = ends.shared(capability);
    if (shared == null) {
      throw new IllegalArgumentException("'" + capability + "' is no memory that the program shares");
    }
    return shared.duplicate().order(ByteOrder.nativeOrder());
  }

  private static <T> T required(String name, @Nullable T stream, String what) {
    if (stream == null) {
      throw new IllegalArgumentException("'" + name + "' is no pipe that the program " + what);
    }
    return stream;
  }

  /** The pid as this JVM sees it. */
  @Override
  public long pid() {
    return process.pid();
  }

  /**
   * The program's process handle: the JDK's own if it is first asked for while the program runs. Afterwards the pid may be
   * another's, and the handle is one that says of a process what the JDK's does when it is no longer alive.
   */
  @Override
  public synchronized ProcessHandle toHandle() {
    var current = handle;
    if (current == null) {
      // The pid was the program's while the handle was made, if the program was not reaped by the time after that.
      current = ProcessHandle.of(pid()).filter(made -> isNotReaped()).orElseGet(() -> new EndedHandle(this));
      handle = current;
    }
    return current;
  }

  private boolean isNotReaped() {
    try {
      return process.signal(0);
    } catch (IOException unknown) {
      return false;
    }
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
      for (Attendant attendant : ends.attendants()) {
        attendant.drain(timeout.minusNanos(System.nanoTime() - begun));
      }
      if (denials.isPresent()) {
        denials.get().drain(timeout.minusNanos(System.nanoTime() - begun));
      }
    }
    return status;
  }

  /** Waits for the program's end and returns its exit status. */
  public ExitStatus exitStatus() throws InterruptedException, IOException {
    var status = process.waitFor();
    for (Attendant attendant : ends.attendants()) {
      attendant.drain(WITHOUT_END);
    }
    if (denials.isPresent()) {
      denials.get().drain(WITHOUT_END);
    }
    return status;
  }

  /**
   * Waits until the program has ended and all is there that is {@link Stdio#collect collected}. A program that takes longer
   * than the timeout is killed, and so is one that writes more than is to be collected.
   *
   * @throws CutShortException if the program was killed for that; with what was collected
   * @throws InterruptedException if the thread was interrupted; the program runs on
   */
  public Completed complete(Duration timeout) throws InterruptedException, IOException {
    long begun = System.nanoTime();
    boolean inTime = exitStatus(timeout).isPresent();
    for (PipeCollector collector : ends.collected().values()) {
      inTime = inTime && collector.await(timeout.minusNanos(System.nanoTime() - begun));
    }
    if (!inTime) {
      kill();
    }
    var status = process.waitFor();
    for (PipeCollector collector : ends.collected().values()) {
      collector.close(); // takes the rest of what a program wrote that was killed
    }
    var completed = new Completed(status, collected(Provisions.STDOUT), collected(Provisions.STDERR));
    for (var collector : ends.collected().entrySet()) {
      if (collector.getValue().hadTooMuch()) {
        throw new CutShortException(Reason.OUTPUT_LIMIT, "the program of '" + name + "' was killed: it wrote more than "
            + collector.getValue().limit() + " bytes to its " + collector.getKey(), completed);
      }
    }
    if (!inTime) {
      throw new CutShortException(Reason.TIMEOUT, "the program of '" + name + "' was killed: it ran for more than "
          + seconds(timeout) + " s", completed);
    }
    return completed;
  }

  /** Such as {@code 1} or {@code 0.25}. */
  private static String seconds(Duration time) {
    return BigDecimal.valueOf(time.toSeconds()).add(BigDecimal.valueOf(time.getNano(), 9)).stripTrailingZeros()
        .toPlainString();
  }

  private byte[] collected(int stream) throws IOException {
    var collector = ends.collected().get(Provisions.name(stream));
    return collector == null ? new byte[0] : collector.bytes();
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

  /** As {@link Process} has it from Java 24 on. */
  public boolean waitFor(Duration timeout) throws InterruptedException {
    try {
      return exitStatus(timeout).isPresent();
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

  /** The new terminal on which the program runs, if it inherits this JVM's. */
  public Optional<Terminal> terminal() {
    return ends.terminal();
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
    kill();
    return this;
  }

  private void kill() {
    try {
      process.kill();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
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

  /**
   * True if the program has ended because its sandbox needed more memory than {@code limits.memory} of its policy allows.
   * Known only where a cgroup limits the whole sandbox; elsewhere an allocation fails, and the program sees to that.
   */
  public boolean endedByMemoryLimit() {
    return process.endedByMemoryLimit();
  }

  /** True if the program has ended, and because it ran for as long as {@code limits.wall-time} of its policy allows. */
  public boolean endedByWallTime() {
    return process.endedByTimeLimit();
  }

  /**
   * The system calls that were refused until now, in the order in which they were first made. Calls that differ in nothing worth
   * telling are one; of one call at most 16 are listed, and 256 in all. Empty unless {@code system-calls.on-denied} of the policy
   * is {@code explain}. What the view or Landlock refuses is not among them.
   *
   * <p>When the program has ended, the list is complete.
   */
  public List<Denial> denials() {
    return denials.map(Denials::list).orElse(List.of());
  }

  /** How many refused calls were made after {@link #denials()} was full. */
  public long unlistedDenials() {
    return denials.map(Denials::untold).orElse(0L);
  }

  /**
   * Runs an action for each of {@link #denials()}, also those that there are already, in order, on the common pool. What waits
   * for the program's end waits for these actions too.
   */
  public void onDenial(Consumer<Denial> action) {
    denials.ifPresent(all -> all.onDenial(action));
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
