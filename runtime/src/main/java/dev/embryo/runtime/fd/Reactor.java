package dev.embryo.runtime.fd;

import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * One thread that waits for all descriptors and deadlines at once: no child and no stream needs a thread of its own, and who
 * waits for one holds none of the system's.
 *
 * <p>Actions run on the reactor's thread and must not block; code of users never runs there. Thread-safe.
 */
public final class Reactor {
  private static final System.Logger LOG = System.getLogger(Reactor.class.getName());
  private static final int EPOLL_CLOEXEC = 0x80000;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLL_CTL_MOD = 3;
  private static final int EPOLLIN = 1;
  private static final int EPOLLPRI = 2;
  private static final int EPOLLOUT = 4;
  private static final int EPOLLONESHOT = 1 << 30;
  private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
  private static final int MAX_EVENTS = 64;
  // struct epoll_event is packed on x86-64 only
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
  private static final int EVENT_BYTES = PACKED ? 12 : 16;
  private static final int EVENT_DATA = PACKED ? 4 : 8;
  private static final long WAKE_UP = 0;
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1); // whether the thread has ended
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  /** @param once whether the descriptor leaves the epoll instance with the event, else it is only disarmed */
  private record Watch(Fd descriptor, Runnable action, Consumer<IOException> whenBroken, boolean once) {}

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
  private final Map<Long, Watch> watches = new ConcurrentHashMap<>(); // who removes one has it, and nobody else runs it
  private final AtomicLong lastId = new AtomicLong();
  private volatile boolean broken; // written by the reactor's thread, once, before it empties the watches
  private final PriorityQueue<Deadline> deadlines =
      new PriorityQueue<>((a, b) -> Long.signum(a.nanoTime() - b.nanoTime())); // guarded by itself

  private Reactor() throws LinuxException {
    epoll = Fd.own(LinuxException.check("make an epoll instance", Libc.epoll_create1(EPOLL_CLOEXEC)));
    wakeUp = Fd.own(LinuxException.check("make an eventfd", Libc.eventfd(0, EFD_CLOEXEC_NONBLOCK)));
    control(EPOLL_CTL_ADD, wakeUp, EPOLLIN, WAKE_UP);
    var thread = new Thread(null, this::run, "embryo-reactor", 256 * 1024, false);
    thread.setDaemon(true);
    thread.start();
  }

  /** The JVM's reactor, started when it is first needed. */
  public static Reactor shared() {
    return Shared.INSTANCE;
  }

  /**
   * Runs an action once, when the descriptor becomes readable. The descriptor has to stay open until then.
   *
   * @param whenBroken is run instead if the reactor cannot wait any more: other code closed its descriptors
   * @return takes it back, unless it has run: when that returns the action is not running, and will not. Not for actions
   */
  public Runnable whenReadable(Fd descriptor, Runnable action, Consumer<IOException> whenBroken) throws IOException {
    long id = lastId.incrementAndGet();
    watches.put(id, new Watch(descriptor, action, whenBroken, true));
    try {
      control(EPOLL_CTL_ADD, descriptor, EPOLLIN, id);
    } catch (LinuxException failure) {
      watches.remove(id);
      throw failure;
    }
    requireUnbroken(id);
    return () -> takeBack(id);
  }

  private void takeBack(long id) {
    var watch = watches.remove(id);
    if (watch != null) {
      forget(watch.descriptor(), id);
      return;
    }
    var passed = new CountDownLatch(1); // its turn has come: the next is after it
    after(Duration.ZERO, passed::countDown);
    boolean interrupted = false;
    while (passed.getCount() > 0 && !broken) {
      try {
        passed.await(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void forget(Fd descriptor, long id) {
    try {
      control(EPOLL_CTL_DEL, descriptor, 0, id);
    } catch (LinuxException | RuntimeException failure) {
      LOG.log(Level.ERROR, "a descriptor could not be taken from the reactor", failure);
    }
  }

  /** After the watch is there: who breaks down looks for watches after saying so. */
  private void requireUnbroken(long id) throws IOException {
    if (broken && watches.remove(id) != null) {
      throw new IOException("the thread that watches processes has ended");
    }
  }

  /**
   * A descriptor that is waited for again and again, as a stream's. The kernel keeps it from one time to the next. Used by
   * one thread at a time; close it before the descriptor.
   */
  public final class Registration implements AutoCloseable {
    private final Fd descriptor;
    private final int events;
    private final long id = lastId.incrementAndGet();
    private boolean added; // by the same thread

    private Registration(Fd descriptor, int events) {
      this.descriptor = descriptor;
      this.events = events;
    }

    /**
     * Runs an action once, when the descriptor is ready or its other end is gone.
     *
     * @param whenBroken as for {@link #whenReadable}
     */
    public void arm(Runnable action, Consumer<IOException> whenBroken) throws IOException {
      watches.put(id, new Watch(descriptor, action, whenBroken, false));
      try {
        control(added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, events | EPOLLONESHOT, id);
        added = true;
      } catch (LinuxException failure) {
        watches.remove(id);
        throw failure;
      }
      requireUnbroken(id);
    }

    /** Waits no more: an action that has not begun will not. */
    @Override
    public void close() throws LinuxException {
      watches.remove(id);
      if (added && descriptor.isOpen()) { // else the kernel has done it
        added = false;
        control(EPOLL_CTL_DEL, descriptor, 0, id);
      }
    }
  }

  /** For a descriptor that will be waited for until it can be read. */
  public Registration reading(Fd descriptor) {
    return new Registration(descriptor, EPOLLIN);
  }

  /** For a descriptor that will be waited for until it can be written. */
  public Registration writing(Fd descriptor) {
    return new Registration(descriptor, EPOLLOUT);
  }

  /** For a file of the kernel's that will be waited for until it says that it has changed (EPOLLPRI). */
  public Registration urgent(Fd descriptor) {
    return new Registration(descriptor, EPOLLPRI);
  }

  /** Runs an action after that time, unless it is cancelled before; a time without end is 73 years. */
  public Runnable after(Duration time, Runnable action) {
    var deadline = new Deadline(System.nanoTime() + nanos(time), action);
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

  /** Small enough that two deadlines can be compared by their difference. */
  public static long nanos(Duration time) {
    return time.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : time.toNanos();
  }

  private void wake() {
    var one = Libc.allocate(8);
    one.putLong(0, 1);
    Libc.write(wakeUp.number(), Libc.address(one), 8);
  }

  private void control(int operation, Fd descriptor, int events, long id) throws LinuxException {
    var event = Libc.allocate(16);
    event.putInt(0, events).putLong(EVENT_DATA, id);
    LinuxException.check("watch descriptor " + descriptor.number(),
        Libc.epoll_ctl(epoll.number(), operation, descriptor.number(), Libc.address(event)));
  }

  private void run() {
    var events = Libc.allocate(EVENT_BYTES * MAX_EVENTS);
    long address = Libc.address(events);
    while (true) {
      int count = Libc.epoll_wait(epoll.number(), address, MAX_EVENTS, millisToNextDeadline());
      int errno = count == -1 ? Libc.errno() : 0;
      if (count == -1 && !Errno.EINTR.is(errno)) {
        breakDown(new LinuxException("wait for processes", errno));
        return;
      }
      for (int i = 0; i < count; i++) {
        dispatch(events.getLong(EVENT_BYTES * i + EVENT_DATA));
      }
      runDueDeadlines();
    }
  }

  private void breakDown(LinuxException reason) {
    LOG.log(Level.ERROR, "the thread that watches processes ends", reason);
    broken = true;
    for (long id : watches.keySet()) {
      var watch = watches.remove(id);
      if (watch != null) {
        guarded(() -> watch.whenBroken().accept(reason));
      }
    }
  }

  /** Whatever an action throws, the thread goes on: every process of the JVM depends on it. */
  @SuppressWarnings("CatchingUnchecked")
  private static void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error failure) {
      LOG.log(Level.ERROR, "an action of the reactor failed", failure);
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
    if (watch.once()) {
      forget(watch.descriptor(), id);
    }
    guarded(watch.action());
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
      guarded(due.action());
    }
  }
}
