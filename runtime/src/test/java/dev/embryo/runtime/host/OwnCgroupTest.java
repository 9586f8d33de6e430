package dev.embryo.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Where the kernel says that a process's cgroup is: /proc/self/cgroup and /proc/self/mountinfo of several systems. */
class OwnCgroupTest {
  private static final String UNIFIED =
      "29 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

  @Test
  void itIsBeneathTheMount() {
    assertThat(OwnCgroup.of("0::/user.slice/user-1000.slice/session-3.scope\n", UNIFIED)).contains(new OwnCgroup(
        Path.of("/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope"), Path.of("/sys/fs/cgroup")));
  }

  @Test
  void besideVersion1ItHasAMountOfItsOwn() {
    var mounts = """
        33 31 0:30 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """;
    assertThat(OwnCgroup.of("8:pids:/elsewhere\n0::/here\n", mounts))
        .contains(new OwnCgroup(Path.of("/sys/fs/cgroup/unified/here"), Path.of("/sys/fs/cgroup/unified")));
  }

  @Test
  void inACgroupNamespaceItIsTheRoot() {
    assertThat(OwnCgroup.of("0::/\n", UNIFIED))
        .contains(new OwnCgroup(Path.of("/sys/fs/cgroup"), Path.of("/sys/fs/cgroup")));
  }

  @Test
  void aMountMayShowAPartOnly() {
    var bound = "29 22 0:26 /docker/4f /mnt/my\\040cgroup rw - cgroup2 cgroup2 rw\n";
    assertThat(OwnCgroup.of("0::/docker/4f/init\n", bound))
        .contains(new OwnCgroup(Path.of("/mnt/my cgroup/init"), Path.of("/mnt/my cgroup")));
    assertThat(OwnCgroup.of("0::/docker/4f-other\n", bound)).isEmpty();
    assertThat(OwnCgroup.of("0::/docker/4f/init\n", bound + UNIFIED)).map(OwnCgroup::top).contains(Path.of("/mnt/my cgroup"));
  }

  @Test
  void outsideTheNamespaceItIsNotSeen() {
    assertThat(OwnCgroup.of("0::/../other\n", UNIFIED)).isEmpty();
  }

  @Test
  void withoutVersion2ThereIsNone() {
    assertThat(OwnCgroup.of("8:pids:/\n", UNIFIED)).isEmpty();
    assertThat(OwnCgroup.of("0::/\n", "33 31 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n")).isEmpty();
  }

  @Test
  void thoseAboveItEndAtTheMount() {
    assertThat(new OwnCgroup(Path.of("/sys/fs/cgroup/a/b"), Path.of("/sys/fs/cgroup")).upwards())
        .containsExactly(Path.of("/sys/fs/cgroup/a/b"), Path.of("/sys/fs/cgroup/a"), Path.of("/sys/fs/cgroup"));
  }
}
