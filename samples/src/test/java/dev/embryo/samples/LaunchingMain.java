package dev.embryo.samples;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.nio.file.Path;

/** A launcher to be attacked: runs the policy that is its argument, and passes the program's output on. */
final class LaunchingMain {
  private LaunchingMain() {}

  public static void main(String[] arguments) throws Exception {
    var sandbox = Sandbox.builder().policy(Policies.load(Path.of(arguments[0]))).build();
    int status;
    try (var process = sandbox.launch()) {
      process.getInputStream().transferTo(System.out);
      status = process.waitFor();
    }
    System.out.flush();
    System.exit(status);
  }
}
