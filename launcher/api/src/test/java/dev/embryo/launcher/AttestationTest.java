package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.compile.CompiledPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that is not what its policy was compiled to never becomes the program. */
@Timeout(60)
class AttestationTest {
  @TempDir private Path directory;

  @BeforeEach
  void openTheDirectory() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private Sandbox sandbox(String more) throws IOException {
    String capability = more.contains("out:") ? "" : "  out: {directory: DIR, rights: all, mount: DIR}\n";
    return Launches.shell(directory, "echo it ran > " + directory + "/ran", (capability + more + "\n").replace("DIR",
        directory.toString())).toBuilder().attest(true).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "isolation: {pid: shared}", "isolation: {require: [landlock, seccomp]}",
      "system-calls: {on-denied: explain}", "processes: {spawn: true, execute: view}", "profile: python", "profile: jvm",
      "filesystem: {proc: own, programs: system}", "limits: {open-files: 64, stack: 1MiB, cpu-time: 10s, core: 0}",
      "  scratch: {tmpfs: 1MiB, mount: /tmp}\n  same: {file: /dev/zero, rights: [read], fd: 9}"})
  void whatAPolicyWasCompiledToIsWhatTheKernelSays(String more) throws Exception {
    try (var process = sandbox(more).launch()) {
      assertThat(process.waitFor()).as(new String(process.getErrorStream().readAllBytes())).isZero();
    }
    assertThat(directory.resolve("ran")).exists();
  }

  /** One policy is executed, and the process is compared with another. */
  @ParameterizedTest(name = "{0}, and not {1}")
  @CsvSource(delimiter = '|', textBlock = """
      more: {file: /dev/zero, rights: [read], fd: 9}                   | - | the descriptors should be [0, 1, 2], and is [0, 1, 2, 9]
      -                                                                | more: {file: /dev/zero, rights: [read], fd: 9} | the descriptors should be [0, 1, 2, 9], and is [0, 1, 2]
      scratch: {tmpfs: 1MiB, mount: /tmp}                              | - | the mount at /tmp should not be there
      -                                                                | scratch: {tmpfs: 1MiB, mount: /tmp} | nothing is mounted at /tmp
      out: {directory: DIR, rights: all, mount: DIR}                   | out: {directory: DIR, rights: [read, list], mount: DIR} | the mount at DIR should have [nodev, noexec, nosuid, ro], and has [
      """)
  void anotherTableOrViewIsFound(String executed, String compiled, String found) throws Exception {
    assertDifference(other(executed), other(compiled), found);
  }

  private static String other(String capability) {
    return capability.equals("-") ? "" : "  " + capability;
  }

  @ParameterizedTest(name = "{0}, and not {1}")
  @CsvSource(delimiter = '|', textBlock = """
      isolation: {pid: shared}                   | isolation: {}              | a pid namespace of its own should be true, and is false
      isolation: {require: [landlock, seccomp]}  | isolation: {}              | a mnt namespace of its own should be true, and is false
      isolation: {}                              | isolation: {pid: shared}   | a pid namespace of its own should be false, and is true
      limits: {open-files: 65}                   | limits: {open-files: 64}   | the limit NOFILE should be 64, 64, and is 65, 65
      limits: {core: 1MiB}                       | limits: {core: 0}          | the limit CORE should be
      """)
  void anotherLayerIsFound(String executed, String compiled, String found) throws Exception {
    assertDifference(executed, compiled, found);
  }

  private void assertDifference(String executed, String compiled, String found) throws Exception {
    assertRefused(sandbox(compiled).executing(sandbox(executed).compiled()), found);
  }

  private void assertRefused(Sandbox sandbox, String found) throws IOException {
    sandbox.toBuilder().attest(false).build().launch().close(); // what is shared is there
    Files.deleteIfExists(directory.resolve("ran"));
    var before = Holdings.now();
    var failure = catchThrowableOfType(sandbox::launch, AttestationException.class);
    assertThat(failure).hasMessageStartingWith("the program was not run, for its process is not what the policy was compiled to: ");
    assertThat(failure.differences()).anyMatch(each -> each.startsWith(found.replace("DIR", directory.toString())));
    assertThat(directory.resolve("ran")).doesNotExist();
    assertThat(Holdings.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
  }


  @Test
  void aFilterThatWasNotInstalledIsFound() throws Exception {
    assertOmissionIsFound(BirthPart.EMBRYO, "seccomp", "install the surface filter", "the number of filters should be ");
  }

  @Test
  void aDescriptorThatIsLeftOpenIsFound() throws Exception {
    var sandbox = sandbox("");
    assertRefused(sandbox.executing(BirthPart.EMBRYO.changed(sandbox.compiled(),
        program -> program.inserting(0, more -> more.purpose("leave a descriptor").call("fcntl", 1, 0, 50)))),
        "the descriptors should be [0, 1, 2], and is [0, 1, 2, 50]");
  }

  @Test
  void capabilitiesThatWereNotDroppedAreFound() throws Exception {
    assertOmissionIsFound(BirthPart.EMBRYO, "capset", "", "CapEff should be 0000000000000000, and is ");
  }

  @Test
  void optionsThatAMountDoesNotHaveAreFound() throws Exception {
    assertOmissionIsFound(BirthPart.INIT, "mount_setattr", directory.toString(), "the mount at DIR should have [nodev, noexec, nosuid], ");
  }

  @Test
  void aLimitThatWasNotSetIsFound() throws Exception {
    assertOmissionIsFound(BirthPart.EMBRYO, "prlimit64", "CORE", "the limit CORE should be ");
  }

  @Test
  void aUserThatWasNotTakenIsFound() throws Exception {
    assumeTrue(Launches.ROOT, "an ordinary user's programs are that user's");
    assertOmissionIsFound(BirthPart.EMBRYO, "setresuid", "", "the user should be ");
  }

  private void assertOmissionIsFound(BirthPart part, String call, String purpose, String found) throws Exception {
    var sandbox = sandbox("");
    assertRefused(sandbox.executing(omitting(sandbox.compiled(), part, call, purpose)), found);
  }

  private static CompiledPolicy omitting(CompiledPolicy compiled, BirthPart part, String call, String purpose) {
    var operations = part.program(compiled).orElseThrow().operations();
    for (int i = 0; i < operations.size(); i++) {
      if (operations.get(i).name().equals(call) && operations.get(i).purpose().contains(purpose)) {
        int at = i;
        return part.changed(compiled, program -> program.omitting(at));
      }
    }
    throw new AssertionError(operations + ": no " + call + " to " + purpose);
  }
}
