package dev.embryo.launcher.cli;

import dev.embryo.policy.parse.PolicyTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The words of every command that reads a policy: the policy, and the values of its parameters. */
class PolicyFile {
  @Parameters(index = "0", paramLabel = "POLICY", description = "The policy, a YAML file; with --cloudabi the program.")
  private Path path = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "The value of a parameter of the policy, within the bounds that the policy sets.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--cloudabi",
      paramLabel = "FILE",
      description = "Make the policy of a configuration of cloudabi-run: the program holds what its tags name, and nothing else.")
  private Optional<Path> configuration = Optional.empty();

  /** The policy. */
  final PolicyTemplate load() throws IOException {
    return Run.load(path, configuration);
  }

  /** The configuration that it is made of, if it is. */
  final Optional<Path> configuration() {
    return configuration;
  }

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
