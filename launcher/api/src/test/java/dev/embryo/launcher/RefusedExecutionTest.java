package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import dev.embryo.runtime.process.ExecException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be executed, one reason a test: the error names what is missing or in the way. */
@Timeout(60)
class RefusedExecutionTest {
  private static final int CLASS = 4;
  private static final int TYPE = 16;
  private static final int MACHINE = 18;

  @TempDir
  private Path directory;

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path program(byte[] content, String permissions) throws IOException {
    var file = Files.write(directory.resolve("program"), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  /** /bin/true with another 16-bit word, or byte, in its header. */
  private static byte[] changed(int at, int value) throws IOException {
    var header = ByteBuffer.wrap(Files.readAllBytes(Path.of("/bin/true"))).order(ByteOrder.LITTLE_ENDIAN);
    return at == CLASS ? header.put(at, (byte) value).array() : header.putShort(at, (short) value).array();
  }

  private Sandbox sandbox(String more) throws IOException {
    return Launches.sandbox(directory, "program: {path: ./program}\n" + more);
  }

  private void assertFound(byte[] content, String permissions, String what) throws IOException {
    var file = program(content, permissions).toRealPath();
    assertThatThrownBy(() -> sandbox("")).isInstanceOfSatisfying(PolicyException.class, failure ->
        assertThat(failure.problems()).extracting(Problem::kind).containsExactly(Problem.Kind.PROGRAM_NOT_EXECUTABLE))
        .hasMessageStartingWith("policy:3:17: program.path: " + file).hasMessageContaining(what);
  }

  @Test
  void noPermissionForAnybody() throws Exception {
    assertFound(changed(MACHINE, 62), "rw-r--r--", " is not executable (permissions 0644)");
  }

  @Test
  void noFormatThatTheKernelExecutes() throws Exception {
    assertFound("echo no first line\n".getBytes(StandardCharsets.UTF_8), "rwxr-xr-x",
        " is neither an ELF file nor a script that begins with '#!' and names its interpreter");
  }

  @Test
  void anotherMachine() throws Exception {
    assertFound(changed(MACHINE, 243), "rwxr-xr-x", "ELF file for RISC-V; supported are 64-bit x86-64 and aarch64");
  }

  @Test
  void thirtyTwoBits() throws Exception {
    assertFound(changed(CLASS, 1), "rwxr-xr-x", ": 32-bit little-endian ELF file for ");
  }

  @Test
  void anObjectFile() throws Exception {
    assertFound(changed(TYPE, 1), "rwxr-xr-x", ": an object file, neither a program nor a shared library");
  }

  @Test
  void aDamagedFile() throws Exception {
    assertFound(new byte[] {0x7f, 'E', 'L', 'F'}, "rwxr-xr-x", ": damaged ELF file: it ends within its ELF header");
  }

  @Test
  void aMissingInterpreter() throws Exception {
    var text = new String(Files.readAllBytes(Path.of("/bin/true")), StandardCharsets.ISO_8859_1)
        .replaceFirst("(/lib[^\0]*/ld-linux[^\0]*)\\d\0", "$1X\0");
    assertFound(text.getBytes(StandardCharsets.ISO_8859_1), "rwxr-xr-x", " needs the ELF interpreter /lib");
  }

  @Test
  void aMissingLibrary() throws Exception {
    var text = new String(Files.readAllBytes(Path.of("/bin/true")), StandardCharsets.ISO_8859_1)
        .replace("libc.so.6\0", "libX.so.6\0");
    assertFound(text.getBytes(StandardCharsets.ISO_8859_1), "rwxr-xr-x", " needs libX.so.6, which was not found; looked in ");
  }

  @Test
  void noPermissionForTheUserThatItRunsAs() throws Exception {
    assumeTrue(Launches.ROOT, "an ordinary user's program runs as that user");
    var file = program(changed(MACHINE, 62), "rwx------").toRealPath();
    assertThatThrownBy(() -> sandbox("").launch()).isInstanceOf(ExecException.class)
        .hasMessageStartingWith(
            "cannot execute " + file + ": " + file + " (permissions 0700, of host user 0) is closed to host user ")
        .hasMessageContaining(", which the program runs as: execveat");
  }

  @Test
  void aDirectoryThatIsClosedToTheUserThatItRunsAs() throws Exception {
    assumeTrue(Launches.ROOT, "an ordinary user's program runs as that user");
    var bin = Files.createDirectories(directory.resolve("app/bin"));
    Files.move(program(changed(MACHINE, 62), "rwxr-xr-x"), bin.resolve("program"));
    Files.setPosixFilePermissions(bin, PosixFilePermissions.fromString("rwx------"));
    var sandbox = Launches.sandbox(directory, "program: {path: ./app/bin/program}\nfilesystem: {programs: [./app]}\n");
    assertThatThrownBy(sandbox::launch).isInstanceOf(ExecException.class).hasMessageContaining(": the directory "
        + bin.toRealPath() + " (permissions 0700, of host user 0) is closed to host user ");
  }

  @Test
  void aFileSystemThatTheHostMountedWithoutExecution() throws Exception {
    assumeTrue(Launches.ROOT, "only root mounts");
    var place = Files.createDirectory(directory.resolve("no exec"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "noexec,mode=755", "test", place.toString()), "nothing can be mounted here");
    try {
      Files.move(program(changed(MACHINE, 62), "rwxr-xr-x"), place.resolve("program"));
      var sandbox = Launches.sandbox(directory, "program: {path: ./no exec/program}\n");
      assertThatThrownBy(sandbox::launch).isInstanceOf(ExecException.class).hasMessageContaining(
          ": " + place.toRealPath() + "/program lies on the file system at " + place.toRealPath()
              + ", which the host has mounted noexec; move the file, or have that remounted with exec: execveat");
    } finally {
      run("umount", place.toString());
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(List.of(command)).start().waitFor() == 0;
  }

  @Test
  void aFileThatIsBeingWritten() throws Exception {
    var file = program(changed(MACHINE, 62), "rwxr-xr-x");
    var sandbox = sandbox("");
    try (var open = FileChannel.open(file, StandardOpenOption.WRITE)) {
      assertThat(open.isOpen()).isTrue();
      assertThatThrownBy(sandbox::launch).isInstanceOf(ExecException.class)
          .hasMessageContaining("ETXTBSY").hasMessageEndingWith("; some process has the file open for writing");
    }
  }

  @Test
  void argumentsThatAreTooLong() throws Exception {
    program(Files.readAllBytes(Path.of("/bin/true")), "rwxr-xr-x");
    var sandbox = Launches.sandbox(directory, "program: {path: ./program, arguments: [" + "x".repeat(1 << 17) + "]}\n");
    assertThatThrownBy(sandbox::launch).isInstanceOf(ExecException.class).hasMessageContaining("E2BIG").hasMessageEndingWith(
        "; an argument or a variable is longer than 128 KiB, or all of them together than a quarter of limits.stack");
  }
}
