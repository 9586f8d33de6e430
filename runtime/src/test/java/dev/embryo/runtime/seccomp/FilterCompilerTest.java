package dev.embryo.runtime.seccomp;

import static dev.embryo.runtime.linux.MaskedComparison.bits;
import static dev.embryo.runtime.linux.MaskedComparison.intEquals;
import static dev.embryo.runtime.linux.MaskedComparison.noneOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.MaskedComparison;
import dev.embryo.runtime.linux.SystemCallTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FilterCompilerTest {
  private static final FilterRules GETPID_ONLY =
      new FilterRules(Action.EPERM, List.of(new Rule("getpid", List.of(), Action.ALLOW)));

  private static Action answer(FilterRules rules, SeccompData data) throws LibseccompException {
    Architecture architecture = Architecture.ofToken(data.architecture()).orElseThrow();
    return Simulator.run(compile(rules, architecture), data);
  }

  private static Filter compile(FilterRules rules, Architecture architecture)
      throws LibseccompException {
    return FilterCompiler.of(Libseccomp.load(), architecture).compile(rules);
  }

  @ParameterizedTest
  @EnumSource
  void aForeignArchitectureEndsTheProcess(Architecture architecture) throws LibseccompException {
    Filter filter = compile(GETPID_ONLY, architecture);
    int i386 = 0x4000_0003;

    for (int number : new int[] {20, 39, 172, 5000, -1}) {
      assertThat(Simulator.run(filter, new SeccompData(number, i386, 0, List.of())))
          .isEqualTo(Action.KILL_PROCESS);
    }
  }

  @Test
  void anX32CallEndsTheProcessAlsoWhereItsNumberIsUnknown() throws LibseccompException {
    for (int number : new int[] {39, 512, 5000, 0x3fff_ffff, 0x8000_0000}) {
      SeccompData call = SeccompData.of(Architecture.X86_64, number | Architecture.X32_BIT);
      assertThat(answer(GETPID_ONLY, call)).isEqualTo(Action.KILL_PROCESS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void minusOneAndNumbersThatTheLibraryDoesNotKnowAreAbsent(Architecture architecture)
      throws LibseccompException {
    int highest = Libseccomp.load().systemCalls(architecture).highest();

    for (int number : new int[] {-1, highest + 1, highest + 2, 1000, 0x3fff_ffff}) {
      assertThat(answer(GETPID_ONLY, SeccompData.of(architecture, number)))
          .as("%d", number)
          .isEqualTo(Action.ENOSYS);
    }
    assertThat(answer(GETPID_ONLY, SeccompData.of(architecture, highest)))
        .isEqualTo(Action.EPERM);
  }

  @ParameterizedTest
  @EnumSource
  void aCallGetsTheActionOfItsRuleAndOthersTheDefault(Architecture architecture)
      throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);

    assertThat(answer(GETPID_ONLY, SeccompData.of(architecture, calls.require("getpid"))))
        .isEqualTo(Action.ALLOW);
    assertThat(answer(GETPID_ONLY, SeccompData.of(architecture, calls.require("getppid"))))
        .isEqualTo(Action.EPERM);
  }

  @Test
  void aRuleForACallOfOtherArchitecturesIsLeftOut() throws LibseccompException {
    FilterRules rules =
        new FilterRules(Action.EPERM, List.of(new Rule("open", List.of(), Action.ALLOW)));

    assertThat(compile(rules, Architecture.AARCH64).length())
        .isLessThan(compile(rules, Architecture.X86_64).length());
  }

  @Test
  void theUpperHalfOfAnIntIsNotCompared() throws LibseccompException {
    FilterRules rules =
        new FilterRules(
            Action.ALLOW,
            List.of(new Rule("ioctl", List.of(intEquals(1, 0x5412)), Action.EPERM)));

    for (long high : new long[] {0, 1L << 32, 1L << 63, 0xffff_ffffL << 32}) {
      assertThat(answer(rules, SeccompData.of(Architecture.X86_64, 16, 0, high | 0x5412)))
          .isEqualTo(Action.EPERM);
      assertThat(answer(rules, SeccompData.of(Architecture.X86_64, 16, 0, high | 0x5413)))
          .isEqualTo(Action.ALLOW);
    }
  }

  static Stream<Integer> seeds() {
    return IntStream.range(0, 60).boxed();
  }

  /** libseccomp merges rules into trees: whatever it does, the answer is that of the rules. */
  @ParameterizedTest
  @MethodSource("seeds")
  void theProgramSaysWhatTheRulesSay(int seed) throws LibseccompException {
    Random random = new Random(seed);
    Architecture architecture = Architecture.values()[seed % 2];
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
    FilterRules all = randomRules(architecture, random);
    var compiler = FilterCompiler.of(Libseccomp.load(), architecture);
    for (Filter filter : List.of(compiler.byLibrary(all), compiler.compile(all))) {
      for (int i = 0; i < 3000; i++) {
        SeccompData data = callNear(all, architecture, random);
        assertThat(Simulator.run(filter, data))
            .as("%d instructions, %s", filter.length(), data)
            .isEqualTo(expected(all, calls.name(data.number()).orElseThrow(), data));
      }
    }
  }

  /** Some of everything that rules without switches can say. */
  static FilterRules randomRules(Architecture architecture, Random random) throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
    List<Integer> numbers = List.copyOf(calls.all().keySet());
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String call = calls.name(numbers.get(random.nextInt(numbers.size()))).orElseThrow();
      if (rules.stream().noneMatch(rule -> rule.call().equals(call))) {
        rules.addAll(randomRules(call, random));
      }
    }
    return new FilterRules(Action.EPERM, rules);
  }

  /** Mostly a call that a rule is about, with arguments that match it or nearly do. */
  static SeccompData callNear(FilterRules rules, Architecture architecture, Random random) throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
    List<Integer> numbers = List.copyOf(calls.all().keySet());
    Rule near = rules.rules().get(random.nextInt(rules.rules().size()));
    int number = random.nextInt(4) == 0 ? numbers.get(random.nextInt(numbers.size())) : calls.require(near.call());
    return SeccompData.of(architecture, number, argumentsNear(near, random));
  }

  private static List<Rule> randomRules(String call, Random random) {
    if (random.nextInt(3) == 0) {
      return List.of(new Rule(call, List.of(), random.nextBoolean() ? Action.ALLOW : Action.ENOSYS));
    }
    List<Rule> rules = new ArrayList<>();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      int argument = random.nextInt(6);
      List<MaskedComparison> when = new ArrayList<>(List.of(comparison(argument, random)));
      if (random.nextBoolean()) {
        when.add(comparison((argument + 1 + random.nextInt(5)) % 6, random));
      }
      rules.add(new Rule(call, when, Action.ALLOW));
    }
    return rules;
  }

  private static MaskedComparison comparison(int argument, Random random) {
    int mask = 1 << random.nextInt(32) | 1 << random.nextInt(32);
    return switch (random.nextInt(3)) {
      case 0 -> noneOf(argument, mask);
      case 1 -> bits(argument, mask, random.nextInt() & mask);
      default -> intEquals(argument, random.nextInt());
    };
  }

  /** Arguments that a rule matches, now and then with one bit changed; the rest is noise. */
  private static long[] argumentsNear(Rule rule, Random random) {
    long[] arguments = random.longs(6).toArray();
    for (MaskedComparison each : rule.when()) {
      int at = each.argument();
      arguments[at] = arguments[at] & ~each.mask() | each.value();
      if (random.nextInt(4) == 0) {
        arguments[at] ^= 1L << random.nextInt(64);
      }
    }
    return arguments;
  }

  private static Action expected(FilterRules rules, String call, SeccompData data) {
    return rules.rules().stream()
        .filter(rule -> rule.call().equals(call))
        .filter(rule -> rule.when().stream().allMatch(each -> each.matches(data.arguments())))
        .map(Rule::action)
        .findAny()
        .orElse(rules.otherwise());
  }
}
