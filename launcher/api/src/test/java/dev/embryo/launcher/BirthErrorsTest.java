package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.process.Zygote;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation of a birth fails with every error that the manual page of its call lists, the call being made as it is, and what
 * it tolerates being kept: the program never runs with less than it was to have, and the error names the operation.
 *
 * <p>The zygote of this test has a filter, which all embryos inherit: a call whose sixth argument is marked fails with the error
 * that stands beside the mark. No call of a birth has a sixth argument.
 */
@Timeout(300)
class BirthErrorsTest {
  private static final List<String> ISOLATIONS = List.of("isolation: {}", "isolation: {require: [landlock, seccomp]}");

  /** The errors of the pages in section 2 of the manual; of the stub's own operations those of the calls that they make. */
  private static final Map<String, List<Errno>> ERRORS = errors("""
      @clone EAGAIN EBADF EBUSY EEXIST EINVAL ENOMEM ENOSPC ENOSYS EOPNOTSUPP EPERM EUSERS
      @compare ESTALE
      @decimal EOVERFLOW
      @gate EAGAIN ENOMEM EPERM
      @herald EAGAIN ENOMEM EPERM
      @place EBADF EBUSY EINTR EINVAL EMFILE
      @send EBADF EMFILE
      @settle EBADF EBUSY EINTR EINVAL EMFILE
      capset EFAULT EINVAL EPERM ESRCH
      chdir EACCES EFAULT EIO ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR
      close EBADF EDQUOT EINTR EIO ENOSPC
      dup3 EBADF EBUSY EINTR EINVAL EMFILE
      execveat E2BIG EACCES EAGAIN EBADF EFAULT EINVAL EIO EISDIR ELIBBAD ELOOP EMFILE ENAMETOOLONG ENFILE ENOENT ENOEXEC ENOMEM \
      ENOSYS ENOTDIR EPERM ETXTBSY
      fchdir EACCES EBADF ENOTDIR
      getpid ENOSYS
      landlock_add_rule EBADF EFAULT EINVAL ENOSYS EOPNOTSUPP EPERM
      landlock_create_ruleset E2BIG EFAULT EINVAL EMFILE ENOMEM ENOSYS EOPNOTSUPP
      landlock_restrict_self E2BIG EBADF EINVAL ENOSYS EOPNOTSUPP EPERM
      mkdirat EACCES EBADF EDQUOT EEXIST EFAULT EINVAL ELOOP EMLINK ENAMETOOLONG ENOENT ENOMEM ENOSPC ENOTDIR EPERM EROFS
      mknodat EACCES EBADF EDQUOT EEXIST EFAULT EINVAL ELOOP ENAMETOOLONG ENOENT ENOMEM ENOSPC ENOTDIR EPERM EROFS
      mount EACCES EBUSY EFAULT EINVAL ELOOP EMFILE ENAMETOOLONG ENODEV ENOENT ENOMEM ENOTDIR ENXIO EPERM EROFS
      mount_setattr EBADF EBUSY EINVAL ENOENT ENOMEM EPERM EROFS
      move_mount EACCES EBADF EFAULT EINVAL ELOOP EMFILE ENAMETOOLONG ENFILE ENOENT ENOMEM ENOTDIR EPERM
      open_tree EACCES EBADF EFAULT EINVAL ELOOP EMFILE ENAMETOOLONG ENFILE ENOENT ENOMEM ENOTDIR EPERM
      openat EACCES EBADF EBUSY EDQUOT EEXIST EFAULT EFBIG EINTR EINVAL EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ENODEV ENOENT ENOMEM \
      ENOSPC ENOTDIR ENXIO EOPNOTSUPP EOVERFLOW EPERM EROFS ETXTBSY
      pivot_root EBUSY EINVAL ENOTDIR EPERM
      prctl EACCES EBADF EBUSY EFAULT EINVAL ENODEV ENXIO EOPNOTSUPP EPERM
      prlimit64 EFAULT EINVAL EPERM ESRCH
      read EAGAIN EBADF ECONNRESET EFAULT EINTR EINVAL EIO EISDIR
      rt_sigaction EFAULT EINVAL
      seccomp EACCES EBUSY EFAULT EINVAL ENOMEM EOPNOTSUPP ESRCH
      setgroups EFAULT EINVAL ENOMEM EPERM
      sethostname EFAULT EINVAL ENAMETOOLONG EPERM
      setresgid EAGAIN EINVAL EPERM
      setresuid EAGAIN EINVAL EPERM
      statx EACCES EBADF EFAULT EINVAL ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR
      symlinkat EACCES EBADF EDQUOT EEXIST EFAULT EIO ELOOP ENAMETOOLONG ENOENT ENOMEM ENOSPC ENOTDIR EPERM EROFS
      umask ENOSYS
      umount2 EAGAIN EBUSY EFAULT EINVAL ENAMETOOLONG ENOENT ENOMEM EPERM
      unshare EINVAL ENOMEM ENOSPC EPERM EUSERS
      write EAGAIN EBADF EDQUOT EFAULT EFBIG EINTR EINVAL EIO ENOSPC EPERM EPIPE
      """);

