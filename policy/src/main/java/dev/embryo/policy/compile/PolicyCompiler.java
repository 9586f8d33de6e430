package dev.embryo.policy.compile;

import dev.embryo.policy.compile.SurfaceRow.Feature;
import dev.embryo.policy.model.ArgumentsCapability;
import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Connect;
import dev.embryo.policy.model.DescriptorCapability;
import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Inherit;
import dev.embryo.policy.model.Memory;
import dev.embryo.policy.model.Listen;
import dev.embryo.policy.model.Null;
import dev.embryo.policy.model.Pipe;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.ProcessCapability;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.SystemCallRules.OnDenied;
import dev.embryo.policy.resolve.ResolvedPolicy;
import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.DirectoryDescriptors;
import dev.embryo.runtime.birth.FileComparison;
import dev.embryo.runtime.birth.JobControl;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.birth.Ruleset;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.CompanionFilter;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.FilterCompiler;
import dev.embryo.runtime.seccomp.FilterRules;
import dev.embryo.runtime.seccomp.InitFilter;
import dev.embryo.runtime.seccomp.OneShotExec;
import dev.embryo.runtime.seccomp.OwnSignals;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Compiles a resolved policy for a host. Pure: it touches no file and makes no system call beyond asking libseccomp for
 * filters, which are kept, since few programs differ in the calls they have.
 *
 * <p>Immutable and thread-safe.
 */
public final class PolicyCompiler {
  private final Libseccomp libseccomp;
  private final Map<SurfaceFeatures, Filter> surfaces = new ConcurrentHashMap<>();

  /**
   * A compiler that uses this machine's libseccomp.
   *
   * @throws LibseccompException if the library is missing or too old
   */
  public PolicyCompiler() throws LibseccompException {
    libseccomp = Libseccomp.load();
  }

  /**
   * Whether the policy makes use of a cgroup where the host offers one: then {@link Host#cgroups} should be known.
   */
  public static boolean asksForCgroup(Policy policy) {
    return CgroupLimits.areAskedFor(policy);
  }

  /**
   * Compiles.
   *
   * @throws PolicyException if the policy asks for what this host or this version cannot enforce
   * @throws LibseccompException if libseccomp cannot make the filters
   */
  public CompiledPolicy compile(ResolvedPolicy resolved, Host host) throws PolicyException, LibseccompException {
    Requirements.check(resolved.policy(), host);
    var policy = resolved.policy();
    var descriptors = descriptors(resolved);
    var root = RootLayout.of(resolved);
    var withholding = Withholding.of(resolved, host);
    var filters = filters(policy, features(policy, host, showsProc(resolved)), host, withholding);
    var layout = ProcessLayout.of(policy, host, root, !trees(descriptors).isEmpty(), libseccomp.systemCalls());
    var cgroup = CgroupLimits.of(policy, host);
    var plan = cgroup.map(layout::inCgroup).orElse(layout);
    var limits = ResourceLimits.of(policy.limits(), host, plan);
    var program = program(resolved, host, plan, descriptors, root, filters, limits);
    return new CompiledPolicy(resolved, host, descriptors, root, withholding, filters, limits, plan, program,
        jobControl(resolved, host));
  }

  private Optional<JobControl> jobControl(ResolvedPolicy resolved, Host host) throws LibseccompException {
    if (resolved.terminals().isEmpty()) {
      return Optional.empty();
    }
    var calls = libseccomp.systemCalls();
    return Optional.of(JobControl.of(
        CompanionFilter.filter(calls).bytes(), InitFilter.filter(calls).bytes(), host.landlockAbi()));
  }

  private static List<DescriptorSlot> descriptors(ResolvedPolicy resolved) {
    var slots = new ArrayList<DescriptorSlot>();
    resolved.policy().descriptors().forEach((number, capability) ->
        slots.add(new DescriptorSlot(number, capability.name(), source(resolved, capability), capability.rights())));
    return slots;
  }

  /** The directories among the descriptors, by number. */
  private static Map<Integer, RootEntry.Mount> trees(List<DescriptorSlot> descriptors) {
    var trees = new TreeMap<Integer, RootEntry.Mount>();
    for (DescriptorSlot slot : descriptors) {
      if (slot.source() instanceof DescriptorSlot.HostTree host) {
        trees.put(slot.number(), host.tree());
      }
    }
    return trees;
  }

