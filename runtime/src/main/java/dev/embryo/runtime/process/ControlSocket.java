package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The launcher's end of a stub's control socket: sends birth programs, receives replies.
 *
 * <p>One thread at a time may send and one may receive; callers see to that.
 */
final class ControlSocket implements AutoCloseable {
  /** How long a stub may take to answer: far more than any birth needs, so that a stuck one is an error, not a hang. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final short POLLIN = 1;
  private static final ConcurrentLinkedQueue<Packet> PACKETS = new ConcurrentLinkedQueue<>(); // each is one thread's while it is not here

  private final Fd socket;
  private final Queue<Reply> early = new ArrayDeque<>(); // of the next process on this socket; used by the thread that receives

  ControlSocket(Fd socket) {
    this.socket = socket;
  }

  /** Sends a program with what it needs, in the order of its {@code descriptors()} and {@code slots()}. */
  void send(BirthProgram program, int[] descriptors, long... values) throws IOException {
    if (program.encoding().hasDataApart()) {
      try (Fd data = Memfd.of("birth", program.encoding().dataApart())) {
        var all = new int[descriptors.length + 1];
        all[0] = data.number();
        System.arraycopy(descriptors, 0, all, 1, descriptors.length);
        sendMessage(program, all, values);
      }
    } else {
      sendMessage(program, descriptors, values);
    }
  }

  private void sendMessage(BirthProgram program, int[] descriptors, long... values) throws IOException {
    var packet = borrow();
    try {
      program.encoding().writeTo(packet.payload(), values);
      packet.putDescriptors(descriptors);
      long sent;
      do {
        sent = Libc.sendmsg(socket.number(), packet.header(program.encoding().size()), MSG_NOSIGNAL);
      } while (sent == -1 && Errno.EINTR.is(Libc.errno()));
      LinuxException.check("send a birth program", sent);
    } finally {
      PACKETS.add(packet);
    }
  }

  /**
   * Waits for the stub's answer.
   *
   * @return empty at the end of file: the stub has ended, or has become its program
   */
  Optional<Reply> receive() throws IOException {
    return early.isEmpty() ? receive(PATIENCE) : Optional.of(early.remove());
  }

  /**
   * The answer of a process that ends with its program, and has made another that answers here: that one may be earlier, and has its
   * turn later.
   *
   * @param who answers, for an error
   */
  Reply receiveFarewell(String who) throws IOException {
    var reply = receiveReply(who, PATIENCE);
    while (!reply.farewell()) {
      early.add(reply);
      reply = receiveReply(who, PATIENCE);
    }
    return reply;
  }

  private Optional<Reply> receive(Duration patience) throws IOException {
    var packet = borrow();
    try {
      awaitReadable(socket, packet.small, packet.smallAddress, patience, "did not answer");
      long received;
      do {
        received = Libc.recvmsg(socket.number(), packet.headerToReceive(), MSG_CMSG_CLOEXEC);
      } while (received == -1 && isPassing(Libc.errno()));
      LinuxException.check("receive an embryo's reply", received);
      return received == 0 ? Optional.empty() : Optional.of(packet.reply((int) received));
    } finally {
      PACKETS.add(packet);
    }
  }

  /** ECONNRESET is said once, of a peer that died with a message unread, and hides what it sent before. */
  private static boolean isPassing(int errno) {
    return Errno.EINTR.is(errno) || Errno.ECONNRESET.is(errno);
  }

  /**
   * As {@link #receive()}, where the end of file is an error.
   *
   * @param who answers, for that error
   */
  Reply receiveReply(String who) throws IOException {
    return receiveReply(who, PATIENCE);
  }

  /** As {@link #receiveReply(String)}, of a stub that need not be there to answer. */
  Reply receiveReply(String who, Duration patience) throws IOException {
    return receive(patience).orElseThrow(() -> new EOFException(who + " ended without a reply"));
  }

