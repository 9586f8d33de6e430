package dev.embryo.runtime.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.linux.Architecture;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatorTest {
  private static final SeccompData CALL =
      new SeccompData(
          5, Architecture.X86_64.token(), 0x1122_3344_5566_7788L, List.of(0L, 0xaabb_ccdd_0011_2233L));

  /** What is left in the accumulator after {@code program}. */
  private static int accumulator(Instruction... program) {
    List<Instruction> all = new java.util.ArrayList<>(List.of(program));
    all.add(Instruction.of(Instruction.RET_A, 0));
    return Simulator.run(new Filter(all), CALL).value();
  }

  private static Instruction op(int code, int k) {
    return Instruction.of(code, k);
  }

  private static Instruction load(int offset) {
    return op(Instruction.LD_WORD, offset);
  }

  @Test
  void everyWordOfTheDataIsAtItsPlace() {
    assertThat(accumulator(load(0))).isEqualTo(5);
    assertThat(accumulator(load(4))).isEqualTo(0xc000_003e);
    assertThat(accumulator(load(8))).isEqualTo(0x5566_7788);
    assertThat(accumulator(load(12))).isEqualTo(0x1122_3344);
    assertThat(accumulator(load(16))).isZero();
    assertThat(accumulator(load(24))).isEqualTo(0x0011_2233);
    assertThat(accumulator(load(28))).isEqualTo(0xaabb_ccdd);
    assertThat(accumulator(load(60))).isZero();
  }

  @Test
  void aLoadThatTheKernelRefusesIsRefused() {
    for (int offset : new int[] {1, 64, -4}) {
      assertThatThrownBy(() -> accumulator(load(offset)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("the kernel takes no instruction such as");
    }
    assertThatThrownBy(() -> accumulator(op(0x30, 0))).hasMessageContaining("code=48");
  }

  @Test
  void comparisonsAreUnsigned() {
    Instruction high = op(Instruction.LD_IMM, 0x8000_0000);
    Instruction one = op(Instruction.LD_IMM, 1);
    Instruction above = new Instruction(Instruction.JGT, 1, 0, 0x7fff_ffff);
    Instruction zero = op(Instruction.LD_IMM, 0);

    assertThat(accumulator(high, above, zero)).isEqualTo(0x8000_0000);
    assertThat(accumulator(one, above, zero)).isZero();
  }

  @Test
  void arithmeticIsTheKernels() {
    Instruction seven = op(Instruction.LD_IMM, 7);

    assertThat(accumulator(seven, op(0x04, 3))).isEqualTo(10);
    assertThat(accumulator(seven, op(0x14, 8))).isEqualTo(-1);
    assertThat(accumulator(seven, op(0x24, 3))).isEqualTo(21);
    assertThat(accumulator(seven, op(0x34, 2))).isEqualTo(3);
    assertThat(accumulator(seven, op(0x44, 8))).isEqualTo(15);
    assertThat(accumulator(seven, op(0x54, 3))).isEqualTo(3);
    assertThat(accumulator(seven, op(0x64, 1))).isEqualTo(14);
    assertThat(accumulator(seven, op(0x74, 1))).isEqualTo(3);
    assertThat(accumulator(seven, op(0x84, 0))).isEqualTo(-7);
    assertThat(accumulator(seven, op(0xa4, 1))).isEqualTo(6);
  }

  @Test
  void theOtherRegisterAndTheScratchWordsKeepWhatIsPutThere() {
    assertThat(
            accumulator(
                op(Instruction.LD_IMM, 9),
                op(Instruction.TAX, 0),
                op(Instruction.ST, 3),
                op(Instruction.LD_IMM, 1),
                op(0x0c, 0), // A += X
                op(Instruction.LDX_MEM, 3),
                op(0x0c, 0)))
        .isEqualTo(19);
    assertThat(accumulator(op(Instruction.LDX_LEN, 0), op(Instruction.TXA, 0))).isEqualTo(64);
  }

  @Test
  void theStrictestOfStackedFiltersAnswers() {
    assertThat(stack(Action.ALLOW, Action.EPERM, Action.USER_NOTIF)).isEqualTo(Action.EPERM);
    assertThat(stack(Action.KILL_PROCESS, Action.EPERM)).isEqualTo(Action.KILL_PROCESS);
    assertThat(stack(Action.KILL_THREAD, Action.KILL_PROCESS)).isEqualTo(Action.KILL_PROCESS);
    assertThat(stack(Action.LOG, Action.ALLOW)).isEqualTo(Action.LOG);
  }

  @Test
  void amongEqualsTheFilterInstalledLastAnswers() {
    assertThat(stack(Action.EPERM, Action.ENOSYS)).isEqualTo(Action.ENOSYS);
  }

  private static Action stack(Action... answers) {
    List<Filter> filters =
        java.util.Arrays.stream(answers)
            .map(each -> new Filter(List.of(op(Instruction.RET_K, each.value()))))
            .toList();
    return Simulator.run(filters, CALL);
  }
}
