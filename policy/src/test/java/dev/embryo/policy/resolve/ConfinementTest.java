package dev.embryo.policy.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A path that a launch chose leads nowhere but into its bound, whoever makes links in it. */
class ConfinementTest {

  private Path top;
  private Path bound;

  @BeforeEach
  void files(@TempDir Path directory) throws IOException {
    top = directory.toRealPath();
    bound = Files.createDirectories(top.resolve("bound"));
    Files.createDirectories(bound.resolve("a/b"));
    Files.writeString(bound.resolve("a/file"), "inside");
    Files.createDirectories(top.resolve("outside"));
    Files.writeString(top.resolve("outside/file"), "outside");
  }

  private HostFiles.Walk walk(String path) throws IOException {
    return Confinement.walk(new HostFiles(), bound, bound.resolve(path));
  }

  private static FileIdentity identity(Path path) throws IOException {
    return new HostFiles().walk(path.toString()).node().identity();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/file", "a/b", "a", ""})
  void whatLiesBeneathIsFound(String path) throws Exception {
    HostFiles.Walk walk = walk(path);

    assertThat(walk.real()).isEqualTo(path.isEmpty() ? bound.toString() : bound + "/" + path);
    assertThat(walk.node().identity()).isEqualTo(identity(bound.resolve(path)));
  }

  @Test
  void aLinkThatStaysBeneathIsFollowed() throws Exception {
    Files.createSymbolicLink(bound.resolve("a/b/link"), Path.of("../file"));

    assertThat(walk("a/b/link").real()).isEqualTo(bound + "/a/file");
  }

  @Test
  void theBoundItselfMayBeALink() throws Exception {
    Path link = Files.createSymbolicLink(top.resolve("link"), bound);

    assertThat(Confinement.walk(new HostFiles(), link, link.resolve("a/file")).real()).isEqualTo(bound + "/a/file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../outside/file", "../../bound/../outside/file", "/etc/passwd", "/proc/self/root/etc/passwd"})
  void aLinkThatLeadsOutIsNotFollowed(String target) throws Exception {
    Files.createSymbolicLink(bound.resolve("link"), Path.of(target));

    assertThatThrownBy(() -> walk("link"))
        .isInstanceOf(HostPathException.class)
        .hasMessage(bound + "/link leads out of " + bound + " by a symbolic link");
  }

  @Test
  void aDirectoryOnTheWayThatLeadsOutIsNotFollowed() throws Exception {
    Files.createSymbolicLink(bound.resolve("way"), Path.of("../outside"));

    assertThatThrownBy(() -> walk("way/file")).hasMessage(bound + "/way/file leads out of " + bound + " by a symbolic link");
  }

  @Test
  void aLinkThatLeavesAndComesBackHasLeft() throws Exception {
    Files.createSymbolicLink(bound.resolve("link"), bound.resolve("a/file"));

    assertThatThrownBy(() -> walk("link")).hasMessageContaining("leads out of");
  }

  @Test
  void whatIsOutsideCannotBeAskedForByALink() throws Exception {
    Files.createSymbolicLink(bound.resolve("there"), Path.of("../outside/file"));
    Files.createSymbolicLink(bound.resolve("missing"), Path.of("../outside/nothing"));

    assertThatThrownBy(() -> walk("there")).hasMessageContaining("leads out of");
    assertThatThrownBy(() -> walk("missing")).hasMessageContaining("leads out of");
  }

  @Test
  void whatIsMissingIsSaidToBe() {
    assertThatThrownBy(() -> walk("a/nothing")).hasMessage(bound + "/a/nothing does not exist");
  }

  /** What was seen first is remembered, so it is as if the swap came between the two looks. */
  @Test
  void aFileThatIsReplacedBetweenTheTwoLooksIsRefused() throws Exception {
    HostFiles files = new HostFiles();
    files.walk(bound + "/a/file");
    Files.move(bound.resolve("a/file"), bound.resolve("a/moved"));
    Files.writeString(bound.resolve("a/file"), "another");

    assertThatThrownBy(() -> Confinement.walk(files, bound, bound.resolve("a/file")))
        .hasMessage(bound + "/a/file was changed while it was looked up");
  }

  /** One thread swaps a directory on the way for a link that leads out, over and over. */
  @Test
  void whoSwapsADirectoryForALinkMeanwhileGainsNothing() throws Exception {
    Path way = bound.resolve("way");
    Path real = Files.createDirectories(bound.resolve("real"));
    Path link = bound.resolve("link");
    Files.writeString(real.resolve("file"), "inside");
    FileIdentity inside = identity(real.resolve("file"));
    AtomicBoolean done = new AtomicBoolean();
    FutureTask<Integer> attack = new FutureTask<>(() -> {
      int swaps = 0;
      for (; !done.get(); swaps++) {
        Files.move(real, way);
        Files.move(way, real);
        Files.createSymbolicLink(link, Path.of("../outside"));
        Files.move(link, way, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(way);
      }
      return swaps;
    });
    new Thread(attack, "attacker").start();
    try {
      for (int i = 0; i < 3_000; i++) {
        try {
          assertThat(walk("way/file").node().identity()).isEqualTo(inside);
        } catch (IOException refused) {
          // as good an answer
        }
      }
    } finally {
      done.set(true);
    }

    assertThat(attack.get()).isPositive();
  }
}
