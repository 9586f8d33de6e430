package dev.embryo.policy.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.resolve.ViewEntry.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that a policy pins to its digest. Others than root can write into a temporary directory. */
class PinningTest {
  private static final Path TRUE = Path.of("/bin/true");
  private static final String PIN = "policy.yaml:4:3: program.sha256: ";
  private static final String NOTHING = "int main(void) { return 0; }\n";
  private static final String OTHER = "0123456789abcdef".repeat(4);
  private static final String AT_ROOTS = "; put it where only root can write, it and every directory above it";

  private Path top;

  @BeforeEach
  void realDirectory(@TempDir Path directory) throws IOException {
    top = directory.toRealPath();
  }

  private static String digest(Path file) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }

  private static void assumeRootsAlone(Path file) throws IOException {
    for (Path path = file.toRealPath(); path != null; path = path.getParent()) {
      Path checked = path;
      String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
      assumeTrue(Files.getAttribute(path, "unix:uid").equals(0) && permissions.charAt(4) == '-' && permissions.charAt(7) == '-',
          () -> "others than root can write " + checked);
    }
  }

  private static void assertProblem(PolicySketch sketch, String message) {
    assertThatThrownBy(sketch::resolve).isInstanceOf(PolicyException.class).hasMessage(PIN + message);
  }

  @Test
  void aFileThatOthersCanWriteIsCopiedAndIsNotInTheView() throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING);

    ResolvedPolicy resolved = PolicySketch.of(program).sha256(digest(program).toUpperCase(Locale.ROOT)).resolve();

    SealedProgram sealed = resolved.program().sealed().orElseThrow();
    assertThat(sealed.digest()).isEqualTo(digest(program));
    assertThat(digest(Path.of("/proc/self/fd/" + sealed.descriptor().number()))).isEqualTo(digest(program));
    assertThat(resolved.view()).extracting(ViewEntry::path).doesNotContain(program.toString());
    assertThat(resolved.executables()).extracting(Executable::path).doesNotContain(program.toString()).hasSize(1);
  }

  @Test
  void theCopyCannotBeChanged() throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING);

    SealedProgram sealed = PolicySketch.of(program).sha256(digest(program)).resolve().program().sealed().orElseThrow();

    Path copy = Path.of("/proc/self/fd/" + sealed.descriptor().number());
    assertThatThrownBy(() -> Files.write(copy, new byte[] {1})).isInstanceOf(IOException.class)
        .hasMessageContaining("Operation not permitted");
  }

  @Test
  void oneCopyServesAllWhoPinTheSameDigest() throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING);
    Path same = Files.copy(program, top.resolve("same"));

    SealedProgram one = PolicySketch.of(program).sha256(digest(program)).resolve().program().sealed().orElseThrow();
    SealedProgram other = PolicySketch.of(same).sha256(digest(program)).resolve().program().sealed().orElseThrow();

    assertThat(other).isSameAs(one);
  }

  @Test
  void aFileThatOnlyRootCanWriteIsExecutedAsItIs() throws Exception {
    assumeRootsAlone(TRUE);
    Path real = TRUE.toRealPath();

    ResolvedPolicy resolved = PolicySketch.of(TRUE).sha256(digest(TRUE)).resolve();

    assertThat(resolved.program().sealed()).isEmpty();
    assertThat(resolved.view()).filteredOn(entry -> entry.path().equals(real.toString())).singleElement()
        .isInstanceOfSatisfying(Mount.class, mount -> assertThat(mount.use()).isEqualTo(MountUse.PROGRAM));
  }

  @Test
  void anotherDigestIsAnErrorThatShowsBoth() throws Exception {
    Path program = Tool.gcc(top.resolve("program"), NOTHING);

    assertProblem(PolicySketch.of(program).sha256(OTHER),
        program + " has the digest " + digest(program) + ", and is pinned to " + OTHER);
    assertProblem(PolicySketch.of(TRUE).sha256(OTHER),
        TRUE.toRealPath() + " has the digest " + digest(TRUE) + ", and is pinned to " + OTHER);
  }

  @Test
  void aProgramWithItsLibrariesBesideItCannotBeCopied() throws Exception {
    Path library = Tool.gcc(top.resolve("lib/libf.so"), "int f(void) { return 0; }\n", "-shared", "-fPIC");
    Path program = Tool.gcc(top.resolve("bin/program"), "int f(void); int main(void) { return f(); }\n",
        library.toString(), "-Wl,-rpath,$ORIGIN/../lib");

    assertProblem(PolicySketch.of(program).sha256(digest(program)), program + " finds its libraries by $ORIGIN, the directory"
        + " in which it is, and what is executed is a copy in memory, since others than root can write the file" + AT_ROOTS);
  }

  @Test
  void aScriptThatOthersCanWriteCannotBePinned() throws Exception {
    Path script = Files.writeString(top.resolve("script"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));

    assertProblem(PolicySketch.of(script).sha256(digest(script)), script + " is a script, which its interpreter reads by its"
        + " path, and others than root can put another there" + AT_ROOTS);
  }
}
