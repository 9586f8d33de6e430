package dev.embryo.launcher;

import static dev.embryo.launcher.Launches.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs that are joined: they reach each other by what joins them, in its direction, and one sees the other's end. */
@Timeout(60)
class SandboxGroupTest {
  private static final String PEER = "  peer: {descriptor: \"${peer}\", rights: RIGHTS, fd: 3}\nparameters: {peer: {descriptor: true}}\n";

  @TempDir
  private Path directory;

  private Sandbox.Builder shell(String script, String more) throws IOException {
    return Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: test
        program:
          path: /bin/sh
          arguments:
            - -c
            - |
        """ + script.indent(6) + Launches.STREAMS + more, directory));
  }

  private Sandbox.Builder peer(String script, String rights) throws IOException {
    return shell(script, PEER.replace("RIGHTS", rights));
  }

  private static String output(SandboxedGroup group, String name) throws Exception {
    var process = group.process(name);
    String output = text(process.getInputStream().readAllBytes());
    return output + text(process.getErrorStream().readAllBytes());
  }

  @Test
  void anOutputIsTheInputOfAnotherToItsEnd() throws Exception {
    var group = SandboxGroup.builder()
        .sandbox("writer", shell("echo one; echo two", ""))
        .sandbox("reader", shell("while read -r line; do echo \"got $line\"; done; echo end", ""))
        .pipe("writer", "stdout", "reader", "stdin")
        .build();
    for (int launch = 0; launch < 2; launch++) {
      try (var running = group.launch()) {
        assertThat(output(running, "reader")).isEqualTo("got one\ngot two\nend\n");
        assertThat(running.process("writer").waitFor()).isZero();
      }
    }
  }

  @Test
  void aPipeGoesOneWayOnly() throws Exception {
    var group = SandboxGroup.builder()
        .sandbox("writer", peer("echo word >&3; read -r line <&3 || echo refused", "write"))
        .sandbox("reader", peer("read -r line <&3; echo \"$line\"; echo x >&3 || echo refused", "read"))
        .pipe("writer", "peer", "reader", "peer")
        .build();
    try (var running = group.launch()) {
      assertThat(output(running, "writer")).startsWith("refused\n");
      assertThat(output(running, "reader")).startsWith("word\nrefused\n");
    }
  }

  @Test
  void socketsGoBothWays() throws Exception {
    var group = SandboxGroup.builder()
        .sandbox("client", peer("echo question >&3; read -r line <&3; echo \"$line\"", "[read, write]"))
        .sandbox("server", peer("read -r line <&3; echo \"answer to $line\" >&3", "[read, write]"))
        .sockets("client", "peer", "server", "peer")
        .build();
    try (var running = group.launch()) {
      assertThat(output(running, "client")).isEqualTo("answer to question\n");
    }
  }

  @Test
  void whatEachHasIsOfItsOwnPolicy() throws Exception {
    Launches.file(directory, "data", "secret\n");
    String granted = "  data: {file: ./data, rights: read, mount: /data}\n";
    var group = SandboxGroup.builder()
        .sandbox("holder", shell("read -r line </data; echo \"$line\"", granted))
        .sandbox("other", shell("read -r line; echo \"$line\"; read -r line </data || echo none", ""))
        .pipe("holder", "stdout", "other", "stdin")
        .build();
    try (var running = group.launch()) {
      assertThat(output(running, "other")).startsWith("secret\n").contains("/data");
    }
  }

  @Test
  void ifOneCannotBeStartedNoneRuns() throws Exception {
    var data = Launches.file(directory, "data", "");
    try (var pipe = FdPair.pipe()) {
      var group = SandboxGroup.builder()
          .sandbox("first", peer("read -r line", "write").descriptor("peer", Stdio.descriptor(pipe.second())))
          .sandbox("second", shell("true", "  data: {file: ./data, rights: read}\n"))
          .pipe("second", "stdout", "first", "stdin")
          .build();
      Files.delete(data);

      assertThatThrownBy(group::launch).hasMessageContaining("data");

      pipe.second().close();
      try (var held = new PipeInputStream(pipe.first())) {
        assertThat(held.read()).as("the end of all who could write").isEqualTo(-1);
      }
    }
  }

  @Test
  void closingItEndsAll() throws Exception {
    var group = SandboxGroup.builder()
        .sandbox("one", peer("read -r line <&3", "[read, write]"))
        .sandbox("other", peer("read -r line <&3", "[read, write]"))
        .sockets("one", "peer", "other", "peer")
        .build();
    var running = group.launch();
    running.close();
    assertThat(running.processes().values()).hasSize(2).noneMatch(SandboxedProcess::isAlive);
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnythingRuns() throws Exception {
    var group = SandboxGroup.builder().sandbox("one", peer("true", "read")).sandbox("other", peer("true", "read"));

    assertThatThrownBy(() -> group.sandbox("one", shell("true", ""))).hasMessage("two sandboxes are called 'one'");
    assertThatThrownBy(() -> group.pipe("one", "peer", "third", "peer")).hasMessage("no sandbox of the group is called 'third'");
    assertThatThrownBy(() -> group.pipe("one", "stdin", "other", "peer"))
        .hasMessage("stdin cannot be joined to write to another sandbox: the program may only read there");
  }

  @Test
  void anEndIsJoinedOnceAndInTheDirectionOfItsPolicy() throws Exception {
    var group = SandboxGroup.builder().sandbox("one", peer("true", "read")).sandbox("other", peer("true", "read"))
        .pipe("one", "peer", "other", "peer");

    assertThatThrownBy(() -> group.sockets("one", "peer", "other", "stdin")).hasMessage("'one.peer' is joined already");
    assertThatThrownBy(group::build)
        .hasMessage("peer cannot be joined to write to another sandbox: the program may only read there");
  }
}
