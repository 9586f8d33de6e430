package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.host.Delegation;
import dev.embryo.runtime.host.Delegation.Controller;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.process.CgroupSearch;
import dev.embryo.runtime.process.ExitStatus;
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
    Launches.assumeChildrenWithoutAPidNamespace(cgroups);
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
    Launches.assumeChildrenWithoutAPidNamespace(cgroups);
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

  /** What a Perl expression gives; it can make any system call. */
  private String perl(String expression, String limits) throws Exception {
    var perl = Path.of("/usr/bin/perl");
    assumeTrue(Files.isExecutable(perl), "there is no Perl here to make system calls");
    return Launches.output(Launches.sandbox(directory, "program:\n  path: " + perl + "\n  arguments:\n    - -e\n    - |\n"
        + ("print((" + expression + ") ? \"done\\n\" : \"refused: \" . ($!+0) . \"\\n\")").indent(6) + Launches.STREAMS + limits));
  }

  @Test
  void memoryIsLockedUpToTheLimitAndNotBeyond() throws Exception {
    String lock = "my $a = 'x' x 65536; syscall(" + SystemCalls.number("mlock") + ", $a, 32768) == 0";
    assertThat(perl("do { " + lock + " }", "limits: {locked-memory: 64KiB}\n")).isEqualTo("done\n");
    assertThat(perl("do { " + lock + " }", "limits: {locked-memory: 16KiB}\n")).isEqualTo("refused: 12\n"); // ENOMEM
    assertThat(perl("do { " + lock + " }", "")).isEqualTo("refused: 1\n"); // EPERM
  }

  @Test
  void priorityIsRaisedAsFarAsThePolicySays() throws Exception {
    assertThat(perl("setpriority(0, 0, 1)", "")).isEqualTo("done\n");
    assertThat(perl("setpriority(0, 0, -1)", "")).isEqualTo("refused: 13\n"); // EACCES
    assertThat(perl("setpriority(0, 0, -2)", "limits: {priority: 21}\n")).isEqualTo("refused: 13\n");
    long most = Host.current().hardLimits().get(ResourceLimit.NICE.ordinal());
    assumeTrue(Long.compareUnsigned(most, 21) >= 0, "this JVM cannot give what it has not: ulimit -He is " + most);
    assertThat(perl("setpriority(0, 0, -1)", "limits: {priority: 21}\n")).isEqualTo("done\n");
  }

  /** Landlock lets no queue be opened, whatever its size: the limit is the second obstacle. */
  @Test
  void noMessageQueueIsMade() throws Exception {
    String open = "my $n = \"embryo$$\\0\"; my $f = syscall(" + SystemCalls.number("mq_open") + ", $n, 0102, 0600, 0) >= 0";
    assertThat(perl("do { " + open + " }", "limits: {message-queues: 1MiB}\n")).isEqualTo("refused: 13\n"); // EACCES
    assertThat(perl("do { " + open + " }", "")).isEqualTo("refused: 24\n"); // EMFILE
  }

  @Test
  void theStackOfTheFirstThreadGrowsUpToTheLimit() throws Exception {
    String deep = "f() { [ $1 -eq 0 ] || f $(($1-1)); }; f 990; echo deep";
    assertThat(Launches.output(Launches.shell(directory, deep, "limits: {stack: 8MiB}\n"))).isEqualTo("deep\n");
    assertThat(Launches.output(Launches.shell(directory, deep, "limits: {stack: 128KiB}\n"))).isEqualTo("status 139\n");
  }

  @Test
  void aCoreIsDumpedOnlyWhereItIsGranted() throws Exception {
    var pattern = Files.readString(Path.of("/proc/sys/kernel/core_pattern"));
    assumeTrue(!pattern.startsWith("|") && !pattern.startsWith("/"), "core dumps of this machine go elsewhere: " + pattern);
    String scratch = "  scratch: {tmpfs: 64MiB, mount: /tmp}\n";
    try (var process = launch("cd /tmp; kill -SEGV $$", scratch)) {
      assertThat(process.exitStatus()).isEqualTo(new ExitStatus(0, 11, false));
    }
    try (var process = launch("cd /tmp; kill -SEGV $$", scratch + "limits: {core: 32MiB}\n")) {
      assertThat(process.exitStatus()).isEqualTo(new ExitStatus(0, 11, true));
    }
  }

  @Test
  void noCgroupIsLeft() throws Exception {
    Launches.assumeChildrenWithoutAPidNamespace(cgroups);
    launch("exit 0", SPAWN + "isolation: {pid: shared}\n").close();
    Optional<Path> parent = cgroups.directory();
    try (var entries = Files.newDirectoryStream(parent.orElseThrow(), "embryo-" + ProcessHandle.current().pid() + "-*")) {
      assertThat(entries).isEmpty();
    }
  }
}
