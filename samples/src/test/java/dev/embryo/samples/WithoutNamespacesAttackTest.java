package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A program without namespaces, which has the same user as the files and the process that it attacks: nothing but Landlock
 * and the filters keeps it from them. Root's programs have the user {@code SANDBOX_USER} here, for whom root makes both.
 */
class WithoutNamespacesAttackTest {
  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final int SANDBOX_USER = 1879113000; // of nobody else, beside those that sandboxes get by themselves

  @TempDir
  private Path directory;

  private Path program;
  private Path granted;
  private Path outside;
  private Process victim;

  @BeforeEach
  void makeFilesAndTheVictim() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    program = Files.copy(Probe.PROGRAM, directory.resolve("probe"));
    granted = Files.createDirectory(directory.resolve("granted"));
    outside = Files.createDirectory(directory.resolve("outside"));
    for (Path each : List.of(granted, outside)) {
      give(Files.writeString(each.resolve("file"), "content\n"));
      give(each);
    }
    victim = new ProcessBuilder(Probe.asUser(SANDBOX_USER, program.toString(), "hang")).start();
    assertThat(victim.inputReader().readLine()).isEqualTo("ready");
  }

  @AfterEach
  void endTheVictim() throws InterruptedException {
    victim.destroyForcibly().waitFor();
  }

  private static void give(Path path) throws IOException {
    if (ROOT) {
      Files.setAttribute(path, "unix:uid", SANDBOX_USER);
    }
  }

  private ProbePolicy policy(String isolation) {
    var least = ProbePolicy.LEAST.program(program).section("isolation: " + isolation);
    return ROOT ? least.section("identity: {user: %d, group: %1$d}".formatted(SANDBOX_USER)) : least;
  }

  private ProbePolicy without() {
    return policy("{require: [landlock, seccomp]}");
  }

  /** The granted directory where it is, which is the only place for it. */
  private ProbePolicy granting(String rights) {
    return without().capability("granted: {directory: \"%s\", rights: %s, mount: \"%1$s\"}".formatted(granted, rights));
  }

  private List<String> words(String act) {
    return Arrays.stream(act.split(" +")).map(word -> word
        .replace("OUTSIDE", outside.toString()).replace("GRANTED", granted.toString())
        .replace("VICTIM", Long.toString(victim.pid()))).toList();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      open OUTSIDE/file                    | EACCES
      open-write OUTSIDE/file              | EACCES
      list OUTSIDE                         | EACCES
      create OUTSIDE/made                  | EACCES
      mkdir OUTSIDE/made                   | EACCES
      symlink file OUTSIDE/made            | EACCES
      mkfifo OUTSIDE/made                  | EACCES
      rename OUTSIDE/file OUTSIDE/renamed  | EACCES
      unlink OUTSIDE/file                  | EACCES
      truncate OUTSIDE/file                | EACCES/EPERM
      truncate-reading OUTSIDE/file        | EACCES/EPERM
      # What Landlock does not see.
      chmod 0666 OUTSIDE/file              | EPERM
      chmod-unopened 0666 OUTSIDE/file     | EPERM
      chown OUTSIDE/file                   | EPERM
      touch OUTSIDE/file                   | EPERM
      setxattr OUTSIDE/file                | EPERM
      getxattr OUTSIDE/file                | ENOSYS
      watch OUTSIDE/file                   | ENOSYS
      """)
  void aFileOutsideEveryGrantIsOutOfReach(String act, String refusal) throws Exception {
    Probe.assertAnswer(Probe.inside(granting("all"), words(act)), refusal);

    Probe.assumePossible(words(act));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      open-write GRANTED/file            | EACCES
      truncate GRANTED/file              | EACCES/EPERM
      truncate-reading GRANTED/file      | EACCES/EPERM
      create GRANTED/made                | EACCES
      chmod 0666 GRANTED/file            | EPERM
      chmod-opened 0666 GRANTED/file     | EPERM
      chown-opened GRANTED/file          | EPERM
      touch-opened GRANTED/file          | EPERM
      set-flags-opened GRANTED/file      | EPERM
      """)
  void whatIsGrantedForReadingStaysAsItIs(String act, String refusal) throws Exception {
    Probe.assertAnswer(Probe.inside(granting("read"), words(act)), refusal);
    Probe.assertAnswer(Probe.inside(granting("read"), words("read GRANTED/file")), "ok");

    Probe.assumePossible(words(act));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"read GRANTED/file", "write GRANTED/file", "truncate GRANTED/file", "create GRANTED/made",
      "mkdir GRANTED/made", "rename GRANTED/file GRANTED/renamed", "unlink GRANTED/file", "symlink file GRANTED/link"})
  void whatIsGrantedForWritingCanBeWritten(String act) throws Exception {
    assumeTrue(!act.startsWith("truncate") || Probe.landlockSeesTruncation(), "before Landlock ABI 3 the call is refused");
    Probe.assertAnswer(Probe.inside(granting("all"), words(act)), "ok");
  }

  @Test
  void filesOutsideCanBeAskedAbout() throws Exception {
    Probe.assertAnswer(Probe.inside(without(), words("stat OUTSIDE/file")), "ok");
    Probe.assertAnswer(Probe.inside(ProbePolicy.LEAST, words("stat OUTSIDE/file")), "ENOENT");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      kill VICTIM 0              | EPERM
      kill VICTIM 9              | EPERM
      tkill VICTIM 0             | EPERM
      tgkill VICTIM 0            | EPERM
      sigqueue VICTIM 0          | EPERM
      pidfd VICTIM               | ENOSYS
      set-owner VICTIM           | EPERM
      limit-other VICTIM         | EPERM
      set-limit-other VICTIM     | EPERM
      priority-other VICTIM      | EPERM
      priority-user              | EPERM
      set-affinity-other VICTIM  | EPERM
      scheduler-other VICTIM     | EPERM
      io-priority-other VICTIM   | EPERM
      session-other VICTIM       | EPERM
      group-other VICTIM         | EPERM
      clock-other VICTIM         | EPERM
      ptrace-attach VICTIM       | EPERM
      vm-read VICTIM             | EPERM
      clone parent               | EPERM
      fork                       | EPERM
      """)
  void aProcessOfTheSameUserIsOutOfReach(String act, String refusal) throws Exception {
    for (ProbePolicy policy : List.of(without(), policy("{pid: shared}"))) {
      Probe.assertAnswer(Probe.inside(policy, words(act)), refusal);
    }
    assertThat(victim.isAlive()).isTrue();

    if (!act.endsWith(" 9")) { // that would be the end of the victim
      Probe.assumePossible(words(act));
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      shm-create KEY    | shm-remove KEY
      sem-create KEY    | ipc-remove KEY
      msg-create KEY    | ipc-remove KEY
      """)
  void noObjectIsMadeThatTheHostWouldSee(String act, String undo) throws Exception {
    String key = Integer.toString(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
    List<String> words = words(act.replace("KEY", key));
    for (ProbePolicy policy : List.of(without(), policy("{ipc: shared}"))) {
      Probe.assertAnswer(Probe.inside(policy, words), "EPERM");
    }
    Probe.assertAnswer(Probe.inside(policy("{}"), words), "ok");

    Outcome contrast = Probe.outside(words);
    Probe.outside(words(undo.replace("KEY", key)));
    assertThat(contrast.answer()).isEqualTo("ok");
  }

  @Test
  void noMessageQueueIsMadeThatTheHostWouldSee() throws Exception {
    String name = "/embryo-" + ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    for (ProbePolicy policy : List.of(without(), policy("{ipc: shared}"))) {
      Probe.assertAnswer(Probe.inside(policy.section("limits: {message-queues: 1MiB}"), "mq-create", name), "EPERM");
    }
    Probe.assumePossible("mq-create", name);
  }

  @Test
  void signallingEverybodyReachesNobody() throws Exception {
    for (ProbePolicy policy : List.of(without(), policy("{pid: shared}"))) {
      Probe.inside(policy, "kill", "-1", "9"); // the kernel says that all is well, whomever it could not reach
    }
    assertThat(victim.isAlive()).isTrue();

    Probe.assumePossible("kill", "-1", "0");
  }

  @Test
  void aNameThatIsSharedIsTheHosts() throws Exception {
    String name = Probe.outside("hostname").detail();
    assertThat(Probe.inside(without(), "hostname").detail()).isEqualTo(name);
    assertThat(Probe.inside(policy("{hostname: shared}"), "hostname").detail()).isEqualTo(name);
    assertThat(Probe.inside(policy("{}"), "hostname").detail()).isEqualTo("embryo");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      handle-signal | ok
      signal-thread | ok
      raise 6       | SIGABRT
      raise 9       | SIGKILL
      kill 0 9      | SIGKILL
      thread        | ok
      """)
  void aProgramMaySignalItself(String act, String answer) throws Exception {
    for (ProbePolicy policy : List.of(without(), policy("{pid: shared}"))) {
      Probe.assertAnswer(Probe.inside(policy, words(act)), answer);
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      execve PROBE           | EPERM
      execveat-empty PROBE   | ENOSYS
      execveat-memfd PROBE   | ENOSYS
      socket unix            | EPERM
      socket inet            | EPERM
      capset                 | EPERM
      raise-limit            | EPERM
      map-writable-executable | EPERM
      unshare-user           | EPERM
      io-uring-setup         | EPERM
      """)
  void whatIsRefusedWithNamespacesIsRefusedWithout(String act, String refusal) throws Exception {
    Probe.assertAnswer(Probe.inside(without(), words(act.replace("PROBE", program.toString()))), refusal);
  }

  @Test
  void aDirectoryThatIsReplacedAfterThePolicyWasResolvedIsNotGranted() throws Exception {
    var policy = Policies.parse(granting("read").text(words("read GRANTED/file")), Path.of("/"));
    var sandbox = Sandbox.builder().policy(policy).build();
    Files.move(granted, directory.resolve("moved"));
    Files.createSymbolicLink(granted, outside);

    assertThatThrownBy(sandbox::launch)
        .hasMessageStartingWith("cannot allow what is granted at " + granted + ": ")
        .hasMessageContaining("ESTALE (stale file handle); another file is there than when the policy was resolved");
  }
}
