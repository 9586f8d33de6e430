package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.model.PolicyException;
import dev.embryo.policy.model.Right;
import dev.embryo.samples.GrantedThing.Backing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each right of each kind of capability, tried at descriptor 3: withheld, the act that takes it fails with EPERM and changes nothing, with
 * high bits in its arguments, too; granted, the same act works. Directories, which have paths, are {@link DirectoryRightsTest}'s.
 */
class RightPairsTest {
  private static final Path PROGRAM = Path.of("target", "hostile", "rights").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Rights that cannot be withheld, as docs/rights.md says. */
  private static final Set<Right> ALWAYS = EnumSet.of(Right.POLL, Right.LOOKUP);

  /** Several kinds in a row have it alike. The last column is what the act answers where it is granted, if that is not {@code ok}. */
  private static final String PAIRS = """
      # kinds                 | right       | act              | granted                        | withheld
      file,inherit,descriptor | read        | read             | [read, stat]                   | [stat, lock]
      file,inherit,descriptor | read        | readv            | read                           | [stat]
      file,inherit,descriptor | read        | sendfile-from    | read                           | [stat]
      file,inherit,descriptor | read        | splice-from      | read                           | [stat]
      file,inherit,descriptor | read        | copy-from        | [read, stat]                   | [stat]
      file,inherit,descriptor | read        | readahead        | [read, stat]                   | [stat]
      file,inherit,descriptor | read        | clone-from       | [read, stat]                   | [stat]              | ok/EOPNOTSUPP/EINVAL
      file,inherit,descriptor | read        | pread            | [read, stat]                   | [stat]
      file,inherit,descriptor | read        | preadv2          | [read, stat]                   | [stat]
      file,inherit,descriptor | write       | write            | [write, stat]                  | [truncate, stat]
      file,inherit,descriptor | write       | pwrite           | write                          | append
      file,inherit,descriptor | write       | overwrite        | write                          | append              | ok/EOPNOTSUPP
      file,inherit,descriptor | write       | sendfile-to      | write                          | [truncate]
      file,inherit,descriptor | write       | splice-to        | write                          | [truncate]
      file,inherit,descriptor | write       | clone-to         | [write, stat]                  | append              | ok/EOPNOTSUPP/EINVAL/EXDEV
      file,inherit,descriptor | append      | writev           | append                         | [truncate]
      file,inherit,descriptor | seek        | seek             | [write, stat]                  | append
      file,inherit,descriptor | truncate    | truncate         | [read, truncate]               | [read, write, stat]
      file,inherit,descriptor | truncate    | truncate         | [truncate]                     | [write, stat]
      file,inherit,descriptor | sync        | sync             | [write, sync]                  | [write, stat]
      file,inherit,descriptor | sync        | sync-range       | [write, sync]                  | [read, write, stat]
      file,inherit,descriptor | stat        | stat             | [read, stat]                   | [lock]
      file,inherit,descriptor | stat        | stat-empty       | append                         | [truncate]
      file,inherit,descriptor | stat        | statx            | stat                           | [sync]
      file,inherit,descriptor | stat        | block-size       | stat                           | [lock]
      file,inherit,descriptor | stat        | attribute        | stat                           | [lock]              | ok/ENOTTY/EOPNOTSUPP
      file,inherit,descriptor | metadata    | xattr            | [write, metadata]              | [write, stat]       | ok/EOPNOTSUPP
      file,inherit,descriptor | metadata    | chown            | [read, metadata]               | [read, write, stat]
      file,inherit,descriptor | metadata    | touch            | [write, metadata]              | [write, stat]
      file,inherit,descriptor | lock        | flock            | [read, lock]                   | [read, stat]
      file,inherit,descriptor | lock        | posix-lock       | [read, lock]                   | [read, stat]
      file,inherit,descriptor | lock        | description-lock | [read, lock]                   | [read, map]
      file,inherit,descriptor | allocate    | allocate         | [write, allocate]              | [write, stat]
      file,inherit,descriptor | allocate    | punch            | [write, allocate]              | [write, stat]
      file,inherit,descriptor | map         | map              | [read, map]                    | [read, stat]
      file,inherit,descriptor | map-write   | map-shared       | [read, write, map, map-write]  | [read, write, stat]
      file,inherit,descriptor | map-execute | map-code         | [read, map, map-execute]       | [read, map]
      file,inherit,descriptor | ioctl       | nonblocking      | [read, {ioctl: [FIONBIO]}]     | [read, stat]
      file,inherit,descriptor | ioctl       | block-size       | [lock, {ioctl: [0x2]}]         | [sync]
      file,inherit,descriptor | fcntl       | set-flags        | [read, {fcntl: [F_SETFL]}]     | append
      file,inherit,descriptor | duplicate   | dup              | [write, duplicate]             | [write, truncate]
      file,inherit,descriptor | duplicate   | dup3             | [read, write, duplicate]       | [read, write, truncate]
      file,inherit,descriptor | duplicate   | dupfd            | [write, duplicate]             | [write, truncate]
      file,inherit,descriptor | duplicate   | dupfd-cloexec    | [write, duplicate]             | append
      inherit,descriptor      | window-size | window-size      | [read, window-size]            | [read, stat]        | ENOTTY
      inherit,descriptor      | attributes  | attributes       | [read, attributes]             | [read, window-size] | ENOTTY
      inherit,descriptor      | attributes  | break            | [read, attributes]             | [read, window-size] | ENOTTY
      inherit,descriptor      | accept      | accept           | [accept]                       | [getname]
      inherit,descriptor      | listen      | listen           | [listen]                       | [accept, getname]
      inherit,descriptor      | shutdown    | shutdown         | [read, shutdown]               | [read, getname]
      inherit,descriptor      | getname     | own-name         | [getname]                      | [getoption]
      inherit,descriptor      | getname     | peer-name        | [getname]                      | [getoption]
      inherit,descriptor      | getoption   | get-option       | [getoption]                    | [getname, setoption]
      inherit,descriptor      | setoption   | set-option       | [setoption]                    | [getname, getoption]
      inherit,descriptor      | connect     | send-elsewhere   | [write, connect]               | [write, getname]
      inherit,descriptor      | send-fds    | send-descriptor  | [read, write, duplicate, send-fds, connect] | [read, write, duplicate, connect]
      inherit,descriptor      | receive-fds | receive-descriptor | [read, receive-fds]          | [read, getname]

      null                    | read        | read             | read                           | [write, stat]
      null                    | write       | write            | write                          | [read, stat]
      null                    | seek        | seek             | [write, stat]                  | [stat]
      null                    | stat        | stat             | [read, stat]                   | [{ioctl: [TCGETS]}]
      null                    | ioctl       | nonblocking      | [read, {ioctl: [FIONBIO]}]     | [read, stat]
      null                    | fcntl       | set-flags        | [read, {fcntl: [F_SETFL]}]     | [read, stat]
      null                    | duplicate   | dup              | [write, duplicate]             | [write, stat]       | EINVAL

      pipe                    | read        | read             | read                           | [write, stat]
      pipe                    | read        | tee-from         | [read, stat]                   | [write, stat]
      pipe                    | read        | splice-from      | [read, stat]                   | [write, stat]       | EINVAL/ok
      pipe                    | write       | write            | write                          | [read, stat]
      pipe                    | write       | tee-to           | [write, stat]                  | [read, stat]
      pipe                    | write       | pages-to         | write                          | [read, stat]
      pipe                    | write       | sendfile-to      | [write, stat]                  | [read, stat]
      pipe                    | stat        | stat             | [read, stat]                   | -
      pipe                    | ioctl       | nonblocking      | [read, {ioctl: [FIONBIO]}]     | [read, stat]
      pipe                    | fcntl       | set-flags        | [read, {fcntl: [F_SETFL]}]     | [read, stat]
      pipe                    | duplicate   | dup              | [write, duplicate]             | [write, stat]       | EINVAL

      listen                  | accept      | accept           | [accept]                       | [getname]
      listen                  | listen      | listen           | [accept, listen]               | [accept, getname]
      listen                  | shutdown    | shutdown         | [accept, shutdown]             | accept
      listen                  | getname     | own-name         | [accept, getname]              | accept
      listen                  | getoption   | get-option       | [accept, getoption]            | accept
      listen                  | setoption   | set-option       | [accept, setoption]            | [accept, getoption]
      listen                  | stat        | stat             | accept                         | [getname]
      listen                  | ioctl       | nonblocking      | [accept, {ioctl: [FIONBIO]}]   | accept
      listen                  | fcntl       | set-flags        | [accept, {fcntl: [F_SETFL]}]   | accept
      listen                  | duplicate   | dup              | all                            | [accept, getname]   | EINVAL

      connect                 | read        | read             | [read, write]                  | write
      connect                 | read        | receive          | read                           | write
      connect                 | write       | write            | write                          | read
      connect                 | write       | send             | [read, write]                  | read
      connect                 | write       | sendfile-to      | write                          | read
      connect                 | shutdown    | shutdown         | [write, shutdown]              | [read, write]
      connect                 | getname     | peer-name        | [read, getname]                | [read, write]
      connect                 | getoption   | get-option       | [read, getoption]              | [read, write]
      connect                 | setoption   | set-option       | [read, setoption]              | [read, write]
      connect                 | send-fds    | send-descriptor  | [read, write, duplicate, send-fds] | [read, write, duplicate]
      connect                 | receive-fds | receive-descriptor | [read, receive-fds]          | [read, write]
      connect                 | stat        | stat             | read                           | [getname]
      connect                 | ioctl       | nonblocking      | [read, {ioctl: [FIONBIO]}]     | [read, write]
      connect                 | fcntl       | set-flags        | [read, {fcntl: [F_SETFL]}]     | [read, write]
      connect                 | duplicate   | dup              | all                            | [read, write]       | EINVAL
      connect-datagrams,listen-datagrams | connect | send-elsewhere | [write, connect]         | [read, write]
      connect-datagrams,listen-datagrams | connect | take-elsewhere | -                        | [write, connect]
      connect-datagrams,listen-datagrams | write   | send-elsewhere | [write, connect]         | read

      memory                  | read        | read             | read                           | write
      memory                  | read        | preadv2          | read                           | [lock]
      memory                  | write       | write            | write                          | read
      memory                  | write       | pwrite           | [read, write]                  | [read, map]
      memory                  | seek        | seek             | read                           | [lock]
      memory                  | stat        | stat             | read                           | [lock]
      memory                  | lock        | flock            | [read, lock]                   | read
      memory                  | map         | map              | [read, map]                    | read
      memory                  | map-write   | map-shared       | [read, write, map, map-write]  | [read, map]
      """;

