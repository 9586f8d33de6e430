package dev.embryo.runtime.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.process.NothingLeftBehind;
import java.io.File;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NothingLeftBehind.class)
class PipeStreamTest {
  private static final int BYTES = 100 << 20;

  private record Streams(PipeInputStream in, PipeOutputStream out) implements AutoCloseable {
    static Streams open() throws IOException {
      var pipe = FdPair.pipe();
      return new Streams(new PipeInputStream(pipe.first()), new PipeOutputStream(pipe.second()));
    }

    @Override
    public void close() throws IOException {
      in.close();
      out.close();
    }
  }

  @Test
  void aHundredMegabytesArriveAsTheyWereSent() throws Exception {
    try (var pipe = Streams.open()) {
      var sent = new CRC32();
      var writer = CompletableFuture.runAsync(() -> send(pipe.out(), sent));
      var received = new CRC32();
      var buffer = new byte[1 << 20];
      long total = 0;
      for (int some; (some = pipe.in().read(buffer)) >= 0; total += some) {
        received.update(buffer, 0, some);
      }
      writer.get();
      assertThat(total).isEqualTo(BYTES);
      assertThat(received.getValue()).isEqualTo(sent.getValue());
    }
  }

  private static void send(PipeOutputStream out, CRC32 sum) {
    var block = new byte[1 << 20];
    new Random(1).nextBytes(block);
    try (out) {
      for (int i = 0; i < BYTES / block.length; i++) {
        block[i] = (byte) i;
        sum.update(block);
        out.write(block);
      }
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void singleBytesAreUnsigned() throws Exception {
    try (var pipe = Streams.open()) {
      pipe.out().write(0xff);
      pipe.out().write(0);
      assertThat(pipe.in().read()).isEqualTo(0xff);
      assertThat(pipe.in().read()).isZero();
      pipe.out().close();
      assertThat(pipe.in().read()).isEqualTo(-1);
      assertThat(pipe.in().read(new byte[0])).isZero();
    }
  }

  @Test
  void availableIsWhatThePipeHolds() throws Exception {
    try (var pipe = Streams.open()) {
      assertThat(pipe.in().available()).isZero();
      pipe.out().write(new byte[1234]);
      assertThat(pipe.in().available()).isEqualTo(1234);
      pipe.in().close();
      assertThatThrownBy(pipe.in()::available).isInstanceOf(ClosedChannelException.class);
    }
  }

  @Test
  void closingWakesABlockedReader() throws Exception {
    try (var pipe = Streams.open()) {
      var reader = Blocked.in(pipe.in()::read);
      pipe.in().close();
      assertThat(reader.failure()).isInstanceOf(AsynchronousCloseException.class);
    }
  }

  @Test
  void closingWakesABlockedWriter() throws Exception {
    try (var pipe = Streams.open()) {
      var writer = Blocked.in(() -> pipe.out().write(new byte[1 << 20]));
      pipe.out().close();
      assertThat(writer.failure()).isInstanceOf(ClosedChannelException.class);
    }
  }

  @Test
  void anInterruptWakesABlockedReader() throws Exception {
    try (var pipe = Streams.open()) {
      var reader = Blocked.in(pipe.in()::read);
      reader.thread.interrupt();
      assertThat(reader.failure()).isInstanceOf(ClosedByInterruptException.class);
    }
  }

  @Test
  void anInterruptWakesABlockedWriterAndClosesItsStream() throws Exception {
    try (var pipe = Streams.open()) {
      var writer = Blocked.in(() -> pipe.out().write(new byte[1 << 20]));
      writer.thread.interrupt();
      assertThat(writer.failure()).isInstanceOf(ClosedByInterruptException.class);
      assertThat(pipe.in().readAllBytes()).as("what was written before").hasSize(1 << 16);
    }
  }

  @Test
  void aReaderThatWaitsForAnotherIsInterruptibleToo() throws Exception {
    try (var pipe = Streams.open()) {
      var first = Blocked.in(pipe.in()::read);
      var second = new Thread(() -> assertThatThrownBy(pipe.in()::read).isInstanceOf(ClosedByInterruptException.class));
      second.start();
      second.interrupt();
      second.join();
      assertThat(first.failure()).as("of the stream that is closed now").isInstanceOf(AsynchronousCloseException.class);
    }
  }

  @Test
  void writingWithoutAReaderIsAnError() throws Exception {
    try (var pipe = Streams.open()) {
      pipe.in().close();
      assertThatThrownBy(() -> pipe.out().write(1)).hasMessage("write to a pipe: EPIPE (broken pipe)");
    }
  }

  @Test
  void aStreamWhoseDescriptorWasClosedByOthersCanBeClosed() throws Exception {
    try (var pipe = FdPair.pipe(); var in = new PipeInputStream(pipe.first())) {
      var reader = Blocked.in(in::read);
      pipe.second().close();
      assertThat(reader.failure()).as("it was waited for").isNull();
      pipe.first().close();
    }
  }

  @Test
  void aReaderThatGoesAwayWakesABlockedWriter() throws Exception {
    try (var pipe = Streams.open()) {
      var writer = Blocked.in(() -> pipe.out().write(new byte[1 << 20]));
      pipe.in().close();
      assertThat(writer.failure()).hasMessage("write to a pipe: EPIPE (broken pipe)");
    }
  }

  @Test
  void settlingKeepsWhatIsInThePipeAndNeedsItsDescriptorNoMore() throws Exception {
    try (var pipe = Streams.open()) {
      pipe.out().write(new byte[] {1, 2, 3});
      pipe.in().settle();
      assertThat(pipe.in().available()).isEqualTo(3);
      pipe.out().write(4);
      pipe.out().close();
      int descriptors = descriptors();
      pipe.in().settle();
      assertThat(descriptors()).isEqualTo(descriptors - 1);
      assertThat(pipe.in().available()).isEqualTo(4);
      assertThat(pipe.in().readAllBytes()).containsExactly(1, 2, 3, 4);
      assertThat(pipe.in().read()).isEqualTo(-1);
      pipe.in().close();
      assertThatThrownBy(pipe.in()::read).isInstanceOf(ClosedChannelException.class);
    }
  }

  @Test
  void settlingWakesABlockedReader() throws Exception {
    try (var pipe = Streams.open()) {
      var reader = Blocked.in(() -> assertThat(pipe.in().read()).isEqualTo(-1));
      pipe.out().close();
      pipe.in().settle();
      assertThat(reader.failure()).isNull();
    }
  }

  @Test
  void anOutputSettlesWhenItsReadersAreGoneAndNotBefore() throws Exception {
    try (var pipe = Streams.open()) {
      pipe.out().settle();
      pipe.out().write(1);
      pipe.in().close();
      int descriptors = descriptors();
      pipe.out().settle();
      assertThat(descriptors()).isEqualTo(descriptors - 1);
      assertThatThrownBy(() -> pipe.out().write(1)).hasMessage("write to a pipe: EPIPE (broken pipe)");
    }
  }

  private static int descriptors() {
    return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
  }

  @Test
  void whatIsNoPipeIsClosedAndRefused() throws Exception {
    var sockets = FdPair.packets();
    try (sockets) {
      assertThatThrownBy(() -> new PipeInputStream(sockets.first())).isInstanceOf(IOException.class);
      assertThat(sockets.first().isOpen()).isFalse();
      assertThatThrownBy(() -> new PipeOutputStream(Fd.open("/", Constant.O_PATH.asInt())))
          .isInstanceOf(IOException.class);
    }
  }

  private interface Call {
    void run() throws IOException;
  }

  /** A thread that waits for the reactor, as its stack shows. */
  private static final class Blocked {
    final Thread thread;
    final AtomicReference<Exception> failure = new AtomicReference<>();

    private Blocked(Call call) {
      thread = new Thread(() -> {
        try {
          call.run();
        } catch (IOException woken) {
          failure.set(woken);
        }
      });
    }

    static Blocked in(Call call) throws InterruptedException {
      var blocked = new Blocked(call);
      blocked.thread.start();
      while (!isWaiting(blocked.thread)) {
        Thread.onSpinWait();
      }
      return blocked;
    }

    private static boolean isWaiting(Thread thread) {
      return thread.getState() == Thread.State.WAITING
          && Stream.of(thread.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals("await")
              && frame.getClassName().equals(PipeEnd.class.getName()));
    }

    Exception failure() throws InterruptedException {
      thread.join();
      return failure.get();
    }
  }
}
