package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A program that runs and takes all it can get of one thing; see {@code hog.c}. It tells by memory that it shares with this
 * JVM how it fares, so that nobody has to ask it.
 */
final class Hog implements AutoCloseable {
  private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int MOST = 8;
  private static final int REFUSED = 16;
  private static final int ERROR = 24;
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  private final SandboxedProcess process;
  private final ByteBuffer shared;
  private final String said;

  private Hog(SandboxedProcess process) throws IOException {
    this.process = process;
    this.shared = process.memory("shared");
    this.said = String.valueOf(new BufferedReader(process.inputReader()).readLine());
  }

  /** Compiles the program into a directory, where sandboxes of all users find it. */
  static Path compile(Path directory) throws IOException, InterruptedException {
    var source = directory.resolve("hog.c");
    try (var text = Hog.class.getResourceAsStream("hog.c")) {
      Files.copy(Objects.requireNonNull(text), source);
    }
    var program = directory.resolve("hog");
    var compiler = new ProcessBuilder("gcc", "-Wall", "-Wextra", "-Werror", "-O1", "-std=gnu11", "-static", "-pthread", "-o",
        program.toString(), source.toString()).inheritIO().start();
    assertThat(compiler.waitFor()).as("gcc").isZero();
    for (var path : List.of(directory, program)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return program;
  }

  /**
   * Launches one, and waits until it gets no more.
   *
   * @param kind of what it takes
   * @param bound how much it takes if nothing stops it
   * @param sections of its policy, behind its capabilities
   */
  static Hog launch(Path program, String kind, int bound, String sections) throws IOException {
    var process = Launches.sandbox(program.getParent(), """
        program: {path: %s, arguments: [%s, "%d"]}
        capabilities:
          stdout: {inherit: 1, rights: write}
          shared: {memory: 4KiB, fd: 3}
        """.formatted(program, kind, bound) + sections).launch();
    try {
      return new Hog(process);
    } catch (IOException | RuntimeException failure) {
      process.close();
      throw failure;
    }
  }

  SandboxedProcess process() {
    return process;
  }

  /** What it said when it got no more: {@code refused}, or {@code bound} if it stopped by itself. */
  String said() {
    return said;
  }

  /** The most that it has had; what one of many processes got may be counted a little later. */
  long most() {
    return counter(MOST);
  }

  /** The same, when it is at least this much, or after a while. */
  long mostAwaiting(long least) {
    await(() -> most() >= least);
    return most();
  }

  /** How often it was refused more. */
  long refused() {
    return counter(REFUSED);
  }

  /** The errno of the last refusal. */
  int error() {
    return (int) counter(ERROR);
  }

  private long counter(int offset) {
    return (long) LONGS.getVolatile(shared, offset);
  }

  /** Waits until it was refused again: it is alive, at its limit, and wants more. */
  void assertThatItWantsMore() {
    long before = refused();
    await(() -> refused() > before);
    assertThat(refused()).isGreaterThan(before);
    assertThat(process.isAlive()).isTrue();
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE;
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Kills it, and waits until nothing is left. */
  @Override
  public void close() throws IOException {
    process.close();
  }
}
