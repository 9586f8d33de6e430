package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.Architecture;

/**
 * How a filter written by hand begins, and a compiled one too: foreign calls end the process, and then the call number is loaded.
 *
 * <p>The test for x32 comes before any test of a number, because {@code ENOSYS} for high numbers
 * would otherwise answer x32 calls too, and those are no honest mistake.
 */
final class Prologue {
  /** Where {@code syscall(-1)} goes, which has the x32 bit and is no x32 call. */
  static final String OTHER = "other";

  private static final String HIGH = "high";
  private static final String KILL = "kill";

  private Prologue() {}

  /** Begins a program. After this the call number is loaded. */
  static Assembler begin(Architecture architecture) {
    Assembler program =
        new Assembler()
            .load(SeccompData.ARCHITECTURE)
            .ifEqual(architecture.token(), Assembler.NEXT, KILL)
            .load(SeccompData.NUMBER);
    return architecture.hasX32() ? program.ifAtLeast(Architecture.X32_BIT, HIGH) : program;
  }

  /** Ends what was begun; {@code other} is the answer at {@link #OTHER}. */
  static Assembler end(Assembler program, Architecture architecture, Action other) {
    if (architecture.hasX32()) {
      program.place(HIGH).ifEqual(-1, OTHER, KILL);
    }
    return program.place(OTHER).answer(other).place(KILL).answer(Action.KILL_PROCESS);
  }
}