  /**
   * Init and the embryo tell each other that they are there, and EPIPE says that the other is gone. It is not, and misses what it was
   * to be told. No other operation of a birth tolerates anything.
   */
  private static final Map<String, String> SAID_BY_THE_OTHER = Map.of(
      "write, tell init that the embryo exists, EPIPE", "cannot wait for the embryo: @compare(",
      "write, tell the embryo that init is ready, and which root they have, EPIPE", "cannot wait for init: @compare(");

  private static final long MARK = 0x6661_756cL;
  private static final int SECCOMP_SET_MODE_FILTER = 1;

  @TempDir private Path directory;

  private static Map<String, List<Errno>> errors(String table) {
    return table.lines().map(line -> line.split(" ")).collect(Collectors.toMap(words -> words[0],
        words -> Arrays.stream(words).skip(1).map(Errno::valueOf).toList()));
  }

  /** In the zygote, behind all that it does for one launch. */
  @BeforeAll
  static void theZygoteHasAFilter(@TempDir Path directory) throws Exception {
    var sandbox = Launches.shell(directory, "true", "");
    var filtering = sandbox.executing(BirthPart.ZYGOTE.changed(sandbox.compiled(),
        zygote -> zygote.inserting(zygote.operations().size(), BirthErrorsTest::refuseWhatIsMarked)));
    assertThat(ChangedBirth.fail(filtering)).isEmpty();
  }

  private static void refuseWhatIsMarked(BirthProgram.Builder program) {
    int mark = (int) MARK;
    var instructions = new long[][] { // struct sock_filter: code, jt, jf, k
        {0x20, 0, 0, 60}, // the upper half of the sixth argument
        {0x15, 0, 3, mark},
        {0x20, 0, 0, 56}, // the lower half
        {0x44, 0, 0, 0x0005_0000}, // SECCOMP_RET_ERRNO | it
        {0x16, 0, 0, 0},
        {0x06, 0, 0, 0x7fff_0000}};
    var bytes = ByteBuffer.allocate(8 * instructions.length).order(ByteOrder.nativeOrder());
    for (long[] each : instructions) {
      bytes.putShort((short) each[0]).put((byte) each[1]).put((byte) each[2]).putInt((int) each[3]);
    }
    var filter = program.bytes(bytes.array(), "filter");
    program.purpose("refuse what is marked")
        .call("seccomp", SECCOMP_SET_MODE_FILTER, 0, program.words("program", instructions.length, filter));
  }

  /** The next launch takes another, without that filter. */
  @AfterAll
  static void theZygoteIsReplaced() {
    ProcessHandle.of(Zygote.shared().pid()).ifPresent(ProcessHandle::destroyForcibly);
  }

  static Stream<Arguments> parts() {
    return ISOLATIONS.stream().flatMap(isolation -> Stream.of(BirthPart.values()).map(part -> Arguments.of(isolation, part)));
  }

  @ParameterizedTest(name = "{1}, {0}")
  @MethodSource("parts")
  void anErrorThatACallMayHaveEndsTheBirthAndIsNamed(String isolation, BirthPart part) throws Exception {
    var birth = ChangedBirth.of(directory, isolation);
    var before = birth.holdings();
    var wrong = new ArrayList<String>();
    var operations = birth.program(part).orElseThrow().operations();
    for (int i = 0; i < operations.size(); i++) {
      var operation = operations.get(i);
      int at = i;
      assertThat(ERRORS).as("the manual's errors").containsKey(operation.name());
      for (Errno error : ERRORS.get(operation.name())) {
        String what = operation.name() + ", " + operation.purpose() + ", " + error + ": ";
        birth.fail(part, program -> failing(program, at, error)).ifPresentOrElse(
            failure -> {
              if (!failure.getMessage().startsWith(expected(operation, error)) && !isOfAnInitThatIsGone(part, failure)) {
                wrong.add(what + failure.getMessage());
              }
            },
            () -> wrong.add(what + "the launch went on"));
        if (birth.ran() && !ChangedBirth.isForTheLauncherOnly(operation)) {
          wrong.add(what + "the program ran");
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }

  /** The call itself; what is not one call is represented by another, with the same mark. */
  private static BirthProgram failing(BirthProgram birth, int at, Errno error) {
    String call = birth.operations().get(at).name();
    return birth.calling(at, call.startsWith("@") ? "getpid" : call, 0, 0, 0, 0, 0, MARK << Integer.SIZE | error.number());
  }

  private static String expected(Operation operation, Errno error) {
    return SAID_BY_THE_OTHER.getOrDefault(operation.name() + ", " + operation.purpose() + ", " + error,
        "cannot " + operation.purpose() + ": " + operation.name() + "(");
  }

  /** The kernel puts no process into a pid namespace whose init has ended, and says ENOMEM: a helper that is late meets that first. */
  private static boolean isOfAnInitThatIsGone(BirthPart part, IOException failure) {
    return part == BirthPart.INIT && failure.getMessage().matches("cannot make the embryo: @clone.*: ENOMEM .*");
  }
}
