package dev.embryo.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.SeccompData;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Asks the running kernel what a filter answers, by a small C program that gcc compiles; a filter
 * cannot be tried on this very process, which would keep it.
 */
final class FilterProbe {
  private final Path directory;
  private final Path program;

  private FilterProbe(Path directory, Path program) {
    this.directory = directory;
    this.program = program;
  }

  /** Compiles the program into a directory; skips the test where gcc is missing. */
  static FilterProbe compile(Path directory) throws IOException, InterruptedException {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(each -> Files.isExecutable(Path.of(each, "gcc"))),
        "gcc is not installed");
    Path source = directory.resolve("filter-probe.c");
    try (InputStream in = FilterProbe.class.getResourceAsStream("filter-probe.c")) {
      Files.copy(Objects.requireNonNull(in), source);
    }
    Path program = directory.resolve("filter-probe");
    Process gcc =
        new ProcessBuilder(
                "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program.toString(),
                source.toString())
            .inheritIO()
            .start();
    assertThat(gcc.waitFor()).as("gcc").isZero();
    return new FilterProbe(directory, program);
  }

  /** What the kernel answers to each call, without doing any. */
  List<String> answers(Filter filter, List<SeccompData> calls)
      throws IOException, InterruptedException {
    return run("answers", filter, calls);
  }

  /** What becomes of each call, really made. */
  List<String> perform(Filter filter, List<SeccompData> calls)
      throws IOException, InterruptedException {
    return run("perform", filter, calls);
  }

  private List<String> run(String mode, Filter filter, List<SeccompData> calls)
      throws IOException, InterruptedException {
    Path bytes = Files.write(directory.resolve("filter"), filter.bytes());
    Path input =
        Files.write(directory.resolve("calls"), calls.stream().map(FilterProbe::line).toList());
    Process probe =
        new ProcessBuilder(program.toString(), mode, bytes.toString())
            .redirectInput(input.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (Stream<String> lines = probe.inputReader().lines()) {
      List<String> answers = lines.toList();
      assertThat(probe.waitFor()).as("filter-probe %s", mode).isZero();
      return answers;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static String line(SeccompData call) {
    boolean known = Architecture.ofToken(call.architecture()).isPresent();
    return (known ? "native " : "int80 ")
        + Integer.toHexString(call.number())
        + call.arguments().stream()
            .map(Long::toHexString)
            .collect(Collectors.joining(" ", " ", ""));
  }
}
