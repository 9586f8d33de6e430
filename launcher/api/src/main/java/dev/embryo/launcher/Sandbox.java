package dev.embryo.launcher;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.compile.PolicyCompiler;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.parse.PolicyTemplate;
import dev.embryo.policy.resolve.ExecutionObstacle;
import dev.embryo.policy.resolve.PolicyResolver;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Privileges;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.host.UserPool;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.process.BirthException;
import dev.embryo.runtime.process.CgroupSearch;
import dev.embryo.runtime.process.Checkpoint;
import dev.embryo.runtime.process.ExecException;
import dev.embryo.runtime.process.RunningProcess;
import dev.embryo.runtime.process.Supervision;
import dev.embryo.runtime.process.Supplies;
import dev.embryo.runtime.process.Zygote;
import dev.embryo.runtime.survey.Layers;
import dev.embryo.runtime.survey.Survey;
import java.io.IOException;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy made ready for this host: resolved, compiled, and launched any number of times.
 *
 * <p>Immutable and thread-safe. What the policy names is looked up once, when the sandbox is built; a launch that finds
 * another file at one of those paths fails, and a new sandbox has to be built. It holds no descriptors and need not be
 * closed.
 */
public final class Sandbox {
  private static final int COLLECTED = 16 << 20;

  private static final class Shared {
    static final PolicyResolver RESOLVER = new PolicyResolver();
    static final CompiledPolicies COMPILED = new CompiledPolicies();
    static @Nullable PolicyCompiler compiler; // guarded by the class
    static @Nullable Host host; // guarded by the class
    static boolean cgroupsKnown; // guarded by the class

    static synchronized PolicyCompiler compiler() throws IOException {
      var current = compiler;
      if (current == null) {
        current = new PolicyCompiler();
        compiler = current;
      }
      return current;
    }

    static synchronized Host host() throws IOException {
      var current = host;
      if (current == null) {
        current = Layers.host();
        host = current;
      }
      return current;
    }

    /** What is made of cgroups is looked for when a policy first needs it: it takes a birth. */
    static synchronized Host host(Policy policy) throws IOException {
      var current = host();
      if (!cgroupsKnown && PolicyCompiler.asksForCgroup(policy)) {
        current = current.with(CgroupSearch.find());
        host = current;
        cgroupsKnown = true;
      }
      return current;
    }
  }

  private final CompiledPolicy compiled;
  private final PolicySource source;
  private final Provisions provisions;
  private final Optional<CompiledPolicy> attested; // what a process has to be
  private final BirthProgram program; // with a checkpoint if it is attested

  private Sandbox(PolicySource source, CompiledPolicy compiled, Provisions provisions, Optional<CompiledPolicy> attested) {
    this.source = source;
    this.compiled = compiled;
    this.provisions = provisions;
    this.attested = attested;
    this.program = attested.isPresent() ? Checkpoint.in(compiled.program()) : compiled.program();
  }

  /** This sandbox, whose launches execute something else than its policy was compiled to, and are attested by that all the same. */
  Sandbox executing(CompiledPolicy other) {
    return new Sandbox(source, other, provisions, attested);
  }

  /**
   * Does now what the first sandbox and the first launch of a JVM would do: loads native libraries, looks at the host, and
   * starts the zygote. There is no need to call it; a thread that does so while the policy is read saves time.
   *
   * @throws IOException if the host lacks something, as the first sandbox would throw it
   */
  public static void prepare() throws IOException {
    Shared.compiler();
    Shared.host();
    Zygote.shared().prepare();
  }

  /**
   * What this host offers, found by trying: a dozen processes are made for it and gone again, so ask once. It answers on
   * any system, also where nothing of Embryo runs, and says why not.
   */
  public static Support support() {
    return Support.of(Survey.facts());
  }

  /** Begins a sandbox. */
  public static Builder builder() {
    return new Builder();
  }

