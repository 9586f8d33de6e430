package dev.embryo.launcher.cli;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code embryo} command. */
@Command(
    name = "embryo",
    description = "Run a program that holds exactly what a policy names: it is born with nothing, is given its files, "
        + "directories and descriptors, and only then begins. What was not granted is not there.%n",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {RunCommand.class, CheckCommand.class, ExplainCommand.class},
    footer = {
      "",
      "Begin with:  embryo run samples/checksum/policy.yaml",
      "Then ask:    embryo explain samples/checksum/policy.yaml",
      "",
      "EMBRYO_DEBUG=1 in the environment shows where an unexpected error comes from."
    })
public final class Main implements Callable<Integer> {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /**
   * Runs the command and exits with its status.
   *
   * @param arguments the words after {@code embryo}
   */
  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  /** The command's exit status. */
  static int execute(String... arguments) {
    return new CommandLine(new Main())
        .setParameterExceptionHandler((failure, words) -> Report.usage(failure))
        .setExecutionExceptionHandler((failure, command, parsed) -> Report.failure(failure, command))
        .execute(arguments);
  }

  /** Without a subcommand: the help. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return Status.OK;
  }

  /** The version that the build wrote: into the module's descriptor, and into the jar for the class path. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version =
          Optional.ofNullable(Main.class.getModule().getDescriptor())
              .flatMap(ModuleDescriptor::rawVersion)
              .or(() -> Optional.ofNullable(Main.class.getPackage().getImplementationVersion()))
              .orElse("(not packed)");
      return new String[] {"embryo " + version};
    }
  }
}