  /**
   * Waits until a descriptor can be read, or its other end is gone.
   *
   * @param pollfd the address of a struct pollfd, which is {@code memory}'s beginning
   * @param what the embryo did not do, if it does not in that time
   */
  static void awaitReadable(Fd descriptor, ByteBuffer memory, long pollfd, Duration patience, String what) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    memory.putInt(0, descriptor.number()).putShort(4, POLLIN).putShort(6, (short) 0);
    while (true) {
      int left = (int) Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
      int ready = Libc.poll(pollfd, 1, left);
      if (ready > 0) {
        return;
      }
      if (ready == 0) {
        throw new IOException("the embryo " + what + " within " + patience.toSeconds() + " s");
      }
      int errno = Libc.errno();
      if (!Errno.EINTR.is(errno)) {
        throw new LinuxException("wait for an embryo", errno);
      }
    }
  }

  private static Packet borrow() {
    var packet = PACKETS.poll();
    return packet != null ? packet : new Packet();
  }

  @Override
  public void close() {
    early.forEach(reply -> reply.descriptors().forEach(Fd::close));
    early.clear();
    socket.close();
  }

  /**
   * Native memory for one message: a struct msghdr with its parts. Reused, since making it costs more than a call. Not thread-safe.
   */
  private static final class Packet {
    private static final int HEADER = 64; // struct pollfd at 0, then struct msghdr
    private static final int IOVEC = 128;
    private static final int CONTROL = 160;
    private static final int SMALL_BYTES = CONTROL + 16 + 4 * 256;
    private static final int CMSG_HEADER = 16;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MAX_DESCRIPTORS = 253;

    final ByteBuffer small = Libc.allocate(SMALL_BYTES);
    final long smallAddress = Libc.address(small);
    private final ByteBuffer payload = Libc.allocate(dev.embryo.runtime.birth.Encoding.MAX_MESSAGE);
    private final long payloadAddress = Libc.address(payload);
    private int controlLength;

    ByteBuffer payload() {
      return payload.clear();
    }

    void putDescriptors(int[] descriptors) throws IOException {
      if (descriptors.length > MAX_DESCRIPTORS) {
        throw new IOException(descriptors.length + " descriptors; one birth takes at most " + MAX_DESCRIPTORS);
      }
      int bytes = CMSG_HEADER + 4 * descriptors.length;
      controlLength = descriptors.length == 0 ? 0 : bytes + 7 & ~7;
      small.putLong(CONTROL, bytes).putInt(CONTROL + 8, SOL_SOCKET).putInt(CONTROL + 12, SCM_RIGHTS);
      for (int i = 0; i < descriptors.length; i++) {
        small.putInt(CONTROL + CMSG_HEADER + 4 * i, descriptors[i]);
      }
    }

    long headerToReceive() {
      controlLength = SMALL_BYTES - CONTROL;
      return header(payload.capacity());
    }

    long header(int length) {
      small.putLong(HEADER, 0).putLong(HEADER + 8, 0)
          .putLong(HEADER + 16, smallAddress + IOVEC).putLong(HEADER + 24, 1)
          .putLong(HEADER + 32, controlLength == 0 ? 0 : smallAddress + CONTROL)
          .putLong(HEADER + 40, controlLength).putLong(HEADER + 48, 0);
      small.putLong(IOVEC, payloadAddress).putLong(IOVEC + 8, length);
      return smallAddress + HEADER;
    }

    Reply reply(int length) throws IOException {
      var descriptors = new ArrayList<Fd>();
      if (small.getLong(HEADER + 40) >= CMSG_HEADER) {
        int count = (int) ((small.getLong(CONTROL) - CMSG_HEADER) / 4);
        for (int i = 0; i < count; i++) {
          descriptors.add(Fd.own(small.getInt(CONTROL + CMSG_HEADER + 4 * i)));
        }
      }
      return Reply.parse(payload.clear().limit(length), List.copyOf(descriptors));
    }
  }
}
