package dev.embryo.launcher.cli;

import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Gets native code ready while the policy is read: each takes as long as the other, and neither needs the other. Used by one
 * thread, besides its own.
 */
final class HeadStart {
  private final FutureTask<@Nullable Void> work = new FutureTask<>(HeadStart::prepare);

  private HeadStart() {}

  static HeadStart begin() {
    var headStart = new HeadStart();
    var thread = new Thread(headStart.work, "embryo-head-start");
    thread.setDaemon(true);
    thread.start();
    return headStart;
  }

  private static @Nullable Void prepare() throws IOException {
    SignalRelay.leaveQuit();
    Sandbox.prepare();
    return null;
  }

  /**
   * Waits until all is ready.
   *
   * @throws IOException if something cannot be made ready
   */
  void await() throws IOException, InterruptedException {
    try {
      work.get();
    } catch (ExecutionException failure) {
      throw failure.getCause() instanceof IOException cause ? cause : new IOException(failure.getCause());
    }
  }
}
