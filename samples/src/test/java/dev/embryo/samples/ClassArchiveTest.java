package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The class archive of the command: made at the first run, and used only where nobody else can have written to it. Whether a
 * launcher uses it is seen in its memory map.
 */
@Timeout(120)
class ClassArchiveTest {
  @TempDir
  private static Path shared;
  private static Installation installation;
  private static Path policy;

  @TempDir
  Path directory;
  private Path archives;

  @BeforeAll
  static void install() throws Exception {
    installation = Installation.unpackedInto(shared);
    policy = Files.writeString(shared.resolve("cat.yaml"), """
        policy: embryo/v1
        name: cat
        program: {path: /bin/cat}
        capabilities: {stdin: {inherit: 0, rights: read}, stdout: {inherit: 1, rights: write}}
        """);
  }

  @BeforeEach
  void name() throws IOException {
    Installation.openToAll(directory);
    archives = directory.resolve("archives");
  }

  /** What a launcher's memory map says of archives while its program runs, which then ends as it should. */
  private String mapped() throws IOException, InterruptedException {
    var launcher = installation.command(archives.toString(), "run", policy).start();
    try (var output = launcher.inputReader(StandardCharsets.UTF_8)) {
      launcher.outputWriter().write("hello\n");
      launcher.outputWriter().flush();
      assertThat(output.readLine()).isEqualTo("hello");
      var maps = Files.readAllLines(Path.of("/proc", Long.toString(launcher.pid()), "maps"));
      launcher.outputWriter().close();
      assertThat(new String(launcher.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
      assertThat(launcher.waitFor()).isZero();
      return maps.stream().filter(line -> line.contains(directory.toString())).collect(Collectors.joining("\n"));
    }
  }

  private void makeArchive() throws IOException, InterruptedException {
    assertThat(Installation.answer(installation.command(archives.toString(), "run", policy)))
        .isEqualTo(new Installation.Answer(0, "", ""));
  }

  private List<Path> kept() throws IOException {
    try (var files = Files.list(archives)) {
      return files.toList();
    }
  }

  private Path archive() throws IOException {
    assertThat(kept()).hasSize(1);
    return kept().get(0);
  }

  private static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private static void assumeRoot() {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
  }

  @Test
  void theFirstRunMakesItForItsUserAloneAndEveryRunUsesIt() throws Exception {
    makeArchive();

    assertThat(archive()).isNotEmptyFile();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archives))).isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(archive()))).matches("r[w-]-------");
    assertThat(mapped()).contains(archive().toString());
  }

  @Test
  void oneOfAnotherUserIsNotUsed() throws Exception {
    assumeRoot();
    makeArchive();
    Files.setAttribute(archive(), "unix:uid", 65534);

    assertThat(mapped()).isEmpty();
    Files.setAttribute(archive(), "unix:uid", 0);
    assertThat(mapped()).contains(archive().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw--w----", "rw-----w-"})
  void oneThatOthersCanWriteToIsNotUsed(String permissions) throws Exception {
    makeArchive();
    permit(archive(), permissions);

    assertThat(mapped()).isEmpty();
    permit(archive(), "rw-r--r--");
    assertThat(mapped()).contains(archive().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwx----wx"})
  void oneThatOthersCanReplaceIsNotUsed(String permissions) throws Exception {
    makeArchive();
    permit(archives, permissions);

    assertThat(mapped()).isEmpty();
    permit(archives, "rwxr-xr-x");
    assertThat(mapped()).contains(archive().toString());
  }

  /** Others can put a link to one of our files there, and the file's name is all that says what is in it. */
  @Test
  void oneInAFolderWhereOthersCanMakeFilesIsNotUsedThoughTheyCannotReplaceIt() throws Exception {
    makeArchive();
    Files.setAttribute(archives, "unix:mode", 01777);

    assertThat(mapped()).isEmpty();
    Files.setAttribute(archives, "unix:mode", 0700);
    assertThat(mapped()).contains(archive().toString());
  }

  @Test
  void oneWhoseFolderOthersCanReplaceIsNotUsed() throws Exception {
    makeArchive();
    permit(directory, "rwxrwxr-x");

    assertThat(mapped()).isEmpty();
    permit(directory, "rwxr-xr-x");
    assertThat(mapped()).contains(archive().toString());
  }

  @Test
  void oneOfAnotherUserInAFolderOfTheSameIsNotUsed() throws Exception {
    assumeRoot();
    makeArchive();
    Files.setAttribute(archive(), "unix:uid", 65534);
    Files.setAttribute(archives, "unix:uid", 65534);

    assertThat(mapped()).isEmpty();
  }

  @Test
  void oneInAnotherUsersFolderIsNotUsed() throws Exception {
    assumeRoot();
    makeArchive();
    Files.setAttribute(directory, "unix:uid", 65534);

    assertThat(mapped()).isEmpty();
  }

  /** A link to a file of one's own is a link that somebody made. */
  @Test
  void oneBehindALinkIsNotUsed() throws Exception {
    makeArchive();
    var archive = archive();
    Files.createSymbolicLink(archive, Files.move(archive, directory.resolve("elsewhere")));

    assertThat(mapped()).isEmpty();
  }

  @Test
  void noneIsMadeWhereOthersCanWrite() throws Exception {
    Files.createDirectory(archives);
    permit(archives, "rwxrwxrwx");

    assertThat(mapped()).isEmpty();
    assertThat(kept()).isEmpty();
    permit(archives, "rwx------");
    assertThat(mapped()).contains(archive().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/embryo", "/dev/null", "relative", ""})
  void whereNoneCanBeMadeTheProgramRunsAllTheSame(String folder) throws Exception {
    assertThat(Installation.answer(installation.command(folder, "run", policy).directory(directory.toFile())))
        .isEqualTo(new Installation.Answer(0, "", ""));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void oneThatIsBrokenIsNotUsedAndTheProgramRunsAllTheSame() throws Exception {
    makeArchive();
    permit(archive(), "rw-------");
    Files.writeString(archive(), "no archive");

    assertThat(Installation.answer(installation.command(archives.toString(), "run", policy)))
        .isEqualTo(new Installation.Answer(0, "", ""));
  }

  @Test
  void firstRunsAtTheSameTimeLeaveOneArchiveAndNothingElse() throws Exception {
    var launchers = new ArrayList<Process>();
    for (int i = 0; i < 3; i++) {
      launchers.add(installation.command(archives.toString(), "run", policy).redirectErrorStream(true).start());
    }
    for (Process launcher : launchers) {
      launcher.outputWriter().close();
      assertThat(new String(launcher.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
      assertThat(launcher.waitFor()).isZero();
    }
    assertThat(mapped()).contains(archive().toString());
  }

  /** The JVM compares times and sizes of jars only, which in a reproducible build may be the same. */
  @Test
  void anotherBuildInTheSamePlaceHasAnotherArchiveAndTheOldOneGoes() throws Exception {
    makeArchive();
    var old = archive();
    var build = installation.file("lib/build");
    Files.copy(build, directory.resolve("build"));
    try {
      Files.writeString(build, "another\n");
      assertThat(mapped()).contains("!another");
      assertThat(archive()).isNotEqualTo(old);
    } finally {
      Files.move(directory.resolve("build"), build, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Test
  void aPlainRunLoadsNothingThatItDoesNotNeed() throws Exception {
    try (var jars = Files.newDirectoryStream(installation.file("lib"), "*.jar")) {
      var classPath = new ArrayList<String>();
      jars.forEach(jar -> classPath.add(jar.toString()));
      var loading = Installation.answer(new ProcessBuilder(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xlog:class+load:file=" + directory
              .resolve("loaded"), "--enable-native-access=ALL-UNNAMED", "-cp", String.join(":", classPath),
          "dev.embryo.launcher.cli.Main", "run", policy.toString()));
      assertThat(loading.status()).as(loading.errors()).isZero();
    }
    var loaded = Files.readAllLines(directory.resolve("loaded"));
    assertThat(loaded).anyMatch(line -> line.contains("dev.embryo.launcher.cli.Run "));
    // The verifier looks at an exception that is caught.
    assertThat(loaded).noneMatch(line -> line.matches(".*] (picocli|com\\.fasterxml|org\\.bouncycastle)\\..*")
        || line.matches(".*] com\\.google\\.re2j\\.(?!PatternSyntaxException ).*"));
  }

  /** A limit on the size of files is a disk that is full at any place. An archive has some megabytes. */
  @ParameterizedTest
  @ValueSource(ints = {1000, 4000})
  void whereThereIsNoRoomForItNoneIsUsedAndTheCommandWorks(int kibibytes) throws Exception {
    assertThat(Installation.answer(withFilesUpTo(kibibytes))).isEqualTo(new Installation.Answer(0, "", ""));
    assertThat(archive()).as("which says that none can be made").isEmptyFile();
    makeArchive();
    assertThat(archive()).isEmptyFile();
  }

  /** Killed while it writes, as for want of memory. */
  @Test
  void whatAKilledJvmHasWrittenIsNotUsed() throws Exception {
    var javaHome = Path.of(System.getProperty("java.home"));
    var other = Files.createDirectories(directory.resolve("java/bin")).getParent();
    Files.copy(javaHome.resolve("release"), other.resolve("release"));
    var java = Files.writeString(other.resolve("bin/java"), """
        #!/bin/sh
        for word; do
          case $word in
            -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*) echo half an archive >"${word#*=}"; kill -KILL $$ ;;
          esac
        done
        exec "%s/bin/java" "$@"
        """.formatted(javaHome));
    permit(java, "rwxr-xr-x");
    var command = installation.command(archives.toString(), "run", policy);
    command.environment().put("JAVA_HOME", other.toString());

    assertThat(Installation.answer(command)).isEqualTo(new Installation.Answer(0, "", ""));
    assertThat(archive()).isEmptyFile();
  }

  /** Libseccomp writes it to a file in memory, to which the limit applies as well. */
  @Test
  void whereThereIsNoRoomForAFilterThatIsSaid() throws Exception {
    var answer = Installation.answer(withFilesUpTo(1));

    assertThat(answer.status()).isEqualTo(125);
    assertThat(answer.errors()).isEqualTo("embryo: cannot export a filter: write all of it to a file in memory: EFBIG (file too large)\n");
    assertThat(archive()).isEmptyFile();
  }

  private ProcessBuilder withFilesUpTo(int kibibytes) {
    var words = new ArrayList<>(List.of("sh", "-c", "ulimit -f " + 2 * kibibytes + "; exec \"$0\" \"$@\""));
    words.addAll(installation.command(archives.toString(), "run", policy).command());
    return Installation.inEnvironment(new ProcessBuilder(words), archives.toString());
  }
}
