package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.Privileges;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NothingLeftBehind.class)
class EmbryoTest {
  private static final Set<Namespace> ALL = EnumSet.allOf(Namespace.class);
  private static final String EMPTY_SET = "0000000000000000";

  private static Embryo embryo(Namespace... namespaces) throws IOException {
    return Zygote.shared().embryo(Set.of(namespaces));
  }

  private static Fd devNull() throws IOException {
    return Fd.open("/dev/null", Constant.O_RDWR.asInt());
  }

  private static void hasErrno(Errno expected, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOfSatisfying(LinuxException.class,
        failure -> assertThat(Errno.name(failure.errno())).isEqualTo(expected.name()));
  }

  private static boolean readable(Fd descriptor) {
    var poll = Libc.allocate(8);
    poll.putInt(0, descriptor.number()).putShort(4, (short) 1);
    return Libc.poll(Libc.address(poll), 1, 0) == 1;
  }

  // 1: the descriptor table

  @Test
  void theDescriptorTableIsEmptyButForTheControlSocketAlthoughTheJvmHolds500OpenForInheritance() throws Exception {
    var inheritable = new ArrayList<Fd>();
    try (var zygote = startHolding500(inheritable)) {
      for (var namespaces : List.of(Set.<Namespace>of(), Set.of(Namespace.USER), ALL)) {
        try (var embryo = zygote.embryo(namespaces)) {
          assertThat(Proc.descriptors(embryo.pid())).containsOnlyKeys(0)
              .allSatisfy((number, target) -> assertThat(target).startsWith("socket:"));
        }
      }
      try (var embryo = zygote.embryo(Set.of())) {
        assertThat(Program.outputOf(embryo, "ls -l /proc/self/fd | grep -c ^l")).isEqualTo("2\n"); // 1, and ls's folder
      }
    } finally {
      inheritable.forEach(Fd::close);
    }
  }

  private static Zygote startHolding500(List<Fd> inheritable) throws IOException {
    for (int i = 0; i < 500; i++) {
      long path = Libc.address(Libc.allocate(16).put(0, "/dev/zero\0".getBytes(StandardCharsets.US_ASCII)));
      inheritable.add(Fd.own((int) LinuxException.check("open /dev/zero",
          Libc.syscall(SystemCalls.number("openat"), Constant.AT_FDCWD.value(), path, 0, 0, 0, 0))));
    }
    return Zygote.start();
  }

  // 2: signals

  @Test
  void allSignalsAreDefaultAndNoneIsBlocked() throws Exception {
    try (var embryo = embryo()) {
      for (String mask : List.of("SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd")) {
        assertThat(Proc.status(embryo.pid(), mask)).as(mask).isEqualTo(EMPTY_SET);
      }
    }
  }

  @Test
  void noTimerRuns() throws Exception {
    try (var embryo = embryo(); var probe = Program.Probe.start(embryo)) {
      assertThat(probe.call("alarm", 0)).isZero();
    }
  }

  // 3: environment, arguments, umask, working directory, root

  @Test
  void theProgramHasTheArgumentsAndTheEnvironmentThatItIsGivenAndNoOthers() throws Exception {
    try (var embryo = embryo(); Fd env = Program.open("/usr/bin/env")) {
      embryo.load(env, List.of("env"), Map.of());
      assertThat(Program.output(embryo)).isEmpty();
    }
    try (var embryo = embryo(); Fd env = Program.open("/usr/bin/env")) {
      embryo.load(env, List.of("env", "--", "A=b"), Map.of("ONLY", "this one"));
      assertThat(Program.output(embryo)).isEqualTo("ONLY=this one\nA=b\n");
    }
  }

  @Test
  void theUmaskIs077UntilItIsSet() throws Exception {
    try (var embryo = embryo()) {
      assertThat(Proc.status(embryo.pid(), "Umask")).isEqualTo("0077");
      embryo.umask(027);
      assertThat(Proc.status(embryo.pid(), "Umask")).isEqualTo("0027");
    }
  }

