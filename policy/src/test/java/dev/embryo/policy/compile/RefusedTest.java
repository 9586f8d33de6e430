package dev.embryo.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.parse.PolicyParser;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.FilterCompiler;
import dev.embryo.runtime.seccomp.OneShotExec;
import dev.embryo.runtime.seccomp.SeccompData;
import dev.embryo.runtime.seccomp.Simulator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of refused calls, and the filter that asks about them. */
class RefusedTest {
  private static final String LEAST = "policy: embryo/v1\nname: test\nprogram: {path: /bin/true}\n";
  private static final Host HOST =
      new Host("6.1.0-test", 1001, 1001, 7, 2, Collections.nCopies(16, -1L));
  private static final Withholding NOTHING_WITHHELD = new Withholding(List.of(), Map.of(), List.of());
  private static final Architecture ARCHITECTURE = Architecture.X86_64;

  private static Policy policy(String more) throws PolicyException {
    return PolicyParser.parse("p.yaml", Path.of("/"), (LEAST + more + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static ProgramFilters filters(Policy policy) throws IOException {
    var calls = Libseccomp.load().systemCalls(ARCHITECTURE);
    var compiler = FilterCompiler.of(Libseccomp.load(), ARCHITECTURE);
    var features = PolicyCompiler.features(policy, HOST, false);
    var denials = CallRules.denials(policy, calls);
    return new ProgramFilters(
        features,
        policy.processes().execute().isAny() ? Optional.empty() : Optional.of(OneShotExec.filter(calls)),
        Optional.empty(),
        compiler.compile(CallRules.surface(policy, features, calls)),
        Optional.empty(),
        denials.isEmpty() ? Optional.empty() : Optional.of(compiler.compile(denials.get())),
        Optional.empty());
  }

  private static Refused refused(String more, String call, long... arguments) throws IOException {
    var policy = policy(more);
    return Refused.of(policy, NOTHING_WITHHELD, filters(policy), call, SeccompData.of(ARCHITECTURE, 0, arguments).arguments());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
      clone      | 0x3d0f00   | processes: {threads: false} | the policy does not grant it                                    | processes: {threads: true}
      clone      | 0x1200011  |                             | the policy does not grant it                                    | processes: {spawn: true}
      fork       | 0          |                             | the policy does not grant it                                    | processes: {spawn: true}
      execve     | 1          |                             | the policy does not grant it                                    | processes: {execute: view}
      execveat   | 1          |                             | its one exec was its own beginning                              | processes: {execute: view}
      mmap       | 0 0 7      |                             | the policy does not grant it                                    | processes: {jit: true}
      mprotect   | 0 0 5      |                             | the policy does not grant it                                    | processes: {jit: true}
      memfd_create | 1        |                             | the policy does not grant it                                    | processes: {jit: true}
      ptrace     | 16         |                             | another process's registers and memory                          | system-calls: {allow: [ptrace]}
      ioctl      | 0 0x5414   |                             | the policy grants it, but not with these arguments              | system-calls: {allow: [{call: ioctl, when: arg1 == 0x5414}]}
      chmod      | 1 04755    |                             | the policy grants it, but not with these arguments              | system-calls: {allow: [{call: chmod, when: arg1 == 0x9ed}]}
      ioctl      | 0 0x5412   |                             | never allowed: it types into the terminal of its user           | -
      clone      | 0x10000011 |                             | never allowed: it would make a namespace                        | -
      mount      | 0          |                             | never allowed: the program's view and its mounts are what the policy says | -
      clone3     | 0          |                             | never allowed: its flags lie behind a pointer, so that namespaces could not be told from threads; clone does the same | -
      getpid     | 0          | system-calls: {deny: [kill, getpid]} | system-calls.deny takes it away, at p.yaml:4:29        | -
      kill       | 3 9        | system-calls: {deny: [{call: kill, when: arg1 == 9}]} | system-calls.deny takes it away, at p.yaml:4:30 | -
      ''         | 0          |                             | it is newer than this host's libseccomp; programs have another way | -
      """)
  void aRefusalNamesItsReasonAndItsRemedy(String call, String arguments, String more, String why, String remedy)
      throws IOException {
    var values = new ArrayList<Long>();
    for (String each : arguments.split(" ")) {
      values.add(Long.decode(each));
    }
    long[] numbers = values.stream().mapToLong(Long::longValue).toArray();

    assertThat(refused(more == null ? "" : more, call, numbers)).isEqualTo(new Refused(why, Optional.ofNullable(remedy)));
  }

  /** For every call, with arguments at which its row decides and others: what is said to allow it does. */
  @Test
  void everyRemedyAllowsWhatWasRefused() throws IOException {
    var calls = Libseccomp.load().systemCalls(ARCHITECTURE);
    var least = policy("processes: {threads: false}");
    var filters = filters(least);
    var random = new Random(7);
    var remedied = new HashMap<String, List<Filter>>();
    int helped = 0;
    for (SurfaceRow row : Surface.rows()) {
      if (calls.number(row.call()).isEmpty()) {
        continue;
      }
      for (List<Long> arguments : argumentsAround(row, random)) {
        var call = new SeccompData(calls.require(row.call()), ARCHITECTURE.token(), 0, arguments);
        var refused = Refused.of(least, NOTHING_WITHHELD, filters, row.call(), arguments);
        if (Simulator.run(filters.inOrder(), call).permits() || refused.remedy().isEmpty()) {
          continue;
        }
        var more = refused.remedy().get();
        if (!remedied.containsKey(more)) {
          var text = more.startsWith("processes: {threads") ? more
              : more.startsWith("processes: {") ? more.replace("{", "{threads: false, ")
              : "processes: {threads: false}\n" + more;
          remedied.put(more, filters(policy(text)).inOrder());
        }
        assertThat(Simulator.run(remedied.get(more), call)).as("%s %s with %s", row.call(), arguments, more)
            .isEqualTo(Action.ALLOW);
        helped++;
      }
    }
    assertThat(helped).isGreaterThan(100);
  }

  private static List<List<Long>> argumentsAround(SurfaceRow row, Random random) {
    var around = new ArrayList<List<Long>>();
    around.add(List.of(0L, 0L, 0L, 0L, 0L, 0L));
    around.add(List.of(-1L, -1L, -1L, -1L, -1L, -1L));
    for (SurfaceRow.Grant grant : row.grants()) {
      for (int i = 0; i < 3; i++) {
        long[] arguments = random.longs(6).map(value -> value & 0xffff).toArray();
        grant.when().forEach(each -> arguments[each.argument()] = arguments[each.argument()] & ~each.mask() | each.value());
        if (i > 0) {
          grant.when().forEach(each -> arguments[each.argument()] ^= 1L << random.nextInt(32));
        }
        around.add(java.util.Arrays.stream(arguments).boxed().toList());
      }
    }
    return around;
  }

  /** One filter in the place of several: it allows what they allow, and asks where they refuse or ask. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      processes: {threads: true}
      processes: {spawn: true, execute: view, jit: true}
      system-calls: {allow: [ptrace, {call: ioctl, when: arg1 == 0x5414}], deny: [{call: kill, when: arg1 == 9}, inotify_init1]}
      """)
  void theFilterThatAsksAllowsTheSame(String more) throws IOException {
    var filters = filters(policy(more));
    var explained = filters.explained();
    var random = new Random(11);
    var calls = Libseccomp.load().systemCalls(ARCHITECTURE);
    for (int number = -1; number < calls.highest() + 20; number++) {
      var row = Surface.row(calls.name(number).orElse(""));
      var tried = row.isEmpty() ? List.of(List.<Long>of()) : argumentsAround(row.get(), random);
      for (List<Long> arguments : tried) {
        var call = new SeccompData(number, ARCHITECTURE.token(), 0, arguments);
        var meant = Simulator.run(filters.inOrder(), call);
        assertThat(Simulator.run(explained.supervised().orElseThrow(), call)).as("%s", call)
            .isEqualTo(meant.errno().isPresent() ? Action.USER_NOTIF : meant);
        if (!meant.permits()) {
          assertThat(explained.errno(call)).as("%s", call).isEqualTo(meant.errno().orElse(38));
        }
      }
    }
  }

  @Test
  void foreignCallsKillWhereDenialsAreExplainedToo() throws IOException {
    var asking = filters(policy("")).explained().supervised().orElseThrow();

    for (int number : Map.of("read", 3, "execve", 11).values()) {
      assertThat(Simulator.run(asking, new SeccompData(number, 0x4000_0003, 0, List.of()))).isEqualTo(Action.KILL_PROCESS);
      assertThat(Simulator.run(asking, SeccompData.of(ARCHITECTURE, number | Architecture.X32_BIT)))
          .isEqualTo(Action.KILL_PROCESS);
    }
  }
}
