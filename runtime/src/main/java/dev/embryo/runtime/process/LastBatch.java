package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.fd.Fd;

/**
 * What an embryo does last, with everything that it needs for that.
 *
 * @param program ends in the exec
 * @param supplies what its descriptors and slots stand for
 * @param executable a descriptor of this batch's own
 * @param mayBeRetried true if the process survives a failed exec, and is then what it was before
 */
record LastBatch(BirthProgram program, Supplies supplies, Fd executable, boolean mayBeRetried)
    implements AutoCloseable {
  /** The name of the executable among the program's descriptors. */
  static final String EXECUTABLE = "the executable";

  int[] descriptors() {
    return supplies.descriptorsFor(program, EXECUTABLE, executable);
  }

  long[] values() {
    return supplies.valuesFor(program);
  }

  @Override
  public void close() {
    executable.close();
  }
}
