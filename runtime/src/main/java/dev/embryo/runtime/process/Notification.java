package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.SeccompData;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A system call that waits for its answer; see seccomp_unotify(2). Used by the thread that answers it, and not after that.
 *
 * <p>What it points to can be looked at, and is what the program says: it may be anything, and other threads of the program
 * may change it meanwhile. It is good for telling people, and for no decision.
 */
public final class Notification {
  private static final long ID_VALID = 0x8008_2102L; // SECCOMP_IOCTL_NOTIF_ID_VALID; before 5.8 the only number, and still one
  private static final int PAGE = 4096;
  private static final int IOVEC_BYTES = 16;

  private final Fd listener;
  private final long id;
  private final int pid;
  private final SeccompData call;

  Notification(Fd listener, long id, int pid, SeccompData call) {
    this.listener = listener;
    this.id = id;
    this.pid = pid;
    this.call = call;
  }

  /** The call and its arguments. */
  public SeccompData call() {
    return call;
  }

  /** The thread that made it, as this JVM sees it. */
  public int thread() {
    return pid;
  }

  /**
   * The bytes at an address of the program, up to the first NUL.
   *
   * @param most how many bytes to look at, at most
   * @return empty if there is nothing, if this user may not look, or if the call is not waiting any more
   */
  public Optional<byte[]> text(long address, int most) {
    var found = new ByteArrayOutputStream();
    var local = Libc.allocate(PAGE);
    var vectors = Libc.allocate(2 * IOVEC_BYTES);
    boolean ended = false;
    while (!ended && found.size() < most) {
      long from = address + found.size();
      int length = (int) Math.min(most - found.size(), PAGE - Math.floorMod(from, PAGE));
      vectors.putLong(0, Libc.address(local)).putLong(8, length);
      vectors.putLong(IOVEC_BYTES, from).putLong(IOVEC_BYTES + 8, length);
      long read = Libc.syscall(SystemCalls.number("process_vm_readv"), pid, Libc.address(vectors), 1,
          Libc.address(vectors) + IOVEC_BYTES, 1, 0);
      if (read <= 0) {
        return Optional.empty();
      }
      for (int i = 0; i < read && !ended; i++) {
        ended = local.get(i) == 0;
        if (!ended) {
          found.write(local.get(i));
        }
      }
    }
    return isWaiting() ? Optional.of(found.toByteArray()) : Optional.empty(); // else the pid may be another's by now
  }

  private boolean isWaiting() {
    ByteBuffer cookie = Libc.allocate(Long.BYTES);
    cookie.putLong(0, id);
    return Libc.ioctl(listener.number(), ID_VALID, Libc.address(cookie)) == 0;
  }
}
