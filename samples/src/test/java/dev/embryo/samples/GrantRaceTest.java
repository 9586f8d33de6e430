package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.parse.PolicyTemplate;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a launch grants is swapped for something else while the launcher looks for it and opens it: the program gets what the policy
 * means, or there is no program. {@code -Dembryo.test.races=10000} tries it so often.
 */
@Timeout(1200)
class GrantRaceTest {
  private static final int LAUNCHES = Integer.getInteger("embryo.test.races", 150);
  private static final int AT_FDCWD = -100;
  private static final int RENAME_EXCHANGE = 2;
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir private Path outer;
  private Path granted;

  /** In the directory {@code granted} two names of each kind that change places, and what they must not lead to is beside it. */
  @BeforeEach
  void makeTrees() throws IOException {
    Files.setPosixFilePermissions(outer, PosixFilePermissions.fromString("rwxr-xr-x"));
    granted = Files.createDirectory(outer.resolve("granted"));
    tree(granted, "mine");
    tree(Files.createDirectory(outer.resolve("outside")), "secret");
    tree(Files.createDirectory(granted.resolve("twin")), "mine too");
    Files.createSymbolicLink(granted.resolve("link-to-file"), Path.of("../outside/file"));
    Files.createSymbolicLink(granted.resolve("link-to-folder"), outer.resolve("outside/folder"));
    Files.createSymbolicLink(granted.resolve("link-within"), Path.of("twin/folder"));
  }

  private static void tree(Path directory, String content) throws IOException {
    Files.writeString(directory.resolve("file"), content);
    Files.writeString(Files.createDirectory(directory.resolve("folder")).resolve("file"), content);
  }

  /** Swaps two names, as fast as it can. */
  private final class Swapping implements AutoCloseable {
    private final AtomicBoolean done = new AtomicBoolean();
    private final AtomicLong swaps = new AtomicLong();
    private final Thread thread;

    Swapping(String one, String other) {
      var first = path(one);
      var second = path(other);
      thread = new Thread(() -> {
        long call = SystemCalls.number("renameat2");
        while (!done.get()) {
          swaps.addAndGet(Libc.syscall(call, AT_FDCWD, Libc.address(first), AT_FDCWD, Libc.address(second), RENAME_EXCHANGE, 0) == 0 ? 1 : 0);
        }
      }, "swapping");
      thread.start();
    }

    private ByteBuffer path(String name) {
      var bytes = granted.resolve(name).toString().getBytes(StandardCharsets.UTF_8);
      return Libc.allocate(bytes.length + 1).put(0, bytes);
    }

    @Override
    public void close() throws InterruptedException {
      done.set(true);
      thread.join();
    }
  }

  private PolicyTemplate policy(String parameter, String capability) throws IOException {
    return Policies.parse("""
        policy: embryo/v1
        name: race
        program: {path: /bin/cat, arguments: %s}
        parameters: {it: {%s: {under: granted}}}
        capabilities:
          stdout: {inherit: 1, rights: write}
          %s
        """.formatted(capability.startsWith("stdin") ? "[]" : "[/in" + (parameter.equals("file") ? "]" : "/file]"), parameter, capability), outer);
  }

  /** What the program read, or that the launch was refused. */
  private static String outcome(Sandbox.Builder builder) throws InterruptedException {
    try {
      var completed = builder.build().run(LONG);
      return completed.isSuccess() ? completed.outputText() : "no such file";
    } catch (IOException refused) {
      assertThat(refused.getMessage()).isNotBlank();
      return "refused";
    }
  }

  @ParameterizedTest(name = "{1}, {2}: {3} and {4}")
  @CsvSource(delimiter = '|', textBlock = """
      file      | stdin: {file: "${it}"}               | file        | file   | link-to-file
      file      | stdin: {file: "${it}"}               | file        | file   | link-to-folder
      file      | stdin: {file: "${it}"}               | file        | file   | twin/file
      file      | stdin: {file: "${it}"}               | folder/file | folder | link-to-folder
      file      | it: {file: "${it}", mount: /in}      | file        | file   | link-to-file
      file      | it: {file: "${it}", mount: /in}      | folder/file | folder | link-to-folder
      file      | it: {file: "${it}", mount: /in}      | file        | file   | twin/file
      directory | it: {directory: "${it}", mount: /in} | folder      | folder | link-to-folder
      directory | it: {directory: "${it}", mount: /in} | folder      | folder | link-within
      directory | it: {directory: "${it}", mount: /in} | folder      | folder | file
      """)
  void whatIsSwappedMeanwhileIsWhatThePolicyMeansOrNotGranted(
      String parameter, String capability, String value, String name, String other)
      throws Exception {
    var template = policy(parameter, capability);
    Map<String, Integer> outcomes = new TreeMap<>();
    try (var swapping = new Swapping(name, other)) {
      for (int i = 0; i < LAUNCHES; i++) {
        outcomes.merge(outcome(Sandbox.builder().policy(template).parameter("it", value)), 1, Integer::sum);
      }
      assertThat(swapping.swaps.get()).as("swaps").isGreaterThan(LAUNCHES);
    }
    assertThat(outcomes).as("outcomes").doesNotContainKey("secret");
    assertThat(outcomes.keySet()).isSubsetOf("mine", "mine too", "refused", "no such file");
  }
}
