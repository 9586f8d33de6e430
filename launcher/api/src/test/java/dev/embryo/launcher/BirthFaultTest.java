package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation of a birth fails in turn, in each of its processes: the error names it, the program never runs, and nothing is
 * left.
 */
@Timeout(300)
class BirthFaultTest {
  private static final List<String> ISOLATIONS = List.of(
      "",
      "isolation: {pid: shared}\n",
      "isolation: {require: [landlock, seccomp]}\n",
      "processes: {spawn: true, execute: view}\n",
      "system-calls: {on-denied: explain}\n");

  @TempDir private Path directory;

  static Stream<Arguments> parts() {
    return ISOLATIONS.stream().flatMap(isolation -> Stream.of(BirthPart.values()).map(part -> Arguments.of(isolation.strip(), part)));
  }

  @ParameterizedTest(name = "{1}, {0}")
  @MethodSource("parts")
  void anOperationThatFailsIsNamedAndNothingIsLeft(String isolation, BirthPart part) throws Exception {
    var birth = ChangedBirth.of(directory, isolation);
    var program = birth.program(part);
    if (program.isEmpty()) {
      return; // not in this kind of birth
    }
    var before = birth.holdings();
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
    var wrong = new ArrayList<String>();
    for (int i = 0; i < program.get().operations().size(); i++) {
      var operation = program.get().operations().get(i);
      int at = i;
      birth.fail(part, changed -> changed.failingAt(at))
          .ifPresentOrElse(
              failure -> {
                if (!names(failure, operation)) {
                  wrong.add(operation.name() + ", " + operation.purpose() + ": " + failure.getMessage());
                }
              },
              () -> wrong.add(operation.name() + ", " + operation.purpose() + ": the launch went on"));
      if (birth.ran() && !ChangedBirth.isForTheLauncherOnly(operation)) {
        wrong.add(operation.name() + ", " + operation.purpose() + ": the program ran");
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }

  /** A call that fails with an error of its own, and does nothing else. The filters of a program have them all. */
  private enum Fault {
    EFAULT("chdir", 0),
    EBADF("close", -1),
    EINVAL("prlimit64", 0, 99, 0, 0),
    ESRCH("prlimit64", Integer.MAX_VALUE, 7, 0, 0),
    ENOMEM("mmap", 0, 1L << 62, 0, 0x22, -1, 0);

    private final String call;
    private final long[] arguments;

    Fault(String call, long... arguments) {
      this.call = call;
      this.arguments = arguments;
    }
  }

  /** Whatever the error is: what an operation may meet and go on is its own, and no other. */
  @ParameterizedTest(name = "{1}: {0}")
  @MethodSource("faults")
  void anyErrorEndsTheBirth(Fault fault, BirthPart part) throws Exception {
    var birth = ChangedBirth.of(directory, "");
    var before = birth.holdings();
    var operations = birth.program(part).orElseThrow().operations();
    for (int i = 0; i < operations.size(); i++) {
      var operation = operations.get(i);
      int at = i;
      var failure = birth.fail(part, program -> program.calling(at, fault.call, fault.arguments));
      assertThat(failure).as("%s, %s", operation.name(), operation.purpose())
          .hasValueSatisfying(said -> assertThat(names(said, operation)).as("%s", said.getMessage()).isTrue());
      assertThat(birth.ran() && !ChangedBirth.isForTheLauncherOnly(operation)).as("the program ran").isFalse();
    }
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }

  static Stream<Arguments> faults() {
    return Stream.of(Fault.values()).flatMap(fault -> Stream.of(BirthPart.values()).map(part -> Arguments.of(fault, part)));
  }

  /** The helper goes on when the embryo has failed and ended: both answer on one socket, and the launcher expects the helper first. */
  @Test
  void anAnswerThatIsEarlyIsNotTakenForAnothers() throws Exception {
    var sandbox = Launches.shell(directory, "true", "");
    assertThat(ChangedBirth.fail(sandbox)).isEmpty();
    var before = Holdings.now();
    for (int i = 0; i < sandbox.compiled().program().operations().size(); i++) {
      int at = i;
      var failing = BirthPart.EMBRYO.changed(sandbox.compiled(), program -> program.failingAt(at));
      var operation = sandbox.compiled().program().operations().get(i);
      var late = BirthPart.HELPER.changed(failing, BirthFaultTest::awaitingTheEmbryosEnd);
      assertThat(ChangedBirth.fail(sandbox.executing(late))).hasValueSatisfying(failure -> assertThat(failure).hasMessageStartingWith(
          "cannot " + operation.purpose() + ": " + operation.name()));
    }
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }

  private static BirthProgram awaitingTheEmbryosEnd(BirthProgram helper) {
    int last = helper.operations().size() - 1; // hands over the embryo's pidfd
    var pidfd = helper.operations().get(last).operands().get(0);
    return helper.inserting(last - 1, more -> {
      var polled = more.words("{embryo, POLLIN}", 1L << Integer.SIZE);
      more.callStoring(polled, 0, "dup", pidfd);
      more.call("ppoll", polled, 1, 0, 0, 0);
    });
  }

  /** Init is killed for a call that its filter does not have, so the last failure comes without a name. */
  private static boolean names(IOException failure, Operation operation) {
    return failure.getMessage().startsWith("cannot " + operation.purpose() + ": " + operation.name())
        || operation.purpose().startsWith("tell the embryo that init is ready")
            && failure.getMessage().matches("(init|the guard) ended without a reply");
  }
}
