package dev.embryo.runtime.fd;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Writes to a pipe. A blocked write ends when another thread closes the stream or interrupts the writer, with a
 * {@link java.nio.channels.ClosedChannelException}; an interrupt closes the stream too. Writing to a
 * pipe without readers is an IOException.
 *
 * <p>Thread-safe: a write is whole among other writers of this stream, and {@link #close} waits for none. Not buffered.
 */
public final class PipeOutputStream extends OutputStream {
  private final FileChannel channel;
  private final Object whole = new Object();

  /**
   * A stream over a pipe's write end, which is the stream's from now on, also when this fails.
   *
   * @throws IOException if it cannot be opened again through /proc: it is no pipe, or /proc is not mounted
   */
  public PipeOutputStream(Fd writeEnd) throws IOException {
    try (writeEnd) {
      channel = PipeChannel.open(writeEnd, StandardOpenOption.WRITE);
    }
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, source.length);
    synchronized (whole) {
      for (int done = 0; done < length; ) {
        int some = Math.min(length - done, PipeChannel.CHUNK);
        done += channel.write(ByteBuffer.wrap(source, offset + done, some));
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