  /** What the acts of a right are done to, where something is inherited or passed. */
  private static final Map<String, Backing> BACKINGS = Map.of(
      "accept", Backing.LISTENER, "listen", Backing.LISTENER, "shutdown", Backing.STREAM, "getname", Backing.STREAM,
      "getoption", Backing.STREAM, "setoption", Backing.STREAM, "connect", Backing.DATAGRAM, "send-fds", Backing.STREAM,
      "receive-fds", Backing.STREAM);

  /** Where the pairs are of what is not here. */
  private static final Map<String, String> ELSEWHERE = Map.of("directory", DirectoryRightsTest.PAIRS, "tmpfs", DirectoryRightsTest.PAIRS,
      "process", ProcessCapabilityTest.PAIRS);

  /** What a policy writes for a capability of each kind, without its rights. */
  private static final Map<String, String> KINDS = Map.ofEntries(
      Map.entry("inherit", "inherit: 7"), Map.entry("null", "null: true"), Map.entry("file", "file: /f"),
      Map.entry("directory", "directory: /d"), Map.entry("tmpfs", "tmpfs: 1MiB, mount: /t"), Map.entry("descriptor", "descriptor: \"${p}\""),
      Map.entry("pipe", "pipe: true"), Map.entry("process", "process: \"${p}\""), Map.entry("memory", "memory: 4KiB"),
      Map.entry("listen", "listen: \"unix:/s\""), Map.entry("connect", "connect: \"unix:/s\""));

