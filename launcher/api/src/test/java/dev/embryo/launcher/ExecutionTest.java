package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.model.PolicyException;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.Memfd;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scripts, and what a program may execute: what is granted runs, what is not does not. */
@Timeout(60)
class ExecutionTest {
  private static final String SCRATCH = "  scratch: {tmpfs: 1MiB, mount: /tmp}\n";

  @TempDir
  private Path directory;

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String shell(String script, String more) throws Exception {
    return Launches.output(Launches.shell(directory, script, more));
  }

  private String run(String program, String more) throws Exception {
    return Launches.output(Launches.sandbox(directory, "program: " + program + "\n" + Launches.STREAMS + more));
  }

  private Path executable(String name, String content) throws IOException {
    var file = Files.writeString(directory.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  // Scripts.

  @Test
  void aScriptRunsWithItsArguments() throws Exception {
    executable("script", "#!/bin/sh -u\necho \"$0 $1 $2\"\n");
    assertThat(run("{path: ./script, arguments: [a, 'b c']}", "")).isEqualTo(directory.resolve("script") + " a b c\n");
  }

  @Test
  void aScriptForEnvRuns() throws Exception {
    executable("script", "#!/usr/bin/env sh\necho \"$1\"\n");
    assertThat(run("{path: ./script, arguments: [a]}", "")).isEqualTo("a\n");
  }

  @Test
  void aScriptThatWasReplacedIsRefused() throws Exception {
    var script = executable("script", "#!/bin/sh\necho meant\n");
    var sandbox = Launches.sandbox(directory, "program: {path: ./script}\n" + Launches.STREAMS);
    assertThat(Launches.output(sandbox)).isEqualTo("meant\n");
    Files.move(script, directory.resolve("kept"));
    executable("script", "#!/bin/sh\necho not meant\n");
    assertThatThrownBy(sandbox::launch).hasMessageContaining("ESTALE").hasMessageContaining(script.toString());
  }

  @Test
  void aScriptMayExecuteNothingByItself() throws Exception {
    executable("script", "#!/bin/sh\n/bin/true\n");
    assertThat(run("{path: ./script}", "processes: {spawn: true}\nfilesystem: {programs: system}\n")).contains("status 126");
  }

  @Test
  void aPythonScriptFindsItsLibraryWhereItIsListed() throws Exception {
    var library = pythonLibrary();
    executable("script", "#!/usr/bin/python3\nimport json, hashlib, sys\nprint(json.dumps(sys.argv[1:]))\n");
    assertThat(run("{path: ./script, arguments: [a, b]}", "filesystem: {programs: [" + library + "]}\n"))
        .isEqualTo("[\"a\", \"b\"]\n");
    assertThat(run("{path: ./script}", "")).contains("encodings").contains("status ");
  }

  /** A module of it that is linked with a library of its own. */
  @Test
  void theLibrariesOfPluginsInAListedDirectoryAreThere() throws Exception {
    var library = pythonLibrary();
    var plugins = library.resolve("lib-dynload");
    try (var files = Files.list(plugins)) {
      assumeTrue(files.anyMatch(file -> file.getFileName().toString().startsWith("_bz2")), "bz2 is not installed");
    }
    executable("script", "#!/usr/bin/python3\nimport bz2, lzma\nprint(len(bz2.compress(b'x')) > 0)\n");
    assertThat(run("{path: ./script}", "filesystem: {programs: [" + library + "]}\n")).isEqualTo("True\n");
  }

  private static Path pythonLibrary() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "there is no python3");
    String name = Path.of("/usr/bin/python3").toRealPath().getFileName().toString();
    return Path.of("/usr/lib", name);
  }

  // Executing.

  @Test
  void withoutAGrantNothingIsExecuted() throws Exception {
    assertThat(shell("exec /bin/true", "filesystem: {programs: system}\n")).contains("/bin/true: Operation not permitted")
        .endsWith("status 126\n");
  }

  @Test
  void aListedProgramRunsInPlaceWithoutChildren() throws Exception {
    assertThat(shell("exec /bin/echo done", "processes: {execute: [/bin/echo]}\n")).isEqualTo("done\n");
    assertThat(shell("/bin/echo done; echo end", "processes: {execute: [/bin/echo]}\n")).contains("Cannot fork");
  }

  @Test
  void aListedProgramRunsAsAChildWhereThereMayBeOne() throws Exception {
    assertThat(shell("/bin/echo one; /bin/echo two", "processes: {spawn: true, execute: [/bin/echo]}\n"))
        .isEqualTo("one\ntwo\n");
  }

  @Test
  void nothingButTheListedProgramsRuns() throws Exception {
    assertThat(shell("/bin/echo one; /bin/true; echo $?",
        "processes: {spawn: true, execute: [/bin/echo]}\nfilesystem: {programs: system}\n"))
        .startsWith("one\n126\n").contains("/bin/true: Permission denied");
  }

