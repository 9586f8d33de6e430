package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.launcher.SandboxedProcess;
import dev.embryo.launcher.Stdio;
import dev.embryo.policy.explain.Explanation;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.host.Host;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every key of the language does something: the same program, under a policy with the key and under the same policy without,
 * where its default holds. What a wrong value comes to is the parser's business, and its {@code KeysTest} has a row for each
 * key too.
 */
@Timeout(120)
class KeyEffectsTest {
  private static final Path REFERENCE = Path.of("../docs/policy.md");
  private static final Pattern KEY = Pattern.compile("\\| `([a-z0-9.*-]+)` \\|.*");
  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final String HEAD = "policy: embryo/v1\nname: effects\n";
  private static final String NO_BOUND =
      "policy:5:14: parameters.p: has no bounds; write one of matches, directory, file, descriptor, process";
  private static final String USERS = "only root has a choice of users";
  private static final String INSIDE = "root's programs see their host user";
  private static final String PRIORITY = "this JVM may not raise its priority, and cannot give what it has not";

  /**
   * A key, and what becomes of an act of the probe.
   *
   * @param template the policy, with {@code @} where the key may stand, and in words in capitals what only the test knows
   * @param written the key and its value, as they stand there
   * @param given what the launch gives
   * @param effect what the program answers, or the error of the policy; {@code ...} is any text, {@code |} is between
   *     alternatives
   * @param otherwise likewise, without the key
   * @param needed why the row does not hold everywhere; empty if it does
   */
  private record Row(String key, String template, String written, UnaryOperator<Sandbox.Builder> given, String effect,
      String otherwise, String needed) {
    Row with(String section) {
      return new Row(key, template + section + "\n", written, given, effect, otherwise, needed);
    }

    Row given(UnaryOperator<Sandbox.Builder> more) {
      return new Row(key, template, written, more, effect, otherwise, needed);
    }

    Row needing(String what) {
      return new Row(key, template, written, given, effect, otherwise, what);
    }

    @Override
    public String toString() {
      return key;
    }
  }

  /** A key of any section but those below. */
  private static Row key(String key, String value, String act, String effect, String otherwise) {
    String[] words = key.split("[.]");
    String written = String.join(": {", words) + ": " + value + "}".repeat(words.length - 1);
    return row(key, program(act, "") + "capabilities: {stdout: {inherit: 1, rights: write}}\n@\n", written, effect, otherwise);
  }

  /** A key of the program, beside its path and its act. */
  private static Row ofProgram(String key, String written, String act, String effect, String otherwise) {
    return row(key, program(act, "@") + "capabilities: {stdout: {inherit: 1, rights: write}}\n", ", " + written, effect, otherwise);
  }

  /** A key of a capability, beside the output. */
  private static Row ofCapability(String key, String capability, String written, String act, String effect, String otherwise) {
    return row(key, program(act, "") + "capabilities:\n  stdout: {inherit: 1, rights: write}\n  " + capability + "\n", written,
        effect, otherwise);
  }

  /** The bound of a parameter that is the program's argument. */
  private static Row ofParameter(String key, String capability, String act, String parameter, String written, String effect,
      String otherwise) {
    return row(key, program(act, "") + "capabilities: {stdout: {inherit: 1, rights: write}" + capability + "}\n"
        + "parameters: {p: {" + parameter + "}}\n", written, effect, otherwise);
  }

