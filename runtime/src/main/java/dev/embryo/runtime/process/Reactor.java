package dev.embryo.runtime.process;

import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One thread that waits for all descriptors and deadlines at once: no child needs a thread of its own.
 *
 * <p>Actions run on the reactor's thread and must not block; code of users never runs there. Thread-safe.
 */
final class Reactor {
  private static final System.Logger LOG = System.getLogger(Reactor.class.getName());
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLLIN = 1;
  private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
  private static final int MAX_EVENTS = 64;
  // struct epoll_event is packed on x86-64 only
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
  private static final int EVENT_BYTES = PACKED ? 12 : 16;
  private static final int EVENT_DATA = PACKED ? 4 : 8;
  private static final long WAKE_UP = 0;

  private record Watch(Fd descriptor, Runnable action) {}

  private record Deadline(long nanoTime, Runnable action) {}

  private static final class Shared {
    static final Reactor INSTANCE = start();

    private static Reactor start() {
      try {
        return new Reactor();
      } catch (LinuxException failure) {
        throw new ExceptionInInitializerError(failure);
      }
    }
  }

  private final Fd epoll;
  private final Fd wakeUp;
  private final Map<Long, Watch> watches = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong();
  private final PriorityQueue<Deadline> deadlines =
      new PriorityQueue<>((a, b) -> Long.signum(a.nanoTime() - b.nanoTime())); // guarded by itself

  private Reactor() throws LinuxException {
    epoll = Fd.own(LinuxException.check("make an epoll instance", Libc.epoll_create1(EPOLL_CLOEXEC)));
    wakeUp = Fd.own(LinuxException.check("make an eventfd", Libc.eventfd(0, EFD_CLOEXEC_NONBLOCK)));
    control(EPOLL_CTL_ADD, wakeUp, WAKE_UP);
    var thread = new Thread(null, this::run, "embryo-reactor", 256 * 1024, false);
    thread.setDaemon(true);
    thread.start();
  }

  /** The JVM's reactor, started when it is first needed. */
  static Reactor shared() {
    return Shared.INSTANCE;
  }

  /** Runs an action once, when the descriptor becomes readable. The descriptor has to stay open until then. */
  void whenReadable(Fd descriptor, Runnable action) throws LinuxException {
    long id = lastId.incrementAndGet();
    watches.put(id, new Watch(descriptor, action));
    try {
      control(EPOLL_CTL_ADD, descriptor, id);
    } catch (LinuxException failure) {
      watches.remove(id);
      throw failure;
    }
  }

  /** Runs an action at a time of {@link System#nanoTime()}, unless it is cancelled before. */
  Runnable at(long nanoTime, Runnable action) {
    var deadline = new Deadline(nanoTime, action);
    synchronized (deadlines) {
      deadlines.add(deadline);
    }
    wake();
    return () -> {
      synchronized (deadlines) {
        deadlines.remove(deadline);
      }
    };
  }

  private void wake() {
    var one = Libc.allocate(8);
    one.putLong(0, 1);
    Libc.write(wakeUp.number(), Libc.address(one), 8);
  }

  private void control(int operation, Fd descriptor, long id) throws LinuxException {
    var event = Libc.allocate(16);
    event.putInt(0, EPOLLIN).putLong(EVENT_DATA, id);
    LinuxException.check("watch descriptor " + descriptor.number(),
        Libc.epoll_ctl(epoll.number(), operation, descriptor.number(), Libc.address(event)));
  }

  private void run() {
    var events = Libc.allocate(EVENT_BYTES * MAX_EVENTS);
    long address = Libc.address(events);
    while (true) {
      int count = Libc.epoll_wait(epoll.number(), address, MAX_EVENTS, millisToNextDeadline());
      if (count == -1 && !Errno.EINTR.is(Libc.errno())) {
        LOG.log(Level.ERROR, "the reactor cannot wait: " + Errno.describe(Libc.errno()));
        return;
      }
      for (int i = 0; i < count; i++) {
        dispatch(events.getLong(EVENT_BYTES * i + EVENT_DATA));
      }
      runDueDeadlines();
    }
  }

  private void dispatch(long id) {
    if (id == WAKE_UP) {
      var counter = Libc.allocate(8);
      Libc.read(wakeUp.number(), Libc.address(counter), 8);
      return;
    }
    var watch = watches.remove(id);
    if (watch == null) {
      return;
    }
    try {
      control(EPOLL_CTL_DEL, watch.descriptor(), id);
      watch.action().run();
    } catch (LinuxException | RuntimeException failure) {
      LOG.log(Level.ERROR, "an action of the reactor failed", failure);
    }
  }

  private int millisToNextDeadline() {
    synchronized (deadlines) {
      var next = deadlines.peek();
      if (next == null) {
        return -1;
      }
      long nanos = next.nanoTime() - System.nanoTime();
      return (int) Math.min(Integer.MAX_VALUE, Math.max(0, (nanos + 999_999) / 1_000_000));
    }
  }

  private void runDueDeadlines() {
    while (true) {
      Deadline due;
      synchronized (deadlines) {
        due = deadlines.peek();
        if (due == null || due.nanoTime() - System.nanoTime() > 0) {
          return;
        }
        deadlines.remove();
      }
      try {
        due.action().run();
      } catch (RuntimeException failure) {
        LOG.log(Level.ERROR, "an action of the reactor failed", failure);
      }
    }
  }
}
