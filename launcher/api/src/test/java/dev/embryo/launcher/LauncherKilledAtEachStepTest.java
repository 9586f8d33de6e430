package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Operand;
import dev.embryo.runtime.birth.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A launcher is killed before each operation of a birth: nothing of it survives, and its program did not run with less than it was
 * to have. One launcher makes as many births as there are operations, each of which waits before another one until the launcher is
 * dead: it reads the launcher's own input, which ends with this JVM's end of it.
 */
@Timeout(120)
class LauncherKilledAtEachStepTest {
  private static final List<String> ISOLATIONS = List.of("isolation: {}", "isolation: {require: [landlock, seccomp]}");

  @TempDir private Path directory;

  /** Launches, and is killed meanwhile: directory, isolation, part. */
  static final class Launcher {
    public static void main(String[] arguments) throws Exception {
      var sandbox = sandbox(Path.of(arguments[0]), arguments[1]);
      var part = BirthPart.valueOf(arguments[2]);
      int operations = operations(part, sandbox);
      for (int i = 0; i < operations; i++) {
        int at = i;
        var one = sandbox.executing(part.changed(sandbox.compiled(), program -> program.inserting(at, more -> stop(more, sandbox))));
        new Thread(() -> launch(one)).start();
      }
    }

    private static void launch(Sandbox sandbox) {
      try (var process = sandbox.launch()) {
        process.waitFor();
      } catch (IOException | InterruptedException failure) {
        throw new IllegalStateException(failure);
      }
    }

    private static void stop(BirthProgram.Builder program, Sandbox sandbox) {
      var line = program.bytes(new byte[] {'\n'}, "newline");
      program.purpose("wait until the launcher is killed");
      program.call("write", program.received(supply(sandbox, 1)), line, 1);
      program.call("read", program.received(supply(sandbox, 0)), new Operand.Data(line.offset(), 1, "&word"), 1);
    }

    private static String supply(Sandbox sandbox, int number) {
      return sandbox.compiled().descriptors().stream().filter(slot -> slot.number() == number).findFirst().orElseThrow().supply();
    }
  }

  private static Sandbox sandbox(Path directory, String isolation) throws IOException {
    return Launches.shell(directory, "exec 2>&-; read -r line < /etc/passwd && echo a file of the host > " + directory + "/ran",
        "  out: {directory: " + directory + ", rights: all, mount: " + directory + "}\n" + isolation + "\n")
        .toBuilder().stdio(Stdio.INHERIT).build();
  }

  /** How many there are; of init up to its filter, which has no call by which it could wait here. */
  private static int operations(BirthPart part, Sandbox sandbox) {
    var names = part.program(sandbox.compiled()).orElseThrow().operations().stream().map(Operation::name).toList();
    return part == BirthPart.INIT ? names.indexOf("seccomp") + 1 : names.size();
  }

  static Stream<Arguments> parts() {
    return ISOLATIONS.stream().flatMap(isolation ->
        Stream.of(BirthPart.HELPER, BirthPart.INIT, BirthPart.EMBRYO).map(part -> Arguments.of(isolation, part)));
  }

  @ParameterizedTest(name = "{1}, {0}")
  @MethodSource("parts")
  void nothingSurvives(String isolation, BirthPart part) throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    int operations = operations(part, sandbox(directory, isolation));
    var launcher = OtherJvm.start(Launcher.class, directory.toString(), isolation, part.name());
    List<ProcessHandle> processes;
    try {
      assertThat(launcher.getInputStream().readNBytes(operations)).as("a line of each birth").hasSize(operations).containsOnly('\n');
      processes = launcher.descendants().toList();
      assertThat(processes).hasSizeGreaterThan(operations);
    } finally {
      launcher.destroyForcibly().waitFor();
    }
    OtherJvm.awaitEnd(processes);
    assertThat(directory.resolve("ran")).doesNotExist();
  }
}
