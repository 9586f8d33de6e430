package dev.embryo.launcher.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The words of every command that reads a policy: the policy, and what a launch adds to it. */
final class PolicyFile {
  @Parameters(index = "0", paramLabel = "POLICY", description = "The policy, a YAML file.")
  private Path path = Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "ARGS",
      arity = "0..*",
      description = "Arguments to append, behind '--', within the bounds of program.extra-arguments.")
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "The value of a parameter of the policy, within the bounds that the policy sets.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  /** Where it is, as it was written. */
  Path path() {
    return path;
  }

  /** What is added. */
  Settings settings() {
    return new Settings(parameters, arguments);
  }
}
