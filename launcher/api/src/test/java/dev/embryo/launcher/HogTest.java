package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.runtime.host.Delegation.Controller;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.process.CgroupSearch;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A program that takes all it can get is stopped by the limit of its policy and by nothing else, and while it presses against
 * that limit its neighbour does its work.
 */
@Tag("load")
@Timeout(1200)
class HogTest {
  private static final int ANSWERS = Load.of(20, 500);
  private static final int LAUNCHES = Load.of(3, 50);

  @TempDir
  private static Path directory;
  private static Path program = Path.of("");

  /** What can be hoarded, how much of it the policy of a test allows, and what the kernel says to one who wants more. */
  private enum Kind {
    PROCESSES(Load.of(64, 1024), Errno.EAGAIN, 
        "processes: {spawn: true}\nlimits: {processes: %d}\n"),
    THREADS(Load.of(64, 1024), Errno.EAGAIN, "limits: {processes: %d}\n"),
    /** In MiB. */
    MEMORY(Load.of(64, 2048), Errno.ENOMEM, "limits: {memory: %dMiB}\n"),
    /** In blocks of 64 KiB. */
    DISK(Load.of(256, 16_384), Errno.ENOSPC, "  scratch: {tmpfs: %d, mount: /tmp}\n") {
      @Override
      String sections(long limit) {
        return super.sections(limit * 65_536);
      }
    },
    /** Empty ones, of which a tmpfs of that size holds one for every page. */
    FILES(Load.of(2048, 65_536), Errno.ENOSPC, "  scratch: {tmpfs: %d, mount: /tmp}\n") {
      @Override
      String sections(long limit) {
        return super.sections(limit * 4096);
      }
    },
    DESCRIPTORS(Load.of(64, 8192), Errno.EMFILE, "limits: {open-files: %d}\n");

    /** What the program itself and its birth take of the limit; an ordinary user's may have one process more. */
    private static final int SLACK = 8;

    private final int limit;
    private final Errno errno;
    private final String sections;

    Kind(int limit, Errno errno, String sections) {
      this.limit = limit;
      this.errno = errno;
      this.sections = sections;
    }

    String sections(long limit) {
      return sections.formatted(limit);
    }

    /** Launches one that takes four times its limit unless something stops it. */
    Hog hog() throws IOException {
      return hog(limit, 4 * limit);
    }

    /** Launches one that may have more than it takes. */
    Hog contentHog() throws IOException {
      return hog(2L * limit, taken());
    }

    /** What that one takes. */
    int taken() {
      return limit + limit / 2;
    }

    private Hog hog(long allowed, int bound) throws IOException {
      return Hog.launch(program, name().toLowerCase(Locale.ROOT), bound, sections(allowed));
    }

    void assertThatItWasStoppedByItsLimit(Hog hog) {
      assertThat(hog.said()).isEqualTo("refused");
      assertThat(hog.error()).isEqualTo(errno.number());
      assertThat(hog.mostAwaiting(limit - SLACK)).isBetween((long) limit - SLACK, limit + 1L);
    }

    /** Where a cgroup limits memory the kernel refuses nothing: it ends the hog. */
    boolean isEndedByItsLimit() throws IOException {
      return this == MEMORY && CgroupSearch.find().limits(Controller.MEMORY);
    }
  }

