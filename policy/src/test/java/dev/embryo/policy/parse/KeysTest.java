package dev.embryo.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.policy.model.Argument;
import dev.embryo.policy.model.ArgumentsCapability;
import dev.embryo.policy.model.ArgumentsCapability.Format;
import dev.embryo.policy.model.Binding;
import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Connect;
import dev.embryo.policy.model.DescriptorCapability;
import dev.embryo.policy.model.ProcessCapability;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.Filesystem.Devices;
import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.Inherit;
import dev.embryo.policy.model.Isolation.Layer;
import dev.embryo.policy.model.Isolation.Sharing;
import dev.embryo.policy.model.Memory;
import dev.embryo.policy.model.Listen;
import dev.embryo.policy.model.Null;
import dev.embryo.policy.model.Pipe;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Processes.Execute;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.SystemCallRules.CallRule;
import dev.embryo.policy.model.SystemCallRules.OnDenied;
import dev.embryo.policy.model.Tmpfs;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every key of the table: what it does when written, what holds when it is not, and what is said when it is wrong. */
class KeysTest {

  /**
   * One key.
   *
   * @param path its path in the table
   * @param written the least policy with it, {@code @} standing for its value
   * @param good a value
   * @param meaning reads from the policy what the value means
   * @param expected what the good value means
   * @param otherwise what holds without the key; null where the policy is not one without it
   * @param bad another value
   * @param error what is said about it, after file, line and path
   */
  record Row(
      String path,
      String written,
      String good,
      Function<Policy, Object> meaning,
      Object expected,
      Object otherwise,
      String bad,
      String error) {
    @Override
    public String toString() {
      return path;
    }
  }

  private static final String SIZES = "expected a size from 0 to 8589934591GiB, such as 64MiB, not '";
  private static final String IDS = "expected a whole number from 1 to 2147483647, not '";
  private static final String SHARING = "expected private or shared, not 'shred'; did you mean 'shared'?";

