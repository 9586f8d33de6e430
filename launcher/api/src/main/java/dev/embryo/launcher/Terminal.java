package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.runtime.birth.JobControl;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.fd.Pty;
import dev.embryo.runtime.fd.TerminalSettings;
import dev.embryo.runtime.fd.Tty;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.process.Companion;
import dev.embryo.runtime.process.RunningProcess;
import dev.embryo.runtime.process.Signals;
import dev.embryo.runtime.process.Supplies;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The new terminal of a program that inherits the terminal of this JVM, its user's. The program holds the new one only, so
 * that no setting that it changes and nothing that it says to a terminal concerns the user's, but for what it writes.
 *
 * <p>If the program may read from it, the user's terminal is <em>taken</em> while this JVM is in the foreground: it is raw, so
 * that every key goes to the new terminal, whose line discipline makes signals of Ctrl-C, Ctrl-\ and Ctrl-Z as the program
 * has set it. It is given back when the program ends, when it is stopped, and when this JVM shuts down. It is not taken
 * from a pipeline, of which another process may be using it.
 *
 * <p>A program that is stopped stops the job to which this JVM belongs; when that goes on, so does the program.
 *
 * <p>Signals that the JVM gets are its own affair: a command hands them to {@link #relay}. Thread-safe.
 */
public final class Terminal implements Attendant {
  private static final System.Logger LOG = System.getLogger(Terminal.class.getName());
  private static final int STACK_BYTES = 128 * 1024;
  private static final int SIGINT = 2;
  private static final int SIGCONT = 18;
  private static final int SIGSTOP = 19;
  private static final int SIGTSTP = 20;
  private static final int SIGWINCH = 28;

  private final Pty pty;
  private final Fd user; // the user's terminal
  private final Fd held; // the new one, so that it lasts while the program has closed it
  private final Companion companion;
  private final TerminalRelay relay;
  private final Thread relaying;
  private final Thread watching;
  private final Thread giveBack = new Thread(this::giveBack, "embryo-terminal-give-back");
  private boolean wanted; // the program reads from it; guarded by this, as the next
  private boolean started;
  private @Nullable TerminalSettings before; // the user's settings while the terminal is taken; guarded by this
  private @Nullable RunningProcess process; // guarded by this

  private Terminal(Pty pty, Fd user, Fd held, Companion companion, TerminalRelay relay) {
    this.pty = pty;
    this.user = user;
    this.held = held;
    this.companion = companion;
    this.relay = relay;
    relaying = thread("embryo-terminal", this::copy);
    watching = thread("embryo-terminal-stops", this::watchStops);
  }

  private static Thread thread(String name, Runnable work) {
    var thread = new Thread(null, work, name, STACK_BYTES, false);
    thread.setDaemon(true);
    return thread;
  }

  /** A new terminal that begins with the settings and the size of one of this JVM. */
  static Terminal standingFor(int stream) throws IOException {
    var user = openUsers(stream);
    Pty pty = null;
    Fd held = null;
    Companion companion = null;
    try {
      pty = Pty.open();
      held = pty.terminal(Constant.O_RDWR.asInt());
      if (Tty.isForeground(user)) { // else they are those that a shell's line editor has, or another program
        Tty.settings(held, Tty.settings(user).withoutStopAtOutput());
      }
      Tty.copyWindowSize(user, pty.master());
      companion = Companion.post();
      return new Terminal(pty, user, held, companion, TerminalRelay.between(user, pty.master()));
    } catch (IOException failure) {
      user.close();
      if (pty != null) {
        pty.close();
      }
      if (held != null) {
        held.close();
      }
      if (companion != null) {
        companion.close();
      }
      throw failure;
    }
  }

  /** Not blocking, where that can be had without making it so for everybody else who has the same descriptor. */
  private static Fd openUsers(int stream) throws IOException {
    int flags = Constant.or(Constant.O_RDWR, Constant.O_NONBLOCK).asInt();
    try {
      var controlling = Fd.open("/dev/tty", flags);
      if (Tty.device(controlling.number()) == Tty.device(stream)) {
        return controlling;
      }
      controlling.close();
    } catch (IOException none) {
      LOG.log(Level.DEBUG, "this process has no controlling terminal", none);
    }
    var again = OpenFile.ifOpen(stream).flatMap(file -> file.reopen(flags));
    return again.isPresent() ? again.get() : Fd.duplicate(stream);
  }

  /** The new terminal in the place of a stream, open for no more than the slot's rights. */
  Fd open(int stream, DescriptorSlot slot) throws IOException {
    int wantedMode = Handover.accessMode(slot.rights());
    Inheritance.requireMode(OpenFile.ifOpen(stream).orElseThrow(), slot, wantedMode);
    synchronized (this) {
      wanted |= wantedMode != Constant.O_WRONLY.asInt() && !TerminalRelay.isPipeline();
    }
    return pty.terminal(wantedMode);
  }

  /** Supplies what the birth of a program on a terminal needs. */
  void supply(Supplies supplies) {
    supplies.descriptor(JobControl.TERMINAL, held);
    companion.supply(supplies);
  }

  /** Whose terminal it is, before {@link #start}. */
  synchronized void controls(RunningProcess born) {
    process = born;
    companion.born();
    born.whenGone(this::programGone);
  }

  /** What was written is still there to be read; then there is no more. */
  private void programGone() {
    held.close();
    companion.close();
  }

  @Override
  public void start() {
    synchronized (this) {
      started = true;
      Runtime.getRuntime().addShutdownHook(giveBack);
    }
    take();
    relaying.start();
    watching.start();
  }

  /** Takes the user's terminal, if the program wants it and this process is in the foreground. */
  private synchronized void take() {
    try {
      if (wanted && before == null && Tty.isForeground(user)) {
        var found = Tty.settings(user);
        Tty.settings(user, found.raw());
        before = found;
        Tty.copyWindowSize(user, pty.master());
        relay.read(true);
      }
    } catch (IOException failure) {
      LOG.log(Level.DEBUG, "the terminal cannot be taken", failure); // it is gone, which the relay learns too
    }
  }

  /** Gives the user's terminal back as it was. */
  private synchronized void giveBack() {
    relay.read(false);
    var found = before;
    before = null;
    try {
      if (found != null && Tty.isForeground(user)) {
        Tty.settings(user, found);
      }
    } catch (IOException failure) {
      LOG.log(Level.DEBUG, "the terminal cannot be given back", failure);
    }
  }

  private void copy() {
    try {
      relay.run(this::takeLater);
    } finally {
      giveBack();
      pty.close(); // if the user's terminal has gone, the program's hangs up
      try {
        Runtime.getRuntime().removeShutdownHook(giveBack);
      } catch (IllegalStateException shuttingDown) {
        LOG.log(Level.DEBUG, "this JVM is shutting down", shuttingDown);
      }
      synchronized (this) {
        user.close();
      }
    }
  }

  /** Nothing tells a process that it has come to the foreground, unless it tries to read. True if there is no need to ask again. */
  private synchronized boolean takeLater() {
    take();
    return !wanted || before != null;
  }

  private void watchStops() {
    RunningProcess program;
    synchronized (this) {
      program = process;
    }
    try {
      for (int signal = stop(program); signal != 0; signal = stop(program)) {
        giveBack();
        Signals.stopThisJob(signal == SIGSTOP ? SIGTSTP : signal);
        take();
        relay.wake();
        if (program != null) {
          program.signalGroup(SIGCONT);
        }
      }
    } catch (IOException failure) {
      LOG.log(Level.WARNING, "it is not seen any more when the program is stopped", failure);
    }
  }

  private static int stop(@Nullable RunningProcess program) throws IOException {
    return program == null ? 0 : program.awaitStop();
  }

  /**
   * Does what a signal means that this process got: a change of the window's size is handed to the new terminal, the
   * interrupt and the stop go to the program's process group, as from a terminal, and when this process was continued, the
   * terminal is taken anew. All others go to the program.
   */
  public void relay(int signal) throws IOException {
    RunningProcess program;
    synchronized (this) {
      program = process;
    }
    if (program == null) {
      return;
    }
    switch (signal) {
      case SIGWINCH -> resize();
      case SIGCONT -> continued();
      case SIGINT, SIGTSTP -> program.signalGroup(signal);
      default -> program.signal(signal);
    }
  }

  private synchronized void resize() throws IOException {
    if (pty.master().isOpen() && user.isOpen()) {
      Tty.copyWindowSize(user, pty.master());
    }
  }

  /** Whoever had the terminal meanwhile may have changed it, and its settings before are what they were. */
  private synchronized void continued() throws IOException {
    var found = before;
    if (found != null && user.isOpen() && Tty.isForeground(user)) {
      Tty.settings(user, found.raw());
      resize();
    } else if (found != null) {
      before = null;
      relay.read(false);
    }
  }

  @Override
  public void drain(Duration timeout) throws InterruptedException {
    relaying.join(Math.max(1, TimeUnit.MILLISECONDS.convert(timeout)));
  }

  /** Closes what was never started. */
  @Override
  public synchronized void close() {
    if (!started) {
      held.close();
      companion.close();
      pty.close();
      user.close();
      relay.close();
    }
  }
}
