package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tab in bash, typed at a terminal, completes the words of the command. */
@Timeout(180)
class CompletionTest {
  private static final String WORD = "/share/bash-completion/completions/embryo";

  @TempDir Path directory;
  private Screen screen;

  @BeforeEach
  void open() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/tmux")), "/usr/bin/tmux is not installed");
    Documents.main(new String[] {directory.resolve("share").toString()});
    Files.createDirectory(directory.resolve("here"));
    screen = Screen.open(directory);
    screen.line("cd '" + directory.resolve("here") + "'; . '" + directory + WORD + "'; clear").await("is clear", "out>"::equals);
  }

  @AfterEach
  void close() throws Exception {
    if (screen != null) {
      screen.close();
    }
  }

  /** The word behind each is a mark: it shows where the cursor is, and that no more was completed. */
  @ParameterizedTest
  @CsvSource({
    "embryo ru,               embryo run !",
    "embryo --ver,            embryo --version !",
    "embryo explain --bi,     embryo explain --birth !",
    "embryo explain --js,     embryo explain --json !",
    "embryo check po,         embryo check policy.yaml !",
    "embryo check --json po,  embryo check --json policy.yaml !",
    "embryo run --s,          embryo run --set !",
    "embryo run --set a=po,   embryo run --set a=policy.yaml !",
    "embryo run policy.yaml -- po, embryo run policy.yaml -- policy.yaml !",
    "embryo run policy.yaml -- --s, embryo run policy.yaml -- --s!",
    "embryo help doc,         embryo help doctor !",
    "embryo help run ru,      embryo help run run !",
    "embryo doctor po,        embryo doctor po!",
    "embryo schema --json,    embryo schema --json!",
    "embryo po,               embryo po!",
  })
  void aTabCompletesAWord(String typed, String completed) throws Exception {
    Files.createFile(directory.resolve("here/policy.yaml"));

    screen.key(typed, "Tab", "!").await("out> " + completed);
  }

  @Test
  void twoTabsListAllCommands() throws Exception {
    screen.key("embryo ", "Tab", "Tab").await("has them", text -> text.contains("explain"));

    assertThat(screen.text().lines().skip(1).findFirst().orElseThrow().split(" +"))
        .containsExactlyInAnyOrderElementsOf(EmbryoCommand.commandLine().getSubcommands().keySet());
  }

  /** Nothing is special in the name of a file, which may be anybody's. */
  @Test
  void aFilesNameIsQuotedAndNothingInItIsExecuted() throws Exception {
    Files.createFile(directory.resolve("here/p$(touch pwned) 'a' `touch pwned`.yaml"));

    screen.key("embryo check p", "Tab", "!").await("embryo check p\\$\\(touch\\ pwned\\)\\ \\'a\\'\\ \\`touch\\ pwned\\`.yaml !");
    assertThat(directory.resolve("here/pwned")).doesNotExist();
  }
}
