package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.explain.Explanation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command answers machines is JSON, and says what it says to people. */
class JsonTest {
  @TempDir
  private static Path directory;
  private static Home home;

  @BeforeAll
  static void install() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    home = Home.in(directory);
  }

  private static Map<String, Object> answer(int status, Object... arguments) throws Exception {
    var outcome = home.run(arguments);
    assertThat(outcome.errors()).isEmpty();
    assertThat(outcome.status()).isEqualTo(status);
    return JsonReader.object(outcome.output());
  }

  @Test
  void aPolicyThatCanBeRunHasNoProblems() throws Exception {
    assertThat(answer(0, "check", "--json", home.script("exit 0")))
        .isEqualTo(Map.of("runnable", true, "status", 0L, "problems", List.of()));
  }

  @Test
  void everyProblemHasItsPlaceItsKeyAndItsMessage() throws Exception {
    var policy = home.policy("program: {path: /bin/true, argument: [a]}\nlimits: {memory: lots}\n");
    var expected = Map.of("runnable", false, "status", 125L, "problems", List.of(
        Map.of("file", policy.toString(), "line", 3L, "column", 28L, "key", "program", "kind", "policy",
            "message", "unknown key 'argument'; did you mean 'arguments'?"),
        Map.of("file", policy.toString(), "line", 4L, "column", 18L, "key", "limits.memory", "kind", "policy",
            "message", home.run("check", policy).errors().lines().skip(1).findFirst().orElseThrow()
                .substring((policy + ":4:18: ").length()))));
    assertThat(answer(125, "check", "--json", policy)).isEqualTo(expected);
    assertThat(answer(125, "explain", "--json", policy)).isEqualTo(expected);
  }

  @Test
  void aMissingProgramIsAKindOfItsOwn() throws Exception {
    var policy = home.policy("program: {path: /nowhere/program}\n");
    assertThat(answer(127, "check", "--json", policy)).isEqualTo(Map.of("runnable", false, "status", 127L,
        "problems", List.of(Map.of("file", policy.toString(), "line", 3L, "column", 17L, "key", "program.path",
            "message", "program.path: /nowhere/program does not exist: there is no /nowhere",
            "kind", "program-not-found"))));
  }

  @Test
  void aPolicyThatCannotBeReadIsAProblemWithoutAPlace() throws Exception {
    var missing = directory.resolve("nothing.yaml");
    assertThat(answer(125, "check", "--json", missing)).isEqualTo(Map.of("runnable", false, "status", 125L,
        "problems", List.of(Map.of("message", missing + ": no such file", "kind", "launcher"))));
  }

  /** Compared with the page itself, of the same compiled policy, row by row. */
  @Test
  void anExplanationSaysAllThatThePageSays() throws Exception {
    var policy = home.policy("""
        program: {path: /bin/true, arguments: [ä, "\\n"], environment: {A: b}}
        capabilities:
          stdout: {inherit: 1, rights: write}
          nothing: {null: true, fd: 5, rights: read}
          in: {directory: /usr/share, rights: [list, read], mount: /in}
          tmp: {tmpfs: 1MiB, mount: /tmp}
        limits: {stack: 1MiB}
        """);
    var page = Explanation.of(Sandbox.builder().policy(Policies.load(policy)).build().compiled());

    var answer = answer(0, "explain", "--json", policy);

    assertThat(answer).isEqualTo(JsonReader.object(printed(Answer.page(page))));
    var text = new ArrayList<String>();
    section(answer, "sections").forEach(section -> {
      text.add((String) section.get("heading"));
      section(section, "rows").forEach(row -> {
        text.add((String) row.get("what"));
        text.add((String) row.get("detail"));
        text.add("[" + row.get("layer") + "]");
      });
    });
    assertThat(String.join("", text).replaceAll("\\s", "")).isEqualTo(page.toString().replaceAll("\\s", ""));
  }

  @Test
  void anExplanationHasFactsThatNeedNoReading() throws Exception {
    var policy = home.policy("""
        program: {path: /bin/true, arguments: [a b]}
        capabilities: {nothing: {null: true, fd: 5, rights: read}, tmp: {tmpfs: 1MiB, mount: /tmp}}
        limits: {stack: 1MiB}
        """);
    var facts = new ArrayList<Map<String, Object>>();
    section(answer(0, "explain", "--json", policy), "sections")
        .forEach(section -> section(section, "rows").forEach(row -> facts.add(object(row.get("facts")))));

    assertThat(facts).contains(
        Map.of("arguments", List.of("a b")),
        Map.of("number", 5L, "capability", "nothing", "source", "the null device", "rights", List.of("read", "duplicate"),
            "exact", false),
        Map.of("key", "stack", "unlimited", false, "value", 1L << 20));
    assertThat(facts).anySatisfy(row -> assertThat(row)
        .containsEntry("path", "/tmp").containsEntry("kind", "tmpfs").containsEntry("bytes", 1L << 20));
  }

  @Test
  void anAnswerIsAsciiInWhateverLocale() throws Exception {
    var policy = home.policy("program: {path: /bin/true, arguments: [\"ä\\U0001F600\"]}\n");
    var builder = home.process("explain", "--json", policy);
    builder.environment().put("LC_ALL", "C");

    var output = Home.outcome(builder).output();

    assertThat(output).isASCII().endsWith("}\n");
    assertThat(JsonReader.object(output).toString()).contains("ä😀");
  }

  @Test
  void whatHasNoJsonIsRefused() {
    assertThatThrownBy(() -> printed(Map.of("a", 1.5))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no JSON for class java.lang.Double");
  }

  private static String printed(Object value) throws IOException {
    var text = new StringWriter();
    Json.print(new PrintWriter(text), value);
    return text.toString();
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> section(Map<String, Object> object, String name) {
    return (List<Map<String, Object>>) object.get(name);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  @ParameterizedTest
  @CsvSource({
    "--birth,  --json,   --birth and --json",
    "--bpf,    --json,   --bpf and --json",
    "--json,   --expand, --expand and --json",
    "--expand, --birth,  --birth and --expand",
    "--proof,  --bpf,    --bpf and --proof",
  })
  void explainAnswersInOneFormAndRefusesTwo(String one, String other, String both) throws Exception {
    var outcome = home.run("explain", one, other, home.policy("program: {path: /bin/true}\n"));

    assertThat(outcome).isEqualTo(new Home.Outcome(125, "", "embryo: " + both
        + " exclude each other: one command prints one of --birth, --bpf, --expand, --proof, --json\nTry 'embryo explain --help'.\n"));
  }
}
