package dev.embryo.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code embryo why}: its answers in words, its status, and what it does not understand. */
class WhyTest {
  @TempDir
  private static Path directory;
  private static Home home;
  private static Path policy;

  @BeforeAll
  static void install() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    home = Home.in(directory);
    policy = home.policy("""
        program: {path: /bin/true}
        capabilities:
          stdout: {inherit: 1, rights: write}
          log: {null: true, fd: 5, rights: read}
        system-calls:
          allow: [{call: fcntl, when: arg1 == 1024}]
          deny: [getpid, {call: dup2, when: "arg1 == 0"}]
        """);
  }

  private static Home.Outcome why(String question) throws Exception {
    var words = Stream.concat(Stream.of("why", policy), Arrays.stream(question.split(" "))).toArray();
    return home.run(words);
  }

  private static String firstLine(String question) throws Exception {
    var outcome = why(question);
    assertThat(outcome.errors()).isEmpty();
    var line = outcome.output().lines().findFirst().orElseThrow().replace(policy.toString(), "POLICY");
    return outcome.status() + " " + line;
  }

  @ParameterizedTest
  @CsvSource(delimiter = '~', textBlock = """
      write stdout              ~ 0 write(1, ..., 0): allowed: every program may make it
      read log NULL 0x10        ~ 0 read(5, NULL, ...): allowed: every program may make it
      close -1                  ~ 0 close(-1): allowed: every program may make it
      dup2 3 4                  ~ 0 dup2(3, 4): allowed: every program may make it
      dup2 3 0                  ~ 1 dup2(3, 0): EPERM: system-calls.deny takes it away, at POLICY:9:25
      dup2 3 0x100000000        ~ 1 dup2(3, 0): EPERM: system-calls.deny takes it away, at POLICY:9:25
      39                        ~ 1 getpid(): EPERM: system-calls.deny takes it away, at POLICY:9:10
      fcntl 3 1024              ~ 0 fcntl(3, F_SETLEASE, 0): allowed: system-calls.allow adds it, at POLICY:8:18
      fcntl 3 F_SETLEASE        ~ 0 fcntl(3, F_SETLEASE, 0): allowed: system-calls.allow adds it, at POLICY:8:18
      fcntl 3 F_SETOWN          ~ 1 fcntl(3, F_SETOWN, 0): EPERM: never allowed: the descriptor may be shared with the host, and so is its owner
      clone CLONE_VM|SIGCHLD    ~ 1 clone(SIGCHLD|CLONE_VM, 0, ..., ..., 0): EPERM: the policy does not grant it
      mmap 0 4096 PROT_READ|4   ~ 0 mmap(0, ..., PROT_READ|PROT_EXEC, 0, 0, 0): allowed: every program may make it with these arguments
      chmod x 04755             ~ 1 chmod("x", 04755): EPERM: the policy grants it, but not with these arguments
      chmod x 0755              ~ 1 chmod("x", 0755): ENOENT: there is no /x in its root: nothing was granted there
      openat AT_FDCWD /etc/passwd O_RDONLY ~ 1 openat(AT_FDCWD, "/etc/passwd", O_RDONLY, 0): ENOENT: there is no /etc in its root: nothing was granted there
      openat 5 passwd O_RDONLY  ~ 0 openat(5, "passwd", O_RDONLY, 0): allowed: every program may make it with these arguments
      open /dev/null O_RDWR     ~ 0 open("/dev/null", O_RDWR, 0): allowed: nothing is in the way of it at /dev/null
      mkdir /dev/x              ~ 1 mkdir("/dev/x", 0): EROFS: the root itself holds what was granted, and nothing can be made in it
      335                       ~ 1 system call 335: kills the process: it works only from the kernel's own trampolines
      5000                      ~ 1 system call 5000: ENOSYS: it is newer than this host's libseccomp; programs have another way
      """)
  void theFirstLineIsTheAnswer(String question, String answer) throws Exception {
    assertThat(firstLine(question.strip())).isEqualTo(answer);
  }

  @Test
  void eachFilterIsToldAndWhichOneDecides() throws Exception {
    assertThat(why("getpid").output().lines().skip(1).map(line -> line.replaceAll(" +", " "))).containsExactly(
        "",
        "what the filters say",
        " one-shot exec ALLOW [seccomp]",
        " surface ALLOW [seccomp]",
        " denials EPERM; this one decides [seccomp]");
  }

  @Test
  void ofAPathItIsToldWhereItLeadsAndWhatCoversItAndWhatIsGrantedThere() throws Exception {
    var granted = Files.createDirectory(directory.resolve("granted"));
    Files.setPosixFilePermissions(granted, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createSymbolicLink(granted.resolve("link"), Path.of("file"));
    Files.setPosixFilePermissions(Files.writeString(granted.resolve("file"), ""), PosixFilePermissions.fromString("rw-rw-rw-"));
    var reading = home.policy("program: {path: /bin/true}\ncapabilities: {in: {directory: " + granted + ", rights: [list, read], mount: /in}}\n");

    var lines = home.run("why", reading, "open", "/in/link", "O_WRONLY").output().lines().map(line -> line.strip().replaceAll(" +", " ")).toList();

    assertThat(lines.get(0)).isEqualTo("open(\"/in/link\", O_WRONLY, 0): EROFS: /in is mounted for reading: the capability 'in'");
    assertThat(lines.subList(lines.indexOf("where /in/link leads") + 1, lines.size())).containsExactly(
        "through /in/link -> file [symbolic link]",
        "inside /in/file, a file [private root]",
        "on the host " + granted + "/file [the files themselves]",
        "covered by /in: the capability 'in', at " + reading + ":4:20 [mount]",
        "granted there list, read [Landlock]",
        "and so EROFS [mount]");
  }

  @Test
  void aRemedyIsAllThatIsMissing() throws Exception {
    assertThat(why("fork").output()).contains("\nto allow it, write: processes: {spawn: true}\n");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '~', textBlock = """
      opnat                 ~ there is no system call 'opnat'; did you mean 'openat'?
      close 3 4             ~ close takes one argument, not 2
      getpid 1              ~ getpid takes no arguments, not 1
      kill 1 SIGTREM        ~ arg1 of kill: 'SIGTREM' is no number, and no constant that is known here; did you mean 'SIGTERM'?
      kill me               ~ arg0 of kill: 'me' is no number
      write stdot           ~ arg0 of write: 'stdot' is no number, and no capability of the policy that is a descriptor; did you mean 'stdout'?
      read 0x1ffffffffffffffff ~ '0x1ffffffffffffffff' has more than 64 bits
      socket AF_INET|       ~ arg0 of socket: '' is no number, and no constant that is known here
      """)
  void whatIsNotUnderstoodIsNamed(String question, String message) throws Exception {
    assertThat(why(question.strip().replaceAll(" +", " "))).isEqualTo(new Home.Outcome(125, "", "embryo: " + message
        + "\nTry 'embryo why --help'.\n"));
  }

  @Test
  void machinesGetTheSame() throws Exception {
    var outcome = home.run("why", "--json", policy, "getpid");

    assertThat(outcome.status()).isEqualTo(1);
    var answer = JsonReader.object(outcome.output());
    assertThat(answer).containsEntry("call", "getpid()").containsEntry("outcome", "fails").containsEntry("errno", "EPERM")
        .containsEntry("reason", "system-calls.deny takes it away, at " + policy + ":9:10").doesNotContainKey("remedy");
    assertThat(answer.get("sections")).asString()
        .contains("what=denials, detail=EPERM; this one decides");
    assertThat(List.of("policy", "version", "sections")).allMatch(answer::containsKey);
  }

  @Test
  void whereTheFilterKillsItIsSaidSo() throws Exception {
    var kill = home.policy("program: {path: /bin/true}\nsystem-calls: {on-denied: kill}\n");

    assertThat(home.run("why", kill, "socket", "AF_UNIX").output()).startsWith("socket(AF_UNIX, 0, 0): kills the process: ");
  }

  @Test
  void aListingOfTheFiltersHasEveryInstructionOfEach() throws Exception {
    var lines = home.run("explain", "--bpf", policy).output().lines().toList();

    for (String filter : List.of("one-shot exec", "surface", "denials")) {
      var heading = lines.stream().filter(line -> line.startsWith(filter + ": ")).findFirst().orElseThrow();
      int length = Integer.parseInt(heading.replaceAll(".*: (\\d+) instructions", "$1"));
      int begin = lines.indexOf(heading) + 1;
      assertThat(lines.get(begin)).isEqualTo("   0  load architecture");
      assertThat(lines.get(begin + length - 1)).startsWith("%4d  return ".formatted(length - 1));
    }
  }
}