  @TempDir private Path directory;

  @BeforeEach
  void openTheDirectory() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private record Pair(String kind, String right, String act, String granted, String withheld, String answer) {
    static Stream<Pair> of(String line) {
      var cells = line.strip().split("\\s*\\|\\s*");
      return Arrays.stream(cells[0].split(","))
          .map(kind -> new Pair(kind, cells[1], cells[2], cells[3], cells[4], cells.length > 5 ? cells[5] : "ok"));
    }

    @Override
    public String toString() {
      return kind + " " + right + ": " + act;
    }
  }

  private static Stream<Pair> pairs(String text) {
    return text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).flatMap(Pair::of);
  }

  static Stream<Pair> pairs() {
    return pairs(PAIRS);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void whatIsWithheldFailsAndWhatIsGrantedWorks(Pair pair) throws Exception {
    if (!pair.withheld.equals("-")) {
      assertRefused(pair);
      assertRefused(pair, "high");
    }
    if (!pair.granted.equals("-")) {
      try (var thing = thing(pair, pair.granted)) {
        Probe.assertAnswer(act(thing, pair), pair.answer);
      }
    }
  }

  private void assertRefused(Pair pair, String... more) throws Exception {
    try (var thing = thing(pair, pair.withheld)) {
      Probe.assertAnswer(act(thing, pair, more), "EPERM");
      assertThat(thing.isUnchanged()).as("unchanged").isTrue();
    }
  }

  private GrantedThing thing(Pair pair, String rights) throws IOException {
    return GrantedThing.of(pair.kind, BACKINGS.getOrDefault(pair.right, Backing.FILE), rights, directory);
  }

  private Outcome act(GrantedThing thing, Pair pair, String... more) throws Exception {
    var words = Stream.concat(Stream.of(pair.act, "3"), Arrays.stream(more)).toList();
    var policy = thing.in(ProbePolicy.LEAST.program(PROGRAM).section("processes: {jit: true}")); // for files of its own in memory
    if (Set.of("copy-from", "clone-from").contains(pair.act)) {
      var other = Files.setPosixFilePermissions(Files.writeString(directory.resolve("other"), ""), PosixFilePermissions.fromString("rw-rw-rw-"));
      policy = policy.capability("other: {file: \"" + other + "\", rights: [write, duplicate], fd: 4}");
    }
    try (var process = thing.in(Sandbox.builder().policy(Policies.parse(policy.text(words), directory))).build().launch()) {
      process.killAfter(PATIENCE);
      thing.meet(process);
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Outcome.of(process.waitFor(), output);
    }
  }

  /** A right is one of a kind if the language does not say that it is none. */
  private static Set<String> rightsOf(String kind) {
    var rights = new TreeSet<String>();
    for (Right right : Right.values()) {
      if (!refusal("{" + KINDS.get(kind) + ", rights: [" + right + "]}").matches("(?s).*'" + right + "' is (not a|no) right of .*")) {
        rights.add(right.word());
      }
    }
    return rights;
  }

  private static String refusal(String capability) {
    String parameter = capability.startsWith("{descriptor") ? "parameters: {p: {descriptor: true}}\n"
        : capability.startsWith("{process") ? "parameters: {p: {process: true}}\n" : "";
    try {
      Policies.parse("policy: embryo/v1\nname: test\nprogram: {path: /bin/true}\n" + parameter + "capabilities: {a: " + capability + "}\n",
          Path.of("/"));
      return "";
    } catch (PolicyException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  @Test
  void noRightOfAnyKindIsWithoutAPair() throws Exception {
    var missing = new TreeSet<String>();
    for (String kind : kinds()) {
      var tried = new TreeSet<String>();
      pairs(ELSEWHERE.getOrDefault(kind, PAIRS)).filter(pair -> pair.kind.replaceFirst("-.*", "").equals(kind)).forEach(pair -> tried.add(pair.right));
      rightsOf(kind).stream().filter(right -> !tried.contains(right) && !isAlwaysThere(kind, right))
          .forEach(right -> missing.add(kind + ": " + right));
    }
    assertThat(missing).isEmpty();
  }

  /** The kinds that the language knows, as it lists them. */
  private static List<String> kinds() {
    var listed = refusal("{}").replaceFirst("(?s).*write one of ", "").strip().split(", ");
    assertThat(KINDS).containsOnlyKeys(listed);
    return List.of(listed);
  }

  private static boolean isAlwaysThere(String kind, String right) {
    boolean tree = kind.equals("directory") || kind.equals("tmpfs");
    return ALWAYS.contains(Right.valueOf(right.toUpperCase(Locale.ROOT).replace('-', '_')))
        || (tree && Set.of("stat", "duplicate").contains(right)) || (kind.equals("process") && right.equals("duplicate"));
  }
}
