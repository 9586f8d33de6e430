package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tests that the threat model names are there, and every row of its tables names one. */
class ThreatModelTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w*Test)\\.(\\w+)`");
  private static final Pattern METHOD = Pattern.compile("(?m)^  void (\\w+)\\(");
  private static final Pattern RULE = Pattern.compile("\\|(-+\\|)+");

  @Test
  void everyPromiseNamesTestsThatAreThere() throws IOException {
    var tests = tests();
    var rows = rows();

    assertThat(rows).hasSizeGreaterThan(15);
    for (String row : rows) {
      var named = NAMED.matcher(row).results().map(match -> match.group(1) + "." + match.group(2)).toList();
      assertThat(named).as(row).isNotEmpty();
      assertThat(tests).as(row).containsAll(named);
    }
  }

  /** Those below the heads of tables. */
  private static List<String> rows() throws IOException {
    var lines = Files.readAllLines(ROOT.resolve("docs/threat-model.md"));
    return lines.stream().filter(line -> line.startsWith("| ") && !RULE.matcher(line).matches())
        .filter(line -> !RULE.matcher(lines.get(lines.indexOf(line) + 1)).matches()).toList();
  }

  private static Set<String> tests() throws IOException {
    var tests = new HashSet<String>();
    try (var files = Files.walk(ROOT)) {
      for (Path file : files.filter(each -> each.toString().matches(".*/src/test/java/.*Test\\.java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        METHOD.matcher(Files.readString(file)).results().forEach(match -> tests.add(name + "." + match.group(1)));
      }
    }
    return tests;
  }
}
