package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.embryo.launcher.CutShortException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that are run to their end in one call, and what they may write meanwhile. */
@Timeout(60)
class RunTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir
  private Path directory;

  private Sandbox shell(String script) throws IOException {
    return Launches.shell(directory, script, "");
  }

  @Test
  void outputAndErrorsAndStatusAreThereInTheEnd() throws Exception {
    var done = shell("echo out; echo err >&2; exit 3").run(LONG);
    assertThat(done.outputText()).isEqualTo("out\n");
    assertThat(done.errorText()).isEqualTo("err\n");
    assertThat(done.status().shellStatus()).isEqualTo(3);
    assertThat(done.isSuccess()).isFalse();
    assertThat(done).hasToString("exit status 3, 4 bytes of output, 4 bytes of errors");
  }

  @Test
  void theInputIsEmptyUnlessItIsGiven() throws Exception {
    var sandbox = shell("read -r line; echo \"[$line]\"");
    assertThat(sandbox.run(LONG).outputText()).isEqualTo("[]\n");
    assertThat(sandbox.toBuilder().stdin(Stdio.text("given\n")).build().run(LONG).outputText()).isEqualTo("[given]\n");
    assertThat(sandbox.run(LONG).outputText()).as("the first is as it was").isEqualTo("[]\n");
  }

  @Test
  void outputAndErrorsMayComeTogether() throws Exception {
    var done = shell("echo 1; echo 2 >&2; echo 3").toBuilder().redirectErrorStream(true).build().run(LONG);
    assertThat(done.outputText()).isEqualTo("1\n2\n3\n");
    assertThat(done.errors()).isEmpty();
  }

  @Test
  void asMuchAsTheLimitAllowsIsCollected() throws Exception {
    var done = shell("echo 0123456").toBuilder().stdout(Stdio.collect(8)).build().run(LONG);
    assertThat(done.outputText()).isEqualTo("0123456\n");
  }

  @Test
  void aProgramThatWritesMoreIsKilledThoughItIgnoresEverything() throws Exception {
    var sandbox = shell("trap '' PIPE TERM; while :; do echo 0123456 2>&-; done").toBuilder()
        .stdout(Stdio.collect(100_000)).build();
    var cut = catchThrowableOfType(CutShortException.class, () -> sandbox.run(LONG));
    assertThat(cut).hasMessage("the program of 'test' was killed: it wrote more than 100000 bytes to its stdout");
    assertThat(cut.reason()).isEqualTo(Reason.OUTPUT_LIMIT);
    assertThat(cut.completed().output()).hasSize(100_000).startsWith('0', '1');
    assertThat(cut.completed().status().signal()).isEqualTo(9);
  }

  @Test
  void theLimitOfErrorsIsTheirOwn() throws Exception {
    var sandbox = shell("echo out; echo 123 >&2").toBuilder().stderr(Stdio.collect(3)).build();
    var cut = catchThrowableOfType(CutShortException.class, () -> sandbox.run(LONG));
    assertThat(cut).hasMessage("the program of 'test' was killed: it wrote more than 3 bytes to its stderr");
    assertThat(cut.completed().outputText()).isEqualTo("out\n");
    assertThat(cut.completed().errorText()).isEqualTo("123");
  }

  @Test
  void aProgramThatTakesTooLongIsKilledAndWhatItWroteIsThere() throws Exception {
    var sandbox = shell("trap '' TERM; echo begun; echo ready >&2; while :; do :; done");
    try (var process = sandbox.toBuilder().stdout(Stdio.collect(100)).stderr(Stdio.PIPE).build().launch()) {
      assertThat(process.errorReader().readLine()).isEqualTo("ready");
      var cut = catchThrowableOfType(CutShortException.class, () -> process.complete(Duration.ofMillis(20)));
      assertThat(cut).hasMessage("the program of 'test' was killed: it ran for more than 0.02 s");
      assertThat(cut.reason()).isEqualTo(Reason.TIMEOUT);
      assertThat(cut.completed().outputText()).isEqualTo("begun\n");
      assertThat(process.isAlive()).isFalse();
    }
  }

  @Test
  void aProgramThatEndsWhileOthersHoldItsOutputIsComplete() throws Exception {
    var done = Launches.shell(directory, "(while :; do :; done) & echo done", "processes: {spawn: true}\n").run(LONG);
    assertThat(done.outputText()).isEqualTo("done\n");
  }

  @Test
  void anInterruptEndsTheRunAndTheProgram() throws Exception {
    var sandbox = shell("while :; do :; done");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> sandbox.run(LONG)).isInstanceOf(InterruptedException.class);
    assertThat(ProcessHandle.current().children().map(child -> child.info().command().orElse("")))
        .as("no shell is left").noneMatch(command -> command.endsWith("sh"));
  }

  @Test
  void whatIsNotAPipeIsLeftAsItIs() throws Exception {
    var file = directory.resolve("out");
    var done = shell("echo out; echo err >&2").toBuilder().stdout(Stdio.to(file)).build().run(LONG);
    assertThat(done.output()).isEmpty();
    assertThat(done.errorText()).isEqualTo("err\n");
    assertThat(file).hasContent("out\n");
  }
}
