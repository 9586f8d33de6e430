package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.client.Capabilities;
import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs in C and in Java find what their policy gives them with what Embryo ships for that, and nothing by hostile variables. */
@Timeout(120)
class ClientTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final String INCLUDE = "-I" + Path.of("../launcher/client/include").toAbsolutePath().normalize();

  /** Without arguments uses its capabilities; with them takes them for the three variables, and tells what it finds by names. */
  private static final String PROGRAM = """
      #include <embryo.h>
      #include <stdio.h>
      #include <sys/wait.h>

      static void set(const char *variable, const char *value)
      {
          char pid[32];
          snprintf(pid, sizeof pid, "%lld", (long long)getpid() + (!strcmp(value, "other") ? 1 : !strcmp(value, "wide") ? 1LL << 32 : 0));
          if (!strcmp(value, "unset")) unsetenv(variable);
          else setenv(variable, !strcmp(value, "self") || !strcmp(value, "other") || !strcmp(value, "wide") ? pid : value, 1);
      }

      int main(int argc, char **argv)
      {
          if (argc > 3) {
              set("LISTEN_PID", argv[1]);
              set("LISTEN_FDS", argv[2]);
              set("LISTEN_FDNAMES", argv[3]);
              for (char **name = argv + 4; *name; name++) printf("%d ", embryo_fd(*name));
              return 0;
          }
          if (argc > 1) {
              pid_t child = fork();
              if (child == 0) printf("the child finds %d\\n", embryo_fd("log"));
              else wait(NULL);
              return 0;
          }
          char line[64] = "";
          if (read(embryo_fd("letter"), line, sizeof line - 1) < 0) return 2;
          if (dprintf(embryo_fd("log"), "read: %s", line) < 0) return 3;
          unsigned char buffer[4096], small[8];
          struct embryo_value all = embryo_arguments(buffer, sizeof buffer);
          int64_t workers = 0;
          int quiet = -1;
          embryo_integer(embryo_find(all, "workers"), &workers);
          embryo_bool(embryo_find(all, "quiet"), &quiet);
          printf("%s %lld %d %d %d\\n", embryo_text(embryo_find(all, "greeting")), (long long)workers, quiet,
              embryo_descriptor(embryo_find(all, "letter")) == embryo_fd("letter"),
              embryo_type(embryo_arguments(small, sizeof small)));
          return embryo_fd("stdout") != -1;
      }
      """;

  private static final String CAPABILITIES = """
      capabilities:
        stdout: {inherit: 1, rights: write}
        stderr: {inherit: 2, rights: write}
        letter: {file: letter}
        log: {file: log, rights: [append, seek]}
      arguments: {greeting: "caf\\u00e9", workers: -129, quiet: true, letter: !fd letter, nothing: ~, to: [!fd stdout]}
      """;

  @TempDir
  private Path directory;

  @BeforeEach
  void writeFiles() throws Exception {
    CompiledProgram.letOthersIn(directory);
    CompiledProgram.letOthersIn(Files.writeString(directory.resolve("letter"), "Dear reader\n"));
    var log = Files.writeString(directory.resolve("log"), "");
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  private String run(String program, String more) throws Exception {
    var done = Sandbox.builder().policy(Policies.parse("policy: embryo/v1\nname: test\n" + program + CAPABILITIES + more, directory))
        .build().run(LONG);
    assertThat(done.errorText()).isEmpty();
    assertThat(done.isSuccess()).as(done.toString()).isTrue();
    return done.outputText();
  }

  private String runInC(String arguments, String more) throws Exception {
    CompiledProgram.of(directory, "program", PROGRAM, "-static", INCLUDE);
    return run("program: {path: program, arguments: " + arguments + "}\n", more);
  }

  @Test
  void aProgramInCFindsItsCapabilitiesAndArguments() throws Exception {
    assertThat(runInC("[]", "profile: pure\n")).isEqualTo("caf\u00e9 -129 1 1 0\n");
    assertThat(directory.resolve("log")).hasContent("read: Dear reader\n");
  }

  @Test
  void aChildInCFindsNothing() throws Exception {
    assertThat(runInC("[child]", "processes: {spawn: true}\n")).isEqualTo("the child finds -1\n");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
      self                  | 2                     | log:letter  | 3 4 -1 -1 -1
      self                  | 0002                  | log:letter  | 3 4 -1 -1 -1
      self                  | 3                     | a:log:log   | 4 -1 -1 -1 -1
      self                  | 3                     | log::letter | 3 5 -1 -1 -1
      self                  | 1                     | log:        | -1 -1 -1 -1 -1
      self                  | 1                     | log:letter  | -1 -1 -1 -1 -1
      self                  | 3                     | log:letter  | -1 -1 -1 -1 -1
      self                  | 2147483647            | log:letter  | -1 -1 -1 -1 -1
      self                  | 2147483648            | log:letter  | -1 -1 -1 -1 -1
      self                  | 4294967298            | log:letter  | -1 -1 -1 -1 -1
      self                  | 18446744073709551618  | log:letter  | -1 -1 -1 -1 -1
      self                  | -2                    | log:letter  | -1 -1 -1 -1 -1
      self                  | +2                    | log:letter  | -1 -1 -1 -1 -1
      self                  | ` 2`                  | log:letter  | -1 -1 -1 -1 -1
      self                  | 2x                    | log:letter  | -1 -1 -1 -1 -1
      self                  | 0x2                   | log:letter  | -1 -1 -1 -1 -1
      self                  | 0                     | log:letter  | -1 -1 -1 -1 -1
      self                  | ``                    | log:letter  | -1 -1 -1 -1 -1
      self                  | unset                 | log:letter  | -1 -1 -1 -1 -1
      self                  | 2                     | unset       | -1 -1 -1 -1 -1
      self                  | 1                     | ``          | -1 -1 -1 -1 -1
      other                 | 2                     | log:letter  | -1 -1 -1 -1 -1
      wide                  | 2                     | log:letter  | -1 -1 -1 -1 -1
      -1                    | 2                     | log:letter  | -1 -1 -1 -1 -1
      ``                    | 2                     | log:letter  | -1 -1 -1 -1 -1
      unset                 | 2                     | log:letter  | -1 -1 -1 -1 -1
      """)
  void hostileVariablesNameNothingInC(String pid, String count, String names, String found) throws Exception {
    assertThat(runInC(quoted(List.of(pid, count, names, "log", "letter", "lo", "log:letter", "")), "").strip()).isEqualTo(found);
  }

  /** Walks whatever it gets, each in a block of memory of just its size, and asks everything of everything. */
  private static final String WALKER = """
      #include <embryo.h>
      #include <stdio.h>

      static long seen;

      static void walk(struct embryo_value value)
      {
          int64_t number;
          int truth;
          const char *text = embryo_text(value);
          seen += (text ? (long)strlen(text) : 0) + embryo_descriptor(value) + embryo_integer(value, &number) + embryo_bool(value, &truth);
          (void)embryo_find(value, "a");
          for (int type = EMBRYO_MAP; type <= EMBRYO_LIST; type++) {
              struct embryo_value each, left = embryo_members(value, type);
              while (embryo_next(&left, &each)) walk(each);
          }
      }

      int main(void)
      {
          unsigned char size;
          while (read(0, &size, 1) == 1) {
              unsigned char *exact = malloc(size ? size : 1), *buffer = size ? exact : exact + 1;
              for (size_t got = 0; got < size;) {
                  ssize_t more = read(0, buffer + got, size - got);
                  if (more <= 0) return 2;
                  got += (size_t)more;
              }
              struct embryo_value value = {buffer, size};
              walk(value);
              free(exact);
          }
          printf("done\\n");
          return 0;
      }
      """;

  @Test
  void theReaderInCReadsNothingBeyondItsBuffer() throws Exception {
    assumeTrue(hasSanitizers(), "gcc has no sanitizers");
    var walker = CompiledProgram.of(directory, "walker", WALKER,
        "-fsanitize=address,undefined", "-fno-sanitize-recover=all", INCLUDE);
    var process = new ProcessBuilder(walker.toString()).redirectErrorStream(true).start();
    try (var input = process.getOutputStream()) {
      input.write(hostileValues());
    }

    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).isEqualTo("done\n");
    assertThat(process.waitFor()).isZero();
  }

  private boolean hasSanitizers() throws Exception {
    var source = Files.writeString(directory.resolve("sanitized.c"), "int main(void) { return 0; }\n");
    return new ProcessBuilder("gcc", "-fsanitize=address,undefined", "-o", directory.resolve("sanitized").toString(), source.toString())
        .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
  }

  /** Values with a byte in front that says how long each is: random ones, and maps and lists of such with a byte changed. */
  private static byte[] hostileValues() {
    var random = new SplittableRandom(20240611);
    var all = new ByteArrayOutputStream();
    for (int i = 0; i < 40_000; i++) {
      byte[] value = value(random, 3);
      if (value.length > 0 && random.nextInt(3) > 0) {
        value[random.nextInt(value.length)] = (byte) random.nextInt();
      }
      int length = Math.min(value.length, random.nextInt(4) == 0 ? random.nextInt(256) : 255);
      all.write(length);
      all.write(value, 0, length);
    }
    return all.toByteArray();
  }

  private static byte[] value(SplittableRandom random, int depth) {
    int type = random.nextInt(depth > 0 ? 4 : 2, 10);
    var value = new ByteArrayOutputStream();
    value.write(type);
    if (depth > 0 && (type == 6 || type == 7)) {
      for (int i = random.nextInt(5); i > 0; i--) {
        byte[] member = value(random, depth - 1);
        if (member.length >= 128) {
          value.write(member.length >> 7);
        }
        value.write(member.length & 127 | 128);
        value.writeBytes(member);
      }
    } else {
      var bytes = new byte[random.nextInt(10)];
      random.nextBytes(bytes);
      value.writeBytes(bytes);
      value.write(type == 8 ? 0 : 1);
    }
    return value.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({"gcc, -std=c99", "gcc, -std=c17", "g++, -std=c++17"})
  void theHeaderIsCleanInEveryDialect(String compiler, String dialect) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin", compiler)), compiler + " is not installed");
    var source = Files.writeString(directory.resolve(compiler.equals("g++") ? "all.cc" : "all.c"), "#include <embryo.h>\n");
    var words = new ArrayList<>(List.of(compiler, dialect, "-Wall", "-Wextra", "-Wconversion", "-Werror", "-pedantic",
        "-D_POSIX_C_SOURCE=200809L", INCLUDE, "-fsyntax-only", source.toString()));
    var process = new ProcessBuilder(words).redirectErrorStream(true).start();

    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).isEmpty();
    assertThat(process.waitFor()).isZero();
  }

  // Java

  /** As the only thing that varies: whether Java lets the library at the field that it needs. */
  private Sandbox.Builder java(String... options) throws Exception {
    var home = Path.of(System.getProperty("java.home")).toRealPath();
    assumeTrue(home.startsWith("/usr"), "this Java is not among the system's programs");
    var words = new ArrayList<>(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"));
    words.addAll(List.of(options));
    words.addAll(List.of("-cp", "/client:/own", ClientMain.class.getName()));
    var client = Path.of(Capabilities.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    return Sandbox.builder().policy(Policies.parse("policy: embryo/v1\nname: test\nprofile: jvm\nprogram: {path: " + home
        + "/bin/java, arguments: " + quoted(words) + "}\n" + CAPABILITIES.replace("arguments:", """
          client: {%s: %s, mount: /client}
          own: {directory: %s, rights: [list, read], mount: /own}
        arguments:""".formatted(Files.isDirectory(client) ? "directory" : "file", client,
        Path.of("target/test-classes").toAbsolutePath())), directory));
  }

  private static String quoted(List<String> words) {
    return words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(", ", "[", "]"));
  }

  @Test
  void aProgramInJavaFindsItsCapabilitiesAndArguments() throws Exception {
    var done = java("--add-opens", "java.base/java.io=ALL-UNNAMED").build().run(LONG);

    assertThat(done.errorText()).isEmpty();
    assertThat(done.outputText()).isEqualTo("""
        [letter, log, arguments] false
        {greeting=caf\u00e9, workers=-129, quiet=true, letter=Descriptor[number=3], nothing=null, to=[Descriptor[number=1]]}
        true
        """);
    assertThat(directory.resolve("log")).hasContent("read: Dear reader\n");
  }

  @Test
  void aProgramInJavaIsToldWhatItsDescriptorsTake() throws Exception {
    assertThat(java().build().run(LONG).errorText()).contains(
        "IllegalStateException: descriptor 3 cannot be used from Java; run it with --add-opens java.base/java.io=ALL-UNNAMED\n");
  }
}
