package dev.embryo.launcher.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The words of {@code embryo run}; what it does is {@link Run}. */
@Command(
    name = "run",
    description = "Run the program of a policy.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The program gets what the policy names and nothing else: not this shell's",
      "environment, not its working directory, not its open files. What the policy",
      "inherits, such as 'stdout: {inherit: 1, rights: write}', is the launcher's.",
      "",
      "Signals are handed on: HUP, INT (Ctrl-C), TERM, USR1, USR2, WINCH, CONT, Ctrl-Z.",
      "Ctrl-\\ ends the launcher, and the program with it.",
      "",
      "Exit status:",
      "  the program's, or 128+n if signal n ended it;",
      "       (137 with a word about limits.wall-time: its time was up;",
      "        159 with one about system-calls.on-denied: it made a call that kills)",
      "  125  the policy or the launcher failed, and the program did not run",
      "  126  the program cannot be executed",
      "  127  the program was not found",
      "",
      "Example:  embryo run samples/checksum/policy.yaml"
    })
final class RunCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Mixin
  private PolicyFile policy = new PolicyFile();

  @Override
  public Integer call() throws Exception {
    return new Run(policy.path(), policy.settings()).execute(spec.commandLine().getErr());
  }
}
