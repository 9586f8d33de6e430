package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.embryo.launcher.SandboxedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets that a launch makes: real peers find the program, and it does with its socket what was granted, nothing else. */
@Timeout(120)
class SocketAttackTest {
  /** Does acts with descriptor 3, or with a connection that it accepts there; prints the error number or what it read. */
  private static final String PROGRAM = """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <netinet/in.h>
      #include <netinet/tcp.h>
      #include <arpa/inet.h>
      #include <stdio.h>
      #include <string.h>
      #include <stdlib.h>
      #include <sys/socket.h>
      #include <sys/syscall.h>
      #include <sys/un.h>
      #include <fcntl.h>
      #include <unistd.h>

      static char buffer[64];

      static long act(const char *what, long fd)
      {
          int on = 1;
          struct sockaddr_storage name = {0};
          socklen_t size = sizeof name;
          struct sockaddr_in elsewhere = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(0x7f000001)}};
          struct iovec vector = {buffer, 1};
          struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
          size_t one = 1;
          socklen_t four = sizeof on;
          if (!strcmp(what, "shutdown")) return syscall(SYS_shutdown, fd, 1);
          if (!strcmp(what, "setoption")) return syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
          if (!strcmp(what, "filter")) return syscall(SYS_setsockopt, fd, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof on);
          if (!strcmp(what, "getoption")) return syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &on, &four);
          if (!strcmp(what, "getname")) return syscall(SYS_getsockname, fd, &name, &size);
          if (!strcmp(what, "listen")) return syscall(SYS_listen, fd, 5);
          if (!strcmp(what, "accept")) return syscall(SYS_accept4, fd, 0, 0, SOCK_NONBLOCK);
          if (!strcmp(what, "write")) return syscall(SYS_write, fd, "x", one);
          if (!strcmp(what, "send")) return syscall(SYS_sendto, fd, "x", one, MSG_NOSIGNAL, 0, 0);
          if (!strcmp(what, "elsewhere")) return syscall(SYS_sendto, fd, "x", one, 0, &elsewhere, sizeof elsewhere);
          if (!strcmp(what, "message")) return syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
          if (!strcmp(what, "receive")) return syscall(SYS_recvmsg, fd, &message, MSG_DONTWAIT);
          if (!strcmp(what, "read")) return syscall(SYS_recvfrom, fd, buffer, one, MSG_DONTWAIT, 0, 0);
          if (!strcmp(what, "dup")) return syscall(SYS_dup, fd);
          if (!strcmp(what, "nonblocking")) return syscall(SYS_fcntl, fd, F_SETFL, O_NONBLOCK);
          if (!strcmp(what, "stat")) return syscall(SYS_fcntl, fd, F_GETFL);
          if (!strcmp(what, "connect")) return syscall(SYS_connect, fd, &elsewhere, sizeof elsewhere);
          if (!strcmp(what, "disconnect")) { elsewhere.sin_family = AF_UNSPEC; return syscall(SYS_connect, fd, &elsewhere, sizeof elsewhere); }
          if (!strcmp(what, "bind")) return syscall(SYS_bind, fd, &elsewhere, sizeof elsewhere);
          if (!strcmp(what, "socket")) return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
          exit(99);
      }

      static void tell(const char *what, long fd)
      {
          long done = act(what, fd);
          printf("%s\\n", done >= 0 ? "ok" : strerrorname_np(errno));
          fflush(stdout);
      }

      int main(int argc, char **argv)
      {
          (void)argc;
          if (!strcmp(argv[1], "serve")) {
              struct sockaddr_in6 name = {0};
              socklen_t size = sizeof name;
              if (getsockname(3, (void *)&name, &size) != 0) exit(4);
              printf("%d\\n", ntohs(name.sin6_port));
              fflush(stdout);
              int connection = accept4(3, NULL, NULL, SOCK_CLOEXEC);
              if (connection < 0) exit(5);
              for (char **each = argv + 2; *each; each++) tell(*each, connection);
              long got = read(connection, buffer, sizeof buffer);
              if (got < 0 || write(connection, buffer, got) != got) exit(6);
              return 0;
          }
          if (!strcmp(argv[1], "echo")) {
              long got = read(3, buffer, sizeof buffer);
              return got < 0 || write(3, buffer, got) != got ? 7 : 0;
          }
          if (!strcmp(argv[1], "wait")) {
              printf("ready\\n");
              fflush(stdout);
              return read(0, buffer, 1) == 0 ? 0 : 1;
          }
          tell(argv[1], argv[2] ? 3 | 1L << 32 : 3);
          return 0;
      }
      """;

