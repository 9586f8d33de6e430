package dev.embryo.launcher.bench;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.Privileges;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.host.UserPool;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.process.Supplies;
import dev.embryo.runtime.process.Zygote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Launches by the runtime's own interface what no policy asks for: other namespaces than the compiler chooses. Standard
 * streams are three pipes, as everywhere in this benchmark. Thread-safe.
 *
 * @param streams the names under which the program takes its standard streams, in order
 * @param user the host user that the program becomes, or 0 if it becomes nobody else
 */
record PlanLauncher(BirthPlan plan, BirthProgram program, List<String> streams, int user) implements Launcher {

  /** What a policy was compiled to, in a network namespace as well. */
  static PlanLauncher withNetworkNamespace(CompiledPolicy compiled) throws IOException {
    var plan = compiled.plan();
    var namespaces = EnumSet.copyOf(plan.namespaces());
    namespaces.add(Namespace.NETWORK);
    var zygote = BirthPlan.of(namespaces, Fragment.NONE, Fragment.NONE).zygote();
    var streams = compiled.descriptors().stream().map(slot -> slot.supply()).toList();
    return new PlanLauncher(
        new BirthPlan(namespaces, zygote, plan.helper(), plan.init(), plan.watch(), plan.begin(), plan.awaitInit(),
            Optional.empty()),
        compiled.program(), streams, compiled.needsHostUser() ? UserPool.shared().take() : 0);
  }

  /** No isolation but what an embryo always has: no inherited descriptor, environment or signal, no_new_privs. */
  static PlanLauncher withoutIsolation() {
    var plan = BirthPlan.of(Set.of(), Fragment.NONE, Fragment.NONE);
    var streams = List.of("stdin", "stdout", "stderr");
    var program = BirthProgram.builder();
    plan.begin().addTo(program);
    for (int number = 0; number < streams.size(); number++) {
      program.purpose("give descriptor " + number).place(streams.get(number), number);
    }
    var executable = program.purpose("open the program").call("openat", Constant.AT_FDCWD,
        program.string(Subject.PROGRAM), Constant.or(Constant.O_PATH, Constant.O_CLOEXEC));
    Arming.exec(program, executable, Subject.PROGRAM, List.of(Subject.PROGRAM), List.of());
    return new PlanLauncher(plan, program.build(), streams, 0);
  }

  @Override
  public long launch() throws IOException, InterruptedException {
    long start = System.nanoTime();
    var kept = new ArrayList<Fd>();
    var given = new ArrayList<Fd>();
    try {
      var supplies = new Supplies().value(Privileges.USER, user).value(Privileges.GROUP, user);
      for (int number = 0; number < streams.size(); number++) {
        var pipe = FdPair.pipe();
        var theirs = number == 0 ? pipe.first() : pipe.second();
        given.add(theirs);
        kept.add(number == 0 ? pipe.second() : pipe.first());
        supplies.descriptor(streams.get(number), theirs);
      }
      try (var process = Zygote.shared().launch(plan, program, supplies)) {
        given.forEach(Fd::close);
        int status = process.waitFor().shellStatus();
        long nanos = System.nanoTime() - start;
        Launcher.requireSuccess(status);
        return nanos;
      }
    } finally {
      given.forEach(Fd::close);
      kept.forEach(Fd::close);
    }
  }
}
