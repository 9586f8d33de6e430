package dev.embryo.policy.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Right;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program without a root of its own sees: the host's files where they are. */
class HostViewTest {
  private static final Path TRUE = Path.of("/bin/true");

  private Path top;

  @BeforeEach
  void realDirectory(@TempDir Path directory) throws IOException {
    top = directory.toRealPath();
  }

  private static PolicySketch sketch() {
    return PolicySketch.of(TRUE).withoutNamespaces();
  }

  @Test
  void theViewHoldsMountsAloneEachAtItsPlaceOnTheHost() throws Exception {
    var view = sketch().devices().grant("in", top, top.toString()).resolve().view();

    assertThat(view).hasOnlyElementsOfType(ViewEntry.Mount.class)
        .allSatisfy(entry -> assertThat(((ViewEntry.Mount) entry).host()).hasToString(entry.path()))
        .extracting(ViewEntry::path).contains(top.toString(), "/dev/null", TRUE.toRealPath().toString());
  }

  @Test
  void aDirectoryMayBeNamedThroughALinkAndItsRightsGoToWhereItLeads() throws Exception {
    Files.createDirectory(top.resolve("real"));
    Files.createSymbolicLink(top.resolve("link"), Path.of("real"));

    var view = sketch().grant("in", top.resolve("link"), top + "/link").resolve().view();

    assertThat(view).extracting(ViewEntry::path).contains(top + "/real").doesNotContain(top + "/link");
  }

  @Test
  void nothingCanBeMoved() {
    assertProblem(sketch().grant("in", top, "/in"), "policy.yaml:10:3: capabilities.in.mount: without a mount namespace,"
        + " which isolation.require leaves out, it is seen where it is on the host: write 'mount: " + top + "'");
  }

  @Test
  void thereIsNoFileSystemInMemory() {
    assertProblem(sketch().tmpfs("scratch", "/tmp"), "policy.yaml:10:3: capabilities.scratch.tmpfs: a file system of its own"
        + " takes a mount namespace, which isolation.require leaves out; grant an empty directory of the host");
  }

  @Test
  void whatIsGrantedForReadingMayNotLieInWhatIsGrantedForWriting() throws Exception {
    Files.createDirectory(top.resolve("in"));
    var nested = sketch().grant("out", top, top.toString(), Right.WRITE).grant("in", top.resolve("in"), top + "/in");

    assertProblem(nested, "policy.yaml:12:3: capabilities.in: " + top + "/in lies in " + top + ", which the program may"
        + " write, and without namespaces rights add up; take it out of there, or grant both for writing");
    assertThat(sketch().grant("in", top, top.toString()).grant("out", top.resolve("in"), top + "/in", Right.WRITE)
        .resolve().view()).extracting(ViewEntry::path).contains(top.toString(), top + "/in");
  }

  @Test
  void aProgramMayNotLieInWhatItMayWrite() throws Exception {
    Path program = Files.copy(TRUE, top.resolve("tool"));
    assertProblem(PolicySketch.of(program).withoutNamespaces().grant("out", top, top.toString(), Right.WRITE),
        "policy.yaml:11:3: capabilities.out: " + top + " holds " + program + ", which the program needs and could then"
            + " change: without namespaces rights add up; grant directories beside it");
  }

  @Test
  void theWorkingDirectoryIsAnyOfTheHost() throws Exception {
    assertThat(sketch().directory(top.toString()).resolve().policy().program().directory()).isEqualTo(top.toString());
    assertProblem(sketch().directory(top + "/none"), "policy.yaml:3:3: program.directory: " + top + "/none does not exist");
    assertProblem(sketch().directory("/bin/true"),
        "policy.yaml:3:3: program.directory: /bin/true is no directory of the host");
  }

  private static void assertProblem(PolicySketch sketch, String message) {
    assertThatThrownBy(sketch::resolve).isInstanceOf(PolicyException.class).hasMessage(message);
  }
}
