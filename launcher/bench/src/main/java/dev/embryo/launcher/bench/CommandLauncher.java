package dev.embryo.launcher.bench;

import java.io.IOException;
import java.util.List;

/** Launches a command as every Java program does: {@link ProcessBuilder}, with its three pipes. Thread-safe. */
record CommandLauncher(List<String> command) implements Launcher {
  @Override
  public long launch() throws IOException, InterruptedException {
    long start = System.nanoTime();
    var process = new ProcessBuilder(command).start();
    int status = process.waitFor();
    long nanos = System.nanoTime() - start;
    process.getOutputStream().close();
    process.getInputStream().close();
    process.getErrorStream().close();
    Launcher.requireSuccess(status);
    return nanos;
  }
}
