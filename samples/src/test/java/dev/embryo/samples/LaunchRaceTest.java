package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a sandbox was built with changes places with something else while it is launched: its program, and what it is granted, by every
 * kind of grant. The program gets what was found when the sandbox was built, or there is no program. {@code
 * -Dembryo.test.races=10000} launches so often.
 */
@Timeout(1200)
class LaunchRaceTest {
  private static final int LAUNCHES = Integer.getInteger("embryo.test.races", 150);
  private static final int MOST = 50; // times as many, until both outcomes were seen
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Says its own word, or what is in a file: of its own view, of a directory that it holds, or of a descriptor. */
  static final String PROGRAM = """
      #include <fcntl.h>
      #include <stdlib.h>
      #include <string.h>
      #include <unistd.h>

      int main(int argc, char **argv)
      {
          if (argc == 1) return write(1, WORD, strlen(WORD)) < 0;
          int from = argc == 2 ? open(argv[1], O_RDONLY) : strcmp(argv[2], "-") ? openat(atoi(argv[1]), argv[2], O_RDONLY) : atoi(argv[1]);
          char text[64];
          ssize_t got = read(from, text, sizeof text);
          return got < 0 || write(1, text, (size_t)got) != got;
      }
      """;

  @TempDir private Path outer;
  private Path granted;

  @BeforeEach
  void makeTrees() throws Exception {
    CompiledProgram.letOthersIn(outer);
    granted = tree("granted", "mine");
    tree("outside", "secret");
    Files.createSymbolicLink(granted.resolve("link-to-file"), Path.of("../outside/file"));
    Files.createSymbolicLink(granted.resolve("link-to-folder"), outer.resolve("outside/folder"));
    Files.createSymbolicLink(granted.resolve("link-to-program"), outer.resolve("outside/folder/program"));
  }

  private Path tree(String name, String word) throws Exception {
    var directory = Files.createDirectory(outer.resolve(name));
    Files.writeString(directory.resolve("file"), word);
    var folder = Files.createDirectory(directory.resolve("folder"));
    Files.writeString(folder.resolve("file"), word);
    CompiledProgram.of(folder, "program", PROGRAM, "-DWORD=\"" + word + '"');
    CompiledProgram.letOthersIn(Files.writeString(folder.resolve("script"), "#!/bin/sh\necho " + word + '\n'));
    CompiledProgram.letOthersIn(directory);
    return directory;
  }

  private Sandbox sandbox(String program, String capability) throws IOException {
    return Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: race
        program: {%s}
        capabilities:
          stdout: {inherit: 1, rights: write}
          %s
        """.formatted(program, capability), granted)).build();
  }

  /** What the program said, or that it was refused. */
  private String outcome(Callable<Sandbox> sandbox) throws Exception {
    try {
      var completed = sandbox.call().run(LONG);
      assertThat(completed.isSuccess()).as(completed.errorText()).isTrue();
      return completed.outputText().strip();
    } catch (IOException refused) {
      assertThat(refused).message().contains(outer.toString()).containsPattern("\\bE[A-Z]+\\b|is pinned to");
      return "refused";
    }
  }

  /** Launches while two names change places, until it has succeeded and was refused. */
  private Map<String, Integer> outcomes(String name, String other, Callable<Sandbox> sandbox) throws Exception {
    var before = Leftovers.now();
    Map<String, Integer> outcomes = new TreeMap<>();
    try (var swapping = Swapping.of(granted.resolve(name), granted.resolve(other))) {
      for (int i = 0; i < LAUNCHES || (outcomes.size() < 2 && i < LAUNCHES * MOST); i++) {
        outcomes.merge(outcome(sandbox), 1, Integer::sum);
      }
      assertThat(swapping.swaps()).as("swaps").isGreaterThan(LAUNCHES);
    }
    assertThat(Leftovers.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
    return outcomes;
  }

  @ParameterizedTest(name = "{0}, {1}: {2} and {3}")
  @CsvSource(delimiter = '|', textBlock = """
      path: reader, arguments: ["0", "-"]     | stdin: {file: file}                      | file           | ../outside/file
      path: reader, arguments: ["0", "-"]     | stdin: {file: file}                      | file           | link-to-file
      path: reader, arguments: ["0", "-"]     | stdin: {file: folder/file}               | folder         | link-to-folder
      path: reader, arguments: ["0", "-"]     | stdin: {file: folder/file}               | folder         | ../outside/folder
      path: reader, arguments: [/in]          | in: {file: file, mount: /in}             | file           | ../outside/file
      path: reader, arguments: [/in]          | in: {file: file, mount: /in}             | file           | link-to-file
      path: reader, arguments: [/in]          | in: {file: folder/file, mount: /in}      | folder         | link-to-folder
      path: reader, arguments: [/in/file]     | in: {directory: folder, mount: /in}      | folder         | ../outside/folder
      path: reader, arguments: [/in/file]     | in: {directory: folder, mount: /in}      | folder         | link-to-folder
      path: reader, arguments: ["3", file]    | in: {directory: folder, fd: 3}           | folder         | ../outside/folder
      path: reader, arguments: ["3", file]    | in: {directory: folder, fd: 3}           | folder         | link-to-folder
      path: folder/program                    | none: {null: true, fd: 9}                | folder/program | ../outside/folder/program
      path: folder/program                    | none: {null: true, fd: 9}                | folder/program | link-to-program
      path: folder/program                    | none: {null: true, fd: 9}                | folder         | link-to-folder
      path: folder/script                     | none: {null: true, fd: 9}                | folder/script  | ../outside/folder/script
      path: folder/script                     | none: {null: true, fd: 9}                | folder         | link-to-folder
      """)
  void aLaunchUsesWhatTheSandboxWasBuiltWithOrFails(String program, String capability, String name, String other) throws Exception {
    Files.copy(granted.resolve("folder/program"), granted.resolve("reader"));
    var sandbox = sandbox(program, capability);
    assertThat(sandbox.run(LONG).outputText().strip()).isEqualTo("mine");

    assertThat(outcomes(name, other, () -> sandbox)).as("outcomes").containsOnlyKeys("mine", "refused");
  }

  @Test
  void aPinnedProgramIsTheOneThatWasPinnedWhenEachSandboxIsBuiltAnew() throws Exception {
    var digest = HexFormat.of().formatHex(
        MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(granted.resolve("folder/program"))));
    Callable<Sandbox> pinned = () -> sandbox("path: folder/program, sha256: " + digest, "none: {null: true, fd: 9}");
    var first = pinned.call();
    assertThat(first.run(LONG).outputText()).isEqualTo("mine");

    assertThat(outcomes("folder/program", "../outside/folder/program", pinned)).as("outcomes").containsOnlyKeys("mine", "refused");
    Reference.reachabilityFence(first); // with the copy of the program, which would be closed at any time
  }
}
