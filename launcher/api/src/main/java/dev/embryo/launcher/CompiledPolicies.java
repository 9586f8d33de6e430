package dev.embryo.launcher;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.resolve.HostFacts;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiled policies that may be asked for again, as long as the host is what they were compiled for. What is asked for once
 * is not kept: most policies are, and what tells whether they still hold costs as much as compiling them.
 *
 * <p>Holds {@value #CAPACITY} at most, and drops the one that was not used for longest. Thread-safe; two threads that ask for
 * the same at once may both compile it.
 */
final class CompiledPolicies {
  static final int CAPACITY = 64;

  /**
   * A policy that was compiled.
   *
   * @param facts what that depends on; empty if that was not asked for, or is changing
   */
  record Compiled(CompiledPolicy policy, Optional<HostFacts> facts) {}

  /** Compiles. */
  @FunctionalInterface
  interface Compilation {
    /** @param observing whether the facts are wanted */
    Compiled compile(boolean observing) throws IOException;
  }

  /**
   * The same text, or the same policy object, with equal values for what it leaves open. The environment is not looked at: a
   * JVM has but one. Written out, since the methods that the compiler makes for records cost a cold JVM milliseconds.
   */
  private static final class Key {
    private final PolicySource source;
    private final Set<Integer> terminals;

    Key(PolicySource source, Set<Integer> terminals) {
      this.source = source;
      this.terminals = terminals;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that
          && that.source.closed() == source.closed()
          && that.terminals.equals(terminals)
          && Objects.equals(that.source.template(), source.template())
          && that.source.binding().parameters().equals(source.binding().parameters())
          && that.source.binding().arguments().equals(source.binding().arguments());
    }

    @Override
    public int hashCode() {
      int policy = source.template() != null ? source.template().hashCode() : System.identityHashCode(source.closed());
      return policy * 31 + source.binding().parameters().hashCode() + source.binding().arguments().hashCode();
    }
  }

  private final Map<Key, Optional<Compiled>> kept = new LinkedHashMap<>(16, 0.75f, true); // guarded by this

  /** The compiled policy, as compiling it now would make it. */
  CompiledPolicy get(PolicySource source, Set<Integer> terminals, Compilation compilation) throws IOException {
    var key = new Key(source, terminals);
    var before = find(key);
    if (before == null) {
      var compiled = compilation.compile(false);
      put(key, Optional.empty());
      return compiled.policy();
    }
    if (before.flatMap(Compiled::facts).filter(HostFacts::hold).isPresent()) {
      return before.orElseThrow().policy();
    }
    var compiled = compilation.compile(true);
    put(key, Optional.of(compiled));
    return compiled.policy();
  }

  private synchronized @Nullable Optional<Compiled> find(Key key) {
    return kept.get(key);
  }

  private synchronized void put(Key key, Optional<Compiled> compiled) {
    kept.put(key, compiled);
    if (kept.size() > CAPACITY) {
      var eldest = kept.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
  }

  /** Forgets what a launch has found to be out of date. */
  synchronized void drop(CompiledPolicy compiled) {
    kept.values().removeIf(found -> found.filter(one -> one.policy() == compiled).isPresent());
  }
}
