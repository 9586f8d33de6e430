package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.SandboxedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every transport of the policy language, between two sandboxes; and names that cannot be had. */
@Timeout(60)
class SocketKindsTest {
  /** Descriptor 3 is the socket. What is heard is printed. */
  private static final String PROGRAM = """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <stdio.h>
      #include <string.h>
      #include <sys/socket.h>
      #include <unistd.h>

      static char buffer[64];

      static void told(const char *what, ssize_t got)
      {
          if (got < 0) printf("%s: %s\\n", what, strerrorname_np(errno));
          else printf("%s %.*s\\n", what, (int)got, buffer);
          fflush(stdout);
      }

      int main(int argc, char **argv)
      {
          (void)argc;
          struct sockaddr_storage peer;
          socklen_t size = sizeof peer;
          printf("ready\\n");
          fflush(stdout);
          if (!strcmp(argv[1], "accept")) {                    /* and say back what it says */
              int connection = accept4(3, NULL, NULL, SOCK_CLOEXEC);
              ssize_t got = read(connection, buffer, sizeof buffer);
              told("heard", got);
              return write(connection, buffer, (size_t)got) == got ? 0 : 1;
          }
          if (!strcmp(argv[1], "receive")) {                   /* a datagram, and answer it */
              ssize_t got = recvfrom(3, buffer, sizeof buffer, 0, (void *)&peer, &size);
              told("heard", got);
              told("answered", sendto(3, buffer, (size_t)got, 0, (void *)&peer, size));
              return 0;
          }
          if (!strcmp(argv[1], "name")) {                      /* says who it is, once */
              int connection = accept4(3, NULL, NULL, SOCK_CLOEXEC);
              return write(connection, argv[2], strlen(argv[2])) > 0 ? 0 : 1;
          }
          if (write(3, "hello", 5) != 5) perror("write");
          if (!strcmp(argv[1], "ask")) told("heard", read(3, buffer, sizeof buffer));
          return 0;
      }
      """;

  @TempDir
  private Path directory;

  private SocketProgram program;

  @BeforeEach
  void makeTheProgram() throws Exception {
    program = SocketProgram.of(directory, "socket", PROGRAM);
  }

  private SandboxedProcess launch(String arguments, String socket) throws IOException {
    return program.launch(arguments, socket);
  }

  private static List<String> said(SandboxedProcess process) throws Exception {
    try (var output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      var lines = output.lines().toList();
      assertThat(new String(process.getErrorStream().readAllBytes(), UTF_8)).isEmpty();
      assertThat(process.waitFor()).isZero();
      return lines;
    }
  }

