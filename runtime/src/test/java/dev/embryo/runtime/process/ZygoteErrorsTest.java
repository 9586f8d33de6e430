package dev.embryo.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.runtime.birth.Baseline;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Operand;
import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a zygote does at its beginning fails with every error that the manual page of the call lists, or kills it: then there is no
 * zygote, and the error says why; or the error is one that leaves everything as strict as it was, and it serves.
 *
 * <p>A thread of its own starts the zygote, and has a filter, which the zygote inherits.
 */
@ExtendWith(NothingLeftBehind.class)
@Timeout(60)
class ZygoteErrorsTest {
  private static final Map<String, List<Errno>> ERRORS = Map.of(
      "prctl", List.of(Errno.EACCES, Errno.EFAULT, Errno.EINVAL, Errno.EPERM),
      "umask", List.of(Errno.ENOSYS),
      "chdir", List.of(Errno.EACCES, Errno.EFAULT, Errno.EIO, Errno.ELOOP, Errno.ENAMETOOLONG, Errno.ENOENT, Errno.ENOMEM, Errno.ENOTDIR),
      "setpriority", List.of(Errno.EACCES, Errno.EINVAL, Errno.EPERM, Errno.ESRCH),
      "sched_setscheduler", List.of(Errno.EINVAL, Errno.EPERM, Errno.ESRCH),
      "personality", List.of(Errno.EINVAL),
      "keyctl", List.of(Errno.EACCES, Errno.EDQUOT, Errno.EINVAL, Errno.ENOMEM, Errno.ENOSYS, Errno.EOPNOTSUPP, Errno.EPERM));

  /** Who may not improve his niceness or scheduling keeps it; a filter refuses every program the use of the keyring. */
  private static final Map<String, Predicate<Errno>> TOLERATED = Map.of(
      "setpriority", Errno.EACCES::equals,
      "sched_setscheduler", Errno.EPERM::equals,
      "keyctl", error -> true);

  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int KILL_PROCESS = 0x8000_0000;
  private static final int ERRNO = 0x0005_0000;
  private static final int ALLOW = 0x7fff_0000;
  private static final int SECCOMP_SET_MODE_FILTER = 1;

  private static Stream<Operation> operations() {
    return Stream.of(Baseline.PROGRAM, Baseline.KEYRING).map(BirthProgram::operations).flatMap(List::stream);
  }

  static Stream<Arguments> errors() {
    return operations().flatMap(operation -> ERRORS.get(operation.name()).stream().map(error -> Arguments.of(operation, error)));
  }

  static Stream<Operation> steps() {
    return operations();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("errors")
  void anErrorAtTheBeginningIsNamedOrChangesNothing(Operation operation, Errno error) throws Exception {
    if (TOLERATED.getOrDefault(operation.name(), none -> false).test(error)) {
      try (var zygote = startWhere(operation.number(), first(operation), ERRNO | error.number())) {
        serves(zygote);
      }
    } else {
      assertThatThrownBy(() -> startWhere(operation.number(), first(operation), ERRNO | error.number()))
          .isInstanceOf(IOException.class).hasMessageStartingWith(
              "the zygote did not start: cannot " + operation.purpose() + ": " + operation.name() + "(")
          .hasMessageContaining(error.name());
    }
    serves(Zygote.shared());
  }

  @ParameterizedTest
  @MethodSource("steps")
  void aZygoteThatIsKilledAtItsBeginningIsMissed(Operation operation) throws Exception {
    assertThatThrownBy(() -> startWhere(operation.number(), first(operation), KILL_PROCESS))
        .isInstanceOf(IOException.class).hasMessage("the zygote did not start: it ended without a reply");
    serves(Zygote.shared());
  }

  /** Which every filter depends on. */
  @Test
  void aZygoteThatMayGainPrivilegesDoesNotStart() {
    assertThatThrownBy(() -> startWhere(SystemCalls.number("prctl"), PR_SET_NO_NEW_PRIVS, ERRNO | Errno.EINVAL.number()))
        .hasMessageStartingWith("the zygote did not start: ");
  }

  @Test
  void aZygoteThatCannotCloseWhatItInheritedDoesNotStart() {
    assertThatThrownBy(() -> startWhere(SystemCalls.number("close_range"), 1, ERRNO | Errno.ENOSYS.number()))
        .hasMessageStartingWith("the zygote did not start: ");
  }

  private static void serves(Zygote zygote) throws Exception {
    try (var embryo = zygote.embryo(Set.of())) {
      assertThat(Program.outputOf(embryo, "grep -E '^(NoNewPrivs|Umask)' /proc/self/status; ulimit -c"))
          .contains("Umask:\t0077\n", "NoNewPrivs:\t1\n");
    }
  }

  /** The first argument, as far as it is known; a call that has none is made with 0. */
  private static long first(Operation operation) {
    return operation.operands().isEmpty() || !(operation.operands().get(0) instanceof Operand.Value value) ? -1 : value.value();
  }

  /** A zygote for which one call has another answer; {@code first} is its first argument, or -1 for any. */
  private static Zygote startWhere(int call, long first, int answer) throws Exception {
    var started = new CompletableFuture<Zygote>();
    var thread = new Thread(() -> {
      try {
        filter(call, first, answer);
        started.complete(Zygote.start());
      } catch (IOException failure) {
        started.completeExceptionally(failure);
      }
    });
    thread.start();
    thread.join();
    try {
      return started.get();
    } catch (ExecutionException failure) {
      throw (IOException) failure.getCause();
    }
  }

  /** On this thread, and what it starts. */
  private static void filter(int call, long first, int answer) throws LinuxException {
    LinuxException.check("give up privileges", Libc.syscall(SystemCalls.number("prctl"), PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0));
    var instructions = Libc.allocate(8 * 6);
    add(instructions, 0x20, 0, 0, 0); // the call
    add(instructions, 0x15, 0, 3, call);
    add(instructions, 0x20, 0, 0, 16); // the lower half of its first argument
    add(instructions, 0x15, 0, first == -1 ? 0 : 1, (int) first);
    add(instructions, 0x06, 0, 0, answer);
    add(instructions, 0x06, 0, 0, ALLOW);
    var program = Libc.allocate(16).putShort(0, (short) 6).putLong(8, Libc.address(instructions));
    LinuxException.check("install a filter",
        Libc.syscall(SystemCalls.number("seccomp"), SECCOMP_SET_MODE_FILTER, 0, Libc.address(program), 0, 0, 0));
  }

  private static void add(ByteBuffer instructions, int code, int ifTrue, int ifFalse, int k) {
    instructions.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(k);
  }
}
