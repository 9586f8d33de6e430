package dev.embryo.runtime.elf;

import dev.embryo.runtime.elf.ElfException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * The bytes of a file of which nothing is trusted: every range is checked against the file's length before it is read.
 *
 * <p>The head of the file, where headers nearly always are, is read once.
 *
 * <p>Used by one thread.
 */
final class BoundedBytes {
  /** Enough for the ELF header, the program headers and the interpreter's path of every common binary. */
  private static final int HEAD = 2048;

  /** Fills the buffer as far as the file goes, from an absolute position. */
  @FunctionalInterface
  private interface Source {
    int read(ByteBuffer into, long position) throws IOException;
  }

  private final String name;
  private final Source source;
  private final long size;
  private final ByteBuffer head;

  private BoundedBytes(String name, Source source, long size) throws IOException {
    this.name = name;
    this.source = source;
    this.size = size;
    this.head = fill(0, (int) Math.min(HEAD, size), "header");
  }

  static BoundedBytes of(FileChannel channel, String name) throws IOException {
    return new BoundedBytes(name, channel::read, channel.size());
  }

  static BoundedBytes of(byte[] bytes, String name) throws IOException {
    return new BoundedBytes(name, (into, position) -> {
      int count = Math.min(into.remaining(), bytes.length - (int) position);
      into.put(bytes, (int) position, count);
      return count;
    }, bytes.length);
  }

  String name() {
    return name;
  }

  long size() {
    return size;
  }

  /**
   * Reads exactly a range.
   *
   * @param what what the range is said to be, for the error
   * @return a little-endian buffer, its position 0, its limit {@code length}
   * @throws ElfException if the range is not wholly inside the file
   */
  ByteBuffer read(long offset, int length, String what) throws IOException {
    requireInside(offset, length, what);
    if (offset + length <= head.limit()) {
      return head.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
    return fill(offset, length, what);
  }

  /** Checks a range without reading it; both numbers come from the file and are read as unsigned. */
  void requireInside(long offset, long length, String what) throws ElfException {
    if (offset < 0 || length < 0 || offset > size || length > size - offset) {
      throw damaged("%s (%s bytes at %s) is not inside the file (%d bytes)"
          .formatted(what, Long.toUnsignedString(length), Long.toUnsignedString(offset), size));
    }
  }

  ElfException damaged(String what) {
    return new ElfException(name, Reason.DAMAGED, "damaged ELF file: " + what);
  }

  private ByteBuffer fill(long offset, int length, String what) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (source.read(buffer, offset + buffer.position()) <= 0) {
        throw damaged("the file became shorter while its " + what + " was read");
      }
    }
    return buffer.flip();
  }
}
