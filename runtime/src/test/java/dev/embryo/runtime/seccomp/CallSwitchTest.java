package dev.embryo.runtime.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.seccomp.CallSwitch.Branch;
import dev.embryo.runtime.seccomp.Comparison.Operator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallSwitchTest {
  private static final Architecture X86 = Architecture.X86_64;

  private static Filter filter(Action otherwise, CallSwitch... switches) throws LibseccompException {
    return FilterCompiler.of(Libseccomp.load(), X86)
        .compile(new FilterRules(otherwise, List.of(), List.of(switches)));
  }

  private static Action answer(Filter filter, String call, long... arguments) throws LibseccompException {
    return Simulator.run(filter, SeccompData.of(X86, Libseccomp.load().systemCalls(X86).require(call), arguments));
  }

  @Test
  void theFirstBranchThatHoldsAnswersAndOtherCallsAreLeftAlone() throws LibseccompException {
    var filter = filter(Action.ALLOW, new CallSwitch("read", List.of(
        new Branch(List.of(Comparison.is(0, 3), Comparison.is(2, 0)), Action.ENOSYS),
        new Branch(List.of(Comparison.is(0, 3)), Action.KILL_PROCESS)), Action.EPERM));

    assertThat(answer(filter, "read", 3, 0, 0)).isEqualTo(Action.ENOSYS);
    assertThat(answer(filter, "read", 3, 0, 1)).isEqualTo(Action.KILL_PROCESS);
    assertThat(answer(filter, "read", 4, 0, 0)).isEqualTo(Action.EPERM);
    assertThat(answer(filter, "write", 3, 0, 0)).isEqualTo(Action.ALLOW);
  }

  /** A 64-bit comparison takes two words, either of which may decide. */
  @ParameterizedTest
  @EnumSource
  void eachOperatorHoldsAtEachWidthAsArithmeticSays(Operator operator) throws LibseccompException {
    var random = new Random(operator.ordinal());
    for (int width : new int[] {16, 32, 64}) {
      for (int i = 0; i < 200; i++) {
        long bits = Comparison.bits(width);
        long mask = random.nextBoolean() ? bits : (random.nextLong() | 1) & bits;
        long value = random.nextLong() & mask >>> random.nextInt(width);
        var comparison = new Comparison(random.nextInt(6), width, mask, operator, value);
        var filter = filter(Action.ENOSYS,
            new CallSwitch("read", List.of(new Branch(List.of(comparison), Action.ALLOW)), Action.EPERM));
        for (long near : List.of(value, value + 1, value - 1, value ^ 1L << random.nextInt(64), random.nextLong(), 0L, -1L)) {
          long[] arguments = random.longs(6).toArray();
          arguments[comparison.argument()] = near;
          assertThat(answer(filter, "read", arguments)).as("%s of %#x", comparison, near)
              .isEqualTo(comparison.matches(Arrays.stream(arguments).boxed().toList()) ? Action.ALLOW : Action.EPERM);
        }
      }
    }
  }

  @Test
  void aSwitchMayBeLongerThanAJumpOfTheKernelsReaches() throws LibseccompException {
    var branches = new ArrayList<Branch>();
    for (int i = 0; i < 200; i++) {
      branches.add(new Branch(List.of(Comparison.is(1, i), Comparison.of(2, 64, Operator.ABOVE, i)), Action.ALLOW));
    }
    var filter = filter(Action.ENOSYS, new CallSwitch("ioctl", branches, Action.EPERM),
        new CallSwitch("fcntl", branches.subList(1, 200), Action.EPERM));

    assertThat(filter.length()).isGreaterThan(1000);
    for (int i = 0; i < 200; i++) {
      assertThat(answer(filter, "ioctl", 0, i, i + 1)).isEqualTo(Action.ALLOW);
      assertThat(answer(filter, "ioctl", 0, i, i)).isEqualTo(Action.EPERM);
    }
    assertThat(answer(filter, "fcntl", 0, 199, 200)).isEqualTo(Action.ALLOW);
    assertThat(answer(filter, "fcntl", 0, 199, 199)).isEqualTo(Action.EPERM);
    assertThat(answer(filter, "ioctl", 0, 200, 201)).isEqualTo(Action.EPERM);
    assertThat(answer(filter, "read")).isEqualTo(Action.ENOSYS);
  }

  @Test
  void callsThatAreAnsweredAlikeShareTheirInstructions() throws LibseccompException {
    var branches = List.of(new Branch(List.of(Comparison.is(0, 7)), Action.EPERM));
    var one = filter(Action.ALLOW, new CallSwitch("read", branches, Action.ALLOW));
    var five = filter(Action.ALLOW, Stream.of("read", "readv", "write", "lseek", "fstat")
        .map(call -> new CallSwitch(call, branches, Action.ALLOW)).toArray(CallSwitch[]::new));

    assertThat(five.length()).isLessThan(one.length() + 10);
    assertThat(answer(five, "lseek", 7)).isEqualTo(Action.EPERM);
    assertThat(answer(five, "lseek", 8)).isEqualTo(Action.ALLOW);
    assertThat(answer(five, "close", 7)).isEqualTo(Action.ALLOW);
  }

  @Test
  void aSwitchBesideARuleForTheSameCallIsRefused() {
    var rule = new Rule("read", List.of(), Action.ALLOW);
    var beside = new CallSwitch("read", List.of(), Action.EPERM);

    assertThatThrownBy(() -> new FilterRules(Action.EPERM, List.of(rule), List.of(beside)))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("stands beside another rule for the same call");
    assertThatThrownBy(() -> new FilterRules(Action.EPERM, List.of(), List.of(beside, beside)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anAnswerCanBeExchanged() throws LibseccompException {
    var filter = filter(Action.EPERM, new CallSwitch("read", List.of(), Action.ALLOW))
        .answering(action -> action.equals(Action.EPERM) ? Action.KILL_PROCESS : action);

    assertThat(answer(filter, "read")).isEqualTo(Action.ALLOW);
    assertThat(answer(filter, "write")).isEqualTo(Action.KILL_PROCESS);
  }

  @Test
  void filtersInTurnAnswerAsFiltersOneUponTheOther() throws LibseccompException {
    var first = filter(Action.EPERM, new CallSwitch("read", List.of(), Action.ALLOW),
        new CallSwitch("write", List.of(), Action.ALLOW), new CallSwitch("execveat", List.of(), Action.ALLOW));
    var second = filter(Action.ALLOW, new CallSwitch("write",
        List.of(new Branch(List.of(Comparison.is(0, 1)), Action.EPERM)), Action.ALLOW));
    var stack = List.of(first, second, OneShotExec.filter(Libseccomp.load().systemCalls(X86)));

    var one = Filter.inTurn(stack);

    for (int number = -1; number < 600; number++) {
      for (long argument : new long[] {0, 1}) {
        var call = SeccompData.of(X86, number, argument);
        assertThat(Simulator.run(one, call)).as("%s", call).isEqualTo(Simulator.run(stack, call));
      }
    }
    assertThat(answer(one, "execveat")).isEqualTo(Action.USER_NOTIF);
    assertThat(answer(one, "write", 1)).isEqualTo(Action.EPERM);
  }
}
