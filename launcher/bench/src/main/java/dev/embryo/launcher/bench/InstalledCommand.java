package dev.embryo.launcher.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command as people have it: unpacked from the tarball, into a temporary folder, with a class archive of its own. Used by
 * one thread.
 *
 * @param folder where it is until it is closed
 * @param launcher runs {@code /bin/true} by it
 */
record InstalledCommand(Path folder, CommandLauncher launcher) implements Launcher {
  /** Where the tarball is; launcher/bin/embryo-bench says it. */
  private static final String TARBALL = "EMBRYO_TARBALL";

  private static final int LAUNCHES = 200; // at a tenth of a second each
  private static final int WARM_UP = 10;
  private static final String POLICY = """
      policy: embryo/v1
      name: bench
      program: {path: %s}
      """.formatted(Subject.PROGRAM);

  /** Compares it with a JVM that does nothing at all. */
  static Outcome compare(Options options) throws IOException, InterruptedException {
    @Nullable String tarball = System.getenv(TARBALL);
    if (tarball == null) {
      return Outcome.skipped(TARBALL + " does not say where the tarball is; launcher/bin/embryo-bench does");
    }
    var fewer = options.withAtMost(LAUNCHES, WARM_UP);
    try (var installed = unpack(Path.of(tarball))) {
      return Comparison.alternate(installed, new CommandLauncher(List.of(javaHome() + "/bin/java", "-version")), fewer)
          .with("medians of " + fewer.launches() + " after " + fewer.warmUp() + " untimed");
    }
  }

  private static InstalledCommand unpack(Path tarball) throws IOException, InterruptedException {
    var folder = Files.createTempDirectory("embryo-bench");
    var home = Files.createDirectory(folder.resolve("embryo"));
    var installed = new InstalledCommand(folder, new CommandLauncher(
        List.of(home.resolve("bin/embryo").toString(), "run", folder.resolve("policy.yaml").toString()),
        Map.of("JAVA_HOME", javaHome(), "EMBRYO_CACHE", folder.resolve("cache").toString())));
    try {
      Files.writeString(folder.resolve("policy.yaml"), POLICY);
      new CommandLauncher(List.of("tar", "-xzf", tarball.toString(), "-C", home.toString(), "--strip-components=1")).launch();
      return installed;
    } catch (IOException | InterruptedException failure) {
      installed.close();
      throw failure;
    }
  }

  private static String javaHome() {
    return System.getProperty("java.home");
  }

  @Override
  public long launch() throws IOException, InterruptedException {
    return launcher.launch();
  }

  @Override
  public void close() throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
