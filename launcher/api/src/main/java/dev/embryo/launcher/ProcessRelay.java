package dev.embryo.launcher;

import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.policy.model.Signal;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.Reactor;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * Does to a process what a program of another sandbox asks for, over a socket: as far as that program's rights go. The kernel
 * would not let it: a pidfd does not reach into the pid namespace of another sandbox, and where there is none Landlock keeps
 * signals in.
 *
 * <p>A request is a line with the name or number of a signal; the answer is a line of the request, a colon, and {@code ok} or the
 * name of an error. When the process has ended, whoever may wait is told {@code exited} and the status, or {@code killed} and the
 * signal, and nothing after that: what it still asks is read and dropped, so that its writes do no harm. The socket ends for a
 * program that asks and does not read the answers. Thread-safe; it works on the library's own thread, and never waits for the
 * program.
 */
final class ProcessRelay implements Attendant {
  private static final System.Logger LOG = System.getLogger(ProcessRelay.class.getName());
  private static final int MOST_AT_ONCE = 256;
  private static final int LONGEST = 32; // no signal has a longer name
  private static final int SHUT_WR = 1; // shutdown(2)

  private final FdPair sockets; // this JVM's, the program's
  private final HeldProcess process;
  private final Rights rights;
  private final Reactor.Registration reading; // used under this monitor
  private final ByteBuffer message = Libc.allocate(MOST_AT_ONCE); // guarded by this, as all that follow
  private final StringBuilder line = new StringBuilder(); // as far as it has come
  private boolean started;
  private boolean ended; // the process has, and the program was told

  private ProcessRelay(FdPair sockets, HeldProcess process, Rights rights) {
    this.sockets = sockets;
    this.process = process;
    this.rights = rights;
    this.reading = Reactor.shared().reading(sockets.first());
  }

  /** @param process this object's from now on, also when this fails */
  static ProcessRelay open(HeldProcess process, Rights rights) throws LinuxException {
    try {
      var sockets = FdPair.stream();
      LinuxException.check("let a socket not block",
          Libc.fcntl(sockets.first().number(), Constant.F_SETFL.asInt(), Constant.O_NONBLOCK.asInt()));
      return new ProcessRelay(sockets, process, rights);
    } catch (LinuxException failure) {
      process.close();
      throw failure;
    }
  }

  /** The program's end, which goes to it and is not this object's any more. */
  Fd program() {
    return sockets.second();
  }

  @Override
  public synchronized void start() {
    started = true;
    await();
    if (rights.has(Right.WAIT)) {
      try {
        process.whenEnded(this::tellEnd);
      } catch (IOException failure) {
        LOG.log(Level.WARNING, "a program is not told of the end of a process", failure);
        finish();
      }
    }
  }

  private void await() {
    try {
      reading.arm(this::answer, failure -> finish());
    } catch (IOException failure) {
      LOG.log(Level.WARNING, "a program's requests about a process are not answered any more", failure);
      finish();
    }
  }

  /** What is there, up to a bound; then others that are ready have their turn. */
  private synchronized void answer() {
    if (!sockets.first().isOpen()) {
      return;
    }
    long count = Libc.read(sockets.first().number(), Libc.address(message), MOST_AT_ONCE);
    int errno = count < 0 ? Libc.errno() : 0;
    if (count == 0 || (count < 0 && !Errno.EAGAIN.is(errno) && !Errno.EINTR.is(errno))) {
      finish(); // nobody holds the other end
      return;
    }
    boolean heard = true;
    for (int i = 0; i < count && heard && !ended; i++) {
      char next = (char) (message.get(i) & 0xff);
      if (next == '\n') {
        String request = line.toString();
        line.setLength(0);
        heard = say(request + ": " + signal(request));
      } else if (line.length() <= LONGEST) {
        line.append(next); // of what is longer the beginning, which names no signal either
      }
    }
    if (heard) {
      await();
    } else {
      finish();
    }
  }

  private String signal(String request) {
    var signal = named(request);
    if (signal.isEmpty()) {
      return Errno.EINVAL.name();
    }
    if (!rights.named(Right.SIGNAL).contains(signal.get().number())) {
      return Errno.EPERM.name();
    }
    try {
      return process.signal(signal.get().number()) ? "ok" : Errno.ESRCH.name();
    } catch (IOException failure) {
      LOG.log(Level.DEBUG, "a process could not be signalled", failure);
      return Errno.ESRCH.name();
    }
  }

  private static Optional<Signal> named(String request) {
    return Arrays.stream(Signal.values())
        .filter(signal -> signal.name().equals(request) || Integer.toString(signal.number()).equals(request)).findFirst();
  }

  private synchronized void tellEnd(String status) {
    if (!sockets.first().isOpen()) {
      return;
    }
    if (say(status) && Libc.shutdown(sockets.first().number(), SHUT_WR) == 0) {
      ended = true;
    } else {
      finish();
    }
  }

  /** Whether the program has room for it. */
  private boolean say(String text) {
    var bytes = (text + '\n').getBytes(StandardCharsets.ISO_8859_1);
    var memory = Libc.allocate(bytes.length).put(0, bytes);
    return Libc.write(sockets.first().number(), Libc.address(memory), bytes.length) == bytes.length; // a JVM ignores SIGPIPE
  }

  @Override
  public void drain(Duration timeout) {
    // Nothing of what the program has written is kept here.
  }

  private synchronized void finish() {
    process.close();
    try {
      reading.close();
    } catch (LinuxException failure) {
      LOG.log(Level.WARNING, "a socket is waited for that is closed", failure);
    }
    sockets.first().close();
  }

  @Override
  public synchronized void close() {
    if (!started) {
      process.close();
      sockets.close();
    }
  }
}
