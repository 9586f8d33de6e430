package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is in the tarball, and that it works wherever it is unpacked. */
@Timeout(120)
class TarballTest {
  private static final String NO_ARCHIVE = "";

  @TempDir
  Path directory;
  private Installation installation;
  private Path policy;

  @BeforeEach
  void unpack() throws Exception {
    Installation.openToAll(directory);
    installation = Installation.unpackedInto(Files.createDirectory(directory.resolve("opt")));
    policy = Files.writeString(directory.resolve("echo.yaml"), """
        policy: embryo/v1
        name: echo
        program: {path: /bin/echo, arguments: [hello]}
        capabilities: {stdout: {inherit: 1, rights: write}}
        """);
  }

  private static Installation.Answer answer(String archives, String... words) throws IOException, InterruptedException {
    return Installation.answer(Installation.inEnvironment(new ProcessBuilder(words), archives));
  }

  private List<Path> contents() throws IOException {
    try (var files = Files.walk(installation.home())) {
      return files.sorted().toList();
    }
  }

  private static void permit(List<Path> paths, String directories, String files) throws IOException {
    for (Path path : paths) {
      Files.setPosixFilePermissions(path,
          PosixFilePermissions.fromString(Files.isDirectory(path) || Files.isExecutable(path) ? directories : files));
    }
  }

  @Test
  void theCommandIsFoundThroughLinksOnThePath() throws Exception {
    var bin = Files.createDirectories(directory.resolve("local/bin"));
    Files.createSymbolicLink(directory.resolve("current"), Path.of("opt").resolve(installation.home().getFileName()));
    Files.createSymbolicLink(bin.resolve("embryo"), Path.of("../../current/bin/embryo"));

    assertThat(answer(NO_ARCHIVE, "sh", "-c", "PATH=$1:$PATH; embryo run \"$2\"", "sh", bin.toString(), policy.toString()))
        .isEqualTo(new Installation.Answer(0, "hello\n", ""));
  }

  @Test
  void theCommandRunsFromAFolderThatNobodyCanWriteTo() throws Exception {
    var before = contents();
    var archives = directory.resolve("archives");
    permit(before, "r-xr-xr-x", "r--r--r--");
    try {
      var words = new ArrayList<>(List.of(installation.file("bin/embryo").toString(), "run", policy.toString()));
      if (System.getProperty("user.name").equals("root")) { // who may write wherever the file system may
        words.addAll(0, List.of("unshare", "--mount", "sh", "-ec",
            "mount --bind \"$0\" \"$0\"; mount -o remount,bind,ro \"$0\"; exec \"$@\"", installation.home().toString()));
      }
      assertThat(answer(archives.toString(), words.toArray(String[]::new)))
          .isEqualTo(new Installation.Answer(0, "hello\n", ""));
    } finally {
      permit(before, "rwxr-xr-x", "rw-r--r--");
    }
    assertThat(contents()).isEqualTo(before);
    assertThat(archives).isNotEmptyDirectory();
  }

  @Test
  void everyCommandHasAManualPageThatManFinds() throws Exception {
    var help = Installation.answer(installation.command(NO_ARCHIVE, "--help")).output();
    var pages = new ArrayList<>(List.of("embryo"));
    help.lines().dropWhile(line -> !line.equals("Commands:")).skip(1).takeWhile(line -> !line.isEmpty())
        .filter(line -> line.matches("  \\S.*")).forEach(line -> pages.add("embryo-" + line.strip().replaceFirst(" .*", "")));
    assertThat(pages).contains("embryo-run", "embryo-explain", "embryo-help");

    assertThat(pages).allSatisfy(page ->
        assertThat(installation.file("share/man/man1/" + page + ".1")).content().startsWith(".TH " + page.toUpperCase(Locale.ROOT)
            .replace("-", "\\-") + " 1 \"\" \"embryo "));
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/man")), "/usr/bin/man is not installed");
    assertThat(answer(NO_ARCHIVE, "man", "-M", installation.file("share/man").toString(), "-w", "embryo-run"))
        .isEqualTo(new Installation.Answer(0, installation.file("share/man/man1/embryo-run.1") + "\n", ""));
  }

  @Test
  void bashCompletesTheCommandsThatThereAre() throws Exception {
    assertThat(answer(NO_ARCHIVE, "bash", "--norc", "-c", """
        . "$0"
        COMP_WORDS=(embryo e) COMP_CWORD=1
        _embryo
        echo "${COMPREPLY[@]}"
        complete -p embryo
        """, installation.file("share/bash-completion/completions/embryo").toString()))
        .isEqualTo(new Installation.Answer(0, "explain\ncomplete -o default -F _embryo embryo\n", ""));
  }

  @Test
  void aProgramIsBuiltWithTheClientOfTheTarball() throws Exception {
    var source = Files.writeString(directory.resolve("find.c"),
        "#include <embryo.h>\nint main(void) { return embryo_fd(\"log\") == -1 ? 7 : 0; }\n");
    var program = directory.resolve("find").toString();
    assertThat(answer(NO_ARCHIVE, "gcc", "-I", installation.file("client").toString(), "-o", program, source.toString()))
        .isEqualTo(new Installation.Answer(0, "", ""));
    assertThat(answer(NO_ARCHIVE, program).status()).isEqualTo(7);

    try (Stream<Path> files = Files.list(installation.file("client"))) {
      var jar = files.filter(file -> file.toString().endsWith(".jar")).findFirst().orElseThrow();
      assertThat(answer(NO_ARCHIVE, Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--module-path", jar.toString(),
          "--describe-module", "dev.embryo.client").output()).contains("\nexports dev.embryo.client\n");
    }
  }

  @Test
  void theBenchmarkMeasuresTheCommandOfTheTarball() throws Exception {
    var bench = Installation.inEnvironment(new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Djava.io.tmpdir=" + directory,
        "-cp", System.getProperty("java.class.path"), "dev.embryo.launcher.bench.Main", "--rows", "command", "--launches", "1"),
        NO_ARCHIVE);
    bench.environment().put("EMBRYO_TARBALL", Installation.tarball().toString());

    var answer = Installation.answer(bench);

    assertThat(answer.status()).as(answer.toString()).isZero();
    assertThat(answer.output()).contains("medians of 1 after 1 untimed").doesNotContain("skipped");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("opt", "echo.yaml", "embryo-bench.json");
    }
  }
}
