package dev.embryo.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM that launches, beside the one of the tests. */
final class OtherJvm {
  private OtherJvm() {}

  /** Starts a class that has a main method; its errors go where those of the tests go. */
  static Process start(Class<?> main, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
        System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Waits until none of them is there; the kernel ends them in its own time. */
  static void awaitEnd(List<ProcessHandle> processes) throws InterruptedException {
    while (processes.stream().anyMatch(ProcessHandle::isAlive)) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
