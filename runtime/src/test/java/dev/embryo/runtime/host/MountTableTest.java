package dev.embryo.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.host.MountTable.Location;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Where a file is in its file system, by whichever mount it is reached. */
class MountTableTest {
  private static final String TABLE = """
      22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      30 22 8:1 /srv/data /mnt/my\\040data rw,noexec - ext4 /dev/sda1 rw
      31 22 8:2 / /srv/data/other rw - ext4 /dev/sda2 rw
      """;

  private static MountTable table() throws IOException {
    return MountTable.of(TABLE);
  }

  @Test
  void aPathIsTakenFromItsMountPointToTheRootThatIsMountedThere() throws Exception {
    assertThat(table().locate(22, "/srv/data/log")).contains(new Location("8:1", "/srv/data/log"));
    assertThat(table().locate(30, "/mnt/my data/log")).contains(new Location("8:1", "/srv/data/log"));
    assertThat(table().locate(30, "/mnt/my data")).contains(new Location("8:1", "/srv/data"));
    assertThat(table().locate(22, "/")).contains(new Location("8:1", "/"));
    assertThat(table().locate(31, "/srv/data/other/log")).contains(new Location("8:2", "/log"));
  }

  @Test
  void aPathThatItsMountDoesNotHoldIsNowhere() throws Exception {
    assertThat(table().locate(30, "/mnt/my data2/log")).isEmpty();
    assertThat(table().locate(99, "/srv")).isEmpty();
  }

  @Test
  void aDirectoryShowsWhatIsMountedInIt() throws Exception {
    assertThat(table().seenFrom(22, "/srv")).containsExactlyInAnyOrder(new Location("8:1", "/srv"), new Location("8:2", "/"));
    assertThat(table().seenFrom(22, "/srv/data2")).containsExactly(new Location("8:1", "/srv/data2"));
    assertThat(table().seenFrom(99, "/srv")).isEmpty();
  }

  @Test
  void aPlaceLiesInADirectoryOfItsOwnFileSystemOnly() {
    var place = new Location("8:1", "/srv/data/log");
    assertThat(place.isWithin(new Location("8:1", "/srv/data"))).isTrue();
    assertThat(place.isWithin(new Location("8:1", "/"))).isTrue();
    assertThat(place.isWithin(place)).isTrue();
    assertThat(place.isWithin(new Location("8:1", "/srv/dat"))).isFalse();
    assertThat(place.isWithin(new Location("8:2", "/"))).isFalse();
  }

  @Test
  void whatIsNoLineOfMountinfoIsAnError() {
    for (String wrong : new String[] {"", "22 1 8:1 / /", "22 1 8:1 / / rw shared:1", "22 1 8:1 / / rw -", "x 1 8:1 / / rw - ext4"}) {
      assertThatThrownBy(() -> MountTable.of(wrong)).isInstanceOf(IOException.class).hasMessageContaining("/proc/self/mountinfo: ");
    }
  }
}
