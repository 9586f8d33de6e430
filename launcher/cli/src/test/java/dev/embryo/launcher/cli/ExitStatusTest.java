package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command's exit statuses and its words, each with a real program. */
class ExitStatusTest {
  @TempDir
  private static Path directory;
  private static Home home;

  @BeforeAll
  static void install() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x")); // for root's own users
    home = Home.in(directory);
  }

  private static Path program(Object path) throws IOException {
    return home.policy("program: {path: " + path + "}\n");
  }

  private static Path executable(String name, byte[] content) throws IOException {
    var file = Files.write(directory.resolve(name), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 42, 125, 255})
  void theExitStatusIsTheProgramsOwn(int status) throws Exception {
    assertThat(home.run("run", home.script("exit " + status))).isEqualTo(new Home.Outcome(status, "", ""));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6, 9, 11, 13, 15})
  void aProgramThatASignalEndsGives128AndTheNumber(int signal) throws Exception {
    assertThat(home.run("run", home.script("kill -" + signal + " $$")).status()).isEqualTo(128 + signal);
  }

  @Test
  void aProgramThatIsKilledForASystemCallGives159AndItIsSaidHowToLearnWhich() throws Exception {
    var policy = Files.writeString(home.script("(true)"), "system-calls: {on-denied: kill}\n", StandardOpenOption.APPEND);

    assertThat(home.run("run", policy)).isEqualTo(new Home.Outcome(159, "", policy + ":13:27: system-calls.on-denied: the program"
        + " was killed by SIGSYS, at a system call that it may not make; write 'explain' in the place of 'kill', and it is said"
        + " which\n"));
  }

  @Test
  void aProgramThatDiesOfSigsysByItselfIsNotSaidToHaveMadeADeniedCall() throws Exception {
    assertThat(home.run("run", home.script("kill -SYS $$"))).isEqualTo(new Home.Outcome(159, "", "embryo: the program was killed"
        + " by SIGSYS: it made a system call of another architecture, or sent itself that signal\n"));
  }

  @Test
  void deniedCallsAreToldWhileTheProgramRunsWhereThePolicyExplains() throws Exception {
    var policy = Files.writeString(home.script("(true) 2>/dev/null; exit 3"), "system-calls: {on-denied: explain}\n",
        StandardOpenOption.APPEND);

    var outcome = home.run("run", policy);

    assertThat(outcome.status()).isEqualTo(2); // the shell's, which cannot fork
    assertThat(outcome.errors().lines()).anySatisfy(line -> assertThat(line).startsWith("embryo: denied: ")
        .endsWith(": EPERM: the policy does not grant it; to allow it, write: processes: {spawn: true}"));
  }

  @Test
  void aProgramWhoseWallTimeIsUpGives137AndItIsSaidWhichLimitThatIs() throws Exception {
    var policy = Files.writeString(home.script("while :; do :; done"), "limits: {wall-time: 10ms}\n",
        StandardOpenOption.APPEND);
    assertThat(home.run("run", policy)).isEqualTo(new Home.Outcome(137, "",
        policy + ":13:21: limits.wall-time: the time is up, and the program was killed\n"));
  }

  @Test
  void whatTheProgramSaysIsPassedOn() throws Exception {
    assertThat(home.run("run", home.script("echo out; echo err >&2; exit 3")))
        .isEqualTo(new Home.Outcome(3, "out\n", "err\n"));
  }

  @Test
  void aPolicyWithAPipeToALaunchersProgramIsRefused() throws Exception {
    var policy = home.policy("program: {path: /bin/true}\ncapabilities: {answers: {pipe: true, rights: write}}\n");
    assertThat(home.run("run", policy)).isEqualTo(new Home.Outcome(125, "", policy + ":4:16: capabilities.answers: is a pipe to"
        + " whoever launches this by the library; here, write {inherit: N} and give the command a descriptor N\n"));
  }

  @Test
  void aProgramThatIsMissingGives127() throws Exception {
    var policy = program("/nowhere/program");
    assertThat(home.run("run", policy)).isEqualTo(new Home.Outcome(127, "",
        policy + ":3:17: program.path: /nowhere/program does not exist: there is no /nowhere\n"));
  }

  @Test
  void aProgramWithoutExecutePermissionGives126() throws Exception {
    var file = Files.write(directory.resolve("plain"), Files.readAllBytes(Path.of("/bin/true")));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    var policy = program(file);
    assertThat(home.run("run", policy)).isEqualTo(new Home.Outcome(126, "",
        policy + ":3:17: program.path: " + file + " is not executable (permissions 0644)\n"));
  }

  @Test
  void checkSeesThatAProgramIsClosedToTheUserThatItWouldRunAs() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "an ordinary user's program runs as that user");
    var file = Files.write(directory.resolve("closed"), Files.readAllBytes(Path.of("/bin/true")));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    var policy = program(file);
    var outcome = home.run("check", policy);
    assertThat(outcome.status()).isEqualTo(126);
    assertThat(outcome.errors()).startsWith(policy + ":3:17: program.path: " + file.toRealPath()
        + " (permissions 0700, of host user 0) is closed to host user ").hasLineCount(1);
    assertThat(home.run("run", policy).status()).isEqualTo(126);
  }

  @Test
  void checkSeesThatAProgramLiesWhereNothingCanBeExecuted() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root mounts");
    var place = Files.createDirectory(directory.resolve("noexec"));
    var mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "noexec,mode=755", "test", place.toString());
    assumeTrue(mount.start().waitFor() == 0, "nothing can be mounted here");
    try {
      var file = executable("noexec/true", Files.readAllBytes(Path.of("/bin/true"))).toRealPath();
      var policy = program(file);
      assertThat(home.run("check", policy)).isEqualTo(new Home.Outcome(126, "", policy + ":3:17: program.path: " + file
          + " lies on the file system at " + place.toRealPath() + ", which the host has mounted noexec; move the file, or have"
          + " that remounted with exec\n"));
      assertThat(home.run("run", policy).status()).isEqualTo(126);
    } finally {
      new ProcessBuilder("umount", place.toString()).start().waitFor();
    }
  }

  @Test
  void aDirectoryGives126() throws Exception {
    var policy = program("/usr");
    assertThat(home.run("run", policy)).isEqualTo(
        new Home.Outcome(126, "", policy + ":3:17: program.path: /usr is a directory, not a program\n"));
  }

  @Test
  void aScriptGivesTheStatusOfItsInterpreterAnd126WithoutOne() throws Exception {
    var script = executable("script", "#!/bin/sh\nexit 7\n".getBytes(StandardCharsets.UTF_8));
    assertThat(home.run("run", program(script))).isEqualTo(new Home.Outcome(7, "", ""));
    var orphan = executable("orphan-script", "#!/nowhere/sh\n".getBytes(StandardCharsets.UTF_8));
    var policy = program(orphan);
    assertThat(home.run("run", policy)).isEqualTo(new Home.Outcome(126, "", policy + ":3:17: program.path: " + orphan
        + " is a script, and its interpreter is missing: /nowhere/sh does not exist: there is no /nowhere\n"));
  }

  @Test
  void aProgramForAnotherMachineGives126() throws Exception {
    var elf = Files.readAllBytes(Path.of("/bin/true"));
    int machine = elf[18] == 62 ? 183 : 62;
    elf[18] = (byte) machine;
    var outcome = home.run("run", program(executable("foreign", elf)));
    assertThat(outcome.status()).isEqualTo(126);
    assertThat(outcome.errors()).contains(machine == 62 ? "is for x86-64" : "is for aarch64");
  }

  @Test
  void aMissingInterpreterGives126AndIsNamed() throws Exception {
    var text = new String(Files.readAllBytes(Path.of("/bin/true")), StandardCharsets.ISO_8859_1);
    var broken = text.replaceFirst("(/lib[^\0]*/ld-linux[^\0]*)\\d\0", "$1X\0");
    var outcome = home.run("run", program(executable("orphan", broken.getBytes(StandardCharsets.ISO_8859_1))));
    assertThat(outcome.status()).isEqualTo(126);
    assertThat(outcome.errors()).contains("needs the ELF interpreter /lib").contains("X");
  }

  /** The launcher may read it, and the user that the program runs as may not: only the kernel says so, at the exec. */
  @Test
  void aProgramThatItsUserMayNotExecuteGives126() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "an ordinary user's program runs as that user");
    var file = executable("private", Files.readAllBytes(Path.of("/bin/true")));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    var outcome = home.run("run", program(file));
    assertThat(outcome.status()).isEqualTo(126);
    assertThat(outcome.errors()).startsWith("embryo: cannot execute " + file).contains("EACCES");
  }

  @Test
  void aPolicyWithProblemsGives125AndEveryPlace() throws Exception {
    var policy = home.policy("program: {path: /bin/true, argument: [a]}\nlimits: {memory: lots}\n");
    var outcome = home.run("run", policy);
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errors().lines()).hasSize(2)
        .first().isEqualTo(policy + ":3:28: unknown key 'argument'; did you mean 'arguments'?");
    assertThat(home.run("check", policy)).isEqualTo(outcome);
    assertThat(home.run("explain", policy)).isEqualTo(outcome);
  }

  @Test
  void aMissingProgramBesidesAnotherProblemGives125() throws Exception {
    var policy = home.policy("""
        program: {path: /nowhere/program}
        capabilities: {in: {directory: /nowhere/else, mount: /in}}
        """);
    var outcome = home.run("run", policy);
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errors().lines()).hasSize(2);
  }

  @Test
  void aPolicyFileThatIsMissingGives125() throws Exception {
    assertThat(home.run("run", directory.resolve("nothing.yaml"))).isEqualTo(
        new Home.Outcome(125, "", "embryo: " + directory.resolve("nothing.yaml") + ": no such file\n"));
  }

  @Test
  void aDirectoryIsNoPolicy() throws Exception {
    assertThat(home.run("check", directory)).isEqualTo(
        new Home.Outcome(125, "", "embryo: " + directory + ": is a directory\n"));
  }

  @Test
  void argumentsThatThePolicyDoesNotAllowAreRefused() throws Exception {
    var policy = program("/bin/true");
    assertThat(home.run("run", policy, "--", "-v", "x")).isEqualTo(new Home.Outcome(125, "", policy
        + ":3:10: program.extra-arguments: is 'none': a launch may append no arguments, and this one has 2\n"));
  }

  @Test
  void aCommandLineThatIsWrongGives125AndSaysWhereToRead() throws Exception {
    assertThat(home.run("run")).isEqualTo(
        new Home.Outcome(125, "", "embryo: missing required parameter: 'POLICY'\nTry 'embryo run --help'.\n"));
    assertThat(home.run("rum").errors())
        .isEqualTo("embryo: unknown command: 'rum'; did you mean 'run'?\nTry 'embryo --help'.\n");
    assertThat(home.run("explain", "--brith", "p").errors())
        .isEqualTo("embryo: unknown option: '--brith'\nTry 'embryo explain --help'.\n");
  }

  @Test
  void aWordWithAnAtSignIsNoFileOfMoreWords() throws Exception {
    Files.writeString(directory.resolve("words"), "--version");
    assertThat(home.run("run", "@" + directory.resolve("words")).errors()).isEqualTo(
        "embryo: @" + directory.resolve("words") + ": no such file\n");
    assertThat(home.run("check", "@" + directory.resolve("words")).errors()).isEqualTo(
        "embryo: @" + directory.resolve("words") + ": no such file\n");
  }

  @Test
  void withoutACommandItPrintsItsHelp() throws Exception {
    var outcome = home.run();
    assertThat(outcome.status()).isZero();
    assertThat(outcome.output()).contains("run ", "check ", "explain ");
    assertThat(home.run("--help")).isEqualTo(outcome);
  }

  @Test
  void checkIsSilentAboutAGoodPolicyAndRunsNothing() throws Exception {
    assertThat(home.run("check", home.script("echo ran"))).isEqualTo(new Home.Outcome(0, "", ""));
  }

  @Test
  void explainTellsAndRunsNothing() throws Exception {
    var outcome = home.run("explain", home.script("echo ran"));
    assertThat(outcome.status()).isZero();
    assertThat(outcome.output()).contains("1 stdout", "descriptor 1 of the launcher: write").doesNotContain("\nran");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      C       | p\\303\\274.yaml           | 2
      C       | %s -- \\303\\274            | 4
      C       | --set=a=\\303\\274 %s       | 2
      C.UTF-8 | %s -- \\377                | 4
      """)
  void aWordThatTheJvmCannotReadIsRefusedAndNotReplaced(String locale, String words, int number) throws Exception {
    String line = words.formatted(home.script("echo"));
    assertThat(Home.outcome(home.shell("LC_ALL=" + locale + " \"$0\" run $(printf '" + line.replace("--", "%s") + "' -- )")))
        .isEqualTo(new Home.Outcome(125, "", "embryo: word " + number + " of the command line is no text in this locale;"
            + " run with LC_ALL=C.UTF-8, and write it in UTF-8\n"));
  }

  @Test
  void aWordInUtf8ReachesTheProgramAsItIs() throws Exception {
    var policy = home.policy("program: {path: /bin/echo, extra-arguments: {max: 1, matches: \".*\"}}\n"
        + "capabilities: {stdout: {inherit: 1, rights: write}}\n");
    assertThat(Home.outcome(home.shell("LC_ALL=C.UTF-8 \"$0\" run \"$1\" -- $(printf '\\303\\274')", policy)))
        .isEqualTo(new Home.Outcome(0, "\u00fc\n", ""));
  }

  @Test
  void aFileWithoutEndIsNoPolicy() throws Exception {
    assertThat(home.run("run", "/dev/zero"))
        .isEqualTo(new Home.Outcome(125, "", "/dev/zero:1:1: the policy has more than 1048576 bytes\n"));
  }

  @Test
  void aParameterWithoutAnEqualsSignIsRefused() throws Exception {
    assertThat(home.run("run", "--set", "a", home.script("echo"))).isEqualTo(new Home.Outcome(125, "", "embryo: value for option"
        + " '--set' (NAME=VALUE) should be in KEY=VALUE format but was a\nTry 'embryo run --help'.\n"));
  }

  @Test
  void aWorkingDirectoryThatIsGoneGives125() throws Exception {
    var outcome = Home.outcome(home.shell("mkdir \"$1\" && cd \"$1\" && rmdir \"$1\" && exec \"$0\" run \"$2\"",
        directory.resolve("gone"), home.script("echo")));
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errors()).as("behind what the shell says").endsWith("embryo: the working directory does not exist any more\n");
  }

  @Test
  void aBrokenInstallationGives125AndNoStackTrace() throws Exception {
    String without = Arrays.stream(System.getProperty("java.class.path").split(":")).filter(entry -> !entry.contains("jna"))
        .collect(Collectors.joining(":"));
    var outcome = Home.outcome(Home.builder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
        without, Main.class.getName(), "run", home.script("echo").toString())));
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errors()).startsWith("embryo: unexpected: java.lang.NoClassDefFoundError: com/sun/jna/").hasLineCount(1);
  }

  @Test
  void aStackTraceIsShownWhenAskedForAndNeverElse() throws Exception {
    var missing = directory.resolve("nothing.yaml");
    var builder = home.process("run", missing);
    builder.environment().putAll(Map.of("EMBRYO_DEBUG", "1"));
    assertThat(Home.outcome(builder).errors()).contains("\tat ");
    assertThat(home.run("run", missing).errors()).doesNotContain("\tat ");
  }

  @Test
  void helpOfACommandIsWhatTheCommandItselfSays() throws Exception {
    assertThat(home.run("help", "run")).isEqualTo(home.run("run", "--help"));
    assertThat(home.run("help")).isEqualTo(home.run("--help"));
    assertThat(home.run("help", "rum")).isEqualTo(
        new Home.Outcome(125, "", "embryo: unknown command: 'rum'; did you mean 'run'?\nTry 'embryo --help'.\n"));
  }
}
