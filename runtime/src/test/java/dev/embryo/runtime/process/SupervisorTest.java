package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Operand;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.Filter;
import dev.embryo.runtime.seccomp.FilterCompiler;
import dev.embryo.runtime.seccomp.FilterRules;
import dev.embryo.runtime.seccomp.OneShotExec;
import dev.embryo.runtime.seccomp.Rule;
import dev.embryo.runtime.seccomp.SeccompData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Programs whose filter asks about chroot and execveat, and those who answer. */
@ExtendWith(NothingLeftBehind.class)
class SupervisorTest {
  private static final BirthPlan PLAN = BirthPlan.of(Set.of(), Fragment.NONE, Fragment.NONE);

  private static byte[] filter() throws IOException {
    var asking = List.of("chroot", "execveat", "sendto").stream()
        .map(call -> new Rule(call, List.of(), Action.USER_NOTIF)).toList();
    return FilterCompiler.of(Libseccomp.load()).compile(new FilterRules(Action.ALLOW, asking)).bytes();
  }

  private static Program.Probe start(Judge judge) throws IOException {
    return start(judge, Fragment.NONE, List.of("probe"));
  }

  private static Program.Probe start(Judge judge, Fragment before, List<String> arguments) throws IOException {
    var sockets = FdPair.packets();
    try (Fd image = Program.Probe.image()) {
      var program = BirthProgram.builder();
      program.purpose("place the program's socket").place("socket", 0);
      before.addTo(program);
      Arming.supervised(program, filter());
      Arming.exec(program, program.received("image"), "probe", arguments, List.of());
      var supplies = new Supplies().descriptor("socket", sockets.second()).descriptor("image", image);
      return new Program.Probe(
          Zygote.shared().launch(PLAN, program.build(), supplies, Optional.of(new Supervision(judge, true)), Optional.empty()), sockets);
    } catch (IOException failure) {
      sockets.close();
      throw failure;
    } finally {
      sockets.second().close();
    }
  }

  private static long chroot(Program.Probe probe, String path) throws IOException {
    return probe.call(program -> program.call("chroot", program.string(path)));
  }

  private static long execveat(Program.Probe probe) throws IOException {
    return probe.call(program -> program.call("execveat", Constant.AT_FDCWD, program.string("/bin/true"),
        program.strings(List.of("true")), program.strings(List.of()), 0));
  }

  @Test
  void theExecOfABirthPassesAndIsNotTold() throws Exception {
    var told = Collections.synchronizedList(new ArrayList<SeccompData>());
    try (var probe = start(call -> {
      told.add(call.call());
      return Errno.EPERM.number();
    })) {
      assertThat(probe.call("getpid")).isPositive();
      assertThat(told).isEmpty();
    }
  }

  @Test
  void noOtherExecPassesWhateverTheJudgeSays() throws Exception {
    try (var probe = start(call -> 0)) {
      assertThat(execveat(probe)).isEqualTo(-Errno.EPERM.number());
      assertThat(execveat(probe)).isEqualTo(-Errno.EPERM.number());
    }
  }

  @Test
  void aCallFailsWithTheErrorThatTheJudgeChooses() throws Exception {
    for (Errno errno : List.of(Errno.EPERM, Errno.ENOSYS, Errno.ELOOP)) {
      try (var probe = start(call -> errno.number())) {
        assertThat(chroot(probe, "/")).isEqualTo(-errno.number());
      }
    }
  }

  @Test
  void theJudgeSeesTheCallTheThreadAndTheTextThatItPointsTo() throws Exception {
    var told = Collections.synchronizedList(new ArrayList<Object>());
    try (var probe = start(call -> {
      told.add(call.call().number());
      told.add(call.thread());
      told.add(call.text(call.call().arguments().get(0), 256).map(text -> new String(text, StandardCharsets.UTF_8)));
      return Errno.EPERM.number();
    })) {
      chroot(probe, "/a/path");

      assertThat(told).containsExactly(SystemCalls.number("chroot"), probe.process().pid(), Optional.of("/a/path"));
    }
  }

