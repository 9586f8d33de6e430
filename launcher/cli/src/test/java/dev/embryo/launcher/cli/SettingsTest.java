package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.parse.PolicySchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line adds to a policy. */
class SettingsTest {
  private static final String GREETING = """
      program:
        path: /bin/echo
        arguments: ["hello, ${name}"]
        extra-arguments: {max: 1, matches: "-?[a-z]+"}
      parameters: {name: {matches: "[a-z= ]+"}}
      capabilities: {stdout: {inherit: 1, rights: write}}
      """;

  @TempDir
  Path directory;

  private Home home;
  private Path policy;

  @BeforeEach
  void install() throws IOException {
    home = Home.in(directory);
    policy = home.policy(GREETING);
  }

  @Test
  void aParameterGetsItsValue() throws Exception {
    assertThat(home.run("run", "--set", "name=a b=c", policy)).isEqualTo(new Home.Outcome(0, "hello, a b=c\n", ""));
    assertThat(home.run("run", policy, "--set=name=x")).isEqualTo(new Home.Outcome(0, "hello, x\n", ""));
  }

  @Test
  void whatStandsBehindTwoDashesIsAppended() throws Exception {
    assertThat(home.run("run", "--set", "name=x", policy, "--", "-n")).isEqualTo(new Home.Outcome(0, "hello, x -n\n", ""));
    assertThat(home.run("run", "--set", "name=x", policy, "--", "--set", "name=y").errors()).isEqualTo(policy
        + ":6:20: program.extra-arguments: a launch may append 1 arguments at most, and this one has 2\n");
  }

  @Test
  void aParameterWithoutAValueIsNamed() throws Exception {
    assertThat(home.run("run", policy)).isEqualTo(new Home.Outcome(125, "", policy
        + ":7:14: parameters.name: has no value and no default, so a launch has to give one, such as --set name=VALUE\n"));
  }

  @Test
  void aValueThatDoesNotMatchIsRefusedByEveryCommand() throws Exception {
    var refused = new Home.Outcome(125, "", policy + ":7:14: parameters.name: 'X' does not match [a-z= ]+\n");

    for (String command : new String[] {"run", "check", "explain"}) {
      assertThat(home.run(command, "--set", "name=X", policy)).isEqualTo(refused);
    }
  }

  @Test
  void explainShowsWhatTheValuesComeTo() throws Exception {
    assertThat(home.run("explain", "--set", "name=you", policy).output()).contains("\"hello, you\"");
  }

  @Test
  void theExpansionIsAPolicyThatRunsAlike() throws Exception {
    var expanded = home.run("explain", "--expand", policy);
    var written = Files.writeString(directory.resolve("expanded.yaml"), expanded.output());

    assertThat(expanded).matches(outcome -> outcome.status() == 0 && outcome.errors().isEmpty());
    assertThat(expanded.output()).contains("\nprofile: cli\n", "  arguments: [\"hello, ${name}\"]\n", "  open-files: 256\n");
    assertThat(home.run("run", "--set", "name=you", written)).isEqualTo(new Home.Outcome(0, "hello, you\n", ""));
  }

  @Test
  void theSchemaIsThatOfTheParser() throws Exception {
    assertThat(home.run("schema")).isEqualTo(new Home.Outcome(0, PolicySchema.text(), ""));
  }
}
