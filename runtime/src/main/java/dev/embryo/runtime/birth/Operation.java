package dev.embryo.runtime.birth;

import java.util.List;
import java.util.function.IntUnaryOperator;

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

  /** Something else in the place of this operation, under its name, and with what it tolerates. */
  Operation doing(int other, List<Operand> with) {
    return new Operation(name, other, with, tolerated, storedAt, purpose);
  }

  /** This operation, in a program where those whose results it uses have other places. */
  Operation renumbered(IntUnaryOperator place) {
    var moved = operands.stream().map(operand -> operand instanceof Operand.Result result
        ? new Operand.Result(place.applyAsInt(result.operation()))
        : operand).toList();
    return new Operation(name, number, moved, tolerated, storedAt, purpose);
  }
}
