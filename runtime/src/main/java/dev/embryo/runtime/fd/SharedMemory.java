package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file in memory for another process, and this process's view of it.
 *
 * <p>Its size is sealed. That is what makes it safe to touch here: of a file that another process can shrink, a load from a
 * page that is gone is a SIGBUS. It can be executed by nobody where the kernel can forbid that (6.3).
 *
 * @param descriptor the other process's, open as was asked for
 * @param bytes zeros at first, in native byte order; valid for as long as it is reachable
 */
public record SharedMemory(Fd descriptor, ByteBuffer bytes) {
  /**
   * Makes one.
   *
   * @param name shown by the kernel in /proc, no part of any path
   * @param size in bytes, up to 2^31-1
   * @param mode O_RDONLY, O_WRONLY or O_RDWR: how the other process has it. For reading only, the file is sealed against all
   *     writing but that through {@link #bytes}, however it is opened
   */
  public static SharedMemory make(String name, int size, int mode) throws IOException {
    var file = Memfd.unsealed(name);
    try {
      var path = "/proc/self/fd/" + file.number();
      ByteBuffer bytes;
      try (var channel = FileChannel.open(Path.of(path), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        bytes = channel.map(MapMode.READ_WRITE, 0, size).order(ByteOrder.nativeOrder()); // makes it that large
      }
      boolean readOnly = mode == Constant.O_RDONLY.asInt();
      Memfd.sealSize(file, readOnly); // after the mapping, which may be written to all the same
      return new SharedMemory(mode == Constant.O_RDWR.asInt() ? Fd.own(file.take()) : Fd.open(path, mode), bytes);
    } finally {
      file.close();
    }
  }
}