  /** Begins a sandbox that differs from this one in what is set there; this one stays as it is. */
  public Builder toBuilder() {
    var builder = new Builder();
    builder.source = source;
    builder.provisions = provisions;
    builder.attest = attested.isPresent();
    return builder;
  }

  /** What the policy was compiled to; everything that a launch will enforce can be read from it. */
  public CompiledPolicy compiled() {
    return compiled;
  }

  /**
   * Why the kernel would not let the program be executed, as far as that can be seen without trying: it is closed to the user
   * that it runs as, or its file system is mounted {@code noexec}. A launch finds all else that is in the way, too.
   *
   * @return what it is, in a sentence without a full stop; empty if nothing is seen
   * @throws IOException if there is no host user for the program
   */
  public Optional<String> obstacle() throws IOException {
    var identity = supplyIdentity(new Supplies());
    try {
      return obstacle(identity);
    } finally {
      identity.leased().ifPresent(UserPool.shared()::giveBack);
    }
  }

  /**
   * Starts the program, and returns when it runs.
   *
   * @throws BirthException if the kernel refused a step: which one, on what, and why
   * @throws IOException if something that is handed over cannot be opened
   */
  public SandboxedProcess launch() throws IOException {
    return launch(provisions);
  }

  /** Launches with other descriptors in the place of some: by the names of parameters, or of standard streams. */
  SandboxedProcess launch(Map<String, Stdio> others) throws IOException {
    var provided = provisions;
    for (var other : others.entrySet()) {
      provided = provided.withNamed(other.getKey(), other.getValue());
    }
    return launch(provided);
  }

  /**
   * Runs the program to its end. Output and errors are collected, {@value #COLLECTED} bytes of each at most, and the input is
   * empty, where they would be pipes.
   *
   * @param timeout after which the program is killed
   * @throws CutShortException if it was killed: its time was up, or it wrote more than may be collected
   * @throws BirthException if it could not be started, as for {@link #launch}
   * @throws InterruptedException if the thread was interrupted; the program is killed
   */
  public Completed run(Duration timeout) throws IOException, InterruptedException {
    try (var process = launch(provisions.withoutPipes(COLLECTED))) {
      return process.complete(timeout);
    }
  }

  /** The next sandbox that is built must not find what this one has found to be out of date. */
  private SandboxedProcess launch(Provisions provided) throws IOException {
    try {
      return launchNow(provided);
    } catch (LinuxException failure) {
      if (failure.errno() == Errno.ESTALE.number()) {
        Shared.COMPILED.drop(compiled);
      }
      throw failure;
    }
  }

  private SandboxedProcess launchNow(Provisions provided) throws IOException {
    try (var handover = Handover.open(compiled.descriptors(), compiled.resolved().terminals(), provided)) {
      SecondGrants.refuse(compiled, handover.given());
      if (compiled.policy().processes().execute().isAny()) {
        handover.refuseFilesInMemory();
      }
      var supplies = new Supplies();
      handover.supply(supplies, compiled.jobControl());
      compiled.resolved().program().sealed()
          .ifPresent(program -> supplies.descriptor(CompiledPolicy.SEALED_PROGRAM, program.descriptor()));
      var denials = compiled.filters().supervised().map(filter -> new Denials(compiled));
      var process = new SandboxedProcess(
          compiled.policy().name(), launch(supplies, denials, handover), handover.take(), denials);
      try {
        compiled.policy().limits().wallTime().ifPresent(process::limitTime);
        process.attend();
        return process;
      } catch (Throwable failure) { // such as no memory for a thread: no one would ever hold this process
        process.close();
        throw failure;
      }
    } finally {
      Reference.reachabilityFence(this); // a sealed program is closed when nobody can reach it, and nobody else may hold this
    }
  }

  private RunningProcess launch(Supplies supplies, Optional<Denials> denials, Handover handover) throws IOException {
    RunningProcess process;
    try {
      process = launch(supplies, denials, handover.given());
    } catch (BirthException failure) {
      handover.born(); // which may know why
      throw failure;
    }
    try {
      handover.born();
      return process;
    } catch (IOException failure) {
      process.close();
      throw failure;
    }
  }

