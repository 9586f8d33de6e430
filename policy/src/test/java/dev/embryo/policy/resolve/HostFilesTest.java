package dev.embryo.policy.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.embryo.policy.resolve.HostPathException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFilesTest {
  private Path top;

  @BeforeEach
  void realDirectory(@TempDir Path directory) throws IOException {
    top = directory.toRealPath();
  }

  @Test
  void aPlainPathLeadsToItself() throws IOException {
    Path file = Files.writeString(Files.createDirectory(top.resolve("d")).resolve("f"), "x");

    HostFiles.Walk walk = walk(file);

    assertThat(walk.real()).isEqualTo(file.toString());
    assertThat(walk.node().isRegular()).isTrue();
    assertThat(walk.links()).isEmpty();
    assertThat(walk.directories()).endsWith(top.toString(), top + "/d");
    assertThat(walk.node().identity()).isEqualTo(identity(file));
  }

  @Test
  void everyLinkOnTheWayIsNotedAtItsRealPlace() throws IOException {
    Path real = Files.createDirectory(top.resolve("real"));
    Files.writeString(real.resolve("file-1.2"), "x");
    link(real.resolve("file"), "file-1.2");
    link(top.resolve("near"), "real");
    link(top.resolve("far"), top + "/near");

    HostFiles.Walk walk = walk(top.resolve("far/file"));

    assertThat(walk.real()).isEqualTo(real.resolve("file-1.2").toString());
    assertThat(walk.links()).containsExactly(
        new ViewEntry.Link(top + "/far", top + "/near"),
        new ViewEntry.Link(top + "/near", "real"),
        new ViewEntry.Link(real + "/file", "file-1.2"));
  }

  @Test
  void dotsAreTakenAfterLinksAsTheKernelTakesThem() throws IOException {
    Files.createDirectories(top.resolve("a/b"));
    Files.writeString(top.resolve("a/f"), "x");
    link(top.resolve("short"), "a/b");

    HostFiles.Walk walk = walk(Path.of(top + "/short/.././/f"));

    assertThat(walk.real()).isEqualTo(top + "/a/f");
    assertThat(walk.directories()).contains(top + "/a/b");
    assertThat(walk("/../..").real()).isEqualTo("/");
  }

  @Test
  void aMissingFileIsNamed() {
    assertFailure(top.resolve("none"), Reason.MISSING, top + "/none does not exist");
  }

  @Test
  void aMissingComponentIsNamed() {
    assertFailure(top.resolve("none/x/y"), Reason.MISSING, top + "/none/x/y does not exist: there is no " + top + "/none");
  }

  @Test
  void aDanglingLinkIsNamedWithWhereItLeads() throws IOException {
    link(top.resolve("link"), "gone/x");

    assertFailure(top.resolve("link"), Reason.MISSING, top + "/link does not exist: there is no " + top
        + "/gone, to which the symbolic link " + top + "/link leads");
  }

  @Test
  void aFileOnTheWayIsNamed() throws IOException {
    Files.writeString(top.resolve("f"), "x");

    assertFailure(top.resolve("f/x"), Reason.NOT_A_DIRECTORY,
        top + "/f/x cannot be reached: " + top + "/f is a file, not a directory");
  }

  @Test
  void aLoopOfLinksEnds() throws IOException {
    link(top.resolve("a"), "b");
    link(top.resolve("b"), "a");

    assertFailure(top.resolve("a"), Reason.LOOP, top
        + "/a cannot be reached: it leads through more than 40 symbolic links, the last is " + top + "/a");
  }

  @Test
  void fortyLinksAreFollowedAsTheKernelDoes() throws IOException {
    Files.writeString(top.resolve("0"), "x");
    for (int i = 1; i <= 41; i++) {
      link(top.resolve("" + i), "" + (i - 1));
    }

    assertThat(walk(top.resolve("40")).links()).hasSize(40);
    assertThatThrownBy(() -> walk(top.resolve("41"))).hasMessageContaining("more than 40 symbolic links");
    assertThat(Files.exists(top.resolve("40"))).isTrue();
    assertThat(Files.exists(top.resolve("41"))).isFalse();
  }

  @Test
  void aDirectoryThatMayNotBeSearchedIsNamed() throws IOException {
    assumeFalse("root".equals(System.getProperty("user.name")), "root may search every directory");
    Path closed = Files.createDirectory(top.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));

    assertFailure(closed.resolve("x/y"), Reason.DENIED, closed + "/x/y cannot be reached: " + closed + "/x: permission denied");
  }

  @Test
  void aPathWithANewlineOrAnEscapeIsRefusedAndNotPrinted() throws IOException {
    assertThatThrownBy(() -> walk("/tmp/a\nb\u001b[2J"))
        .hasMessage("/tmp/a?b?[2J: a path with a control character in it is refused");
  }

  @Test
  void aLinkThatHoldsANewlineIsRefused() throws IOException {
    Files.writeString(top.resolve("a\nb"), "x");
    link(top.resolve("link"), "a\nb");

    assertFailure(top.resolve("link"), Reason.UNUSABLE, "a?b: a path with a control character in it is refused");
  }

  @Test
  void deviceNumbersAreTakenApartAsGlibcDoes() {
    assertThat(FileIdentity.of(0x0103, 7)).isEqualTo(new FileIdentity(1, 3, 7));
    // gnu_dev_makedev(0xabcde123, 0x456789ff)
    assertThat(FileIdentity.of(0xabcde45678912_3ffL, -1)).isEqualTo(new FileIdentity(0xabcde123, 0x456789ff, -1));
  }

  private static HostFiles.Walk walk(Path path) throws IOException {
    return walk(path.toString());
  }

  private static HostFiles.Walk walk(String path) throws IOException {
    return new HostFiles().walk(path);
  }

  private static void link(Path link, String target) throws IOException {
    Files.createSymbolicLink(link, Path.of(target));
  }

  private static FileIdentity identity(Path path) throws IOException {
    return FileIdentity.of((Long) Files.getAttribute(path, "unix:dev"), (Long) Files.getAttribute(path, "unix:ino"));
  }

  private static void assertFailure(Path path, Reason reason, String message) {
    assertThatThrownBy(() -> walk(path))
        .hasMessage(message)
        .asInstanceOf(InstanceOfAssertFactories.type(HostPathException.class))
        .extracting(HostPathException::reason)
        .isEqualTo(reason);
  }
}
