package dev.embryo.launcher;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.fd.TerminalSettings;
import dev.embryo.runtime.fd.Tty;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The terminal of this JVM's user. It can be <em>taken</em>: it is raw then, so that every key passes as it is, and is given
 * back with the settings that it had. Only who is in the foreground may do either. Not thread-safe.
 */
final class UserTerminal implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(UserTerminal.class.getName());

  private final Fd descriptor;
  private @Nullable TerminalSettings before; // its settings while it is taken

  private UserTerminal(Fd descriptor) {
    this.descriptor = descriptor;
  }

  /** The one that a stream of this JVM is. Not blocking, where that can be had without making it so for everybody else. */
  static UserTerminal of(int stream) throws IOException {
    int flags = Constant.or(Constant.O_RDWR, Constant.O_NONBLOCK).asInt();
    try {
      var controlling = Fd.open("/dev/tty", flags);
      if (Tty.device(controlling.number()) == Tty.device(stream)) {
        return new UserTerminal(controlling);
      }
      controlling.close();
    } catch (IOException none) {
      LOG.log(Level.DEBUG, "this process has no controlling terminal", none);
    }
    var again = OpenFile.ifOpen(stream).flatMap(file -> file.reopen(flags));
    return new UserTerminal(again.isPresent() ? again.get() : Fd.duplicate(stream));
  }

  Fd descriptor() {
    return descriptor;
  }

  boolean isForeground() {
    return descriptor.isOpen() && Tty.isForeground(descriptor);
  }

  boolean isTaken() {
    return before != null;
  }

  /**
   * Takes it, or takes it anew from whoever has changed it meanwhile.
   *
   * @param shared whether others write to it too, whose line ends stay what they are
   */
  void take(boolean shared) throws IOException {
    var found = before == null ? Tty.settings(descriptor) : before;
    Tty.settings(descriptor, shared ? found.rawInput() : found.raw());
    before = found;
  }

  /** Gives it back; from the background nothing can be given, and it is somebody else's already. */
  void giveBack() {
    var found = before;
    before = null;
    try {
      if (found != null && isForeground()) {
        Tty.settings(descriptor, found);
      }
    } catch (IOException failure) {
      LOG.log(Level.DEBUG, "the terminal cannot be given back", failure); // it is gone
    }
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