  @Test
  void aTextIsReadUpToALengthAndFromNowhereNotAtAll() throws Exception {
    var told = Collections.synchronizedList(new ArrayList<Optional<byte[]>>());
    try (var probe = start(call -> {
      told.add(call.text(call.call().arguments().get(0), 5000));
      told.add(call.text(-4096L, 5000));
      told.add(call.text(0, 5000));
      return Errno.EPERM.number();
    })) {
      chroot(probe, "x".repeat(10_000));

      assertThat(told.get(0)).hasValueSatisfying(text -> assertThat(text).hasSize(5000).containsOnly('x'));
      assertThat(told.subList(1, 3)).containsOnly(Optional.empty());
    }
  }

  @Test
  void aJudgeThatFailsRefusesAndIsAskedAgain() throws Exception {
    try (var probe = start(call -> {
      if (call.text(call.call().arguments().get(0), 9).orElseThrow().length > 1) {
        throw new IllegalStateException("a test's");
      }
      return Errno.ELOOP.number();
    })) {
      assertThat(chroot(probe, "/x")).isEqualTo(-Errno.EPERM.number());
      assertThat(chroot(probe, "/")).isEqualTo(-Errno.ELOOP.number());
    }
  }

  /** The end of the thread closes the listener. */
  @Test
  void aSupervisorThatDiesLetsNothingPassAndKeepsNobodyWaiting() throws Exception {
    try (var probe = start(call -> {
      throw new StackOverflowError("a test's");
    })) {
      assertThat(chroot(probe, "/")).isEqualTo(-Errno.ENOSYS.number());
      assertThat(chroot(probe, "/")).isEqualTo(-Errno.ENOSYS.number());
      assertThat(execveat(probe)).isEqualTo(-Errno.ENOSYS.number());
      assertThat(probe.call("getpid")).isPositive();
    }
  }

  @Test
  void aProgramThatIsKilledWhileItWaitsIsNotMissed() throws Exception {
    var asked = new CountDownLatch(1);
    var killed = new CountDownLatch(1);
    try (var probe = start(call -> {
      asked.countDown();
      awaitUninterrupted(killed);
      return Errno.EPERM.number();
    })) {
      var program = BirthProgram.builder();
      program.call("chroot", program.string("/"));
      new ControlSocket(probe.sockets().first()).send(program.build(), new int[0]);
      asked.await();
      probe.process().kill();
      assertThat(probe.process().waitFor().signal()).isEqualTo(9);
      killed.countDown();
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Test
  void whoRunsUnderAListenerAlreadyIsToldSo() throws IOException {
    var another = anotherFilter();
    Fragment listened = program -> {
      var code = program.bytes(another.bytes(), "another");
      program.purpose("be supervised by somebody");
      program.call("seccomp", Constant.SECCOMP_SET_MODE_FILTER, Constant.SECCOMP_FILTER_FLAG_NEW_LISTENER,
          program.words("{another filter}", another.length(), code));
    };

    assertThatThrownBy(() -> start(call -> Errno.EPERM.number(), listened, List.of("probe")))
        .isInstanceOf(BirthException.class)
        .hasMessageStartingWith("cannot let the launcher answer for what is refused: ").hasMessageContaining("EBUSY")
        .hasMessageEndingWith("; this process already runs under somebody's seccomp listener, and the kernel allows one"
            + " only; run the launcher outside of that supervisor");
  }

  @Test
  void anExecThatTheKernelRefusesIsToldThoughItWasLetThrough() {
    assertThatThrownBy(() -> start(call -> Errno.EPERM.number(), Fragment.NONE, List.of("x".repeat(128 * 1024))))
        .isInstanceOf(ExecException.class).hasMessageContaining("E2BIG");
  }

  @Test
  void aStepAfterTheFilterThatItRefusesEndsTheBirth() throws IOException {
    var code = filter();
    var program = BirthProgram.builder();
    Arming.supervised(program, code);
    program.purpose("enter a root").call("chroot", program.string("/"));
    Arming.exec(program, new Operand.Value(-1, "-1"), "nothing", List.of("x"), List.of());

    assertThatThrownBy(() -> Zygote.shared().launch(PLAN, program.build(), new Supplies(),
        Optional.of(new Supervision(call -> Errno.EPERM.number(), true)), Optional.empty()))
        .isInstanceOf(BirthException.class).hasMessageStartingWith("cannot enter a root: ").hasMessageContaining("EPERM");
  }

  private static Filter anotherFilter() throws IOException {
    return OneShotExec.filter(Libseccomp.load().systemCalls());
  }
}
