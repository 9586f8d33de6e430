package dev.embryo.launcher;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A process of a birth, and what it executes. */
enum BirthPart {
  ZYGOTE(compiled -> Optional.of(compiled.plan().zygote())),
  HELPER(compiled -> compiled.plan().helper()),
  INIT(compiled -> compiled.plan().init()),
  EMBRYO(compiled -> Optional.of(compiled.program()));

  private final Function<CompiledPolicy, Optional<BirthProgram>> program;

  BirthPart(Function<CompiledPolicy, Optional<BirthProgram>> program) {
    this.program = program;
  }

  /** What it executes; empty if there is no such process. */
  Optional<BirthProgram> program(CompiledPolicy compiled) {
    return program.apply(compiled);
  }

  /** The policy, with something else that it executes. */
  CompiledPolicy changed(CompiledPolicy compiled, UnaryOperator<BirthProgram> change) {
    var plan = compiled.plan();
    var changed = new BirthPlan(plan.namespaces(),
        this == ZYGOTE ? change.apply(plan.zygote()) : plan.zygote(),
        this == HELPER ? plan.helper().map(change) : plan.helper(),
        this == INIT ? plan.init().map(change) : plan.init(),
        plan.watch(), plan.begin(), plan.awaitInit(), plan.cgroup());
    return new CompiledPolicy(compiled.resolved(), compiled.host(), compiled.descriptors(), compiled.root(),
        compiled.withholding(), compiled.filters(), compiled.limits(), changed,
        this == EMBRYO ? change.apply(compiled.program()) : compiled.program(), compiled.jobControl());
  }
}
