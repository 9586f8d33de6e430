package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.process.ExitStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sandboxed process does that no other {@link Process} does, and what both do in detail. */
@Timeout(60)
class SandboxedProcessTest {
  private static final String WAITING = "read -r line; echo \"$line\"; exit 3";

  @TempDir
  private Path directory;

  private SandboxedProcess launch(String script) throws IOException {
    return Launches.shell(directory, script, "").launch();
  }

  @Test
  void theThreeStreamsArePipes() throws Exception {
    try (var process = launch("read -r line; echo \"out $line\"; echo err >&2")) {
      process.getOutputStream().write("in\n".getBytes(StandardCharsets.UTF_8));
      assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("out in\n");
      assertThat(process.getErrorStream().readAllBytes()).asString().isEqualTo("err\n");
      assertThat(process.waitFor()).isZero();
    }
  }

  @Test
  void aStreamThatThePolicyDoesNotInheritIsEmpty() throws Exception {
    try (var process = Launches.sandbox(directory, "program: {path: /bin/true}\n").launch()) {
      assertThat(process.getInputStream().read()).isEqualTo(-1);
      assertThat(process.getErrorStream().read()).isEqualTo(-1);
      process.getOutputStream().write(1);
    }
  }

  @Test
  void theExitValueIsThereAfterTheEndAndNotBefore() throws Exception {
    try (var process = launch(WAITING)) {
      assertThat(process.isAlive()).isTrue();
      assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
      assertThat(process.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(process.exitStatus(Duration.ofMillis(1))).isEmpty();
      process.getOutputStream().close();
      assertThat(process.waitFor()).isEqualTo(3);
      assertThat(process.waitFor(1, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(3);
      assertThat(process.exitStatus()).isEqualTo(new ExitStatus(3, 0, false));
      assertThat(process.isAlive()).isFalse();
    }
  }

  @Test
  void destroyAsksAndDestroyForciblyDoesNot() throws Exception {
    try (var process = launch("trap 'exit 5' TERM; echo ready; while :; do read -r line; done")) {
      assertThat(process.supportsNormalTermination()).isTrue();
      process.inputReader().readLine();
      process.destroy();
      assertThat(process.waitFor()).isEqualTo(5);
      process.destroy(); // of no effect, and no error
    }
    try (var process = launch("trap '' TERM; echo ready; read -r line")) {
      process.inputReader().readLine();
      process.destroy();
      assertThat(process.destroyForcibly()).isSameAs(process);
      assertThat(process.exitStatus()).isEqualTo(new ExitStatus(0, 9, false));
      assertThat(process.exitValue()).isEqualTo(137);
    }
  }

  @Test
  void aSignalReachesTheProgram() throws Exception {
    try (var process = launch("trap 'exit 6' USR1; echo ready; while :; do read -r line; done")) {
      process.inputReader().readLine();
      assertThat(process.signal(10)).isTrue();
      assertThat(process.waitFor()).isEqualTo(6);
      assertThat(process.signal(10)).isFalse();
    }
  }

  @Test
  void closingKillsAndLeavesNothing() throws Exception {
    SandboxedProcess process = launch(WAITING);
    var handle = process.toHandle();
    process.close();
    assertThat(handle.isAlive()).isFalse();
    assertThat(process.exitValue()).isEqualTo(137);
    process.close();
  }

  @Test
  void aDeadlineKills() throws Exception {
    try (var process = launch(WAITING)) {
      process.killAfter(Duration.ofMillis(1));
      assertThat(process.waitFor()).isEqualTo(137);
    }
  }

  @Test
  void aProgramWithoutEndIsKilledAtItsWallTimeAndItIsKnownWhy() throws Exception {
    try (var process = Launches.shell(directory, WAITING, "limits: {wall-time: 1ms}\n").launch()) {
      assertThat(process.waitFor()).isEqualTo(137);
      assertThat(process.endedByWallTime()).isTrue();
    }
  }

  @Test
  void aDetachedProgramKeepsItsWallTime() throws Exception {
    try (var input = Launches.shell(directory, WAITING, "limits: {wall-time: 1ms}\n").launch()) {
      input.detach();
      assertThat(input.waitFor()).isEqualTo(137);
      assertThat(input.endedByWallTime()).isTrue();
    }
  }

  @Test
  void aProgramThatEndsBeforeItsWallTimeIsNotTouched() throws Exception {
    try (var process = Launches.shell(directory, WAITING, "limits: {wall-time: 1h}\n").launch()) {
      assertThat(process.endedByWallTime()).isFalse();
      process.getOutputStream().close();
      assertThat(process.waitFor()).isEqualTo(3);
      assertThat(process.endedByWallTime()).isFalse();
    }
  }

  @Test
  void whatElseKillsAProgramIsNotItsWallTime() throws Exception {
    try (var process = Launches.shell(directory, WAITING, "limits: {wall-time: 1h}\n").launch()) {
      process.killAfter(Duration.ofMillis(1));
      assertThat(process.waitFor()).isEqualTo(137);
      assertThat(process.endedByWallTime()).isFalse();
    }
  }

  @Test
  void aDetachedProgramIsNotKilledByClosing() throws Exception {
    var process = launch("read -r line; exit 3");
    process.detach();
    process.close();
    assertThat(process.waitFor()).as("its input has ended").isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4096, 65536, 1 << 20})
  void anyAmountPassesThroughBothPipes(int size) throws Exception {
    var sandbox = Launches.sandbox(directory, "program: {path: /bin/cat}\n" + Launches.STREAMS);
    var bytes = new byte[size];
    new java.util.Random(size).nextBytes(bytes);
    try (var process = sandbox.launch()) {
      var writer = new Thread(() -> {
        try (var in = process.getOutputStream()) {
          in.write(bytes);
        } catch (IOException lost) {
          throw new AssertionError(lost);
        }
      });
      writer.start();
      assertThat(process.getInputStream().readAllBytes()).isEqualTo(bytes);
      writer.join();
    }
  }
}
