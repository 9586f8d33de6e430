package dev.embryo.runtime.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** What the kernel holds by itself, whatever a filter sees: the file is opened again, as one who gets hold of it would. */
class SharedMemoryTest {
  private static final int SIZE = 8192;

  private static FileChannel again(Fd descriptor) throws IOException {
    return FileChannel.open(Path.of("/proc/self/fd/" + descriptor.number()), StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Test
  void itsSizeStays() throws IOException {
    var memory = SharedMemory.make("test", SIZE, Constant.O_RDWR.asInt());
    try (var descriptor = memory.descriptor(); var channel = again(descriptor)) {
      assertThat(channel.size()).isEqualTo(SIZE);
      assertThatThrownBy(() -> channel.truncate(1)).hasMessage("Operation not permitted");
      assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1), SIZE)).hasMessage("Operation not permitted");
      assertThat(channel.write(ByteBuffer.wrap(new byte[] {7}), SIZE - 1)).isOne();
      assertThat(memory.bytes().get(SIZE - 1)).isEqualTo((byte) 7);
    }
  }

  @Test
  void forReadingOnlyItIsWrittenByNobodyButWhoMadeIt() throws IOException {
    var memory = SharedMemory.make("test", SIZE, Constant.O_RDONLY.asInt());
    try (var descriptor = memory.descriptor(); var channel = again(descriptor)) {
      assertThatThrownBy(() -> channel.write(ByteBuffer.allocate(1), 0)).hasMessage("Operation not permitted");
      assertThatThrownBy(() -> channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE)).hasMessageContaining("Operation not permitted");
      memory.bytes().put(0, (byte) 7);
      assertThat(Files.readAllBytes(Path.of("/proc/self/fd/" + descriptor.number()))[0]).isEqualTo((byte) 7);
    }
  }

  @Test
  void itIsOpenAsWasAskedFor() throws IOException {
    for (var mode : new Constant[] {Constant.O_RDONLY, Constant.O_WRONLY, Constant.O_RDWR}) {
      try (var descriptor = SharedMemory.make("test", SIZE, mode.asInt()).descriptor()) {
        assertThat(OpenFile.ifOpen(descriptor.number()).orElseThrow().accessMode()).isEqualTo(mode.asInt());
      }
    }
  }
}
