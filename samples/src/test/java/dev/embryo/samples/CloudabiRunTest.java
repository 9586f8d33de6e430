package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import dev.embryo.policy.model.PolicyException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Static programs under configurations of cloudabi-run do what they did there, with what their arguments hold and nothing else. */
@Timeout(120)
class CloudabiRunTest {
  private static final String INCLUDE = "-I" + Path.of("../launcher/client/include").toAbsolutePath().normalize();
  private static final String TAG = "%TAG ! tag:nuxi.nl,2015:cloudabi/\n---\n";

  /** Serves one file of a directory to each connection, and logs it. */
  private static final String SERVER = """
      #define _GNU_SOURCE
      #include <embryo.h>
      #include <errno.h>
      #include <arpa/inet.h>
      #include <fcntl.h>
      #include <stdio.h>
      #include <sys/socket.h>

      int main(void)
      {
          unsigned char buffer[4096];
          struct embryo_value all = embryo_arguments(buffer, sizeof buffer);
          int root = embryo_descriptor(embryo_find(all, "rootdir"));
          int listener = embryo_descriptor(embryo_find(all, "socket"));
          int log = embryo_descriptor(embryo_find(all, "logfile"));
          const char *host = embryo_text(embryo_find(all, "hostname"));
          int64_t connections;
          if (!host || !embryo_integer(embryo_find(all, "concurrent_connections"), &connections)) return 2;
          struct sockaddr_in name;
          socklen_t size = sizeof name;
          if (getsockname(listener, (struct sockaddr *)&name, &size) != 0) return 3;
          dprintf(log, "%s at %d, %d connections\\n", host, ntohs(name.sin_port), (int)connections);
          for (; connections > 0; connections--) {
              int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
              char path[64], text[256];
              ssize_t length = read(connection, path, sizeof path - 1);
              if (connection < 0 || length < 0) return 4;
              path[length] = 0;
              int file = openat(root, path, O_RDONLY);
              length = file < 0 ? snprintf(text, sizeof text, "%s", strerror(errno)) : read(file, text, sizeof text);
              if (write(connection, text, length) != length) return 5;
              close(file);
              close(connection);
          }
          return 0;
      }
      """;

  /** Tells of every descriptor what it is, and tries to get at what was not given. */
  private static final String THIEF = """
      #define _GNU_SOURCE
      #include <embryo.h>
      #include <errno.h>
      #include <fcntl.h>
      #include <stdio.h>
      #include <sys/socket.h>
      #include <sys/stat.h>
      #include <sys/sysmacros.h>

      extern char **environ;

      static const char *outcome(long got)
      {
          return got >= 0 ? "got it" : strerrorname_np(errno);
      }

      int main(int argc, char **argv)
      {
          char output[4096];
          FILE *out = fmemopen(output, sizeof output, "w");
          for (int fd = 0; fd < 1024; fd++) {
              struct stat s;
              if (fstat(fd, &s) != 0) continue;
              int null = S_ISCHR(s.st_mode) && major(s.st_rdev) == 1 && minor(s.st_rdev) == 3;
              fprintf(out, "%d %s\\n", fd, null ? "null" : S_ISREG(s.st_mode) ? "file" : S_ISDIR(s.st_mode) ? "directory"
                  : S_ISFIFO(s.st_mode) ? "pipe" : S_ISSOCK(s.st_mode) ? "socket" : "other");
          }
          fprintf(out, "passwd %s\\n", outcome(open("/etc/passwd", O_RDONLY)));
          fprintf(out, "sibling %s\\n", outcome(open(argc > 1 ? argv[1] : "secret", O_RDONLY)));
          fprintf(out, "null %s\\n", outcome(open("/dev/null", O_RDWR)));
          fprintf(out, "proc %s\\n", outcome(open("/proc/self/fd/1", O_RDWR)));
          fprintf(out, "climb %s\\n", outcome(openat(3, "..", O_RDONLY | O_DIRECTORY)));
          fprintf(out, "socket %s\\n", outcome(socket(AF_INET, SOCK_STREAM, 0)));
          fprintf(out, "write %s\\n", outcome(write(3, "x", 1)));
          fprintf(out, "arguments %d\\n", argc - 1);
          for (char **variable = environ; *variable; variable++) {
              if (strncmp(*variable, "LISTEN_", 7)) fprintf(out, "%s\\n", *variable);
          }
          fclose(out);
          unsigned char buffer[4096];
          struct embryo_value all = embryo_arguments(buffer, sizeof buffer);
          return dprintf(embryo_descriptor(embryo_find(all, "to")), "%s", output) < 0;
      }
      """;

  @TempDir
  private Path directory;

  @BeforeEach
  void letOthersIn() throws Exception {
    CompiledProgram.letOthersIn(directory);
  }

  private Path program(String source) throws Exception {
    return CompiledProgram.of(directory, "program", source, "-static", INCLUDE);
  }

  private Path configuration(String text) throws Exception {
    return Files.writeString(directory.resolve("configuration.yaml"), TAG + text);
  }

  private SandboxedProcess launch(String source, String configuration) throws Exception {
    return Sandbox.builder().policy(Policies.loadCloudabi(configuration(configuration), program(source))).build().launch();
  }

