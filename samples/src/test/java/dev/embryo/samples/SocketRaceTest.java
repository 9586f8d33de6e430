package dev.embryo.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a socket's path leads to changes places with something else while the launcher makes the socket, and while it removes its file.
 * {@code -Dembryo.test.races=10000} launches so often.
 */
@Timeout(1200)
class SocketRaceTest {
  private static final int LAUNCHES = Integer.getInteger("embryo.test.races", 1000);
  private static final int MOST = 50; // times as many, until both outcomes were seen
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final String LETTER = "a letter";

  @TempDir private Path outer;
  private Path granted;

  @BeforeEach
  void makeTrees() throws Exception {
    CompiledProgram.of(outer, "reader", LaunchRaceTest.PROGRAM, "-DWORD=\"mine\"");
    granted = Files.createDirectory(outer.resolve("granted"));
    CompiledProgram.letOthersIn(granted);
    Files.writeString(Files.createDirectory(outer.resolve("outside")).resolve("socket"), LETTER);
    Files.createSymbolicLink(granted.resolve("link"), Path.of("../outside"));
  }

  private Sandbox sandbox(String arguments, String socket) throws IOException {
    return Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: race
        program: {path: reader, arguments: %s}
        capabilities:
          stdout: {inherit: 1, rights: write}
          socket: %s
        """.formatted(arguments, socket), outer)).build();
  }

  private static String outcome(Sandbox sandbox) throws InterruptedException {
    try {
      return sandbox.run(LONG).outputText();
    } catch (IOException refused) {
      assertThat(refused).message().startsWith("capability 'socket', ").contains("granted/");
      return "refused";
    }
  }

  /** Launches while two names change places, until it has succeeded and was refused. */
  private static Map<String, Integer> outcomes(Path one, Path other, Sandbox sandbox) throws Exception {
    var before = Leftovers.now();
    Map<String, Integer> outcomes = new TreeMap<>();
    try (var swapping = Swapping.of(one, other)) {
      for (int i = 0; i < LAUNCHES || (outcomes.size() < 2 && i < LAUNCHES * MOST); i++) {
        outcomes.merge(outcome(sandbox), 1, Integer::sum);
      }
      assertThat(swapping.swaps()).as("swaps").isGreaterThan(LAUNCHES);
    }
    assertThat(Leftovers.eventuallyAtMost(before)).matches(after -> after.atMost(before), before.toString());
    return outcomes;
  }

  @Test
  void noFileIsRemovedInAnotherDirectoryThatHasComeToBeOnTheWayToASocket() throws Exception {
    var folder = Files.createDirectory(granted.resolve("folder"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    var sandbox = sandbox("[]", "{listen: \"unix:" + folder + "/socket\", reuse: true}");
    assertThat(sandbox.run(LONG).outputText()).isEqualTo("mine");

    assertThat(outcomes(folder, granted.resolve("link"), sandbox)).as("outcomes").containsOnlyKeys("mine", "refused");

    assertThat(outer.resolve("outside/socket")).hasContent(LETTER);
    var real = Files.isSymbolicLink(folder) ? granted.resolve("link") : folder;
    var there = sandbox("[]", "{listen: \"unix:" + real + "/socket\", reuse: true}");
    assertThat(there.run(LONG).outputText()).isEqualTo("mine"); // takes over what may be left of a launch that was led astray
    assertThat(real).isEmptyDirectory();
  }

  @Test
  void aProgramIsConnectedToWhoListensAtItsPathOrNotLaunched() throws Exception {
    var path = granted.resolve("socket");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      var serving = new Thread(() -> serve(server), "serving");
      serving.start();
      var sandbox = sandbox("[\"3\", \"-\"]", "{connect: \"unix:" + path + "\", fd: 3}");
      assertThat(sandbox.run(LONG).outputText()).isEqualTo("mine");

      assertThat(outcomes(path, outer.resolve("outside/socket"), sandbox)).as("outcomes").containsOnlyKeys("mine", "refused");

      server.close();
      serving.join();
    }
  }

  private static void serve(ServerSocketChannel server) {
    try {
      while (true) {
        try (var client = server.accept()) {
          client.write(ByteBuffer.wrap("mine".getBytes(UTF_8)));
        }
      }
    } catch (AsynchronousCloseException done) {
      return;
    } catch (IOException failure) {
      throw new AssertionError("the server of this test", failure);
    }
  }
}
