package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A program that leaves a file where it has run, and births of it in which something is done that was not compiled. */
final class ChangedBirth {
  private final Sandbox sandbox;
  private final Path mark;

  private ChangedBirth(Sandbox sandbox, Path mark) {
    this.sandbox = sandbox;
    this.mark = mark;
  }

  /** @param more sections of its policy */
  static ChangedBirth of(Path directory, String more) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    var mark = directory.resolve("ran");
    return new ChangedBirth(Launches.shell(directory, "echo it ran > " + mark,
        "  out: {directory: " + directory + ", rights: all, mount: " + directory + "}\n" + more + "\n"), mark);
  }

  /** What a process executes as it was compiled; empty if there is none in this kind of birth. */
  Optional<BirthProgram> program(BirthPart part) {
    return part.program(sandbox.compiled());
  }

  /** Runs it as it was compiled. */
  void run() throws IOException, InterruptedException {
    try (var process = sandbox.launch()) {
      assertThat(process.waitFor()).isZero();
    }
    Files.delete(mark);
  }

  /** What this JVM holds when it has run: what is shared is there from then on. */
  Holdings holdings() throws IOException, InterruptedException {
    run();
    var before = Holdings.now();
    run();
    return before;
  }

  /** Why the launch fails where one process executes something else; empty if it does not fail. */
  Optional<IOException> fail(BirthPart part, UnaryOperator<BirthProgram> change) throws IOException, InterruptedException {
    return fail(sandbox.executing(part.changed(sandbox.compiled(), change)));
  }

  static Optional<IOException> fail(Sandbox sandbox) throws IOException, InterruptedException {
    try (var process = sandbox.launch()) {
      process.waitFor();
      return Optional.empty();
    } catch (IOException failure) {
      return Optional.of(failure);
    }
  }

  /** Whether the program has run since this was asked last. */
  boolean ran() throws IOException {
    return Files.deleteIfExists(mark);
  }

  /** What hands over a pidfd does nothing for the program, which is armed without it, and may begin before it is killed. */
  static boolean isForTheLauncherOnly(Operation operation) {
    return operation.purpose().startsWith("hand over the pidfd");
  }
}
