package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.linux.SystemCalls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a policy says of single system calls, tried by the probe. */
class SystemCallRulesTest {
  private static ProbePolicy rules(String systemCalls) {
    return ProbePolicy.LEAST.section("system-calls: " + systemCalls);
  }

  /** A call with arguments, as words for the probe; whatever the kernel says of them is "ok". */
  private static List<String> call(String name, String arguments) {
    var words = new ArrayList<>(List.of("call", Integer.toString(SystemCalls.number(name))));
    words.addAll(arguments.isEmpty() ? List.of() : List.of(arguments.split(" ")));
    return words;
  }

  private static void assertAnswer(String rules, List<String> act, String answer) throws Exception {
    Probe.assertAnswer(Probe.inside(rules(rules), act), answer);
  }

  @Test
  void aCallThatIsAllowedCanBeMadeAndCannotWithoutThat() throws Exception {
    assertAnswer("{allow: [socketpair]}", List.of("socketpair"), "ok");
    assertAnswer("{}", List.of("socketpair"), "EPERM");
  }

  @Test
  void aCallThatIsDeniedFailsAndCanBeMadeWithoutThat() throws Exception {
    assertAnswer("{deny: [timerfd_create]}", call("timerfd_create", "1 0"), "EPERM");
    assertAnswer("{}", call("timerfd_create", "1 0"), "ok");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # the kernel takes a mode of 16 bits, flags of 32, and a length of 64
      fchmod    | -1 0777               | EPERM
      fchmod    | -1 0xffff000000000777 | EPERM
      fchmod    | -1 0x101ff            | EPERM
      fchmod    | -1 0600               | ok
      pipe2     | 0 1                   | EPERM
      pipe2     | 0 0x100000001         | EPERM
      pipe2     | 0 0x8000000000000003  | EPERM
      pipe2     | 0 2                   | ok
      ftruncate | -1 0x100000000        | ok
      ftruncate | -1 0x100000001        | EPERM
      ftruncate | -1 5                  | ok
      """)
  void highBitsSlipPastNoDenial(String call, String arguments, String answer) throws Exception {
    String denied = "{deny: [{call: fchmod, when: arg1 & 0777 == 0777}, {call: pipe2, when: arg1 & 1 == 1},"
        + " {call: ftruncate, when: arg1 > 0x100000000}]}";
    String octalOrHexadecimal = arguments.replace("0xffff000000000777", "0xffff0000000001ff");

    assertAnswer(denied, call(call, octalOrHexadecimal), answer);
    assertAnswer("{}", call(call, octalOrHexadecimal), "ok");
  }

  @Test
  void aDenialBeatsAnAllowance() throws Exception {
    assertAnswer("{allow: [socketpair], deny: [{call: socketpair, when: arg0 == 1}]}", List.of("socketpair"), "EPERM");
  }

  @Test
  void anAllowanceOfAllIoctlsTypesIntoNoTerminal() throws Exception {
    assertAnswer("{allow: [ioctl]}", call("ioctl", "1 0x5412"), "EPERM");
    assertAnswer("{allow: [ioctl]}", call("ioctl", "1 0x100005412"), "EPERM");
    assertAnswer("{allow: [ioctl]}", call("ioctl", "1 0x5400"), "ok");
    assertAnswer("{}", call("ioctl", "1 0x5400"), "EPERM");
  }

  @Test
  void anAllowanceOfUnshareMakesNoNamespace() throws Exception {
    assertAnswer("{allow: [unshare]}", call("unshare", "0x10000000"), "EPERM");
    assertAnswer("{allow: [unshare]}", call("unshare", "0x400"), "ok");
  }

  /** Each of these is a call that the birth makes after its last filter but the one that denies. */
  @ParameterizedTest
  @CsvSource({"seccomp", "landlock_restrict_self", "landlock_create_ruleset", "landlock_add_rule", "chdir", "prlimit64",
      "sendmsg", "recvmsg"})
  void whatTheBirthItselfNeedsCanBeDeniedToTheProgram(String name) throws Exception {
    assertAnswer("{deny: [" + name + "]}", List.of("executed"), "ok");
    assertAnswer("{deny: [" + name + "]}", call(name, "-1 -1 -1 -1"), "EPERM");
  }

  @Test
  void aDeniedCallKillsTheProgramWhereThePolicySaysSo() throws Exception {
    assertAnswer("{on-denied: kill}", List.of("socketpair"), "SIGSYS");
    assertAnswer("{on-denied: kill, deny: [timerfd_create]}", call("timerfd_create", "1 0"), "SIGSYS");
    assertAnswer("{on-denied: kill, allow: [socketpair]}", List.of("socketpair"), "ok");
  }

  @Test
  void callsForWhichProgramsHaveAnotherWayStillFailWherePolicyKills() throws Exception {
    assertAnswer("{on-denied: kill}", List.of("clone3"), "ENOSYS");
    assertAnswer("{on-denied: kill}", List.of("call", "600"), "ENOSYS");
    assertAnswer("{on-denied: kill}", List.of("thread"), "ok");
  }

  @Test
  void aBirthThatFailsSaysWhyThoughThePolicyKills() {
    var longest = "x".repeat(128 * 1024); // MAX_ARG_STRLEN, with the NUL at its end

    assertThatThrownBy(() -> Probe.inside(rules("{on-denied: kill, deny: [chdir]}"), List.of("executed", longest)))
        .hasMessageStartingWith("cannot execute ").hasMessageContaining("E2BIG");
  }
}
