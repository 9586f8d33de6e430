package dev.embryo.launcher;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.explain.Denial;
import dev.embryo.runtime.process.Judge;
import dev.embryo.runtime.process.Notification;
import dev.embryo.runtime.seccomp.SeccompData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers the denied calls of one program as if nobody listened, and keeps what is worth telling: each call once, and not so
 * many that a program could fill memory with them. Thread-safe.
 */
final class Denials implements Judge {
  static final int MOST = 256;
  static final int MOST_OF_ONE_CALL = 16;

  private final CompiledPolicy compiled;
  private final Set<Denial> told = new LinkedHashSet<>(); // guarded by this
  private final Map<Integer, Integer> toldOf = new HashMap<>(); // guarded by this
  private final List<Consumer<Denial>> listeners = new ArrayList<>(); // guarded by this
  private final Map<List<Object>, Integer> answers = new HashMap<>(); // by number and arguments; only the judge's thread uses it
  private long untold; // guarded by this
  private CompletableFuture<@Nullable Void> delivered = CompletableFuture.completedFuture(null); // guarded by this

  Denials(CompiledPolicy compiled) {
    this.compiled = compiled;
  }

  @Override
  public int refuse(Notification notification) {
    var call = notification.call();
    var known = answers.get(key(call));
    if (known != null) {
      return known;
    }
    return isFull(call.number()) ? compiled.filters().errno(call) : tell(notification);
  }

  private static List<Object> key(SeccompData call) {
    return List.of(call.number(), call.arguments());
  }

  private int tell(Notification notification) {
    var call = notification.call();
    boolean[] looked = {false};
    var denial = Denial.of(compiled, call, address -> {
      looked[0] = true;
      return notification.text(address, Denial.TEXT_BYTES);
    });
    add(call.number(), denial);
    if (!looked[0] && answers.size() < MOST) { // a program that tries again and again asks for the same
      answers.put(key(call), denial.errno());
    }
    return denial.errno();
  }

  /** Whether nothing more is kept of this call; counts it then. */
  private synchronized boolean isFull(int number) {
    boolean full = told.size() >= MOST || toldOf.getOrDefault(number, 0) >= MOST_OF_ONE_CALL;
    untold += full ? 1 : 0;
    return full;
  }

  private synchronized void add(int number, Denial denial) {
    if (told.add(denial)) {
      toldOf.merge(number, 1, Integer::sum);
      listeners.forEach(listener -> deliver(listener, denial));
    }
  }

  /** In order, and on the common pool: the program waits for its answer, and must not wait for code of users. */
  private void deliver(Consumer<Denial> listener, Denial denial) {
    delivered = delivered.handleAsync((nothing, failure) -> {
      listener.accept(denial);
      return null;
    });
  }

  synchronized void onDenial(Consumer<Denial> listener) {
    listeners.add(listener);
    told.forEach(denial -> deliver(listener, denial));
  }

  synchronized List<Denial> list() {
    return List.copyOf(told);
  }

  synchronized long untold() {
    return untold;
  }

  /** Waits until all listeners have been told of everything, at most as long as said. */
  void drain(Duration timeout) throws InterruptedException {
    CompletableFuture<@Nullable Void> last;
    synchronized (this) {
      last = delivered;
    }
    try {
      last.get(Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException theirs) {
      // a listener that is slow, or fails, is its owner's business
    }
  }
}