  private static BufferedReader reader(SandboxedProcess process) {
    return new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  private static String ask(int port, String file) throws Exception {
    try (var connection = new Socket(InetAddress.getLoopbackAddress(), port)) {
      connection.getOutputStream().write(file.getBytes(UTF_8));
      return new String(connection.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @Test
  void theServerOfTheManualServes() throws Exception {
    var root = Files.createDirectory(directory.resolve("root"));
    CompiledProgram.letOthersIn(root);
    CompiledProgram.letOthersIn(Files.writeString(root.resolve("page"), "Hello, world"));
    Files.writeString(directory.resolve("secret"), "secret");
    try (var process = launch(SERVER, """
        hostname: mywebserver.com
        concurrent_connections: 3
        rootdir: !file
          path: %s
        socket: !socket
          bind: 127.0.0.1:0
        logfile: !fd stdout
        """.formatted(root)); var log = reader(process)) {
      var line = log.readLine();
      assertThat(line).matches("mywebserver\\.com at [0-9]+, 3 connections");
      int port = Integer.parseInt(line.replaceAll(".* at ([0-9]+),.*", "$1"));
      assertThat(ask(port, "page")).isEqualTo("Hello, world");
      assertThat(ask(port, "../secret")).as("of what is not beneath").isEqualTo("No such file or directory");
      assertThat(ask(port, "none")).isEqualTo("No such file or directory");
      assertThat(process.waitFor()).isZero();
    }
  }

  private String thief(String configuration) throws Exception {
    try (var process = launch(THIEF, configuration); var said = reader(process)) {
      var all = said.lines().collect(Collectors.joining(", "));
      assertThat(process.waitFor()).isZero();
      return all;
    }
  }

  @Test
  void whatIsNotInTheTreeIsNotHeld() throws Exception {
    CompiledProgram.letOthersIn(Files.writeString(directory.resolve("secret"), "secret"));
    String nothing = "passwd ENOENT, sibling ENOENT, null ENOENT, proc ENOENT, climb %1$s, socket EPERM, write %2$s, arguments 0";

    assertThat(thief("to: !fd stdout"))
        .isEqualTo("0 null, 1 pipe, 2 null, 3 file, " + nothing.formatted("ENOTDIR", "EBADF"));
    assertThat(thief("{to: !fd 1, file: !file {path: " + directory.resolve("secret") + "}}"))
        .isEqualTo("0 null, 1 pipe, 2 null, 3 file, 4 file, " + nothing.formatted("EPERM", "EPERM"));
  }

  @Test
  void anEmptyConfigurationIsNullAndGivesNothing() throws Exception {
    var source = """
        #include <embryo.h>
        #include <fcntl.h>

        int main(void)
        {
            unsigned char buffer[16];
            int last = 1023;
            while (fcntl(last, F_GETFD) < 0) last--;
            return last * 10 + embryo_type(embryo_arguments(buffer, sizeof buffer));
        }
        """;
    try (var process = launch(source, "")) {
      assertThat(process.waitFor()).as("the last descriptor, which is that of the arguments, and their type").isEqualTo(30);
    }
  }

  @Test
  void aDirectoryIsHeldForReadingAndHasNoWayOut() throws Exception {
    var tree = Files.createDirectories(directory.resolve("a/tree"));
    CompiledProgram.letOthersIn(tree.getParent());
    CompiledProgram.letOthersIn(tree);

    assertThat(thief("{to: !fd stdout, tree: !file {path: " + tree + "}}"))
        .startsWith("0 null, 1 pipe, 2 null, 3 directory, 4 file, passwd ENOENT, ").contains(", climb got it, ");
  }

  @Test
  void aFileIsHeldForReadingUnlessMoreIsWritten() throws Exception {
    var file = Files.writeString(directory.resolve("file"), "what was there");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThat(thief("{file: !file {path: " + file + "}, to: !fd stdout}")).contains(", write EPERM, ");
    assertThat(file).hasContent("what was there");
    assertThat(thief("{file: !file {path: " + file + ", rights: write}, to: !fd stdout}")).contains(", write got it, ");
    assertThat(file).hasContent("xhat was there");
  }

  @Test
  void whatIsNotThereIsSaidAtItsPlace() throws Exception {
    var loaded = Policies.loadCloudabi(configuration("- 1\n- !file {path: /nowhere/at/all}\n"), program(SERVER));

    assertThatThrownBy(() -> Sandbox.builder().policy(loaded).build()).isInstanceOf(PolicyException.class)
        .hasMessage(directory.resolve("configuration.yaml") + ":4:3: capabilities.arguments-1: /nowhere/at/all does not exist: there is no /nowhere");
  }

  @Test
  void aDynamicProgramIsRefused() throws Exception {
    var loaded = Policies.loadCloudabi(configuration("- 1\n"), CompiledProgram.of(directory, "dynamic", "int main(void) { return 0; }\n"));

    assertThatThrownBy(() -> Sandbox.builder().policy(loaded).build()).isInstanceOf(PolicyException.class)
        .hasMessageStartingWith(directory.resolve("configuration.yaml") + ":3:1: program.path: " + directory.resolve("dynamic")
            + " is dynamically linked");
  }

  @Test
  void aFileThatBecomesADirectoryIsNoOtherGrant() throws Exception {
    var path = Files.writeString(directory.resolve("changing"), "");
    var loaded = Policies.loadCloudabi(configuration("- !file {path: " + path + "}\n"), program(SERVER));
    Files.delete(path);
    Files.createDirectory(path);

    assertThatThrownBy(() -> Sandbox.builder().policy(loaded).build()).isInstanceOf(PolicyException.class)
        .hasMessageContaining(":3:3: capabilities.arguments-0");
  }
}
