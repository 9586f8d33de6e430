package dev.embryo.runtime.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A seccomp filter program as the kernel takes it. Immutable.
 *
 * <p>Every instance satisfies the structural checks of the kernel: 1 to 4096 instructions, all
 * jumps inside, a return at the end.
 *
 * @param instructions the program
 */
public record Filter(List<Instruction> instructions) {
  /** {@code BPF_MAXINSNS}. */
  public static final int MAX_INSTRUCTIONS = 4096;

  /** Checks the structure. */
  public Filter {
    instructions = List.copyOf(instructions);
    int length = instructions.size();
    if (length < 1 || length > MAX_INSTRUCTIONS) {
      throw new IllegalArgumentException(
          "a filter has 1 to %d instructions, not %d".formatted(MAX_INSTRUCTIONS, length));
    }
    if (!instructions.get(length - 1).isReturn()) {
      throw new IllegalArgumentException("the last instruction is no return");
    }
    for (int at = 0; at < length; at++) {
      if (Integer.compareUnsigned(furthest(instructions.get(at)), length - at - 1) >= 0
          && !instructions.get(at).isReturn()) {
        throw new IllegalArgumentException("instruction " + at + " leads out of the program");
      }
    }
  }

  /** Reads an array of {@code struct sock_filter}, little-endian. */
  public static Filter parse(byte[] bytes) {
    if (bytes.length % Instruction.SIZE != 0) {
      throw new IllegalArgumentException(
          bytes.length + " bytes are no whole number of instructions");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    List<Instruction> read = new ArrayList<>(bytes.length / Instruction.SIZE);
    while (in.hasRemaining()) {
      read.add(
          new Instruction(
              Short.toUnsignedInt(in.getShort()),
              Byte.toUnsignedInt(in.get()),
              Byte.toUnsignedInt(in.get()),
              in.getInt()));
    }
    return new Filter(read);
  }

  /** The same program with other answers: each constant answer is what {@code change} makes of it. */
  public Filter answering(UnaryOperator<Action> change) {
    return new Filter(instructions.stream().map(each -> each.code() == Instruction.RET_K
        ? Instruction.of(Instruction.RET_K, change.apply(new Action(each.k())).value())
        : each).toList());
  }

  /**
   * One program that answers what the first of these does that does not say {@link Action#ALLOW}, and ALLOW if none is
   * left. Where their other answers rank as they are listed, that is what the kernel makes of them when all are installed.
   *
   * @param filters one at least
   */
  public static Filter inTurn(List<Filter> filters) {
    List<Instruction> program = new ArrayList<>();
    for (int i = 0; i < filters.size(); i++) {
      boolean last = i == filters.size() - 1;
      List<Instruction> each = filters.get(i).instructions;
      for (int at = 0; at < each.size(); at++) {
        boolean allows = each.get(at).code() == Instruction.RET_K && each.get(at).k() == Action.ALLOW.value();
        program.add(allows && !last ? Instruction.of(Instruction.JA, each.size() - at - 1) : each.get(at));
      }
    }
    return new Filter(program);
  }

  /** The program as an array of {@code struct sock_filter}, little-endian; a new array each time. */
  public byte[] bytes() {
    ByteBuffer out = ByteBuffer.allocate(length() * Instruction.SIZE).order(ByteOrder.LITTLE_ENDIAN);
    for (Instruction each : instructions) {
      out.putShort((short) each.code()).put((byte) each.ifTrue()).put((byte) each.ifFalse());
      out.putInt(each.k());
    }
    return out.array();
  }

  /** The number of instructions, {@code sock_fprog.len}. */
  public int length() {
    return instructions.size();
  }

  private static int furthest(Instruction instruction) {
    if (instruction.code() == Instruction.JA) {
      return instruction.k();
    }
    return Math.max(instruction.ifTrue(), instruction.ifFalse());
  }
}
