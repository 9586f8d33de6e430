package dev.embryo.launcher.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Few launches each: what is tested is that every row can be measured, never how long it took. */
class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) throws Exception {
    return Main.run(new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), arguments);
  }

  /** JSON is YAML, and a reader of that is at hand. */
  private static Map<?, ?> parsed(String json) {
    return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(json);
  }

  @Test
  void everyRowIsMeasuredOrSaysWhyNot(@TempDir Path folder) throws Exception {
    Path json = folder.resolve("figures.json");

    int status = run("--quick", "--launches", "3", "--json", json.toString());

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(Row.ALL.stream().map(Row::name).toList())
        .doesNotContain("failed:").doesNotContain("NOT EQUAL")
        .endsWith("as JSON: " + json + System.lineSeparator());
    assertThat(status).isZero();
    assertThat(parsed(Files.readString(json)).get("rows")).asList().hasSameSizeAs(Row.ALL).allSatisfy(row -> {
      var members = (Map<?, ?>) row;
      assertThat(members.get("failed")).isEqualTo(false);
      assertThat(((Map<?, ?>) members.get("figures")).isEmpty() && members.get("note").equals("")).isFalse();
    });
  }

  @Test
  void aFailedCheckIsTheStatusAndATimeThatIsNotReachedIsNone() {
    var options = Options.parse();
    var slow = new Row("slow", "slow", "fast", Reach.atMost(0.5), o -> Outcome.skipped(""));
    var machine = new Machine("6.1", 2, "jvm", "user", 0);
    var report = new Report(machine, options);
    var print = new PrintStream(out, true, StandardCharsets.UTF_8);

    report.add(slow, Outcome.compared(new Times(new double[] {9}), new Times(new double[] {3}), ""), print);
    assertThat(report.hasFailed()).isFalse();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("3.000    <= 0.50  not reached");

    report.add(slow, new Outcome(Map.of(), OptionalDouble.empty(), true, "NOT EQUAL"), print);
    assertThat(report.hasFailed()).isTrue();
  }

  @Test
  void aTimeThatIsComparedWithNothingHasToReachABoundOfItsOwn() {
    var row = new Row("alone", "a time", "", Reach.withinMicros(20), o -> Outcome.skipped(""));
    var report = new Report(new Machine("6.1", 2, "jvm", "user", 0), Options.parse());
    var print = new PrintStream(out, true, StandardCharsets.UTF_8);

    report.add(row, Outcome.measured(new Times(new double[] {20})), print);
    assertThat(out.toString(StandardCharsets.UTF_8)).containsPattern("alone +20.0 +20.0 +<= 20 us  reached\\R +a time\\R");

    report.add(row, Outcome.measured(new Times(new double[] {20.5})), print);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("<= 20 us  not reached");
    assertThat(parsed(report.json()).get("rows")).asList().element(1).extracting("reach").isEqualTo("<= 20 us");
  }

  @Test
  void theJsonIsWellFormedWhateverANoteSays() {
    var report = new Report(new Machine("6.1", 2, "jvm", "a \"user\"", 0.5), Options.parse());
    String note = "a \\ and a \" and a \n and a \t";
    report.add(Row.ALL.get(0), Outcome.skipped(note), new PrintStream(out, true, StandardCharsets.UTF_8));

    var figures = parsed(report.json());

    assertThat((Map<?, ?>) figures.get("machine")).extracting("user").isEqualTo("a \"user\"");
    assertThat(figures.get("rows")).asList().singleElement().extracting("note").isEqualTo("skipped: " + note);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "--rows nonsense   | no row is called 'nonsense'",
    "--launches 0      | --launches takes a number from 1 to 9999999, not '0'",
    "--launches        | --launches needs a value",
    "--faster          | unknown option '--faster'",
  })
  void wrongUsageIsSaidAndIsStatusTwo(String line, String message) throws Exception {
    assertThat(run(line.strip().split(" "))).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("embryo-bench: " + message + "\n" + "usage: ");
  }

  @Test
  void aMedianIsAMeasuredValue() {
    var times = new Times(new double[] {5, 1, 4, 2, 3, 6, 7, 8, 9, 10});

    assertThat(times.median()).isEqualTo(5);
    assertThat(times.quantile(0.9)).isEqualTo(9);
    assertThat(times.quantile(0)).isEqualTo(1);
    assertThat(times.quantile(1)).isEqualTo(10);
  }
}
