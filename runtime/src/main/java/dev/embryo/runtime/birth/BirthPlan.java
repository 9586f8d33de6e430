package dev.embryo.runtime.birth;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The programs of all the processes that take part in one birth.
 *
 * <pre>
 * with a pid namespace                          without
 *
 *   zygote                                        zygote
 *     | clone3(namespaces)                          | clone3(namespaces)
 *   helper: maps its user, unshares pids          embryo: maps its user, then its own operations
 *     | clone3          | clone3
 *   init (pid 1)      embryo (pid 2)
 * </pre>
 *
 * <p>All of them are children of the launcher (CLONE_PARENT), so that it can wait for them. The helper ends when both are
 * made. Init holds nothing but its control socket, whose end takes the whole namespace with it. The embryo goes on to its
 * exec only when init has said, through a socket that the two share, that it has done its part and is armed, and only if
 * both have the same root.
 *
 * <p>Without a pid namespace no kernel mechanism ends a program with its launcher. There a guard can: the first process,
 * which does the helper's work and init's, holds the embryo's pidfd besides its control socket, and kills the program
 * when that socket ends.
 *
 * <pre>
 * with a guard
 *
 *   zygote
 *     | clone3(namespaces)
 *   guard: maps its user, makes the root, stays
 *     | clone3
 *   embryo
 * </pre>
 *
 * @param zygote what the zygote is asked to do
 * @param helper what prepares the namespaces and makes the others; absent if the zygote makes the embryo itself
 * @param init what pid 1 does; what a guard does to get ready; absent with neither
 * @param watch what a guard does until its control socket ends, and then; absent without a guard
 * @param begin what the embryo does before anything else
 * @param awaitInit what the embryo does before its exec and before it uses any path; init works meanwhile
 * @param cgroup the cgroup in which all of them begin; absent if that is the zygote's
 */