  /** A host user is given back when nothing of its sandbox is left, and never if that cannot be known. */
  private RunningProcess launch(Supplies supplies, Optional<Denials> denials, Map<DescriptorSlot, Fd> given) throws IOException {
    var identity = supplyIdentity(supplies);
    var supervision = denials.map(judge -> new Supervision(judge, compiled.filters().oneShotExec().isPresent()));
    RunningProcess process;
    try {
      process = attested.isEmpty()
          ? Zygote.shared().launch(compiled.plan(), program, supplies, supervision, Optional.empty())
          : launch(supplies, supervision, new Attestation(attested.get(), given, identity));
    } catch (BirthException refusal) {
      identity.leased().ifPresent(UserPool.shared()::giveBack);
      throw compiled.isExecution(refusal.operation()) ? refusedExecution(refusal, identity) : refusal;
    } catch (IOException | RuntimeException failure) {
      identity.leased().ifPresent(UserPool.shared()::giveBack);
      throw failure;
    }
    identity.leased().ifPresent(user -> process.whenGone(() -> UserPool.shared().giveBack(user)));
    return process;
  }

  private RunningProcess launch(Supplies supplies, Optional<Supervision> supervision, Attestation attestation) throws IOException {
    try (var checkpoint = Checkpoint.open(attestation::check)) {
      checkpoint.supply(supplies);
      return Zygote.shared().launch(compiled.plan(), program, supplies, supervision, Optional.of(checkpoint));
    }
  }

  /** EACCES has many reasons, and the kernel tells none. */
  private ExecException refusedExecution(BirthException refusal, HostIdentity identity) {
    return ExecException.of(refusal, Errno.EACCES.is(refusal.errno()) ? obstacle(identity).orElse("") : "");
  }

  private Optional<String> obstacle(HostIdentity identity) {
    var groups = new ArrayList<>(identity.groups().orElse(List.of()));
    groups.add(identity.group());
    return ExecutionObstacle.find(compiled.resolved(), identity.user(), groups, !compiled.needsHostUser());
  }

  private HostIdentity supplyIdentity(Supplies supplies) throws IOException {
    var host = compiled.host();
    if (!compiled.needsHostUser()) {
      return new HostIdentity(host.user(), host.group(), Optional.empty(), OptionalInt.empty());
    }
    var identity = compiled.policy().identity();
    var leased = identity.user().isPresent() ? OptionalInt.empty() : OptionalInt.of(UserPool.shared().take());
    int user = identity.user().orElseGet(leased::getAsInt);
    int group = identity.group().orElse(user);
    supplies.value(Privileges.USER, user).value(Privileges.GROUP, group);
    return new HostIdentity(user, group, Optional.of(identity.groups()), leased);
  }

  /** Collects what a sandbox is made of. Not thread-safe. */
  public static final class Builder {
    private PolicySource source = PolicySource.NONE;
    private Provisions provisions = Provisions.PIPES;
    private boolean attest;

    private Builder() {}

    /** The policy; required. */
    public Builder policy(PolicyTemplate policy) {
      source = source.with(policy);
      return this;
    }

    /** The policy, with everything that was left to a launch in its place. */
    public Builder policy(Policy policy) {
      source = source.with(policy);
      return this;
    }

    /** The value of a parameter of the policy, within the bounds that the policy sets. */
    public Builder parameter(String name, String value) {
      source = source.withParameter(name, value);
      return this;
    }

    /** What is appended to the policy's arguments, within the bounds of its {@code program.extra-arguments}. */
    public Builder arguments(List<String> arguments) {
      source = source.withArguments(arguments);
      return this;
    }

    /** What all three standard streams are that the policy inherits; pipes by default. */
    public Builder stdio(Stdio stdio) {
      return stdin(stdio).stdout(stdio).stderr(stdio);
    }

