package dev.embryo.policy.compile;

/**
 * What a program may do beyond the system calls that every program has.
 *
 * @param threads it may make threads
 * @param spawn it may make child processes
 * @param jit it may have memory that is writable and executable, at once or in turn; this includes
 *     anonymous memory files, two views of which are the same thing
 * @param execGate what becomes of {@code execveat}; {@code execve} is always refused
 */
public record SurfaceFeatures(boolean threads, boolean spawn, boolean jit, ExecGate execGate) {
  /** One thread, no children, no just-in-time compiler, and the separate gate. */
  public static final SurfaceFeatures LEAST =
      new SurfaceFeatures(false, false, false, ExecGate.SEPARATE);

  /** Whether these features hold {@code feature}. */
  boolean hold(SurfaceRow.Feature feature) {
    return switch (feature) {
      case THREADS -> threads;
      case SPAWN -> spawn;
      case JIT -> jit;
      case EXEC_GATE -> execGate == ExecGate.SEPARATE;
    };
  }
}