public record BirthPlan(
    Set<Namespace> namespaces,
    BirthProgram zygote,
    Optional<BirthProgram> helper,
    Optional<BirthProgram> init,
    Optional<BirthProgram> watch,
    Fragment begin,
    Fragment awaitInit,
    Optional<CgroupPlan> cgroup) {
  /** The control sockets and the line between init and embryo, by the names under which the launcher supplies them. */
  public static final String CONTROL = "control";
  public static final String INIT_CONTROL = "init's control";
  public static final String PEER = "peer";

  /** The cgroup, and the file that kills it, by the names under which the launcher supplies them. */
  public static final String CGROUP = "cgroup";
  public static final String CGROUP_KILL = "cgroup.kill";

  private static final String TELL_INIT = "tell init that the embryo exists";
  private static final String AWAIT_EMBRYO = "wait for the embryo";
  private static final String AWAIT_INIT = "wait for init";
  private static final byte[] EXISTS = {'1'};
  private static final Operand KEPT_PIDFD = new Operand.Value(16, "{embryo}"); // far from what the stub itself opens
  private static final Operand SIGKILL = new Operand.Value(9, "SIGKILL");
  private static final int POLLIN = 1;
  private static final int STATX_BYTES = 256;
  private static final int STATX_DEVICE = 136; // major and minor, four bytes each
  private static final int IDENTITY_BYTES = 8;
  private static final int CLONE_ARGS_BYTES = 64; // CLONE_ARGS_SIZE_VER0, 5.3
  private static final int CLONE_ARGS_BYTES_WITH_CGROUP = 88; // CLONE_ARGS_SIZE_VER2, 5.7
  private static final int CGROUP_NUMBER = 8;

  public BirthPlan {
    namespaces = Set.copyOf(namespaces);
  }

  /**
   * A plan for an embryo in namespaces of its own, whose root is that of its mount namespace.
   *
   * @param namespaces which ones; everything else is shared with the launcher
   * @param prepare what the first process in them does: its identity, the host's name
   * @param arm how init arms itself, see {@link Arming#init}; not used without a pid namespace
   */
  public static BirthPlan of(Set<Namespace> namespaces, Fragment prepare, Fragment arm) {
    return namespaces.contains(Namespace.PID)
        ? withInit(namespaces, prepare, Fragment.NONE, arm)
        : new BirthPlan(namespaces, zygote(namespaces, true, CONTROL), Optional.empty(), Optional.empty(), Optional.empty(),
            prepare, Fragment.NONE, Optional.empty());
  }

  /**
   * A plan in which init makes the root that both will have, while the embryo gets ready.
   *
   * @param namespaces with PID and MOUNT among them
   * @param root makes the root and enters it, {@link #awaitEmbryo} having been done before
   */
  public static BirthPlan withRoot(Set<Namespace> namespaces, Fragment prepare, Fragment root, Fragment arm) {
    if (!namespaces.containsAll(Set.of(Namespace.PID, Namespace.MOUNT))) {
      throw new IllegalArgumentException("init makes a root in a mount namespace: " + namespaces);
    }
    return withInit(namespaces, prepare, root, arm);
  }

  /**
   * A plan without a pid namespace, whose guard ends the program when the launcher has ended.
   *
   * @param namespaces without PID
   * @param prepare what the first process does: its identity, the host's name
   * @param root makes the root and enters it, as for {@link #withRoot}; none with the root of the launcher
   * @param arm how the guard arms itself, see {@link Arming#guard}
   */
  public static BirthPlan guarded(Set<Namespace> namespaces, Fragment prepare, Fragment root, Fragment arm) {
    if (namespaces.contains(Namespace.PID)) {
      throw new IllegalArgumentException("a pid namespace needs no guard: " + namespaces);
    }
    var guard = BirthProgram.builder();
    prepare.addTo(guard);
    var pidfd = guard.bytes(new byte[8], "&embryo");
    guard.purpose("make the embryo").cloneEmbryo(cloneArguments(guard, List.of(), pidfd), guard.received(CONTROL));
    guard.purpose("keep the embryo's pidfd");
    guard.call("dup3", new Operand.Load(pidfd.offset()), KEPT_PIDFD, Constant.O_CLOEXEC);
    guard.call("close", new Operand.Load(pidfd.offset()));
    guard.purpose("hand over the pidfd").send(KEPT_PIDFD);

    return new BirthPlan(namespaces, zygote(namespaces, true, INIT_CONTROL), Optional.of(guard.build()),
        Optional.of(getReady(root, arm)), Optional.of(killAtEnd(false)), Fragment.NONE, BirthPlan::awaitInit,
        Optional.empty());
  }

  /**
   * This plan, with all processes in a cgroup of their own from their beginning. A guard then kills the whole of it, and not
   * the program alone.
   */
  public BirthPlan inCgroup(CgroupPlan plan) {
    boolean guarded = watch.isPresent();
    return new BirthPlan(namespaces,
        zygote(namespaces, guarded || helper.isEmpty(), guarded ? INIT_CONTROL : CONTROL, true), helper, init,
        guarded ? Optional.of(killAtEnd(true)) : watch, begin, awaitInit, Optional.of(plan));
  }

  /** The position, among the zygote's operations, of the one that makes a process. */
  public int cloneByZygote() {
    return cgroup.isPresent() ? 1 : 0;
  }

  /** Whatever wakes the guard up, the program does not survive it. */
  private static BirthProgram killAtEnd(boolean wholeCgroup) {
    var watch = BirthProgram.builder();
    var control = watch.words("{fd=0, events=0x1}", (long) POLLIN << 32); // the control socket
    watch.purpose("wait for the launcher's end")
        .callTolerating(Errno.EINTR, "ppoll", control, 1, 0, 0, 0);
    if (wholeCgroup) {
      var one = watch.bytes(new byte[] {'1'}, "\"1\"");
      watch.purpose("kill all processes of the sandbox").call("write", watch.received(CGROUP_KILL), one, one.length());
    }
    watch.purpose("kill the program").callTolerating(Errno.ESRCH, "pidfd_send_signal", KEPT_PIDFD, SIGKILL, 0, 0);
    return watch.buildFinal();
  }

  /**
   * In the embryo, first of all: tells init that the embryo exists. Entering a new root changes the roots of the processes
   * that the kernel knows; one that is only just being cloned would keep the old root.
   */
  public static void announceEmbryo(BirthProgram.Builder program) {
    program.purpose(TELL_INIT)
        .call("write", program.received(PEER), program.bytes(EXISTS, "\"1\""), EXISTS.length);
  }

  /** As {@link #announceEmbryo}, by a launcher that has init's peer itself. An init that does not wait may be done. */
  public static void announce(Fd peer) throws LinuxException {
    var exists = Libc.allocate(EXISTS.length).put(0, EXISTS);
    if (Libc.write(peer.number(), Libc.address(exists), EXISTS.length) == -1 && !Errno.EPIPE.is(Libc.errno())) {
      throw new LinuxException(TELL_INIT, Libc.errno());
    }
  }

  /** In init, before it enters a new root: waits until the embryo exists. */
  public static void awaitEmbryo(BirthProgram.Builder program) {
    var word = program.bytes(new byte[EXISTS.length], "&word");
    program.purpose(AWAIT_EMBRYO).call("read", program.received(PEER), word, EXISTS.length);
    program.compare(word.offset(), program.bytes(EXISTS, "\"1\"")); // the end of the socket says nothing
  }

  /** Whether init and the embryo learn by an operation that the other is there; else it fails. */
  public static boolean isBetweenBoth(Operation operation) {
    return Set.of(TELL_INIT, AWAIT_EMBRYO, AWAIT_INIT).contains(operation.purpose());
  }

  private static BirthPlan withInit(Set<Namespace> namespaces, Fragment prepare, Fragment root, Fragment arm) {
    var helper = BirthProgram.builder();
    prepare.addTo(helper);
    helper.purpose("make the pid namespace").call("unshare", Constant.CLONE_NEWPID);
    var initPidfd = helper.bytes(new byte[8], "&init");
    helper.purpose("make init").cloneEmbryo(cloneArguments(helper, List.of(), initPidfd), helper.received(INIT_CONTROL));
    var embryoPidfd = helper.bytes(new byte[8], "&embryo");
    helper.purpose("make the embryo").cloneEmbryo(cloneArguments(helper, List.of(), embryoPidfd), 0);
    helper.purpose("hand over the pidfds").send(new Operand.Load(initPidfd.offset()));
    helper.send(new Operand.Load(embryoPidfd.offset()));

    return new BirthPlan(namespaces, zygote(namespaces, false, CONTROL), Optional.of(helper.buildFinal()),
        Optional.of(getReady(root, arm)), Optional.empty(), Fragment.NONE, BirthPlan::awaitInit, Optional.empty());
  }

  /** What init does, or a guard. */
  private static BirthProgram getReady(Fragment root, Fragment arm) {
    var init = BirthProgram.builder();
    root.addTo(init);
    init.purpose("tell the embryo that init is ready, and which root they have");
    int identity = statRoot(init);
    arm.addTo(init);
    init.purpose("tell the embryo that init is ready, and which root they have").callTolerating(Errno.EPIPE, "write",
        init.received(PEER), new Operand.Data(identity, IDENTITY_BYTES, "&root"), IDENTITY_BYTES);
    return init.build();
  }

  /** An init that has died has sent nothing, and an embryo in another root than init's must not go on. */
  private static void awaitInit(BirthProgram.Builder program) {
    var theirs = program.bytes(new byte[IDENTITY_BYTES], "&theirs");
    program.purpose(AWAIT_INIT).call("read", program.received(PEER), theirs, IDENTITY_BYTES);
    int ours = statRoot(program);
    program.compare(ours, theirs.offset(), IDENTITY_BYTES, "the root is init's");
  }

  /** The place in the data of what tells one mounted root from another: its device, which a tmpfs has for itself. */
  private static int statRoot(BirthProgram.Builder program) {
    var status = program.bytes(new byte[STATX_BYTES], "&root");
    program.call("statx", Constant.AT_FDCWD, program.string("/"), 0, Constant.STATX_INO, status);
    return status.offset() + STATX_DEVICE;
  }

  private static BirthProgram zygote(Set<Namespace> namespaces, boolean withPidfd, String control) {
    return zygote(namespaces, withPidfd, control, false);
  }

  /** In a structure a descriptor has to have a number that is known, hence the place. The next request replaces it. */
  private static BirthProgram zygote(Set<Namespace> namespaces, boolean withPidfd, String control, boolean inCgroup) {
    var program = BirthProgram.builder();
    var flags = new ArrayList<Constant>();
    for (Namespace namespace : Namespace.values()) {
      if (namespaces.contains(namespace) && namespace != Namespace.PID) {
        flags.add(namespace.flag());
      }
    }
    if (inCgroup) {
      program.purpose("place the cgroup").place(CGROUP, CGROUP_NUMBER);
    }
    program.purpose((namespaces.isEmpty() ? "make a process" : "make a process in namespaces of its own")
        + (inCgroup ? ", in its cgroup" : ""));
    var pidfd = program.bytes(new byte[8], "&pidfd");
    program.cloneEmbryo(cloneArguments(program, flags, withPidfd ? pidfd : null, inCgroup), program.received(control));
    if (inCgroup) {
      program.call("close", CGROUP_NUMBER);
    }
    if (withPidfd) {
      program.purpose("hand over the pidfd").send(new Operand.Load(pidfd.offset()));
    }
    return program.buildSurvivingFailure();
  }

  /** A struct clone_args. The exit signal has to be 0 with CLONE_PARENT, which takes over that of the process that clones: SIGCHLD. */
  private static Operand.Data cloneArguments(
      BirthProgram.Builder program, List<Constant> namespaces, Operand.@Nullable Data pidfd) {
    return cloneArguments(program, namespaces, pidfd, false);
  }

  private static Operand.Data cloneArguments(
      BirthProgram.Builder program, List<Constant> namespaces, Operand.@Nullable Data pidfd, boolean inCgroup) {
    var flags = new ArrayList<>(List.of(Constant.CLONE_PARENT));
    if (pidfd != null) {
      flags.add(Constant.CLONE_PIDFD);
    }
    if (inCgroup) {
      flags.add(Constant.CLONE_INTO_CGROUP);
    }
    flags.addAll(namespaces);
    var all = Constant.or(flags.toArray(Constant[]::new));
    var words = new Object[(inCgroup ? CLONE_ARGS_BYTES_WITH_CGROUP : CLONE_ARGS_BYTES) / 8];
    Arrays.fill(words, 0);
    words[0] = all.value();
    if (pidfd != null) {
      words[1] = pidfd;
    }
    if (inCgroup) {
      words[words.length - 1] = CGROUP_NUMBER;
    }
    return program.words("{flags=" + all.name() + "}", words);
  }
}
