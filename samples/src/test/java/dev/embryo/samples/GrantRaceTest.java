package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.parse.PolicyTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
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
  private static final int MOST = 50; // times as many, until there was more than one outcome
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir private Path outer;
  private Path granted;

  /** In the directory {@code granted} two names of each kind that change places, and what they must not lead to is beside it. */
  @BeforeEach
  void makeTrees() throws Exception {
    Files.setPosixFilePermissions(outer, PosixFilePermissions.fromString("rwxr-xr-x"));
    granted = Files.createDirectory(outer.resolve("granted"));
    tree(granted, "mine");
    tree(Files.createDirectory(outer.resolve("outside")), "secret");
    tree(Files.createDirectory(granted.resolve("twin")), "mine too");
    CompiledProgram.of(granted, "reader", LaunchRaceTest.PROGRAM, "-DWORD=\"\"");
    Files.createSymbolicLink(granted.resolve("link-to-file"), Path.of("../outside/file"));
    Files.createSymbolicLink(granted.resolve("link-to-folder"), outer.resolve("outside/folder"));
    Files.createSymbolicLink(granted.resolve("link-within"), Path.of("twin/folder"));
  }

  private static void tree(Path directory, String content) throws IOException {
    Files.writeString(directory.resolve("file"), content);
    Files.writeString(Files.createDirectory(directory.resolve("folder")).resolve("file"), content);
  }

  private PolicyTemplate policy(String parameter, String arguments, String capability) throws IOException {
    return Policies.parse("""
        policy: embryo/v1
        name: race
        program: {path: granted/reader, arguments: %s}
        parameters: {it: {%s: {under: granted}}}
        capabilities:
          stdout: {inherit: 1, rights: write}
          %s
        """.formatted(arguments, parameter, capability), outer);
  }

  /** What the program read, or that the launch was refused. */
  private String outcome(Sandbox.Builder builder) throws InterruptedException {
    try {
      var completed = builder.build().run(LONG);
      return completed.isSuccess() ? completed.outputText() : "failed";
    } catch (IOException refused) {
      assertThat(refused).message().containsAnyOf("'it'", outer.toString());
      return "refused";
    }
  }

  @ParameterizedTest(name = "{2}, {3}: {4} and {5}")
  @CsvSource(delimiter = '|', textBlock = """
      file      | ["0", "-"]  | stdin: {file: "${it}"}               | file        | file   | link-to-file
      file      | ["0", "-"]  | stdin: {file: "${it}"}               | file        | file   | link-to-folder
      file      | ["0", "-"]  | stdin: {file: "${it}"}               | file        | file   | twin/file
      file      | ["0", "-"]  | stdin: {file: "${it}"}               | folder/file | folder | link-to-folder
      file      | [/in]       | it: {file: "${it}", mount: /in}      | file        | file   | link-to-file
      file      | [/in]       | it: {file: "${it}", mount: /in}      | folder/file | folder | link-to-folder
      file      | [/in]       | it: {file: "${it}", mount: /in}      | file        | file   | twin/file
      directory | [/in/file]  | it: {directory: "${it}", mount: /in} | folder      | folder | link-to-folder
      directory | [/in/file]  | it: {directory: "${it}", mount: /in} | folder      | folder | link-within
      directory | [/in/file]  | it: {directory: "${it}", mount: /in} | folder      | folder | file
      directory | ["3", file] | it: {directory: "${it}", fd: 3}      | folder      | folder | link-to-folder
      directory | ["3", file] | it: {directory: "${it}", fd: 3}      | folder      | folder | link-within
      """)
  void whatIsSwappedMeanwhileIsWhatThePolicyMeansOrNotGranted(
      String parameter, String arguments, String capability, String value, String name, String other) throws Exception {
    var template = policy(parameter, arguments, capability);
    assertThat(outcome(Sandbox.builder().policy(template).parameter("it", value))).isEqualTo("mine");
    var before = Leftovers.now();
    Map<String, Integer> outcomes = new TreeMap<>();
    try (var swapping = Swapping.of(granted.resolve(name), granted.resolve(other))) {
      for (int i = 0; i < LAUNCHES || (outcomes.size() < 2 && i < LAUNCHES * MOST); i++) {
        outcomes.merge(outcome(Sandbox.builder().policy(template).parameter("it", value)), 1, Integer::sum);
      }
      assertThat(swapping.swaps()).as("swaps").isGreaterThan(LAUNCHES);
    }
    assertThat(outcomes.keySet()).as("outcomes").isSubsetOf("mine", "mine too", "refused").hasSizeGreaterThan(1);
    assertThat(Leftovers.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }
}
