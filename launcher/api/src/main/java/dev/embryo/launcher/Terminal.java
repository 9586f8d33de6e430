package dev.embryo.launcher;

import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.runtime.birth.JobControl;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.fd.Pty;
import dev.embryo.runtime.fd.Tty;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.process.Company;
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
 * <p>A program that may read from it is either in front or not. In front, it is in the foreground of the new terminal, and the
 * user's is <em>taken</em>: raw, so that every key goes to the new one, whose line discipline makes signals of Ctrl-C, Ctrl-\ and
 * Ctrl-Z as the program has set it. Else it is in the background of the new terminal, and the user's is as it was. The kernel
 * stops a program in the background that wants to read or to change settings; if this JVM is in the foreground of the user's
 * terminal then, the program comes to the front and goes on. So it begins in a pipeline, where others may read from the
 * terminal too, and where this JVM itself is in the background.
 *
 * <p>A program that is stopped otherwise stops the job to which this JVM belongs; when that goes on, so does the program.
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
  private static final int SIGTTIN = 21;
  private static final int SIGTTOU = 22;
  private static final int SIGWINCH = 28;

  private final Pty pty;
  private final UserTerminal user; // guarded by this
  private final Fd held; // the new one, so that it lasts while the program has closed it
  private final TerminalRelay relay;
  private final Thread relaying;
  private final Thread watching;
  private final Thread giveBack = new Thread(this::giveBack, "embryo-terminal-give-back");
  private final boolean pipeline;
  private boolean wanted; // the program may read from it; guarded by this, as all that follow
  private boolean started;
  private boolean stopping; // the job is, or is about to be
  private boolean inFront;
  private @Nullable Company company;
  private @Nullable RunningProcess process;

  private Terminal(Pty pty, UserTerminal user, Fd held, TerminalRelay relay, boolean pipeline) {
    this.pty = pty;
    this.user = user;
    this.held = held;
    this.relay = relay;
    this.pipeline = pipeline;
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
    var user = UserTerminal.of(stream);
    Pty pty = null;
    Fd held = null;
    try {
      pty = Pty.open();
      held = pty.terminal(Constant.O_RDWR.asInt());
      if (user.isForeground()) { // else they are those that a shell's line editor has, or another program
        Tty.settings(held, Tty.settings(user.descriptor()).withoutStopAtOutput());
      }
      Tty.copyWindowSize(user.descriptor(), pty.master());
      return new Terminal(pty, user, held, TerminalRelay.between(user.descriptor(), pty.master()), isPipeline());
    } catch (IOException failure) {
      user.close();
      if (pty != null) {
        pty.close();
      }
      if (held != null) {
        held.close();
      }
      throw failure;
    }
  }

  /** Whether a standard stream of this JVM is a pipe or a socket, behind which another process may use the terminal. */
  private static boolean isPipeline() throws IOException {
    for (int stream = Provisions.STDIN; stream <= Provisions.STDERR; stream++) {
      var file = OpenFile.ifOpen(stream);
      if (file.isPresent() && file.get().isPipe()) {
        return true;
      }
    }
    return false;
  }

  /** The new terminal in the place of a stream, open for no more than the slot's rights. */
  Fd open(int stream, DescriptorSlot slot) throws IOException {
    int wantedMode = Handover.accessMode(slot.rights());
    Inheritance.requireMode(OpenFile.ifOpen(stream).orElseThrow(), slot, wantedMode);
    synchronized (this) {
      wanted |= wantedMode != Constant.O_WRONLY.asInt();
    }
    return pty.terminal(wantedMode);
  }

  /** Supplies what the birth of a program on a terminal needs, when all is {@linkplain #open open}. */
  synchronized void supply(Supplies supplies, JobControl jobControl) throws IOException {
    inFront = !wanted || (!pipeline && user.isForeground());
    var posted = Company.post(jobControl, held, !inFront);
    company = posted;
    supplies.descriptor(JobControl.TERMINAL, held);
    posted.supply(supplies);
  }

  /**
   * The birth is over, either way.
   *
   * @throws IOException if it has failed for what the company could not do
   */
  synchronized void born() throws IOException {
    if (company != null) {
      company.born();
    }
  }

  /** Whose terminal it is, before {@link #start}. */
  synchronized void controls(RunningProcess running) {
    process = running;
    running.whenGone(this::programGone);
  }

  /**
   * What was written is still there to be read; then there is no more. Both in one turn: who comes to the front hands {@link #held} to
   * the company.
   */
  private synchronized void programGone() {
    leave();
    held.close();
  }

  /** From now on the kernel stops the program no more: nobody could continue it. A stopped one is hung up. */
  private synchronized void leave() {
    if (company != null) {
      company.close();
      company = null;
    }
  }

  @Override
  public void start() {
    synchronized (this) {
      started = true;
      Runtime.getRuntime().addShutdownHook(giveBack);
      if (wanted && inFront && !comeToFront()) {
        goBack();
      }
    }
    relaying.start();
    watching.start();
  }

  /** Takes the user's terminal, if this JVM is in its foreground, and puts the program into the foreground of its own. */
  private synchronized boolean comeToFront() {
    try {
      if (!wanted || !user.isForeground()) {
        return false;
      }
      user.take(pipeline);
      Tty.copyWindowSize(user.descriptor(), pty.master());
      foreground(true);
      relay.read(true);
      return true;
    } catch (IOException failure) {
      LOG.log(Level.DEBUG, "the terminal cannot be taken", failure); // it is gone, which the relay learns too
      return false;
    }
  }

  /** Gives the user's terminal back, and puts the program into the background of its own. */
  private synchronized void goBack() {
    giveBack();
    if (wanted) {
      foreground(false);
    }
  }

  private synchronized void giveBack() {
    relay.read(false);
    user.giveBack();
  }

  private synchronized void foreground(boolean program) {
    if (inFront != program && company != null) {
      company.foreground(program, held);
    }
    inFront = program;
  }

  private void copy() {
    try {
      relay.run(this::mayRead, this::isSettled);
    } finally {
      synchronized (this) { // whose size is copied when the window's changes, or the program comes to the front
        giveBack();
        pty.close(); // if the user's terminal has gone, the program's hangs up
        user.close();
      }
      try {
        Runtime.getRuntime().removeShutdownHook(giveBack);
      } catch (IllegalStateException shuttingDown) {
        LOG.log(Level.DEBUG, "this JVM is shutting down", shuttingDown);
      }
    }
  }

  /** A shell that has stopped this JVM, and continued it in the background, has the terminal. To read would stop it again. */
  private synchronized boolean mayRead() {
    if (user.isTaken() && !user.isForeground()) {
      goBack();
    }
    return user.isTaken();
  }

  /** Nothing tells a process that it has come to the foreground. True if there is no need to ask again. */
  private synchronized boolean isSettled() {
    if (!user.isTaken() && !pipeline && !stopping) {
      comeToFront();
    }
    return !wanted || pipeline || user.isTaken();
  }

  private void watchStops() {
    RunningProcess program;
    synchronized (this) {
      program = process;
    }
    try {
      for (int signal = stop(program); signal != 0; signal = stop(program)) {
        if (!asksForFront(signal) || !comeToFront()) {
          stopThisJob(signal);
        }
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

  /** A program that is in front is not stopped by its terminal like this, but by others. */
  private synchronized boolean asksForFront(int signal) {
    return !inFront && isForFront(signal);
  }

  private static boolean isForFront(int signal) {
    return signal == SIGTTIN || signal == SIGTTOU;
  }

  private void stopThisJob(int signal) throws IOException {
    synchronized (this) {
      stopping = true;
      goBack();
    }
    if (Signals.canBeContinued()) {
      Signals.stopThisJob(signal == SIGSTOP ? SIGTSTP : signal);
    } else if (isForFront(signal)) {
      leave(); // or it would be stopped again at once, and again
    }
    synchronized (this) {
      stopping = false;
      if (!pipeline || isForFront(signal)) {
        comeToFront();
      }
    }
    relay.wake();
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
      case SIGWINCH -> resize(program);
      case SIGCONT -> continued();
      case SIGINT, SIGTSTP -> program.signalGroup(signal);
      default -> program.signal(signal);
    }
  }

  /** The new terminal tells its foreground. */
  private synchronized void resize(RunningProcess program) throws IOException {
    if (pty.master().isOpen() && user.descriptor().isOpen()) {
      Tty.copyWindowSize(user.descriptor(), pty.master());
      if (!inFront) {
        program.signalGroup(SIGWINCH);
      }
    }
  }

  /** Whoever had the terminal meanwhile may have changed it, and its settings before are what they were. */
  private synchronized void continued() {
    if (mayRead()) {
      comeToFront();
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
      leave();
      pty.close();
      user.close();
      relay.close();
    }
  }
}