  @Test
  void aListedScriptRunsWithItsInterpreter() throws Exception {
    var script = executable("script", "#!/usr/bin/env sh\necho \"script $1\"\n");
    assertThat(shell(script + " a", "processes: {spawn: true, execute: [" + script + "]}\n")).isEqualTo("script a\n");
  }

  @Test
  void aListedProgramThatIsMissingIsAnErrorBeforeAnythingIsMade() {
    assertThatThrownBy(() -> shell("", "processes: {execute: [/bin/no-such]}\n")).isInstanceOf(PolicyException.class)
        .hasMessageContaining(": processes.execute: /bin/no-such does not exist");
  }

  @Test
  void inViewEveryProgramThatIsSeenRuns() throws Exception {
    String more = "processes: {spawn: true, execute: view}\nfilesystem: {programs: system}\n";
    assertThat(shell("/bin/echo one; /usr/bin/env echo two; ls -d /", more)).isEqualTo("one\ntwo\n/\n");
  }

  @Test
  void inViewOfAClosureOnlyTheProgramItselfRuns() throws Exception {
    String more = "processes: {spawn: true, execute: view}\n";
    assertThat(shell("/bin/sh -c 'echo again'", more)).isEqualTo("again\n");
    assertThat(shell("/bin/true", more)).contains("not found");
  }

  @Test
  void inViewOfListedPathsTheProgramsThereRun() throws Exception {
    var bin = Files.createDirectories(directory.resolve("app/bin"));
    Files.copy(Path.of("/bin/echo"), bin.resolve("say"));
    executable("app/bin/script", "#!/bin/sh\necho script\n");
    String listed = "filesystem: {programs: [" + bin + "]}\nprocesses: {spawn: true, execute: ";
    assertThat(shell(bin + "/say one; " + bin + "/script", listed + "view}\n")).isEqualTo("one\nscript\n");
    assertThat(shell(bin + "/say one", listed + "none}\n")).contains("Operation not permitted");
  }

  @Test
  void whatIsGrantedAsDataIsNotExecuted() throws Exception {
    var data = Files.createDirectory(directory.resolve("data"));
    Files.copy(Path.of("/bin/echo"), data.resolve("echo"));
    String in = "  in: {directory: ./data, rights: read, mount: /in}\n" + SCRATCH;
    String all = in + "processes: {spawn: true, execute: view}\nfilesystem: {programs: system}\n";
    assertThat(shell("/in/echo hello", all)).contains("/in/echo: Permission denied");
    assertThat(shell("cp /bin/echo /tmp/echo; /tmp/echo hello", all)).contains("/tmp/echo: Permission denied");
    assertThatThrownBy(() -> shell("", in + "processes: {execute: [/in/echo]}\n")).hasMessageContaining(
        ": processes.execute: /in/echo lies in capabilities.in, which is mounted at /in, and what a capability grants is not"
            + " executed; name a file outside of it");
  }

  @Test
  void aLoaderLoadsNoDataAsAProgram() throws Exception {
    var loader = loader();
    String all = SCRATCH + "processes: {spawn: true, execute: view}\nfilesystem: {programs: system}\n";
    assertThat(shell(loader + " /bin/echo hello", all)).isEqualTo("hello\n");
    assertThat(shell("cp /bin/echo /tmp/echo; " + loader + " /tmp/echo hello", all)).contains("failed to map segment")
        .doesNotContain("hello");
  }

  private static Path loader() throws IOException {
    var loader = Path.of("/lib64/ld-linux-x86-64.so.2");
    assumeTrue(Files.exists(loader), "the loader has another name here");
    return loader;
  }

  /** No rule of Landlock's is about a file in memory, which lies on no mount that anybody sees. */
  @Test
  void bytesThatAreGivenAsAStreamAreNotExecuted() throws Exception {
    assumeFilesInMemoryAreSealedAgainstExecution();
    byte[] echo = Files.readAllBytes(Path.of("/bin/echo"));
    String script = "exec /proc/self/fd/0 it ran";

    var given = executing(script).toBuilder().stdin(Stdio.bytes(echo)).build().run(Duration.ofSeconds(30));

    assertThat(given.outputText()).isEmpty();
    assertThat(given.errorText()).contains("/proc/self/fd/0: Permission denied");
    assertThat(Launches.output(executing("exec /bin/echo it ran"))).isEqualTo("it ran\n");
  }

  @Test
  void aFileInMemoryThatCanBeExecutedIsRefusedWhereAnythingMayBe() throws Exception {
    byte[] echo = Files.readAllBytes(Path.of("/bin/echo"));
    try (Fd program = Memfd.executable("echo", echo);
        Fd reading = Fd.open("/proc/self/fd/" + program.number(), Constant.O_RDONLY.asInt())) {
      var sandbox = executing("exec /proc/self/fd/0 it ran").toBuilder().stdin(Stdio.descriptor(reading)).build();

      assertThatThrownBy(sandbox::launch).isInstanceOf(IOException.class)
          .hasMessage("capability 'stdin': it is a file in memory, which the program could execute, whatever processes.execute"
              + " lists, because Landlock does not see it; give a file or a pipe, or, from Linux 6.3 on, Stdio.bytes or one that is"
              + " sealed against execution (MFD_NOEXEC_SEAL)");
      assertThat(Launches.shell(directory, "read -r line; :", "").toBuilder().stdin(Stdio.descriptor(reading)).build()
          .run(Duration.ofSeconds(30)).status()).as("where nothing may be executed").hasToString("exit status 0");
    }
  }

