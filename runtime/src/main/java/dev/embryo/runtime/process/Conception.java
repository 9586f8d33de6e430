package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.linux.LinuxException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The making of one embryo: the sockets, and the processes as they come into being. {@link #abort} leaves nothing of them.
 * Used by one thread.
 */
final class Conception {
  private static final System.Logger LOG = System.getLogger(Conception.class.getName());

  private final BirthPlan plan;
  private final FdPair control;
  private final @Nullable FdPair initControl;
  private final @Nullable FdPair armed;
  private final ControlSocket embryoSocket;
  private final @Nullable ControlSocket initSocket;

  private int helper; // 0 once it is reaped
  private @Nullable Child init;
  private @Nullable Child embryo;

  Conception(BirthPlan plan) throws IOException {
    this.plan = plan;
    control = FdPair.packets();
    try {
      initControl = plan.init().isPresent() ? FdPair.packets() : null;
      armed = plan.init().isPresent() ? FdPair.pipe() : null;
    } catch (IOException failure) {
      control.close();
      throw failure;
    }
    embryoSocket = new ControlSocket(control.first());
    initSocket = initControl == null ? null : new ControlSocket(initControl.first());
  }

  /** The embryo's end of its control socket, for the zygote to give it. */
  Fd childSocket() {
    return control.second();
  }

  /** Sends all messages, while the first process is being made: each finds its own when it begins. */
  void post(@Nullable BirthProgram program, Supplies supplies) throws IOException {
    if (initControl != null && initSocket != null && armed != null) {
      var helperProgram = plan.helper().orElseThrow();
      var initProgram = plan.init().orElseThrow();
      embryoSocket.send(helperProgram, new int[] {initControl.second().number()}, supplies.valuesFor(helperProgram));
      initSocket.send(initProgram, new int[] {armed.second().number()}, supplies.valuesFor(initProgram));
      armed.second().close();
      initControl.second().close();
      supplies.descriptor(BirthPlan.INIT_READY, armed.first());
    }
    if (program != null) {
      embryoSocket.send(program, supplies.descriptorsFor(program), supplies.valuesFor(program));
    }
    if (armed != null) {
      armed.first().close();
    }
  }

  /** Takes the zygote's reply, then the helper's: all processes exist after that. */
  void begin(Reply zygoteReply) throws IOException {
    control.second().close();
    int pid = zygoteReply.results().get(0).intValue();
    if (plan.helper().isEmpty()) {
      embryo = new Child(pid, zygoteReply.descriptors().get(0));
      return;
    }
    helper = pid;
    var program = plan.helper().orElseThrow();
    int last = program.operations().size();
    int initAt = last - 4; // then the embryo, then the two pidfds
    var reply = embryoSocket.receiveReply();
    if (reply.error() != 0 && reply.results().size() > initAt) {
      reapUnheldInit(reply.results().get(initAt).intValue());
    }
    reply.orThrow(program);
    init = new Child(reply.results().get(initAt).intValue(), reply.descriptors().get(0));
    embryo = new Child(reply.results().get(initAt + 1).intValue(), reply.descriptors().get(1));
  }

  private void reapUnheldInit(int pid) {
    Child.killByPid(pid);
    Child.reapByPid(pid);
  }

  /** Waits until init is armed and the helper is gone. */
  void awaitInit() throws IOException {
    if (initSocket != null) {
      initSocket.receiveReply().orThrow(plan.init().orElseThrow());
      reapHelper();
    }
  }

  /** Waits until the embryo has become its program. */
  RunningProcess awaitExec(BirthProgram program) throws IOException {
    try {
      Optional<Reply> reply = embryoSocket.receive();
      awaitInit();
      if (reply.isPresent()) {
        reply.get().orThrow(program);
        throw new IllegalArgumentException("the birth program does not end in an exec");
      }
      return committed();
    } catch (IOException | RuntimeException failure) {
      abort();
      throw failure;
    }
  }

  /** The running process, after the embryo's control socket has ended. */
  RunningProcess committed() throws IOException {
    Child child = embryo();
    if (!child.hasExecuted()) {
      var status = child.reap();
      throw new EOFException("the embryo ended before its program began"
          + status.map(s -> ": " + s).orElse(""));
    }
    embryoSocket.close();
    var process = new RunningProcess(child, Optional.ofNullable(init), Optional.ofNullable(initSocket));
    process.watch();
    return process;
  }

  Child embryo() {
    if (embryo == null) {
      throw new IllegalStateException("there is no embryo yet");
    }
    return embryo;
  }

  ControlSocket socket() {
    return embryoSocket;
  }

  private void reapHelper() {
    if (helper != 0) {
      Child.reapByPid(helper);
      helper = 0;
    }
  }

  /** Ends and reaps whatever exists, and closes every descriptor. */
  void abort() {
    control.close();
    if (initControl != null) {
      initControl.close();
    }
    if (armed != null) {
      armed.close();
    }
    if (helper != 0) {
      Child.killByPid(helper);
      reapHelper();
    }
    end(embryo);
    end(init);
  }

  private static void end(@Nullable Child child) {
    if (child == null) {
      return;
    }
    try (child) {
      child.kill();
      Child.reapByPid(child.pid());
    } catch (LinuxException failure) {
      LOG.log(Level.WARNING, "an embryo could not be ended", failure);
    }
  }
}
