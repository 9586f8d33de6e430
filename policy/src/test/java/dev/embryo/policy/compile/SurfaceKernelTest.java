package dev.embryo.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.compile.SurfaceRow.Feature;
import dev.embryo.policy.parse.PolicyParser;
import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.FilterCompiler;
import dev.embryo.runtime.seccomp.GuardFilter;
import dev.embryo.runtime.seccomp.InitFilter;
import dev.embryo.runtime.seccomp.OneShotExec;
import dev.embryo.runtime.seccomp.OwnSignals;
import dev.embryo.runtime.seccomp.Rule;
import dev.embryo.runtime.seccomp.SeccompData;
import dev.embryo.runtime.seccomp.Simulator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The running kernel against {@link Simulator}, and real calls under the surface filter. */
class SurfaceKernelTest {
  private static final int I386 = 0x4000_0003;
  private static final SurfaceFeatures FEATURES =
      SurfaceFeatures.LEAST.with(Feature.THREADS).with(Feature.SPAWN);

  /** Of a program that shares all namespaces, before Landlock's ABI 3. */
  private static final SurfaceFeatures SHARING = SurfaceFeatures.of(Feature.EXEC_GATE, Feature.THREADS);

  @TempDir static Path directory;
  private static FilterProbe probe;

  private SystemCallTable calls;
  private Filter surface;

  @BeforeAll
  static void compileTheProbe() throws IOException, InterruptedException {
    probe = FilterProbe.compile(directory);
  }

  @BeforeEach
  void compileTheFilter() throws LibseccompException {
    calls = Libseccomp.load().systemCalls();
    surface = filter(FEATURES);
  }

  private static Filter filter(SurfaceFeatures features) throws LibseccompException {
    return FilterCompiler.of(Libseccomp.load()).compile(Surface.rules(features));
  }

  @Test
  void theKernelAnswersEachCallAsTheSimulatorDoes() throws IOException, InterruptedException {
    for (SurfaceFeatures features : List.of(FEATURES, SHARING)) {
      List<SeccompData> asked = everyNumber();
      asked.addAll(callsAroundTheRules(features));

      assertThat(asked.size()).isGreaterThan(1500);
      assertThat(differences(filter(features), asked)).isEmpty();
    }
  }

  @Test
  void theKernelAnswersTheHandWrittenFiltersAsTheSimulatorDoes()
      throws IOException, InterruptedException {
    List<SeccompData> asked = everyNumber();

    for (Filter filter : List.of(OneShotExec.filter(calls), InitFilter.filter(calls),
        GuardFilter.filter(calls), OwnSignals.filter(calls))) {
      assertThat(differences(filter, asked)).isEmpty();
    }
  }

  /** One program, since the probe installs one: that is how both are installed where denials are explained. */
  @Test
  void theKernelAnswersWhatAPolicyAddsAndTakesAwayAsTheSimulatorDoes() throws IOException, InterruptedException {
    var text = """
        policy: embryo/v1
        name: test
        program: {path: /bin/true}
        system-calls:
          allow: [ptrace, ioctl, {call: socketpair, when: "arg0 == 1 and arg1 & 0xf != 3"}, {call: kcmp, when: "arg4 > 7"}]
          deny: [inotify_init1, {call: chmod, when: arg1 == 0777}, {call: mmap, when: "arg1 > 0x100000000"}]
        """;
    var policy = PolicyParser.parse("p.yaml", Path.of("/"), text.getBytes(StandardCharsets.UTF_8));
    var compiler = FilterCompiler.of(Libseccomp.load());
    var both = Filter.inTurn(List.of(compiler.compile(CallRules.surface(policy, FEATURES, calls)),
        compiler.compile(CallRules.denials(policy, calls).orElseThrow())));
    var random = new Random(3);
    List<SeccompData> asked = everyNumber();
    for (var call : List.of("ptrace", "ioctl", "socketpair", "kcmp", "inotify_init1", "chmod", "mmap")) {
      for (int i = 0; i < 200; i++) {
        long[] arguments = new long[6];
        for (int j = 0; j < arguments.length; j++) {
          long near = List.of(0L, 1L, 3L, 7L, 8L, 0777L, 0x5401L, 0x5412L, 1L << 32, (1L << 32) + 1).get(random.nextInt(10));
          arguments[j] = near ^ (random.nextInt(3) == 0 ? 1L << random.nextInt(64) : 0);
        }
        asked.add(SeccompData.of(calls.architecture(), calls.require(call), arguments));
      }
    }

    assertThat(differences(both, asked)).isEmpty();
  }

  @Test
  void foreignCallsEndTheProcess() throws IOException, InterruptedException {
    List<SeccompData> asked = new ArrayList<>();
    if (calls.architecture() == Architecture.X86_64) {
      for (int number : new int[] {1, 20, 102, 358, 5000}) {
        asked.add(SeccompData.of(Architecture.X86_64, number | Architecture.X32_BIT));
        asked.add(new SeccompData(number, I386, 0, List.of()));
      }
    }

    assertThat(probe.perform(surface, asked)).allMatch("KILLED"::equals).hasSameSizeAs(asked);
  }

