package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A program that may execute something, and tries to execute something else: what it wrote, what it was given as data, what
 * is not in its list.
 */
class ExecuteAttackTest {
  private static final String SYSTEM = "filesystem: {programs: system}";

  @TempDir Path outer;
  private Path granted;
  private Path bin;
  private ProbePolicy data;

  @BeforeEach
  void prepareTheDirectories() throws IOException {
    allowEverybody(outer, "rwxr-xr-x");
    granted = allowEverybody(Files.createDirectory(outer.resolve("granted")), "rwxrwxrwx");
    allowEverybody(Files.copy(Probe.PROGRAM, granted.resolve("program")), "rwxrwxrwx");
    allowEverybody(Files.writeString(granted.resolve("script"), "#!" + Probe.PROGRAM + " executed\n"), "rwxr-xr-x");
    Files.createSymbolicLink(granted.resolve("link"), Probe.PROGRAM);
    bin = allowEverybody(Files.createDirectory(outer.resolve("bin")), "rwxr-xr-x");
    allowEverybody(Files.copy(Probe.PROGRAM, bin.resolve("tool")), "rwxr-xr-x");
    allowEverybody(Files.copy(Probe.PROGRAM, bin.resolve("other")), "rwxr-xr-x");
    allowEverybody(Files.writeString(bin.resolve("orphan"), "#!/usr/bin/no-such-interpreter\n"), "rwxr-xr-x");
    allowEverybody(Files.writeString(bin.resolve("lost"), "#!/usr/bin/env no-such-program\n"), "rwxr-xr-x");
    data = ProbePolicy.LEAST
        .directory(granted, "all", "/in")
        .capability("scratch: {tmpfs: 8MiB, mount: /scratch}");
  }

