package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.Disassembler;
import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.linux.LinuxException;

/**
 * An operation of a birth failed, and the program never ran; only where a pidfd could not be handed over to this JVM it may have begun,
 * under all its layers, before it was killed. The embryo is gone, unless this is an {@link ExecException}
 * that may be retried. The message names what was tried, the system call with its arguments, what the kernel said and,
 * where it is known, what to do.
 */
public class BirthException extends LinuxException {
  private static final long serialVersionUID = 1L;

  private final transient Operation operation;
  private final String advice;

  BirthException(Operation operation, int errno) {
    this(operation, errno, "");
  }

  /** With an explanation, which stands in the place of general advice; empty, or ending in {@code ": "}. */
  BirthException(Operation operation, int errno, String explanation) {
    super("cannot " + operation.purpose() + ": " + explanation + Disassembler.print(operation), errno);
    this.operation = operation;
    this.advice = explanation.isEmpty()
        ? Remedy.of(operation, Disassembler.print(operation), errno).map(text -> "; " + text).orElse("")
        : "";
  }

  /** The operation that failed. */
  public Operation operation() {
    return operation;
  }

  @Override
  public String getMessage() {
    return super.getMessage() + advice;
  }
}