  // formatter:off
  static final List<Row> ROWS = List.of(
      whole("policy",  "policy: @\nname: test\nprogram: {path: /bin/true}\n", "embryo/v1", p -> "embryo/v1", "embryo/v1", "embryo/v2", "expected embryo/v1, not 'embryo/v2'"),
      whole("name",    "policy: embryo/v1\nname: @\nprogram: {path: /bin/true}\n", "a/b-1.0_x", Policy::name, "a/b-1.0_x", "-a", "expected a name of a-z, 0-9 and ._/-, 128 characters at most, not '-a'"),
      more("version",  "version: @", "2147483647", Policy::version, 2147483647, 1, "2147483648", "expected a whole number from 1 to 2147483647, not '2147483648'"),
      more("profile",  "profile: @", "pure", p -> p.filesystem().programs(), Programs.NONE, Programs.CLOSURE, "[]", "expected cli, server, pure, python, node or jvm, not a list"),
      whole("program.path", "policy: embryo/v1\nname: test\nprogram: {path: @}\n", "x", p -> p.program().path(), Path.of("/srv/policies/x"), "~/x", "'~' is not expanded; write the whole path"),
      whole("program.sha256", "policy: embryo/v1\nname: test\nprogram: {path: x, sha256: @}\n", "0".repeat(63) + "A", p -> p.program().sha256(), Optional.of("0".repeat(63) + "A"), "12ab", "expected 64 hexadecimal digits, not '12ab'"),
      whole("program.arguments", "policy: embryo/v1\nname: test\nprogram: {path: x, arguments: @}\n", "[a, 1.10, true, '', \"a\\nb\", \"null\"]", p -> p.program().arguments(), List.of("a", "1.10", "true", "", "a\nb", "null"), "a", "expected a list of texts, not 'a'"),
      whole("program.extra-arguments", "policy: embryo/v1\nname: test\nprogram: {path: x, extra-arguments: @}\n", "{max: 2, matches: \"[a-z]+\"}", p -> p.program().arguments(), List.of("extra"), "all", "expected none or a mapping with max, matches, not 'all'"),
      whole("program.name", "policy: embryo/v1\nname: test\nprogram: {path: x, name: @}\n", "-sh", p -> p.program().name(), Optional.of("-sh"), "[]", "expected a text, not a list"),
      whole("program.environment.*", "policy: embryo/v1\nname: test\nprogram: {path: x, environment: {A: @}}\n", "1", p -> p.program().environment().get("A"), "1", "\"${x}\"", "no parameter is called 'x'"),
      whole("program.environment.inherit", "policy: embryo/v1\nname: test\nprogram: {path: x, environment: {inherit: @}}\n", "[FROM, ABSENT]", p -> p.program().environment(), Map.of("FROM", "launcher"), "FROM", "expected a list of names, not 'FROM'"),
      whole("program.directory", "policy: embryo/v1\nname: test\nprogram: {path: x, directory: @}\n", "/a/b", p -> p.program().directory(), "/a/b", "a", "must be absolute: a path in the program's view, beginning with '/'"),

      whole("parameters.*.matches", "policy: embryo/v1\nname: test\nprogram: {path: x, arguments: [\"${p}\"]}\nparameters: {p: {matches: @}}\n", "\"[a-z]\"", p -> p.program().arguments(), List.of("v"), "\"[a-z\"", "no regular expression of RE2: missing closing ]: '[a-z'"),
      whole("parameters.*.default", "policy: embryo/v1\nname: test\nprogram: {path: x, arguments: [\"${p}\"]}\nparameters: {p: {matches: \"[a-z]\", default: @}}\n", "z", p -> p.program().arguments(), List.of("z"), "[]", "expected a text, not a list"),
      more("parameters.*.directory.under", "capabilities: {a: {directory: \"${p}\", mount: /a}}\nparameters: {p: {directory: {under: @}}}", "d", p -> ((DirectoryCapability) a(p)).path(), Path.of("/srv/policies/d/v"), null, "~/d", "'~' is not expanded; write the whole path"),
      more("parameters.*.file.under", "capabilities: {a: {file: \"${p}\"}}\nparameters: {p: {file: {under: @}}}", "/d", p -> ((FileCapability) a(p)).path(), Path.of("/d/v"), null, "{}", "expected a path, not a mapping"),
      more("parameters.*.descriptor", "capabilities: {a: {descriptor: \"${p}\"}}\nparameters: {p: {descriptor: @}}", "true", p -> ((DescriptorCapability) a(p)).parameter(), "p", null, "false", "expected true, not 'false'"),
      more("parameters.*.process", "capabilities: {a: {process: \"${p}\"}}\nparameters: {p: {process: @}}", "true", p -> ((ProcessCapability) a(p)).parameter(), "p", null, "false", "expected true, not 'false'"),

      more("capabilities.*.inherit",   "capabilities: {a: {inherit: @}}", "7", p -> ((Inherit) a(p)).from(), 7, null, "-1", "expected a whole number from 0 to 1048575, not '-1'"),
      more("capabilities.*.null",      "capabilities: {a: {null: @}}", "true", p -> a(p) instanceof Null, true, null, "false", "expected true, not 'false'"),
      more("capabilities.*.file",      "capabilities: {a: {file: @}}", "./f", p -> ((FileCapability) a(p)).path(), Path.of("/srv/policies/f"), null, "[]", "expected a path, not a list"),
      more("capabilities.*.directory", "capabilities: {a: {mount: /a, directory: @}}", "..", p -> ((DirectoryCapability) a(p)).path(), Path.of("/srv"), null, "\"a\\tb\"", "a path cannot hold control characters"),
      more("capabilities.*.tmpfs",     "capabilities: {a: {mount: /a, tmpfs: @}}", "1GiB", p -> ((Tmpfs) a(p)).bytes(), 1L << 30, null, "4095", "expected a size from 4KiB to 8589934591GiB, such as 64MiB, not '4095'"),
      more("capabilities.*.descriptor", "parameters: {p: {descriptor: true}}\ncapabilities: {a: {descriptor: @}}", "\"${p}\"", p -> ((DescriptorCapability) a(p)).parameter(), "p", null, "p", "expected a parameter, such as ${name}, not 'p'"),
      more("capabilities.*.pipe", "capabilities: {a: {pipe: @}}", "true", p -> a(p) instanceof Pipe, true, null, "in", "expected true, not 'in'"),
      more("capabilities.*.process", "parameters: {p: {process: true}}\ncapabilities: {a: {process: @}}", "\"${p}\"", p -> ((ProcessCapability) a(p)).parameter(), "p", null, "p", "expected a parameter, such as ${name}, not 'p'"),
      more("capabilities.*.memory",    "capabilities: {a: {memory: @}}", "1GiB", p -> ((Memory) a(p)).bytes(), 1L << 30, null, "2GiB", "expected a size from 4KiB to 1GiB, such as 64MiB, not '2GiB'"),
      more("capabilities.*.listen",    "capabilities: {a: {listen: @}}", "\"tcp:127.0.0.1:80\"", p -> ((Listen) a(p)).address().toString(), "tcp:127.0.0.1:80", null, "\"tcp:a:80\"", "'a' is not a numeric address, such as 127.0.0.1 or [::1]; names of hosts are not looked up"),
      more("capabilities.*.backlog",   "capabilities: {a: {listen: \"unix:/s\", backlog: @}}", "16", p -> ((Listen) a(p)).backlog(), 16, null, "0", "expected a whole number from 1 to 65535, not '0'"),
      more("capabilities.*.reuse",     "capabilities: {a: {listen: \"unix:/s\", reuse: @}}", "true", p -> ((Listen) a(p)).reuse(), true, null, "yes", "expected true or false, not 'yes'"),
      more("capabilities.*.connect",   "capabilities: {a: {connect: @}}", "\"unix:/s\"", p -> ((Connect) a(p)).address().toString(), "unix:/s", null, "\"unix:s\"", "expected an absolute path, such as unix:/run/socket, not 's'; a name without a file is written abstract:NAME"),
      more("capabilities.*.rights",    "capabilities: {a: {file: f, rights: @}}", "write", p -> a(p).rights().set(), Set.of(Right.WRITE, Right.SEEK, Right.STAT, Right.POLL), null, "raed", "'raed' is not a right of a file; did you mean 'read'?"),
      more("capabilities.*.fd",        "capabilities: {a: {file: f, fd: @}}", "12", p -> a(p).fd(), OptionalInt.of(12), null, "twelve", "expected a whole number from 0 to 1048575 or none, not 'twelve'"),
      more("capabilities.*.mount",     "capabilities: {a: {tmpfs: 1MiB, mount: @}}", "/a/b", p -> a(p).mount(), Optional.of("/a/b"), null, "a/b", "must be absolute: a path in the program's view, beginning with '/'"),

      more("arguments",        "arguments: @", "{a: [1, x]}", p -> arguments(p).map(ArgumentsCapability::tree), Optional.of(new Argument.Mapping(Map.of("a", new Argument.Sequence(List.of(new Argument.Whole(BigInteger.ONE), new Argument.Text("x")))))), Optional.empty(), "18446744073709551616", "an integer is from -2^63 to 2^64 - 1; between quotes it is a text"),
      more("arguments-format", "arguments: [a]\narguments-format: @", "json", p -> arguments(p).map(ArgumentsCapability::format), Optional.of(Format.JSON), null, "xml", "expected argdata or json, not 'xml'"),

      more("filesystem.programs", "filesystem: {programs: @}", "none", p -> p.filesystem().programs(), Programs.NONE, Programs.CLOSURE, "all", "expected none, closure, system or a list of host paths, not 'all'"),
      more("filesystem.proc",     "filesystem: {proc: @}", "own", p -> p.filesystem().proc(), Proc.OWN, Proc.NONE, "host", "expected none or own, not 'host'"),
      more("filesystem.devices",  "filesystem: {devices: @}", "none", p -> p.filesystem().devices(), Devices.NONE, Devices.MINIMAL, "minimum", "expected none or minimal, not 'minimum'; did you mean 'minimal'?"),
      more("processes.threads",   "processes: {threads: @}", "false", p -> p.processes().threads(), false, true, "no", "expected true or false, not 'no'"),
      more("processes.spawn",     "processes: {spawn: @}", "true", p -> p.processes().spawn(), true, false, "\"true\"", "expected true or false, not the quoted text 'true'"),
      more("processes.execute",   "processes: {execute: @}", "none", p -> p.processes().execute(), Execute.NONE, Execute.NONE, "veiw", "expected none, view or a list of view paths, not 'veiw'; did you mean 'view'?"),
      more("processes.jit",       "processes: {jit: @}", "true", p -> p.processes().jit(), true, false, "yes", "expected true or false, not 'yes'"),
      more("network",             "network: @", "none", p -> "none", "none", "none", "host", "expected none, not 'host'"),

      more("system-calls.allow",     "system-calls: {allow: @}", "[ptrace, {call: ioctl, when: \"arg1 & 0xff00 == 0x5400 and arg0 < 3\"}]", p -> words(p.systemCalls().allow()), List.of("ptrace", "ioctl when arg1 & 0xff00 == 0x5400 and arg0 < 3"), List.of(), "ptrace", "expected a list of system calls, not 'ptrace'"),
      more("system-calls.deny",      "system-calls: {deny: @}", "[{when: arg0 == -1, call: kill}]", p -> words(p.systemCalls().deny()), List.of("kill when arg0 == -1"), List.of(), "{call: kill}", "expected a list of system calls, not a mapping"),
      more("system-calls.on-denied", "system-calls: {on-denied: @}", "kill", p -> p.systemCalls().onDenied(), OnDenied.KILL, OnDenied.ERRNO, "die", "expected errno, kill or explain, not 'die'"),

      more("limits.memory",         "limits: {memory: @}", "1MiB", p -> p.limits().memory(), OptionalLong.of(1 << 20), OptionalLong.empty(), "1MB", "expected a size from 1MiB to 8589934591GiB, such as 64MiB, not '1MB'"),
      more("limits.stack",          "limits: {stack: @}", "131072", p -> p.limits().stack(), 131072L, 8388608L, "131071", "expected a size from 128KiB to 8589934591GiB, such as 64MiB, not '131071'"),
      more("limits.open-files",     "limits: {open-files: @}", "4", p -> p.limits().openFiles(), 4, 256, "3", "expected a whole number from 4 to 1048576, not '3'"),
      more("limits.processes",      "limits: {processes: @}", "1", p -> p.limits().processes(), 1, 1024, "\"1\"", "expected a whole number from 1 to 4194304, not the quoted text '1'"),
      more("limits.cpu-time",       "limits: {cpu-time: @}", "2000ms", p -> p.limits().cpuTime(), Optional.of(Duration.ofSeconds(2)), Optional.empty(), "1500ms", "expected a time of whole seconds, such as 90s, 2m or 1h, not '1500ms'"),
      more("limits.wall-time",      "limits: {wall-time: @}", "1500ms", p -> p.limits().wallTime(), Optional.of(Duration.ofMillis(1500)), Optional.empty(), "0s", "expected a time from 1ms on, such as 500ms, 90s, 2m or 1h, not '0s'"),
      more("limits.file-size",      "limits: {file-size: @}", "8589934591GiB", p -> p.limits().fileSize(), OptionalLong.of(8589934591L << 30), OptionalLong.empty(), "8589934592GiB", SIZES + "8589934592GiB'"),
      more("limits.core",           "limits: {core: @}", "1KiB", p -> p.limits().core(), 1024L, 0L, "-1", SIZES + "-1'"),
      more("limits.locked-memory",  "limits: {locked-memory: @}", "1KiB", p -> p.limits().lockedMemory(), 1024L, 0L, "1_000", SIZES + "1_000'"),
      more("limits.message-queues", "limits: {message-queues: @}", "1KiB", p -> p.limits().messageQueues(), 1024L, 0L, "1 KiB", SIZES + "1 KiB'"),
      more("limits.priority",       "limits: {priority: @}", "40", p -> p.limits().priority(), 40, 0, "41", "expected a whole number from 0 to 40, not '41'"),

      more("identity.user",         "identity: {user: @}", "2147483647", p -> p.identity().user(), OptionalInt.of(2147483647), OptionalInt.empty(), "0", IDS + "0'"),
      more("identity.group",        "identity: {group: @}", "1", p -> p.identity().group(), OptionalInt.of(1), OptionalInt.empty(), "0x10", IDS + "0x10'"),
      more("identity.groups",       "identity: {groups: @}", "[5, 6]", p -> p.identity().groups(), List.of(5, 6), List.of(), "5", "expected a list of group ids, not '5'"),
      more("identity.inside.user",  "identity: {inside: {user: @}}", "7", p -> p.identity().insideUser(), 7, 1000, "0", "expected a whole number from 1 to 65534, not '0'"),
      more("identity.inside.group", "identity: {inside: {group: @}}", "7", p -> p.identity().insideGroup(), 7, 1000, "65535", "expected a whole number from 1 to 65534, not '65535'"),

      more("isolation.require",      "isolation: {require: @}", "[seccomp, landlock, namespaces]", p -> p.isolation().require(), EnumSet.allOf(Layer.class), EnumSet.allOf(Layer.class), "[seccomp]", "'landlock' and 'seccomp' cannot be left out: without them nothing keeps files and system calls from the program; 'namespaces' can"),
      more("isolation.landlock-abi", "isolation: {landlock-abi: @}", "5", p -> p.isolation().landlockAbi(), 5, 1, "05", "expected a whole number from 1 to 99, not '05'"),
      more("isolation.pid",          "isolation: {pid: @}", "shared", p -> p.isolation().pid(), Sharing.SHARED, Sharing.PRIVATE, "shred", SHARING),
      more("isolation.network",      "isolation: {network: @}", "shared", p -> p.isolation().network(), Sharing.SHARED, Sharing.PRIVATE, "shred", SHARING),
      more("isolation.ipc",          "isolation: {ipc: @}", "shared", p -> p.isolation().ipc(), Sharing.SHARED, Sharing.PRIVATE, "shred", SHARING),
      more("isolation.hostname",     "isolation: {hostname: @}", "shared", p -> p.isolation().hostname(), Sharing.SHARED, Sharing.PRIVATE, "shred", SHARING));
  // formatter:on

