package dev.embryo.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** The words of a command that looks at a whole launch: a policy, and arguments to append. */
final class PolicyWithArguments extends PolicyFile {
  @Parameters(
      index = "1..*",
      paramLabel = "ARGS",
      arity = "0..*",
      description = "Arguments to append, behind '--', within the bounds of program.extra-arguments.")
  private List<String> arguments = new ArrayList<>();

  @Override
  List<String> arguments() {
    return arguments;
  }
}
