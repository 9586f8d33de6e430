package dev.embryo.runtime.seccomp;

import org.jspecify.annotations.Nullable;

/**
 * One instruction of classic BPF, a {@code struct sock_filter}.
 *
 * @param code operation, an {@code unsigned short}; see {@code linux/bpf_common.h}
 * @param ifTrue how many instructions a conditional jump skips when its test holds, 0 to 255
 * @param ifFalse how many it skips otherwise, 0 to 255
 * @param k the operand
 */
public record Instruction(int code, int ifTrue, int ifFalse, int k) {
  /** {@code sizeof(struct sock_filter)}. */
  static final int SIZE = 8;

  // Operations that seccomp_check_filter() in the kernel lets through.
  static final int LD_WORD = 0x20;
  static final int LD_LEN = 0x80;
  static final int LDX_LEN = 0x81;
  static final int LD_IMM = 0x00;
  static final int LDX_IMM = 0x01;
  static final int LD_MEM = 0x60;
  static final int LDX_MEM = 0x61;
  static final int ST = 0x02;
  static final int STX = 0x03;
  static final int TAX = 0x07;
  static final int TXA = 0x87;
  static final int RET_K = 0x06;
  static final int RET_A = 0x16;
  static final int JA = 0x05;
  static final int JEQ = 0x15;
  static final int JGT = 0x25;
  static final int JGE = 0x35;
  static final int JSET = 0x45;
  static final int AND = 0x54;
  static final int NEG = 0x84;

  /** In arithmetic and jumps: the operand is register X, not {@link #k}. */
  static final int FROM_X = 0x08;

  private static final int CLASS_BITS = 0x07;
  private static final int CLASS_ALU = 0x04;
  private static final int CLASS_JMP = 0x05;

  /** Checks the ranges given above. */
  public Instruction {
    if ((code & ~0xffff) != 0 || (ifTrue & ~0xff) != 0 || (ifFalse & ~0xff) != 0) {
      throw new IllegalArgumentException(
          "no instruction has code %#x and jumps %d, %d".formatted(code, ifTrue, ifFalse));
    }
  }

  // Written out, as in other records that are looked up while a program is launched for the first time: what the compiler gives
  // a record makes and loads classes when it is first used, some milliseconds in every JVM.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Instruction that && code == that.code && ifTrue == that.ifTrue && ifFalse == that.ifFalse && k == that.k;
  }

  @Override
  public int hashCode() {
    return ((code * 31 + ifTrue) * 31 + ifFalse) * 31 + k;
  }

  static Instruction of(int code, int k) {
    return new Instruction(code, 0, 0, k);
  }

  boolean isReturn() {
    return code == RET_K || code == RET_A;
  }

  /** Whether it gives the accumulator another value, whatever that was. */
  boolean isLoad() {
    return code == LD_WORD || code == LD_LEN || code == LD_IMM || code == LD_MEM || code == TXA;
  }

  boolean readsX() {
    return (code & FROM_X) != 0;
  }

  boolean isArithmetic() {
    return (code & CLASS_BITS) == CLASS_ALU;
  }

  boolean isConditionalJump() {
    return (code & CLASS_BITS) == CLASS_JMP && code != JA;
  }
}
