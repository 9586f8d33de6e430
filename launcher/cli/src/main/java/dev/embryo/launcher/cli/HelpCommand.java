package dev.embryo.launcher.cli;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code embryo help}: the same as {@code --help} of a command. */
@Command(name = "help", description = "Show the help of a command.", mixinStandardHelpOptions = true)
final class HelpCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..1",
      completionCandidates = Commands.class,
      description = "The command; without one, the help of embryo itself.")
  private String command = "";

  @Override
  public Integer call() {
    var all = spec.parent().commandLine();
    var asked = command.isEmpty() ? all : all.getSubcommands().get(command);
    if (asked == null) {
      throw new UnmatchedArgumentException(all, List.of(command));
    }
    asked.usage(spec.commandLine().getOut());
    return Status.OK;
  }

  /** The names of all commands. */
  static final class Commands implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return EmbryoCommand.commandLine().getSubcommands().keySet().iterator();
    }
  }
}
