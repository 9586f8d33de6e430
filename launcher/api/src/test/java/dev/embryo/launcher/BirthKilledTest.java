package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.process.Zygote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each process of a birth ends before each of its operations, and after the last, without a word: the launch fails and says whose
 * end it was, the program never runs, nothing is left, and the next launch works, by another zygote if it was that.
 *
 * <p>A zygote or a helper that ends when it has made a process, and before it has told of it, leaves one that ends by itself. The
 * launcher does not know it, and so does not take its status. If a process ends when only the launcher still waits for its word, the
 * program may run for a moment, armed as ever.
 */
@Timeout(120)
class BirthKilledTest {
  private static final List<String> ISOLATIONS = List.of(
      "isolation: {}",
      "isolation: {pid: shared}",
      "isolation: {require: [landlock, seccomp]}",
      "system-calls: {on-denied: explain}");

  private static final Map<BirthPart, Pattern> SAID = Map.of(
      BirthPart.ZYGOTE, Pattern.compile("the zygote died: it ended without a reply"),
      BirthPart.HELPER, Pattern.compile("(the helper, which makes init and|the guard, which makes) the embryo,? ended without a reply"),
      // The kernel puts no process into a pid namespace whose init has ended, and says ENOMEM.
      BirthPart.INIT, Pattern.compile("(init|the guard) ended without a reply|cannot make the embryo: @clone.*: ENOMEM .*"),
      BirthPart.EMBRYO, Pattern.compile("the embryo ended before its program began: .*|cannot wait for the embryo: @compare.*"));

  private static final int FLAGS = 6; // in /proc/PID/stat, after the name
  private static final long PF_EXITING = 4;

  @TempDir private Path directory;

  /** A helper of a supervised program that ends is missed when the embryo does not go on, after a minute, which is not tried. */
  static Stream<Arguments> parts() {
    return ISOLATIONS.stream().flatMap(isolation -> Stream.of(BirthPart.values())
        .filter(part -> part != BirthPart.HELPER || !isolation.contains("explain"))
        .map(part -> Arguments.of(isolation, part)));
  }

  @ParameterizedTest(name = "{1}, {0}")
  @MethodSource("parts")
  void aProcessThatEndsIsMissed(String isolation, BirthPart part) throws Exception {
    var birth = ChangedBirth.of(directory, isolation);
    var before = birth.holdings();
    var operations = birth.program(part).orElseThrow().operations();
    int last = part == BirthPart.EMBRYO ? operations.size() - 1 : operations.size(); // after its last it is the program
    var wrong = new ArrayList<String>();
    for (int at : IntStream.rangeClosed(0, last).toArray()) {
      var failure = birth.fail(part, program -> program.inserting(at, BirthKilledTest::end)).map(IOException::getMessage);
      if (!failure.map(said -> SAID.get(part).matcher(said).matches()).orElse(false)) {
        wrong.add("before operation " + at + ": " + failure.orElse("the launch went on"));
      }
      if (birth.ran() && !isArmedWithout(part, operations.subList(0, at))) {
        wrong.add("before operation " + at + ": the program ran");
      }
    }
    assertThat(wrong).isEmpty();
    awaitEndOfTheUntold();
    birth.ran(); // what was armed may have been late
    birth.run();
    var after = Holdings.eventually(found -> found.descriptors() <= before.descriptors() && found.mounts() <= before.mounts());
    assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors());
    assertThat(after.mounts()).isLessThanOrEqualTo(before.mounts());
    assertThat(after.threads()).isLessThanOrEqualTo(before.threads());
  }

  /** Whether the part has done all that the program needs of it: the rest is for the launcher. */
  private static boolean isArmedWithout(BirthPart part, List<Operation> done) {
    return part == BirthPart.INIT
        ? !done.isEmpty() && done.get(done.size() - 1).name().equals("write")
        : part != BirthPart.EMBRYO && done.stream().anyMatch(operation -> operation.name().equals("@clone"));
  }

  /** No child but the zygote runs. One look may miss what a process made that had ended when its turn came; the next does not. */
  private static void awaitEndOfTheUntold() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (running() + running() > 0) {
      assertThat(System.nanoTime()).as("a process of the birth runs on").isLessThan(deadline);
    }
  }

  private static long running() {
    return ProcessHandle.current().children()
        .filter(child -> child.pid() != Zygote.shared().pid() && isRunning(child.pid())).count();
  }

  /** A dead process whose status nobody takes is not, nor is an init that waits for such a one: both are marked PF_EXITING. */
  private static boolean isRunning(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return (Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[FLAGS]) & PF_EXITING) == 0;
    } catch (IOException gone) {
      return false;
    }
  }

  /** As if nothing had happened: with the status of success. */
  private static void end(BirthProgram.Builder program) {
    program.purpose("end").call("exit_group", 0);
  }
}
