package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** JVMs that live in unusual circumstances launch as others do, or say what is missing. Each is a JVM of its own. */
@Timeout(240)
class PeculiarHostsTest {
  private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)");
  private static final List<String> UNSHARE =
      Launches.ROOT ? List.of("unshare") : List.of("unshare", "-U", "--map-current-user", "--keep-caps");

  @TempDir
  private Path directory;

  private record Ended(int status, String output, String errors) {}

  /** Runs {@link PeculiarHost} with a word, by a JVM of this kind unless said, behind a command that sets the scene. */
  private Ended host(Path java, List<String> before, List<String> options, String word) throws Exception {
    var command = new ArrayList<>(before);
    command.addAll(List.of(java.toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    if (version(java.getParent().getParent()).orElse(0) >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), PeculiarHost.class.getName(), word,
        directory.toString()));
    var errors = directory.resolve("errors");
    var process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output, Files.readString(errors));
  }

  private Ended host(List<String> before, String word) throws Exception {
    return host(java(Path.of(System.getProperty("java.home"))), before, List.of(), word);
  }

  private static Path java(Path home) {
    return home.resolve("bin/java");
  }

  private static Optional<Integer> version(Path home) {
    try {
      var match = VERSION.matcher(Files.readString(home.resolve("release")));
      return match.find() ? Optional.of(Integer.valueOf(match.group(1))) : Optional.empty();
    } catch (IOException noJdk) {
      return Optional.empty();
    }
  }

  private static Path javaWithVirtualThreads() throws IOException {
    var homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
    if (Files.isDirectory(Path.of("/usr/lib/jvm"))) {
      try (var installed = Files.list(Path.of("/usr/lib/jvm"))) {
        installed.sorted().forEach(homes::add);
      }
    }
    var found = homes.stream().filter(home -> version(home).orElse(0) >= 21 && Files.isExecutable(java(home))).findFirst();
    assumeTrue(found.isPresent(), "no JDK with virtual threads (21 or later) is installed in /usr/lib/jvm");
    return java(found.get());
  }

  private static List<String> unshare(String... more) throws Exception {
    var command = Stream.concat(UNSHARE.stream(), Stream.of(more)).toList();
    var attempt = new ProcessBuilder(Stream.concat(command.stream(), Stream.of("true")).toList())
        .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    assumeTrue(attempt.waitFor() == 0, String.join(" ", command) + " does not work here");
    return command;
  }

  /** Sets a scene in a mount namespace of its own, and becomes the JVM. */
  private static List<String> inMountNamespace(String script) throws Exception {
    return Stream.concat(unshare("-m").stream(), Stream.of("sh", "-c", script + " && exec \"$@\"", "sh")).toList();
  }

  @Test
  void aThousandVirtualThreadsThatWaitForEachOtherShareOneCarrierAndPinItNever() throws Exception {
    var ended = host(javaWithVirtualThreads(), List.of(), List.of("-Djdk.virtualThreadScheduler.parallelism=1",
        "-Djdk.virtualThreadScheduler.maxPoolSize=1"), "virtual-threads");
    assertThat(ended.output()).as(ended.errors()).isEqualTo("1000 right\npinned: []\n");
  }

  @Test
  void aJvmThatIsPid1LaunchesAndTakesNoStatusOfOthers() throws Exception {
    var ended = host(unshare("-pf", "--mount-proc"), "pid-1");
    assertThat(ended.output()).as(ended.errors()).isEqualTo("""
        pid 1
        sandbox exit status 3
        sandbox killed by signal 9
        the JDK's child 7
        an orphan waits for the JVM
        """);
  }

  @Test
  void aJvmThatIsPid1UnderTheProcOfAnotherPidNamespaceLaunches() throws Exception {
    var ended = host(unshare("-pf"), "launch");
    assertThat(ended.output()).as(ended.errors()).isEqualTo("launched\n");
  }

  @Test
  void aJvmThatBeganWithSigchldIgnoredLearnsHowProgramsEnd() throws Exception {
    var ended = host(List.of("sh", "-c", "trap '' CHLD; exec \"$@\"", "sh"), "statuses");
    assertThat(ended.output()).as(ended.errors()).isEqualTo("exit status 3\nkilled by signal 9\n");
  }

  @Test
  void aJvmThatIgnoresSigchldLearnsHowProgramsEndAndIsToldOnceThatItDoes() throws Exception {
    var kernel = System.getProperty("os.version").split("[.-]");
    assumeTrue(Integer.parseInt(kernel[0]) > 6 || Integer.parseInt(kernel[0]) == 6 && Integer.parseInt(kernel[1]) >= 15,
        "before Linux 6.15 the kernel forgets the status");
    var ended = host(List.of(), "ignoring-sigchld");
    assertThat(ended.output()).as(ended.errors()).isEqualTo("exit status 3\nkilled by signal 9\n");
    assertThat(ended.errors().split("this JVM ignores SIGCHLD", -1)).as(ended.errors()).hasSize(2);
  }

  @Test
  void aJvmThatAllowsNoSecurityManagerLaunches() throws Exception {
    var ended = host(java(Path.of(System.getProperty("java.home"))), List.of(), List.of("-Djava.security.manager=disallow"),
        "launch");
    assertThat(ended.output()).as(ended.errors()).isEqualTo("launched\n");
  }

  @Test
  void aHostWithoutProcIsToldSo() throws Exception {
    String libraries = Path.of(System.getProperty("java.home"), "lib").toString(); // which java finds by /proc
    var ended = host(inMountNamespace("mount -t tmpfs none /proc && export LD_LIBRARY_PATH=" + libraries), "launch");
    assertThat(ended.output()).isEmpty();
    assertThat(ended.errors()).contains("/proc is not mounted");
  }

  @Test
  void aHostWithoutSysLaunches() throws Exception {
    var ended = host(inMountNamespace("mount -t tmpfs -o ro none /sys"), "launch");
    assertThat(ended.output()).as(ended.errors()).isEqualTo("launched\n");
  }

  @Test
  void aJvmWithFewThreadsAndLittleStackLaunches() throws Exception {
    var ended = host(java(Path.of(System.getProperty("java.home"))), List.of(), List.of("-Xss228k", "-Xmx32m"), "launch");
    assertThat(ended.output()).as(ended.errors()).isEqualTo("launched\n");
  }
}
