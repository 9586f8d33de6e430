package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FileStatus;
import dev.embryo.runtime.fd.Socket;
import dev.embryo.runtime.fd.SocketName;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The file that a Unix socket has for its name. The kernel leaves it behind when nobody has the socket any more; whoever made it
 * removes it, unless another has come to stand at its place.
 *
 * <p>Its directory is held, so that nothing is removed in another one to which the path may come to lead. Used by one thread at a
 * time.
 */
final class SocketFile implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SocketFile.class.getName());

  private final String path;
  private final Fd directory;
  private final FileStatus status;

  private SocketFile(String path, Fd directory, FileStatus status) {
    this.path = path;
    this.directory = directory;
    this.status = status;
  }

  /**
   * Makes a socket with a file, which goes with the sandbox.
   *
   * @param reuse whether the file of somebody who is gone is removed before
   * @throws LinuxException EADDRINUSE if there is anything at the path; ESTALE if it leads to another directory than a moment before
   */
  static Fd bound(String path, Socket.Type type, boolean reuse, Ends ends) throws LinuxException {
    var name = name(path);
    var directory = Fd.open(path.substring(0, path.length() - name.length()), Constant.O_PATH.asInt());
    try {
      if (reuse) {
        removeUnserved(directory, name, type);
      }
      boolean free = look(directory, name).isEmpty();
      var socket = Socket.bound(type, SocketName.path(path), reuse);
      try {
        var made = look(directory, name).filter(status -> free && status.isSocket()).orElseThrow(() -> new LinuxException("bind "
            + path + ", which leads to another directory than a moment before, where a socket file is left", Errno.ESTALE.number()));
        ends.keep(new SocketFile(path, directory, made));
        return socket;
      } catch (LinuxException | RuntimeException failure) {
        socket.close();
        throw failure;
      }
    } catch (LinuxException | RuntimeException failure) {
      directory.close();
      throw failure;
    }
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static Optional<FileStatus> look(Fd directory, String name) throws LinuxException {
    try {
      return Optional.of(FileStatus.at(directory, name));
    } catch (LinuxException failure) {
      if (Errno.ENOENT.is(failure.errno())) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  /** Removes the socket file of somebody who is gone; anything else stays, so also a symbolic link to one. */
  private static void removeUnserved(Fd directory, String name, Socket.Type type) throws LinuxException {
    try (Fd found = Fd.openAt(directory, name, Constant.O_PATH.asInt())) {
      var status = FileStatus.of(found.number());
      if (status.isSocket() && !Socket.isServed(type, SocketName.path("/proc/self/fd/" + found.number()))) {
        remove(directory, name, status);
      }
    } catch (LinuxException failure) {
      if (!Errno.ENOENT.is(failure.errno())) {
        throw failure;
      }
    }
  }

  /** In between another can come to stand there only by who may change the directory, and remove it as well. */
  private static void remove(Fd directory, String name, FileStatus status) throws LinuxException {
    if (look(directory, name).filter(status::isSameFile).isPresent()) {
      var bytes = name.getBytes(StandardCharsets.UTF_8);
      var memory = Libc.allocate(bytes.length + 1).put(0, bytes);
      LinuxException.check("remove " + name,
          Libc.syscall(SystemCalls.number("unlinkat"), directory.number(), Libc.address(memory), 0, 0, 0, 0));
    }
  }

  @Override
  public void close() {
    try (directory) {
      remove(directory, name(path), status);
    } catch (LinuxException failure) {
      if (!Errno.ENOENT.is(failure.errno())) {
        LOG.log(System.Logger.Level.WARNING, "leaves the socket file " + path + " behind", failure);
      }
    }
  }
}
