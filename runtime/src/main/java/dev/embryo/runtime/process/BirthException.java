package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.Disassembler;
import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.linux.LinuxException;

/** An operation of a birth failed. The embryo is gone; the program never ran. */
public final class BirthException extends LinuxException {
  private static final long serialVersionUID = 1L;

  private final transient Operation operation;

  BirthException(Operation operation, int errno) {
    super("cannot " + operation.purpose() + ": " + Disassembler.print(operation), errno);
    this.operation = operation;
  }

  /** The operation that failed. */
  public Operation operation() {
    return operation;
  }
}
