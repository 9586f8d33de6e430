package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample that attacks a policy: its two policies hold, and what a policy grants shows as done. */
class AttackSampleTest {
  @TempDir private Path directory;

  /** A line for each attempt, in columns: the attempt, without a sandbox, and each policy. */
  private record Table(int status, List<String> lines) {
    List<Integer> done() {
      var last = lines.get(lines.size() - 1);
      assertThat(last).startsWith("done, of ");
      return Arrays.stream(last.replaceFirst("done, of [0-9]+", "").strip().split(" +")).map(Integer::valueOf).toList();
    }
  }

  /** Without other sandboxes, which need not be there. */
  private static Table attack(Path... policies) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "-XX:+IgnoreUnrecognizedVMOptions", "-cp", System.getProperty("java.class.path"),
        "attack/Attack.java", Probe.PROGRAM.toString()));
    Stream.of(policies).map(Path::toString).forEach(command::add);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PATH", "");
    var process = builder.start();
    var lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    return new Table(process.waitFor(), lines);
  }

  @Test
  void nothingIsDoneUnderItsPolicies() throws Exception {
    var table = attack(Path.of("attack/embryo.yaml"), Path.of("attack/no-namespaces.yaml"));

    assertThat(table.lines.get(0)).matches("attempt +no sandbox +embryo +no-namespaces");
    assertThat(table.lines).hasSizeGreaterThan(200);
    assertThat(table.done().subList(1, 3)).as("%s", table.lines).containsExactly(0, 0);
    assertThat(table.done().get(0)).as("what is done without a sandbox").isGreaterThan(50);
    assertThat(table.status).isZero();
  }

  @Test
  void whatAPolicyGrantsIsDone() throws Exception {
    var policy = Files.writeString(directory.resolve("policy.yaml"),
        "policy: embryo/v1\nname: granting\nprogram: {path: /bin/true}\nprocesses: {jit: true}\n");
    var table = attack(policy);

    assertThat(table.lines).anyMatch(line -> line.matches("make-executable +DONE +DONE"));
    assertThat(table.lines).anyMatch(line -> line.matches("socket inet +DONE +EPERM"));
    assertThat(table.status).isEqualTo(1);
  }
}