  private static Path allowEverybody(Path file, String permissions) throws IOException {
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private ProbePolicy inView() {
    return data.section("processes: {spawn: true, execute: view}").section(SYSTEM);
  }

  private ProbePolicy listed() {
    return data.section("processes: {spawn: true, execute: [%s]}".formatted(bin.resolve("tool"))).section(
        "filesystem: {programs: [%s]}".formatted(bin));
  }

  private List<String> words(String act, String in, String temporary) {
    return Arrays.stream(act.split(" "))
        .map(word -> word.replace("PROBE", Probe.PROGRAM.toString()).replace("BIN", bin.toString())
            .replaceFirst("^/in(?=/|$)", in).replaceFirst("^/scratch(?=/|$)", temporary))
        .toList();
  }

  private List<String> inside(String act) {
    return words(act, "/in", "/scratch");
  }

  private List<String> onTheHost(String act) {
    return words(act, granted.toString(), outer.toString());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # PROBE is the program itself, /in a directory of the host that it may write to, /scratch one in memory.
      execve-copy PROBE /scratch/copy    | EACCES
      execve-copy PROBE /in/copy         | EACCES
      execve /in/program                 | EACCES
      execve /in/script                  | EACCES
      execveat-absolute -100 /in/program | EACCES
      execveat-relative /in/program      | EACCES
      execveat-empty /in/program         | EACCES
      execveat-opath /in/program         | EACCES
      map-execute /in/program            | EPERM/EACCES
      execveat-memfd PROBE               | ENOSYS
      """)
  void whatItCanWriteIsNotExecutedWhateverItMayExecute(String act, String refusal) throws Exception {
    for (ProbePolicy policy : List.of(inView(), listed())) {
      Probe.assertAnswer(Probe.inside(policy, inside(act)), refusal);
    }

    Probe.assumePossible(onTheHost(act));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      # BIN/tool is in the list, BIN/other beside it is not; both are seen.
      execve BIN/other                      | EACCES
      execveat-absolute -100 BIN/other      | EACCES
      execveat-relative BIN/other           | EACCES
      execveat-empty BIN/other              | EACCES
      execveat-opath BIN/other              | EACCES
      exec-thread BIN/other                 | EACCES
      exec-race BIN/other                   | EACCES
      """)
  void nothingButTheListIsExecuted(String act, String refusal) throws Exception {
    Probe.assertAnswer(Probe.inside(listed(), inside(act)), refusal);

    Probe.assertAnswer(Probe.inside(listed(), inside(act.replace("other", "tool"))), "ok");
    Probe.assumePossible(onTheHost(act));
  }

  @Test
  void aListedProgramBesideSystemDirectoriesIsTheOnlyOneOfThem() throws Exception {
    var policy = data.section("processes: {execute: [/usr/bin/env]}").section(SYSTEM);

    Probe.assertAnswer(Probe.inside(policy, "execve", "/usr/bin/true"), "EACCES");

    Probe.assertAnswer(Probe.inside(data.section("processes: {execute: [/usr/bin/true]}").section(SYSTEM),
        "execve", "/usr/bin/true"), "ok");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      execve BIN/orphan | ENOENT
      execve BIN/lost   | ENOENT
      """)
  void aScriptDoesNotBringAnInterpreterThatIsNotShown(String act, String refusal) throws Exception {
    var policy = data.section("processes: {execute: view}").section("filesystem: {programs: [%s]}".formatted(bin));

    Probe.assertAnswer(Probe.inside(policy, inside(act)), refusal);
  }

  @Test
  void itMayExecuteItselfAndWhatIsNamed() throws Exception {
    for (ProbePolicy policy : List.of(inView(), listed())) {
      Probe.assertAnswer(Probe.inside(policy, "execve", Probe.PROGRAM.toString()), "ok");
    }
    Probe.assertAnswer(Probe.inside(listed(), "execve", bin.resolve("tool").toString()), "ok");
  }

  /** A link is nothing of its own: where it leads decides. */
  @Test
  void aLinkInWritableDataLeadsToWhatMayBeExecuted() throws Exception {
    Probe.assertAnswer(Probe.inside(listed(), "execve", "/in/link"), "ok");
    Probe.assertAnswer(Probe.inside(data, "execve", "/in/link"), "EPERM");
  }

  /** Memory files are outside of Landlock, so whoever may execute gets none, a compiler in memory neither. */
  @Test
  void memoryFilesAreForProgramsThatExecuteNothing() throws Exception {
    String proc = "filesystem: {proc: own}";
    var compiling = data.section("processes: {jit: true}").section(proc);
    var both = data.section("processes: {jit: true, execute: view}").section(proc);
    String probe = Probe.PROGRAM.toString();

    Probe.assertAnswer(Probe.inside(both, "execve-memfd", probe), "ENOSYS");
    Probe.assertAnswer(Probe.inside(both, "memfd-create"), "ENOSYS");
    Probe.assertAnswer(Probe.inside(compiling, "execve-memfd", probe), "EPERM");
    Probe.assertAnswer(Probe.inside(compiling, "execveat-memfd", probe), "ENOSYS/EPERM");

    Probe.assertAnswer(Probe.inside(compiling, "memfd-create"), "ok");
    Probe.assumePossible("execve-memfd", probe);
  }

  /** Its descriptor was opened on the host's own mounts, which are not {@code noexec}. */
  @ParameterizedTest
  @CsvSource({"execveat-descriptor", "execve-descriptor"})
  void aFileThatWasGivenAsADescriptorIsNotExecuted(String act) throws Exception {
    var given = ProbePolicy.LEAST.capability("file: {file: %s, rights: [read, duplicate], fd: 3}".formatted(bin.resolve("tool")))
        .section("filesystem: {proc: own}");

    Probe.assertAnswer(Probe.inside(given.section("processes: {execute: view}"), act, "3"), "EACCES");
    Probe.assertAnswer(
        Probe.inside(given.section("processes: {execute: [%s]}".formatted(bin.resolve("other"))), act, "3"), "EACCES");
  }

  @Test
  void aSetUserIdFileGivesNoOtherUser() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root makes a file of root's");
    var tool = bin.resolve("tool");
    assertThat(Probe.run(List.of("chmod", "6755", tool.toString())).answer()).isEqualTo("ok");

    Outcome ids = Probe.inside(listed(), "execve", tool.toString(), "ids");

    assertThat(ids.answer()).isEqualTo("ok");
    assertThat(ids.detail()).matches("uid ([1-9]\\d*) \\1 \\1 gid ([1-9]\\d*) \\2 \\2 groups");
  }

  @Test
  void aProgramThatMayExecuteStaysUnderItsFilters() throws Exception {
    for (String call : List.of("ptrace-traceme", "mount", "io-uring-setup", "bpf", "socketpair", "make-executable")) {
      Probe.assertAnswer(Probe.inside(inView(), "execve", Probe.PROGRAM.toString(), call), "EPERM");
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"map-writable-executable", "make-executable", "make-executable-key", "shm-execute"})
  void memoryIsWritableAndExecutableWhereThatIsGranted(String act) throws Exception {
    Probe.assertAnswer(Probe.inside(data.section("processes: {jit: true}"), act), "ok");

    Probe.assertAnswer(Probe.inside(data, act), "EPERM");
  }

  @Test
  void aCompilerInMemoryGetsNoCodeFromWhatItWrites() throws Exception {
    Probe.assertAnswer(Probe.inside(data.section("processes: {jit: true}"), "map-execute", "/in/program"), "EPERM/EACCES");
  }
}
