package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import dev.embryo.launcher.Stdio;
import dev.embryo.policy.explain.Explanation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The servers of the samples serve what they hold to real clients, and can do nothing else. */
@Timeout(60)
class ServersTest {
  private static final Path PURE = Path.of("pure", "serve.yaml").toAbsolutePath();
  private static final Path LIGHTTPD = Path.of("lighttpd", "policy.yaml").toAbsolutePath();
  private static final int CLIENTS = 64; // so many serve.c serves at once

  @TempDir private Path directory;

  /** A server, and the port at which it is reached. */
  private record Server(SandboxedProcess process, int port) implements AutoCloseable {
    /** The policy of a sample, at a port that is free here. */
    static Server of(Path policy, int port) throws IOException {
      var text = Files.readString(policy).replace("8080", Integer.toString(port));
      return new Server(Sandbox.builder().policy(Policies.parse(text, policy.getParent())).stderr(Stdio.NULL).build().launch(), port);
    }

    static Server of(Path policy) throws IOException {
      return of(policy, freePort());
    }

    /** The socket listens before the program begins, so no client comes too early. */
    Socket client() throws IOException {
      return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** The whole answer to these bytes, after which the client sends no more. */
    String answer(String request) throws IOException {
      try (var client = client()) {
        client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        client.shutdownOutput();
        return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      }
    }

    String get(String path) throws IOException {
      return answer("GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n");
    }

    @Override
    public void close() throws IOException {
      process.close();
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String page(Path policy) throws IOException {
    return Files.readString(policy.resolveSibling("pages/index.html"));
  }

  @Test
  void aProgramOfThePureWorldServesThePagesThatItHolds() throws Exception {
    try (var server = Server.of(PURE)) {
      for (String path : List.of("/", "/index.html", "/index.html?query")) {
        assertThat(server.get(path)).startsWith("HTTP/1.0 200 OK\r\n").endsWith("\r\n\r\n" + page(PURE));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "/none", "/../serve.c", "/../../../../etc/passwd", "//etc/passwd", "/.", "/..", "/proc/self/exe", "/index.html/x"})
  void nothingElseIsThere(String path) throws Exception {
    try (var server = Server.of(PURE)) {
      assertThat(server.get(path)).isEqualTo("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET", "GET /index.html", "POST / HTTP/1.0\r\n\r\n", "\0\0\0\0", "GET /\r\n\r\n", "GET  / HTTP/1.0\r\n\r\n"})
  void whatIsNoRequestIsAnsweredAndTheNextClientIsServed(String request) throws Exception {
    try (var server = Server.of(PURE)) {
      assertThat(server.answer(request)).startsWith("HTTP/1.0 400 Bad Request\r\n");
      assertThatThrownBy(() -> server.answer("GET /" + "x".repeat(1 << 20) + " HTTP/1.0\r\n\r\n"))
          .as("it is not read to its end").isInstanceOf(SocketException.class);
      assertThat(server.get("/")).endsWith(page(PURE));
    }
  }

  @Test
  void clientsThatSayNothingKeepNobody() throws Exception {
    try (var server = Server.of(PURE)) {
      var silent = new ArrayList<Socket>();
      try {
        for (int i = 0; i < CLIENTS - 1; i++) {
          silent.add(server.client());
        }
        assertThat(server.get("/")).endsWith(page(PURE));
        silent.add(server.client());
        assertThat(server.get("/")).as("when the time of the others is up").endsWith(page(PURE));
      } finally {
        for (Socket each : silent) {
          each.close();
        }
      }
    }
  }

  /** Whoever takes the server over has its two capabilities and no more: another program is started under its policy. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      socket inet          | EPERM
      socket unix          | EPERM
      connect-abstract x   | EPERM
      read /etc/passwd     | ENOENT
      list /               | EACCES
      create /new          | EROFS/EACCES
      execve /bin/sh       | EPERM
      """)
  void anAttackerInItsPlaceHoldsNothingElse(String act, String errno) throws Exception {
    var text = Files.readString(PURE).replace("8080", Integer.toString(freePort()))
        .replace("{path: ../target/pure/serve}", "{path: ../target/hostile/probe, arguments: " + List.of(act.split(" ")) + "}")
        .replace("stderr:", "stdout: {inherit: 1, rights: write}\n  stderr:");
    try (var process = Sandbox.builder().policy(Policies.parse(text, PURE.getParent())).build().launch()) {
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(List.of(errno.split("/"))).contains(output.strip());
    }
  }

  @Test
  void whatIsAcceptedIsSaidToBeHeldByNoNumber() throws Exception {
    var explained = Explanation.of(Sandbox.builder().policy(Policies.load(PURE)).build().compiled()).toString();

    assertThat(explained).contains("  accepted          connections: read, write, and whatever else the filter lets sockets do; "
        + "no number is theirs beforehand, so none withholds a right");
  }

  @Test
  void anUnmodifiedServerThatKnowsSocketActivationServes() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/lighttpd")), "lighttpd is not installed");
    int port = freePort();
    var folder = copy(LIGHTTPD.getParent(), port);
    try (var server = Server.of(folder.resolve("policy.yaml"), port)) {
      assertThat(server.get("/")).startsWith("HTTP/1.0 200 OK\r\n").endsWith("\r\n\r\n" + page(LIGHTTPD));
      assertThat(server.get("/../lighttpd.conf")).startsWith("HTTP/1.0 404 ");
    }
  }

  /** The policy and its configuration name the same port. */
  private Path copy(Path sample, int port) throws IOException {
    for (String name : List.of("policy.yaml", "lighttpd.conf", "pages/index.html")) {
      var copy = directory.resolve(name);
      Files.createDirectories(copy.getParent());
      Files.writeString(copy, Files.readString(sample.resolve(name)).replace("8080", Integer.toString(port)));
    }
    for (Path each : List.of(directory, directory.resolve("pages"))) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return directory;
  }
}
