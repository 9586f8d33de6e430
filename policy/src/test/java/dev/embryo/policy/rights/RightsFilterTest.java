package dev.embryo.policy.rights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.FcntlCommand;
import dev.embryo.policy.model.IoctlCommand;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.Rights;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.CallSwitch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The filter of rights refuses by number, and never allows by number: whatever comes to stand at a number gains nothing by it. */
class RightsFilterTest {
  private static final int FIRST = 777; // no flag, command or constant of the tables
  private static final long ANOTHER = 999;
  private static final int ROUNDS = 300;

  private static List<Withheld> withheld(Random random) {
    return IntStream.range(0, 1 + random.nextInt(3)).mapToObj(i -> new Withheld(FIRST + i, "c" + i, rights(random))).toList();
  }

  private static Rights rights(Random random) {
    Set<Right> some = EnumSet.of(Right.POLL);
    for (Right right : Right.values()) {
      boolean listed = Set.of(Right.IOCTL, Right.FCNTL, Right.SIGNAL, Right.DUPLICATE).contains(right);
      if (!listed && random.nextInt(3) == 0) {
        some.add(right);
      }
    }
    return new Rights(some);
  }

  /** Arguments among which are the commands and flags that the tables compare, with high bits sometimes. */
  private static List<Long> arguments(Random random) {
    var values = new ArrayList<>(List.of(0L, 1L, 2L, 3L, 4L, 0x20L, 0x2000_0000L, -1L, random.nextLong()));
    values.add((long) FcntlCommand.values()[random.nextInt(FcntlCommand.values().length)].number());
    values.add((long) IoctlCommand.values()[random.nextInt(IoctlCommand.values().length)].number());
    var arguments = new ArrayList<Long>();
    for (int i = 0; i < 6; i++) {
      arguments.add(values.get(random.nextInt(values.size())) | (random.nextInt(4) == 0 ? 1L << 40 : 0));
    }
    return arguments;
  }

  private static List<Long> with(List<Long> arguments, int index, long number) {
    var copy = new ArrayList<>(arguments);
    copy.set(index, number);
    return copy;
  }

  @Test
  void noNumberIsAllowedWhatAnotherIsNot() {
    var random = new Random(4);
    int refusals = 0;
    for (int round = 0; round < ROUNDS; round++) {
      var withheld = withheld(random);
      for (CallSwitch each : RightsFilter.rules(withheld, Map.of()).switches()) {
        var arguments = arguments(random);
        for (int index = 0; index < arguments.size(); index++) {
          long number = withheld.get(random.nextInt(withheld.size())).number() | (random.nextBoolean() ? 1L << 32 : 0);
          var restricted = each.answer(with(arguments, index, number));
          var free = each.answer(with(arguments, index, ANOTHER));
          refusals += restricted.equals(free) ? 0 : 1;
          assertThat(List.of(restricted, free)).as("%s%s, %s at %d", each.call(), arguments, withheld, index)
              .isNotEqualTo(List.of(Action.ALLOW, Action.EPERM)).isSubsetOf(Action.ALLOW, Action.EPERM);
        }
      }
    }
    assertThat(refusals).as("arguments at which a number made a difference").isGreaterThan(ROUNDS);
  }

  @Test
  void whatNothingIsWithheldFromHasNoFilter() {
    assertThat(RightsFilter.rules(List.of(), Map.of()).switches()).isEqualTo(Collections.emptyList());
  }
}
