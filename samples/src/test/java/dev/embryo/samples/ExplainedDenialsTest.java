package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.explain.Denial;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the launcher tells of denied calls, and that telling of them lets none pass. */
@Timeout(120)
class ExplainedDenialsTest {
  private static final String EXPLAIN = "on-denied: explain";

  /** What became of an act, and what was told meanwhile. */
  private record Told(Outcome outcome, List<Denial> denials, long unlisted) {
    List<String> lines() {
      return denials.stream().map(Denial::toString).toList();
    }
  }

  private static ProbePolicy explaining(String... sections) {
    var policy = ProbePolicy.LEAST.section("system-calls: {" + EXPLAIN + "}");
    for (String section : sections) {
      policy = policy.section(section);
    }
    return policy;
  }

  private static Told run(ProbePolicy policy, List<String> act) throws IOException, InterruptedException {
    return run(policy.text(act));
  }

  private static Told run(String policy) throws IOException, InterruptedException {
    var sandbox = Sandbox.builder().policy(Policies.parse(policy, Path.of("/"))).build();
    try (var process = sandbox.launch()) {
      process.killAfter(Duration.ofSeconds(100));
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var outcome = Outcome.of(process.waitFor(), output);
      return new Told(outcome, process.denials(), process.unlistedDenials());
    }
  }

  private static Told run(ProbePolicy policy, String... act) throws IOException, InterruptedException {
    return run(policy, List.of(act));
  }

  private static String number(String call) {
    return Integer.toString(SystemCalls.number(call));
  }

  @Test
  void aDeniedCallIsToldWithItsArgumentsItsReasonAndWhatAllowsIt() throws Exception {
    assertThat(run(explaining(), "socketpair").lines()).containsExactly("socketpair(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, ...): EPERM:"
        + " no sockets are granted; to allow it, write: system-calls: {allow: [socketpair]}");
    assertThat(run(explaining(), "raw-fork").lines()).singleElement().asString()
        .endsWith(": EPERM: the policy does not grant it; to allow it, write: processes: {spawn: true}");
    assertThat(run(explaining(), "unshare-user").lines()).singleElement().asString()
        .startsWith("unshare(CLONE_NEWUSER): EPERM: ");
  }

  @Test
  void aProgramThatIsRefusedNothingIsToldOfNothing() throws Exception {
    var told = run(explaining(), "executed");

    assertThat(told.outcome().done()).isTrue();
    assertThat(told.denials()).isEmpty();
  }

  @Test
  void textsOfTheProgramAreShownAndMoveNoCursor() throws Exception {
    var policy = explaining().text(List.of("execve", "/bin/HOSTILEls")).replace("HOSTILE", "\\e[2J\\n");

    assertThat(run(policy).denials()).singleElement()
        .satisfies(denial -> assertThat(denial.call()).isEqualTo("execve(\"/bin/\\x1b[2J\\x0als\", ..., ...)"));
  }

