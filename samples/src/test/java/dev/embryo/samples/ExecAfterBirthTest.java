package dev.embryo.samples;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A program that may execute nothing executes nothing: the one exec of its birth is spent. {@code execve} is refused by
 * the filter; {@code execveat} answers as if the kernel did not have it, or is Landlock's to refuse.
 */
class ExecAfterBirthTest {
  private static final ProbePolicy WITH_PROGRAMS = ProbePolicy.LEAST
      .section("filesystem: {programs: system}")
      .capability("scratch: {tmpfs: 4MiB, mount: /tmp}");

  @TempDir Path directory;

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # PROBE is the running program itself, TMP a directory that it may write to.
      execve PROBE                           | EPERM
      execve /usr/bin/true                   | EPERM
      execve /proc/self/exe                  | EPERM/ENOENT
      execve /lib64/ld-linux-x86-64.so.2 /usr/bin/true | EPERM
      execve-copy PROBE TMP/copy             | EPERM
      execveat-absolute -100 PROBE           | ENOSYS/EPERM/EACCES
      execveat-absolute -1 PROBE             | ENOSYS/EPERM/EACCES
      execveat-absolute 0 PROBE              | ENOSYS/EPERM/EACCES
      execveat-absolute 3 PROBE              | ENOSYS/EPERM/EACCES
      execveat-absolute 0 /usr/bin/true      | ENOSYS/EPERM/EACCES
      execveat-relative PROBE                | ENOSYS/EPERM/EACCES
      execveat-relative /usr/bin/true        | ENOSYS/EPERM/EACCES
      execveat-empty PROBE                   | ENOSYS/EPERM/EACCES
      execveat-empty /usr/bin/true           | ENOSYS/EPERM/EACCES
      execveat-opath PROBE                   | ENOSYS/EPERM/EACCES
      execveat-memfd PROBE                   | ENOSYS/EPERM/EACCES
      exec-thread PROBE                      | ENOSYS/EPERM/EACCES
      exec-race PROBE                        | ENOSYS/EPERM/EACCES
      """)
  void noFormOfExecIsLeft(String act, String refusal) throws Exception {
    for (ProbePolicy policy : List.of(WITH_PROGRAMS, WITH_PROGRAMS.section("processes: {spawn: true}"))) {
      Probe.assertAnswer(Probe.inside(policy, words(act, "/tmp")), refusal);
    }

    Probe.assumePossible(words(act, directory.toString()));
  }

  private static List<String> words(String act, String writable) {
    return Arrays.stream(act.split(" "))
        .map(word -> word.replace("PROBE", Probe.PROGRAM.toString()).replace("TMP", writable))
        .toList();
  }
}
