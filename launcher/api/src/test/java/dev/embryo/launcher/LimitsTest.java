package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.host.Delegation;
import dev.embryo.runtime.host.Delegation.Controller;
import dev.embryo.runtime.process.CgroupSearch;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Limits of a sandbox as a whole: what exceeds them is refused or ended, what stays within works. */
@Timeout(60)
class LimitsTest {
  private static final String SPAWN = "processes: {spawn: true}\n";
  /** Starts children that stay, and says after each how many there are. */
  private static final String CHILDREN = "i=0; while [ $i -lt 5 ]; do (while :; do :; done) & i=$((i+1)); echo $i; done";
  /** Children that each keep 48 MiB and say so. */
  private static final String HOARDERS =
      "a=0123456789abcdef; i=0; while [ $i -lt 20 ]; do a=$a$a; i=$((i+1)); done; (echo grown; while :; do :; done) & wait";

  @TempDir
  private Path directory;
  private Delegation cgroups = Delegation.none("");

  @BeforeEach
  void look() throws Exception {
    cgroups = CgroupSearch.find();
  }

  private SandboxedProcess launch(String script, String more) throws Exception {
    return Launches.shell(directory, script, more).launch();
  }

  @Test
  void asManyProcessesMayBeStartedAsThePolicySaysAndOneMoreAtMost() throws Exception {
    String output = Launches.output(Launches.shell(directory, CHILDREN, SPAWN + "limits: {processes: 3}\n"));
    assertThat(output).startsWith("1\n2\n").contains("Cannot fork").doesNotContain("4\n");
    if (Launches.ROOT) { // where no helper counts
      assertThat(output).doesNotContain("3\n");
    }
    assertThat(Launches.output(Launches.shell(directory, CHILDREN, SPAWN + "limits: {processes: 6}\n")))
        .isEqualTo("1\n2\n3\n4\n5\n");
  }

  @Test
  void aProgramThatMayHaveOneProcessRuns() throws Exception {
    assertThat(Launches.output(Launches.shell(directory, "echo ran", "limits: {processes: 1}\n"))).isEqualTo("ran\n");
  }

  @Test
  void whereThereIsNoPidNamespaceACgroupEndsWhatAProgramLeavesBehind() throws Exception {
    assumeTrue(cgroups.canKill(), () -> "no cgroup that can be killed: " + cgroups.reason());
    var script = "(while :; do :; done) & echo $!; read -r line";
    try (var process = launch(script, SPAWN + "isolation: {pid: shared}\n")) {
      long child = Long.parseLong(new BufferedReader(process.inputReader()).readLine());
      assertThat(ProcessHandle.of(child)).isPresent();
      process.getOutputStream().close();
      process.waitFor();
      process.close();
      assertThat(runs(child)).isFalse();
    }
  }

  private static boolean runs(long pid) throws Exception {
    var stat = Path.of("/proc/" + pid + "/stat");
    return Files.exists(stat) && !Files.readString(stat).contains(") Z ");
  }

  @Test
  void closingEndsTheTreeToo() throws Exception {
    assumeTrue(cgroups.canKill(), () -> "no cgroup that can be killed: " + cgroups.reason());
    long child;
    try (var process = launch("(while :; do :; done) & echo $!; read -r line", SPAWN + "isolation: {pid: shared}\n")) {
      child = Long.parseLong(new BufferedReader(process.inputReader()).readLine());
    }
    assertThat(runs(child)).isFalse();
  }

  @Test
  void memoryIsATotalOfAllProcessesWhereACgroupLimitsIt() throws Exception {
    assumeTrue(cgroups.limits(Controller.MEMORY), () -> "no cgroup that limits memory: " + cgroups.reason());
    try (var process = launch(HOARDERS, SPAWN + "limits: {memory: 24MiB}\n")) {
      assertThat(process.waitFor()).isEqualTo(137);
      assertThat(process.endedByMemoryLimit()).isTrue();
    }
    try (var process = launch(HOARDERS, SPAWN + "limits: {memory: 512MiB}\n")) {
      assertThat(process.inputReader().readLine()).isEqualTo("grown");
      assertThat(process.destroyForcibly().waitFor()).isEqualTo(137);
      assertThat(process.endedByMemoryLimit()).isFalse();
    }
  }

  @Test
  void noCgroupIsLeft() throws Exception {
    assumeTrue(cgroups.isPresent(), () -> "no cgroup: " + cgroups.reason());
    launch("exit 0", SPAWN + "isolation: {pid: shared}\n").close();
    Optional<Path> parent = cgroups.directory();
    try (var entries = Files.newDirectoryStream(parent.orElseThrow(), "embryo-" + ProcessHandle.current().pid() + "-*")) {
      assertThat(entries).isEmpty();
    }
  }
}
