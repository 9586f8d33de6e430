package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.host.Cgroup;
import dev.embryo.runtime.host.Delegation.Controller;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is done to a cgroup to have sandboxes in it, and what is not. Needs one that offers controllers. */
@ExtendWith(NothingLeftBehind.class)
@Timeout(60)
class CgroupSearchTest {
  private Path offering = Path.of("/");

  @BeforeEach
  void makeACgroupThatOffersControllers() throws Exception {
    var found = CgroupSearch.find();
    assumeTrue(found.limits(Controller.MEMORY) && found.limits(Controller.PIDS), () -> "no cgroup with controllers: " + found.reason());
    offering = Files.createDirectory(found.directory().orElseThrow().resolve("embryo-test"));
    System.setProperty(CgroupSearch.PROPERTY, offering.toString());
  }

  @AfterEach
  void removeIt() throws Exception {
    System.clearProperty(CgroupSearch.PROPERTY);
    if (!offering.equals(Path.of("/"))) {
      Files.delete(offering);
    }
  }

  @Test
  void anEmptyOneGivesItsControllersToItsChildren() throws Exception {
    var found = CgroupSearch.find();

    assertThat(found.directory()).contains(offering);
    assertThat(found.controllers()).containsExactlyInAnyOrder(Controller.values());
    assertThat(Files.readString(offering.resolve("cgroup.subtree_control")).strip().split(" ")).contains("memory", "pids");
  }

  /** With the controller of processes alone the kernel would make it threaded, and no process could be born in a child of it. */
  @Test
  void oneThatHoldsProcessesOfOthersIsUsedAsItIs() throws Exception {
    var other = new ProcessBuilder("cat").start();
    try (var cgroup = Cgroup.open(offering)) {
      cgroup.write("cgroup.procs", Long.toString(other.pid()));

      var found = CgroupSearch.find();

      assertThat(found.isPresent()).isTrue();
      assertThat(found.controllers()).isEmpty();
      assertThat(found.reason()).contains(offering + " cannot give [memory, pids] to its children: it holds processes of others");
      assertThat(cgroup.words("cgroup.type")).isEqualTo(List.of("domain"));
    } finally {
      other.destroyForcibly().waitFor();
    }
  }
}
