package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Reads from a pipe. A blocked read ends when another thread closes the stream or interrupts the reader, with a
 * {@link java.nio.channels.ClosedChannelException}; an interrupt closes the stream too. A blocked read of a virtual thread
 * does not pin it.
 *
 * <p>Thread-safe: readers wait for each other, {@link #close} and {@link #available} for none. Not buffered.
 */
public final class PipeInputStream extends InputStream {
  private static final long FIONREAD = 0x541B;
  private static final String READ = "read from a pipe";

  private final PipeEnd end;
  private ByteArrayInputStream kept = new ByteArrayInputStream(new byte[0]); // guarded by end

  /**
   * A stream over a pipe's read end, which is the stream's from now on, also when this fails.
   *
   * @throws LinuxException EBADF if it is no pipe
   */
  public PipeInputStream(Fd readEnd) throws LinuxException {
    end = new PipeEnd(readEnd, Reactor.shared()::reading);
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    end.takeTurn();
    try {
      while (true) {
        long count = attempt(target, offset, length);
        if (count != PipeEnd.WOULD_BLOCK) {
          return count == 0 ? -1 : (int) count;
        }
        end.await();
      }
    } finally {
      end.turn.unlock();
    }
  }

  private long attempt(byte[] target, int offset, int length) throws IOException {
    var chunk = PipeEnd.Chunk.borrow();
    try {
      synchronized (end) {
        end.requireNotClosed();
        int fromKept = kept.read(target, offset, length);
        if (fromKept > 0 || end.isEnded()) {
          return Math.max(0, fromKept);
        }
        long count = end.call(READ, n -> Libc.read(n, chunk.address(), Math.min(length, PipeEnd.CHUNK)));
        if (count > 0) {
          chunk.bytes().get(0, target, offset, (int) count);
        }
        return count;
      }
    } finally {
      chunk.giveBack();
    }
  }

  /** The number of bytes that can be read without waiting. */
  @Override
  public int available() throws IOException {
    synchronized (end) {
      end.requireNotClosed();
      if (end.isEnded()) {
        return kept.available();
      }
      var count = Libc.allocate(4);
      end.call("ask how much is in a pipe", n -> Libc.ioctl(n, FIONREAD, Libc.address(count)));
      return kept.available() + count.getInt(0);
    }
  }

  /**
   * Takes what the pipe still holds into memory and, if nobody can write to it any more, closes the descriptor: for a
   * program that has ended, whose streams nobody may ever close. What is read is the same as without this. Never waits.
   */
  public void settle() throws IOException {
    var chunk = PipeEnd.Chunk.borrow();
    try {
      synchronized (end) {
        if (!end.isOpen()) {
          return;
        }
        var all = new ByteArrayOutputStream();
        kept.transferTo(all);
        long count;
        while ((count = end.call(READ, n -> Libc.read(n, chunk.address(), PipeEnd.CHUNK))) > 0) {
          var some = new byte[(int) count];
          chunk.bytes().get(0, some);
          all.write(some);
        }
        kept = new ByteArrayInputStream(all.toByteArray());
        if (count == 0) {
          end.end();
        }
      }
    } finally {
      chunk.giveBack();
    }
  }

  @Override
  public void close() throws IOException {
    end.close();
  }
}