  private static Row whole(
      String path, String text, String good, Function<Policy, Object> meaning, Object expected, String bad, String e) {
    return new Row(path, text, good, meaning, expected, null, bad, e);
  }

  private static Row more(
      String path,
      String text,
      String good,
      Function<Policy, Object> meaning,
      Object expected,
      Object otherwise,
      String bad,
      String error) {
    return new Row(path, Texts.LEAST + text + "\n", good, meaning, expected, otherwise, bad, error);
  }

  private static List<String> words(List<CallRule> rules) {
    return rules.stream().map(r -> r.call() + (r.when().isEmpty() ? "" : " when " + r.condition())).toList();
  }

  /** The policy of a launch that gives what the text wants: "v" for parameters without a default, and one more argument. */
  static Policy bound(String text) throws PolicyException {
    PolicyTemplate template = Texts.read(text);
    Binding binding = Binding.NONE.withEnvironment(Map.of("FROM", "launcher", "OTHER", "x"));
    if (text.contains("extra-arguments: {")) {
      binding = binding.withArguments(List.of("extra"));
    }
    if (!text.contains("default:") && !text.contains("descriptor:") && !text.contains("process:")) {
      for (String name : template.parameters()) {
        binding = binding.with(name, "v");
      }
    }
    return template.bind(binding);
  }

