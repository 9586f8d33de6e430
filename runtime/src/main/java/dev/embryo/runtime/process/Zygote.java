package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.Baseline;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes embryos. Behind it stands one tiny native process, started when it is first needed and replaced when it dies;
 * embryos and programs are children of this JVM, not of that process, and survive it.
 *
 * <p>Thread-safe. One zygote serves a whole JVM ({@link #shared()}). Embryos get from it, and so from the launcher, only:
 * credentials, resource limits, processor affinity, oom_score_adj and the cgroup. Everything else is set, once, by
 * {@link Baseline}.
 */
public final class Zygote implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Zygote.class.getName());

  private static final class Shared {
    static final Zygote INSTANCE = new Zygote();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Native process; // guarded by lock
  private boolean closed; // guarded by lock

  private Zygote() {}

  /** The zygote that everybody in this JVM uses. It must not be closed. */
  public static Zygote shared() {
    return Shared.INSTANCE;
  }

  /**
   * A zygote of the caller's own, already started.
   *
   * @throws IOException if the native process cannot be started
   */
  public static Zygote start() throws IOException {
    var zygote = new Zygote();
    zygote.lock.lock();
    try {
      zygote.process = Native.start();
    } finally {
      zygote.lock.unlock();
    }
    return zygote;
  }

  /**
   * Starts the native process now, unless it runs: else the first launch does it.
   *
   * @throws IOException if it cannot be started
   */
  public void prepare() throws IOException {
    lock.lock();
    try {
      if (!closed && process == null) {
        process = Native.start();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes an embryo and leaves it at rest, to be configured step by step.
   *
   * @throws BirthException if the kernel refuses a step; nothing is left then
   */
  public Embryo embryo(BirthPlan plan) throws IOException {
    return embryo(plan, new Supplies());
  }

  /**
   * As {@link #embryo(BirthPlan)}, for a plan whose own programs name descriptors or numbers.
   *
   * @param supplies what they stand for
   */
  public Embryo embryo(BirthPlan plan, Supplies supplies) throws IOException {
    return Embryo.atRest(plan, conceive(plan, null, supplies), supplies);
  }

  /**
   * Makes an embryo that has the launcher's own identity, in namespaces of its own. With {@link Namespace#USER} it is
   * user and group 1000 there, and has all capabilities until its program begins, which has none; an ordinary user can
   * make the other namespaces only together with that one. With {@link Namespace#MOUNT} its root is empty unless it is
   * given another.
   *
   * @throws BirthException if the kernel refuses a step; nothing is left then
   */
  public Embryo embryo(Set<Namespace> namespaces) throws IOException {
    return embryo(OwnIdentity.plan(namespaces));
  }

  /**
   * Makes an embryo, lets it execute a program that ends in its exec, and returns when the new image runs. All messages
   * are on their way before the first process exists, so no step waits for this JVM.
   *
   * @param program begins with the plan's {@link BirthPlan#begin()}, holds its {@link BirthPlan#awaitInit()} and ends
   *     with execveat
   * @param supplies what the program's descriptors and slots stand for
   * @throws BirthException if the kernel refuses a step; nothing is left then
   */
  public RunningProcess launch(BirthPlan plan, BirthProgram program, Supplies supplies) throws IOException {
    return launch(plan, program, supplies, Optional.empty(), Optional.empty());
  }

  /**
   * As {@link #launch(BirthPlan, BirthProgram, Supplies)}.
   *
   * @param supervision who answers for a program that installs its filter by {@link dev.embryo.runtime.birth.Arming#supervised}
   * @param checkpoint of a program that {@linkplain Checkpoint#in has one}
   */
  public RunningProcess launch(BirthPlan plan, BirthProgram program, Supplies supplies, Optional<Supervision> supervision,
      Optional<Checkpoint> checkpoint) throws IOException {
    var conception = conceive(plan, program, supplies);
    if (checkpoint.isPresent()) {
      conception.inspect(checkpoint.get());
    }
    return conception.awaitExec(program, supervision);
  }

  private Conception conceive(BirthPlan plan, @Nullable BirthProgram program, Supplies supplies) throws IOException {
    try {
      return conceiveOnce(plan, program, supplies);
    } catch (ZygoteGoneException gone) {
      LOG.log(Level.WARNING, "the zygote has died; another takes its place: " + gone.getMessage());
      return conceiveOnce(plan, program, supplies);
    }
  }

  /** Begins from nothing, also at a second attempt: the first one's sockets may have reached a process. */
  private Conception conceiveOnce(BirthPlan plan, @Nullable BirthProgram program, Supplies supplies)
      throws IOException {
    var conception = new Conception(plan);
    try {
      conception.begin(ask(plan, conception, () -> conception.post(program, supplies)));
      return conception;
    } catch (IOException failure) {
      var explained = conception.explained(failure);
      conception.abort();
      throw explained;
    } catch (RuntimeException failure) {
      conception.abort();
      throw failure;
    }
  }

  /** @param meanwhile what the launcher does while the zygote clones; it must not throw, for the reply has to be taken */
  private Reply ask(BirthPlan plan, Conception conception, Runnable meanwhile) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the zygote is closed");
      }
      if (process == null) {
        process = Native.start();
      }
      var current = process;
      try {
        return current.run(plan.zygote(), conception.forZygote(), meanwhile);
      } catch (ZygoteGoneException gone) {
        current.close();
        process = null;
        throw gone;
      }
    } finally {
      lock.unlock();
    }
  }

  /** The native process's pid, or 0 while there is none. */
  public int pid() {
    lock.lock();
    try {
      return process == null ? 0 : process.child.pid();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the native process. Embryos and running processes are not touched. */
  @Override
  public void close() {
    if (this == Shared.INSTANCE) {
      throw new IllegalStateException("the shared zygote serves the whole JVM and must not be closed");
    }
    lock.lock();
    try {
      closed = true;
      if (process != null) {
        process.close();
        process = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** One native zygote process. Used under the lock. */
  private static final class Native {
    private final ControlSocket control;
    private final Child child;

    private Native(ControlSocket control, Child child) {
      this.control = control;
      this.child = child;
    }

    static Native start() throws IOException {
      try (var sockets = FdPair.packets()) {
        var child = child(NativeStub.spawn(sockets.second()));
        sockets.second().close();
        var process = new Native(new ControlSocket(Fd.own(sockets.first().take())), child);
        try {
          process.control.send(Baseline.PROGRAM, new int[0]);
          var unsent = process.sendKeyring();
          process.control.receiveReply("it").orThrow(Baseline.PROGRAM); // it says why it has ended, where sending says that it has
          if (unsent.isPresent()) {
            throw unsent.get();
          }
          process.control.receiveReply("it"); // allowed or not
        } catch (IOException failure) {
          process.close();
          throw new IOException("the zygote did not start: " + failure.getMessage(), failure);
        }
        return process;
      }
    }

    private Optional<IOException> sendKeyring() {
      try {
        control.send(Baseline.KEYRING, new int[0]);
        return Optional.empty();
      } catch (IOException failure) {
        return Optional.of(failure);
      }
    }

    private static Child child(int pid) throws LinuxException {
      try {
        long pidfd = Libc.syscall(SystemCalls.number("pidfd_open"), pid, 0, 0, 0, 0, 0);
        return new Child(pid, Fd.own((int) LinuxException.check("open a pidfd", pidfd)));
      } catch (LinuxException failure) {
        Child.killByPid(pid);
        Child.reapByPid(pid);
        throw failure;
      }
    }

    /** The reply, which may be that something failed, after a process was made. */
    Reply run(BirthProgram program, int[] descriptors, Runnable meanwhile) throws IOException {
      try {
        control.send(program, descriptors);
      } catch (IOException dead) {
        throw new ZygoteGoneException(dead);
      }
      meanwhile.run();
      try {
        return control.receiveReply("it");
      } catch (IOException dead) {
        throw new ZygoteGoneException(dead);
      }
    }

    void close() {
      control.close();
      try {
        child.end();
      } catch (IOException failure) {
        LOG.log(Level.WARNING, "the zygote could not be ended", failure);
      }
    }
  }

  /** The native process died under a request, and the request is worth another attempt. */
  private static final class ZygoteGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ZygoteGoneException(IOException cause) {
      super("the zygote died: " + cause.getMessage(), cause);
    }
  }
}
