package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.model.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of the file of a pinned program: no other bytes than the pinned ones are executed. */
@Timeout(60)
class PinnedProgramTest {
  @TempDir
  private Path directory;

  private Path program;

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    program = copy("/bin/echo", "program");
  }

  private Path copy(String original, String name) throws IOException {
    var file = Files.write(directory.resolve(name), Files.readAllBytes(Path.of(original)));
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String digest(Path file) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  private Sandbox sandbox(Path path, String more) throws Exception {
    return Launches.sandbox(directory,
        "program: {path: " + path + ", arguments: [pinned], sha256: " + digest(path) + "}\n" + Launches.STREAMS + more);
  }

  private Sandbox pinned() throws Exception {
    return sandbox(program, "");
  }

  /** With another program, which fails without saying anything. */
  private void rewriteInPlace() throws IOException {
    Files.write(program, Files.readAllBytes(Path.of("/bin/false")), StandardOpenOption.TRUNCATE_EXISTING);
  }

  @Test
  void aPinnedProgramRuns() throws Exception {
    assertThat(Launches.output(pinned())).isEqualTo("pinned\n");
  }

  @Test
  void aFileThatIsRewrittenInPlaceIsNotExecuted() throws Exception {
    var sandbox = pinned();
    var unpinned = Launches.sandbox(directory, "program: {path: " + program + ", arguments: [pinned]}\n" + Launches.STREAMS);
    rewriteInPlace();
    assertThat(Launches.output(sandbox)).isEqualTo("pinned\n");
    assertThat(Launches.output(unpinned)).as("without a pin the other program runs").isEqualTo("status 1\n");
  }

  @Test
  void aFileThatIsRenamedOverItIsNotExecuted() throws Exception {
    var sandbox = pinned();
    Files.move(copy("/bin/false", "other"), program, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(Launches.output(sandbox)).isEqualTo("pinned\n");
  }

  @Test
  void aFileThatIsGoneRunsNoLess() throws Exception {
    var sandbox = pinned();
    Files.delete(program);
    assertThat(Launches.output(sandbox)).isEqualTo("pinned\n");
  }

  @Test
  void aFileThatWasRewrittenBeforeIsAnErrorThatShowsBothDigests() throws Exception {
    String pinned = digest(program);
    rewriteInPlace();
    assertThatThrownBy(() -> Launches.sandbox(directory,
        "program: {path: ./program, sha256: " + pinned + "}\n" + Launches.STREAMS)).isInstanceOf(PolicyException.class)
        .hasMessage("policy:3:36: program.sha256: " + program.toRealPath() + " has the digest " + digest(program)
            + ", and is pinned to " + pinned);
  }

  @Test
  void aPinnedProgramRunsThatMayExecute() throws Exception {
    var shell = copy("/bin/sh", "shell");
    var sandbox = Launches.sandbox(directory, "program: {path: " + shell + ", arguments: [-c, /bin/echo child], sha256: "
        + digest(shell) + "}\n" + Launches.STREAMS + "processes: {spawn: true, execute: [/bin/echo]}\n");
    assertThat(Launches.output(sandbox)).isEqualTo("child\n");
  }

  @Test
  void aPinnedProgramExecutesNothingElseAndNotItself() throws Exception {
    var shell = copy("/bin/sh", "shell");
    var sandbox = Launches.sandbox(directory, "program: {path: " + shell + ", arguments: [-c, exec /proc/self/exe], sha256: "
        + digest(shell) + "}\n" + Launches.STREAMS + "filesystem: {proc: own}\n");
    assertThat(Launches.output(sandbox)).contains("Operation not permitted").endsWith("status 126\n");
  }

  @Test
  void aPinnedProgramOfRootsIsExecutedInItsPlace() throws Exception {
    var echo = Path.of("/bin/echo").toRealPath();
    assumeTrue(sandbox(echo, "").compiled().resolved().program().sealed().isEmpty(), "others than root can write " + echo);
    assertThat(Launches.output(sandbox(echo, ""))).isEqualTo("pinned\n");
  }
}
