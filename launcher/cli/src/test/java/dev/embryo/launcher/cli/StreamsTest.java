package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher's standard streams as a program inherits them. */
@Timeout(60)
class StreamsTest {
  @TempDir
  private static Path directory;
  private static Home home;

  @BeforeAll
  static void install() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    home = Home.in(directory);
  }

  private static Path cat() throws IOException {
    return home.policy("""
        program: {path: /bin/cat}
        capabilities:
          stdin: {inherit: 0, rights: read}
          stdout: {inherit: 1, rights: write}
        """);
  }

  @Test
  void standardInputIsPipedThrough() throws Exception {
    assertThat(Home.outcome(home.shell("seq 1 100000 | \"$0\" \"$@\" | cksum; seq 1 100000 | cksum", "run", cat()))
        .output().lines().distinct()).hasSize(1);
  }

  /** The program holds the pipe itself: it gets the SIGPIPE, as without a sandbox. */
  @Test
  void aReaderThatHasSeenEnoughEndsTheProgram() throws Exception {
    var policy = home.script("while :; do echo y; done");
    assertThat(Home.outcome(home.shell("{ \"$0\" \"$@\"; echo status $? >&2; } | head -n 1", "run", policy)))
        .isEqualTo(new Home.Outcome(0, "y\n", "status 141\n"));
  }

  /** A policy, a listing or a schema that lacks its end must not look like a whole one. */
  @ParameterizedTest
  @ValueSource(strings = {"explain $1", "explain --expand $1", "check --json $1", "why $1 open /etc/passwd", "schema", "--help"})
  void whatThereIsNoRoomForIsSaidToBeMissing(String command) throws Exception {
    assertThat(Home.outcome(home.shell("\"$0\" " + command + " >/dev/full", cat())))
        .isEqualTo(new Home.Outcome(125, "", "embryo: the output is not whole: No space left on device\n"));
  }

  @Test
  void aReaderThatHasSeenEnoughIsNoError() throws Exception {
    assertThat(Home.outcome(home.shell("{ \"$0\" schema; echo status $? >&2; } | head -n 1", cat())))
        .isEqualTo(new Home.Outcome(0, "{\n", "status 0\n"));
  }

  @Test
  void aFileIsAppendedToWhereTheLauncherWas() throws Exception {
    var file = directory.resolve("log");
    var policy = home.script("echo program");
    assertThat(Home.outcome(home.shell("{ echo before; \"$0\" run \"$1\"; echo after; } >\"$2\"", policy, file)).status())
        .isZero();
    assertThat(file).hasContent("before\nprogram\nafter\n");
  }

  /** A file that is open for both is put behind a pipe: what the policy does not grant is not there. */
  @Test
  void aDescriptorThatCouldDoMoreThanThePolicySaysIsNarrowed() throws Exception {
    var file = Files.writeString(directory.resolve("both"), "secret\n");
    var policy = home.script("read -r line <&1 && echo \"$line\" >&2; echo written");
    var outcome = Home.outcome(home.shell("\"$0\" run \"$1\" 1<>\"$2\"", policy, file));
    assertThat(outcome.errors()).doesNotContain("secret");
    assertThat(file).hasContent("written");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"})
  void aClosedStandardStreamIsTheNullDevice(String closed) throws Exception {
    var result = directory.resolve("seen");
    var policy = home.policy("""
        program:
          path: /bin/sh
          arguments: [-c, 'read -r a; echo x; echo y >&2; echo "[$a]" >&3']
        capabilities:
          stdin: {inherit: 0, rights: read}
          stdout: {inherit: 1, rights: write}
          stderr: {inherit: 2, rights: write}
          result: {file: ./seen, rights: [write, duplicate], fd: 3}
        """);
    Files.writeString(result, "");
    Files.setPosixFilePermissions(result, PosixFilePermissions.fromString("rw-rw-rw-"));
    var outcome = Home.outcome(home.shell("echo input | \"$0\" run \"$1\" " + closed, policy));
    assertThat(outcome.status()).isZero();
    assertThat(outcome.output()).isEqualTo(closed.contains(" >&-") || closed.equals(">&-") ? "" : "x\n");
    assertThat(outcome.errors()).isEqualTo(closed.contains("2>&-") ? "" : "y\n");
    assertThat(result).hasContent(closed.contains("<&-") ? "[]" : "[input]");
  }

  /** Without the command's own care for them, the library refuses: the JVM's files stand at these numbers. */
  @Test
  void aFileOfTheJvmIsNeverHandedOn() throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    var policy = home.script("echo x");
    var outcome = Home.outcome(home.shell("\"$1\" --enable-native-access=ALL-UNNAMED -cp \"$2\" dev.embryo.launcher.cli.Main run \"$3\" <&-",
        java, System.getProperty("java.class.path"), policy));
    assertThat(outcome).isEqualTo(new Home.Outcome(125, "", "embryo: capability 'stdin': descriptor 0 was closed when "
        + "the launcher began, and is now a file of the JVM's (or is close-on-exec, and so not for others)\n"));
  }

  /** The launcher's own end is a socket that can do more than the policy says, so a pump stands between. */
  @Test
  void aSocketWhosePeerIsGoneEndsTheProgram() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "python3, which makes the socket, is not installed");
    var policy = home.script("trap '' PIPE; echo first; while echo more; do :; done; echo broken >&2; exit 8");
    var outcome = Home.outcome(new ProcessBuilder("/usr/bin/python3", "-c", """
        import socket, subprocess, sys
        mine, its = socket.socketpair()
        launcher = subprocess.Popen(sys.argv[1:], stdout=its)
        its.close()
        print(mine.recv(6).decode().strip())
        mine.close()
        print(launcher.wait())
        """, home.command(), "run", policy.toString()));
    assertThat(outcome.output()).isEqualTo("first\n8\n");
    assertThat(outcome.errors()).contains("broken");
  }

  @Test
  void aDescriptorThatIsNotOpenIsNamed() throws Exception {
    var policy = home.policy("""
        program: {path: /bin/true}
        capabilities: {extra: {inherit: 77, rights: read}}
        """);
    assertThat(home.run("run", policy)).isEqualTo(
        new Home.Outcome(125, "", "embryo: capability 'extra': descriptor 77 is not open in the launcher\n"));
  }
}