  @BeforeAll
  static void compile() throws Exception {
    program = Hog.compile(directory);
    try (var hog = Kind.PROCESSES.hog()) { // what is made once, such as the zygote
      assertThat(hog.process().isAlive()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHogIsStoppedByItsLimitAndItsNeighbourWorksOn(Kind kind) throws Exception {
    assumeFalse(kind.isEndedByItsLimit(), "a cgroup limits memory here");
    assertThatANeighbourWorksBeside(List.of(kind));
  }

  @Test
  void theNeighbourOfAllHogsAtOnceWorksOn() throws Exception {
    var kinds = new ArrayList<Kind>();
    for (var kind : Kind.values()) {
      if (!kind.isEndedByItsLimit()) {
        kinds.add(kind);
      }
    }
    assertThatANeighbourWorksBeside(kinds);
  }

  @ParameterizedTest
  @EnumSource
  void withMoreAllowedAHogTakesMore(Kind kind) throws Exception {
    try (var hog = kind.contentHog()) {
      assertThat(hog.said()).isEqualTo("bound");
      assertThat(hog.mostAwaiting(kind.taken())).isEqualTo(kind.taken());
    }
  }

  @Test
  void aMemoryHogInACgroupIsEndedAndItsNeighbourWorksOn() throws Exception {
    assumeTrue(Kind.MEMORY.isEndedByItsLimit(), "no cgroup that limits memory");
    var neighbour = neighbour();
    try (var running = neighbour.launch(); var hog = Kind.MEMORY.hog()) {
      assertThat(hog.process().waitFor()).isEqualTo(137);
      assertThat(hog.process().endedByMemoryLimit()).isTrue();
      assertThat(hog.most()).isLessThanOrEqualTo(Kind.MEMORY.limit);
      answers(running, ANSWERS);
      launches(neighbour, LAUNCHES);
    }
  }

  private static void assertThatANeighbourWorksBeside(List<Kind> kinds) throws Exception {
    var neighbour = neighbour();
    launches(neighbour, 1);
    var before = Holdings.now();
    var hogs = new ArrayList<Hog>();
    var processes = new ArrayList<ProcessHandle>();
    try (var running = neighbour.launch()) {
      var alone = answers(running, ANSWERS);
      var launchesAlone = launches(neighbour, LAUNCHES);
      for (var kind : kinds) {
        hogs.add(kind.hog());
        kind.assertThatItWasStoppedByItsLimit(hogs.get(hogs.size() - 1));
      }
      hogs.forEach(Hog::assertThatItWantsMore);
      var beside = answers(running, ANSWERS);
      var launchesBeside = launches(neighbour, LAUNCHES);
      for (int i = 0; i < kinds.size(); i++) {
        hogs.get(i).assertThatItWantsMore();
        kinds.get(i).assertThatItWasStoppedByItsLimit(hogs.get(i));
        processes.add(hogs.get(i).process().toHandle());
        processes.addAll(hogs.get(i).process().descendants().toList());
      }
      Load.figures("beside %s: a neighbour answers in %s, alone in %s; a launch beside it takes %s, alone %s", kinds,
          Load.times(beside), Load.times(alone), Load.times(launchesBeside), Load.times(launchesAlone));
    } finally {
      for (var hog : hogs) {
        hog.close();
      }
    }
    assertThat(processes).hasSizeGreaterThanOrEqualTo(kinds.size()).noneMatch(ProcessHandle::isAlive);
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }

  private static Sandbox neighbour() throws IOException {
    return Launches.shell(directory, "while read -r line; do echo \"$line\"; done; exit 7", "");
  }

  /** How long each of some answers took, in nanoseconds. */
  private static long[] answers(SandboxedProcess neighbour, int count) throws IOException {
    var times = new long[count];
    var reader = new BufferedReader(neighbour.inputReader());
    for (int i = 0; i < count; i++) {
      long begun = System.nanoTime();
      neighbour.getOutputStream().write((i + "\n").getBytes(StandardCharsets.US_ASCII));
      assertThat(reader.readLine()).isEqualTo(Integer.toString(i));
      times[i] = System.nanoTime() - begun;
    }
    return times;
  }

  /** How long each of some launches took, until the program had ended. */
  private static long[] launches(Sandbox neighbour, int count) throws IOException, InterruptedException {
    var times = new long[count];
    for (int i = 0; i < count; i++) {
      long begun = System.nanoTime();
      try (var process = neighbour.launch()) {
        answers(process, 1);
        process.getOutputStream().close();
        assertThat(process.exitStatus(Duration.ofMinutes(5)).orElseThrow().shellStatus()).isEqualTo(7);
      }
      times[i] = System.nanoTime() - begun;
    }
    return times;
  }
}
