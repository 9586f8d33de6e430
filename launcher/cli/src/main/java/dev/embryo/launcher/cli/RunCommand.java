package dev.embryo.launcher.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The words of {@code embryo run}; what it does is {@link Run}. */
@Command(
    name = "run",
    description = "Run the program of a policy.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = EmbryoCommand.EXIT_STATUS,
    exitCodeList = {
      "n:the program's own",
      "128+n:signal n ended the program; 137 with a word about limits.wall-time: its time was up; 159 with one about"
          + " system-calls.on-denied: it made a call that kills",
      "125:the policy or the launcher failed, and the program did not run",
      "126:the program cannot be executed",
      "127:the program was not found"
    },
    footer = {
      "",
      "The program gets what the policy names and nothing else: not this shell's",
      "environment, not its working directory, not its open files. What the policy",
      "inherits, such as 'stdout: {inherit: 1, rights: write}', is the launcher's.",
      "",
      "Signals are handed on: HUP, INT (Ctrl-C), TERM, USR1, USR2, WINCH, CONT, Ctrl-Z.",
      "Ctrl-\\ does to a program that has the terminal what it does to any; else it ends",
      "the launcher, and the program with it.",
      "",
      "Example:",
      "  embryo run samples/checksum/policy.yaml",
      "  embryo run --set input=names.txt policy.yaml -- --verbose",
      "  embryo run --cloudabi webserver.yaml ./webserver"
    })
final class RunCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Mixin
  private PolicyWithArguments policy = new PolicyWithArguments();

  @Option(names = "--attest", description = "Compare the process with what the policy was compiled to, as far as the kernel tells,"
      + " before the program begins; where it differs, the program does not run.")
  private boolean attest;

  @Override
  public Integer call() throws Exception {
    return new Run(policy.path(), policy.configuration(), policy.settings(), attest).execute(spec.commandLine().getErr());
  }
}
