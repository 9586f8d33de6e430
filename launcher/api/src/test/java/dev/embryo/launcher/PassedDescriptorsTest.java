package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptors that a launch passes where the policy leaves one open. */
@Timeout(60)
class PassedDescriptorsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir
  private Path directory;

  private Sandbox.Builder shell(String script, String rights) throws IOException {
    return Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: test
        parameters: {channel: {descriptor: true}}
        program:
          path: /bin/sh
          arguments:
            - -c
            - |
        """ + script.indent(6) + Launches.STREAMS
        + "  extra: {descriptor: \"${channel}\", rights: " + rights + ", fd: 3}\n", directory));
  }

  @Test
  void aPipeOfTheCallersIsHandedOverAndStaysTheCallers() throws Exception {
    try (var pipe = FdPair.pipe()) {
      var sandbox = shell("echo hello >&3", "write").descriptor("channel", Stdio.descriptor(pipe.second())).build();
      for (int i = 0; i < 2; i++) {
        assertThat(sandbox.run(LONG).isSuccess()).isTrue();
      }
      pipe.second().close();
      try (var received = new PipeInputStream(pipe.first())) {
        assertThat(received.readAllBytes()).asString().isEqualTo("hello\nhello\n");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {BirthPlan.PEER, BirthPlan.CONTROL, BirthPlan.CGROUP, "source"})
  void aCapabilityIsNotTakenForWhatABirthNeedsItselfWhateverItIsCalled(String name) throws Exception {
    var sandbox = Launches.shell(directory, "read -r line <&3; echo \"$line\"; echo x >&3 || echo refused", "  " + name
        + ": {file: " + Launches.file(directory, "data", "content\n") + ", rights: [read, duplicate], fd: 3}\n");
    assertThat(Launches.output(sandbox)).startsWith("content\nrefused\n");
  }

  @Test
  void theRightsOfThePolicyHoldWhateverTheDescriptorAllows() throws Exception {
    var file = Files.writeString(directory.resolve("file"), "content\n");
    try (Fd both = Fd.open(file.toString(), Constant.O_RDWR.asInt());
        Fd again = Fd.open(file.toString(), Constant.O_RDWR.asInt())) {
      var done = shell("read -r line <&3; echo \"$line\"; echo x >&3 || echo refused", "read")
          .descriptor("channel", Stdio.descriptor(both)).build().run(LONG);
      assertThat(done.outputText()).isEqualTo("content\nrefused\n");
      assertThat(shell("read -r line <&3; echo \"$line\"; echo x >&3 && echo written", "[read, write]")
          .descriptor("channel", Stdio.descriptor(again)).build().run(LONG)
          .outputText()).as("the same act where it is granted").isEqualTo("content\nwritten\n");
    }
  }

  @Test
  void itCanBeAFileOrBytesOrNothing() throws Exception {
    var file = directory.resolve("file");
    shell("echo text >&3", "write").descriptor("channel", Stdio.to(file)).build().run(LONG);
    assertThat(file).hasContent("text\n");
    var reading = shell("read -r line <&3; echo \"[$line]\"", "read");
    assertThat(reading.descriptor("channel", Stdio.from(file)).build().run(LONG).outputText()).isEqualTo("[text]\n");
    assertThat(reading.descriptor("channel", Stdio.text("given\n")).build().run(LONG).outputText()).isEqualTo("[given]\n");
    assertThat(reading.descriptor("channel", Stdio.NULL).build().run(LONG).outputText()).isEqualTo("[]\n");
  }

  @Test
  void itCanBeAPipeToTheProcess() throws Exception {
    try (var process = shell("echo hello >&3", "write").descriptor("channel", Stdio.PIPE).build().launch()) {
      assertThat(process.inputFrom("channel").readAllBytes()).asString().isEqualTo("hello\n");
      assertThatThrownBy(() -> process.outputTo("channel")).isInstanceOf(IllegalArgumentException.class)
          .hasMessage("'channel' is no pipe that the program reads from");
    }
    try (var process = shell("read -r line <&3; echo \"$line\"", "read").descriptor("channel", Stdio.PIPE).build()
        .launch()) {
      process.outputTo("channel").write("hello\n".getBytes(StandardCharsets.UTF_8));
      assertThat(process.inputReader().readLine()).isEqualTo("hello");
    }
  }

  @Test
  void whatIsMissingOrNotWantedOrDoesNotFitIsAnErrorBeforeALaunch() throws Exception {
    assertThatThrownBy(shell("exit 0", "read")::build).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("capability 'extra': this launch passes no descriptor 'channel'");
    assertThatThrownBy(shell("exit 0", "read").descriptor("channel", Stdio.NULL).descriptor("chanel", Stdio.NULL)::build)
        .hasMessage("the policy 'test' has no parameter 'chanel' that is a descriptor or a process");
    assertThatThrownBy(shell("exit 0", "read").descriptor("channel", Stdio.to(directory.resolve("x")))::build)
        .hasMessage("channel cannot be written to " + directory.resolve("x") + ": the program may only read there");
    assertThatThrownBy(shell("exit 0", "write").descriptor("channel", Stdio.text(""))::build)
        .hasMessage("channel cannot be 0 bytes: the program may only write there");
    assertThatThrownBy(shell("exit 0", "[read, write]").descriptor("channel", Stdio.PIPE)::build)
        .hasMessage("channel cannot be a pipe: a pipe goes one way, and the policy says both");
    assertThatThrownBy(shell("exit 0", "read").descriptor("channel", Stdio.INHERIT)::build)
        .hasMessage("channel cannot be inherited: that is for standard streams");
    assertThatThrownBy(shell("exit 0", "write").descriptor("channel", Stdio.collect(1))::build)
        .hasMessage("channel cannot be collected: that is for standard output and error");
  }

  // Fewer rights than the policy's

  @ParameterizedTest(name = "{0}, granted {1}")
  @CsvSource(delimiter = '|', textBlock = """
      [read, write]                       | READ               | [read, duplicate]
      [read, write]                       | READ,STAT          | [read, seek, stat, poll]
      [read, write]                       | READ,WRITE         | [read, write, duplicate]
      [read, write]                       | APPEND             | [append, stat, poll]
      [read, write]                       | ACCEPT             | [poll, accept]
      [read, write, truncate, stat]       | WRITE,TRUNCATE     | [write, seek, truncate, stat, poll]
      [write, stat]                       | APPEND,STAT        | [append, stat, poll]
      [read, stat]                        | STAT               | [stat, poll]
      """)
  void aLaunchGrantsFewerRights(String policy, String granted, String expected) throws Exception {
    var file = Files.writeString(directory.resolve("file"), "");
    try (Fd both = Fd.open(file.toString(), Constant.O_RDWR.asInt())) {
      var compiled = shell("exit 0", policy).grant("channel", both, rights(granted)).build().compiled();
      assertThat(compiled.descriptors().stream().filter(slot -> slot.number() == 3).findFirst().orElseThrow().rights())
          .hasToString(expected);
    }
  }

  @Test
  void whatALaunchDoesNotGrantIsWithheld() throws Exception {
    String act = "read -r line <&3; echo \"$line\"; echo x >&3 || echo refused";
    var file = Files.writeString(directory.resolve("file"), "a line\n");
    try (Fd both = Fd.open(file.toString(), Constant.O_RDWR.asInt())) {
      var builder = shell(act, "[read, write]");
      assertThat(builder.grant("channel", both, Rights.of(Right.READ)).build().run(LONG).outputText()).isEqualTo("a line\nrefused\n");
      assertThat(file).hasContent("a line\n");
    }
    try (Fd both = Fd.open(file.toString(), Constant.O_RDWR.asInt())) {
      var builder = shell(act, "[read, write]");
      assertThat(builder.grant("channel", both, Rights.of(Right.READ, Right.WRITE)).build().run(LONG).outputText())
          .isEqualTo("a line\n");
      assertThat(file).hasContent("a line\nx\n");
    }
  }

  private static Rights rights(String words) {
    return Rights.of(Arrays.stream(words.split(",")).map(Right::valueOf).toArray(Right[]::new));
  }

  @ParameterizedTest(name = "{0}, not {1}")
  @CsvSource(delimiter = '|', textBlock = """
      read            | WRITE           | is [read, duplicate], and a launch cannot grant [write, duplicate], which is more
      write           | READ,STAT       | is [write, duplicate], and a launch cannot grant [read, seek, stat, poll], which is more
      [read, stat]    | READ            | is [read, seek, stat, poll], and a launch cannot grant [read, duplicate], which is more
      [read, stat]    | READ,LOCK       | is [read, seek, stat, poll], and a launch cannot grant [read, seek, stat, lock, poll], which is more
      [append, stat]  | WRITE,STAT      | is [append, stat, poll], and a launch cannot grant [write, seek, stat, poll], which is more
      [read, write]   | READ,WRITE,CONNECT | is [read, write, duplicate], and a launch cannot grant [read, write, seek, stat, poll, connect], which is more
      [read, write]   | READ,APPEND     | a passed descriptor opened for 'append' cannot have 'read'
      read            | SIGNAL          | 'signal' is not a right of a passed descriptor
      """)
  void noLaunchGrantsMoreRights(String policy, String granted, String error) throws Exception {
    try (Fd file = Fd.open("/dev/null", Constant.O_RDWR.asInt())) {
      assertThatThrownBy(shell("exit 0", policy).grant("channel", file, rights(granted))::build)
          .isInstanceOf(PolicyException.class).message().contains("capabilities.extra.rights: ").contains(error);
    }
  }

  @Test
  void rightsAreGrantedToWhatIsADescriptorOfThePolicy() throws Exception {
    try (Fd file = Fd.open("/dev/null", Constant.O_RDWR.asInt())) {
      assertThatThrownBy(shell("exit 0", "read").grant("chanel", file, Rights.of(Right.READ))::build)
          .hasMessageEndingWith("parameters: none is called 'chanel'; did you mean 'channel'?");
    }
  }

  // A pipe that the policy names

  private Sandbox piped(String script, String rights) throws IOException {
    return Launches.shell(directory, script, "  channel: {pipe: true, rights: " + rights + ", fd: 3}\n");
  }

  @Test
  void aPipeOfThePolicysGoesToWhoeverLaunches() throws Exception {
    try (var process = piped("echo hello >&3", "write").launch()) {
      assertThat(process.inputFrom("channel").readAllBytes()).asString().isEqualTo("hello\n");
      assertThatThrownBy(() -> process.outputTo("channel")).hasMessage("'channel' is no pipe that the program reads from");
    }
    try (var process = piped("read -r line <&3; echo \"$line\"; echo x >&3 || echo refused", "read").launch()) {
      process.outputTo("channel").write("hello\n".getBytes(StandardCharsets.UTF_8));
      assertThat(process.inputReader().lines()).containsExactly("hello", "refused");
    }
  }

  @Test
  void anExactPipeIsNotKeptElsewhere() throws Exception {
    String keep = "command exec 4<&3 && echo kept || echo not kept";
    assertThat(Launches.output(piped(keep, "[read, stat]"))).contains("Operation not permitted\n", "not kept\n");
    assertThat(Launches.output(piped(keep, "read"))).startsWith("kept\n");
  }

  @Test
  void aPipeHasNoNameThatIsAParameters() {
    assertThatThrownBy(() -> Policies.parse("""
        policy: embryo/v1
        name: test
        program: {path: /bin/sh}
        parameters: {channel: {descriptor: true}}
        capabilities: {channel: {pipe: true}, other: {descriptor: "${channel}"}}
        """, directory)).hasMessageContaining("5:16: capabilities.channel: is a pipe, which a launch finds by its name, and that is a"
            + " parameter's; choose another");
  }
}
