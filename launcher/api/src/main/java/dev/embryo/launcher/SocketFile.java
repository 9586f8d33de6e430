package dev.embryo.launcher;

import dev.embryo.runtime.fd.FileStatus;
import dev.embryo.runtime.fd.Socket;
import dev.embryo.runtime.fd.SocketName;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The file that a Unix socket has for its name. The kernel leaves it behind when nobody has the socket any more; whoever made it
 * removes it, unless another has come to stand at its path.
 *
 * @param path where it is
 * @param status what it is
 */
record SocketFile(String path, FileStatus status) implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SocketFile.class.getName());

  /** The file of a socket that was just bound. */
  static SocketFile made(String path) throws LinuxException {
    return new SocketFile(path, FileStatus.of(path));
  }

  /** Removes the socket file of somebody who is gone; anything else stays. */
  static void removeUnserved(String path, Socket.Type type, SocketName name) throws IOException {
    try {
      var status = FileStatus.of(path);
      if (status.isSocket() && !Socket.isServed(type, name)) {
        new SocketFile(path, status).remove();
      }
    } catch (LinuxException failure) {
      if (!Errno.ENOENT.is(failure.errno())) {
        throw failure;
      }
    }
  }

  private void remove() throws IOException {
    if (FileStatus.of(path).isSameFile(status)) {
      Files.deleteIfExists(Path.of(path));
    }
  }

  @Override
  public void close() {
    try {
      remove();
    } catch (LinuxException failure) {
      if (!Errno.ENOENT.is(failure.errno())) {
        LOG.log(System.Logger.Level.WARNING, "leaves the socket file " + path + " behind", failure);
      }
    } catch (IOException failure) {
      LOG.log(System.Logger.Level.WARNING, "leaves the socket file " + path + " behind", failure);
    }
  }
}
