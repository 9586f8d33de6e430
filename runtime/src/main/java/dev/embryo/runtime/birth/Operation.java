package dev.embryo.runtime.birth;

import java.util.List;

/**
 * One step of a birth program.
 *
 * @param name the system call's name, or that of a pseudo-operation, which begins with {@code @}
 * @param number the number that the stub dispatches on
 * @param operands at most six
 * @param tolerated an error number that is no failure, or 0
 * @param storedAt the offset in the data segment where the low 32 bits of the result go, or -1
 * @param purpose what the step is for, in words that fit behind "cannot"
 */
public record Operation(
    String name, int number, List<Operand> operands, int tolerated, int storedAt, String purpose) {
  static final int MAX_OPERANDS = 6;

  public Operation {
    operands = List.copyOf(operands);
    if (operands.size() > MAX_OPERANDS) {
      throw new IllegalArgumentException(name + " has more than six operands");
    }
  }
}
