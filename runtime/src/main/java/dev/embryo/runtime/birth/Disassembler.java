package dev.embryo.runtime.birth;

import java.util.stream.Collectors;

/** Prints birth programs, one operation a line, the way strace prints system calls, with each step's purpose behind it. */
public final class Disassembler {
  private Disassembler() {}

  /** The whole program. */
  public static String print(BirthProgram program) {
    var text = new StringBuilder();
    String purpose = "";
    for (int i = 0; i < program.operations().size(); i++) {
      var operation = program.operations().get(i);
      var line = "r" + i + " = " + print(operation);
      boolean repeats = operation.purpose().equals(purpose);
      purpose = operation.purpose();
      text.append(repeats || purpose.isEmpty() ? line : String.format("%-72s # %s", line, purpose)).append('\n');
    }
    return text.toString();
  }

  /** One operation: {@code openat(AT_FDCWD, "/proc/self/uid_map", O_WRONLY|O_CLOEXEC)}. */
  public static String print(Operation operation) {
    return operation.name()
        + operation.operands().stream().map(Disassembler::print).collect(Collectors.joining(", ", "(", ")"));
  }

  private static String print(Operand operand) {
    if (operand instanceof Operand.Value value) {
      return value.text();
    } else if (operand instanceof Operand.Slot slot) {
      return '<' + slot.name() + '>';
    } else if (operand instanceof Operand.Data data) {
      return data.text();
    } else if (operand instanceof Operand.Result result) {
      return "r" + result.operation();
    } else if (operand instanceof Operand.Load load) {
      return "[" + load.offset() + "]";
    } else if (operand instanceof Operand.Received received) {
      return '{' + received.name() + '}';
    }
    throw new AssertionError(operand);
  }
}
