package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Reactor;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs, held by the pidfd under which it was an embryo. When it ends, everything else in its pid namespace
 * and in its cgroup is killed.
 *
 * <p>Thread-safe. Closing it kills the program unless it was detached.
 */
public final class RunningProcess implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(RunningProcess.class.getName());
  private static final Duration TRACER_PATIENCE = Duration.ofMillis(10);

  private final Child program;
  private final Optional<Child> init;
  private final Optional<ControlSocket> initControl;
  private final Optional<SandboxCgroup> cgroup;
  private final boolean guarded;
  private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> gone = new CompletableFuture<>();
  private boolean initIsGone; // used by the reactor only
  private volatile boolean detached; // any thread sets it, and never takes it back
  private volatile boolean overtime; // written by the reactor before the exit is complete, read by anybody, as the next
  private volatile boolean outOfMemory;

  /** @param guarded true if init is a guard, which may end before the program does, and must not */
  RunningProcess(Child program, Optional<Child> init, Optional<ControlSocket> initControl, Optional<SandboxCgroup> cgroup,
      boolean guarded) {
    this.program = program;
    this.init = init;
    this.initControl = initControl;
    this.cgroup = cgroup;
    this.guarded = guarded;
  }

  /** If that fails nobody watches, and the caller is alone with the processes. */
  void watch() throws IOException {
    var unwatchProgram = Reactor.shared().whenReadable(program.pidfd(), this::programEnded, this::unwatched);
    if (guarded) {
      try {
        watchInit();
      } catch (IOException failure) {
        unwatchProgram.run();
        throw failure;
      }
    }
  }

  private void watchInit() throws IOException {
    Reactor.shared().whenReadable(init.orElseThrow().pidfd(), this::initEnded, this::unwatched);
  }

  /** How the program ends, on the reactor's thread; for what stood here before it ran. */
  CompletableFuture<ExitStatus> exit() {
    return exit;
  }

  /** On the reactor: the status first, since init cannot end while a process of its namespace is not reaped. */
  private void programEnded() {
    try {
      var status = program.reap();
      if (status.isEmpty()) {
        afterTracer(this::programEnded);
        return;
      }
      outOfMemory = status.get().signal() == SIGKILL && cgroup.map(SandboxCgroup::ranOutOfMemory).orElse(false);
      exit.complete(status.get());
    } catch (LinuxException | RuntimeException failure) {
      exit.completeExceptionally(failure);
    }
    initControl.ifPresent(ControlSocket::close);
    program.close();
    if (init.isEmpty() || initIsGone) {
      removeCgroup();
    } else if (!guarded) {
      watchInitNow();
    }
  }

  private void watchInitNow() {
    try {
      watchInit();
    } catch (IOException failure) {
      unwatched(failure);
    }
  }

  private void initEnded() {
    try {
      if (init.orElseThrow().reap().isEmpty()) {
        afterTracer(this::initEnded);
        return;
      }
    } catch (LinuxException failure) {
      LOG.log(Level.DEBUG, "init was reaped by others", failure);
    }
    init.ifPresent(Child::close);
    initIsGone = true;
    if (exit.isDone()) {
      removeCgroup();
    } else {
      killUnguarded();
    }
  }

  /** The last of a sandbox, and the end of whatever its program has left behind where no pid namespace ends that. */
  private void removeCgroup() {
    if (cgroup.isEmpty()) {
      gone.complete(null);
    } else {
      cgroup.get().removeThen(() -> gone.complete(null), gone::completeExceptionally);
    }
  }

  /** A guard that was killed would not end the program with this JVM. */
  private void killUnguarded() {
    LOG.log(Level.WARNING, "the guard of process " + program.pid() + " has ended, so the process is killed");
    try {
      kill();
    } catch (IOException failure) {
      LOG.log(Level.ERROR, "a program without a guard could not be killed", failure);
    }
  }

  /** A process that has ended and is traced is its tracer's to wait for first, see ptrace(2); no event tells of that. */
  private static void afterTracer(Runnable again) {
    Reactor.shared().after(TRACER_PATIENCE, again);
  }

  /** Nobody will say when the processes end: whoever waits learns that, and {@link #close} ends them itself. */
  private void unwatched(IOException reason) {
    exit.completeExceptionally(reason);
    gone.completeExceptionally(reason);
  }

  /** The program's pid as this JVM sees it. */
  public int pid() {
    return program.pid();
  }

  /** False once the program has ended and its status is known. */
  public boolean isAlive() {
    return !exit.isDone();
  }

  /** The exit status, if the program has ended. */
  public Optional<ExitStatus> exitStatus() throws IOException {
    return exit.isDone() ? Optional.of(status()) : Optional.empty();
  }

  private ExitStatus status() throws IOException {
    try {
      return exit.get();
    } catch (ExecutionException failure) {
      throw failed(failure);
    } catch (InterruptedException interrupted) {
      throw new AssertionError("the status is there already", interrupted);
    }
  }

  /**
   * Completes when the program has ended. Whatever depends on the result runs on the common pool, never on a thread of
   * this library; cancelling it does not touch the program.
   */
  public CompletableFuture<ExitStatus> onExit() {
    return exit.thenApplyAsync(status -> status);
  }

  /**
   * Runs an action when every process of the sandbox is gone, on the thread that notices it: for bookkeeping that neither
   * blocks nor takes long. Everybody else uses {@link #onGone}. The action does not run if the end cannot be known.
   */
  public void whenGone(Runnable action) {
    gone.thenRun(action);
  }

  /** Completes when every process of the sandbox is gone and every descriptor of it is closed. */
  public CompletableFuture<@Nullable Void> onGone() {
    return gone.thenApplyAsync(nothing -> nothing);
  }

  /**
   * Waits for the program's end.
   *
   * @throws IOException if the status was lost because other code in this JVM took it, or closed descriptors of this
   *     library
   */
  public ExitStatus waitFor() throws InterruptedException, IOException {
    try {
      return exit.get();
    } catch (ExecutionException failure) {
      throw failed(failure);
    }
  }

  /** Waits for the program's end, at most as long as said; empty if it still runs then. */
  public Optional<ExitStatus> waitFor(Duration timeout) throws InterruptedException, IOException {
    try {
      return Optional.of(exit.get(Reactor.nanos(timeout), TimeUnit.NANOSECONDS));
    } catch (TimeoutException still) {
      return Optional.empty();
    } catch (ExecutionException failure) {
      throw failed(failure);
    }
  }

  static IOException failed(ExecutionException failure) {
    return failure.getCause() instanceof IOException cause ? cause : new IOException(failure.getCause());
  }

  /**
   * Sends the program a signal; see signal(7) for numbers.
   *
   * @return false if it has ended
   */
  public boolean signal(int signal) throws IOException {
    return program.signal(signal);
  }

  /**
   * Sends a signal to the process group that the program leads.
   *
   * @return false if the program has ended
   */
  public boolean signalGroup(int signal) throws IOException {
    return program.signalGroup(signal);
  }

  /**
   * Waits until the program is stopped, as by Ctrl-Z. One thread may do this.
   *
   * @return the signal that stopped it, or 0 if it has ended
   */
  public int awaitStop() throws IOException {
    return program.awaitStop();
  }

  /** Kills the program, and with it all processes of its pid namespace and of its cgroup. */
  public void kill() throws IOException {
    signal(SIGKILL);
  }

  private static final int SIGKILL = 9;

  /**
   * Kills the program when it has not ended by then.
   *
   * @return cancels the deadline
   */
  public Runnable killAfter(Duration timeout) {
    var cancel = Reactor.shared().after(timeout, () -> {
      try {
        kill();
      } catch (IOException failure) {
        LOG.log(Level.ERROR, "a program could not be killed at its deadline", failure);
      }
    });
    exit.whenComplete((status, failure) -> cancel.run()); // a deadline of days must not keep this object for days
    return cancel;
  }

  /**
   * Kills the program, and with it its pid namespace, when it has not ended by then: a limit of the program's own, which
   * is there to stay, and of which {@link #endedByTimeLimit} tells. The clock stands still while the machine sleeps, and a
   * JVM that is stopped kills when it goes on.
   */
  public void limitTime(Duration limit) {
    var cancel = Reactor.shared().after(limit, () -> {
      try {
        overtime = program.signal(SIGKILL);
      } catch (IOException failure) {
        LOG.log(Level.ERROR, "a program could not be killed when its time was up", failure);
      }
    });
    exit.whenComplete((status, failure) -> cancel.run());
  }

  /** True if the program has ended, and because its {@linkplain #limitTime time was up}. */
  public boolean endedByTimeLimit() {
    return overtime && exit.isDone() && !exit.isCompletedExceptionally() && exit.join().signal() == SIGKILL;
  }

  /**
   * True if the program was killed, and its cgroup has run out of memory before. Without a cgroup that limits memory: false.
   */
  public boolean endedByMemoryLimit() {
    return outOfMemory && exit.isDone();
  }

  /** The pidfd, which stays this object's: do not close it, and do not keep its number. It is closed at the end. */
  public Fd pidfd() {
    return program.pidfd();
  }

  /** From now on {@link #close} leaves the program running. It still ends with this JVM if it has a pid namespace or a guard. */
  public void detach() {
    detached = true;
  }

  /** Kills the program, unless it has ended or was detached, and waits until the sandbox is gone. */
  @Override
  public void close() throws IOException {
    if (detached) {
      return;
    }
    kill();
    try {
      gone.join();
    } catch (CompletionException unwatched) {
      endUnwatched();
    }
  }

  private synchronized void endUnwatched() throws IOException {
    initControl.ifPresent(ControlSocket::close);
    endUnwatched(program);
    if (init.isPresent()) {
      endUnwatched(init.get());
    }
    cgroup.ifPresent(SandboxCgroup::close);
  }

  private static void endUnwatched(Child child) throws IOException {
    if (child.pidfd().isOpen()) {
      child.end();
    }
  }
}
