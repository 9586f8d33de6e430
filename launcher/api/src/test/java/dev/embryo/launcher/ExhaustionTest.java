package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.process.Zygote;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A launcher that has run out of something says of what, leaves nothing, and launches again when there is some. */
@Timeout(120)
class ExhaustionTest {
  private static final String WITHOUT_NAMESPACES = "isolation: {require: [landlock, seccomp]}\n";

  @TempDir private Path directory;

  /** The launcher, in a JVM of its own: which thing, a directory, the isolation. */
  static final class Launcher {
    private static final int NOFILE = 7;
    private static final int NPROC = 6;
    private static final int MOST = 400; // descriptors
    private static final int FREE = 60; // more than a launch takes

    public static void main(String[] arguments) throws Exception {
      var sandbox = Launches.shell(Path.of(arguments[1]), "exit 3", arguments[2]);
      System.out.println("before: " + outcome(sandbox));
      for (BirthPart part : BirthPart.values()) { // loads what a failure takes: a class in a folder takes a descriptor itself
        outcome(sandbox.executing(part.changed(sandbox.compiled(), program -> program.failingAt(0))));
      }
      var before = Holdings.now();
      if (arguments[0].equals("descriptors")) {
        limit(0, NOFILE, MOST);
        descriptors(sandbox);
      } else {
        long allowed = limit(Zygote.shared().pid(), NPROC, 1);
        System.out.println(outcome(sandbox));
        limit(Zygote.shared().pid(), NPROC, allowed);
      }
      System.out.println("afterwards: " + outcome(sandbox));
      System.out.println("left: " + Holdings.eventuallyAtMost(before).atMost(before));
    }

    /** With none free, then with one, and so on. */
    private static void descriptors(Sandbox sandbox) throws IOException {
      var taken = new ArrayDeque<Integer>();
      var path = Libc.allocate(16).put("/dev/null".getBytes(StandardCharsets.US_ASCII));
      int number = open(path);
      while (number >= 0) {
        taken.push(number);
        number = open(path);
      }
      var outcomes = new ArrayList<String>();
      for (int free = 0; free < FREE; free++) {
        outcomes.add(outcome(sandbox));
        Libc.close(taken.pop());
      }
      taken.forEach(Libc::close);
      outcomes.forEach(System.out::println);
    }

    private static int open(ByteBuffer path) {
      return (int) Libc.syscall(SystemCalls.number("openat"), -100, Libc.address(path), 0, 0, 0, 0);
    }

    /** Sets a soft limit; the result is what it was. */
    private static long limit(int process, int resource, long soft) throws LinuxException {
      var limit = Libc.allocate(16);
      LinuxException.check("read a limit",
          Libc.syscall(SystemCalls.number("prlimit64"), process, resource, 0, Libc.address(limit), 0, 0));
      long before = limit.getLong(0);
      limit.putLong(0, soft);
      LinuxException.check("set a limit",
          Libc.syscall(SystemCalls.number("prlimit64"), process, resource, Libc.address(limit), 0, 0, 0));
      return before;
    }

    private static String outcome(Sandbox sandbox) {
      try (var process = sandbox.launch()) {
        return "status " + process.waitFor();
      } catch (IOException | InterruptedException failure) {
        return failure.toString();
      }
    }
  }

  private List<String> launcher(String what, String isolation) throws Exception {
    var process = OtherJvm.start(Launcher.class, what, directory.toString(), isolation);
    var lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(process.waitFor()).isZero();
    assertThat(lines).startsWith("before: status 3").endsWith("afterwards: status 3", "left: true");
    return lines.subList(1, lines.size() - 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", WITHOUT_NAMESPACES, "system-calls: {on-denied: explain}\n"})
  void withoutDescriptorsItSaysSoAndLaunchesWithEnough(String isolation) throws Exception {
    var outcomes = launcher("descriptors", isolation);

    assertThat(outcomes.get(0)).contains(Errno.EMFILE.name());
    assertThat(outcomes.get(outcomes.size() - 1)).isEqualTo("status 3");
    assertThat(outcomes).as("%s", outcomes).allMatch(each -> each.equals("status 3") || each.contains(Errno.EMFILE.name()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", WITHOUT_NAMESPACES})
  void withoutProcessesItSaysSo(String isolation) throws Exception {
    assumeFalse(Launches.ROOT, "root is not limited in its number of processes");

    assertThat(launcher("processes", isolation)).singleElement().asString().contains("cannot make a process", "EAGAIN");
  }
}
