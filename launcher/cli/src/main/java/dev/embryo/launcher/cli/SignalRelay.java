package dev.embryo.launcher.cli;

import dev.embryo.launcher.SandboxedProcess;
import dev.embryo.runtime.process.Signals;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Hands signals that the launcher gets on to the program, each once. A terminal sends Ctrl-C to the launcher only, since
 * the program is in a session of its own. What arrives before the program is there is kept for it.
 *
 * <p>A program that runs on a terminal of its own gets them as {@link dev.embryo.launcher.Terminal#relay} says. Else three
 * signals are special. TSTP (Ctrl-Z) would have no effect on a process without a job-controlling parent in its
 * session, so the program is stopped by STOP, and the launcher with it; CONT wakes both. QUIT (Ctrl-\) cannot be handled
 * in a JVM, which prints its threads into the program's output instead; it gets back its default, which ends the launcher
 * and with it the program. A signal that was ignored when the launcher began, as under nohup(1), stays ignored.
 */
final class SignalRelay {
  private static final List<String> RELAYED = List.of("HUP", "INT", "TERM", "USR1", "USR2", "WINCH", "CONT");
  private static final String STOP_KEY = "TSTP";
  private static final int SIGQUIT = 3;
  private static final int SIGSTOP = 19;
  private static final int SIGTSTP = 20;

  private final Queue<Integer> early = new ArrayDeque<>(); // guarded by this
  private @Nullable SandboxedProcess program; // guarded by this

  private SignalRelay() {}

  /** Begins to collect signals. */
  static SignalRelay begin() {
    var relay = new SignalRelay();
    RELAYED.forEach(name -> relay.handle(name, signal -> relay.pass(signal.getNumber())));
    relay.handle(STOP_KEY, signal -> relay.pass(SIGTSTP));
    return relay;
  }

  /** Gives QUIT back its default. It takes native code, so it is not for the thread that begins. */
  static void leaveQuit() throws IOException {
    Signals.restoreDefault(SIGQUIT);
  }

  private void handle(String name, SignalHandler handler) {
    var signal = new Signal(name);
    if (Signal.handle(signal, handler) == SignalHandler.SIG_IGN) {
      Signal.handle(signal, SignalHandler.SIG_IGN);
    }
  }

  /** Delivers what was collected, and from now on everything as it comes. */
  synchronized void deliverTo(SandboxedProcess born) {
    program = born;
    early.forEach(signal -> send(born, signal));
    early.clear();
  }

  private synchronized void pass(int signal) {
    if (program == null) {
      early.add(signal);
    } else {
      send(program, signal);
    }
  }

  private static void send(SandboxedProcess program, int signal) {
    try {
      if (program.terminal().isPresent()) {
        program.terminal().get().relay(signal);
      } else if (signal == SIGTSTP) {
        program.signal(SIGSTOP);
        Signals.stopThisProcess();
      } else {
        program.signal(signal);
      }
    } catch (IOException failure) {
      System.getLogger(SignalRelay.class.getName()).log(Level.WARNING, "a signal was not delivered", failure);
    }
  }
}
