package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.linux.LinuxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program holds of the host's files, its limits and its identity: what is granted works, what is not does not. */
@Timeout(60)
class GrantsTest {
  @TempDir
  private Path directory;

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private String run(String script, String more) throws Exception {
    return Launches.output(Launches.shell(directory, script, more));
  }

  @Test
  void aFileCanBeReadByItsDescriptorAndNotWritten() throws Exception {
    Launches.file(directory, "data", "content\n");
    assertThat(run("read -r line <&3; echo \"$line\"; echo x >&3 || echo refused",
        "  data: {file: ./data, rights: [read, duplicate], fd: 3}\n")).startsWith("content\nrefused\n");
    assertThat(directory.resolve("data")).hasContent("content\n");
  }

  @Test
  void aFileCanBeWrittenByItsDescriptorAndNotRead() throws Exception {
    Launches.file(directory, "data", "content\n");
    assertThat(run("echo changed >&3; read -r line <&3 || echo refused",
        "  data: {file: ./data, rights: [write, duplicate], fd: 3}\n")).startsWith("refused\n");
    assertThat(directory.resolve("data")).hasContent("changed\n");
  }

  @Test
  void aMountedFileIsReadAndWrittenAsGranted() throws Exception {
    Launches.file(directory, "data", "content\n");
    String script = "read -r line </in/data && echo \"$line\"; (echo more >>/in/data) && echo written";
    String spawn = "processes: {spawn: true}\n";

    assertThat(run(script, "  data: {file: ./data, rights: read, mount: /in/data}\n" + spawn))
        .startsWith("content\n").doesNotContain("written");
    assertThat(directory.resolve("data")).hasContent("content\n");
    assertThat(run(script, "  data: {file: ./data, rights: write, mount: /in/data}\n" + spawn))
        .startsWith("written\n").doesNotContain("content");
    assertThat(run(script, "  data: {file: ./data, rights: [read, write], mount: /in/data}\n" + spawn))
        .isEqualTo("content\nwritten\n");
    assertThat(directory.resolve("data")).hasContent("content\nmore\nmore\n");
  }

  @Test
  void aMountedFileIsADescriptorTooWhereThePolicySaysSo() throws Exception {
    Launches.file(directory, "data", "content\n");
    assertThat(run("read -r line <&7; echo \"$line\"; read -r line </in; echo \"$line\"",
        "  data: {file: ./data, mount: /in, fd: 7}\n")).isEqualTo("content\ncontent\n");
  }

  @Test
  void aDirectoryForReadingCannotBeWritten() throws Exception {
    Launches.file(directory, "data", "content\n");
    assertThat(run("read -r line </in/data; echo \"$line\"; (: >/in/data) || echo refused",
        "  in: {directory: ., rights: read, mount: /in}\n"))
        .startsWith("content\n");
    assertThat(run(": >/in/new", "  in: {directory: ., rights: read, mount: /in}\n")).contains("cannot create /in/new");
    assertThat(directory.resolve("new")).doesNotExist();
  }

  @Test
  void aDirectoryForAllCanBeWritten() throws Exception {
    assertThat(run("echo hello >/out/new; read -r line </out/new; echo \"$line\"",
        "  out: {directory: ., rights: all, mount: /out}\n")).isEqualTo("hello\n");
    assertThat(directory.resolve("new")).hasContent("hello\n");
  }

  @Test
  void aTmpfsIsWritableUpToItsSize() throws Exception {
    String text = "x".repeat(4096);
    String fill = "i=0; while [ $i -lt 64 ] && echo " + text + "; do i=$((i+1)); done >/tmp/full; echo $i >&2";
    String output = run(fill, "  scratch: {tmpfs: 64KiB, mount: /tmp}\n");
    assertThat(output).contains("I/O error").doesNotContain("64\n");
    assertThat(run(fill, "  scratch: {tmpfs: 1MiB, mount: /tmp}\n")).contains("64\n");
  }

  @Test
  void aFileThatWasReplacedIsRefused() throws Exception {
    var file = Launches.file(directory, "data", "meant\n");
    var sandbox = Launches.shell(directory, "read -r line <&3; echo \"$line\"",
        "  data: {file: ./data, rights: [read, duplicate], fd: 3}\n");
    assertThat(Launches.output(sandbox)).isEqualTo("meant\n");
    var other = Launches.file(directory, "other", "not meant\n");
    Files.move(file, directory.resolve("kept")); // whose inode must not come back
    Files.move(other, file);
    assertThatThrownBy(sandbox::launch).isInstanceOf(LinuxException.class)
        .hasMessage("open " + file.toRealPath() + ", which is another file than when the policy was resolved: "
            + "ESTALE (stale file handle)");
  }

