package dev.embryo.policy.resolve;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs the host's own tools; a test that needs one which is missing is skipped, and says so. */
final class Tool {
  /** What a tool printed on both streams, and how it ended. */
  record Result(int status, String output) {}

  private Tool() {}

  static void require(String name) {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator)).anyMatch(d -> Files.isExecutable(Path.of(d, name))),
        () -> name + " is not installed");
  }

  static Result run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  /** Compiles a C program or library. */
  static Path gcc(Path output, String source, String... options) throws IOException, InterruptedException {
    require("gcc");
    Files.createDirectories(output.getParent());
    Path file = Files.writeString(output.resolveSibling(output.getFileName() + ".c"), source);
    List<String> command = new ArrayList<>(List.of("gcc", "-o", output.toString(), file.toString()));
    command.addAll(List.of(options));
    Result result = run(command);
    assumeTrue(result.status == 0, () -> "gcc cannot build it here: " + result.output);
    return output;
  }
}
