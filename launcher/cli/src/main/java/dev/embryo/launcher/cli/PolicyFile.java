package dev.embryo.launcher.cli;

import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The parameter of every command that reads a policy. */
final class PolicyFile {
  @Parameters(index = "0", paramLabel = "POLICY", description = "The policy, a YAML file.")
  private Path path = Path.of("");

  /** Where it is, as it was written. */
  Path path() {
    return path;
  }
}