  /** A process of another sandbox, which has ended. */
  private static SandboxedProcess ended() {
    try (var process = Sandbox.builder().policy(Policies.parse("policy: embryo/v1\nname: ended\nprogram: {path: /bin/true}\n",
        Path.of("/"))).build().launch()) {
      process.waitFor();
      return process;
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static Row row(String key, String template, String written, String effect, String otherwise) {
    return new Row(key, HEAD + template, written, builder -> builder, effect, otherwise, "");
  }

  private static String program(String act, String more) {
    String words = Arrays.stream(act.split(" ")).map(word -> '"' + word + '"').collect(Collectors.joining(", "));
    return "program: {path: PROBE, arguments: [" + words + "]" + more + "}\n";
  }

  // formatter:off (one key a row)
  private static final List<Row> ROWS = List.of(
      new Row("policy", "@\nname: effects\n" + program("executed", ""), "policy: embryo/v1", b -> b, "nothing", "policy:2:1: policy: is required", ""),
      new Row("name", "policy: embryo/v1\n@\n" + program("executed", ""), "name: effects", b -> b, "nothing", "policy:1:1: name: is required", ""),
      key("version", "7", "EXPLAIN", "effects, version 7: ...", "effects, version 1: ..."),
      key("profile", "server", "limits", "ok ... nofile=4096/4096 ...", "ok ... nofile=256/256 ..."),

      row("program.path", "program: {@}\n", "path: PROBE, arguments: [exit, \"7\"]", "exit 7", "policy:3:10: program.path: is required"),
      ofProgram("program.sha256", "sha256: " + "0".repeat(64), "executed", "policy:3:...: program.sha256: DIR/probe has the digest ..., and is pinned to 000...", "ok a new program runs"),
      row("program.arguments", "program: {path: PROBE, @}\ncapabilities: {stdout: {inherit: 1, rights: write}}\n", "arguments: [arguments, \"a b\", c]", "ok [a b][c]", "exit 2"),
      ofProgram("program.extra-arguments", "extra-arguments: {max: 1, matches: \"[a-z]+\"}", "arguments a", "ok [a][b]", "policy:3:10: program.extra-arguments: is 'none': a launch may append no arguments, and this one has 1").given(b -> b.arguments(List.of("b"))),
      row("program.name", "program: {path: /bin/sh, arguments: [-c, echo $0]@}\ncapabilities: {stdout: {inherit: 1, rights: write}}\n", ", name: other", "other", "/bin/sh"),
      ofProgram("program.environment.*", "environment: {A: b}", "environment", "ok [A=b]", "ok"),
      ofProgram("program.environment.inherit", "environment: {inherit: [PATH]}", "environment", "ok [PATH=...]", "ok"),
      ofProgram("program.directory", "directory: /dev", "directory", "ok /dev", "ok /"),

      ofParameter("parameters.*.matches", "", "arguments ${p}", "@", "matches: \"[a-z]\"", "ok [v]", NO_BOUND).given(b -> b.parameter("p", "v")),
      ofParameter("parameters.*.default", "", "arguments ${p}", "matches: \"[a-z]\"@", ", default: d", "ok [d]", "policy:5:14: parameters.p: has no value and no default, so a launch has to give one, such as --set p=VALUE"),
      ofParameter("parameters.*.directory.under", ", in: {directory: \"${p}\", mount: /in}", "read /in/data", "@", "directory: {under: DIR}", "ok content", NO_BOUND).given(b -> b.parameter("p", ".")),
      ofParameter("parameters.*.file.under", ", in: {file: \"${p}\", mount: /in/data}", "read /in/data", "@", "file: {under: DIR}", "ok content", NO_BOUND).given(b -> b.parameter("p", "data")),
      ofParameter("parameters.*.descriptor", ", in: {descriptor: \"${p}\", fd: 5}", "read-descriptor 5", "@", "descriptor: true", "ok", NO_BOUND).given(b -> b.descriptor("p", Stdio.NULL)),
      ofParameter("parameters.*.process", ", in: {process: \"${p}\", fd: 5}", "read-descriptor 5", "@", "process: true", "ok", NO_BOUND).given(b -> b.descriptor("p", Stdio.process(ended()))),

      ofCapability("capabilities.*.inherit", "@", "in: {inherit: 0, rights: read, fd: 5}", "read-descriptor 5", "ok", "EBADF"),
      ofCapability("capabilities.*.null", "@", "in: {null: true, fd: 5}", "read-descriptor 5", "ok", "EBADF"),
      ofCapability("capabilities.*.file", "@", "in: {file: DIR/data, fd: 5}", "read-descriptor 5", "ok", "EBADF"),
      ofCapability("capabilities.*.directory", "@", "in: {directory: DIR, mount: /in}", "read /in/data", "ok content", "ENOENT"),
      ofCapability("capabilities.*.tmpfs", "@", "in: {tmpfs: 1MiB, mount: /in}", "write-bytes /in/made 65536", "ok 65536 bytes", "ENOENT"),
      ofCapability("capabilities.*.descriptor", "@", "in: {descriptor: \"${p}\", fd: 5}", "read-descriptor 5", "ok", "policy:7:14: parameters.p: stands nowhere; write ${p} where its value belongs, or leave it out").with("parameters: {p: {descriptor: true}}").given(b -> b.descriptor("p", Stdio.NULL)),
      ofCapability("capabilities.*.pipe", "@", "in: {pipe: true, fd: 5}", "descriptors", "ok 0 1 2 5", "ok 0 1 2"),
      ofCapability("capabilities.*.process", "@", "in: {process: \"${p}\", fd: 5}", "read-descriptor 5", "ok", "policy:7:14: parameters.p: stands nowhere; write ${p} where its value belongs, or leave it out").with("parameters: {p: {process: true}}").given(b -> b.descriptor("p", Stdio.process(ended()))),
      ofCapability("capabilities.*.memory", "@", "in: {memory: 4KiB, fd: 5}", "read-descriptor 5", "ok", "EBADF"),
      ofCapability("capabilities.*.listen", "@", "in: {listen: \"tcp:127.0.0.1:0\", rights: [accept, duplicate], fd: 5}", "descriptors", "ok 0 1 2 5", "ok 0 1 2"),
      ofCapability("capabilities.*.backlog", "in: {listen: \"udp:127.0.0.1:0\", rights: read, fd: 5@}", ", backlog: 1", "descriptors", "policy:6:65: capabilities.in.backlog: a datagram socket has no connections that could wait", "ok 0 1 2 5"),
      ofCapability("capabilities.*.reuse", "in: {listen: \"unix:DIR/stale\", fd: 5@}", ", reuse: true", "descriptors", "ok 0 1 2 5", "capability 'in', listen: unix:DIR/stale: bind: EADDRINUSE ..."),
      ofCapability("capabilities.*.connect", "@", "in: {connect: \"udp:127.0.0.1:9\", fd: 5}", "descriptors", "ok 0 1 2 5", "ok 0 1 2"),
      ofCapability("capabilities.*.rights", "in: {file: DIR/data, fd: 5@}", ", rights: write", "read-descriptor 5", "EPERM", "ok"),
      ofCapability("capabilities.*.fd", "in: {file: DIR/data@}", ", fd: 7", "descriptors", "ok 0 1 2 7", "ok 0 1 2 3"),
      ofCapability("capabilities.*.mount", "in: {file: DIR/data@}", ", mount: /in/data", "read /in/data", "ok content", "ENOENT"),

      key("arguments", "[a]", "environment", "ok [LISTEN_FDS=1][LISTEN_FDNAMES=arguments][LISTEN_PID=...]", "ok"),
      row("arguments-format", "program: {path: /bin/sh, arguments: [-c, read -r line <&3; echo $line]}\ncapabilities: {stdout: {inherit: 1, rights: write}}\narguments: {a: 7}\n@\n", "arguments-format: json", "{\"a\":7}", "\u0006..."),

      key("filesystem.programs", "system", "open /usr/bin/env", "ok", "ENOENT"),
      key("filesystem.proc", "own", "open /proc/self/stat", "ok", "ENOENT"),
      key("filesystem.devices", "none", "open /dev/null", "ENOENT", "ok"),
      key("processes.threads", "false", "thread", "EPERM", "ok"),
      key("processes.spawn", "true", "fork", "ok", "EPERM"),
      key("processes.execute", "view", "execve PROBE", "ok a new program runs", "EPERM"),
      key("processes.jit", "true", "map-writable-executable", "ok", "EPERM"),
      key("network", "none", "socket inet", "EPERM", "EPERM"),

      key("system-calls.allow", "[socketpair]", "socketpair", "ok", "EPERM"),
      key("system-calls.deny", "[uname]", "hostname", "EPERM", "ok embryo"),
      key("system-calls.on-denied", "kill", "socketpair", "SIGSYS", "EPERM"),

      key("limits.memory", "16MiB", "allocate 64", "ENOMEM|SIGKILL", "ok"),
      key("limits.stack", "1MiB", "limits", "ok ... stack=1048576/1048576 ...", "ok ... stack=8388608/8388608 ..."),
      key("limits.open-files", "32", "open-files 200", "EMFILE...", "ok..."),
      key("limits.processes", "2", "orphans 4", "EAGAIN", "ok").with("processes: {spawn: true}"),
      key("limits.cpu-time", "1s", "limits", "ok cpu=1/1 ...", "ok cpu=unlimited/unlimited ..."),
      key("limits.wall-time", "100ms", "sleep 1", "SIGKILL", "ok"),
      row("limits.file-size", program("write-bytes /tmp/made 8192", "") + "capabilities: {stdout: {inherit: 1, rights: write}, tmp: {tmpfs: 1MiB, mount: /tmp}}\n@\n", "limits: {file-size: 4KiB}", "SIGXFSZ", "ok 8192 bytes"),
      key("limits.core", "4KiB", "limits", "ok ... core=4096/4096 ...", "ok ... core=1/1 ..."),
      key("limits.locked-memory", "4KiB", "limits", "ok ... memlock=4096/4096 ...", "ok ... memlock=0/0 ..."),
      key("limits.message-queues", "4KiB", "limits", "ok ... msgqueue=4096/4096 ...", "ok ... msgqueue=0/0 ..."),
      key("limits.priority", "19", "limits", "ok ... nice=19/19 ...", "ok ... nice=0/0 ...").needing(PRIORITY),

      key("identity.user", "1879113001", "ids", "ok uid 1879113001 1879113001 1879113001 ...", "ok uid 18790... ...").needing(USERS),
      key("identity.group", "1879113001", "ids", "ok ... gid 1879113001 1879113001 1879113001 groups...", "ok ... gid 18790... ...").needing(USERS),
      key("identity.groups", "[1879113001]", "ids", "ok ... groups 1879113001", "ok ... groups").needing(USERS),
      key("identity.inside.user", "7", "ids", "ok uid 7 7 7 gid 1000 ...", "ok uid 1000 1000 1000 ...").needing(INSIDE),
      key("identity.inside.group", "7", "ids", "ok uid 1000 ... gid 7 7 7 ...", "ok ... gid 1000 1000 1000 ...").needing(INSIDE),

      key("isolation.require", "[landlock, seccomp]", "stat /etc/passwd", "ok mode 100644 ...", "ENOENT"),
      key("isolation.landlock-abi", "99", "executed", "policy:5:27: isolation.landlock-abi: 99 is required, and this kernel (...) offers ...", "ok a new program runs"),
      key("isolation.pid", "shared", "kill LAUNCHER 0", "EPERM", "ESRCH"),
      key("isolation.network", "shared", "find /proc/self/net/tcp :PORT", "ok", "ENODATA").with("filesystem: {proc: own}"),
      key("isolation.ipc", "shared", "shm-create 1234567", "EPERM", "ok"),
      key("isolation.hostname", "shared", "hostname", "ok HOST", "ok embryo"));
  // formatter:on

  /** Something that is seen in the network of the host. */
  private static ServerSocketChannel listening;

  @TempDir
  private Path directory;

  private Path program;

  @BeforeAll
  static void listen() throws IOException {
    listening = ServerSocketChannel.open(StandardProtocolFamily.INET).bind(new InetSocketAddress("127.0.0.1", 0));
  }

  @AfterAll
  static void listenNoMore() throws IOException {
    listening.close();
  }

  @BeforeEach
  void makeTheProgramAndItsData() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    program = Files.copy(Probe.PROGRAM, directory.resolve("probe"));
    Files.writeString(directory.resolve("data"), "content\n");
    try (var gone = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      gone.bind(UnixDomainSocketAddress.of(directory.resolve("stale")));
    }
  }

  static List<Row> rows() {
    return ROWS;
  }

  @Test
  void noKeyOfTheReferenceIsWithoutARow() throws IOException {
    var reference = Files.readAllLines(REFERENCE);
    var supported = reference.subList(reference.indexOf("<!-- generated: keys -->"), reference.indexOf("<!-- end -->"));
    assertThat(ROWS.stream().map(Row::key)).containsExactlyElementsOf(supported.stream().map(KEY::matcher)
        .filter(line -> line.matches()).map(line -> line.group(1)).toList());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void aKeyDoesWhatItSays(Row row) throws Exception {
    assume(row);

    assertThat(outcome(row, row.written)).matches(pattern(row.effect));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void withoutAKeyItsDefaultHolds(Row row) throws Exception {
    assume(row);

    assertThat(outcome(row, "")).matches(pattern(row.otherwise));
  }

  private static void assume(Row row) throws IOException {
    assumeTrue(switch (row.needed) {
      case USERS -> ROOT;
      case INSIDE -> !ROOT;
      case PRIORITY -> Long.compareUnsigned(Host.current().hardLimits().get(ResourceLimit.NICE.ordinal()), 19) >= 0;
      default -> true;
    }, row.needed);
  }

  private String outcome(Row row, String written) throws Exception {
    String text = row.template.replace("@", written).replace("PROBE", program.toString()).replace("DIR", directory.toString())
        .replace("LAUNCHER", Long.toString(ProcessHandle.current().pid()))
        .replace("PORT", "%04X".formatted(((InetSocketAddress) listening.getLocalAddress()).getPort()));
    try {
      var sandbox = row.given.apply(Sandbox.builder().policy(Policies.parse(text, directory))).build();
      return text.contains("EXPLAIN") ? Explanation.of(sandbox.compiled()).toString() : answer(sandbox);
    } catch (IOException refused) { // of the policy, or of the launch
      return refused.getMessage();
    }
  }

  private static String answer(Sandbox sandbox) throws IOException, InterruptedException {
    try (var process = sandbox.launch()) {
      process.killAfter(Duration.ofSeconds(60));
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      int status = process.waitFor();
      if (!output.isEmpty()) {
        return output;
      }
      return status == 0 ? "nothing" : Outcome.of(status, output).answer();
    }
  }

  private Pattern pattern(String text) throws IOException {
    String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    String known = text.replace("HOST", host).replace("DIR", directory.toString());
    return Pattern.compile(Arrays.stream(known.split("[|]"))
        .map(one -> Arrays.stream(one.split("\\.\\.\\.", -1)).map(Pattern::quote).collect(Collectors.joining(".*")))
        .collect(Collectors.joining("|")), Pattern.DOTALL);
  }
}
