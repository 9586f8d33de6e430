package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.Operand;
import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.birth.PrivateRoot;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A real process that runs nothing yet: no descriptors, no environment, no arguments. It is given what it may have, step
 * by step, and then started. Each step happens at once, in the process itself, and gives its own error.
 *
 * <pre>{@code
 * try (Embryo embryo = Zygote.shared().embryo(Set.of(Namespace.USER, Namespace.MOUNT, Namespace.PID))) {
 *   embryo.setFd(pipe.second(), 1);
 *   embryo.load(executable, List.of("sha256sum"), Map.of());
 *   try (RunningProcess process = embryo.start()) {
 *     ExitStatus status = process.waitFor();
 *   }
 * }
 * }</pre>
 *
 * <p>What it begins with:
 * <ul>
 *   <li>descriptors: none but its control socket, which goes at the exec and gives way to whatever is put in its place
 *   <li>signals: default dispositions, an empty mask, no timers; a session and process group of its own, no terminal
 *   <li>umask 077, niceness 0, scheduling policy SCHED_OTHER, and the rest of what
 *       {@link dev.embryo.runtime.birth.Baseline} sets; no_new_privs
 *   <li>with a mount namespace an empty root, as soon as a path is used or it starts, unless {@link #apply} gave it
 *       another; without one, the host's root, and {@code /} as working directory
 *   <li>from the launcher: credentials, supplementary groups, resource limits, processor affinity, cgroup,
 *       oom_score_adj
 * </ul>
 *
 * <p>A step that the kernel refuses destroys the embryo, so that it never runs half configured; a step whose arguments
 * are refused here (IllegalArgumentException) has not happened. Configuring a started, ready or dead embryo is an
 * IllegalStateException.
 *
 * <p>Thread-safe: steps wait for each other, {@link #close} waits for none of them.
 */
public final class Embryo implements AutoCloseable {
  /** Calls after which the process may be unable to try again. */
  private static final Set<String> ARMING = Set.of("seccomp", "landlock_restrict_self", "prlimit64", "setrlimit");
  private static final Set<String> CHANGING_ROOT = Set.of("pivot_root", "chroot");
  private static final int PR_SET_SECCOMP = 22;
  private static final int MOST_PLACED_AT_ONCE = 250; // SCM_MAX_FD is 253
  private static final int FD_CLOEXEC = 1;
  private static final String SOURCE = "the source";

  private final Nascent process;
  private final boolean ownUsers;

  // All that follows is guarded by the process's turn.
  private boolean rootSettled;
  private boolean armed;
  private OptionalLong openFiles = OptionalLong.empty(); // as configured here
  private OptionalLong inheritedOpenFiles = OptionalLong.empty();
  private final List<Fragment> arming = new ArrayList<>();
  private final Supplies armingSupplies = new Supplies();
  private @Nullable Load loaded;

  private record Load(Fd executable, String name, List<String> arguments, List<String> environment) {}

  private Embryo(BirthPlan plan, Nascent process) {
    this.process = process;
    ownUsers = plan.namespaces().contains(Namespace.USER);
    rootSettled = !plan.namespaces().contains(Namespace.MOUNT) || plan.init().map(Embryo::changesRoot).orElse(false);
  }

  static Embryo atRest(BirthPlan plan, Conception conception, Supplies supplies) throws IOException {
    try {
      conception.awaitInit();
    } catch (IOException | RuntimeException failure) {
      conception.abort();
      throw failure;
    }
    var begin = BirthProgram.builder();
    plan.begin().addTo(begin);
    begin.purpose("close what the beginning has opened").call("close_range", 1, ~0, 0); // 0 is the control socket
    var program = begin.build();
    var process = new Nascent(conception);
    process.run(program, supplies); // also without operations: its answer says that the process is as it should be
    var embryo = new Embryo(plan, process);
    embryo.noteEffects(program);
    return embryo;
  }

  /** The process's pid as this JVM sees it. */
  public int pid() {
    return process.pid();
  }

  /**
   * The pidfd: the same before the start and after it, readable when the process has ended. It stays this object's: do
   * not close it, and do not keep its number.
   */
  public Fd pidfd() {
    return process.pidfd();
  }

  /**
   * Gives it a descriptor, which replaces what is there. The embryo's is a second one for the same open file, not
   * close-on-exec; the source stays the caller's.
   *
   * @param number the number in the embryo, below its limit of open files
   * @throws IllegalArgumentException if the number is negative or not below the limit
   */
  public void setFd(Fd source, int number) throws IOException {
    setFds(number, List.of(source));
  }

  /**
   * Gives it several descriptors, at successive numbers.
   *
   * @param first the number of the first
   * @throws IllegalArgumentException if a number is negative or not below the limit; none is set then
   */
  public void setFds(int first, List<Fd> sources) throws IOException {
    configure(() -> {
      requireNumbers(first, sources.size());
      for (int done = 0; done < sources.size(); done += MOST_PLACED_AT_ONCE) {
        var some = sources.subList(done, Math.min(sources.size(), done + MOST_PLACED_AT_ONCE));
        place(first + done, some);
      }
    });
  }

  /**
   * Gives it those descriptors of this JVM in a range of numbers that are open and not close-on-exec, each at its own
   * number. Nothing else in this JVM may close or open such descriptors meanwhile.
   *
   * @param first the first number
   * @param last the last number, inclusive
   */
  public void setFdRange(int first, int last) throws IOException {
    configure(() -> {
      requireNumbers(first, 0);
      var numbers = new ArrayList<Integer>();
      for (int number = first; number <= Math.min(last, highestOwnNumber()); number++) {
        int flags = Libc.fcntl(number, Constant.F_GETFD.asInt(), 0);
        if (flags != -1 && (flags & FD_CLOEXEC) == 0) {
          requireNumbers(number, 1);
          numbers.add(number);
        }
      }
      for (int number : numbers) {
        try (var source = Fd.duplicate(number)) {
          place(number, List.of(source));
        }
      }
    });
  }

  private static int highestOwnNumber() throws LinuxException {
    return (int) Math.min(Integer.MAX_VALUE, openFilesOf(Libc.getpid()) - 1);
  }

  private void place(int first, List<Fd> sources) throws IOException {
    var program = BirthProgram.builder();
    var supplies = new Supplies();
    for (int i = 0; i < sources.size(); i++) {
      int number = first + i;
      String name = sources.size() == 1 ? SOURCE : SOURCE + " of " + number;
      program.purpose("set descriptor " + number).place(name, number);
      supplies.descriptor(name, sources.get(i));
    }
    process.run(program.build(), supplies);
  }

  private void requireNumbers(int first, int count) throws LinuxException {
    long end = (long) first + count;
    if (first < 0) {
      throw new IllegalArgumentException("not a descriptor's number: " + first);
    }
    if (count > 0 && Long.compareUnsigned(end, openFilesLimit()) > 0) {
      throw new IllegalArgumentException("descriptor " + (end - 1) + " is not below " + openFilesLimit()
          + ", the embryo's limit of open files (RLIMIT_NOFILE)");
    }
  }

  /** As set here, else as the embryo has it from the launcher. */
  private long openFilesLimit() throws LinuxException {
    if (openFiles.isEmpty() && inheritedOpenFiles.isEmpty()) {
      inheritedOpenFiles = OptionalLong.of(openFilesOf(pid()));
    }
    return openFiles.orElseGet(inheritedOpenFiles::getAsLong);
  }

  /** The soft limit; or no limit, where the process's identity hides it: then the kernel judges the number. */
  private static long openFilesOf(int pid) throws LinuxException {
    var limit = Libc.allocate(16);
    long result = Libc.syscall(SystemCalls.number("prlimit64"), pid, ResourceLimit.NOFILE.ordinal(), 0,
        Libc.address(limit), 0, 0);
    if (result == -1 && Errno.EPERM.is(Libc.errno())) {
      return ResourceLimit.UNLIMITED;
    }
    LinuxException.check("read the limit of open files of process " + pid, result);
    return limit.getLong(0);
  }

  /**
   * Executes operations in the embryo, at once. They see descriptors as they are, the control socket among them: give
   * descriptors their numbers by {@link #setFd}, which moves it out of the way.
   *
   * @param supplies what their descriptors and slots stand for
   * @return the results of the operations, in order: descriptors that they opened stay open
   * @throws BirthException if the kernel refuses one
   */
  public List<Long> apply(BirthProgram program, Supplies supplies) throws IOException {
    for (Operation operation : program.operations()) {
      if (operation.name().startsWith("execve")) {
        throw new IllegalArgumentException("the program of an embryo is loaded and started, not applied");
      }
    }
    return inTurn(() -> {
      var results = process.run(program, supplies);
      noteEffects(program);
      return results;
    });
  }

  private void noteEffects(BirthProgram done) {
    for (Operation operation : done.operations()) {
      armed |= arms(operation);
    }
    rootSettled |= changesRoot(done);
  }

  private static boolean changesRoot(BirthProgram program) {
    return program.operations().stream().anyMatch(operation -> CHANGING_ROOT.contains(operation.name()));
  }

  /** As {@link #apply(BirthProgram, Supplies)}, with operations that need not be a program yet. */
  public List<Long> apply(Fragment fragment, Supplies supplies) throws IOException {
    var program = BirthProgram.builder();
    fragment.addTo(program);
    var built = program.build();
    return built.operations().isEmpty() ? List.of() : apply(built, supplies);
  }

  /** As {@link #apply(Fragment, Supplies)}, for operations that need nothing from the launcher. */
  public List<Long> apply(Fragment fragment) throws IOException {
    return apply(fragment, new Supplies());
  }

  /**
   * Keeps operations for the start: they are executed right before the exec, in one batch with it. This is the place of
   * filters, after which the process may be unable to take orders or to answer.
   *
   * @param supplies what their descriptors and slots stand for; the descriptors have to be open until the start
   */
  public void arm(Fragment fragment, Supplies supplies) throws IOException {
    configure(() -> {
      armingSupplies.addAll(supplies);
      arming.add(fragment);
    });
  }

  private static boolean arms(Operation operation) {
    return ARMING.contains(operation.name())
        || operation.name().equals("prctl")
            && operation.operands().get(0) instanceof Operand.Value option && option.value() == PR_SET_SECCOMP;
  }

  /**
   * Sets the working directory by a path in the embryo's root. If it has a mount namespace and no root yet, its root is
   * empty from now on.
   */
  public void chdir(String path) throws IOException {
    configure(() -> {
      settleRoot();
      apply(program -> program.purpose("enter the directory " + path).call("chdir", program.string(path)));
    });
  }

  /** Sets the working directory to one that the launcher has open. */
  public void chdir(Fd directory) throws IOException {
    configure(() -> {
      settleRoot();
      apply(program -> program.purpose("enter the directory").call("fchdir", program.received(SOURCE)),
          new Supplies().descriptor(SOURCE, directory));
    });
  }

  /** Sets the file mode creation mask, see umask(2). */
  public void umask(int mask) throws IOException {
    if ((mask & ~0777) != 0) {
      throw new IllegalArgumentException("not a umask: 0" + Integer.toOctalString(mask));
    }
    apply(program -> program.purpose("set the umask").call("umask", Operand.mode(mask)));
  }

  /**
   * Sets a resource limit, soft and hard, see prlimit(2). The limit of open files alone comes into force with the start,
   * before what {@link #arm} added, since the embryo needs a number free for each descriptor that it receives.
   *
   * @param value in the unit of the resource, or {@link ResourceLimit#UNLIMITED}
   */
  public void limit(ResourceLimit resource, long value) throws IOException {
    configure(() -> {
      if (resource == ResourceLimit.NOFILE) {
        openFiles = OptionalLong.of(value);
      } else {
        apply(program -> Arming.limit(program, Map.of(resource, value)));
      }
    });
  }

  /**
   * Says what to execute. A second load replaces the first.
   *
   * @param executable open on the program's file, O_PATH or for reading, through the mount at which the program shall
   *     see itself; it stays the caller's, who may close it now
   * @param arguments with the program's name, which is the first
   * @param environment all of it
   */
  public void load(Fd executable, List<String> arguments, Map<String, String> environment) throws IOException {
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("a program has at least one argument, its name");
    }
    var variables = new ArrayList<String>();
    environment.forEach((name, value) -> {
      if (name.isEmpty() || name.indexOf('=') >= 0) {
        throw new IllegalArgumentException("not the name of an environment variable: '" + name + '\'');
      }
      variables.add(name + '=' + value);
    });
    configure(() -> {
      var own = Fd.duplicate(executable.number());
      unload();
      loaded = new Load(own, arguments.get(0), List.copyOf(arguments), variables);
    });
  }

  private void unload() {
    if (loaded != null) {
      loaded.executable().close();
      loaded = null;
    }
  }

  /**
   * Starts the loaded program and returns when its image runs.
   *
   * @throws ExecException if the kernel refuses to execute it. If no limit was set, no filter and nothing else that
   *     {@link #arm} takes, the embryo is then what it was before {@link #load}, which may be tried again
   * @throws BirthException if the kernel refuses another of the last steps
   * @throws IllegalStateException if nothing was loaded
   */
  public RunningProcess start() throws IOException {
    return inTurn(() -> {
      try (var last = lastBatch()) {
        return process.start(last);
      }
    });
  }

  /**
   * Ends the configuring and makes the right to start an object of its own. That object owns the process: this one's
   * {@link #close} does nothing any more.
   *
   * @throws IllegalStateException if nothing was loaded
   */
  public ReadyEmbryo ready() throws IOException {
    return inTurn(() -> {
      var last = lastBatch();
      try {
        process.freeze();
      } catch (IllegalStateException closedMeanwhile) {
        last.close();
        throw closedMeanwhile;
      }
      return new ReadyEmbryo(process, last);
    });
  }

  private LastBatch lastBatch() throws IOException {
    var load = loaded;
    if (load == null) {
      throw new IllegalStateException("no program was loaded into the embryo");
    }
    settleRoot();
    boolean mayBeRetried = !armed && arming.isEmpty() && openFiles.isEmpty();
    var program = BirthProgram.builder();
    openFiles.ifPresent(value -> Arming.limit(program, Map.of(ResourceLimit.NOFILE, value)));
    arming.forEach(fragment -> fragment.addTo(program));
    Arming.exec(program, program.received(LastBatch.EXECUTABLE), load.name(), load.arguments(), load.environment());
    var last = new LastBatch(mayBeRetried ? program.buildSurvivingFailure() : program.build(), armingSupplies,
        load.executable(), mayBeRetried);
    loaded = null; // the batch's now
    return last;
  }

  private void settleRoot() throws IOException {
    if (!rootSettled) {
      apply(program -> PrivateRoot.addTo(program, List.of(), !ownUsers));
    }
  }

  /**
   * Sending signals needs a running program: before the start only {@link #close} does something.
   *
   * @throws LinuxException ESRCH, always
   */
  public void signal(int signal) throws LinuxException {
    String why = process.state() == Nascent.State.STARTED ? "has started: its RunningProcess takes signals"
        : "has not started";
    throw new LinuxException("send signal " + signal + " to the embryo " + pid() + ", which " + why,
        Errno.ESRCH.number());
  }

  /** Something that changes the embryo. */
  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }

  /** Something that changes the embryo and has a result. */
  @FunctionalInterface
  private interface Request<T> {
    T run() throws IOException;
  }

  private void configure(Step step) throws IOException {
    inTurn(() -> {
      step.run();
      return this;
    });
  }

  private <T> T inTurn(Request<T> request) throws IOException {
    process.turn.lock();
    try {
      process.require(Nascent.State.AT_REST);
      return request.run();
    } finally {
      process.turn.unlock();
    }
  }

  /**
   * Destroys an embryo that has not started: no process, no zombie and no descriptor is left. Does nothing once it has
   * started or is {@link #ready}.
   */
  @Override
  public void close() {
    if (process.state() != Nascent.State.READY) {
      process.destroy();
    }
    process.turn.lock();
    try {
      unload();
    } finally {
      process.turn.unlock();
    }
  }
}
