package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Reads from a pipe. A blocked read ends when another thread closes the stream or interrupts the reader, with a
 * {@link java.nio.channels.ClosedChannelException}; an interrupt closes the stream too.
 *
 * <p>Thread-safe: readers wait for each other, {@link #close} and {@link #available} for none. Not buffered. It never
 * seeks, as the JDK's own stream over a file channel does.
 */
public final class PipeInputStream extends InputStream {
  private static final long FIONREAD = 0x541B;

  private final Fd end; // for available(): the channel does not tell its number
  private final FileChannel channel;

  /**
   * A stream over a pipe's read end, which is the stream's from now on, also when this fails.
   *
   * @throws IOException if it cannot be opened again through /proc: it is no pipe, or /proc is not mounted
   */
  public PipeInputStream(Fd readEnd) throws IOException {
    end = readEnd;
    try {
      channel = PipeChannel.open(readEnd, StandardOpenOption.READ);
    } catch (IOException | RuntimeException failure) {
      readEnd.close();
      throw failure;
    }
  }

  @Override
  public int read() throws IOException {
    var one = ByteBuffer.allocate(1);
    return channel.read(one) < 0 ? -1 : one.get(0) & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    return length == 0 ? 0 : channel.read(ByteBuffer.wrap(target, offset, Math.min(length, PipeChannel.CHUNK)));
  }

  /** The number of bytes in the pipe. */
  @Override
  public int available() throws IOException {
    var count = Libc.allocate(4);
    synchronized (end) { // against a close that would give the number to somebody else
      if (!end.isOpen()) {
        throw new IOException("the stream is closed");
      }
      LinuxException.check("ask how much is in a pipe", Libc.ioctl(end.number(), FIONREAD, Libc.address(count)));
    }
    return count.getInt(0);
  }

  @Override
  public void close() throws IOException {
    synchronized (end) {
      end.close();
    }
    channel.close();
  }
}
