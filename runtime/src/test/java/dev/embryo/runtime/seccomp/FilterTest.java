package dev.embryo.runtime.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilterTest {
  private static final Instruction ALLOW =
      Instruction.of(Instruction.RET_K, Action.ALLOW.value());

  @Test
  void aProgramIsWrittenAsTheKernelReadsIt() {
    Filter filter =
        new Filter(List.of(new Instruction(Instruction.JEQ, 1, 0, 0x0102_0304), ALLOW, ALLOW));

    assertThat(filter.bytes())
        .startsWith(0x15, 0, 1, 0, 4, 3, 2, 1)
        .hasSize(24)
        .endsWith(6, 0, 0, 0, 0, 0, 0xff, 0x7f);
    assertThat(Filter.parse(filter.bytes())).isEqualTo(filter);
  }

  @Test
  void aJumpOutOfTheProgramIsRefused() {
    Instruction jump = new Instruction(Instruction.JEQ, 0, 1, 0);
    Instruction back = Instruction.of(Instruction.JA, -1);

    assertThatThrownBy(() -> new Filter(List.of(jump, ALLOW)))
        .hasMessage("instruction 0 leads out of the program");
    assertThatThrownBy(() -> new Filter(List.of(ALLOW, back, ALLOW)))
        .hasMessage("instruction 1 leads out of the program");
  }

  @Test
  void aProgramThatEndsWithoutAnAnswerIsRefused() {
    assertThatThrownBy(() -> new Filter(List.of(Instruction.of(Instruction.LD_WORD, 0))))
        .hasMessage("the last instruction is no return");
  }

  @Test
  void aProgramLongerThanTheKernelTakesIsRefused() {
    assertThat(new Filter(Collections.nCopies(4096, ALLOW)).length()).isEqualTo(4096);
    assertThatThrownBy(() -> new Filter(Collections.nCopies(4097, ALLOW)))
        .hasMessage("a filter has 1 to 4096 instructions, not 4097");
    assertThatThrownBy(() -> new Filter(List.of()))
        .hasMessage("a filter has 1 to 4096 instructions, not 0");
  }

  @Test
  void bytesThatAreNoWholeInstructionsAreRefused() {
    assertThatThrownBy(() -> Filter.parse(new byte[9]))
        .hasMessage("9 bytes are no whole number of instructions");
  }
}
