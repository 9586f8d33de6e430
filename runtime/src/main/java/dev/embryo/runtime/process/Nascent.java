package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.LinuxException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The process that an {@link Embryo} and then a {@link ReadyEmbryo} stand for, from its being at rest until it has started
 * or is gone.
 *
 * <p>Thread-safe. Whoever changes it holds {@link #turn}; {@link #destroy} does not wait for that turn, but kills the
 * process, at which the one who has the turn learns that it is gone.
 */
final class Nascent {
  private static final System.Logger LOG = System.getLogger(Nascent.class.getName());

  enum State {
    AT_REST("at rest"),
    READY("ready: it can only be started or killed"),
    STARTED("started already"),
    GONE("gone");

    private final String text;

    State(String text) {
      this.text = text;
    }
  }

  /** One batch, or one start, at a time. */
  final ReentrantLock turn = new ReentrantLock();

  private final Conception conception;
  private final CompletableFuture<ExitStatus> end = new CompletableFuture<>();
  private State state = State.AT_REST; // guarded by this

  Nascent(Conception conception) {
    this.conception = conception;
  }

  int pid() {
    return conception.embryo().pid();
  }

  Fd pidfd() {
    return conception.embryo().pidfd();
  }

  /** How it ends, whether it was started or not. Dependents run on this library's threads: only wait for it. */
  CompletableFuture<ExitStatus> end() {
    return end;
  }

  synchronized State state() {
    return state;
  }

  /**
   * @throws IllegalStateException unless the state is that one
   */
  synchronized void require(State required) {
    if (state != required) {
      throw new IllegalStateException("the embryo is " + state.text);
    }
  }

  /** No more configuring. */
  synchronized void freeze() {
    require(State.AT_REST);
    state = State.READY;
  }

  private synchronized boolean change(State from, State to) {
    boolean changed = state == from;
    state = changed ? to : state;
    return changed;
  }

  /**
   * Lets the process execute a program and stay at rest. Any failure destroys it: it is never half configured.
   *
   * @throws IllegalArgumentException if a supply is missing; nothing has happened then
   */
  List<Long> run(BirthProgram program, Supplies supplies) throws IOException {
    var descriptors = supplies.descriptorsFor(program);
    var values = supplies.valuesFor(program);
    try {
      conception.socket().send(program, descriptors, values);
      var reply = conception.socket().receive();
      if (reply.isEmpty()) {
        throw destroyed();
      }
      reply.get().descriptors().forEach(Fd::close);
      return reply.get().orThrow(program).results();
    } catch (IOException | RuntimeException failure) {
      destroy();
      throw failure;
    }
  }

  private IOException destroyed() {
    return state() == State.GONE
        ? new EOFException("the embryo was closed by another thread")
        : conception.endedEarly();
  }

  /** The last batch, which ends in the exec. */
  RunningProcess start(LastBatch last) throws IOException {
    State before = state();
    try {
      conception.socket().send(last.program(), last.descriptors(), last.values());
      Optional<Reply> reply = conception.socket().receive();
      if (reply.isPresent()) {
        reply.get().descriptors().forEach(Fd::close);
        reply.get().orThrow(last.program());
        throw new IllegalStateException("the kernel's execveat returned");
      }
      return started(before);
    } catch (ExecException failure) {
      if (before == State.READY || !last.mayBeRetried()) {
        destroy();
      }
      throw failure.explainedBy(last.executable());
    } catch (IOException | RuntimeException failure) {
      destroy();
      throw failure;
    }
  }

  private RunningProcess started(State before) throws IOException {
    if (state() == State.GONE) {
      throw destroyed();
    }
    var process = conception.committed();
    if (!change(before, State.STARTED)) { // destroyed in this very moment: it must not outlive that
      process.close();
      throw destroyed();
    }
    process.exit().whenComplete((status, failure) -> {
      if (failure != null) {
        end.completeExceptionally(failure);
      } else {
        end.complete(status);
      }
    });
    return process;
  }

  /** Leaves nothing of the process, unless it has started. */
  void destroy() {
    synchronized (this) {
      if (state == State.STARTED) {
        return;
      }
      state = State.GONE;
    }
    try {
      conception.embryo().kill(); // frees a thread that waits for its answer
    } catch (LinuxException failure) {
      LOG.log(Level.WARNING, "an embryo could not be killed", failure);
    }
    turn.lock();
    try {
      conception.abort().ifPresent(end::complete);
      end.completeExceptionally(new IOException("it is not known how the embryo ended"));
    } finally {
      turn.unlock();
    }
  }
}
