package dev.embryo.launcher.bench;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What system calls cost a program that is sandboxed: it times a thousand of them itself, inside and outside. */
final class CallTimes {
  private static final int LAUNCHES = 40;
  private static final int WARM_UP = 3;
  private static final int READS = 100_000; // as many as the program makes

  private CallTimes() {}

  /** A call that is always allowed. */
  static Outcome allowed(Options options) throws IOException, InterruptedException {
    return compare(options, "", List.of("getppid"), List.of("getppid"));
  }

  /** A read on a pipe, where another descriptor cannot be read, so that numbers are compared. */
  static Outcome restricted(Options options) throws IOException, InterruptedException {
    return compare(options, "  stdin: {inherit: 0, rights: [read, stat]}\n  other: {file: /dev/zero, rights: [stat], fd: 9}\n", List.of("read"), List.of("read"));
  }

  /** A file in a granted directory, opened and closed. */
  static Outcome opened(Options options) throws IOException, InterruptedException {
    var directory = Files.createTempDirectory("embryo-bench");
    var file = Files.createFile(directory.resolve("file"));
    try {
      directory.toFile().setExecutable(true, false);
      directory.toFile().setReadable(true, false);
      return compare(options, "  in: {directory: \"" + directory + "\", rights: read, mount: /in}\n",
          List.of("open", "/in/file"), List.of("open", file.toString()));
    } finally {
      Files.delete(file);
      Files.delete(directory);
    }
  }

  private static Outcome compare(Options options, String capability, List<String> inside, List<String> outside)
      throws IOException, InterruptedException {
    var program = Path.of(CallTimes.class.getProtectionDomain().getCodeSource().getLocation().getPath())
        .resolveSibling("calls");
    if (!Files.isExecutable(program)) {
      return Outcome.skipped(program + " is not there; launcher/bin/embryo-bench builds it");
    }
    var sandbox = Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: bench
        program: {path: "%s", arguments: %s}
        capabilities:
          stdout: {inherit: 1, rights: write}
        %s""".formatted(program, inside, capability), Path.of("/"))).build();
    boolean feed = inside.contains("read");
    var command = new ArrayList<>(List.of(program.toString()));
    command.addAll(outside);
    Launcher ours = () -> answer(sandbox.launch(), feed);
    Launcher theirs = () -> answer(new ProcessBuilder(command).start(), feed);
    return Comparison.alternate(ours, theirs, options.withAtMost(LAUNCHES, WARM_UP)).with("of a thousand calls");
  }

  private static long answer(Process process, boolean feed) throws IOException, InterruptedException {
    try (var output = process.getInputStream(); var input = process.getOutputStream()) {
      if (feed) {
        input.write(new byte[READS]);
        input.flush();
      }
      var text = new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException("the program that makes the calls ended with status " + status);
      }
      return Long.parseLong(text);
    }
  }
}