    /** What {@code inherit: 0} stands for. */
    public Builder stdin(Stdio stdio) {
      provisions = provisions.with(Provisions.STDIN, stdio);
      return this;
    }

    /** What {@code inherit: 1} stands for. */
    public Builder stdout(Stdio stdio) {
      provisions = provisions.with(Provisions.STDOUT, stdio);
      return this;
    }

    /** What {@code inherit: 2} stands for. */
    public Builder stderr(Stdio stdio) {
      provisions = provisions.with(Provisions.STDERR, stdio);
      return this;
    }

    /**
     * Whether {@code inherit: 2} stands for what {@code inherit: 1} does, so that both can be read in the order in which
     * they were written; {@link #stderr} has no effect then.
     */
    public Builder redirectErrorStream(boolean redirect) {
      provisions = provisions.withErrorsJoiningOutput(redirect);
      return this;
    }

    /**
     * What a parameter is that a capability takes as its {@code descriptor}.
     *
     * @param parameter its name in the policy
     */
    public Builder descriptor(String parameter, Stdio stdio) {
      provisions = provisions.with(parameter, stdio);
      return this;
    }

    /**
     * What a parameter is that a capability takes as its {@code descriptor}, with fewer rights than the policy gives there: a
     * launch can leave rights out, and add none.
     *
     * @param parameter its name in the policy
     * @param descriptor stays the caller's, as for {@link Stdio#descriptor(Fd)}
     * @param rights those that a policy would write there: {@code Rights.of(Right.READ)} has all that a descriptor open for reading
     *     allows, and {@code Rights.of(Right.READ, Right.STAT)} is exact. {@link #build} refuses more than the policy has, and
     *     what no layer can enforce, with a {@link dev.embryo.policy.model.PolicyException}
     */
    public Builder grant(String parameter, Fd descriptor, Rights rights) {
      source = source.withRights(parameter, rights);
      return descriptor(parameter, Stdio.descriptor(descriptor));
    }

    /**
     * Whether each launch compares what the kernel says of the process with what the policy was compiled to, before the program
     * begins: its descriptors, users and capabilities, the number of its filters, its namespaces, mounts, limits and session. A launch
     * whose process differs fails with an {@link AttestationException}. It takes some hundred microseconds; off unless said.
     */
    public Builder attest(boolean attest) {
      this.attest = attest;
      return this;
    }

    /** A standard stream by its name, or else a parameter. */
    void provide(String name, Stdio stdio) {
      provisions = provisions.withNamed(name, stdio);
    }

    /** Resolves first, which needs no native code: that may be loading meanwhile. */
    private static CompiledPolicies.Compiled compile(Policy policy, Set<Integer> terminals, boolean observing)
        throws IOException {
      var seen = observing
          ? Shared.RESOLVER.observe(policy, terminals)
          : new PolicyResolver.Observation(Shared.RESOLVER.resolve(policy, terminals), Optional.empty());
      return new CompiledPolicies.Compiled(Shared.compiler().compile(seen.resolved(), Shared.host(policy)), seen.facts());
    }

    /**
     * Resolves and compiles the policy for this host. What was built before in this JVM, from the same policy with the same
     * values, is not made again as long as every file that it depends on is as it was; that takes microseconds.
     *
     * @throws IllegalArgumentException if a descriptor is missing that the policy takes from the launch, or one is given that
     *     the policy does not take
     * @throws PolicyException if a parameter or an argument is missing, unknown or out of the policy's bounds; if the policy
     *     cannot be enforced here, or names what is not there
     * @throws IOException if libseccomp is missing
     */
    public Sandbox build() throws IOException {
      var terminals = provisions.terminals();
      var compiled = Shared.COMPILED.get(source.requirePolicy(), terminals, observing -> {
        var policy = source.policy();
        return compile(policy, Provisions.inherited(terminals, policy), observing);
      });
      provisions.requireFit(compiled);
      return new Sandbox(source, compiled, provisions, attest ? Optional.of(compiled) : Optional.empty());
    }
  }
}
