package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
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
 * exec only when init has said, through a pipe, that it has done its part and is armed.
 *
 * @param zygote what the zygote is asked to do
 * @param helper what prepares the namespaces; absent if there is no pid namespace
 * @param init what pid 1 does; absent if there is no pid namespace
 * @param begin what the embryo does before anything else
 * @param awaitInit what the embryo does before its exec and before it uses any path; init works meanwhile
 */
public record BirthPlan(
    Set<Namespace> namespaces,
    BirthProgram zygote,
    Optional<BirthProgram> helper,
    Optional<BirthProgram> init,
    Fragment begin,
    Fragment awaitInit) {
  /** The control sockets and the pipe, by the names under which the launcher supplies them. */
  public static final String CONTROL = "control";
  public static final String INIT_CONTROL = "init's control";
  public static final String INIT_READY = "init is ready";

  private static final byte[] READY = {'1'};
  private static final int CLONE_ARGS_BYTES = 64; // CLONE_ARGS_SIZE_VER0, 5.3

  public BirthPlan {
    namespaces = Set.copyOf(namespaces);
  }

  /**
   * A plan for an embryo in namespaces of its own.
   *
   * @param namespaces which ones; everything else is shared with the launcher
   * @param prepare what the first process in them does: its identity, the host's name
   * @param initDoes what init does while the embryo gets ready, such as making the root that both will have; in the end
   *     it arms itself, see {@link Arming#init}. Not used without a pid namespace
   */
  public static BirthPlan of(Set<Namespace> namespaces, Fragment prepare, Fragment initDoes) {
    return namespaces.contains(Namespace.PID)
        ? withInit(namespaces, prepare, initDoes)
        : new BirthPlan(namespaces, zygote(namespaces, true), Optional.empty(), Optional.empty(), prepare,
            Fragment.NONE);
  }

  private static BirthPlan withInit(Set<Namespace> namespaces, Fragment prepare, Fragment initDoes) {
    var helper = BirthProgram.builder();
    prepare.addTo(helper);
    helper.purpose("make the pid namespace").call("unshare", Constant.CLONE_NEWPID);
    var initPidfd = helper.bytes(new byte[8], "&init");
    helper.purpose("make init").cloneEmbryo(cloneArguments(helper, List.of(), initPidfd), helper.received(INIT_CONTROL));
    var embryoPidfd = helper.bytes(new byte[8], "&embryo");
    helper.purpose("make the embryo").cloneEmbryo(cloneArguments(helper, List.of(), embryoPidfd), 0);
    helper.purpose("hand over the pidfds").send(new Operand.Load(initPidfd.offset()));
    helper.send(new Operand.Load(embryoPidfd.offset()));

    var init = BirthProgram.builder();
    initDoes.addTo(init);
    init.purpose("say that init is ready").call("write", init.received(INIT_READY), init.bytes(READY, "\"1\""), 1);
    Fragment awaitInit = program -> {
      var word = program.bytes(new byte[READY.length], "&word");
      program.purpose("wait for init").call("read", program.received(INIT_READY), word, 1);
      program.compare(word.offset(), program.bytes(READY, "\"1\"")); // an init that died has said nothing
    };
    return new BirthPlan(namespaces, zygote(namespaces, false),
        Optional.of(helper.buildFinal()), Optional.of(init.build()), Fragment.NONE, awaitInit);
  }

  private static BirthProgram zygote(Set<Namespace> namespaces, boolean withPidfd) {
    var program = BirthProgram.builder();
    var flags = new ArrayList<Constant>();
    for (Namespace namespace : Namespace.values()) {
      if (namespaces.contains(namespace) && namespace != Namespace.PID) {
        flags.add(namespace.flag());
      }
    }
    program.purpose(namespaces.isEmpty() ? "make a process" : "make a process in namespaces of its own");
    var pidfd = program.bytes(new byte[8], "&pidfd");
    program.cloneEmbryo(cloneArguments(program, flags, withPidfd ? pidfd : null), program.received(CONTROL));
    if (withPidfd) {
      program.purpose("hand over the pidfd").send(new Operand.Load(pidfd.offset()));
    }
    return program.buildSurvivingFailure();
  }

  /** A struct clone_args. The exit signal has to be 0 with CLONE_PARENT; exec makes it SIGCHLD. */
  private static Operand.Data cloneArguments(
      BirthProgram.Builder program, List<Constant> namespaces, Operand.@Nullable Data pidfd) {
    var flags = new ArrayList<>(List.of(Constant.CLONE_PARENT));
    if (pidfd != null) {
      flags.add(Constant.CLONE_PIDFD);
    }
    flags.addAll(namespaces);
    var all = Constant.or(flags.toArray(Constant[]::new));
    var words = new Object[CLONE_ARGS_BYTES / 8];
    Arrays.fill(words, 0);
    words[0] = all.value();
    if (pidfd != null) {
      words[1] = pidfd;
    }
    return program.words("{flags=" + all.name() + "}", words);
  }
}
