package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.Reactor;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A guard that epoll refuses, as for want of memory or watches: whoever ends the launch is alone with the program's process. */
@ExtendWith(NothingLeftBehind.class)
@Timeout(60)
class UnwatchedGuardTest {
  private static final int TIMES = 20;

  /** A process that ends with its socket, and a guard that is a file, which epoll does not take (EPERM). */
  private record Launch(Fd socket, Child program, Child guard, RunningProcess process) implements AutoCloseable {
    static Launch begin() throws IOException {
      var sockets = FdPair.packets();
      try (Fd theirs = sockets.second()) {
        int pid = NativeStub.spawn(theirs);
        long pidfd = LinuxException.check("open a pidfd", Libc.syscall(SystemCalls.number("pidfd_open"), pid, 0, 0, 0, 0, 0));
        var program = new Child(pid, Fd.own((int) pidfd));
        var guard = new Child(pid, Fd.open("/etc/passwd", 0));
        return new Launch(sockets.first(), program, guard,
            new RunningProcess(program, Optional.of(guard), Optional.empty(), Optional.empty(), true));
      }
    }

    void watchInVain() {
      assertThatThrownBy(process::watch).isInstanceOfSatisfying(LinuxException.class,
          failure -> assertThat(Errno.EPERM.is(failure.errno())).isTrue());
    }

    void endProgram() throws IOException {
      socket.close();
      var pollfd = Libc.allocate(8);
      ControlSocket.awaitReadable(program.pidfd(), pollfd, Libc.address(pollfd), Duration.ofSeconds(30), "did not end");
    }

    @Override
    public void close() throws IOException {
      socket.close();
      if (program.pidfd().isOpen()) {
        program.end();
      }
      guard.close();
    }
  }

  /** The reactor has then seen all that was there to be seen. */
  private static void awaitReactor() throws InterruptedException {
    for (int turn = 0; turn < 2; turn++) {
      var passed = new CountDownLatch(1);
      Reactor.shared().after(Duration.ZERO, passed::countDown);
      passed.await();
    }
  }

  @RepeatedTest(TIMES)
  void theStatusOfAProgramIsThenItsAlone() throws Exception {
    try (var launch = Launch.begin()) {
      launch.watchInVain();
      launch.endProgram();
      awaitReactor();

      assertThat(launch.process().isAlive()).as("nobody else took its status").isTrue();
      assertThat(launch.program().end()).contains(new ExitStatus(0, 0, false));
    }
  }

  /** The reactor may have seen that before, and then it is done with it. */
  @RepeatedTest(TIMES)
  void aProgramThatHasEndedMeanwhileIsTakenByOneOfBoth() throws Exception {
    try (var launch = Launch.begin()) {
      launch.endProgram();
      launch.watchInVain();

      boolean taken = !launch.program().pidfd().isOpen();
      assertThat(launch.process().isAlive()).isEqualTo(!taken);
      awaitReactor();
      assertThat(launch.program().pidfd().isOpen()).isEqualTo(!taken);
    }
  }
}
