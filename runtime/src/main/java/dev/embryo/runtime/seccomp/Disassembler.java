package dev.embryo.runtime.seccomp;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.SystemCallTable;
import java.util.List;
import java.util.Optional;

/**
 * Writes a filter as text, with the names of system calls and arguments.
 *
 * <p>One line an instruction: its number, what it does, and where a jump leads. {@code lo} and
 * {@code hi} are the halves of a 64-bit argument.
 *
 * <pre>
 *    2  load number
 *    3  if == openat (257)                   4 else 9
 *    9  return ALLOW
 * </pre>
 *
 * <p>Safe for use by several threads: each text has a writer of its own.
 */
public final class Disassembler {
  private static final String UNKNOWN = "?";
  private static final String NUMBER = "number";
  private static final String ARCHITECTURE = "architecture";

  private final List<Instruction> program;
  private final SystemCallTable calls;

  /** What the accumulator holds before each instruction; {@code null} where no path leads. */
  private final String[] held;

  private Disassembler(Filter filter, SystemCallTable calls) {
    this.program = filter.instructions();
    this.calls = calls;
    this.held = new String[program.size() + 1];
  }

  /** The text of a filter, lines ended by newlines. {@code calls} gives the names. */
  public static String disassemble(Filter filter, SystemCallTable calls) {
    return new Disassembler(filter, calls).text();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    held[0] = UNKNOWN;
    for (int at = 0; at < program.size(); at++) {
      text.append("%4d  %s%n".formatted(at, line(at)));
    }
    return text.toString();
  }

  private String line(int at) {
    Instruction instruction = program.get(at);
    if (instruction.isReturn()) {
      return instruction.code() == Instruction.RET_A
          ? "return accumulator"
          : "return " + new Action(instruction.k());
    }
    if (instruction.code() == Instruction.JA) {
      int target = at + 1 + instruction.k();
      flow(target, holding(at));
      return "go to " + target;
    }
    if (instruction.isConditionalJump()) {
      return jump(at, instruction);
    }
    flow(at + 1, after(instruction, holding(at)));
    return straight(instruction);
  }

  private String jump(int at, Instruction instruction) {
    int ifTrue = at + 1 + instruction.ifTrue();
    int ifFalse = at + 1 + instruction.ifFalse();
    flow(ifTrue, holding(at));
    flow(ifFalse, holding(at));
    String operator =
        switch (instruction.code() & ~Instruction.FROM_X) {
          case Instruction.JEQ -> "==";
          case Instruction.JGT -> ">";
          case Instruction.JGE -> ">=";
          case Instruction.JSET -> "&";
          default -> "?";
        };
    String operand =
        (instruction.code() & Instruction.FROM_X) == 0 ? constant(at, instruction.k()) : "X";
    return "%-40s %d else %d".formatted("if " + operator + " " + operand, ifTrue, ifFalse);
  }

  /** A compared constant, by name where the accumulator holds something that has names. */
  private String constant(int at, int k) {
    Optional<String> name =
        switch (holding(at)) {
          case NUMBER -> calls.name(k).map(call -> call + " (" + k + ")");
          case ARCHITECTURE -> Architecture.ofToken(k).map(Architecture::label);
          default -> Optional.empty();
        };
    return name.orElseGet(() -> holding(at).equals(NUMBER) && k >= 0 && k < Architecture.X32_BIT
        ? Integer.toString(k) : "%#x".formatted(k));
  }

  private static String straight(Instruction instruction) {
    int k = instruction.k();
    return switch (instruction.code()) {
      case Instruction.LD_WORD -> "load " + field(k);
      case Instruction.AND -> "and %#x".formatted(k);
      case Instruction.ST -> "store scratch %d".formatted(k);
      case Instruction.LD_MEM -> "load scratch %d".formatted(k);
      case Instruction.TAX -> "X = accumulator";
      case Instruction.TXA -> "accumulator = X";
      default -> "operation %#04x %#x".formatted(instruction.code(), k);
    };
  }

  private static String field(int offset) {
    return switch (offset) {
      case SeccompData.NUMBER -> NUMBER;
      case SeccompData.ARCHITECTURE -> ARCHITECTURE;
      case SeccompData.INSTRUCTION_POINTER -> "instruction pointer lo";
      case SeccompData.INSTRUCTION_POINTER + Integer.BYTES -> "instruction pointer hi";
      default -> {
        int within = offset - SeccompData.ARGUMENTS;
        yield "argument " + within / Long.BYTES + (within % Long.BYTES == 0 ? " lo" : " hi");
      }
    };
  }

  private static String after(Instruction instruction, String before) {
    return switch (instruction.code()) {
      case Instruction.LD_WORD -> field(instruction.k());
      case Instruction.ST, Instruction.STX, Instruction.TAX -> before;
      default -> UNKNOWN;
    };
  }

  private String holding(int at) {
    String known = held[at];
    return known == null ? UNKNOWN : known;
  }

  /** Jumps lead forward only, so that one pass in order sees all paths to an instruction. */
  private void flow(int target, String holding) {
    String before = held[target];
    held[target] = before == null || before.equals(holding) ? holding : UNKNOWN;
  }
}
