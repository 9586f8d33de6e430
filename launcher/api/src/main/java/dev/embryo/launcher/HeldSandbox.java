package dev.embryo.launcher;

import dev.embryo.runtime.process.ExitStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The program of another sandbox. Thread-safe. */
final class HeldSandbox implements HeldProcess {
  private final SandboxedProcess process;
  private @Nullable CompletableFuture<Void> told; // guarded by this

  HeldSandbox(SandboxedProcess process) {
    this.process = process;
  }

  @Override
  public boolean signal(int signal) throws IOException {
    return process.signal(signal);
  }

  @Override
  public synchronized void whenEnded(Consumer<String> telling) {
    told = process.onExit().thenRun(() -> telling.accept(status()));
  }

  private String status() {
    try {
      return process.exitStatus(Duration.ZERO).map(HeldSandbox::words).orElse(HeldPidfd.ENDED);
    } catch (IOException | InterruptedException unknown) {
      return HeldPidfd.ENDED;
    }
  }

  private static String words(ExitStatus status) {
    return status.exited() ? "exited " + status.code() : "killed " + status.signal();
  }

  @Override
  public synchronized void close() {
    if (told != null) {
      told.cancel(false); // a process that runs for long keeps nothing of those who held it
    }
  }
}
