package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Writes to a pipe. A blocked write ends when another thread closes the stream or interrupts the writer, with a
 * {@link java.nio.channels.ClosedChannelException}; an interrupt closes the stream too. A blocked write of a virtual thread
 * does not pin it. Writing to a pipe without readers is a {@link LinuxException}, EPIPE.
 *
 * <p>Thread-safe: a write is whole among other writers of this stream, and {@link #close} waits for none. Not buffered.
 */
public final class PipeOutputStream extends OutputStream {
  private static final short POLLERR = 8;

  private final PipeEnd end;

  /**
   * A stream over a pipe's write end, which is the stream's from now on, also when this fails.
   *
   * @throws LinuxException EBADF if it is no pipe
   */
  public PipeOutputStream(Fd writeEnd) throws LinuxException {
    end = new PipeEnd(writeEnd, Reactor.shared()::writing);
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, source.length);
    end.takeTurn();
    try {
      for (int done = 0; done < length; ) {
        long count = attempt(source, offset + done, Math.min(length - done, PipeEnd.CHUNK));
        if (count == PipeEnd.WOULD_BLOCK) {
          end.await();
        } else {
          done += (int) count;
        }
      }
    } finally {
      end.turn.unlock();
    }
  }

  private long attempt(byte[] source, int offset, int length) throws IOException {
    var chunk = PipeEnd.Chunk.borrow();
    try {
      chunk.bytes().put(0, source, offset, length);
      return end.call("write to a pipe", n -> Libc.write(n, chunk.address(), length));
    } finally {
      chunk.giveBack();
    }
  }

  /**
   * Closes the descriptor if nobody can read from the pipe any more: for a program that has ended. Writing is the same error
   * as without this.
   */
  public void settle() throws IOException {
    synchronized (end) {
      if (end.isOpen() && readersAreGone()) {
        end.end();
      }
    }
  }

  private boolean readersAreGone() throws IOException {
    var poll = Libc.allocate(8); // struct pollfd, see poll(2)
    end.call("look at a pipe", n -> Libc.poll(Libc.address(poll.putInt(0, n)), 1, 0));
    return (poll.getShort(6) & POLLERR) != 0;
  }

  @Override
  public void close() throws IOException {
    end.close();
  }
}