  private static DescriptorSlot.Source source(ResolvedPolicy resolved, Capability capability) {
    if (capability instanceof Inherit inherit) {
      return new DescriptorSlot.Launcher(inherit.from());
    } else if (capability instanceof Null) {
      return new DescriptorSlot.NullDevice();
    } else if (capability instanceof Pipe) {
      return new DescriptorSlot.NewPipe();
    } else if (capability instanceof DescriptorCapability passed) {
      return new DescriptorSlot.Supplied(passed.parameter());
    } else if (capability instanceof ProcessCapability process) {
      return new DescriptorSlot.Relayed(process.parameter(), process.rights());
    } else if (capability instanceof Memory memory) {
      return new DescriptorSlot.SharedMemory(memory.bytes());
    } else if (capability instanceof DirectoryCapability directory) {
      var found = resolved.files().get(directory.name());
      if (found != null) {
        return new DescriptorSlot.HostTree(RootLayout.tree(directory, found));
      }
    } else if (capability instanceof Listen listen) {
      return new DescriptorSlot.Listener(listen.address(), listen.backlog(), listen.reuse());
    } else if (capability instanceof Connect connect) {
      return new DescriptorSlot.Connection(connect.address());
    } else if (capability instanceof ArgumentsCapability arguments) {
      return new DescriptorSlot.Content(content(arguments, resolved.policy()));
    } else if (capability instanceof FileCapability file) {
      var found = resolved.files().get(file.name());
      if (found != null) {
        return new DescriptorSlot.HostFile(found);
      }
    }
    throw new IllegalArgumentException("a capability of kind '" + capability.kind() + "' has no descriptor: "
        + capability.name());
  }

  private static byte[] content(ArgumentsCapability arguments, Policy policy) {
    return switch (arguments.format()) {
      case ARGDATA -> Argdata.of(arguments.tree(), numbers(policy));
      case JSON -> (ArgumentJson.of(arguments.tree(), numbers(policy)) + '\n').getBytes(StandardCharsets.UTF_8);
    };
  }

  /** The descriptors of a policy's capabilities, by name. */
  public static Map<String, Integer> numbers(Policy policy) {
    var numbers = new HashMap<String, Integer>();
    policy.descriptors().forEach((number, capability) -> numbers.put(capability.name(), number));
    return numbers;
  }

  private ProgramFilters filters(Policy policy, SurfaceFeatures features, Host host, Withholding withholding)
      throws PolicyException, LibseccompException {
    var denied = CallRules.denials(policy, libseccomp.systemCalls());
    var rights = withholding.rules(policy);
    boolean signalsLeave = !features.hold(Feature.OWN_PIDS) && host.landlockAbi() < Ruleset.SIGNALS_SINCE_ABI;
    var filters = new ProgramFilters(
        features,
        policy.processes().execute().isAny() ? Optional.empty() : Optional.of(OneShotExec.filter(libseccomp.systemCalls())),
        signalsLeave ? Optional.of(asDenied(policy, OwnSignals.filter(libseccomp.systemCalls()))) : Optional.empty(),
        asDenied(policy, surface(policy, features)),
        rights.isEmpty() ? Optional.empty() : Optional.of(asDenied(policy, compile(rights.get()))),
        denied.isEmpty() ? Optional.empty() : Optional.of(asDenied(policy, compile(denied.get()))),
        Optional.empty());
    return policy.systemCalls().onDenied() == OnDenied.EXPLAIN ? filters.explained() : filters;
  }

  private Filter surface(Policy policy, SurfaceFeatures features) throws PolicyException, LibseccompException {
    if (!policy.systemCalls().allow().isEmpty()) {
      return compile(CallRules.surface(policy, features, libseccomp.systemCalls()));
    }
    var surface = surfaces.get(features);
    if (surface == null) {
      surface = compile(Surface.rules(features));
      surfaces.put(features, surface);
    }
    return surface;
  }

  private Filter compile(FilterRules rules) throws LibseccompException {
    return FilterCompiler.of(libseccomp).compile(rules);
  }

  /** What is answered by ENOSYS stays: programs have another way, and take it. */
  private static Filter asDenied(Policy policy, Filter filter) {
    return switch (policy.systemCalls().onDenied()) {
      case ERRNO, EXPLAIN -> filter;
      case KILL -> filter.answering(action -> action.equals(Action.EPERM) ? Action.KILL_PROCESS : action);
    };
  }

  private static boolean showsProc(ResolvedPolicy resolved) {
    return Laundering.procShown(resolved).isPresent();
  }

  /**
   * Landlock does not see memory files, so that a program that has them and may execute could execute what it wrote: it
   * has only one of the two.
   *
   * @param showsProc whether {@code /proc/self/fd} leads to files on the host's own mounts, past those of the root
   */
  static SurfaceFeatures features(Policy policy, Host host, boolean showsProc) {
    var processes = policy.processes();
    boolean execute = processes.execute().isAny();
    var namespaces = ProcessLayout.namespaces(policy, host);
    boolean ownRoot = namespaces.contains(Namespace.MOUNT);
    var sockets = new SocketsHeld(policy);
    return SurfaceFeatures.of(Feature.EXEC_GATE)
        .with(Feature.OWN_ROOT, ownRoot)
        .with(Feature.RULED_TRUNCATION, (ownRoot && !showsProc) || host.landlockAbi() >= Access.TRUNCATE.sinceAbi())
        .with(Feature.OWN_PIDS, namespaces.contains(Namespace.PID))
        .with(Feature.OWN_IPC, namespaces.contains(Namespace.IPC))
        .with(Feature.THREADS, processes.threads())
        .with(Feature.SPAWN, processes.spawn())
        .with(Feature.JIT, processes.jit())
        .with(Feature.MEMORY_FILES, processes.jit() && !execute)
        .with(Feature.EXECUTE, execute)
        .with(Feature.SOCKETS, sockets.has())
        .with(Feature.ADDRESSES, sockets.mayAddress())
        .with(Feature.SENT_MESSAGES, sockets.maySendMessages())
        .with(Feature.RECEIVED_MESSAGES, sockets.mayReceiveMessages());
  }

