package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The manual pages are read by groff without a complaint, and say what the help says. */
class ManPageTest {
  static List<CommandSpec> commands() {
    var root = EmbryoCommand.commandLine();
    var commands = new ArrayList<>(List.of(root.getCommandSpec()));
    root.getSubcommands().values().forEach(command -> commands.add(command.getCommandSpec()));
    return commands;
  }

  /** As it is shown, in one line. */
  private static String shown(CommandSpec command) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/groff")), "/usr/bin/groff is not installed");
    var groff = new ProcessBuilder("/usr/bin/groff", "-man", "-ww", "-K", "utf8", "-T", "utf8", "-P-cbou").start();
    try (var page = groff.outputWriter(StandardCharsets.UTF_8)) {
      page.write(ManPage.of(command));
    }
    String shown = new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(new String(groff.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
    assertThat(groff.waitFor()).isZero();
    return inOneLine(shown);
  }

  private static String inOneLine(String text) {
    return text.replace("%n", " ").replaceAll("\\s+", " ").strip();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aPageSaysAllThatTheHelpSays(CommandSpec command) throws Exception {
    var usage = command.usageMessage();
    var words = new ArrayList<>(List.of(usage.description()));
    words.addAll(usage.exitCodeList().values());
    for (OptionSpec option : command.options()) {
      words.addAll(List.of(option.names()));
      words.addAll(List.of(option.description()));
    }
    command.positionalParameters().forEach(argument -> words.addAll(List.of(argument.description())));
    words.addAll(command.subcommands().keySet());
    for (String line : usage.footer()) {
      words.add(line.endsWith(":") ? line.replace(":", "").toUpperCase(Locale.ROOT) : line);
    }

    String shown = shown(command);

    assertThat(words).map(ManPageTest::inOneLine).allSatisfy(word -> assertThat(shown).contains(word));
    assertThat(shown).startsWith(ManPage.name(command).toUpperCase(Locale.ROOT) + "(1)")
        .contains("NAME " + ManPage.name(command) + " - ").contains("SEE ALSO embryo");
  }
}
