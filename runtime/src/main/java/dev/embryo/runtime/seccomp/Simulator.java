package dev.embryo.runtime.seccomp;

import java.util.List;

/**
 * Answers what the kernel would answer to a system call under a filter.
 *
 * <p>It runs the very instructions that the kernel runs, as {@code kernel/bpf} and {@code
 * kernel/seccomp.c} do. One exception is the kernel's own and not shown here: on x86-64 the calls
 * 335 ({@code uretprobe}, 6.11) and 336 ({@code uprobe}, 6.18) bypass all filters; they work only
 * from the kernel's own trampolines and kill the caller elsewhere.
 *
 * <p>Safe for use by several threads: each question has a machine of its own.
 */
public final class Simulator {
  private static final int SCRATCH_WORDS = 16;

  private final List<Instruction> program;
  private final SeccompData data;
  private final int[] scratch = new int[SCRATCH_WORDS];
  private int a;
  private int x;
  private int next;

  private Simulator(Filter filter, SeccompData data) {
    this.program = filter.instructions();
    this.data = data;
  }

  /**
   * The answer of one filter.
   *
   * @throws IllegalArgumentException if the program has an instruction that the kernel refuses
   */
  public static Action run(Filter filter, SeccompData data) {
    return new Simulator(filter, data).run();
  }

  /**
   * The answer of stacked filters, in the order of their installation: the highest-ranking, and
   * among equals the last installed one's. Without filters, {@link Action#ALLOW}.
   */
  public static Action run(List<Filter> stack, SeccompData data) {
    Action answer = Action.ALLOW;
    for (Filter each : stack) {
      Action action = run(each, data);
      if (!answer.outranks(action)) {
        answer = action;
      }
    }
    return answer;
  }

  private Action run() {
    while (true) {
      Instruction instruction = program.get(next++);
      if (instruction.isReturn()) {
        return new Action(instruction.code() == Instruction.RET_A ? a : instruction.k());
      }
      if (instruction.code() == Instruction.JA) {
        next += instruction.k();
      } else if (instruction.isConditionalJump()) {
        next += holds(instruction, a, operand(instruction)) ? instruction.ifTrue() : instruction.ifFalse();
      } else if (instruction.isArithmetic()) {
        a = arithmetic(instruction);
      } else {
        move(instruction);
      }
    }
  }

  /** Whether a jump with a condition is taken. */
  static boolean holds(Instruction jump, int a, int k) {
    return switch (jump.code() & ~Instruction.FROM_X) {
      case Instruction.JEQ -> a == k;
      case Instruction.JGT -> Integer.compareUnsigned(a, k) > 0;
      case Instruction.JGE -> Integer.compareUnsigned(a, k) >= 0;
      case Instruction.JSET -> (a & k) != 0;
      default -> throw new IllegalArgumentException("the kernel takes no jump such as " + jump);
    };
  }

  private int arithmetic(Instruction instruction) {
    int k = operand(instruction);
    return switch (instruction.code() & ~Instruction.FROM_X) {
      case 0x04 -> a + k;
      case 0x14 -> a - k;
      case 0x24 -> a * k;
      case 0x34 -> k == 0 ? 0 : Integer.divideUnsigned(a, k);
      case 0x44 -> a | k;
      case Instruction.AND -> a & k;
      case 0x64 -> a << k;
      case 0x74 -> a >>> k;
      case Instruction.NEG -> -a;
      case 0xa4 -> a ^ k;
      default -> throw refused(instruction);
    };
  }

  private void move(Instruction instruction) {
    int k = instruction.k();
    switch (instruction.code()) {
      case Instruction.LD_WORD -> a = load(instruction);
      case Instruction.LD_LEN -> a = SeccompData.SIZE;
      case Instruction.LDX_LEN -> x = SeccompData.SIZE;
      case Instruction.LD_IMM -> a = k;
      case Instruction.LDX_IMM -> x = k;
      case Instruction.LD_MEM -> a = scratch[k];
      case Instruction.LDX_MEM -> x = scratch[k];
      case Instruction.ST -> scratch[k] = a;
      case Instruction.STX -> scratch[k] = x;
      case Instruction.TAX -> x = a;
      case Instruction.TXA -> a = x;
      default -> throw refused(instruction);
    }
  }

  private int load(Instruction instruction) {
    int offset = instruction.k();
    if (offset < 0 || offset >= SeccompData.SIZE || offset % Integer.BYTES != 0) {
      throw refused(instruction);
    }
    return data.word(offset);
  }

  private int operand(Instruction instruction) {
    return (instruction.code() & Instruction.FROM_X) == 0 ? instruction.k() : x;
  }

  private IllegalArgumentException refused(Instruction instruction) {
    return new IllegalArgumentException(
        "the kernel takes no instruction such as " + instruction + " at " + (next - 1));
  }
}
