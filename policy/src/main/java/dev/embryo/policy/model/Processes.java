package dev.embryo.policy.model;

import java.util.List;

/**
 * What the program may do to have more than one thread of execution, or other code than that of its file.
 *
 * @param threads whether it may start threads; true unless written
 * @param spawn whether it may fork; false unless written
 * @param execute what it may execute once it runs; {@code NONE} unless written
 * @param jit whether it may have memory that is writable and executable, in turn or at once; false unless written
 */
public record Processes(boolean threads, boolean spawn, Execute execute, boolean jit) {

  /**
   * What the program may execute once it runs.
   *
   * @param scope of what
   * @param paths the files, for {@code LISTED}: absolute, normalised paths of the private root
   */
  public record Execute(Scope scope, List<String> paths) {
    /** Nothing. */
    public static final Execute NONE = new Execute(Scope.NONE, List.of());

    /** Every program that it sees. */
    public static final Execute VIEW = new Execute(Scope.VIEW, List.of());

    /** Of what. */
    public enum Scope {
      /** Nothing. */
      NONE,
      /** Every program that it sees. */
      VIEW,
      /** Some files. */
      LISTED
    }

    /** Keeps a copy of the paths. */
    public Execute {
      paths = List.copyOf(paths);
    }

    /** These files, and nothing else. */
    public static Execute only(List<String> paths) {
      return new Execute(Scope.LISTED, paths);
    }

    /** Whether there is anything that it may execute. */
    public boolean isAny() {
      return scope != Scope.NONE;
    }
  }
}
