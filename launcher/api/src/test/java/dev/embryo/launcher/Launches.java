package dev.embryo.launcher;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.birth.Ruleset;
import dev.embryo.runtime.host.Delegation;
import dev.embryo.runtime.host.Host;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Sandboxes for tests: a shell with a script, or any program, under a policy. */
final class Launches {
  static final boolean ROOT = System.getProperty("user.name").equals("root");

  /** Capabilities that make all three standard streams pipes. */
  static final String STREAMS = """
      capabilities:
        stdin: {inherit: 0, rights: read}
        stdout: {inherit: 1, rights: write}
        stderr: {inherit: 2, rights: write}
      """;

  private Launches() {}

  /** What {@code processes.spawn} takes where {@code isolation.pid} is shared. */
  static void assumeChildrenWithoutAPidNamespace(Delegation cgroups) throws IOException {
    assumeTrue(cgroups.canKill(), () -> "no cgroup that can be killed: " + cgroups.reason());
    assumeTrue(Host.current().landlockAbi() >= Ruleset.SIGNALS_SINCE_ABI, "the Landlock of this kernel does not see signals");
  }

  /** A shell that inherits its standard streams; {@code more} follows its capabilities. */
  static Sandbox shell(Path directory, String script, String more) throws IOException {
    return sandbox(directory, """
        program:
          path: /bin/sh
          arguments:
            - -c
            - |
        """ + script.indent(6) + STREAMS + more);
  }

  static Sandbox sandbox(Path directory, String text) throws IOException {
    return Sandbox.builder().policy(Policies.parse("policy: embryo/v1\nname: test\n" + text, directory)).build();
  }

  /** All that the program writes to its output, when it has ended well. */
  static String output(Sandbox sandbox) throws IOException, InterruptedException {
    try (var process = sandbox.launch()) {
      process.getOutputStream().close();
      String output = text(process.getInputStream().readAllBytes());
      String errors = text(process.getErrorStream().readAllBytes());
      int status = process.waitFor();
      return status == 0 && errors.isEmpty() ? output : output + errors + "status " + status + "\n";
    }
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A file that root's own users may use as its owner may. */
  static Path file(Path directory, String name, String content) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    var file = Files.writeString(directory.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
  }
}
