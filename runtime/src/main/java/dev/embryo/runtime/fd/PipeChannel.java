package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/**
 * Opens a pipe's end again, through /proc, as a channel of the JDK's: its calls end when the thread is interrupted or the
 * channel is closed, which a read(2) through JNA does not.
 */
final class PipeChannel {
  /** The most bytes that one call moves; the JDK copies a heap array into native memory of that size. */
  static final int CHUNK = 128 * 1024;

  private PipeChannel() {}

  static FileChannel open(Fd end, OpenOption direction) throws IOException {
    try {
      return FileChannel.open(Path.of("/proc/self/fd/" + end.number()), direction);
    } catch (NoSuchFileException withoutProc) {
      var failure = new LinuxException("open descriptor " + end.number() + " through /proc", Errno.ENOENT.number());
      failure.initCause(withoutProc);
      throw failure;
    }
  }
}
