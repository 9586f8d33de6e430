package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What people know of {@link Process}, on the JDK's own and on a sandboxed one alike: one test for each of its methods, and
 * then the differences, which the class comment of {@link SandboxedProcess} lists.
 */
@Timeout(60)
class ProcessParityTest {
  private static final String WAITING = "read -r line; echo \"$line\"; exit 3";

  @TempDir
  private Path directory;

  enum Maker {
    PROCESS_BUILDER {
      @Override
      Process launch(Path directory, String script) throws IOException {
        return new ProcessBuilder("/bin/sh", "-c", script).start();
      }
    },
    SANDBOX {
      @Override
      Process launch(Path directory, String script) throws IOException {
        return Launches.shell(directory, script, "").launch();
      }
    };

    abstract Process launch(Path directory, String script) throws IOException;
  }

  private interface Use {
    void of(Process process) throws Exception;
  }

  private void with(Maker maker, String script, Use use) throws Exception {
    var process = maker.launch(directory, script);
    try {
      use.of(process);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void everyMethodOfProcessStandsInTheTable() throws Exception {
    String source = Files.readString(Path.of("src/main/java/dev/embryo/launcher/SandboxedProcess.java"));
    assertThat(Stream.of(Process.class.getMethods())
        .filter(method -> method.getDeclaringClass() == Process.class && !Modifier.isStatic(method.getModifiers()))
        .map(Method::getName).distinct())
        .allSatisfy(name -> assertThat(source).contains("<tr><td>{@code " + name + "("));
  }

  @ParameterizedTest
  @EnumSource
  void getOutputStreamIsTheInput(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      process.getOutputStream().write("text\n".getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("text\n");
    });
  }

  @ParameterizedTest
  @EnumSource
  void getInputStreamIsTheOutputAlsoAfterTheEnd(Maker maker) throws Exception {
    with(maker, "echo out", process -> {
      process.waitFor();
      assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("out\n");
      assertThat(process.getInputStream().read()).isEqualTo(-1);
    });
  }

  @ParameterizedTest
  @EnumSource
  void getErrorStreamIsTheErrorsAlsoAfterTheEnd(Maker maker) throws Exception {
    with(maker, "echo err >&2", process -> {
      process.waitFor();
      assertThat(process.getErrorStream().readAllBytes()).asString().isEqualTo("err\n");
    });
  }

  @ParameterizedTest
  @EnumSource
  void inputReaderIsOneReaderInTheCharsetThatIsFirstAskedFor(Maker maker) throws Exception {
    with(maker, "printf '\\303\\274\\n'", process -> {
      var reader = process.inputReader(StandardCharsets.UTF_8);
      assertThat(reader.readLine()).isEqualTo("ü");
      assertThat(process.inputReader(StandardCharsets.UTF_8)).isSameAs(reader);
      assertThatThrownBy(() -> process.inputReader(StandardCharsets.UTF_16)).isInstanceOf(IllegalStateException.class)
          .hasMessage("BufferedReader was created with charset: UTF-8");
    });
    with(maker, "echo plain", process -> {
      assertThat(process.inputReader().readLine()).isEqualTo("plain");
      assertThat(process.inputReader()).isSameAs(process.inputReader());
    });
  }

  @ParameterizedTest
  @EnumSource
  void errorReaderIsOneReaderInTheCharsetThatIsFirstAskedFor(Maker maker) throws Exception {
    with(maker, "printf '\\303\\274\\n' >&2", process -> {
      assertThat(process.errorReader(StandardCharsets.UTF_8).readLine()).isEqualTo("ü");
      assertThatThrownBy(() -> process.errorReader(StandardCharsets.UTF_16)).isInstanceOf(IllegalStateException.class);
    });
    with(maker, "echo plain >&2", process -> assertThat(process.errorReader().readLine()).isEqualTo("plain"));
  }

  @ParameterizedTest
  @EnumSource
  void outputWriterIsOneWriterInTheCharsetThatIsFirstAskedFor(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      var writer = process.outputWriter(StandardCharsets.UTF_8);
      writer.write("ü\n");
      writer.flush();
      assertThat(process.getInputStream().readAllBytes()).isEqualTo("ü\n".getBytes(StandardCharsets.UTF_8));
      assertThat(process.outputWriter(StandardCharsets.UTF_8)).isSameAs(writer);
      assertThatThrownBy(() -> process.outputWriter(StandardCharsets.UTF_16)).isInstanceOf(IllegalStateException.class);
    });
    with(maker, WAITING, process -> {
      process.outputWriter().write("x\n");
      process.outputWriter().close();
      assertThat(process.inputReader().readLine()).isEqualTo("x");
    });
  }

  @ParameterizedTest
  @EnumSource
  void waitForWaitsForTheEndAndReturnsTheStatus(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      assertThat(process.waitFor(1, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(process.waitFor(-1, TimeUnit.DAYS)).isFalse();
      process.getOutputStream().close();
      assertThat(process.waitFor(Long.MAX_VALUE, TimeUnit.DAYS)).isTrue();
      assertThat(process.waitFor()).isEqualTo(3);
      assertThat(process.waitFor(0, TimeUnit.SECONDS)).isTrue();
    });
  }

  @ParameterizedTest
  @EnumSource
  void waitForADurationIsTheSameFromJava24On(Maker maker) throws Exception {
    var method = Stream.of(Process.class.getMethods())
        .filter(m -> m.getName().equals("waitFor") && m.getParameterCount() == 1).findFirst();
    assumeThat(method).as("Process.waitFor(Duration)").isPresent();
    with(maker, WAITING, process -> {
      assertThat(method.get().invoke(process, Duration.ofMillis(1))).isEqualTo(false);
      process.getOutputStream().close();
      assertThat(method.get().invoke(process, Duration.ofDays(100_000))).isEqualTo(true);
    });
  }

  @ParameterizedTest
  @EnumSource
  void waitForAnswersAnInterrupt(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      Thread.currentThread().interrupt();
      assertThatThrownBy(process::waitFor).isInstanceOf(InterruptedException.class);
      assertThat(Thread.interrupted()).isFalse();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> process.waitFor(1, TimeUnit.HOURS)).isInstanceOf(InterruptedException.class);
      assertThat(process.isAlive()).isTrue();
    });
  }

  @ParameterizedTest
  @EnumSource
  void exitValueIsThereAfterTheEndAndNotBefore(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      assertThatThrownBy(process::exitValue).isInstanceOf(IllegalThreadStateException.class);
      process.getOutputStream().close();
      process.waitFor();
      assertThat(process.exitValue()).isEqualTo(3);
    });
    with(maker, "kill -15 $$", process -> assertThat(process.waitFor()).isEqualTo(143));
  }

  @ParameterizedTest
  @EnumSource
  void destroyAsks(Maker maker) throws Exception {
    with(maker, "trap 'exit 5' TERM; echo ready; while :; do read -r line; done", process -> {
      assertThat(process.supportsNormalTermination()).isTrue();
      process.inputReader().readLine();
      process.destroy();
      assertThat(process.waitFor()).isEqualTo(5);
      process.destroy(); // of no effect, and no error
    });
  }

  @ParameterizedTest
  @EnumSource
  void destroyForciblyKills(Maker maker) throws Exception {
    with(maker, "trap '' TERM; echo ready; while :; do :; done", process -> {
      process.inputReader().readLine();
      process.destroy();
      assertThat(process.destroyForcibly()).isSameAs(process);
      assertThat(process.waitFor()).isEqualTo(137);
      assertThat(process.destroyForcibly()).isSameAs(process);
    });
  }

  @ParameterizedTest
  @EnumSource
  void isAliveUntilTheEnd(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      assertThat(process.isAlive()).isTrue();
      process.getOutputStream().close();
      process.waitFor();
      assertThat(process.isAlive()).isFalse();
    });
  }

  @ParameterizedTest
  @EnumSource
  void pidIsThatOfTheProgramAndStays(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      long pid = process.pid();
      assertThat(Files.readString(Path.of("/proc/" + pid + "/comm"))).containsPattern("sh\n$");
      process.getOutputStream().close();
      process.waitFor();
      assertThat(process.pid()).isEqualTo(pid);
    });
  }

  @ParameterizedTest
  @EnumSource
  void onExitCompletesWithTheProcessAndCancellingItTouchesNothing(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      var end = process.onExit();
      assertThat(end).isNotDone();
      assertThat(process.onExit().cancel(true)).isTrue();
      assertThat(process.isAlive()).isTrue();
      process.getOutputStream().close();
      assertThat(end.get()).isSameAs(process);
      assertThat(process.exitValue()).isEqualTo(3);
      assertThat(process.onExit().get()).isSameAs(process);
    });
  }

  @ParameterizedTest
  @EnumSource
  void toHandleIsTheHandleThatTheJdkGivesForThePid(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      var handle = process.toHandle();
      assertThat(handle).isEqualTo(ProcessHandle.of(process.pid()).orElseThrow()).isEqualTo(process.toHandle())
          .hasSameHashCodeAs(process.toHandle());
      assertThat(handle.compareTo(ProcessHandle.of(process.pid()).orElseThrow())).isZero();
      assertThat(handle.parent()).contains(ProcessHandle.current());
      assertThat(handle.isAlive()).isTrue();
      var end = handle.onExit();
      assertThat(handle.destroyForcibly()).isTrue();
      assertThat(end.get()).isEqualTo(handle);
      assertThat(process.waitFor()).isEqualTo(137);
      assertThat(handle.isAlive()).isFalse();
      assertThat(process.toHandle()).isEqualTo(handle);
    });
  }

  @ParameterizedTest
  @EnumSource
  void toHandleAfterTheEndIsThatOfAProcessThatIsNotAlive(Maker maker) throws Exception {
    with(maker, "exit 0", process -> {
      process.waitFor();
      var handle = process.toHandle();
      assertThat(handle.pid()).isEqualTo(process.pid());
      assertThat(handle.isAlive()).isFalse();
      assertThat(handle.parent()).isEmpty();
      assertThat(handle.children()).isEmpty();
      assertThat(handle.descendants()).isEmpty();
      assertThat(handle.info().command()).isEmpty();
      assertThat(handle.info().commandLine()).isEmpty();
      assertThat(handle.info().arguments()).isEmpty();
      assertThat(handle.info().startInstant()).isEmpty();
      assertThat(handle.info().totalCpuDuration()).isEmpty();
      assertThat(handle.info().user()).isEmpty();
      assertThat(handle.onExit().get()).isEqualTo(handle);
      assertThat(handle.supportsNormalTermination()).isTrue();
      assertThat(handle.destroy()).isFalse();
      assertThat(handle.destroyForcibly()).isFalse();
      assertThat(handle).isEqualTo(process.toHandle()).hasSameHashCodeAs(process.toHandle())
          .hasToString(Long.toString(process.pid()));
      assertThat(handle.compareTo(process.toHandle())).isZero();
      assertThat(process.children()).isEmpty();
      assertThat(process.info().command()).isEmpty();
    });
  }

  @ParameterizedTest
  @EnumSource
  void infoIsThatOfTheProgram(Maker maker) throws Exception {
    with(maker, WAITING, process -> {
      assertThat(process.info().command()).hasValueSatisfying(path -> assertThat(path).endsWith("sh"));
      assertThat(process.info().startInstant()).isPresent();
      assertThat(process.info().totalCpuDuration()).isPresent();
    });
  }

  @ParameterizedTest
  @EnumSource
  void childrenAndDescendantsAreThoseOfTheProgram(Maker maker) throws Exception {
    String script = "exec 3<&0; ((echo ready; read -r line <&3) & wait) & wait";
    var process = maker == Maker.PROCESS_BUILDER
        ? maker.launch(directory, script)
        : Launches.shell(directory, script, "processes: {spawn: true}\n").launch();
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      assertThat(process.children()).hasSize(1);
      assertThat(process.descendants()).hasSize(2).allMatch(ProcessHandle::isAlive);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
  }

  @ParameterizedTest
  @EnumSource
  void equalsIsIdentity(Maker maker) throws Exception {
    with(maker, WAITING, process -> with(maker, WAITING, other ->
        assertThat(process).isEqualTo(process).isNotEqualTo(other)));
  }

  // The differences

  @Test
  void aBlockedReadAnswersAnInterrupt() throws Exception {
    try (var process = Launches.shell(directory, WAITING, "").launch()) {
      var reading = new CountDownLatch(1);
      var failure = new Exception[1];
      var reader = new Thread(() -> {
        reading.countDown();
        try {
          process.getInputStream().read();
        } catch (IOException interrupted) {
          failure[0] = interrupted;
        }
      });
      reader.start();
      reading.await();
      reader.interrupt();
      reader.join();
      assertThat(failure[0]).isInstanceOf(java.nio.channels.ClosedByInterruptException.class);
      assertThat(process.isAlive()).isTrue();
    }
  }

  @Test
  void destroyLeavesTheStreamsOpen() throws Exception {
    try (var process = Launches.shell(directory, "echo out; read -r line", "").launch()) {
      assertThat(process.inputReader().read()).isEqualTo('o');
      process.destroy();
      process.waitFor();
      assertThat(process.inputReader().readLine()).isEqualTo("ut");
    }
  }

  @Test
  void writingTakesEffectWithoutAFlush() throws Exception {
    try (var process = Launches.shell(directory, WAITING, "").launch()) {
      process.getOutputStream().write("x\n".getBytes(StandardCharsets.UTF_8));
      assertThat(process.waitFor()).isEqualTo(3);
    }
  }

  @Test
  void closingAnInterruptedThreadsProcessKillsItAndKeepsTheInterrupt() throws Exception {
    var process = Launches.shell(directory, WAITING, "").launch();
    Thread.currentThread().interrupt();
    process.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(process.exitValue()).isEqualTo(137);
  }
}