  /**
   * What the embryo does. While init makes the root, the embryo becomes ordinary and installs its filters, which takes
   * as long. What it does after that has to be allowed by the surface filter.
   */
  private static BirthProgram program(ResolvedPolicy resolved, Host host, BirthPlan plan,
      List<DescriptorSlot> descriptors, List<RootEntry> root, ProgramFilters filters,
      Map<ResourceLimit, Long> limits) {
    var policy = resolved.policy();
    var path = resolved.program().viewPath();
    var program = BirthProgram.builder();
    boolean ownRoot = plan.namespaces().contains(Namespace.MOUNT);
    plan.begin().addTo(program);
    var trees = trees(descriptors);
    if (!trees.isEmpty()) {
      DirectoryDescriptors.addTo(program, trees, host.isRoot());
    }
    if (ownRoot) {
      BirthPlan.announceEmbryo(program);
    }
    for (DescriptorSlot slot : descriptors) {
      if (slot.isSupplied()) {
        program.purpose("give descriptor " + slot.number() + " ('" + slot.capability() + "')")
            .place(slot.supply(), slot.number());
      }
    }
    var pid = ListenVariables.pid(program, policy); // before any filter: none is there to ask about it
    ProcessLayout.ordinary(policy, host).addTo(program);
    boolean onTerminal = !resolved.terminals().isEmpty();
    if (onTerminal) {
      plan.awaitInit().addTo(program); // earlier than it need be for others, see JobControl
      JobControl.addTo(program);
    }
    boolean supervised = filters.supervised().isPresent();
    if (!supervised) {
      filters.oneShotExec().ifPresent(filter -> Arming.oneShotExec(program, filter.bytes()));
    }
    filters.ownSignals().ifPresent(own ->
        Arming.filterWithPid(program, "own-signals", own.bytes(), OwnSignals.pidOffset(own)));
    if (!supervised) {
      Arming.filter(program, "surface", filters.surface().bytes());
      filters.rights().ifPresent(rights -> Arming.filter(program, "rights", rights.bytes()));
    }
    if (onTerminal) {
      JobControl.await(program);
    } else {
      plan.awaitInit().addTo(program);
    }
    program.purpose("enter the working directory " + policy.program().directory())
        .call("chdir", program.string(policy.program().directory()));
    var executable = executable(program, resolved, ownRoot);
    new LandlockRules(trees, root, RootLayout.executablesWithin(root, resolved), ownRoot, showsProc(resolved))
        .addTo(program, host.landlockAbi());
    if (supervised) {
      limitSupervised(program, limits, filters.supervised().get());
    } else {
      Arming.limit(program, limits);
      filters.denials().ifPresent(denials -> Arming.filter(program, "denials", denials.bytes()));
    }
    Arming.exec(program, executable, path, arguments(resolved), environment(resolved), pid);
    return program.build();
  }

  /** The listener takes a descriptor, which the limit may leave no number for. */
  private static void limitSupervised(BirthProgram.Builder program, Map<ResourceLimit, Long> limits, Filter filter) {
    var others = new EnumMap<>(limits);
    var openFiles = others.remove(ResourceLimit.NOFILE);
    Arming.limit(program, others);
    Arming.supervised(program, filter.bytes());
    if (openFiles != null) {
      Arming.limit(program, Map.of(ResourceLimit.NOFILE, openFiles));
    }
  }

  /** Opens the file that will be executed. The sealed copy of a pinned program is handed over. */
  private static Object executable(BirthProgram.Builder program, ResolvedPolicy resolved, boolean ownRoot) {
    if (resolved.program().sealed().isPresent()) {
      return program.received(CompiledPolicy.SEALED_PROGRAM);
    }
    var path = resolved.program().viewPath();
    var executable = program.purpose("execute " + path).call("openat", Constant.AT_FDCWD,
        program.string(path), Constant.or(Constant.O_PATH, Constant.O_CLOEXEC));
    if (!ownRoot) {
      var identity = resolved.program().identity();
      FileComparison.of(program).compare(executable, identity.devMajor(), identity.devMinor(), identity.inode());
    }
    return executable;
  }

  private static List<String> arguments(ResolvedPolicy resolved) {
    var arguments = new ArrayList<>(resolved.program().command());
    arguments.addAll(resolved.policy().program().arguments());
    return arguments;
  }

  private static List<String> environment(ResolvedPolicy resolved) {
    var environment = new LinkedHashMap<>(resolved.policy().program().environment());
    environment.putAll(ListenVariables.known(resolved.policy()));
    if (resolved.policy().filesystem().proc() == Proc.NONE) { // else the loader finds out by itself
      resolved.program().origin().ifPresent(origin -> environment.putIfAbsent("LD_ORIGIN_PATH", origin));
    }
    return environment.entrySet().stream().map(entry -> entry.getKey() + '=' + entry.getValue()).toList();
  }
}
