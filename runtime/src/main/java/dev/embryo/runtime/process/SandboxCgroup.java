package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.CgroupPlan;
import dev.embryo.runtime.birth.CgroupPlan.Setting;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Reactor;
import dev.embryo.runtime.host.Cgroup;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The cgroup of one sandbox. It is locked while its launcher lives, by which other launchers know one that was left behind.
 *
 * <p>Thread-safe, but that one at a time removes it: the reactor by {@link #removeThen}, or where it does not, whoever closes this.
 */
final class SandboxCgroup implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SandboxCgroup.class.getName());
  private static final String PREFIX = "embryo-";
  private static final AtomicLong LAST = new AtomicLong();
  private static final int ATTEMPTS = 100;
  private static final String POPULATED = "populated 1";
  private static final short POLLPRI = 2;
  private static final Duration PATIENCE = Duration.ofMillis(10); // with what no event tells of

  private final Cgroup cgroup;
  private final Fd events;
  private final Optional<Fd> kill; // since 5.14
  private boolean removed; // guarded by this
  private Reactor.@Nullable Registration registration; // guarded by this

  private SandboxCgroup(Cgroup cgroup, Fd events, Optional<Fd> kill) {
    this.cgroup = cgroup;
    this.events = events;
    this.kill = kill;
  }

  /**
   * Makes one and limits it.
   *
   * @throws LinuxException if the kernel refuses; nothing is left then
   */
  static SandboxCgroup make(CgroupPlan plan) throws LinuxException {
    var made = make(plan.parent());
    try {
      made.apply(plan.settings());
      return made;
    } catch (LinuxException failure) {
      made.close();
      throw failure;
    }
  }

  /** Until it is locked, another launcher may take it for one that was left behind, and remove it. */
  private static SandboxCgroup make(Path parent) throws LinuxException {
    for (int i = 0; i < ATTEMPTS; i++) {
      var path = parent.resolve(PREFIX + Libc.getpid() + '-' + LAST.incrementAndGet());
      if (Cgroup.make(path)) {
        var made = take(path);
        if (made.isPresent()) {
          return made.get();
        }
      }
    }
    throw new LinuxException("make a cgroup in " + parent + ": others take each at once", Errno.EBUSY.number());
  }

  /** The cgroup at a path, if it is there and nobody else's. */
  private static Optional<SandboxCgroup> take(Path path) throws LinuxException {
    var opened = new Opened();
    try {
      var taken = opened.take(path);
      if (taken.isEmpty()) {
        opened.close();
      }
      return taken;
    } catch (LinuxException failure) {
      opened.close();
      if (Errno.ENOENT.is(failure.errno()) || Errno.ENODEV.is(failure.errno())) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  /** What is to be closed again when not everything can be opened. */
  private static final class Opened {
    private @Nullable Cgroup cgroup;
    private @Nullable Fd events;

    Optional<SandboxCgroup> take(Path path) throws LinuxException {
      var found = Cgroup.open(path);
      cgroup = found;
      if (!found.lock()) {
        return Optional.empty();
      }
      var file = found.open("cgroup.events", Constant.O_RDONLY); // fails if it was removed before it was locked
      events = file;
      return Optional.of(new SandboxCgroup(found, file,
          found.has(KILL) ? Optional.of(found.open(KILL, Constant.O_WRONLY)) : Optional.empty()));
    }

    void close() {
      if (events != null) {
        events.close();
      }
      if (cgroup != null) {
        cgroup.close();
      }
    }
  }

  private static final String KILL = "cgroup.kill";

  /** Removes, in time, what launchers that have died left in a cgroup: processes, if any have survived, and cgroups. */
  static void removeStale(Path parent) throws IOException {
    try (var entries = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path entry : entries) {
        take(entry).ifPresent(stale -> stale.removeThen(() -> {}, SandboxCgroup::notRemoved));
      }
    }
  }

  private static void notRemoved(IOException failure) {
    LOG.log(Level.WARNING, "a cgroup could not be removed", failure);
  }

  /** The descriptor by which a process is made in it. */
  Fd directory() {
    return cgroup.directory();
  }

  /** What kills all that is in it when {@code 1} is written to it, whoever does that. */
  Fd killSwitch() {
    return kill.orElseThrow(() -> new IllegalStateException("this kernel cannot kill cgroups (Linux 5.14)"));
  }

  void apply(List<Setting> settings) throws LinuxException {
    for (Setting setting : settings) {
      cgroup.write(setting.file(), setting.value());
    }
  }

  Cgroup cgroup() {
    return cgroup;
  }

  /** Kills whatever is in it. */
  void kill() throws LinuxException {
    if (kill.isPresent()) {
      Cgroup.write(kill.get(), cgroup + "/" + KILL, "1");
    }
  }

  /** Whether the kernel has killed it, or one of its processes, for want of memory. */
  synchronized boolean ranOutOfMemory() {
    try {
      return !removed && cgroup.read("memory.events").lines()
          .anyMatch(line -> line.startsWith("oom_kill ") && !line.equals("oom_kill 0"));
    } catch (LinuxException unknown) {
      return false;
    }
  }

  /**
   * Kills what is in it, removes it as soon as it is empty, and runs one of the two actions, at once or on the reactor's
   * thread.
   */
  void removeThen(Runnable done, Consumer<IOException> whenBroken) {
    try {
      var again = (Runnable) () -> removeThen(done, whenBroken);
      switch (tryRemove()) {
        case REMOVED -> done.run();
        case BUSY -> Reactor.shared().after(PATIENCE, again);
        case POPULATED -> {
          kill();
          await(again, whenBroken);
        }
      }
    } catch (IOException failure) {
      whenBroken.accept(failure);
    }
  }

  private synchronized void await(Runnable action, Consumer<IOException> whenBroken) throws IOException {
    if (registration == null) {
      registration = Reactor.shared().urgent(events);
    }
    registration.arm(action, whenBroken);
  }

  private enum Attempt { REMOVED, POPULATED, BUSY }

  /** What is read arms the next event: the order matters. */
  private synchronized Attempt tryRemove() throws LinuxException {
    if (removed) {
      return Attempt.REMOVED;
    }
    if (Cgroup.read(events).contains(POPULATED)) {
      return Attempt.POPULATED;
    }
    if (!cgroup.remove()) {
      return Attempt.BUSY;
    }
    removed = true;
    if (registration != null) {
      registration.close();
    }
    events.close();
    kill.ifPresent(Fd::close);
    cgroup.close();
    return Attempt.REMOVED;
  }

  /** Kills what is in it, waits until that is gone, and removes it. */
  @Override
  public void close() {
    try {
      for (var attempt = tryRemove(); attempt != Attempt.REMOVED; attempt = tryRemove()) {
        kill();
        awaitEvent(attempt == Attempt.BUSY ? (int) PATIENCE.toMillis() : -1);
      }
    } catch (LinuxException failure) {
      notRemoved(failure);
    }
  }

  private void awaitEvent(int millis) {
    var poll = Libc.allocate(8).putInt(0, events.number()).putShort(4, POLLPRI); // struct pollfd
    Libc.poll(Libc.address(poll), 1, millis);
  }
}
