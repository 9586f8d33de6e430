package dev.embryo.policy.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.resolve.ViewEntry.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that is a script: its interpreter is run, with the arguments that the kernel would make. */
class ScriptsTest {
  private static final String PROGRAM = "policy.yaml:2:3: program.path: ";
  private static final String ARGUMENTS = """
      #include <stdio.h>
      int main(int count, char **arguments) {
        for (int i = 0; i < count; i++) printf("%s\\n", arguments[i]);
        return 0;
      }
      """;

  private Path top;

  @BeforeEach
  void realDirectory(@TempDir Path directory) throws IOException {
    top = directory.toRealPath();
  }

  private Path script(String name, String content) throws IOException {
    return executable(top.resolve(name), content.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Path executable(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** A program that prints its arguments, at a path of a chosen length. */
  private Path interpreter() throws Exception {
    return Tool.gcc(top.resolve("bin/print"), ARGUMENTS);
  }

  private static List<String> command(Path program) throws Exception {
    return PolicySketch.of(program).resolve().program().command();
  }

  /** What the kernel itself gives to the interpreter. */
  private static List<String> kernels(Path program) throws Exception {
    var process = new ProcessBuilder(program.toString()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertThat(process.waitFor()).as("%s", lines).isZero();
    return lines;
  }

  private static void assertProblem(Path program, String message) {
    assertThatThrownBy(() -> PolicySketch.of(program).resolve()).isInstanceOf(PolicyException.class)
        .hasMessage(PROGRAM + message);
  }

  @Test
  void theInterpreterBecomesTheProgramAndTheScriptAFileThatIsRead() throws Exception {
    Path print = interpreter();
    Path script = script("run", "#!" + print + "\n");

    ResolvedPolicy resolved = PolicySketch.of(script).resolve();

    assertThat(resolved.program().viewPath()).isEqualTo(print.toString());
    assertThat(resolved.program().script()).contains(script.toString());
    assertThat(resolved.view()).contains(
        new Mount(print.toString(), print, identity(print), false, MountUse.PROGRAM, Optional.empty()),
        new Mount(script.toString(), script, identity(script), false, MountUse.SCRIPT, Optional.empty()));
    assertThat(resolved.executables()).extracting(Executable::path).contains(print.toString())
        .doesNotContain(script.toString());
  }

  private static FileIdentity identity(Path path) throws IOException {
    return FileIdentity.of((Long) Files.getAttribute(path, "unix:dev"), (Long) Files.getAttribute(path, "unix:ino"));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "#!@\n", "#! @\n", "#!\t @ \t\n", "#!@ -w\n", "#!@ -w  two words \t\n", "#!@ --a=b\n", "#!@", "#!@ x", "#!@\0 y\nz",
    "#!@ \u00e9\n\n", "#!@ $HOME 'q' \\\n", "#!@ #\n"
  })
  void theArgumentsAreThoseThatTheKernelMakes(String line) throws Exception {
    Path print = interpreter();
    Path script = executable(top.resolve("run"), line.replace("@", print.toString()).getBytes(StandardCharsets.UTF_8));

    assertThat(command(script)).isEqualTo(kernels(script));
  }

  @Test
  void aLinkToAScriptIsPassedOnByItsOwnName() throws Exception {
    Path script = script("run-1.2", "#!" + interpreter() + "\n");
    Path link = Files.createSymbolicLink(top.resolve("run"), script);

    assertThat(command(link)).isEqualTo(kernels(link)).contains(link.toString());
  }

  @Test
  void aLineMayBeAsLongAsTheKernelReadsAndNoLonger() throws Exception {
    Path print = interpreter();
    String start = "#!" + print + " ";
    Path longest = script("longest", start + "x".repeat(255 - start.length()) + "\n");
    Path longer = script("longer", start + "x".repeat(256 - start.length()) + "\n");

    assertThat(command(longest)).isEqualTo(kernels(longest));
    assertProblem(longer, longer + ": its first line (#!) has more than 255 bytes, and the kernel would cut it off");
    assertThat(kernels(longer)).as("cut off").contains("x".repeat(255 - start.length()));
  }

  @Test
  void scriptsForScriptsAreFollowedAsFarAsTheKernelDoes() throws Exception {
    String interpreter = interpreter().toString();
    var scripts = new ArrayList<Path>();
    for (int i = 1; i <= 6; i++) {
      scripts.add(script("s" + i, "#!" + interpreter + " " + i + "\n"));
      interpreter = top.resolve("s" + i).toString();
    }

    assertThat(command(scripts.get(4))).isEqualTo(kernels(scripts.get(4))).hasSize(11);
    assertThatThrownBy(() -> kernels(scripts.get(5))).hasMessageContaining("Too many levels of symbolic links");
    assertProblem(scripts.get(5), scripts.get(5) + " is a script for a script, and so on: the kernel follows 5, and "
        + scripts.get(0) + " is one more");
  }

  @Test
  void envIsFollowedToTheProgramThatItWouldFind() throws Exception {
    Path print = interpreter();
    Path script = script("run", "#!/usr/bin/env print\n");
    Files.createDirectories(top.resolve("first"));
    Files.writeString(top.resolve("first/print"), "not executable");

    ResolvedProgram found = PolicySketch.of(script).environment("PATH", "::relative:" + top + "/first:" + top + "/bin")
        .resolve().program();

    assertThat(found.viewPath()).isEqualTo(print.toString());
    assertThat(found.command()).containsExactly("print", script.toString());
  }

  @Test
  void envSplitsWordsWithItsOption() throws Exception {
    Path print = interpreter();
    Path script = script("run", "#!/usr/bin/env -S " + print + " -a  -b\n");

    assertThat(command(script)).isEqualTo(kernels(script)).containsExactly(print.toString(), "-a", "-b", script.toString());
  }

  @Test
  void withoutAPathEnvLooksInTheDirectoriesOfTheCLibrary() throws Exception {
    Path script = script("run", "#!/usr/bin/env true\n");

    assertThat(PolicySketch.of(script).resolve().program().viewPath())
        .isEqualTo(Path.of("/bin/true").toRealPath().toString());
  }

  @Test
  void envWithoutItsProgramIsSaidWithThePathThatWasSearched() throws Exception {
    Path script = script("run", "#!/usr/bin/env no-such-program\n");

    assertProblem(script, script + " is a script, and its interpreter is missing: env finds no 'no-such-program' in "
        + "/bin:/usr/bin; other directories are searched when program.environment has a PATH");
    assertThatThrownBy(() -> PolicySketch.of(script).environment("PATH", "/sbin").resolve())
        .hasMessage(PROGRAM + script + " is a script, and its interpreter is missing: env finds no 'no-such-program' in "
            + "/sbin, the PATH of program.environment");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-i print", "A=b print", "-S A=b print", "-S print 'x y'", "-S print $HOME", "-Sprint \\t", "-S"})
  void whatElseEnvCanDoIsRefused(String words) throws Exception {
    Path script = script("run", "#!/usr/bin/env " + words + "\n");

    assertThatThrownBy(() -> PolicySketch.of(script).resolve()).hasMessageStartingWith(
        PROGRAM + script + ": what its first line (#!) tells env, '").hasMessageEndingWith(
        "', is more than a program's name, or -S and plain words; name the interpreter instead");
  }

  @Test
  void envWithSeveralWordsIsToldAboutItsOption() throws Exception {
    Path script = script("run", "#!/usr/bin/env perl -w\n");

    assertProblem(script, script + ": env would look for a program called 'perl -w', for the kernel passes all of the line"
        + " as one argument; write env -S");
  }

  @Test
  void envWithoutWordsIsSaid() throws Exception {
    Path script = script("run", "#!/usr/bin/env\n");

    assertProblem(script, script + ": its interpreter /usr/bin/env is given no program to run");
  }

  @Test
  void aMissingInterpreterIsNamedAndIsNoMissingProgram() throws Exception {
    Path script = script("run", "#!/no/such/interpreter\n");

    assertProblem(script, script + " is a script, and its interpreter is missing: /no/such/interpreter does not exist: "
        + "there is no /no");
    assertThatThrownBy(() -> PolicySketch.of(script).resolve()).isInstanceOfSatisfying(PolicyException.class,
        failure -> assertThat(failure.problems()).extracting(Problem::kind)
            .containsExactly(Problem.Kind.PROGRAM_NOT_EXECUTABLE));
  }

  @Test
  void aCarriageReturnIsSaidToBeOne() throws Exception {
    Path script = script("run", "#!/bin/sh\r\necho\r\n");

    assertProblem(script, script + ": its first line (#!) ends in a carriage return, as lines do on Windows, and the kernel"
        + " would take it for a part of the name; give the file Unix line ends");
  }

  @ParameterizedTest
  @ValueSource(strings = {"#!\n", "#! \t \n", "#!"})
  void aLineWithoutAnInterpreterIsSaid(String line) throws Exception {
    Path script = script("run", line);

    assertProblem(script, script + ": its first line (#!) names no interpreter");
  }

  @Test
  void aRelativeInterpreterIsRefused() throws Exception {
    Path script = script("run", "#!perl\n");

    assertProblem(script, script + " is a script whose interpreter, 'perl', is not absolute: which file that is would depend"
        + " on the working directory");
  }

  @Test
  void aLineThatIsNoTextIsRefused() throws Exception {
    Path script = script("run", "#!/bin/\u00ff\n");

    assertProblem(script, script + ": its first line (#!) is not UTF-8");
  }

  @Test
  void aControlCharacterInTheInterpreterReachesNoTerminal() throws Exception {
    Path script = script("run", "#!/bin/\u001b[31m\n");

    assertProblem(script, script + " is a script, and its interpreter is missing: /bin/?[31m: a path with a control character"
        + " in it is refused");
  }

  @Test
  void anInterpreterThatCannotBeExecutedIsNamed() throws Exception {
    Path plain = Files.writeString(top.resolve("plain"), "x");
    Path script = script("run", "#!" + plain + "\n");
    Path other = script("other", "#!" + top + "\n");

    assertProblem(script, plain + " is not executable (permissions 0644)");
    assertProblem(other, top + " is a directory, not a program");
  }

  @Test
  void aScriptWithoutPermissionToExecuteIsNoProgram() throws Exception {
    Path script = Files.writeString(top.resolve("run"), "#!/bin/sh\n");

    assertProblem(script, script + " is not executable (permissions 0644)");
  }

  @Test
  void aScriptCannotHaveAnotherName() throws Exception {
    Path script = script("run", "#!/bin/sh\n");

    assertThatThrownBy(() -> PolicySketch.of(script).name("other").resolve())
        .hasMessage(PROGRAM + script + " is a script, whose argv[0] is its interpreter; leave program.name out");
  }

  @Test
  void withoutProgramsAScriptNeedsAStaticInterpreter() throws Exception {
    Path print = Tool.gcc(top.resolve("bin/print"), ARGUMENTS, "-static");
    Path script = script("run", "#!" + print + "\n");

    assertThat(PolicySketch.of(script).programs(Programs.NONE).resolve().program().viewPath())
        .isEqualTo(print.toString());
  }
}
