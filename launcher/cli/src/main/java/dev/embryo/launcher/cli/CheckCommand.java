package dev.embryo.launcher.cli;

import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code embryo check}: everything of a launch but the launch. */
@Command(
    name = "check",
    description = "Check a policy: read it, look up what it names, compile it for this host. Nothing is run.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = EmbryoCommand.EXIT_STATUS,
    exitCodeList = {
      "0:the policy can be run here",
      "125:it cannot",
      "126:its program cannot be executed",
      "127:its program was not found"
    },
    footer = {
      "",
      "Silent when all is well. Else every problem is printed as",
      "FILE:LINE:COLUMN: key: message."
    })
final class CheckCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Mixin
  private PolicyWithArguments policy = new PolicyWithArguments();

  @Mixin
  private Format format = new Format();

  @Override
  public Integer call() throws Exception {
    var sandbox = policy.settings().applyTo(Sandbox.builder().policy(policy.load())).build();
    var obstacle = sandbox.obstacle();
    if (obstacle.isPresent()) {
      String key = "program.path";
      throw new PolicyException(List.of(Problem.with(key, sandbox.compiled().policy().places().at(key), obstacle.get(),
          Problem.Kind.PROGRAM_NOT_EXECUTABLE)));
    }
    if (format.isJson()) {
      Json.print(spec.commandLine().getOut(), Answer.verdict(Status.OK, List.of()));
    }
    return Status.OK;
  }
}
