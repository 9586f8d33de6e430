package dev.embryo.samples;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Starts the program {@code escape}, which awaits a script. */
final class EscapeProgram {
  private static final Path PROGRAM = Path.of("target", "hostile", "escape").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private EscapeProgram() {}

  /** In a sandbox. */
  static SandboxedProcess inside(EscapeSetting setting, EscapeTree tree) throws IOException {
    var policy = setting.policy(tree, PROGRAM).text(setting.places(tree));
    var process = Sandbox.builder().policy(Policies.parse(policy, Path.of("/"))).build().launch();
    process.killAfter(PATIENCE);
    return process;
  }

  /** Outside of any, by the user of the sandboxes. */
  static Process outside(EscapeTree tree, boolean byDescriptor) throws IOException {
    var words = command(tree, byDescriptor);
    return start(EscapeTree.USER.isPresent() ? Probe.asUser(EscapeTree.USER.getAsInt(), words) : List.of(words));
  }

  /** On the host: by the user of this JVM. */
  static Process onTheHost(EscapeTree tree) throws IOException {
    return start(List.of(command(tree, false)));
  }

  /** Outside of any, by root, with a mount namespace of its own. */
  static Process outsideByRoot(EscapeTree tree, boolean byDescriptor) throws IOException {
    var words = new ArrayList<>(List.of("unshare", "--mount"));
    words.addAll(List.of(command(tree, byDescriptor)));
    return start(words);
  }

  private static String[] command(EscapeTree tree, boolean byDescriptor) {
    var opened = byDescriptor ? "=@" : "=";
    return Stream.of(PROGRAM, "in" + opened + tree.granted(), "other" + opened + tree.other(), "nested" + opened + tree.nested())
        .map(Object::toString).toArray(String[]::new);
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