  /** The line that is said to allow an act, written into the policy, allows it. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({"socketpair", "raw-fork", "map-writable-executable", "make-executable", "shm-execute"})
  void whatIsSaidToAllowACallDoes(String act) throws Exception {
    var told = run(explaining(), act);
    assertThat(told.outcome().done()).isFalse();

    var remedy = told.denials().get(0).remedy().orElseThrow();
    var remedied = remedy.startsWith("system-calls: {")
        ? ProbePolicy.LEAST.section(remedy.replace("{allow", "{" + EXPLAIN + ", allow"))
        : explaining(remedy);
    var again = run(remedied, act);

    assertThat(again.outcome().done()).as("%s with %s: %s", act, remedy, again).isTrue();
    assertThat(again.denials()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"socket inet", "socketpair", "unshare-user", "clone user high", "clone3", "mount", "io-uring-setup", "memfd-create",
      "map-writable-executable-high", "listener", "ptrace-attach 1", "call 600", "call 0x3fffffff", "raw-fork", "chroot", "openat2"})
  void aCallFailsAsItFailsWhereNobodyListens(String act) throws Exception {
    var words = List.of(act.split(" "));

    var told = run(explaining(), words);

    assertThat(told.outcome()).isEqualTo(Probe.inside(ProbePolicy.LEAST, words));
    assertThat(told.denials()).isNotEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"execveat-absolute 3 PROBE", "execveat-relative PROBE", "execveat-empty PROBE", "execveat-opath PROBE",
      "execve PROBE", "exec-thread PROBE", "exec-race PROBE"})
  void theSupervisorLetsNoSecondExecPass(String act) throws Exception {
    var words = List.of(act.replace("PROBE", Probe.PROGRAM.toString()).split(" "));

    var told = run(explaining(), words);

    assertThat(told.outcome().answer()).isIn("EPERM", "ENOSYS");
    assertThat(told.outcome().output()).doesNotContain("executed");
  }

  @Test
  void theProgramGetsNoListenerOfItsOwn() throws Exception {
    Probe.assertAnswer(run(explaining(), "listener").outcome(), "EPERM");
    Probe.assertAnswer(run(explaining(), "listener", "high").outcome(), "EPERM");
  }

  @Test
  void whatAPolicyTakesAwayIsToldWithItsPlace() throws Exception {
    var policy = ProbePolicy.LEAST.section("system-calls: {" + EXPLAIN + ", deny: [{call: kill, when: arg1 == 0}]}");

    assertThat(run(policy, "kill", "1", "0").lines())
        .singleElement().asString().matches("kill\\(1, 0\\): EPERM: system-calls.deny takes it away, at policy:\\d+:\\d+");
  }

  @Test
  void whatTheBirthItselfNeedsCanBeDenied() throws Exception {
    for (String call : List.of("read", "openat", "chdir", "landlock_restrict_self", "futex", "seccomp", "write", "sendmsg")) {
      var policy = ProbePolicy.LEAST.section("system-calls: {" + EXPLAIN + ", deny: [" + call + "]}");
      assertThat(run(policy, "exit", "7").outcome().answer()).as(call).isEqualTo("exit 7");
    }
  }

  @Test
  void aProgramWithFourDescriptorsAtMostIsBornToo() throws Exception {
    assertThat(run(explaining("limits: {open-files: 4}"), "socketpair").denials()).hasSize(1);
  }

  @Test
  void threadsAreAnsweredEach() throws Exception {
    var told = run(explaining(), "flood", "8", "100", number("socketpair"));

    assertThat(told.outcome().detail()).isEqualTo("800 refused");
  }

  /** Each call has other arguments: more than anybody wants to read, or memory should hold. */
  @Test
  void aFloodOfDenialsIsAnsweredAndFillsNoMemory() throws Exception {
    var told = run(explaining(), "flood", "4", "25000", number("ptrace"));

    assertThat(told.outcome().detail()).isEqualTo("100000 refused");
    assertThat(told.denials()).hasSizeLessThanOrEqualTo(17);
    assertThat(told.unlisted()).isGreaterThan(90_000);
  }

  @Test
  void aFloodOfManyDifferentCallsFillsNoMemoryEither() throws Exception {
    var words = new ArrayList<>(List.of("flood", "1", "20"));
    for (String call : List.of("ptrace", "bpf", "mount", "umount2", "chroot", "pivot_root", "setns", "acct", "swapon", "swapoff",
        "syslog", "quotactl", "add_key", "keyctl", "request_key", "perf_event_open", "userfaultfd", "sethostname",
        "setdomainname", "init_module", "delete_module", "finit_module", "kexec_load", "fanotify_init", "fsopen", "io_setup",
        "pidfd_getfd", "move_pages")) {
      words.add(number(call));
    }
    var told = run(explaining(), words.toArray(String[]::new));

    assertThat(told.outcome().detail()).isEqualTo("560 refused");
    assertThat(told.denials()).hasSize(256);
    assertThat(told.unlisted()).isPositive();
  }

  @Test
  void childrenAreSupervisedToo() throws Exception {
    var told = run(explaining("processes: {spawn: true}"), "orphans", "3");

    assertThat(told.outcome().done()).as("%s", told).isTrue();
  }

  @Test
  void listenersAreToldEachDenialOnceInOrderBeforeTheEndIsTold() throws Exception {
    var policy = explaining().text(List.of("flood", "1", "10", number("ptrace")));
    var sandbox = Sandbox.builder().policy(Policies.parse(policy, Path.of("/"))).build();
    try (var process = sandbox.launch()) {
      var told = Collections.synchronizedList(new ArrayList<Denial>());
      process.onDenial(told::add);
      process.getInputStream().readAllBytes();
      process.waitFor();

      assertThat(told).isEqualTo(process.denials()).isNotEmpty().doesNotHaveDuplicates();
    }
  }

  @Test
  void aPolicyThatExplainsNothingTellsOfNothing() throws Exception {
    var told = run(ProbePolicy.LEAST, "socketpair");

    assertThat(told.outcome().answer()).isEqualTo("EPERM");
    assertThat(told.denials()).isEmpty();
  }

  @Test
  void noThreadAndNoListenerIsLeft() throws Exception {
    for (int i = 0; i < 3; i++) {
      run(explaining(), "socketpair");
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (isSupervising() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }

    assertThat(isSupervising()).isFalse();
  }

  private static boolean isSupervising() throws IOException {
    boolean thread = Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().equals("embryo-supervisor"));
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return thread || open.map(ExplainedDenialsTest::target).flatMap(Optional::stream)
          .anyMatch(target -> target.toString().contains("seccomp"));
    }
  }

  private static Optional<Path> target(Path descriptor) {
    try {
      return Optional.of(Files.readSymbolicLink(descriptor));
    } catch (IOException closedMeanwhile) {
      return Optional.empty();
    }
  }
}
