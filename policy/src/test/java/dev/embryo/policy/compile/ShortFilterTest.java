package dev.embryo.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.MaskedComparison;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.FilterCompiler;
import dev.embryo.runtime.seccomp.FilterRules;
import dev.embryo.runtime.seccomp.Rule;
import dev.embryo.runtime.seccomp.SeccompData;
import dev.embryo.runtime.seccomp.Simulator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The program that is installed is not the library's but a shorter one: both answer alike. */
class ShortFilterTest {
  private static final long[] HIGH_BITS = {0, 1L << 32, 1L << 63, 0xffff_ffffL << 32};

  static Stream<Arguments> surfaces() {
    return SurfaceTest.setsOfFeatures().flatMap(features ->
        Arrays.stream(Architecture.values()).map(architecture -> Arguments.of(features, architecture)));
  }

  @ParameterizedTest
  @MethodSource("surfaces")
  void aSurfaceAnswersEveryCallAsTheLibrarysProgramDoes(SurfaceFeatures features, Architecture architecture)
      throws LibseccompException {
    var rules = Surface.rules(features);
    var compiler = FilterCompiler.of(Libseccomp.load(), architecture);
    var calls = Libseccomp.load().systemCalls(architecture);
    Filter shorter = compiler.compile(rules);
    Filter library = compiler.byLibrary(rules);
    assertThat(shorter.length()).isLessThan(library.length());

    for (int number = 0; number <= calls.highest(); number++) {
      for (long[] arguments : boundaries(rules, calls.name(number).orElse(""))) {
        var call = SeccompData.of(architecture, number, arguments);
        assertThat(Simulator.run(shorter, call)).as("%s", call).isEqualTo(Simulator.run(library, call));
      }
    }
    for (int number : new int[] {calls.highest() + 1, 0x3fff_ffff, -1}) {
      assertThat(Simulator.run(shorter, SeccompData.of(architecture, number))).isEqualTo(Action.ENOSYS);
    }
  }

  /** All combinations of what each argument is compared with, what differs from that in one bit or by one, and high bits. */
  private static List<long[]> boundaries(FilterRules rules, String call) {
    Map<Integer, TreeSet<Long>> values = new TreeMap<>();
    rules.rules().stream().filter(rule -> rule.call().equals(call)).map(Rule::when).flatMap(List::stream)
        .forEach(each -> values.computeIfAbsent(each.argument(), none -> new TreeSet<>()).addAll(near(each)));
    var combinations = new ArrayList<>(List.of(new long[6]));
    values.forEach((argument, all) -> {
      var wider = combinations.stream().flatMap(before -> all.stream().map(value -> {
        var arguments = before.clone();
        arguments[argument] = value;
        return arguments;
      })).toList();
      combinations.clear();
      combinations.addAll(wider);
    });
    return combinations;
  }

  private static List<Long> near(MaskedComparison comparison) {
    var values = new ArrayList<Long>();
    for (long high : HIGH_BITS) {
      for (int by = -1; by <= 1; by++) {
        values.add(comparison.value() + by ^ high);
        values.add((comparison.value() | ~comparison.mask()) + by ^ high);
      }
    }
    for (int bit = 0; bit < Long.SIZE; bit++) {
      values.add(comparison.value() ^ 1L << bit);
    }
    return values;
  }
}