  private String address(String transport) {
    return transport + ":" + (transport.startsWith("abstract") ? "embryo" + directory.toString().replace('/', '.') : directory + "/socket");
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix", "unix-seqpacket", "abstract", "abstract-seqpacket"})
  void twoProgramsTalkOverAConnection(String transport) throws Exception {
    var address = address(transport);
    try (var server = launch("accept", "{listen: \"" + address + "\"}");
        var client = launch("ask", "{connect: \"" + address + "\"}")) {
      assertThat(said(client)).containsExactly("ready", "heard hello");
      assertThat(said(server)).containsExactly("ready", "heard hello");
    }
    assertThat(directory.resolve("socket")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"unix-datagram", "abstract-datagram"})
  void aDatagramIsHeardAndAnsweredByNobodyWhereItHasNoSender(String transport) throws Exception {
    var address = address(transport);
    try (var server = launch("receive", "{listen: \"" + address + "\"}");
        var client = launch("say", "{connect: \"" + address + "\", rights: write}")) {
      assertThat(said(client)).containsExactly("ready");
      assertThat(said(server)).containsExactly("ready", "heard hello", "answered: EPERM");
    }
    assertThat(directory.resolve("socket")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1", "[::1]"})
  void aDatagramIsAnsweredOnlyWithTheRightToNameAnAddress(String host) throws Exception {
    for (var each : Map.of("[read, write, connect]", "answered hello", "read", "answered: EPERM").entrySet()) {
      var address = "udp:" + host + ":" + freeDatagramPort();
      try (var server = launch("receive", "{listen: \"" + address + "\", rights: " + each.getKey() + "}");
          var client = launch(each.getKey().equals("read") ? "say" : "ask", "{connect: \"" + address + "\", rights: [read, write]}")) {
        assertThat(said(server)).containsExactly("ready", "heard hello", each.getValue());
        assertThat(said(client)).startsWith("ready");
      }
    }
  }

  private static int freeDatagramPort() throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Each server takes one connection and is gone then. */
  @Test
  void severalShareAPortIfAllSaySo() throws Exception {
    int port = freePort();
    var listen = "{listen: \"tcp:127.0.0.1:" + port + "\", reuse: true}";
    try (var first = launch("name, A", listen); var second = launch("name, B", listen)) {
      assertThatThrownBy(() -> launch("name, C", listen.replace("true", "false")).close()).hasMessageContaining("EADDRINUSE");
      var servers = Map.of("A", first, "B", second);
      var answer = connect(port);
      servers.get(answer).waitFor();
      servers.get(answer).close();
      assertThat(connect(port)).isEqualTo(answer.equals("A") ? "B" : "A");
    }
  }

  private static String connect(int port) throws IOException {
    try (var client = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return new String(client.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @Test
  void aPeerThatDoesNotListenIsToldWithTheCapabilityAndTheReason() throws Exception {
    var address = "tcp:127.0.0.1:" + freePort();
    assertThatThrownBy(() -> launch("say", "{connect: \"" + address + "\"}").close()).hasMessage(
        "capability 'socket', connect: " + address + ": connect: ECONNREFUSED (connection refused); nobody listens there");
  }

  @Test
  void aPeerOfAnotherTypeIsToldWithTheCapabilityAndTheReason() throws Exception {
    try (var server = launch("accept", "{listen: \"" + address("unix") + "\"}")) {
      var address = address("unix-datagram");
      assertThatThrownBy(() -> launch("say", "{connect: \"" + address + "\", rights: write}").close()).hasMessage("capability 'socket', connect: "
          + address + ": connect: EPROTOTYPE (protocol wrong type for socket); what listens there is a socket of another type");
    }
  }

  @Test
  void anAddressOfAnotherMachineIsToldWithTheCapabilityAndTheReason() {
    assertThatThrownBy(() -> launch("accept", "{listen: \"tcp:192.0.2.1:0\"}").close()).hasMessage("capability 'socket', listen: "
        + "tcp:192.0.2.1:0: bind: EADDRNOTAVAIL (cannot assign requested address); this machine has no such address");
  }

  @Test
  void aPrivilegedPortTakesPrivilege() throws Exception {
    var lines = Files.readAllLines(Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start")); // readString asks for a byte at first, and the kernel gives one
    int first = Integer.parseInt(lines.get(0));
    assumeTrue(first > 1, "sysctl net.ipv4.ip_unprivileged_port_start leaves no port privileged");
    var address = "tcp:127.0.0.1:" + (first - 1);
    if (System.getProperty("user.name").equals("root")) {
      try (var server = launch("name, A", "{listen: \"" + address + "\"}")) {
        assertThat(connect(first - 1)).isEqualTo("A");
        assertThat(server.waitFor()).isZero();
      }
    } else {
      assertThatThrownBy(() -> launch("name, A", "{listen: \"" + address + "\"}").close())
          .hasMessageStartingWith("capability 'socket', listen: " + address + ": bind: EACCES (permission denied); ports below ");
    }
  }

  @Test
  void aFolderInWhichTheLauncherMayNotWriteIsToldWithTheReason() {
    assumeTrue(!System.getProperty("user.name").equals("root"), "root may write everywhere");
    assertThatThrownBy(() -> launch("accept", "{listen: \"unix:/usr/embryo-socket\"}").close())
        .hasMessageStartingWith("capability 'socket', listen: unix:/usr/embryo-socket: bind: EACCES (permission denied); ")
        .hasMessageEndingWith("a socket file a directory in which the launcher may write");
  }
}