  @Test
  void aCallUnderTheFilterFailsAsRefusedOrAsTheKernelWouldHaveIt()
      throws IOException, InterruptedException {
    Made made = new Made();
    long high = 0x7fff_ffffL << 32;
    made.expect("ERRNO 9", "read", -1);
    made.expect("ERRNO 1", "socket", 1, 1);
    made.expect("ERRNO 1", "socketpair", 1, 1);
    made.expect("ERRNO 1", "ptrace");
    made.expect("ERRNO 1", "execve");
    made.expect("ERRNO 14", "execveat", -1, 1);
    made.expect("ERRNO 38", "clone3");
    made.expect("ERRNO 38", "openat2");
    made.expect("ERRNO 38", "memfd_create");
    made.expect("ERRNO 1", "unshare", 0x1000_0000);
    made.expect("ERRNO 1", "clone", 0x1000_0011);
    made.expect("ERRNO 1", "clone", high | 0x1000_0011);
    made.expect("ERRNO 22", "clone", 0x1_0000); // CLONE_THREAD without CLONE_SIGHAND
    made.expect("ERRNO 9", "ioctl", -1, 0x5401);
    made.expect("ERRNO 1", "ioctl", -1, 0x5412);
    made.expect("ERRNO 1", "ioctl", -1, high | 0x5412);
    made.expect("ERRNO 9", "fcntl", -1, 3);
    made.expect("ERRNO 1", "fcntl", -1, 8);
    made.expect("ERRNO 1", "fcntl", -1, high | 8);
    made.expect("ERRNO 14", "openat", -1, 0, 0x41, 0644);
    made.expect("ERRNO 1", "openat", -1, 0, 0x41, 04644);
    made.expect("ERRNO 1", "openat", -1, 0, high | 0x41, high | 04644);
    made.expect("ERRNO 14", "openat", -1, 0, 0, 04644);
    made.expect("ERRNO 9", "fchmod", -1, 0777);
    made.expect("ERRNO 1", "fchmod", -1, 04777);
    made.expect("ERRNO 1", "fchmod", -1, high | 04777);
    made.expect("ERRNO 22", "mmap", 0, 0, 5, 0x22, -1);
    made.expect("ERRNO 1", "mmap", 0, 0, 7, 0x22, -1);
    made.expect("ERRNO 1", "mmap", 0, 0, high | 7, 0x22, -1);
    made.expect("ERRNO 1", "mprotect", 0, 4096, 5);
    made.expect("RESULT 0", "mprotect", 0, 0, 1);
    made.expect("RESULT 0", "personality", -1);
    made.expect("ERRNO 1", "personality", 0x40_0000);
    made.expect("ERRNO 14", "seccomp", 1, 0, 0);
    made.expect("ERRNO 1", "seccomp", 1, 8, 0);
    made.expect("ERRNO 1", "io_uring_setup", 1);
    made.expect("ERRNO 1", "keyctl");
    made.expect("ERRNO 1", "bpf");
    made.expect("ERRNO 1", "mount");
    made.expect("ERRNO 1", "open_tree", -100);

    assertThat(probe.perform(surface, made.calls)).isEqualTo(made.outcomes);
  }

  /** Calls that are really made, and what should become of them. */
  private final class Made {
    final List<SeccompData> calls = new ArrayList<>();
    final List<String> outcomes = new ArrayList<>();

    void expect(String outcome, String call, long... arguments) throws LibseccompException {
      SystemCallTable known = SurfaceKernelTest.this.calls;
      calls.add(SeccompData.of(known.architecture(), known.require(call), arguments));
      outcomes.add(outcome);
    }
  }

  /** Every number up to some above the highest, -1, and some foreign ones. */
  private List<SeccompData> everyNumber() {
    Architecture architecture = calls.architecture();
    List<SeccompData> all = new ArrayList<>();
    for (int number = -1; number < calls.highest() + 20; number++) {
      // Since 6.11 and 6.18 these bypass filters and kill whoever is no trampoline of the kernel.
      if (architecture != Architecture.X86_64 || number != 335 && number != 336) {
        all.add(SeccompData.of(architecture, number));
      }
    }
    if (architecture.hasX32()) {
      for (int number : new int[] {0, 1, 59, 322, 520, 545, 5000}) {
        all.add(SeccompData.of(architecture, number | Architecture.X32_BIT));
        all.add(new SeccompData(number, I386, 0, List.of()));
      }
    }
    return all;
  }

  /** Arguments at, and one bit beside, those of every condition; noise in the other bits. */
  private List<SeccompData> callsAroundTheRules(SurfaceFeatures features) throws LibseccompException {
    Random random = new Random(1);
    List<SeccompData> around = new ArrayList<>();
    for (Rule rule : Surface.rules(features).rules()) {
      if (calls.number(rule.call()).isEmpty()) {
        continue;
      }
      for (int i = 0; i < 16 && !rule.isUnconditional(); i++) {
        long[] arguments = random.longs(6).toArray();
        rule.when().forEach(each -> arguments[each.argument()] =
            arguments[each.argument()] & ~each.mask() | each.value());
        if (i % 2 == 1) {
          rule.when().forEach(each -> arguments[each.argument()] ^= 1L << random.nextInt(64));
        }
        around.add(
            SeccompData.of(calls.architecture(), calls.require(rule.call()), arguments));
      }
    }
    return around;
  }

  private List<String> differences(Filter filter, List<SeccompData> asked)
      throws IOException, InterruptedException {
    List<String> answers = probe.answers(filter, asked);
    assertThat(answers.size()).isEqualTo(asked.size());
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      String simulated = outcome(Simulator.run(filter, asked.get(i)));
      if (!simulated.equals(answers.get(i))) {
        differences.add(
            asked.get(i) + ": kernel " + answers.get(i) + ", simulator " + simulated);
      }
    }
    return differences;
  }

  /** As the probe says it: it puts the errno 4000 and 4001 in place of what would do the call. */
  private static String outcome(Action action) {
    if (action.equals(Action.KILL_PROCESS)) {
      return "KILLED";
    }
    if (action.equals(Action.USER_NOTIF)) {
      return "ERRNO 4001";
    }
    return "ERRNO " + (action.permits() ? 4000 : action.value() & 0xffff);
  }
}