  @Test
  void withAMountNamespaceRootAndWorkingDirectoryAreEmptyAndReadOnly() throws Exception {
    try (var embryo = Zygote.shared().embryo(ALL); var probe = Program.Probe.start(embryo)) {
      assertThat(probe.call(open("/"))).isNotNegative();
      assertThat(probe.call(open("."))).isNotNegative();
      for (String path : List.of("/etc", "/proc", "/tmp", "etc", "../etc", "bin")) {
        assertThat(probe.call(open(path))).as(path).isEqualTo(-Errno.ENOENT.number());
      }
      assertThat(probe.call(program -> program.call("mkdirat", Constant.AT_FDCWD, program.string("/x"), 0700)))
          .isIn((long) -Errno.EROFS.number(), (long) -Errno.EACCES.number());
    }
  }

  private static Fragment open(String path) {
    return program -> program.call("openat", Constant.AT_FDCWD, program.string(path), 0, 0);
  }

  @Test
  void aPathIsLookedUpInTheEmptyRootAlsoBeforeTheStart() throws Exception {
    try (var embryo = Zygote.shared().embryo(ALL)) {
      hasErrno(Errno.ENOENT, () -> embryo.chdir("/etc"));
    }
  }

  @Test
  void withoutAMountNamespaceTheWorkingDirectoryIsTheRootUntilItIsSet() throws Exception {
    try (var embryo = embryo()) {
      assertThat(Program.outputOf(embryo, "pwd -P")).isEqualTo("/\n");
    }
    try (var embryo = embryo()) {
      embryo.chdir("/proc");
      assertThat(Program.outputOf(embryo, "pwd -P")).isEqualTo("/proc\n");
    }
    try (var embryo = embryo(); Fd usr = Program.open("/usr")) {
      embryo.chdir(usr);
      assertThat(Program.outputOf(embryo, "pwd -P")).isEqualTo("/usr\n");
    }
  }

  // 4: session, terminal, no_new_privs

  @Test
  void itLeadsASessionAndAProcessGroupOfItsOwnWithoutATerminal() throws Exception {
    try (var embryo = embryo()) {
      String pid = Integer.toString(embryo.pid());
      assertThat(Arrays.copyOfRange(Proc.stat(embryo.pid()), 2, 5)).containsExactly(pid, pid, "0");
    }
  }

  @Test
  void noNewPrivsIsSetInTheZygoteAlreadySoThatEverythingElseComesAfterIt() throws Exception {
    try (var zygote = Zygote.start(); var embryo = zygote.embryo(Set.of())) {
      assertThat(Proc.status(zygote.pid(), "NoNewPrivs")).isEqualTo("1");
      assertThat(Proc.status(embryo.pid(), "NoNewPrivs")).isEqualTo("1");
    }
  }

  // 5: documented values

  @Test
  void schedulingTimersPersonalityAndDumpabilityHaveTheirDocumentedValues() throws Exception {
    try (var embryo = embryo(); var probe = Program.Probe.start(embryo)) {
      assertThat(probe.call("getpriority", 0, 0)).as("20 - niceness").isEqualTo(20 - ownNiceness());
      assertThat(probe.call("sched_getscheduler", 0)).as("SCHED_OTHER").isZero();
      assertThat(probe.call("prctl", 30)).as("PR_GET_TIMERSLACK, ns").isEqualTo(50_000);
      assertThat(probe.call("personality", 0xffffffffL)).as("PER_LINUX").isZero();
      assertThat(probe.call("prctl", 3)).as("PR_GET_DUMPABLE").isEqualTo(1);
      assertThat(probe.call("prctl", 7)).as("PR_GET_KEEPCAPS").isZero();
    }
  }

  /** Only root may undo it. */
  private static int ownNiceness() throws IOException {
    return Libc.getuid() == 0 ? 0 : Math.max(0, Integer.parseInt(Proc.stat(Libc.getpid())[16]));
  }

  @Test
  void theSessionKeyringIsNotTheLaunchers() throws Exception {
    long ours = Libc.syscall(SystemCalls.number("keyctl"), 0, -3, 0, 0, 0, 0);
    assumeTrue(ours != -1, "this host has no keyrings, or hides them");
    try (var embryo = embryo(); var probe = Program.Probe.start(embryo)) {
      assertThat(probe.call("keyctl", 0, -3, 0)).isPositive().isNotEqualTo(ours);
    }
  }

