package dev.embryo.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.SystemCallRules.CallRule;
import dev.embryo.policy.model.SystemCallRules.Condition;
import dev.embryo.policy.parse.PolicyParser;
import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.linux.CallSignature.Kind;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.FilterCompiler;
import dev.embryo.runtime.seccomp.Rule;
import dev.embryo.runtime.seccomp.SeccompData;
import dev.embryo.runtime.seccomp.Simulator;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of a policy, as filters. */
class CallRulesTest {
  private static final String LEAST = "policy: embryo/v1\nname: test\nprogram: {path: /bin/true}\n";
  private static final long HIGH = 0x5555_5555L << 32;

  private static Policy policy(String systemCalls) throws PolicyException {
    String text = LEAST + "system-calls: " + systemCalls + "\n";
    return PolicyParser.parse("p.yaml", Path.of("/"), text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Filter> filters(Architecture architecture, Policy policy) throws IOException {
    var calls = Libseccomp.load().systemCalls(architecture);
    var compiler = FilterCompiler.of(Libseccomp.load(), architecture);
    var stack = new ArrayList<Filter>();
    stack.add(compiler.compile(CallRules.surface(policy, SurfaceFeatures.LEAST, calls)));
    var denials = CallRules.denials(policy, calls);
    if (denials.isPresent()) {
      stack.add(compiler.compile(denials.get()));
    }
    return stack;
  }

  private static Action answer(String systemCalls, String call, long... arguments) throws IOException {
    var calls = Libseccomp.load().systemCalls(Architecture.X86_64);
    return Simulator.run(filters(Architecture.X86_64, policy(systemCalls)),
        SeccompData.of(Architecture.X86_64, calls.require(call), arguments));
  }

  private static String errors(String systemCalls) {
    var failure = catchThrowableOfType(PolicyException.class, () -> filters(Architecture.X86_64, policy(systemCalls)));
    return failure == null ? "(no error)" : failure.getMessage();
  }

  // What they mean.

  @Test
  void anAllowedCallIsAllowedAndIsRefusedWithoutThat() throws IOException {
    assertThat(answer("{}", "ptrace", 16, 1)).isEqualTo(Action.EPERM);
    assertThat(answer("{allow: [ptrace]}", "ptrace", 16, 1)).isEqualTo(Action.ALLOW);
  }

  @Test
  void aDeniedCallFailsAndIsAllowedWithoutThat() throws IOException {
    assertThat(answer("{}", "timerfd_create")).isEqualTo(Action.ALLOW);
    assertThat(answer("{deny: [timerfd_create]}", "timerfd_create")).isEqualTo(Action.EPERM);
  }

  @Test
  void aDenialBeatsAnAllowance() throws IOException {
    assertThat(answer("{allow: [ptrace], deny: [{call: ptrace, when: arg0 == 16}]}", "ptrace", 16)).isEqualTo(Action.EPERM);
    assertThat(answer("{allow: [ptrace], deny: [{call: ptrace, when: arg0 == 16}]}", "ptrace", 17)).isEqualTo(Action.ALLOW);
  }

  @Test
  void aConditionalAllowanceIsAnAlternativeToWhatIsAllowedAnyway() throws IOException {
    String more = "{allow: [{call: ioctl, when: arg1 == 0x1234}]}";

    assertThat(answer("{}", "ioctl", 0, 0x1234)).isEqualTo(Action.EPERM);
    assertThat(answer(more, "ioctl", 0, 0x1234)).isEqualTo(Action.ALLOW);
    assertThat(answer(more, "ioctl", 0, 0x5401)).isEqualTo(Action.ALLOW);
    assertThat(answer(more, "ioctl", 0, 0x1235)).isEqualTo(Action.EPERM);
  }

  @Test
  void whatOnlySomeProgramsHaveIsAnsweredByEnosysWhereItIsNotAllowed() throws IOException {
    String some = "{allow: [{call: memfd_create, when: arg1 == 1}, pidfd_open], deny: [{call: pidfd_open, when: arg1 != 0}]}";

    assertThat(answer(some, "memfd_create", 0, 1)).isEqualTo(Action.ALLOW);
    assertThat(answer(some, "memfd_create", 0, 3)).isEqualTo(Action.ENOSYS);
    assertThat(answer(some, "pidfd_open", 1, 0)).isEqualTo(Action.ALLOW);
    assertThat(answer(some, "pidfd_open", 1, 4)).isEqualTo(Action.ENOSYS);
  }

  @ParameterizedTest
  @CsvSource({"clone, 0x10000011", "clone, 0x20000", "clone, 0x8011", "unshare, 0x10000000", "unshare, 0x80"})
  void anAllowanceOfAllArgumentsHasItsLimits(String call, String flags) throws IOException {
    long bits = Long.decode(flags);
    String all = "{allow: [" + call + "]}";

    assertThat(answer(all, call, bits)).isEqualTo(Action.EPERM);
    assertThat(answer(all, call, HIGH | bits)).isEqualTo(Action.EPERM);
    assertThat(answer(all, call, 0x400)).isEqualTo(Action.ALLOW);
  }

  @ParameterizedTest
  @ValueSource(longs = {0x5412, 0x541c, 0x540e, 0x5423, 0x8901, 0x8902, 0x4b49, 0x4b00, 0xc050_2100L, 0x4018_2103})
  void noPolicyLetsAProgramTypeIntoATerminalOrOwnADescriptor(long command) throws IOException {
    for (long each : new long[] {command, HIGH | command}) {
      assertThat(answer("{allow: [ioctl]}", "ioctl", 0, each)).isEqualTo(Action.EPERM);
    }
    assertThat(answer("{allow: [ioctl]}", "ioctl", 0, 0x5400)).isEqualTo(Action.ALLOW);
  }

  // Width.

  @ParameterizedTest
  @CsvSource({
    // an argument of which the kernel reads 32 bits, of 16, and one that is declared wider than it is read
    "socketpair, arg0 == 1, 0, 1",
    "chmod,      arg1 == 0777, 1, 511",
    "mmap,       arg2 & 4 == 4, 2, 5",
    "clone,      arg0 & 0x100 != 0, 0, 0x50f00",
    "prctl,      arg0 == 4, 0, 4",
    "prctl,      arg1 == 1, 1, 1",
    "fcntl,      arg2 == 1, 2, 1",
  })
  void highBitsSlipPastNoDenial(String call, String condition, int argument, String value) throws IOException {
    String denied = "{allow: [socketpair, clone], deny: [{call: " + call + ", when: " + condition + "}]}";
    int width = CallSignature.of(call).orElseThrow().kind(argument).width();
    for (int bit = width == 16 ? 16 : 32; bit < 64; bit++) {
      long[] arguments = new long[6];
      arguments[argument] = Long.decode(value) | 1L << bit;
      assertThat(answer(denied, call, arguments)).as("bit %d", bit).isEqualTo(Action.EPERM);
    }
    assertThat(answer(denied, call, 0, 0, 0)).isNotEqualTo(Action.EPERM);
  }

  @Test
  void allBitsOfAWideArgumentCount() throws IOException {
    String large = "{deny: [{call: mmap, when: arg1 > 0x100000000}, {call: read, when: arg2 == 0}]}";

    assertThat(answer(large, "mmap", 0, 0x1_0000_0000L, 1)).isEqualTo(Action.ALLOW);
    assertThat(answer(large, "mmap", 0, 0x1_0000_0001L, 1)).isEqualTo(Action.EPERM);
    assertThat(answer(large, "mmap", 0, 0xffff_ffffL, 1)).isEqualTo(Action.ALLOW);
    assertThat(answer(large, "mmap", 0, 0x2_0000_0000L, 1)).isEqualTo(Action.EPERM);
    assertThat(answer(large, "read", 0, 0, 0)).isEqualTo(Action.EPERM);
    assertThat(answer(large, "read", 0, 0, 0x1_0000_0000L)).isEqualTo(Action.ALLOW);
  }

  @Test
  void anArgumentOfEitherWidthIsAllowedOnlyIfItIsMeantAtBoth() throws IOException {
    String kcmp = "{allow: [{call: kcmp, when: arg3 == 1}]}";

    assertThat(answer(kcmp, "kcmp", 0, 0, 0, 1)).isEqualTo(Action.ALLOW);
    assertThat(answer(kcmp, "kcmp", 0, 0, 0, 0x1_0000_0001L)).isEqualTo(Action.EPERM);
  }

  // The programs, against the meaning.

  @ParameterizedTest
  @EnumSource
  void theFiltersAnswerWhatTheRulesSay(Architecture architecture) throws IOException {
    var random = new Random(20);
    for (int round = 0; round < 40; round++) {
      var policy = policy(randomRules(random));
      check(architecture, policy, random);
    }
  }

  private static String randomRules(Random random) {
    var allow = new ArrayList<String>();
    var deny = new ArrayList<String>();
    var named = new ArrayList<>(CallSignature.all().keySet());
    for (int i = 0; i < 12; i++) {
      var call = named.get(random.nextInt(named.size()));
      var rule = randomRule(call, random);
      if (random.nextBoolean() && Allowance.of(call).verdict() != Allowance.Verdict.NEVER && isNumbered(call)) {
        allow.add(rule);
      }
      if (random.nextBoolean() && !List.of("exit", "exit_group", "rt_sigreturn", "restart_syscall", "execveat").contains(call)) {
        deny.add(rule);
      }
    }
    return "{allow: [" + String.join(", ", allow) + "], deny: [" + String.join(", ", deny) + "]}";
  }

  private static boolean isNumbered(String call) {
    try {
      return Libseccomp.load().systemCalls().number(call).isPresent();
    } catch (LibseccompException missing) {
      throw new AssertionError(missing);
    }
  }

  private static String randomRule(String call, Random random) {
    var signature = CallSignature.of(call).orElseThrow();
    var comparisons = new ArrayList<String>();
    int count = random.nextInt(4);
    for (int i = 0; i < count && signature.count() > 0; i++) {
      int argument = random.nextInt(signature.count());
      var kind = signature.kind(argument);
      if (kind == Kind.POINTER || kind == Kind.STRING) {
        comparisons.add("arg" + argument + (random.nextBoolean() ? " == 0" : " != 0"));
        continue;
      }
      int bits = kind == Kind.EITHER ? 32 : kind.width();
      var value = new BigInteger(1 + random.nextInt(bits), random).setBit(0);
      var operator = List.of("==", "!=", "<", "<=", ">", ">=").get(random.nextInt(6));
      if (value.bitCount() == bits) {
        continue;
      }
      comparisons.add(random.nextBoolean()
          ? "arg" + argument + " " + operator + " 0x" + value.toString(16)
          : "arg" + argument + " & 0x" + value.setBit(bits - 1).toString(16) + " " + operator + " 0x" + value.clearBit(bits - 1)
              .toString(16));
    }
    return comparisons.isEmpty() ? call : "{call: " + call + ", when: " + String.join(" and ", comparisons) + "}";
  }

  private static void check(Architecture architecture, Policy policy, Random random) throws IOException {
    var filters = filters(architecture, policy);
    var calls = Libseccomp.load().systemCalls(architecture);
    var byCall = new TreeMap<String, List<CallRule>>();
    policy.systemCalls().allow().forEach(rule -> byCall.computeIfAbsent(rule.call(), c -> new ArrayList<>()).add(rule));
    policy.systemCalls().deny().forEach(rule -> byCall.computeIfAbsent(rule.call(), c -> new ArrayList<>()).add(rule));
    for (Map.Entry<Integer, String> each : calls.all().entrySet()) {
      for (List<Long> arguments : argumentsAround(byCall.getOrDefault(each.getValue(), List.of()), random)) {
        var data = new SeccompData(each.getKey(), architecture.token(), 0, arguments);
        assertThat(Simulator.run(filters, data)).as("%s %s %s", policy.systemCalls(), each.getValue(), data)
            .isEqualTo(meant(policy, each.getValue(), arguments));
      }
    }
  }

  /** Arguments at, below and above what is compared, with and without other bits. */
  private static Set<List<Long>> argumentsAround(List<CallRule> rules, Random random) {
    var around = new HashSet<List<Long>>();
    around.add(List.of(0L, 0L, 0L, 0L, 0L, 0L));
    around.add(List.of(-1L, -1L, -1L, -1L, -1L, -1L));
    for (CallRule rule : rules) {
      for (int i = 0; i < 60; i++) {
        long[] arguments = random.longs(6).toArray();
        for (Condition condition : rule.when()) {
          long mask = condition.mask().map(BigInteger::longValue).orElse(-1L);
          long value = condition.value().longValue() + random.nextInt(3) - 1;
          long noise = switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextLong() & ~mask;
            case 2 -> 1L << random.nextInt(64);
            default -> random.nextLong() << 32;
          };
          arguments[condition.argument()] = random.nextInt(8) == 0 ? random.nextLong() : value ^ noise;
        }
        around.add(java.util.Arrays.stream(arguments).boxed().toList());
      }
    }
    return around;
  }

  /** The rules as the reference tells them, in another way than the filters. */
  private static Action meant(Policy policy, String call, List<Long> arguments) {
    var row = Surface.row(call).orElseThrow();
    var refusal = row.refusal() == SurfaceRow.Refusal.ABSENT ? Action.ENOSYS : Action.EPERM;
    boolean denied = policy.systemCalls().deny().stream()
        .anyMatch(rule -> rule.call().equals(call) && rule.when().stream().allMatch(c -> holds(call, c, arguments, true)));
    if (denied) {
      return refusal;
    }
    boolean derived = row.rules(SurfaceFeatures.LEAST).stream().filter(rule -> rule.action().equals(Action.ALLOW))
        .map(Rule::when).anyMatch(when -> when.stream().allMatch(each -> each.matches(arguments)));
    boolean limited = Allowance.of(call).limits().stream()
        .anyMatch(limit -> limit.when().stream().allMatch(each -> each.matches(arguments)));
    boolean allowed = policy.systemCalls().allow().stream()
        .anyMatch(rule -> rule.call().equals(call) && rule.when().stream().allMatch(c -> holds(call, c, arguments, false)));
    return derived || allowed && !limited ? Action.ALLOW : refusal;
  }

  private static boolean holds(String call, Condition condition, List<Long> arguments, boolean toDeny) {
    var kind = CallSignature.of(call).orElseThrow().kind(condition.argument());
    long argument = arguments.get(condition.argument());
    if (kind == Kind.EITHER) {
      boolean narrow = holds(condition, argument, 32);
      boolean wide = holds(condition, argument, 64);
      return toDeny ? narrow || wide : narrow && wide;
    }
    return holds(condition, argument, kind.width());
  }

  private static boolean holds(Condition condition, long argument, int width) {
    var modulus = BigInteger.ONE.shiftLeft(width);
    var seen = new BigInteger(Long.toUnsignedString(argument)).mod(modulus);
    int order = condition.mask().map(seen::and).orElse(seen).compareTo(condition.value().mod(modulus));
    return switch (condition.operator()) {
      case "==" -> order == 0;
      case "!=" -> order != 0;
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  // Errors.

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      {allow: [ptrcae]}                                        | p.yaml:4:24: system-calls.allow[0]: there is no system call 'ptrcae'; did you mean 'ptrace'?
      {deny: [read, xyzzy]}                                    | p.yaml:4:29: system-calls.deny[1]: there is no system call 'xyzzy'
      {allow: [{call: ptrace, when: arg4 == 1}]}               | p.yaml:4:45: system-calls.allow[0].when: ptrace has 4 arguments, arg0 to arg3
      {deny: [{call: close, when: arg1 == 1}]}                 | p.yaml:4:43: system-calls.deny[0].when: close has 1 argument, arg0
      {deny: [{call: getpid, when: arg0 == 1}]}                | p.yaml:4:44: system-calls.deny[0].when: getpid has no arguments
      {allow: [{call: tuxcall, when: arg0 == 1}]}              | p.yaml:4:46: system-calls.allow[0].when: nothing is known of the arguments of tuxcall
      {deny: [{call: openat, when: arg0 == 1 and arg1 == 5}]}  | p.yaml:4:58: system-calls.deny[0].when: arg1 of openat is an address, of which a filter can only tell whether it is 0; it does not see what is there
      {deny: [{call: chmod, when: arg1 == 0x10000}]}           | p.yaml:4:43: system-calls.deny[0].when: arg1 of chmod has 16 bits: the kernel looks at no others
      {deny: [{call: kill, when: arg0 == 0xffffffffffffffff}]} | p.yaml:4:42: system-calls.deny[0].when: arg0 of kill has 32 bits: the kernel looks at no others
      {deny: [{call: kill, when: arg0 == -0x80000001}]}        | p.yaml:4:42: system-calls.deny[0].when: arg0 of kill has 32 bits: the kernel looks at no others
      {deny: [{call: kill, when: arg0 > 0xffffffff}]}          | p.yaml:4:42: system-calls.deny[0].when: 0xffffffff is the most that it can be
      {deny: [{call: prctl, when: arg1 > 0x100000000}]}        | p.yaml:4:43: system-calls.deny[0].when: arg1 of prctl has 32 bits or 64, as the other arguments say; compare it with 32
      {deny: [exit_group]}                                     | p.yaml:4:23: system-calls.deny[0]: 'exit_group' cannot be denied: the program could not end
      {deny: [execveat]}                                       | p.yaml:4:23: system-calls.deny[0]: 'execveat' cannot be denied: the program itself begins with it; processes.execute says whether it may execute more
      {on-denied: explain, deny: [prlimit64]}                  | p.yaml:4:43: system-calls.deny[0]: 'prlimit64' cannot be denied where on-denied is 'explain': the birth sets the limit of open files when that filter is there already
      {allow: [mount]}                                         | p.yaml:4:24: system-calls.allow[0]: 'mount' is never allowed: the program's view and its mounts are what the policy says
      {allow: [io_uring_setup]}                                | p.yaml:4:24: system-calls.allow[0]: 'io_uring_setup' is never allowed: it makes system calls that no filter sees
      {allow: [{call: ioctl, when: arg1 == 0x5412}]}           | p.yaml:4:31: system-calls.allow[0]: 'ioctl' is never allowed with these arguments: it types into the terminal of its user
      {allow: [{call: seccomp, when: arg1 & 8 == 8}]}          | p.yaml:4:31: system-calls.allow[0]: 'seccomp' is never allowed with these arguments: a listener would answer for the one that lets only one exec pass
      {allow: [{call: clone, when: arg0 == 0x10000011}]}       | p.yaml:4:31: system-calls.allow[0]: 'clone' is never allowed with these arguments: it would make a namespace
      """)
  void aRuleThatCannotBeIsRefusedWithItsPlaceAndTheReason(String rules, String error) {
    assertThat(errors(rules)).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"socket", "setns", "clone3", "execve", "execveat", "io_uring_enter", "open_by_handle_at", "keyctl",
      "bpf", "fanotify_init", "init_module", "kexec_load", "reboot", "chroot", "pivot_root", "open_tree", "uretprobe"})
  void whatWouldUndoAnotherLayerIsNeverAllowedEvenWithAConditionOfItsOwn(String call) {
    assertThat(errors("{allow: [" + call + "]}")).startsWith("p.yaml:4:24: system-calls.allow[0]: '" + call
        + "' is never allowed: ").hasLineCount(1);
    assertThat(errors("{allow: [{call: " + call + ", when: arg0 == 1}]}")).startsWith("p.yaml:4:");
  }

  @Test
  void conditionsThatFillAFilterAreRefused() {
    var rules = new ArrayList<String>();
    for (int i = 0; i < 500; i++) {
      rules.add("{call: ioctl, when: arg1 == " + (0x20000 + i) + " and arg0 == 1 and arg2 == 1}");
    }

    assertThat(errors("{allow: [" + String.join(", ", rules) + "]}"))
        .matches("p.yaml:4:23: system-calls.allow: these conditions come to a filter of \\d+ instructions; the most is 1500");
  }

  // The tables.

  @Test
  void everyCallThatNoProgramHasIsJudged() {
    var unjudged = new TreeSet<String>();
    Surface.rows().stream().filter(row -> row.grants().isEmpty() && !Allowance.rows().containsKey(row.call()))
        .forEach(row -> unjudged.add(row.call()));

    assertThat(unjudged).isEmpty();
  }

  @Test
  void everyCallThatIsNotEveryProgramsIsJudged() {
    var unjudged = new TreeSet<String>();
    Surface.rows().stream()
        .filter(row -> row.grants().stream().noneMatch(grant -> grant.when().isEmpty()
            && CallRules.PROTECTION.keySet().containsAll(grant.needs())))
        .filter(row -> !Allowance.rows().containsKey(row.call()))
        .forEach(row -> unjudged.add(row.call()));

    assertThat(unjudged).isEmpty();
  }

  @Test
  void noCallIsJudgedThatThereIsNot() {
    assertThat(Surface.rows().stream().map(SurfaceRow::call).toList()).containsAll(Allowance.rows().keySet());
  }

  @Test
  void everyCallThatStillExistsHasASignature() throws LibseccompException {
    var without = new TreeSet<String>();
    for (Architecture each : Architecture.values()) {
      SystemCallTable calls = Libseccomp.load().systemCalls(each);
      calls.all().values().stream().filter(call -> CallSignature.of(call).isEmpty()).forEach(without::add);
    }

    assertThat(without).allMatch(call -> Allowance.of(call).reason().equals("the kernel has it no more"));
  }
}
