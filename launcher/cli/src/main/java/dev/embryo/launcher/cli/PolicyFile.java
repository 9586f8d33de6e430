package dev.embryo.launcher.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The words of every command that reads a policy: the policy, and the values of its parameters. */
class PolicyFile {
  @Parameters(index = "0", paramLabel = "POLICY", description = "The policy, a YAML file.")
  private Path path = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "The value of a parameter of the policy, within the bounds that the policy sets.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  /** Where it is, as it was written. */
  final Path path() {
    return path;
  }

  /** What is appended to the program's arguments. */
  List<String> arguments() {
    return List.of();
  }

  /** What is added to it. */
  final Settings settings() {
    return new Settings(parameters, arguments());
  }
}
