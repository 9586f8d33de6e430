package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.process.CgroupSearch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A launcher that is killed takes everything along: it never gets to say good-bye. Its programs have stopped themselves, for one that
 * ran on would meet the end of its input, and end by that.
 */
@Timeout(60)
class KilledLauncherTest {
  @TempDir
  private Path directory;

  /** The launcher to be killed: three programs, one of which has children that ignore what they can. */
  static final class Launcher {
    public static void main(String[] arguments) throws Exception {
      var sandbox = Launches.shell(Path.of(arguments[0]),
          "trap '' HUP TERM INT; (echo ready; while :; do kill -STOP 0; done) & wait",
          "processes: {spawn: true}\n");
      for (int i = 0; i < 3; i++) {
        sandbox.launch().inputReader().readLine();
      }
      System.gc(); // programs that nobody holds run on
      System.out.println("ready");
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  /** The same for programs without a pid namespace. */
  static final class SharingLauncher {
    public static void main(String[] arguments) throws Exception {
      for (String isolation : List.of("{require: [landlock, seccomp]}", "{pid: shared}")) {
        var sandbox = Launches.shell(Path.of(arguments[0]), "trap '' HUP TERM INT; echo ready; while :; do kill -STOP 0; done",
            "isolation: " + isolation + "\n");
        sandbox.launch().inputReader().readLine();
      }
      System.gc();
      System.out.println("ready");
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  /** The same for a program without namespaces that has a child. */
  static final class TreeLauncher {
    public static void main(String[] arguments) throws Exception {
      var sandbox = Launches.shell(Path.of(arguments[0]),
          "trap '' HUP TERM INT; (echo ready; while :; do kill -STOP 0; done) & wait",
          "processes: {spawn: true}\nisolation: {require: [landlock, seccomp]}\n");
      sandbox.launch().inputReader().readLine();
      System.gc();
      System.out.println("ready");
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  @Test
  void aKilledLauncherLeavesNoTreeWithoutNamespaces() throws Exception {
    var cgroups = CgroupSearch.find();
    Launches.assumeChildrenWithoutAPidNamespace(cgroups);
    assertNothingIsLeftOf(TreeLauncher.class, 4, "the zygote, guard, program and its child");
    CgroupSearch.find(); // removes the cgroup of the launcher that was killed
  }

  @Test
  void aKilledLauncherLeavesNoProcess() throws Exception {
    assertNothingIsLeftOf(Launcher.class, 10, "the zygote, and three times init, program and child");
  }

  @Test
  void aKilledLauncherLeavesNoProcessThatSharesItsPids() throws Exception {
    assertNothingIsLeftOf(SharingLauncher.class, 5, "the zygote, and twice guard and program");
  }

  private void assertNothingIsLeftOf(Class<?> main, int count, String which) throws Exception {
    var launcher = OtherJvm.start(main, directory.toString());
    List<ProcessHandle> processes;
    try {
      assertThat(launcher.inputReader().readLine()).isEqualTo("ready");
      processes = launcher.descendants().toList();
      assertThat(processes).as(which).hasSize(count);
    } finally {
      launcher.destroyForcibly().waitFor();
    }
    OtherJvm.awaitEnd(processes);
  }
}
