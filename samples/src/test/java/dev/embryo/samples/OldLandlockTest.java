package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.policy.compile.PolicyCompiler;
import dev.embryo.policy.model.Binding;
import dev.embryo.policy.resolve.PolicyResolver;
import dev.embryo.runtime.birth.Privileges;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.FdPair;
import dev.embryo.runtime.fd.PipeInputStream;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.process.Supplies;
import dev.embryo.runtime.process.Zygote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an older Landlock does not see stays closed without namespaces: the filters close it. A newer kernel takes the rules
 * of an older ABI and then restricts no more than the older one did, so this is tried on whatever kernel there is.
 */
class OldLandlockTest {
  private static final int USER = 1879113001; // of nobody else

  @TempDir
  private Path directory;

  private Path program;
  private Process victim;

  @BeforeEach
  void makeAFileAndTheVictim() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    program = Files.copy(Probe.PROGRAM, directory.resolve("probe"));
    Files.setPosixFilePermissions(Files.writeString(directory.resolve("file"), "content\n"),
        PosixFilePermissions.fromString("rw-rw-rw-"));
    victim = new ProcessBuilder(Probe.asUser(USER, program.toString(), "hang")).start();
    assertThat(victim.inputReader().readLine()).isEqualTo("ready");
  }

  @AfterEach
  void endTheVictim() throws InterruptedException {
    victim.destroyForcibly().waitFor();
  }

  @ParameterizedTest(name = "ABI {0}, {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = """
      # ABI 3 brought truncation.
      2 | truncate FILE         | EPERM
      2 | truncate-reading FILE | EPERM
      2 | open-write FILE       | EACCES
      # ABI 6 brought signals.
      5 | kill VICTIM 0         | EPERM
      5 | tkill VICTIM 0        | EPERM
      5 | tgkill VICTIM 0       | EPERM
      5 | sigqueue VICTIM 0     | EPERM
      5 | kill -1 0             | EPERM
      5 | handle-signal         | ok
      5 | signal-thread         | ok
      5 | raise 6               | SIGABRT
      5 | kill 0 9              | SIGKILL
      """)
  void whatAnOlderAbiDoesNotSeeIsClosed(int abi, String act, String answer) throws Exception {
    int oldest = Math.min(abi, Host.current().landlockAbi()); // on a kernel that is older itself, that one
    Probe.assertAnswer(inside(oldest, words(act)), answer);

    if (!answer.startsWith("SIG")) {
      Probe.assumePossible(words(act));
    }
  }

  @ParameterizedTest(name = "{0}: EACCES")
  @ValueSource(strings = {"truncate FILE", "truncate-reading FILE"})
  void truncationIsLeftToTheFirstAbiThatSeesIt(String act) throws Exception {
    int abi = 3;
    assumeTrue(Host.current().landlockAbi() >= abi, "the Landlock of this kernel does not see truncation");
    Probe.assertAnswer(inside(abi, words(act)), "EACCES");

    Probe.assumePossible(words(act));
  }

  /** A file as the launcher opened it is on the host's own mount, so that no read-only mount of the root is in the way. */
  @ParameterizedTest(name = "proc: {0}, {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = """
      own  | truncate /proc/self/fd/3         | EPERM
      own  | truncate-reading /proc/self/fd/3 | EPERM
      own  | open-write /proc/self/fd/3       | EACCES
      own  | truncate /in/file                | EPERM
      none | truncate /in/file                | EROFS
      none | truncate-reading /in/file        | EROFS
      """)
  void noFileIsTruncatedThroughProc(String proc, String act, String answer) throws Exception {
    Probe.assertAnswer(inside(2, proc(proc), words(act)), answer);
    assertThat(directory.resolve("file")).hasContent("content");

    Probe.assumePossible(words(act.replaceAll("/proc.*|/in.*", "FILE")));
  }

  private ProbePolicy proc(String proc) {
    return ProbePolicy.LEAST.section("filesystem: {proc: %s}".formatted(proc)).program(program)
        .capability("file: {file: %s/file, rights: read, fd: 3}".formatted(directory)).directory(directory, "[list, read]", "/in");
  }

  private List<String> words(String act) {
    return Arrays.stream(act.split(" +")).map(word -> word.replace("FILE", directory + "/file")
        .replace("VICTIM", Long.toString(victim.pid()))).toList();
  }

  private Outcome inside(int abi, List<String> act) throws IOException, InterruptedException {
    return inside(abi, ProbePolicy.LEAST.program(program).section("isolation: {require: [landlock, seccomp]}"), act);
  }

  /** Compiled for this host as it would be with another Landlock. */
  private Outcome inside(int abi, ProbePolicy policy, List<String> act) throws IOException, InterruptedException {
    var here = Host.current();
    var host = new Host(here.kernel(), here.user(), here.group(), abi, here.lastCapability(), here.hardLimits());
    var compiled = new PolicyCompiler().compile(
        new PolicyResolver().resolve(Policies.parse(policy.text(act), Path.of("/")).bind(Binding.NONE)), host);
    var output = FdPair.pipe();
    try (var text = new PipeInputStream(output.first()); var nothing = Fd.open("/dev/null", 2); var file = Fd.open(directory + "/file", 0)) {
      var supplies = new Supplies().descriptor("capability stdin", nothing).descriptor("capability stdout", output.second())
          .descriptor("capability stderr", nothing).descriptor("capability file", file).value(Privileges.USER, USER).value(Privileges.GROUP, USER);
      try (var process = Zygote.shared().launch(compiled.plan(), compiled.program(), supplies)) {
        output.second().close();
        String printed = new String(text.readAllBytes(), StandardCharsets.UTF_8);
        return Outcome.of(process.waitFor().shellStatus(), printed);
      }
    }
  }
}
