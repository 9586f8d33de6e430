package dev.embryo.runtime.seccomp;

import static dev.embryo.runtime.linux.MaskedComparison.intEquals;
import static dev.embryo.runtime.linux.MaskedComparison.noneOf;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FilterRulesTest {
  private static final Rule ANY = new Rule("ioctl", List.of(), Action.ALLOW);
  private static final Rule SOME = new Rule("ioctl", List.of(intEquals(1, 0x5401)), Action.ALLOW);

  @Test
  void aConditionalRuleBesideAnUnconditionalOneIsRefused() {
    assertThatThrownBy(() -> new FilterRules(Action.EPERM, List.of(ANY, SOME)))
        .hasMessage(
            "ioctl when arg1 == 0x5401: ALLOW:"
                + " an unconditional rule stands beside another one for the same call");
    assertThatThrownBy(() -> new FilterRules(Action.EPERM, List.of(SOME, ANY)))
        .hasMessageStartingWith("ioctl: ALLOW:");
  }

  @Test
  void aRuleThatSaysNothingNewIsRefused() {
    assertThatThrownBy(() -> new FilterRules(Action.ALLOW, List.of(ANY)))
        .hasMessage("ioctl: ALLOW: this is the default action already");
  }

  @Test
  void twoComparisonsOfOneArgumentAreRefused() {
    assertThatThrownBy(
            () -> new Rule("open", List.of(noneOf(1, 0x40), noneOf(1, 0x80)), Action.ALLOW))
        .hasMessage(
            "open: two comparisons of one argument in"
                + " [(arg1 & 0x40) == 0x0, (arg1 & 0x80) == 0x0]");
  }
}
