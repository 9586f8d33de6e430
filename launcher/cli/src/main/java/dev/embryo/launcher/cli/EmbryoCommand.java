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
    subcommands = {RunCommand.class, CheckCommand.class, ExplainCommand.class, WhyCommand.class, SchemaCommand.class,
      DoctorCommand.class, HelpCommand.class},
    footer = {
      "",
      "Example:",
      "  embryo run samples/checksum/policy.yaml",
      "  embryo explain samples/checksum/policy.yaml",
      "",
      "Environment:",
      "  JAVA_HOME     the Java to run on, 17 or later; else one is looked for",
      "  EMBRYO_CACHE  the folder for what the first run keeps so that others start in",
      "                half the time; if it is empty, nothing is kept",
      "  EMBRYO_DEBUG  1: show where an unexpected error comes from"
    })
final class EmbryoCommand implements Callable<Integer> {
  /** The heading of the exit statuses, in every command that has more than one. */
  static final String EXIT_STATUS = "%nExit status:%n";

  @Spec
  private CommandSpec spec = CommandSpec.create();

  /** Understands a command line and does what it says. */
  static int execute(String... words) {
    return commandLine()
        .setExpandAtFiles(false) // a word that begins with @ is that word, above all among the arguments of a program
        .setParameterExceptionHandler((failure, misread) -> Report.usage(failure))
        .setExecutionExceptionHandler((failure, command, parsed) -> Format.isJson(command)
            ? Report.failure(failure, command.getOut(), command.getErr()) : Report.failure(failure, command.getErr()))
        .execute(words);
  }

  /** All commands, as picocli knows them. */
  static CommandLine commandLine() {
    var line = new CommandLine(new EmbryoCommand());
    line.getSubcommands().values().stream().filter(each -> each.getCommand() instanceof WhyCommand)
        .forEach(each -> each.setUnmatchedOptionsArePositionalParams(true)); // an argument may be -1
    return line;
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