  @Test
  void inItsUserNamespaceItIsUser1000AndItsProgramHasNoCapabilityAndNoWayToOne() throws Exception {
    try (var embryo = embryo(Namespace.USER, Namespace.PID); var probe = Program.Probe.start(embryo)) {
      assertThat(probe.call("getuid")).isEqualTo(1000);
      assertThat(probe.call("getgid")).isEqualTo(1000);
      assertThat(probe.call("getpid")).as("pid 1 is init").isEqualTo(2);
      assertThat(probe.call("prctl", 27)).as("PR_GET_SECUREBITS: all locked").isEqualTo(0xEF);
      for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
        assertThat(Proc.status(embryo.pid(), set)).as(set).isEqualTo(EMPTY_SET);
      }
    }
  }

  @Test
  void aLimitIsWhatItWasSetTo() throws Exception {
    try (var embryo = embryo()) {
      embryo.limit(ResourceLimit.CORE, 0);
      embryo.limit(ResourceLimit.NOFILE, 17);
      assertThat(Program.outputOf(embryo, "ulimit -c; ulimit -n")).isEqualTo("0\n17\n");
    }
  }

  // 6: one pidfd

  @Test
  void onePidfdStandsForTheEmbryoAndForTheProgramAndCanBePolledBeforeTheStart() throws Exception {
    try (var embryo = embryo(); Fd pidfd = Fd.duplicate(embryo.pidfd().number())) {
      assertThat(readable(pidfd)).isFalse();
      Program.shell(embryo, "exec sleep 1000");
      try (var process = embryo.start()) {
        assertThat(process.pidfd()).isSameAs(embryo.pidfd());
        assertThat(process.pid()).isEqualTo(embryo.pid());
        assertThat(readable(pidfd)).isFalse();
      }
      assertThat(readable(pidfd)).isTrue();
    }
  }

  @Test
  void anEmbryoThatDiesBeforeItsStartMakesThePidfdReadableAndTheNextStepFail() throws Exception {
    try (var embryo = embryo()) {
      Child.killByPid(embryo.pid());
      Eventually.holds("the pidfd is readable", () -> readable(embryo.pidfd()));
      assertThatThrownBy(() -> embryo.umask(0)).isInstanceOf(IOException.class);
      assertThatIllegalStateException().isThrownBy(() -> embryo.umask(0)).withMessage("the embryo is gone");
    }
  }

  // 7: configuring

  @Test
  void nothingIsConfiguredAfterTheStart() throws Exception {
    try (var embryo = embryo(); Fd nothing = devNull()) {
      Program.shell(embryo, "exec sleep 1000");
      try (var process = embryo.start()) {
        for (ThrowingCallable step : stepsOf(embryo, nothing)) {
          assertThatIllegalStateException().isThrownBy(step).withMessage("the embryo is started already");
        }
        embryo.close();
        assertThat(process.isAlive()).as("closing the embryo does not touch the program").isTrue();
      }
    }
  }

  private static List<ThrowingCallable> stepsOf(Embryo embryo, Fd nothing) {
    return List.of(() -> embryo.setFd(nothing, 5), () -> embryo.setFds(5, List.of(nothing)),
        () -> embryo.setFdRange(0, 5), () -> embryo.apply(open("/")), () -> embryo.arm(Fragment.NONE, new Supplies()),
        () -> embryo.chdir("/"), () -> embryo.chdir(nothing), () -> embryo.umask(0),
        () -> embryo.limit(ResourceLimit.CORE, 0), () -> embryo.load(nothing, List.of("x"), Map.of()),
        embryo::start, embryo::ready);
  }

  @Test
  void aFailedStepNamesWhatFailedAndLeavesTheEmbryoDead() throws Exception {
    try (var embryo = embryo(); Fd nothing = devNull()) {
      assertThatThrownBy(() -> embryo.chdir("/nowhere")).isInstanceOf(BirthException.class)
          .hasMessageStartingWith(
              "cannot enter the directory /nowhere: chdir(\"/nowhere\"): ENOENT (no such file or directory)");
      assertThat(Proc.exists(embryo.pid())).isFalse();
      for (ThrowingCallable step : stepsOf(embryo, nothing)) {
        assertThatIllegalStateException().isThrownBy(step).withMessage("the embryo is gone");
      }
    }
  }

  @Test
  void aStepWhoseArgumentsAreRefusedHasNotHappened() throws Exception {
    try (var embryo = embryo(); Fd nothing = devNull()) {
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.setFd(nothing, -1));
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.umask(01000));
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.load(nothing, List.of(), Map.of()));
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.load(nothing, List.of("x"), Map.of("A=B", "")));
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.apply(p -> p.place("missing", 3)));
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.apply(p -> p.call("execveat")));
      assertThatIllegalStateException().isThrownBy(embryo::start)
          .withMessage("no program was loaded into the embryo");
      assertThat(Program.outputOf(embryo, "echo alive")).isEqualTo("alive\n");
    }
  }

  @Test
  void signalsNeedARunningProgram() throws Exception {
    try (var embryo = embryo()) {
      hasErrno(Errno.ESRCH, () -> embryo.signal(15));
    }
  }

  // 8: setFd

  /** Its table, after a further batch: what a batch brought is closed when it has been answered, before the next. */
  private static Map<Integer, String> descriptors(Embryo embryo) throws IOException {
    embryo.apply(program -> program.call("getpid"));
    return Proc.descriptors(embryo.pid());
  }

  @Test
  void settingADescriptorReplacesWhatIsThere() throws Exception {
    var pipe = FdPair.pipe();
    try (pipe; var embryo = embryo(); Fd nothing = devNull()) {
      for (int number = 0; number < 10; number++) { // over the control socket, wherever it goes
        embryo.setFd(nothing, number);
      }
      embryo.setFd(pipe.first(), 4);
      assertThat(descriptors(embryo).get(4)).startsWith("pipe:");
      assertThat(descriptors(embryo).get(9)).isEqualTo("/dev/null");
      assertThat(descriptors(embryo)).hasSize(11);
    }
  }

  @Test
  void severalDescriptorsGetSuccessiveNumbers() throws Exception {
    try (var embryo = embryo(); Fd nothing = devNull()) {
      embryo.setFds(3, Collections.nCopies(600, nothing));
      assertThat(descriptors(embryo).values().stream().filter("/dev/null"::equals)).hasSize(600);
      assertThat(Program.outputOf(embryo, "ls /proc/self/fd | wc -l")).isEqualTo("602\n");
    }
  }

  @Test
  void aRangeSkipsWhatIsCloseOnExec() throws Exception {
    try (var embryo = embryo(); Fd closedOnExec = devNull(); Fd inherited = devNull()) {
      LinuxException.check("clear FD_CLOEXEC", Libc.fcntl(inherited.number(), 2, 0));
      int first = Math.min(closedOnExec.number(), inherited.number());
      embryo.setFdRange(first, Math.max(closedOnExec.number(), inherited.number()));
      assertThat(descriptors(embryo)).containsEntry(inherited.number(), "/dev/null")
          .doesNotContainKey(closedOnExec.number());
    }
  }

  @Test
  void aDescriptorAboveTheLimitIsRefusedAndNothingHasHappened() throws Exception {
    try (var embryo = embryo(); Fd nothing = devNull()) {
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.setFd(nothing, 1 << 30))
          .withMessageMatching("descriptor 1073741824 is not below \\d+, the embryo's limit of open files .*");
      embryo.limit(ResourceLimit.NOFILE, 20);
      embryo.setFd(nothing, 19);
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.setFd(nothing, 20));
      assertThatIllegalArgumentException().isThrownBy(() -> embryo.setFds(18, List.of(nothing, nothing, nothing)));
      assertThat(descriptors(embryo)).doesNotContainKeys(18, 20);
    }
  }

  // 9: the executable

  @Test
  void theProgramIsNamedByADescriptorWhichTheCallerMayCloseAfterTheLoad() throws Exception {
    try (var embryo = embryo()) {
      assertThat(Program.outputOf(embryo, "readlink /proc/$$/exe"))
          .isEqualTo(Path.of("/bin/sh").toRealPath() + "\n");
    }
  }

  @Test
  void aMissingInterpreterIsNamed() throws Exception {
    try (var embryo = Zygote.shared().embryo(ALL); Fd program = Program.open("/bin/true")) {
      embryo.load(program, List.of("true"), Map.of());
      assertThatThrownBy(embryo::start).isInstanceOfSatisfying(ExecException.class, failure -> {
        assertThat(failure.errno()).isEqualTo(Errno.ENOENT.number());
        assertThat(failure.missingInterpreter()).hasValueSatisfying(path -> assertThat(path).contains("ld-linux"));
        assertThat(failure.getMessage()).startsWith(
            "cannot execute true: there is no " + failure.missingInterpreter().get() + ", its interpreter, in the");
      });
    }
  }

  @Test
  void aFileThatIsNoProgramIsSaidToBeNone() throws Exception {
    try (var embryo = embryo(); Fd text = Memfd.executable("text", "no program\n".getBytes(StandardCharsets.US_ASCII))) {
      embryo.load(text, List.of("text"), Map.of());
      hasErrno(Errno.ENOEXEC, embryo::start);
      embryo.load(text, List.of("text"), Map.of());
      assertThatThrownBy(embryo::start).isInstanceOf(ExecException.class).hasMessageContaining("not an ELF file");
    }
  }

  @Test
  void aScriptIsSaidToNeedItsInterpreter() throws Exception {
    try (var embryo = embryo(); Fd script = Memfd.executable("s", "#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII))) {
      embryo.load(script, List.of("s"), Map.of());
      assertThatThrownBy(embryo::start).isInstanceOf(ExecException.class)
          .hasMessageContaining("scripts do not run by descriptor: execute the interpreter");
    }
  }

  @Test
  void aFileWithoutExecutePermissionIsDeniedAndAnotherCanBeLoadedThen(@TempDir Path folder) throws Exception {
    var file = Files.copy(Path.of("/bin/true").toRealPath(), folder.resolve("true"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    try (var embryo = embryo(); Fd denied = Program.open(file.toString())) {
      embryo.load(denied, List.of("true"), Map.of());
      assertThatThrownBy(embryo::start).isInstanceOf(ExecException.class)
          .hasMessageContaining("it has no execute permission").hasMessageEndingWith("EACCES (permission denied)");
      assertThat(Program.outputOf(embryo, "echo alive")).isEqualTo("alive\n");
    }
  }

  @Test
  void aFolderIsDenied() throws Exception {
    try (var embryo = embryo(); Fd folder = Program.open("/usr")) {
      embryo.load(folder, List.of("usr"), Map.of());
      assertThatThrownBy(embryo::start).isInstanceOf(ExecException.class)
          .hasMessageContaining("it is not a regular file");
    }
  }

  @Test
  void aFailedExecIsFinalOnceALimitIsSet() throws Exception {
    try (var embryo = embryo(); Fd folder = Program.open("/usr")) {
      embryo.limit(ResourceLimit.CORE, 0);
      embryo.load(folder, List.of("usr"), Map.of());
      hasErrno(Errno.EACCES, embryo::start);
      assertThatIllegalStateException().isThrownBy(() -> embryo.load(folder, List.of("usr"), Map.of()));
    }
  }

  @Test
  void whatWasArmedHoldsForTheProgramOnly() throws Exception {
    try (var embryo = embryo()) {
      embryo.arm(program -> Arming.limit(program, Map.of(ResourceLimit.FSIZE, 4096L)), new Supplies());
      assertThat(Files.readString(Path.of("/proc/" + embryo.pid() + "/limits")))
          .doesNotContainPattern("Max file size +4096");
      assertThat(Program.outputOf(embryo, "grep -c 'Max file size *4096' /proc/self/limits")).isEqualTo("1\n");
    }
  }

  @Test
  void accessToTheProgramIsCheckedWithTheIdentityThatItWillHave(@TempDir Path folder) throws Exception {
    assumeTrue(Libc.getuid() == 0, "only root can change its identity");
    var file = Files.copy(Path.of("/bin/true").toRealPath(), folder.resolve("true"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    for (long user : List.of(0L, 65534L)) {
      try (var embryo = embryo(); Fd program = Program.open(file.toString())) {
        embryo.apply(Privileges.identity(List.of()).then(Privileges.dropped()),
            new Supplies().value(Privileges.USER, user).value(Privileges.GROUP, user));
        embryo.load(program, List.of("true"), Map.of());
        if (user == 0) {
          try (var process = embryo.start()) {
            assertThat(process.waitFor()).isEqualTo(new ExitStatus(0, 0, false));
          }
        } else {
          hasErrno(Errno.EACCES, embryo::start);
        }
      }
    }
  }

  // 10: close

  @Test
  void closingBeforeTheStartLeavesNoProcessAndNoZombie() throws Exception {
    for (var namespaces : List.of(Set.<Namespace>of(), Set.of(Namespace.USER), ALL)) {
      var before = Proc.children(Libc.getpid());
      var descriptors = Proc.ownDescriptors();
      try (var embryo = Zygote.shared().embryo(namespaces); Fd program = Program.open("/bin/true")) {
        embryo.load(program, List.of("true"), Map.of());
        assertThat(Proc.children(Libc.getpid())).contains(embryo.pid());
      }
      assertThat(Proc.children(Libc.getpid())).isEqualTo(before);
      assertThat(Proc.ownDescriptors()).isEqualTo(descriptors);
    }
  }

  @Test
  void closingWhileAnotherThreadConfiguresEndsBoth() throws Exception {
    for (int i = 0; i < 50; i++) {
      var embryo = embryo();
      var configuring = new CountDownLatch(1);
      var failure = CompletableFuture.supplyAsync(() -> configureUntilItFails(embryo, configuring));
      configuring.await();
      embryo.close();
      assertThat(failure.get()).isInstanceOfAny(IOException.class, IllegalStateException.class);
      assertThat(Proc.exists(embryo.pid())).isFalse();
    }
  }

  private static Exception configureUntilItFails(Embryo embryo, CountDownLatch configuring) {
    try {
      while (true) {
        embryo.umask(022);
        configuring.countDown();
      }
    } catch (IOException | IllegalStateException closed) {
      return closed;
    }
  }

  @Test
  void closingWhileAnotherThreadStartsLeavesEitherAProgramOrNothing() throws Exception {
    for (int i = 0; i < 50; i++) {
      var embryo = embryo();
      Program.shell(embryo, "exec sleep 1000");
      var started = CompletableFuture.supplyAsync(() -> startOrNull(embryo));
      embryo.close();
      var process = started.get();
      if (process != null) {
        assertThat(process.isAlive()).isTrue();
        process.close();
      }
      assertThat(Proc.exists(embryo.pid())).isFalse();
    }
  }

  private static RunningProcess startOrNull(Embryo embryo) {
    try {
      return embryo.start();
    } catch (IOException | IllegalStateException closed) {
      return null;
    }
  }

  @Test
  void aRefusedNamespaceIsAnErrorThatLeavesNothing() throws Exception {
    assumeTrue(Libc.getuid() != 0, "root may make any namespace");
    assertThatThrownBy(() -> embryo(Namespace.NETWORK)).isInstanceOf(BirthException.class)
        .hasMessageContaining("EPERM");
  }

  // 11: the right to start

  @Test
  void theRightToStartIsAnObjectWithoutTheRightToConfigure() {
    assertThat(Arrays.stream(ReadyEmbryo.class.getDeclaredMethods()).filter(m -> Modifier.isPublic(m.getModifiers()))
        .map(Method::getName)).containsOnly("pid", "start", "kill", "waitFor", "close");
  }

  @Test
  void aReadyEmbryoIsConfiguredNoMoreAndOutlivesTheObjectThatConfiguredIt() throws Exception {
    ReadyEmbryo ready;
    try (var embryo = embryo(); Fd nothing = devNull()) {
      Program.shell(embryo, "exit 7");
      ready = embryo.ready();
      for (ThrowingCallable step : stepsOf(embryo, nothing)) {
        assertThatIllegalStateException().isThrownBy(step)
            .withMessage("the embryo is ready: it can only be started or killed");
      }
    }
    try (ready; var process = ready.start()) {
      assertThat(ready.waitFor()).isEqualTo(new ExitStatus(7, 0, false));
      assertThat(process.waitFor()).isEqualTo(new ExitStatus(7, 0, false));
      assertThatIllegalStateException().isThrownBy(ready::start);
    }
  }

  @Test
  void aReadyEmbryoCanBeKilledWithoutHavingRun(@TempDir Path folder) throws Exception {
    try (var embryo = Zygote.shared().embryo(Set.of(Namespace.USER, Namespace.PID))) {
      Program.shell(embryo, "touch " + folder.resolve("ran"));
      var ready = embryo.ready();
      var end = CompletableFuture.supplyAsync(() -> waitFor(ready));
      ready.kill();
      assertThat(end.get()).isEqualTo(new ExitStatus(0, 9, false));
      assertThat(Proc.exists(ready.pid())).isFalse();
      assertThat(folder.resolve("ran")).doesNotExist();
      assertThatIllegalStateException().isThrownBy(ready::start);
    }
  }

  private static ExitStatus waitFor(ReadyEmbryo ready) {
    try {
      return ready.waitFor();
    } catch (IOException | InterruptedException failure) {
      throw new AssertionError(failure);
    }
  }

  // 12 is in PosixSpawnTest, 13 in CreationTest
}
