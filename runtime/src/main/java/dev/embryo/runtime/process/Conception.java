package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.LinuxException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The making of one embryo: the sockets, and the processes as they come into being. {@link #abort} leaves nothing of them.
 * Used by one thread at a time.
 */
final class Conception {
  private static final System.Logger LOG = System.getLogger(Conception.class.getName());

  private final BirthPlan plan;
  private final FdPair control;
  private final @Nullable FdPair initControl;
  private final @Nullable FdPair peers; // the embryo's end, init's end
  private final ControlSocket embryoSocket;
  private final @Nullable ControlSocket initSocket;
  private final @Nullable SandboxCgroup cgroup;

  private int unheld; // what the zygote made, known by its pid only: the helper until it is reaped
  private @Nullable Child init;
  private @Nullable Child embryo;
  private Optional<ExitStatus> embryoEnd = Optional.empty();
  private boolean helperIsBusy; // has its message, so that it will make init and the embryo
  private @Nullable Exception postFailure;
  private @Nullable Supervisor supervisor;

  Conception(BirthPlan plan) throws IOException {
    this.plan = plan;
    control = FdPair.packets();
    FdPair socket = null;
    FdPair line = null;
    try {
      if (plan.init().isPresent()) {
        socket = FdPair.packets();
        line = FdPair.packets();
      }
      cgroup = plan.cgroup().isPresent() ? SandboxCgroup.make(plan.cgroup().get()) : null;
    } catch (IOException failure) {
      control.close();
      if (socket != null) {
        socket.close();
      }
      if (line != null) {
        line.close();
      }
      throw failure;
    }
    initControl = socket;
    peers = line;
    embryoSocket = new ControlSocket(control.first());
    initSocket = initControl == null ? null : new ControlSocket(initControl.first());
  }

  /** What the zygote is sent: the control socket, on its other side, of the process that it makes, and the cgroup. */
  int[] forZygote() {
    var supplies = new Supplies().descriptor(BirthPlan.CONTROL, control.second());
    if (initControl != null) {
      supplies.descriptor(BirthPlan.INIT_CONTROL, initControl.second());
    }
    if (cgroup != null) {
      supplies.descriptor(BirthPlan.CGROUP, cgroup.directory());
    }
    return supplies.descriptorsFor(plan.zygote());
  }

  /**
   * Sends all messages, while the first process is being made: each finds its own when it begins. A failure is kept for
   * {@link #begin}, which has to learn what is there to be ended.
   */
  void post(@Nullable BirthProgram program, Supplies supplies) {
    try {
      postAll(program, supplies);
    } catch (IOException | RuntimeException failure) {
      postFailure = failure;
    }
  }

  private void postAll(@Nullable BirthProgram program, Supplies supplies) throws IOException {
    if (initControl != null && initSocket != null && peers != null) {
      var helperProgram = plan.helper().orElseThrow();
      var initProgram = plan.init().orElseThrow();
      if (plan.watch().isPresent()) {
        initSocket.send(helperProgram, supplies.descriptorsFor(helperProgram, BirthPlan.CONTROL, control.second()),
            supplies.valuesFor(helperProgram));
      } else {
        embryoSocket.send(helperProgram, supplies.descriptorsFor(helperProgram, BirthPlan.INIT_CONTROL, initControl.second()),
            supplies.valuesFor(helperProgram));
      }
      helperIsBusy = true;
      initSocket.send(initProgram, supplies.descriptorsFor(initProgram, BirthPlan.PEER, peers.second()),
          supplies.valuesFor(initProgram));
      if (plan.watch().isPresent()) {
        var watch = plan.watch().get();
        var descriptors = cgroup == null
            ? supplies.descriptorsFor(watch)
            : supplies.descriptorsFor(watch, BirthPlan.CGROUP_KILL, cgroup.killSwitch());
        initSocket.send(watch, descriptors, supplies.valuesFor(watch));
      }
      peers.second().close();
      initControl.second().close();
    }
    if (program != null) {
      var descriptors = peers == null
          ? supplies.descriptorsFor(program)
          : supplies.descriptorsFor(program, BirthPlan.PEER, peers.first());
      embryoSocket.send(program, descriptors, supplies.valuesFor(program));
      if (peers != null) {
        peers.first().close(); // so that an embryo that dies is missed by init
      }
    }
  }

  /** Takes the zygote's reply, then the helper's: all processes exist after that, and are known, also if this fails. */
  void begin(Reply zygoteReply) throws IOException {
    control.second().close();
    if (zygoteReply.results().size() <= plan.cloneByZygote()) {
      zygoteReply.orThrow(plan.zygote());
    }
    unheld = pid(zygoteReply, plan.cloneByZygote());
    var failures = new ArrayList<Exception>();
    attempt(() -> hold(zygoteReply.orThrow(plan.zygote())), failures);
    if (helperIsBusy) {
      attempt(this::meetOthers, failures);
    }
    if (postFailure != null) {
      failures.add(postFailure);
    }
    if (!failures.isEmpty()) {
      var first = failures.remove(0);
      failures.forEach(first::addSuppressed);
      if (first instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw (IOException) first;
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void attempt(Attempt attempt, List<Exception> failures) {
    try {
      attempt.run();
    } catch (IOException | RuntimeException failure) {
      failures.add(failure);
    }
  }

  /** Takes the pidfd of what the zygote has made, unless that is a helper, which has none. */
  private void hold(Reply zygoteReply) throws IOException {
    if (plan.helper().isPresent() && plan.watch().isEmpty()) {
      return;
    }
    requireDescriptors(zygoteReply, 1);
    var child = new Child(unheld, zygoteReply.descriptors().get(0));
    unheld = 0;
    if (plan.helper().isEmpty()) {
      embryo = child;
    } else {
      init = child;
    }
  }

  private void meetOthers() throws IOException {
    var program = plan.helper().orElseThrow();
    if (plan.watch().isEmpty()) {
      meetChildrenOf(program);
    } else if (initSocket != null) {
      meetEmbryoOf(program, initSocket);
    }
  }

  private void meetChildrenOf(BirthProgram program) throws IOException {
    int initAt = program.operations().size() - 4; // then the embryo, then the two pidfds
    var reply = embryoSocket.receiveFarewell("the helper, which makes init and the embryo,");
    try {
      reply.orThrow(program);
      requireDescriptors(reply, 2);
    } catch (IOException failure) {
      endUnheld(reply, initAt + 1);
      endUnheld(reply, initAt);
      throw reply.results().size() > initAt ? causeAtInit(failure) : failure;
    }
    init = new Child(pid(reply, initAt), reply.descriptors().get(0));
    embryo = new Child(pid(reply, initAt + 1), reply.descriptors().get(1));
    announceEmbryo();
  }

  /** An init that has failed and ended takes the namespace along, in which nothing can be made any more. */
  private IOException causeAtInit(IOException failure) {
    try {
      return Objects.requireNonNull(initSocket).receive().flatMap(reply -> reply.failure(plan.init().orElseThrow()))
          .filter(cause -> !missesOther(cause)).<IOException>map(cause -> cause).orElse(failure);
    } catch (IOException none) {
      return failure;
    }
  }

  private void meetEmbryoOf(BirthProgram guard, ControlSocket socket) throws IOException {
    int embryoAt = guard.operations().size() - 4; // then its pidfd is moved and handed over
    var reply = socket.receiveReply("the guard, which makes the embryo,");
    try {
      reply.orThrow(guard);
      requireDescriptors(reply, 1);
    } catch (IOException failure) {
      endUnheld(reply, embryoAt);
      throw failure;
    }
    embryo = new Child(pid(reply, embryoAt), reply.descriptors().get(0));
    announceEmbryo();
  }

  private void announceEmbryo() throws LinuxException {
    if (peers != null && peers.first().isOpen()) {
      BirthPlan.announce(peers.first()); // for an embryo at rest, which says nothing itself
    }
  }

  private static int pid(Reply reply, int at) {
    return reply.results().get(at).intValue();
  }

  /** The kernel drops descriptors for which the receiver has no number free. */
  private static void requireDescriptors(Reply reply, int count) throws LinuxException {
    if (reply.descriptors().size() < count) {
      reply.descriptors().forEach(Fd::close);
      throw new LinuxException("receive a descriptor: this JVM has too many open files", Errno.EMFILE.number());
    }
  }

  private static void endUnheld(Reply reply, int at) {
    if (reply.results().size() > at) {
      Child.killByPid(pid(reply, at));
      Child.reapByPid(pid(reply, at));
    }
  }

  /** Waits until init has done its part and the helper is gone. */
  void awaitInit() throws IOException {
    if (initSocket != null && peers != null) {
      initSocket.receiveReply(plan.watch().isPresent() ? "the guard" : "init").orThrow(plan.init().orElseThrow());
      peers.first().close();
      reapUnheld();
    }
  }

  /** Has the embryo looked at. Init's part is over by then: it awaits that before its last operations. */
  void inspect(Checkpoint checkpoint) throws IOException {
    try {
      checkpoint.inspect(embryo().pid());
    } catch (IOException | RuntimeException failure) {
      abort();
      throw failure;
    }
  }

  /**
   * Waits until the embryo has become its program.
   *
   * @param supervision of a program that sends a listener
   */
  RunningProcess awaitExec(BirthProgram program, Optional<Supervision> supervision) throws IOException {
    try {
      Optional<Reply> reply = embryoSocket.receive();
      if (supervision.isPresent() && reply.isPresent() && reply.get().error() == 0) {
        supervise(reply.get(), supervision.get());
        reply = embryoSocket.receive();
      }
      awaitInit(program, reply);
      if (reply.isPresent()) {
        reply.get().orThrow(program);
        throw new IllegalArgumentException("the birth program does not end in an exec");
      }
      return committed();
    } catch (IOException failure) {
      var explained = explained(failure);
      abort();
      throw explained;
    } catch (RuntimeException failure) {
      abort();
      throw failure;
    }
  }

  /** Init and the embryo wait for each other: who has failed only because the other was gone is not the one to blame. */
  private void awaitInit(BirthProgram program, Optional<Reply> embryos) throws IOException {
    try {
      awaitInit();
    } catch (BirthException failure) {
      var other = embryos.flatMap(reply -> reply.failure(program));
      if (other.isPresent() && missesOther(failure) && !missesOther(other.get())) {
        throw other.get();
      }
      throw failure;
    }
  }

  private static boolean missesOther(BirthException failure) {
    return BirthPlan.isBetweenBoth(failure.operation())
        && (Errno.EPIPE.is(failure.errno()) || Errno.ECONNRESET.is(failure.errno()) || Errno.ESTALE.is(failure.errno()));
  }

  private void supervise(Reply reply, Supervision supervision) throws IOException {
    requireDescriptors(reply, 1);
    supervisor = Supervisor.start(reply.descriptors().get(0), supervision);
  }

  /** Before the cgroup is removed, which alone knows that a process was killed for want of memory. */
  IOException explained(IOException failure) {
    return cgroup != null && cgroup.ranOutOfMemory()
        ? new IOException("the sandbox's cgroup has run out of memory before the program began: "
            + plan.cgroup().orElseThrow().settings(), failure)
        : failure;
  }

  /** The running process, after the embryo's control socket has ended. */
  RunningProcess committed() throws IOException {
    Child child = embryo();
    if (!child.hasExecuted()) {
      throw endedEarly();
    }
    if (cgroup != null) {
      cgroup.apply(plan.cgroup().orElseThrow().afterwards());
    }
    embryoSocket.close();
    var process = new RunningProcess(child, Optional.ofNullable(init), Optional.ofNullable(initSocket),
        Optional.ofNullable(cgroup), plan.watch().isPresent());
    process.watch();
    if (supervisor != null) {
      process.whenGone(supervisor::stop);
    }
    return process;
  }

  /** What to say of an embryo whose control socket has ended before its program began. */
  IOException endedEarly() {
    embryoEnd = end(embryo);
    String what = "the embryo ended before its program began";
    int error = embryoEnd.map(ExitStatus::code).orElse(0); // the stub's exit status is an error number
    return error != 0
        ? new LinuxException(what, error)
        : new EOFException(what + embryoEnd.map(status -> ": " + status).orElse(""));
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

  private void reapUnheld() {
    if (unheld != 0) {
      Child.reapByPid(unheld);
      unheld = 0;
    }
  }

  /**
   * Ends and reaps whatever exists, and closes every descriptor.
   *
   * @return how the embryo ended, if there was one that did not become a running process
   */
  Optional<ExitStatus> abort() {
    if (supervisor != null) {
      supervisor.stop();
    }
    control.close();
    if (initControl != null) {
      initControl.close();
    }
    if (peers != null) {
      peers.close();
    }
    if (unheld != 0) {
      Child.killByPid(unheld);
      reapUnheld();
    }
    var status = end(embryo); // before init, which cannot end while a process of its namespace is not reaped
    end(init);
    if (cgroup != null) {
      cgroup.close();
    }
    embryoEnd = status.isPresent() ? status : embryoEnd;
    return embryoEnd;
  }

  private static Optional<ExitStatus> end(@Nullable Child child) {
    if (child == null || !child.pidfd().isOpen()) {
      return Optional.empty();
    }
    try {
      return child.end();
    } catch (LinuxException failure) {
      LOG.log(Level.WARNING, "an embryo could not be ended", failure);
      return Optional.empty();
    }
  }
}