  @Test
  void aDirectoryThatWasReplacedIsRefused() throws Exception {
    var granted = Files.createDirectory(directory.resolve("granted"));
    var sandbox = Launches.shell(directory, "echo ran", "  in: {directory: ./granted, rights: read, mount: /in}\n");
    assertThat(Launches.output(sandbox)).isEqualTo("ran\n");
    Files.move(granted, directory.resolve("kept"));
    Files.createDirectory(granted);
    assertThatThrownBy(sandbox::launch).isInstanceOf(LinuxException.class)
        .hasMessageContaining("ESTALE").hasMessageContaining(granted.toRealPath().toString());
  }

  @Test
  void theNumberOfOpenFilesIsLimited() throws Exception {
    assertThat(run("ulimit -n; ulimit -Hn", "limits: {open-files: 16}\n")).isEqualTo("16\n16\n");
  }

  @Test
  void limitsAreThoseOfThePolicy() throws Exception {
    assertThat(run("ulimit -t; ulimit -f; ulimit -s; ulimit -l",
        "limits: {cpu-time: 7s, file-size: 1MiB, stack: 1MiB}\n"))
        .isEqualTo("7\n2048\n1024\n0\n");
  }

  @Test
  void processorTimeRunsOut() throws Exception {
    assertThat(run("while :; do :; done", "limits: {cpu-time: 1s}\n")).isEqualTo("status 137\n");
  }

  @Test
  void aFileThatGrowsTooLargeEndsTheProgram() throws Exception {
    assertThat(run("while :; do echo 0123456789abcdef; done >/tmp/file",
        "  scratch: {tmpfs: 1MiB, mount: /tmp}\nlimits: {file-size: 4KiB}\n")).isEqualTo("status 153\n"); // SIGXFSZ
  }

  @Test
  void memoryRunsOut() throws Exception {
    String grow = "a=xxxxxxxxxxxxxxxx; i=0; while [ $i -lt 17 ]; do a=$a$a; i=$((i+1)); done; echo grown";
    assertThat(run(grow, "limits: {memory: 256MiB}\n")).isEqualTo("grown\n");
    assertThat(run(grow, "limits: {memory: 2MiB}\n")).doesNotContain("grown").contains("status ");
  }

  @Test
  void childrenAreRefusedUnlessGranted() throws Exception {
    assertThat(run("(echo child)", "")).contains("Cannot fork");
    assertThat(run("(echo child)", "processes: {spawn: true}\n")).isEqualTo("child\n");
  }

  private static String identity() {
    return """
        program: {path: /usr/bin/id, arguments: [%s]}
        capabilities: {stdout: {inherit: 1, rights: write}, stderr: {inherit: 2, rights: write}}
        """;
  }

  @Test
  void anOrdinaryUsersProgramSeesItselfAs1000() throws Exception {
    assumeTrue(!Launches.ROOT, "root's programs see their host user");
    assertThat(Launches.output(Launches.sandbox(directory, identity().formatted("-u")))).isEqualTo("1000\n");
    assertThat(Launches.output(Launches.sandbox(directory, identity().formatted("-g")))).isEqualTo("1000\n");
  }

  @Test
  void rootsProgramsHaveAUserOfTheirOwnThatIsNotShared() throws Exception {
    assumeTrue(Launches.ROOT, "only root can choose");
    assertThat(Launches.output(Launches.sandbox(directory, identity().formatted("-G"))).strip()).doesNotContain(" ")
        .isNotEqualTo("0");
    var sandbox = Launches.shell(directory, "read -r line", "");
    try (var first = sandbox.launch(); var second = sandbox.launch()) {
      int one = user(first);
      int other = user(second);
      assertThat(one).isNotEqualTo(other).isPositive();
      assertThat(other).isPositive();
    }
  }

  private static int user(SandboxedProcess process) throws Exception {
    return (int) Files.getAttribute(Path.of("/proc/" + process.pid()), "unix:uid");
  }
}
