package dev.embryo.runtime.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MaskedComparisonTest {
  private static List<Long> second(long argument) {
    return List.of(0L, argument, 0L, 0L, 0L, 0L);
  }

  @Test
  void anIntIsComparedWithoutItsUpperHalf() {
    MaskedComparison sti = MaskedComparison.intEquals(1, 0x5412);

    assertThat(sti.matches(second(0x5412))).isTrue();
    assertThat(sti.matches(second(0xffff_ffff_0000_5412L))).isTrue();
    assertThat(sti.matches(second(0x1_0000_5413L))).isFalse();
  }

  @Test
  void aNegativeIntHasNoBitsAbove32() {
    assertThat(MaskedComparison.intEquals(0, -1))
        .isEqualTo(new MaskedComparison(0, 0xffff_ffffL, 0xffff_ffffL));
    assertThat(MaskedComparison.noneOf(0, 0x8000_0000).mask()).isEqualTo(0x8000_0000L);
  }

  @Test
  void aComparisonThatCanNeverHoldOrAlwaysHoldsIsRefused() {
    assertThatThrownBy(() -> MaskedComparison.bits(0, 0x3, 0x4))
        .hasMessage("argument 0: value 0x4 has bits outside mask 0x3");
    assertThatThrownBy(() -> MaskedComparison.noneOf(0, 0))
        .hasMessage("argument 0: a mask of 0 compares nothing");
    assertThatThrownBy(() -> MaskedComparison.noneOf(6, 1))
        .hasMessage("argument 6 is not one of 0 to 5");
  }
}