  @TempDir
  private Path directory;

  private SocketProgram program;

  @BeforeEach
  void makeTheProgram() throws Exception {
    program = SocketProgram.of(directory, "it", PROGRAM);
  }

  private SandboxedProcess launch(String arguments, String socket) throws IOException {
    return program.launch(arguments, socket);
  }

  private String act(String act, String socket) throws Exception {
    try (var process = launch(act, socket)) {
      var said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      assertThat(process.waitFor()).isZero();
      return said;
    }
  }

  private static BufferedReader reader(SandboxedProcess process) {
    return new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  private static String exchange(SocketAddress server) throws IOException {
    try (var connection = SocketChannel.open(server)) {
      connection.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
      connection.shutdownOutput();
      return new String(Channels.newInputStream(connection).readAllBytes(), UTF_8);
    }
  }

  // Serving

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "[::1]"})
  void aServerServesAtTheAddressOfThePolicy(String host) throws Exception {
    try (var process = launch("serve", "{listen: \"tcp:" + host + ":0\"}"); var said = reader(process)) {
      var server = new InetSocketAddress(InetAddress.getByName(host), Integer.parseInt(said.readLine()));
      assertThat(exchange(server)).isEqualTo("hello");
      assertThat(process.waitFor()).isZero();
    }
  }

  @Test
  void aServerServesAtASocketFileWhichGoesWithTheSandbox() throws Exception {
    var path = directory.resolve("socket");
    try (var process = launch("serve", "{listen: \"unix:" + path + "\"}"); var said = reader(process)) {
      said.readLine();
      assertThat(exchange(UnixDomainSocketAddress.of(path))).isEqualTo("hello");
      assertThat(process.waitFor()).isZero();
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void anAcceptedConnectionIsUsedAndNeverTakenElsewhere() throws Exception {
    // The program inherits its output, which might be a Unix socket: so it makes no sendmsg(2) at all.
    var acts = "serve, send, setoption, getoption, filter, disconnect, connect, bind, socket, message";
    try (var process = launch(acts, "{listen: \"tcp:127.0.0.1:0\"}"); var said = reader(process)) {
      var server = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(said.readLine()));
      assertThat(exchange(server)).startsWith("x").endsWith("hello");
      assertThat(said.lines().collect(Collectors.joining(" "))).isEqualTo("ok ok ok EPERM EPERM EPERM EPERM EPERM EPERM");
    }
  }

  @Test
  void anAcceptedUnixConnectionCarriesNoDescriptors() throws Exception {
    var path = directory.resolve("socket");
    try (var process = launch("serve, send, message, receive", "{listen: \"unix:" + path + "\"}"); var said = reader(process)) {
      said.readLine();
      assertThat(exchange(UnixDomainSocketAddress.of(path))).isEqualTo("xhello");
      assertThat(said.lines().collect(Collectors.joining(" "))).isEqualTo("ok EPERM EPERM");
    }
  }

  // Being a client

  @Test
  void aClientReachesItsPeer() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var process = launch("echo", "{connect: \"tcp:127.0.0.1:" + server.getLocalPort() + "\"}");
        var connection = server.accept()) {
      connection.getOutputStream().write("hello".getBytes(UTF_8));
      assertThat(connection.getInputStream().readAllBytes()).isEqualTo("hello".getBytes(UTF_8));
      assertThat(process.waitFor()).isZero();
    }
  }

  /** Where nothing is exact, and so nothing by number, what no granted socket may do no call does. */
  @Test
  void aUnixConnectionThatCanBeKeptElsewhereSendsMessagesOnlyWithTheRight() throws Exception {
    var path = directory.resolve("server");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path), 8);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
      var socket = "{connect: \"unix:" + path + "\", rights: [read, write, duplicate%s]}";

      assertThat(act("message", socket.formatted(""))).isEqualTo("EPERM");
      assertThat(act("message", socket.formatted(", send-fds"))).isEqualTo("ok");
    }
  }

  @Test
  void aDatagramSocketSendsToItsPeerAndElsewhereOnlyWithTheRight() throws Exception {
    try (var peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var socket = "{connect: \"udp:127.0.0.1:" + peer.getLocalPort() + "\", rights: %s}";
      assertThat(act("send", socket.formatted("write"))).isEqualTo("ok");
      peer.receive(new DatagramPacket(new byte[1], 1));
      for (String rights : new String[] {"[read, write]", "all"}) {
        assertThat(act("elsewhere", socket.formatted(rights))).isEqualTo("EPERM");
        assertThat(act("message", socket.formatted(rights))).isEqualTo("EPERM");
        assertThat(act("connect", socket.formatted(rights))).isEqualTo("EPERM");
      }
      assertThat(act("elsewhere", socket.formatted("[write, connect]"))).isEqualTo("ok");
    }
  }

  // What goes wrong

  @Test
  void anAddressThatIsTakenIsToldWithTheCapabilityAndTheReason() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = "tcp:127.0.0.1:" + server.getLocalPort();
      assertThatThrownBy(() -> launch("wait", "{listen: \"" + address + "\"}").close()).hasMessage("capability 'it', listen: "
          + address + ": bind: EADDRINUSE (address already in use); somebody has this name already, or has left a socket file; see 'reuse'");
    }
  }

  @Test
  void aPeerThatIsNotThereIsToldWithTheCapabilityAndTheReason() {
    var address = "unix:" + directory.resolve("nobody");
    assertThatThrownBy(() -> launch("wait", "{connect: \"" + address + "\"}").close()).hasMessage("capability 'it', connect: "
        + address + ": connect: ENOENT (no such file or directory); there is no such socket file");
  }

  /** The kernel lets one more wait than the backlog says. */
  @Test
  void noMoreConnectionsWaitThanTheBacklogSays() throws Exception {
    var path = directory.resolve("socket");
    var address = UnixDomainSocketAddress.of(path);
    try (var process = launch("wait", "{listen: \"unix:" + path + "\", backlog: 1}"); var said = reader(process);
        var first = SocketChannel.open(address); var second = SocketChannel.open(address);
        var third = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertThat(said.readLine()).isEqualTo("ready");
      third.configureBlocking(false);
      assertThatThrownBy(() -> third.connect(address)).isInstanceOf(IOException.class);
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
    }
    try (var process = launch("wait", "{listen: \"unix:" + path + "\"}"); var said = reader(process);
        var first = SocketChannel.open(address); var second = SocketChannel.open(address);
        var third = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertThat(said.readLine()).isEqualTo("ready");
      third.configureBlocking(false);
      assertThat(third.connect(address)).isTrue();
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
    }
  }

  @Test
  void aSocketFileThatNobodyServesIsTakenOverOnlyWithReuse() throws Exception {
    var path = directory.resolve("socket");
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    assertThatThrownBy(() -> launch("wait", "{listen: \"unix:" + path + "\"}").close()).hasMessageContaining("EADDRINUSE");
    assertThat(path).exists();
    assertThat(act("accept", "{listen: \"unix:" + path + "\", reuse: true, rights: getname}")).isEqualTo("EPERM");
    assertThat(path).doesNotExist();
  }

  @Test
  void neitherAServedSocketFileNorAnotherFileIsTakenOver() throws Exception {
    var path = directory.resolve("socket");
    try (var alive = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      alive.bind(UnixDomainSocketAddress.of(path));
      assertThatThrownBy(() -> launch("wait", "{listen: \"unix:" + path + "\", reuse: true}").close())
          .hasMessageContaining("EADDRINUSE");
      assertThat(path).exists();
    }
    Files.delete(path);
    Files.writeString(path, "a letter");
    assertThatThrownBy(() -> launch("wait", "{listen: \"unix:" + path + "\", reuse: true}").close())
        .hasMessageContaining("EADDRINUSE");
    assertThat(path).hasContent("a letter");
  }

  @Test
  void aFileThatHasTakenThePlaceOfTheSocketStays() throws Exception {
    var path = directory.resolve("socket");
    try (var process = launch("wait", "{listen: \"unix:" + path + "\"}"); var said = reader(process)) {
      assertThat(said.readLine()).isEqualTo("ready");
      Files.move(path, directory.resolve("moved"));
      Files.writeString(path, "a letter");
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
    }
    assertThat(path).hasContent("a letter");
  }
}
