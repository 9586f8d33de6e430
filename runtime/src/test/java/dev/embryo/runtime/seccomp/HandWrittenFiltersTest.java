package dev.embryo.runtime.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HandWrittenFiltersTest {
  private static final int I386 = 0x4000_0003;

  @ParameterizedTest
  @EnumSource
  void oneShotExecAsksAboutExecveatAndAllowsTheRest(Architecture architecture)
      throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
    Filter filter = OneShotExec.filter(calls);

    calls.all().forEach((number, name) ->
        assertThat(Simulator.run(filter, SeccompData.of(architecture, number)))
            .as(name)
            .isEqualTo(name.equals("execveat") ? Action.USER_NOTIF : Action.ALLOW));
    assertThat(Simulator.run(filter, SeccompData.of(architecture, 5000))).isEqualTo(Action.ALLOW);
    assertThat(Simulator.run(filter, SeccompData.of(architecture, -1))).isEqualTo(Action.ALLOW);
  }

  @ParameterizedTest
  @EnumSource
  void initMayDoSixThingsAndDiesOfAnyOther(Architecture architecture) throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
    Filter filter = InitFilter.filter(calls);
    Set<String> allowed = Set.of("recvmsg", "sendmsg", "write", "close", "exit_group", "rt_sigreturn");

    calls.all().forEach((number, name) ->
        assertThat(Simulator.run(filter, SeccompData.of(architecture, number)))
            .as(name)
            .isEqualTo(allowed.contains(name) ? Action.ALLOW : Action.KILL_PROCESS));
    assertThat(Simulator.run(filter, SeccompData.of(architecture, 5000)))
        .isEqualTo(Action.KILL_PROCESS);
  }

  @ParameterizedTest
  @EnumSource
  void aCompanionMaySayWhoIsInTheForegroundOfATerminalAndDiesOfAnyOtherIoctl(Architecture architecture)
      throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
    Filter filter = CompanionFilter.filter(calls);
    Set<String> allowed = Set.of("recvmsg", "sendmsg", "write", "close", "exit_group", "rt_sigreturn", "getpid", "getsid");

    calls.all().forEach((number, name) ->
        assertThat(Simulator.run(filter, SeccompData.of(architecture, number)))
            .as(name)
            .isEqualTo(allowed.contains(name) ? Action.ALLOW : Action.KILL_PROCESS));
    int ioctl = calls.require("ioctl");
    for (long high : new long[] {0, 1L << 32}) { // of which the kernel knows nothing
      assertThat(Simulator.run(filter, SeccompData.of(architecture, ioctl, 5, high | 0x5410))).isEqualTo(Action.ALLOW);
      assertThat(Simulator.run(filter, SeccompData.of(architecture, ioctl, 5, high | 0x5412))).isEqualTo(Action.KILL_PROCESS);
    }
    assertThat(Simulator.run(filter, SeccompData.of(architecture, 5000))).isEqualTo(Action.KILL_PROCESS);
  }

  @ParameterizedTest
  @EnumSource
  void aGuardMayDoNineThingsAndDiesOfAnyOther(Architecture architecture) throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
    Filter filter = GuardFilter.filter(calls);
    Set<String> allowed = Set.of("recvmsg", "sendmsg", "write", "close", "exit_group", "rt_sigreturn", "ppoll",
        "restart_syscall", "pidfd_send_signal");

    calls.all().forEach((number, name) ->
        assertThat(Simulator.run(filter, SeccompData.of(architecture, number)))
            .as(name)
            .isEqualTo(allowed.contains(name) ? Action.ALLOW : Action.KILL_PROCESS));
  }

  @ParameterizedTest
  @EnumSource
  void aProgramSignalsItselfAndItsGroupAndNobodyElse(Architecture architecture) throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);
    int itself = 4711;
    byte[] bytes = OwnSignals.filter(calls).bytes();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(OwnSignals.pidOffset(OwnSignals.filter(calls)), itself);
    Filter filter = Filter.parse(bytes);

    for (String call : List.of("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")) {
      int number = calls.require(call);
      for (long high : new long[] {0, 1L << 32, -1L << 32}) {
        assertThat(Simulator.run(filter, SeccompData.of(architecture, number, high | itself, 9, 9))).isEqualTo(Action.ALLOW);
        assertThat(Simulator.run(filter, SeccompData.of(architecture, number, high | itself + 1, itself)))
            .isEqualTo(Action.EPERM);
        assertThat(Simulator.run(filter, SeccompData.of(architecture, number, high | 1))).isEqualTo(Action.EPERM);
        assertThat(Simulator.run(filter, SeccompData.of(architecture, number, high)))
            .isEqualTo(call.equals("kill") ? Action.ALLOW : Action.EPERM);
      }
      assertThat(Simulator.run(filter, SeccompData.of(architecture, number, -1))).isEqualTo(Action.EPERM);
      assertThat(Simulator.run(filter, SeccompData.of(architecture, number, -itself))).isEqualTo(Action.EPERM);
      assertThat(Simulator.run(filter, SeccompData.of(architecture, number, OwnSignals.PID))).isEqualTo(Action.EPERM);
    }
    assertThat(Simulator.run(filter, SeccompData.of(architecture, calls.require("getpid")))).isEqualTo(Action.ALLOW);
  }

  @ParameterizedTest
  @EnumSource
  void bothEndTheProcessAtAForeignCall(Architecture architecture) throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(architecture);

    for (Filter filter : List.of(OneShotExec.filter(calls), InitFilter.filter(calls))) {
      for (int number : new int[] {0, 6, 358, 5000}) {
        assertThat(Simulator.run(filter, new SeccompData(number, I386, 0, List.of())))
            .isEqualTo(Action.KILL_PROCESS);
      }
    }
  }

  @Test
  void bothEndTheProcessAtAnX32Call() throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(Architecture.X86_64);

    for (Filter filter : List.of(OneShotExec.filter(calls), InitFilter.filter(calls))) {
      for (int number : new int[] {0, 3, 322, 545}) {
        SeccompData x32 = SeccompData.of(Architecture.X86_64, number | Architecture.X32_BIT);
        assertThat(Simulator.run(filter, x32)).isEqualTo(Action.KILL_PROCESS);
      }
    }
  }

  @Test
  void theTextOfAFilterNamesItsCalls() throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(Architecture.X86_64);

    assertThat(Disassembler.disassemble(OneShotExec.filter(calls), calls))
        .isEqualTo(
            """
               0  load architecture
               1  if == x86_64                             2 else 8
               2  load number
               3  if >= 0x40000000                         6 else 4
               4  if == execveat (322)                     5 else 7
               5  return USER_NOTIF
               6  if == 0xffffffff                         7 else 8
               7  return ALLOW
               8  return KILL_PROCESS
            """);
  }

  @Test
  void theTextOfAFilterNamesArgumentsAndNotNumbersInThem() throws LibseccompException {
    SystemCallTable calls = Libseccomp.load().systemCalls(Architecture.X86_64);
    Filter filter =
        Filter.parse(
            new Filter(
                    new Assembler()
                        .load(SeccompData.ARGUMENTS + 12)
                        .ifEqual(59, "allow", Assembler.NEXT)
                        .answer(Action.errno(13))
                        .place("allow")
                        .answer(Action.ALLOW)
                        .assemble())
                .bytes());

    assertThat(Disassembler.disassemble(filter, calls))
        .isEqualTo(
            """
               0  load argument 1 hi
               1  if == 0x3b                               3 else 2
               2  return ERRNO(13)
               3  return ALLOW
            """);
  }
}
