package dev.embryo.launcher.cli;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code embryo} command, as picocli knows it. */
@Command(
    name = "embryo",
    description = "Run a program that holds exactly what a policy names: it is born with nothing, is given its files, "
        + "directories and descriptors, and only then begins. What was not granted is not there.%n",
    mixinStandardHelpOptions = true,
    versionProvider = EmbryoCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {RunCommand.class, CheckCommand.class, ExplainCommand.class, WhyCommand.class, SchemaCommand.class, DoctorCommand.class},
    footer = {
      "",
      "Begin with:  embryo run samples/checksum/policy.yaml",
      "Then ask:    embryo explain samples/checksum/policy.yaml",
      "",
      "EMBRYO_DEBUG=1 in the environment shows where an unexpected error comes from."
    })
final class EmbryoCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  /** Understands a command line and does what it says. */
  static int execute(String... words) {
    var line = new CommandLine(new EmbryoCommand());
    line.getSubcommands().values().stream().filter(each -> each.getCommand() instanceof WhyCommand)
        .forEach(each -> each.setUnmatchedOptionsArePositionalParams(true)); // an argument may be -1
    return line
        .setExpandAtFiles(false) // a word that begins with @ is that word, above all among the arguments of a program
        .setParameterExceptionHandler((failure, misread) -> Report.usage(failure))
        .setExecutionExceptionHandler((failure, command, parsed) -> Format.isJson(command)
            ? Report.failure(failure, command.getOut(), command.getErr()) : Report.failure(failure, command.getErr()))
        .execute(words);
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
          Optional.ofNullable(EmbryoCommand.class.getModule().getDescriptor())
              .flatMap(ModuleDescriptor::rawVersion)
              .or(() -> Optional.ofNullable(EmbryoCommand.class.getPackage().getImplementationVersion()))
              .orElse("(not packed)");
      return new String[] {"embryo " + version};
    }
  }
}
