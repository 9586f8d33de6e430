package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file that a launch writes to, on a disk that is full. What the command writes is in StreamsTest and ClassArchiveTest. */
@Timeout(60)
class DiskFullTest {
  private static final String WRITES = "echo more || exit 7";

  @TempDir private Path directory;

  /** The launcher does not stand between the program and the file. */
  @Test
  void theProgramLearnsThatItsOutputHasNoRoom() throws Exception {
    var sandbox = Launches.shell(directory, WRITES + " 2>&-", "").toBuilder().stdout(Stdio.to(Path.of("/dev/full"))).build();
    try (var process = sandbox.launch()) {
      assertThat(process.waitFor()).isEqualTo(7);
    }
  }

  @Test
  void aFileThatCannotBeMadeIsAnErrorAndNothingIsLaunched() throws Exception {
    try (var disk = Disk.mount(directory, 1)) {
      var file = disk.place().resolve("output");
      var sandbox = Launches.shell(directory, WRITES, "").toBuilder().stdout(Stdio.to(file)).build();
      try (var warm = Launches.shell(directory, "true", "").launch()) {
        assertThat(warm.waitFor()).isZero();
      }
      var before = Holdings.now();

      assertThatThrownBy(sandbox::launch).isInstanceOf(IOException.class).hasMessageContaining(file.toString())
          .hasMessageMatching("(?is).*(ENOSPC|no space left on device).*");

      assertThat(file).doesNotExist();
      assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
    }
  }

  @Test
  void whatIsAppendedToAFullDiskLeavesWhatWasThere() throws Exception {
    try (var disk = Disk.mount(directory, 3)) {
      var file = Launches.file(disk.place(), "output", "x".repeat(Disk.BYTES));
      var sandbox = Launches.shell(directory, WRITES + " 2>&-", "").toBuilder().stdout(Stdio.append(file)).build();
      try (var process = sandbox.launch()) {
        assertThat(process.waitFor()).isEqualTo(7);
      }
      assertThat(file).hasSize(Disk.BYTES);
    }
  }

  /** A file system that holds that many files, its own directory among them. */
  private record Disk(Path place) implements AutoCloseable {
    static final int BYTES = 4096;

    static Disk mount(Path directory, int files) throws Exception {
      assumeTrue(Launches.ROOT, "only root mounts a file system that is full");
      var place = Files.createDirectory(directory.resolve("disk"));
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
      execute("mount", "-t", "tmpfs", "-o", "size=" + BYTES + ",nr_inodes=" + files + ",mode=777", "embryo-test", place.toString());
      return new Disk(place);
    }

    private static void execute(String... command) throws IOException, InterruptedException {
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    @Override
    public void close() throws IOException, InterruptedException {
      execute("umount", place.toString());
    }
  }
}
