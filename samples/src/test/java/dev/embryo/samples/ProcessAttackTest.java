package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process of the same user on the host, whose pid the program knows, is out of its reach. */
class ProcessAttackTest {
  private Process victim;

  @BeforeEach
  void startTheVictim() throws IOException {
    victim = new ProcessBuilder(Probe.PROGRAM.toString(), "hang").start();
    assertThat(victim.inputReader().readLine()).isEqualTo("ready");
  }

  @AfterEach
  void endTheVictim() throws InterruptedException {
    victim.destroyForcibly().waitFor();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # Signal 0 asks whether another could be sent.
      kill VICTIM 0         | ESRCH
      tkill VICTIM 0        | ESRCH
      tgkill VICTIM 0       | ESRCH
      sigqueue VICTIM 0     | ESRCH
      pidfd VICTIM          | ENOSYS
      pidfd-signal VICTIM 0 | ENOSYS
      set-owner VICTIM      | EPERM
      set-owner-ex VICTIM   | EPERM
      limit-other VICTIM    | ESRCH
      priority-other VICTIM | ESRCH
      affinity-other VICTIM | ESRCH
      ptrace-attach VICTIM  | EPERM
      ptrace-seize VICTIM   | EPERM
      vm-read VICTIM        | EPERM
      vm-write VICTIM       | EPERM
      """)
  void aProcessOfTheHostIsOutOfReach(String act, String refusal) throws Exception {
    for (ProbePolicy policy : List.of(ProbePolicy.LEAST, ProbePolicy.SPAWNING)) {
      Probe.assertAnswer(Probe.inside(policy, words(act, victim.pid())), refusal);
    }

    Probe.assumePossible(words(act, victim.pid()));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # Pid 1 is the sandbox's own init: not the program's to signal, trace, read or write.
      ptrace-attach INIT | EPERM
      ptrace-seize INIT  | EPERM
      vm-read INIT       | EPERM
      vm-write INIT      | EPERM
      set-owner INIT     | EPERM
      """)
  void initIsOutOfReach(String act, String refusal) throws Exception {
    Probe.assertAnswer(Probe.inside(ProbePolicy.SPAWNING, words(act.replace("INIT", "VICTIM"), 1)), refusal);

    Probe.assumePossible(words(act.replace("INIT", "VICTIM"), victim.pid()));
  }

  @ParameterizedTest(name = "signal {0}")
  @CsvSource({"1", "2", "9", "11", "15", "17", "31", "34"})
  void initSurvivesSignalsOfTheProgram(String signal) throws Exception {
    // Landlock refuses them since ABI 6; the kernel drops most of them anyway, for a namespace's init.
    assertThat(Probe.inside(ProbePolicy.SPAWNING, "kill", "1", signal).answer()).isIn("EPERM", "ok");
  }

  @Test
  void theProgramSeesNoProcessButItselfAndItsInit() throws Exception {
    assertThat(Probe.inside(ProbePolicy.SPAWNING, "processes").detail()).isIn("", "1");

    assertThat(Probe.outside("processes").detail().split(" ")).hasSizeGreaterThan(2);
  }

  @Test
  void signallingEverybodyReachesNobody() throws Exception {
    Probe.assertAnswer(Probe.inside(ProbePolicy.SPAWNING, "kill", "-1", "0"), "ESRCH/EPERM");
    Probe.assertAnswer(Probe.inside(ProbePolicy.SPAWNING, "kill", "-1", "9"), "ESRCH/EPERM");

    assertThat(victim.isAlive()).isTrue();
    Probe.assumePossible("kill", "-1", "0");
  }

  @Test
  void theHostsSharedMemoryIsNotThere() throws Exception {
    String key = Integer.toString(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE));
    assertThat(Probe.outside("shm-create", key).answer()).isEqualTo("ok");
    try {
      Probe.assertAnswer(Probe.inside(ProbePolicy.LEAST, "shm-find", key), "ENOENT");
      assertThat(Probe.outside("shm-find", key).answer()).isEqualTo("ok");
    } finally {
      assertThat(Probe.outside("shm-remove", key).answer()).isEqualTo("ok");
    }
  }

  @Test
  void theHostsNameIsNotThere() throws Exception {
    assertThat(Probe.inside(ProbePolicy.LEAST, "hostname").detail()).isNotEqualTo(Probe.outside("hostname").detail());
  }

  @Test
  void theProgramMayHandleItsOwnSignals() throws Exception {
    assertThat(Probe.inside(ProbePolicy.LEAST, "handle-signal").output()).isEqualTo("ok caught 10\n");
  }

  @ParameterizedTest(name = "{0} under {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = """
      fork     | processes: {spawn: false}   | EPERM
      fork     | processes: {spawn: true}    | ok
      raw-fork | processes: {spawn: false}   | EPERM
      raw-fork | processes: {spawn: true}    | ok
      thread   | processes: {threads: false} | EPERM
      thread   | processes: {threads: true}  | ok
      """)
  void processesAndThreadsAreGranted(String act, String section, String answer) throws Exception {
    Probe.assertAnswer(Probe.inside(ProbePolicy.LEAST.section(section), act), answer);
  }

  @ParameterizedTest(name = "{0} under {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = """
      open-files 100          | limits: {open-files: 64}  | EMFILE
      open-files 100          | limits: {open-files: 256} | ok
      # The limit of a process, or a cgroup's, which leaves no choice.
      allocate 512            | limits: {memory: 64MiB}   | ENOMEM/SIGKILL
      allocate 512            | limits: {memory: 1GiB}    | ok
      write-bytes /tmp/f 2000000 | limits: {file-size: 1MiB} | SIGXFSZ
      write-bytes /tmp/f 2000000 | limits: {file-size: 4MiB} | ok
      write-bytes /tmp/f 9000000 | limits: {file-size: 1GiB} | ENOSPC
      # Files without a byte take memory of the kernel, too.
      make-files 100000 /tmp  | limits: {memory: 64MiB}   | ENOSPC
      make-files 1000 /tmp    | limits: {memory: 64MiB}   | ok
      # Its limit counts threads as well.
      orphans 1000            | {processes: {spawn: true}, limits: {processes: 16}} | EAGAIN
      orphans 10              | {processes: {spawn: true}, limits: {processes: 16}} | ok
      spin                    | limits: {cpu-time: 1s}    | SIGXCPU/SIGKILL
      """)
  void limitsHold(String act, String section, String answer) throws Exception {
    var policy = ProbePolicy.LEAST.capability("scratch: {tmpfs: 8MiB, mount: /tmp}")
        .section(section.replaceAll("^\\{(.*?}), (.*)}$", "$1\n$2"));

    Probe.assertAnswer(Probe.inside(policy, List.of(act.split(" +"))), answer);
  }

  private static List<String> words(String act, long victim) {
    return Arrays.stream(act.split(" ")).map(word -> word.replace("VICTIM", Long.toString(victim))).toList();
  }
}
