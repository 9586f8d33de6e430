package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.JobControl;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import java.io.IOException;

/**
 * The companion of a program on a terminal, see {@link JobControl}: its message is on its way before it exists, and it
 * ends when this is closed, with the sandbox, or with this JVM. Thread-safe.
 */
public final class Companion implements AutoCloseable {
  private final ControlSocket control;
  private final Fd other;

  private Companion(FdPair sockets) {
    control = new ControlSocket(sockets.first());
    other = sockets.second();
  }

  /** What a birth with {@link JobControl#addTo} needs of it. */
  public static Companion post() throws IOException {
    var sockets = FdPair.packets();
    try {
      var companion = new Companion(sockets);
      companion.control.send(JobControl.COMPANION, new int[0]);
      return companion;
    } catch (IOException failure) {
      sockets.close();
      throw failure;
    }
  }

  /** Supplies its control socket to a birth. */
  public void supply(Supplies supplies) {
    supplies.descriptor(JobControl.COMPANION_CONTROL, other);
  }

  /** The birth is over: the companion has its end of the socket. */
  public void born() {
    other.close();
  }

  @Override
  public void close() {
    control.close();
    other.close();
  }
}
