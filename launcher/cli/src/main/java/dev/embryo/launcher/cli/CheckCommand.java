package dev.embryo.launcher.cli;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code embryo check}: everything of a launch but the launch. */
@Command(
    name = "check",
    description = "Check a policy: read it, look up what it names, compile it for this host. Nothing is run.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Silent when all is well. Else every problem is printed as FILE:LINE:COLUMN: message.",
      "",
      "Exit status:  0 if the policy can be run here, 125 if not"
    })
final class CheckCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "POLICY", description = "The policy, a YAML file.")
  private Path policy = Path.of("");

  @Override
  public Integer call() throws Exception {
    Sandbox.builder().policy(Policies.load(policy)).build();
    return Status.OK;
  }
}
