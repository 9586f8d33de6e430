package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.util.Optional;

/** The native stub, with a control socket into which a test puts whatever bytes it likes. */
final class RawStub implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 30_000;
  private static final int MSG_NOSIGNAL = 0x4000;

  private final Fd socket;
  private final ControlSocket control;
  private final Child child;

  private RawStub(Fd socket, Child child) {
    this.socket = socket;
    this.control = new ControlSocket(socket);
    this.child = child;
  }

  static RawStub start() throws IOException {
    var sockets = FdPair.packets();
    try (Fd theirs = sockets.second()) {
      int pid = NativeStub.spawn(theirs);
      long pidfd = Libc.syscall(SystemCalls.number("pidfd_open"), pid, 0, 0, 0, 0, 0);
      return new RawStub(sockets.first(), new Child(pid, Fd.own((int) LinuxException.check("open a pidfd", pidfd))));
    }
  }

  void send(byte[] message, Fd... descriptors) throws IOException {
    int rights = descriptors.length == 0 ? 0 : 16 + 4 * descriptors.length;
    var memory = Libc.allocate(72 + 16 + (rights + 7 & ~7) + message.length);
    long header = Libc.address(memory);
    int data = memory.capacity() - message.length;
    memory.put(data, message);
    memory.putLong(16, header + 56).putLong(24, 1).putLong(56, header + data).putLong(64, message.length);
    if (rights > 0) {
      memory.putLong(32, header + 72).putLong(40, rights + 7 & ~7);
      memory.putLong(72, rights).putInt(80, 1).putInt(84, 1);
      for (int i = 0; i < descriptors.length; i++) {
        memory.putInt(88 + 4 * i, descriptors[i].number());
      }
    }
    LinuxException.check("send a message", Libc.sendmsg(socket.number(), header, MSG_NOSIGNAL));
  }

  /** Executes a program that is well-formed. */
  Reply run(Fragment fragment, Supplies supplies) throws IOException {
    var program = BirthProgram.builder();
    fragment.addTo(program);
    var built = program.buildSurvivingFailure();
    control.send(built, supplies.descriptorsFor(built), supplies.valuesFor(built));
    return control.receiveReply("it");
  }

  Optional<Reply> receive() throws IOException {
    assertThat(becomesReadable(socket)).as("the stub answers or ends").isTrue();
    return control.receive();
  }

  /** How it ends; it is not killed for that. */
  ExitStatus end() throws IOException {
    assertThat(becomesReadable(child.pidfd())).as("the stub ends").isTrue();
    return child.reap().orElseThrow();
  }

  private static boolean becomesReadable(Fd descriptor) {
    var poll = Libc.allocate(8);
    poll.putInt(0, descriptor.number()).putShort(4, (short) 1);
    return Libc.poll(Libc.address(poll), 1, PATIENCE_MILLIS) == 1;
  }

  @Override
  public void close() throws IOException {
    control.close();
    child.end();
  }
}
