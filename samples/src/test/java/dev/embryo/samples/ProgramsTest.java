package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ordinary programs do their work under policies that fit a screen: those of {@code samples/programs}, in a copy that stands
 * in a repository of git's, as they would in a checkout.
 */
@Timeout(300)
class ProgramsTest {
  private static final Path SAMPLES = Path.of("programs");
  private static final int MOST_LINES = 20;

  @TempDir Path checkout;
  private Path programs;

  /** A program's output and errors, and its exit status. */
  private record Run(int status, byte[] output, String errors) {
    String text() {
      return new String(output, UTF_8);
    }
  }

  @BeforeEach
  void copyTheSamples() throws IOException {
    open(checkout);
    programs = Files.createDirectories(checkout.resolve("samples/programs"));
    open(programs.getParent());
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      for (Path file : files.toList()) {
        Path copy = programs.resolve(SAMPLES.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
        open(copy);
      }
    }
  }

  private static void open(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Run run(String name, Map<String, String> parameters, byte[] input) throws Exception {
    var builder = Sandbox.builder().policy(Policies.load(programs.resolve(name + ".yaml")));
    parameters.forEach(builder::parameter);
    try (var process = builder.build().launch()) {
      var written = CompletableFuture.runAsync(() -> {
        try (var stdin = process.getOutputStream()) {
          stdin.write(input);
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      });
      var errors = CompletableFuture.supplyAsync(() -> read(process.errorReader(UTF_8)));
      byte[] output = process.getInputStream().readAllBytes();
      int status = process.waitFor();
      written.join();
      return new Run(status, output, errors.join());
    }
  }

  private static String read(BufferedReader reader) {
    var text = new StringBuilder();
    reader.lines().forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }

  /** What the program prints, when it ends well and complains of nothing. */
  private byte[] bytes(String name, Map<String, String> parameters, String input) throws Exception {
    Run run = run(name, parameters, input.getBytes(UTF_8));
    assertThat(run.errors()).isEmpty();
    assertThat(run.status()).isZero();
    return run.output();
  }

  private String output(String name) throws Exception {
    return new String(bytes(name, Map.of(), ""), UTF_8);
  }

  private byte[] data(String name) throws IOException {
    return Files.readAllBytes(programs.resolve("data").resolve(name));
  }

  private static void need(String program) {
    assumeTrue(Files.isExecutable(Path.of(program)), program + " is not installed");
  }

  static List<Path> policies() throws IOException {
    try (Stream<Path> files = Files.list(SAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void aPolicyFitsAScreen(Path policy) throws Exception {
    assertThat(Files.readAllLines(policy)).hasSizeLessThanOrEqualTo(MOST_LINES);
  }

  @Test
  void sha256sum() throws Exception {
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data("text.txt")));

    assertThat(output("sha256sum")).isEqualTo(digest + "  /data/text.txt\n");
  }

  @Test
  void gzip() throws Exception {
    byte[] packed = bytes("gzip", Map.of(), "");

    assertThat(new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes()).isEqualTo(data("text.txt"));
  }

  @Test
  void tar() throws Exception {
    var archive = Files.write(checkout.resolve("data.tar"), bytes("tar", Map.of(), ""));

    var tar = new ProcessBuilder("tar", "-xOf", archive.toString(), "./text.txt").start();
    assertThat(tar.getInputStream().readAllBytes()).isEqualTo(data("text.txt"));
    assertThat(tar.waitFor()).isZero();
  }

  /** The lines are all different, so each of them has to come after the one before it. */
  @Test
  void sortOf200MegabytesWithATmpfs() throws Exception {
    int lines = 12_500_000;
    var sandbox = Sandbox.builder().policy(Policies.load(programs.resolve("sort.yaml"))).build();
    try (var process = sandbox.launch();
        var output = new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII), 1 << 20)) {
      var written = CompletableFuture.runAsync(() -> writeLines(process.getOutputStream(), lines));
      String last = "";
      int count = 0;
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.compareTo(last) <= 0 || line.length() != 15) {
          throw new AssertionError("after " + last + " comes " + line);
        }
        last = line;
        count++;
      }
      assertThat(count).isEqualTo(lines);
      assertThat(process.waitFor()).isZero();
      written.join();
    }
  }

  /** Sixteen bytes each: a number that runs through all its values in a scattered order, and digits to fill up with. */
  private static void writeLines(OutputStream stream, int lines) {
    var random = new SplittableRandom(1);
    byte[] block = new byte[16 * 65536];
    try (stream) {
      int used = 0;
      for (int i = 0; i < lines; i++) {
        long scattered = (i * 2_654_435_761L) & 0xffff_ffffL; // an odd factor: different for different i
        long digits = scattered * 100_000L + random.nextInt(100_000);
        for (int at = 14; at >= 0; at--) {
          block[used + at] = (byte) ('0' + digits % 10);
          digits /= 10;
        }
        block[used + 15] = '\n';
        used += 16;
        if (used == block.length || i == lines - 1) {
          stream.write(block, 0, used);
          used = 0;
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void makeRepository() throws Exception {
    need("/usr/bin/git");
    String script = """
        umask 022
        git init -q -b main . && git add samples/programs/data && git commit -q -m 'Add the data'
        git add . && git commit -q -m 'Add the rest' && echo more > samples/programs/data/more.txt
        """;
    var git = new ProcessBuilder("sh", "-e", "-c", script).directory(checkout.toFile()).inheritIO();
    git.environment().putAll(Map.of("GIT_CONFIG_GLOBAL", "/dev/null", "GIT_CONFIG_NOSYSTEM", "1",
        "GIT_AUTHOR_NAME", "A", "GIT_AUTHOR_EMAIL", "a@example.org",
        "GIT_COMMITTER_NAME", "A", "GIT_COMMITTER_EMAIL", "a@example.org"));
    assertThat(git.start().waitFor()).isZero();
  }

  @Test
  void gitLog() throws Exception {
    makeRepository();

    assertThat(output("git-log")).isEqualTo("Add the rest\nAdd the data\n");
  }

  @Test
  void gitStatus() throws Exception {
    makeRepository();

    assertThat(output("git-status")).isEqualTo("## main\n?? samples/programs/data/more.txt\n");
  }

  @Test
  void perl() throws Exception {
    need("/usr/bin/perl");

    assertThat(output("perl")).isEqualTo(data("text.txt").length + "\n");
  }

  private int words() throws IOException {
    return new String(data("text.txt"), UTF_8).strip().split("\\s+").length;
  }

  @Test
  void pythonWithItsLibraryAndASubprocess() throws Exception {
    need("/usr/bin/python3");

    assertThat(output("python")).isEqualTo("{\"python\": " + words() + ", \"wc\": " + words() + "}\n");
  }

  @Test
  void nodeWithAWorkerThread() throws Exception {
    need("/usr/bin/node");

    assertThat(output("node")).isEqualTo("{\"count\":" + words() + "}\n");
  }

  static List<Path> javaHomes() throws IOException {
    try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
      return homes.filter(home -> Files.isExecutable(home.resolve("bin/javac")) && !Files.isSymbolicLink(home)).sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("javaHomes")
  void javaWithThreadsAndJustInTimeCompiler(Path home) throws Exception {
    assertThat(new String(bytes("java", Map.of("jdk", home.getFileName().toString()), ""), UTF_8))
        .startsWith(words() + " words, counted by Java ");
  }

  @Test
  void gccCompilesAndLinksAProgram() throws Exception {
    need("/usr/bin/gcc");
    var hello = Files.write(checkout.resolve("hello"), bytes("gcc", Map.of(), ""));
    open(hello);

    Outcome compiled = Probe.run(List.of(hello.toString()));
    assertThat(compiled).isEqualTo(new Outcome("ok", "hello\n"));
  }

  @Test
  void aPipelineOfAStaticBusybox() throws Exception {
    need("/bin/busybox");

    assertThat(output("busybox")).isEqualTo(words() + "\n");
  }

  @Test
  void sqliteOnAGrantedFile() throws Exception {
    need("/usr/bin/sqlite3");
    var database = Files.createFile(checkout.resolve("books.db"));
    Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-rw-rw-"));
    var parameters = Map.of("database", database.toString());

    assertThat(bytes("sqlite", parameters, "create table books(title); insert into books values('one'), ('two');"))
        .asString(UTF_8).isEqualTo("memory\n");
    assertThat(bytes("sqlite", parameters, "select count(*) from books;")).asString(UTF_8).isEqualTo("memory\n2\n");
  }

  @Test
  void openssl() throws Exception {
    need("/usr/bin/openssl");
    var encrypted = Files.write(checkout.resolve("encrypted"), bytes("openssl", Map.of(), ""));

    var decrypted = new ProcessBuilder("openssl", "enc", "-d", "-aes-256-ctr", "-pbkdf2", "-pass",
        "file:" + programs.resolve("data/key"), "-in", encrypted.toString()).start();
    assertThat(decrypted.getInputStream().readAllBytes()).isEqualTo(data("text.txt"));
    assertThat(decrypted.waitFor()).isZero();
  }

  @Test
  void findAndXargs() throws Exception {
    assertThat(output("find-xargs").strip()).isEqualTo(words() + " /data/text.txt");
  }
}
