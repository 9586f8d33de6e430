package dev.embryo.launcher.bench;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.nio.file.Path;

/** Launches as a user of the library does: a policy, compiled once, with three pipes. Thread-safe. */
record SandboxLauncher(Sandbox sandbox) implements Launcher {
  private static final String POLICY = """
      policy: embryo/v1
      name: bench
      program: {path: %s}
      capabilities:
        stdin:  {inherit: 0, rights: read}
        stdout: {inherit: 1, rights: write}
        stderr: {inherit: 2, rights: write}
      """.formatted(Subject.PROGRAM);

  static SandboxLauncher open() throws IOException {
    return new SandboxLauncher(Sandbox.builder().policy(Policies.parse(POLICY, Path.of("/"))).build());
  }

  static SandboxLauncher attested() throws IOException {
    return new SandboxLauncher(open().sandbox().toBuilder().attest(true).build());
  }

  @Override
  public long launch() throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (var process = sandbox.launch()) {
      int status = process.waitFor();
      long nanos = System.nanoTime() - start;
      Launcher.requireSuccess(status);
      return nanos;
    }
  }
}
