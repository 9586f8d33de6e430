package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A program that knows socket activation finds its descriptors, in the eyes of the library that servers use for it: libsystemd,
 * which ignores variables that are meant for another process.
 */
@Timeout(120)
class SocketActivationTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Prints what the library finds, and the first line of each descriptor; with an argument, in a child. */
  private static final String ASK_LIBRARY = """
      #include <stdio.h>
      #include <stdlib.h>
      #include <sys/wait.h>
      #include <unistd.h>

      int sd_listen_fds_with_names(int unset_environment, char ***names);

      static void tell(void)
      {
          char **names = NULL;
          int count = sd_listen_fds_with_names(0, &names);
          printf("pid %d, %s: %d\\n", getpid(), getenv("LISTEN_PID") ? getenv("LISTEN_PID") : "unset", count);
          for (int i = 0; i < count; i++) {
              char line[64] = "";
              if (read(3 + i, line, sizeof(line) - 1) < 0)
                  perror("read");
              printf("%d %s %s\\n", 3 + i, names[i], line);
          }
          fflush(stdout);
      }

      int main(int argc, char **argv)
      {
          (void)argv;
          if (argc == 1) {
              tell();
          } else if (fork() == 0) {
              tell();
          } else {
              wait(NULL);
          }
          return 0;
      }
      """;

  @TempDir
  private Path directory;

  @BeforeEach
  void requireTheLibrary() throws Exception {
    try (Stream<Path> libraries = Files.list(Path.of("/usr/lib/x86_64-linux-gnu"))) {
      assumeTrue(libraries.anyMatch(file -> file.endsWith("libsystemd.so.0")), "libsystemd is not installed");
    }
    CompiledProgram.of(directory, "ask", ASK_LIBRARY, "-l:libsystemd.so.0");
    for (String name : List.of("first", "second", "third")) {
      CompiledProgram.letOthersIn(Files.writeString(directory.resolve(name), "of " + name));
    }
  }

  private String ask(String arguments, String capabilities, String more) throws Exception {
    var done = Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: test
        program: {path: ask, arguments: %s}
        capabilities:
          stdout: {inherit: 1, rights: write}
          stderr: {inherit: 2, rights: write}
        """.formatted(arguments) + capabilities.indent(2) + more, directory)).build().run(LONG);
    assertThat(done.errorText()).isEmpty();
    assertThat(done.isSuccess()).isTrue();
    return done.outputText();
  }

  private static final String TWO = """
      second: {file: second}
      first: {file: first}
      third: {file: third, fd: 9}
      """;

  @Test
  void theLibraryFindsTheCapabilitiesWithoutANumberInTheOrderOfThePolicy() throws Exception {
    assertThat(ask("[]", TWO, "")).isEqualTo("pid 2, 2: 2\n3 second of second\n4 first of first\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "isolation: {pid: shared}", "isolation: {require: [landlock, seccomp]}", "system-calls: {on-denied: explain}",
      "system-calls: {on-denied: kill}", "processes: {execute: view}"})
  void thePidIsRightHoweverTheProgramIsIsolated(String more) throws Exception {
    assertThat(ask("[]", TWO, more + "\n"))
        .matches(Pattern.compile("pid (\\d+), \\1: 2\n3 second of second\n4 first of first\n"));
  }

  @Test
  void aChildThatInheritsTheVariablesIsNotMeant() throws Exception {
    assertThat(ask("[child]", TWO, "processes: {spawn: true}\n")).matches("pid [3-9], 2: 0\n");
  }

  @Test
  void aProgramWhoseDescriptorsAllHaveNumbersGetsNoVariables() throws Exception {
    assertThat(ask("[]", "first: {file: first, fd: 3}\n", "")).isEqualTo("pid 2, unset: 0\n");
    assertThat(ask("[]", "", "")).isEqualTo("pid 2, unset: 0\n");
  }

  @Test
  void aScriptFindsThemAsItsInterpreter() throws Exception {
    var script = Files.writeString(directory.resolve("script"), """
        #!/bin/sh
        echo "$$ $LISTEN_PID $LISTEN_FDS $LISTEN_FDNAMES"
        """, UTF_8);
    CompiledProgram.letOthersIn(script);
    var done = Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: test
        program: {path: script}
        capabilities: {stdout: {inherit: 1, rights: write}, only: {file: first}}
        """, directory)).build().run(LONG);

    assertThat(done.outputText()).isEqualTo("2 2 1 only\n");
  }
}