  @Test
  void bytesAreGivenToAProgramThatMayExecuteOthers() throws Exception {
    assumeFilesInMemoryAreSealedAgainstExecution();
    var reader = Launches.shell(directory, "wc -c", "processes: {execute: [/usr/bin/wc], spawn: true}\n").toBuilder();

    assertThat(reader.stdin(Stdio.bytes(new byte[5])).build().run(Duration.ofSeconds(30)).outputText().strip()).isEqualTo("5");
  }

  private static void assumeFilesInMemoryAreSealedAgainstExecution() throws IOException {
    try (Fd file = Memfd.of("bytes", new byte[0])) {
      assumeFalse(Memfd.mayBeExecuted(file.number()), "this kernel cannot keep a file in memory from being executed (Linux 6.3)");
    }
  }

  private Sandbox executing(String script) throws Exception {
    return Launches.shell(directory, script, "processes: {execute: [/bin/echo]}\nfilesystem: {proc: own}\n");
  }

  @Test
  void whatMayBeExecutedIsNotGrantedForWriting() throws Exception {
    var bin = Files.createDirectory(directory.resolve("bin"));
    Files.copy(Path.of("/bin/echo"), bin.resolve("say"));
    String say = "processes: {execute: [" + bin + "/say]}\n";
    assertThatThrownBy(() -> shell("", "  out: {directory: ./bin, rights: all, mount: /out}\n" + say)).hasMessageContaining(
        ": capabilities.out: " + bin + " is granted for writing, and " + bin + "/say may be executed (processes.execute): the"
            + " program could execute what it wrote");
    assertThatThrownBy(() -> shell("", "  out: {file: ./bin/say, rights: write}\n" + say)).hasMessageContaining(
        ": capabilities.out: " + bin + "/say is granted for writing");
    assertThatThrownBy(() -> shell("", "  out: {directory: ./bin, rights: all, mount: /out}\nfilesystem: {programs: ["
        + directory + "]}\nprocesses: {execute: view}\n")).hasMessageContaining(
        "and what is in " + directory + " may be executed");
    assertThat(shell("exec " + bin + "/say hello", "  in: {directory: ./bin, rights: read, mount: /in}\n" + say))
        .isEqualTo("hello\n");
  }

  @Test
  void aListedProgramWithItsLibrariesBesideItNeedsProc() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "there is no gcc");
    var bin = Files.createDirectories(directory.resolve("app/bin"));
    var lib = Files.createDirectories(directory.resolve("app/lib"));
    Files.writeString(directory.resolve("f.c"), "int f(void) { return 7; }\n");
    Files.writeString(directory.resolve("m.c"), "int f(void); int main(void) { return f(); }\n");
    gcc("-shared", "-fPIC", "-o", lib + "/libf.so", directory + "/f.c");
    gcc("-o", bin + "/seven", directory + "/m.c", "-L" + lib, "-lf", "-Wl,-rpath,$ORIGIN/../lib");
    String listed = "processes: {spawn: true, execute: [" + bin + "/seven]}\n";
    assertThatThrownBy(() -> shell("", listed)).hasMessageContaining(": processes.execute: " + bin + "/seven finds its libraries"
        + " by $ORIGIN, for which its loader needs /proc: write filesystem.proc: own");
    assertThat(shell(bin + "/seven; echo $?", listed + "filesystem: {proc: own}\n")).isEqualTo("7\n");
  }

  private static void gcc(String... arguments) throws Exception {
    var command = new java.util.ArrayList<>(java.util.List.of("gcc"));
    command.addAll(java.util.List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  // Mappings.

  @Test
  void aCompilerThatCompilesInMemoryRunsWhereItIsGranted() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/node")), "there is no node");
    String node = "{path: /usr/bin/node, arguments: [-e, 'console.log(\"answer\", 6*7)']}";
    assertThat(run(node, "processes: {jit: true}\nfilesystem: {programs: system}\n")).isEqualTo("answer 42\n");
    assertThat(run(node, "filesystem: {programs: system}\n")).doesNotContain("answer 42").contains("status ");
  }

  // /proc.

  @Test
  void aProcOfItsOwnShowsItAndItsChildren() throws Exception {
    String own = "processes: {spawn: true}\nfilesystem: {proc: own}\n";
    assertThat(shell("read -r name </proc/self/comm", "")).contains("cannot open /proc/self/comm");
    assertThat(shell("read -r pid rest </proc/self/stat; [ $pid = $$ ] && echo itself; "
        + "(read -r pid rest </proc/self/stat; [ $pid != $$ ] && [ -e /proc/$$/stat ] && echo child); :", own))
        .isEqualTo("itself\nchild\n");
  }
}
