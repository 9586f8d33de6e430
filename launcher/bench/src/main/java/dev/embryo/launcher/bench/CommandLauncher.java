package dev.embryo.launcher.bench;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Launches a command as every Java program does: {@link ProcessBuilder}, with its three pipes. Thread-safe.
 *
 * @param command its words
 * @param environment what it has besides the environment of this JVM
 */
record CommandLauncher(List<String> command, Map<String, String> environment) implements Launcher {
  CommandLauncher(List<String> command) {
    this(command, Map.of());
  }

  @Override
  public long launch() throws IOException, InterruptedException {
    long start = System.nanoTime();
    var builder = new ProcessBuilder(command);
    if (!environment.isEmpty()) {
      builder.environment().putAll(environment);
    }
    var process = builder.start();
    int status = process.waitFor();
    long nanos = System.nanoTime() - start;
    process.getOutputStream().close();
    process.getInputStream().close();
    process.getErrorStream().close();
    Launcher.requireSuccess(command.get(0), status);
    return nanos;
  }
}
