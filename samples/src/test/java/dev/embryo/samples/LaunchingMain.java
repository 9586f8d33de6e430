package dev.embryo.samples;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.Stdio;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A launcher to be attacked: runs the policy that is its first argument and passes the program's output on or, with a
 * second argument, hands its own standard streams over. Prints why it could not.
 */
final class LaunchingMain {
  private static final int LAUNCHER_ERROR = 125;

  private LaunchingMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    var stdio = arguments.length > 1 ? Stdio.INHERIT : Stdio.PIPE;
    int status;
    try {
      status = launch(Sandbox.builder().policy(Policies.load(Path.of(arguments[0]))).stdio(stdio).build());
    } catch (IOException failure) {
      System.out.println(failure.getMessage());
      status = LAUNCHER_ERROR;
    }
    System.out.flush();
    System.exit(status);
  }

  private static int launch(Sandbox sandbox) throws IOException, InterruptedException {
    try (var process = sandbox.launch()) {
      process.getInputStream().transferTo(System.out);
      return process.waitFor();
    }
  }
}
