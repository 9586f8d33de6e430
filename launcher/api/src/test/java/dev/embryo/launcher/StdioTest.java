package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a standard stream that a policy inherits can be in a launch, and that none of it gives more than the policy. */
@Timeout(60)
class StdioTest {
  private static final String ECHO = "read -r line; echo \"out $line\"; echo \"err $line\" >&2";

  @TempDir
  private Path directory;

  private Sandbox.Builder builder(String script, String capabilities) throws IOException {
    return Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: test
        program:
          path: /bin/sh
          arguments:
            - -c
            - |
        """ + script.indent(6) + "capabilities:\n" + capabilities.indent(2), directory));
  }

  private Sandbox.Builder builder(String script) throws IOException {
    return builder(script, """
        stdin: {inherit: 0, rights: read}
        stdout: {inherit: 1, rights: write}
        stderr: {inherit: 2, rights: write}
        """);
  }

  private static int status(Sandbox.Builder builder) throws Exception {
    try (var process = builder.build().launch()) {
      return process.waitFor();
    }
  }

  @Test
  void eachStreamCanBeAFile() throws Exception {
    var in = Files.writeString(directory.resolve("in"), "hello\n");
    var out = directory.resolve("out");
    var err = Files.writeString(directory.resolve("err"), "what was there before\n");
    assertThat(status(builder(ECHO).stdin(Stdio.from(in)).stdout(Stdio.to(out)).stderr(Stdio.to(err)))).isZero();
    assertThat(out).hasContent("out hello\n");
    assertThat(err).hasContent("err hello\n");
  }

  @Test
  void outputCanBeAppendedToAFile() throws Exception {
    var log = Files.writeString(directory.resolve("log"), "before\n");
    var sandbox = builder("echo more").stdin(Stdio.NULL).stdout(Stdio.append(log)).build();
    for (int i = 0; i < 2; i++) {
      try (var process = sandbox.launch()) {
        process.waitFor();
      }
    }
    assertThat(log).hasContent("before\nmore\nmore\n");
  }

  @Test
  void aFileThatIsNotOpenForAppendingIsNoneThatCanOnlyBeAppendedTo() throws Exception {
    var log = Files.writeString(directory.resolve("log"), "before\n");
    var appending = builder("echo more", "stdout: {inherit: 1, rights: append}\n");

    assertThatThrownBy(appending.stdout(Stdio.to(directory.resolve("other"))).build()::launch).isInstanceOf(IOException.class)
        .hasMessage("capability 'stdout': what it is given is not open for appending (O_APPEND), and the policy says "
            + "[append, stat, poll]");
    assertThat(status(appending.stdout(Stdio.append(log)))).isZero();
    assertThat(log).hasContent("before\nmore\n");
  }

  @Test
  void theNullDeviceIsEmptyAndTakesEverything() throws Exception {
    var script = "read -r line || echo end; echo \"[$line]\"; echo lost >&2";
    try (var process = builder(script).stdin(Stdio.NULL).stderr(Stdio.NULL).build().launch()) {
      assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("end\n[]\n");
      assertThat(process.getErrorStream().readAllBytes()).isEmpty();
      assertThat(process.waitFor()).isZero();
    }
  }

  @Test
  void errorsCanJoinTheOutputInOrder() throws Exception {
    try (var process = builder("echo 1; echo 2 >&2; echo 3").redirectErrorStream(true).build().launch()) {
      assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("1\n2\n3\n");
      assertThat(process.getErrorStream().readAllBytes()).isEmpty();
    }
  }

  @Test
  void errorsThatThePolicyDoesNotGiveDoNotJoinTheOutput() throws Exception {
    try (var process = builder("echo 1; echo 2 >&2; echo 3", "stdout: {inherit: 1, rights: write}\n")
        .redirectErrorStream(true).build().launch()) {
      assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("1\n3\n");
    }
  }

  @Test
  void twoCapabilitiesThatInheritOneStreamShareIt() throws Exception {
    try (var process = builder("echo 1; echo 2 >&5; echo 3",
        "stdout: {inherit: 1, rights: write}\nagain: {inherit: 1, rights: write, fd: 5}\n").build().launch()) {
      assertThat(process.getInputStream().readAllBytes()).asString().isEqualTo("1\n2\n3\n");
    }
  }

  @Test
  void aFileForOutputCannotBeReadThoughThePolicySaysBoth() throws Exception {
    var file = Files.writeString(directory.resolve("file"), "secret\n");
    var both = builder("read -r line <&1 || echo refused; echo \"[$line]\"", "stdout: {inherit: 1, rights: all}\n");
    assertThat(status(both.stdout(Stdio.append(file)))).isZero();
    assertThat(file).hasContent("secret\nrefused\n[]\n");
  }

  @Test
  void aStreamIsNotOpenedAgainstItsRights() throws Exception {
    assertThatThrownBy(builder("exit 0", "stdin: {inherit: 0, rights: write}\n").build()::launch)
        .isInstanceOf(IOException.class)
        .hasMessage("capability 'stdin': stdin is for the program to read in this launch, and the policy says [write, duplicate]");
    assertThatThrownBy(builder("exit 0", "stdout: {inherit: 1, rights: read}\n").build()::launch)
        .isInstanceOf(IOException.class)
        .hasMessage("capability 'stdout': stdout is for the program to write in this launch, and the policy says [read, duplicate]");
  }

  @Test
  void aFileForAStreamThatThePolicyDoesNotGiveIsRefused() throws Exception {
    var file = directory.resolve("file");
    assertThatThrownBy(builder("exit 0", "stdout: {inherit: 1, rights: write}\n").stderr(Stdio.to(file))::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stderr is to be written to " + file + ", and the policy 'test' does not give it to the program; it "
            + "would say 'stderr: {inherit: 2, rights: write}' in its capabilities");
    assertThat(file).doesNotExist();
  }

  @Test
  void aStreamHasADirection() {
    var file = directory.resolve("file");
    assertThatThrownBy(() -> Sandbox.builder().stdin(Stdio.to(file))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stdin cannot be written to " + file + ": the program may only read there");
    assertThatThrownBy(() -> Sandbox.builder().stderr(Stdio.from(file))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("stderr cannot be read from " + file + ": the program may only write there");
  }

  @Test
  void bytesComeInWholeAndCannotBeChanged() throws Exception {
    var bytes = new byte[3 << 20];
    new Random(7).nextBytes(bytes);
    var sandbox = Sandbox.builder().policy(Policies.parse("policy: embryo/v1\nname: test\n"
        + "program: {path: /bin/cat}\n" + Launches.STREAMS, directory)).stdin(Stdio.bytes(bytes)).build();
    for (int i = 0; i < 2; i++) {
      assertThat(sandbox.run(Duration.ofMinutes(1)).output()).isEqualTo(bytes);
    }
    var all = builder("read -r line; echo \"$line\"; echo x >&0 || echo refused",
        "stdin: {inherit: 0, rights: all}\nstdout: {inherit: 1, rights: write}\n");
    assertThat(all.stdin(Stdio.text("given\n")).build().run(Duration.ofMinutes(1)).outputText())
        .isEqualTo("given\nrefused\n");
  }

  @Test
  void bytesThatNobodyReadsDisturbNobody() throws Exception {
    assertThat(builder("exit 0").stdin(Stdio.bytes(new byte[1 << 20])).build().run(Duration.ofMinutes(1)).isSuccess())
        .isTrue();
  }

  @Test
  void aDescriptorOfTheJvmIsNarrowedToTheRights() throws Exception {
    var file = Files.writeString(directory.resolve("file"), "");
    var sandbox = builder("echo out; read -r line <&1 || echo refused >&2");
    try (Fd both = Fd.open(file.toString(), Constant.O_RDWR.asInt())) {
      var done = sandbox.stdout(Stdio.descriptor(both)).build().run(Duration.ofMinutes(1));
      assertThat(done.errorText()).contains("refused");
      assertThat(file).hasContent("out\n");
      assertThat(both.isOpen()).as("it stays the caller's").isTrue();
    }
  }

  @Test
  void aDescriptorThatAllowsTooLittleOrIsADirectoryOrIsClosedIsRefused() throws Exception {
    try (Fd reading = Fd.open("/dev/zero", Constant.O_RDONLY.asInt()); Fd folder = Fd.open("/", Constant.O_RDONLY.asInt())) {
      var sandbox = builder("exit 0").stdout(Stdio.descriptor(reading)).build();
      assertThatThrownBy(sandbox::launch).hasMessage("capability 'stdout': descriptor " + reading.number()
          + " is open for reading only in the launcher, and the policy says [write, duplicate]");
      assertThatThrownBy(sandbox.toBuilder().stdout(Stdio.descriptor(folder.number())).build()::launch)
          .hasMessageStartingWith("capability 'stdout': descriptor " + folder.number() + " of the launcher is a directory");
      reading.close();
      assertThatThrownBy(sandbox::launch).isInstanceOf(IllegalStateException.class).hasMessage("the descriptor is closed");
    }
    assertThatThrownBy(builder("exit 0").stdout(Stdio.descriptor(4000)).build()::launch).isInstanceOf(IOException.class)
        .hasMessage("capability 'stdout': descriptor 4000 is not open");
  }

  @Test
  void aFileThatIsNotThereIsAnErrorAndNothingIsLaunched() throws Exception {
    var sandbox = builder("exit 0").stdin(Stdio.from(directory.resolve("absent"))).build();
    assertThatThrownBy(sandbox::launch).isInstanceOf(IOException.class)
        .hasMessage("open " + directory.resolve("absent") + ": ENOENT (no such file or directory)");
  }
}