  private static Optional<ArgumentsCapability> arguments(Policy policy) {
    return Optional.ofNullable((ArgumentsCapability) policy.capabilities().get("arguments"));
  }

  private static Capability a(Policy policy) {
    return Objects.requireNonNull(policy.capabilities().get("a"));
  }

  static Stream<Row> rows() {
    return ROWS.stream();
  }

  static Stream<Row> rowsWithDefault() {
    return ROWS.stream().filter(row -> row.otherwise != null);
  }

  @Test
  void noKeyOfTheTableIsWithoutATest() {
    assertThat(ROWS.stream().map(Row::path)).containsExactlyElementsOf(
        KeyTable.KEYS.stream().map(Key::path).toList());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aKeyMeansWhatIsWrittenForIt(Row row) throws Exception {
    assertThat(row.meaning.apply(bound(row.written.replace("@", row.good)))).isEqualTo(row.expected);
  }

  @ParameterizedTest
  @MethodSource("rowsWithDefault")
  void aKeyThatIsNotWrittenHasItsDefault(Row row) throws Exception {
    assertThat(row.meaning.apply(Texts.with(""))).isEqualTo(row.otherwise);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aWrongValueIsNamedWithItsPlaceItsKeyAndWhatIsExpected(Row row) {
    String[] before = row.written.substring(0, row.written.indexOf('@')).split("\n", -1);
    int column = before[before.length - 1].length() + 1;

    assertThat(Texts.errors(row.written.replace("@", row.bad))).isEqualTo(
        "p.yaml:" + before.length + ":" + column + ": " + row.path.replace("capabilities.*", "capabilities.a")
            .replace("parameters.*", "parameters.p")
            .replace("environment.*", "environment.A") + ": " + row.error);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aKeyWithoutAValueIsNotTakenForItsDefault(Row row) {
    assertThat(Texts.errors(row.written.replace("@", "null"))).contains(": has no value; expected ").hasLineCount(1);
  }
}
