package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.model.PolicyException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory that is granted as descriptor 3: both sides see what the other writes, and what no right of it allows fails. */
class MemoryAttackTest {
  private static final Path PROGRAM = Path.of("target", "hostile", "rights").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static ProbePolicy granting(String rights) {
    return ProbePolicy.LEAST.program(PROGRAM).capability("shared: {memory: 64KiB" + rights + "}");
  }

  private static ProbePolicy exactly(String rights) {
    return granting(", rights: " + rights);
  }

  @ParameterizedTest
  @ValueSource(strings = {"truncate", "allocate", "punch", "chmod", "touch", "map-code", "dup", "dup3", "dupfd", "dupfd-cloexec"})
  void noRightOfMemoryAllowsIt(String act) throws Exception {
    Probe.assertAnswer(Probe.inside(exactly("all"), List.of(act, "3")), "EPERM");
    Probe.assertAnswer(Probe.inside(exactly("all"), List.of(act, "3", "high")), "EPERM");
  }

  @Test
  void whatIsMappedForReadingIsNotMadeWritable() throws Exception {
    Probe.assertAnswer(Probe.inside(exactly("[read, map]"), List.of("make-writable", "3")), "EACCES");
    Probe.assertAnswer(Probe.inside(exactly("all"), List.of("make-writable", "3")), "ok");
  }

  /** The memory after the program's act. */
  private static ByteBuffer shared(String rights, String act) throws Exception {
    var policy = exactly(rights).capability("stdin: {inherit: 0, rights: read}");
    try (var process = Sandbox.builder().policy(Policies.parse(policy.text(List.of(act, "3")), Path.of("/"))).build().launch()) {
      process.killAfter(PATIENCE);
      var memory = process.memory("shared");
      assertThat(memory.remaining()).isEqualTo(64 << 10);
      memory.put(0, (byte) 'H');
      process.getOutputStream().write('\n');
      assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("ok\n");
      return memory;
    }
  }

  @Test
  void theProgramSeesWhatTheLauncherWritesAndAnswers() throws Exception {
    assertThat(shared("all", "answer").get(1)).isEqualTo((byte) 'P');
  }

  @Test
  void theLauncherWritesWhatTheProgramCanOnlyRead() throws Exception {
    assertThat(shared("[read, map]", "look").get(1)).isZero();
  }

  @Test
  void eachLaunchHasMemoryOfItsOwn() throws Exception {
    var policy = granting("");
    var sandbox = Sandbox.builder().policy(Policies.parse(policy.text(List.of("read", "3")), Path.of("/"))).build();
    try (var one = sandbox.launch(); var other = sandbox.launch()) {
      one.memory("shared").put(0, (byte) 1);
      assertThat(other.memory("shared").get(0)).isZero();
      assertThatThrownBy(() -> one.memory("share")).hasMessage("'share' is no memory that the program shares");
    }
  }

  @Test
  void itGoesWithNoProcByWhichItCouldBeOpenedAgain() {
    assertThatThrownBy(() -> Probe.inside(exactly("read").section("filesystem: {proc: own}"), List.of("reopen", "3")))
        .isInstanceOf(PolicyException.class)
        .hasMessageContaining(":8:20: filesystem.proc: shows /proc/self/fd, by which the program opens 'shared' again, and may"
            + " execute it; leave /proc out");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      duplicate    | 'duplicate' is not a right of shared memory
      [read,write,map] | 'map' goes with 'map-write' where shared memory is open for writing, too: mprotect makes the one of the other
      [map]        | 'map' goes with 'read': what is mapped is read
      """)
  void whatCannotBeWithheldIsNotAPolicy(String rights, String message) {
    assertThatThrownBy(() -> Probe.inside(exactly(rights), List.of("read", "3")))
        .hasMessageContaining(":7:35: capabilities.shared.rights: " + message);
  }
}
