package dev.embryo.launcher.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Writes what comes with the command in the tarball: its manual pages, and what bash completes its words by. The build of the
 * tarball runs it.
 */
public final class Documents {
  private Documents() {}

  /**
   * Writes them where programs look for them below a {@code share} folder.
   *
   * @param words that folder, which is made if need be
   */
  public static void main(String[] words) throws IOException {
    var share = Path.of(words[0]);
    var command = EmbryoCommand.commandLine();
    write(share.resolve("bash-completion/completions").resolve(command.getCommandName()),
        BashCompletion.of(command.getCommandSpec()));
    for (CommandSpec spec : commands(command.getCommandSpec())) {
      write(share.resolve("man/man1").resolve(ManPage.name(spec) + ".1"), ManPage.of(spec));
    }
  }

  private static List<CommandSpec> commands(CommandSpec root) {
    var commands = new ArrayList<>(List.of(root));
    root.subcommands().values().forEach(command -> commands.add(command.getCommandSpec()));
    return commands;
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
