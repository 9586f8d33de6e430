package dev.embryo.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.explain.BirthListing;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.process.Zygote;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every line of the listing against what the kernel was asked, call by call and process by process. */
@Timeout(120)
class BirthListingTest {
  private static final String POLICY = """
      policy: embryo/v1
      name: samples/checksum
      program:
        path: /usr/bin/sha256sum
        arguments: ["/in/message.txt"]
        environment: {LANG: C.UTF-8}
        directory: /tmp
      capabilities:
        stdout: {inherit: 1, rights: write}
        message: {directory: ., rights: [list, read], mount: /in}
        scratch: {tmpfs: 1MiB, mount: /tmp}
      limits: {memory: 64MiB, cpu-time: 5s}
      """;
  private static final Pattern LISTED = Pattern.compile("(?:r(\\d+) +=)? +?(\\w+)\\((.*?)\\)(?: +# .*)?");
  private static final Pattern NUMBER = Pattern.compile("-?(?:0x[0-9a-f]+|\\d+)(?:\\|0x[0-9a-f]+)*");
  /** Structures that the listing tells in words. */
  private static final List<String> IN_WORDS = List.of("{all of ABI", "{SIG_IGN}", "{none}", "{version=3");
  private static final String F_DUPFD_CLOEXEC = "0x406";

  private static final Map<String, Long> NUMBERS = numbers();

  private record Listed(int index, String name, List<String> arguments) {}

  private static Map<String, Long> numbers() {
    var numbers = new HashMap<>(Map.of(
        "SIGCHLD", 17L, "PROT_READ", 1L, "PROT_WRITE", 2L, "MAP_PRIVATE", 2L,
        "SECCOMP_IOCTL_NOTIF_RECV", 0xc0502100L, "SECCOMP_IOCTL_NOTIF_SEND", 0xc0182101L));
    numbers.putAll(Map.of("CLONE_VM", 0x100L, "CLONE_FS", 0x200L, "CLONE_FILES", 0x400L, "CLONE_SIGHAND", 0x800L,
        "CLONE_THREAD", 0x10000L, "CLONE_SYSVSEM", 0x40000L));
    for (ResourceLimit limit : ResourceLimit.values()) {
      numbers.put("RLIMIT_" + limit, (long) limit.ordinal());
    }
    for (Access access : Access.values()) {
      numbers.put(access.name(), access.bit());
    }
    Arrays.stream(Constant.class.getFields())
        .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == Constant.class)
        .forEach(field -> {
          try {
            numbers.put(field.getName(), ((Constant) field.get(null)).value());
          } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
          }
        });
    return numbers;
  }

  @TempDir
  private Path directory;

  @Test
  void theBirthThatExplainListsIsWhatStraceSees() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x")); // for root's own users
    Files.writeString(directory.resolve("message.txt"), "Hello\n");
    var sandbox = Sandbox.builder().policy(Policies.parse(POLICY, directory)).build();
    var actual = trace(sandbox);
    var listed = listing(sandbox.compiled());

    int zygote = Zygote.shared().pid();
    int helper = clones(actual.get(zygote)).get(0);
    var made = clones(actual.get(helper));
    int init = made.get(0);
    int embryo = made.get(1);
    int gate = actual.keySet().stream().filter(pid -> !List.of(zygote, helper, init, embryo).contains(pid)).findFirst()
        .orElseThrow();

    compare("zygote", listed, fromItsWait(actual.get(zygote)));
    compare("helper", listed, actual.get(helper));
    compare("init", listed, actual.get(init));
    compare("embryo", listed, actual.get(embryo));
    compare("gate", listed, actual.get(gate));
    assertThat(actual.get(helper)).as("the helper does nothing more").hasSameSizeAs(listed.get("helper"));
  }

  @Test
  void theBirthWithAGuardThatExplainListsIsWhatStraceSees() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(directory.resolve("message.txt"), "Hello\n");
    var sandbox = Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: samples/checksum
        program: {path: /usr/bin/sha256sum, arguments: [message.txt], directory: "%s"}
        capabilities:
          stdout: {inherit: 1, rights: write}
          message: {directory: ., rights: [list, read], mount: "%<s"}
        isolation: {require: [landlock, seccomp]}
        """.formatted(directory), directory)).build();
    var actual = trace(sandbox);
    var listed = listing(sandbox.compiled());

    int zygote = Zygote.shared().pid();
    int guard = clones(actual.get(zygote)).get(0);
    int embryo = clones(actual.get(guard)).get(0);
    int gate = actual.keySet().stream().filter(pid -> !List.of(zygote, guard, embryo).contains(pid)).findFirst()
        .orElseThrow();

    compare("zygote", listed, fromItsWait(actual.get(zygote)));
    var untilTheEnd = listed.get("guard").subList(0, listed.get("guard").size() - 2); // it kills and exits when strace is gone
    compare("guard", Map.of("guard", untilTheEnd), actual.get(guard));
    compare("embryo", listed, actual.get(embryo));
    compare("gate", listed, actual.get(gate));
    int answer = 2; // to a launcher that is gone, by write and then by sendmsg; strace may be gone, too
    assertThat(actual.get(guard)).as("the guard does nothing more")
        .hasSizeLessThanOrEqualTo(listed.get("guard").size() + answer);
  }

  /** A birth under strace, the second of its zygote: strace has to be there before it begins. */
  private Map<Integer, List<Trace.Call>> trace(Sandbox sandbox) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "strace is not installed");
    try (var first = sandbox.launch()) {
      assertThat(first.waitFor()).isZero();
    }
    var file = directory.resolve("trace");
    var strace = new ProcessBuilder("strace", "-f", "-X", "raw", "-v", "-s", "65536", "-o", file.toString(), "-p",
        Integer.toString(Zygote.shared().pid())).redirectErrorStream(true).start();
    String said = strace.inputReader().readLine();
    assumeTrue(said != null && said.contains("attached"), "strace may not attach: " + said);
    try (var second = sandbox.launch()) {
      assertThat(second.waitFor()).isZero();
      strace.destroy(); // before closing waits for init, which a tracer can hold back
      assertThat(strace.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    return Trace.read(file);
  }

  /** The zygote waits in recvmsg when strace comes, which may or may not show a call that has begun already. */
  private static List<Trace.Call> fromItsWait(List<Trace.Call> calls) {
    var whole = new ArrayList<>(calls);
    if (!whole.get(0).name().equals("recvmsg")) {
      whole.add(0, new Trace.Call("recvmsg", List.of(), ""));
    }
    return whole;
  }

  private static List<Integer> clones(List<Trace.Call> calls) {
    return calls.stream().filter(call -> call.name().equals("clone3")).map(call -> Integer.parseInt(call.result()))
        .toList();
  }

  private static Map<String, List<Listed>> listing(CompiledPolicy compiled) {
    var processes = new LinkedHashMap<String, List<Listed>>();
    List<Listed> current = new ArrayList<>();
    for (String line : BirthListing.of(compiled).lines().toList()) {
      var call = LISTED.matcher(line);
      if (line.contains(": # ")) {
        current = new ArrayList<>();
        processes.put(line.substring(0, line.indexOf(':')), current);
      } else if (call.matches()) {
        int index = call.group(1) == null ? -1 : Integer.parseInt(call.group(1));
        current.add(new Listed(index, call.group(2), Trace.split(call.group(3))));
      } else {
        assertThat(line).as("a line that is no call").matches("|#.*");
      }
    }
    return processes;
  }

  private static void compare(String process, Map<String, List<Listed>> listing, List<Trace.Call> calls) {
    var listed = listing.get(process);
    var actual = withoutMakingWay(calls);
    var results = new HashMap<Integer, String>();
    var launchValues = new HashMap<String, String>();
    int last = process.equals("gate") ? Math.min(2, listed.size()) : listed.size(); // the exec may end it before ppoll
    for (int i = 0; i < last; i++) {
      String where = process + ", line " + (i + 1) + ": " + listed.get(i) + " against ";
      assertThat(actual).as(where + "nothing").hasSizeGreaterThan(i);
      var call = actual.get(i);
      assertThat(call.name()).as(where + call).isEqualTo(listed.get(i).name());
      compare(where + call, listed.get(i), call, results, launchValues);
      assertThat(call.result()).as(where + call).doesNotStartWith("-");
      results.put(listed.get(i).index(), call.result());
    }
  }

  /** The rule that the listing states in its first lines: what stands at a number that is given away moves on. */
  private static List<Trace.Call> withoutMakingWay(List<Trace.Call> calls) {
    var rest = new ArrayList<Trace.Call>();
    for (int i = 0; i < calls.size(); i++) {
      var call = calls.get(i);
      if (!call.name().equals("fcntl")) {
        rest.add(call);
        continue;
      }
      int number = Integer.parseInt(call.arguments().get(0));
      assertThat(call.arguments()).containsExactly(
          Integer.toString(number), F_DUPFD_CLOEXEC, Integer.toString(number + 1));
      var next = calls.get(i + 1);
      assertThat(next.name()).isIn("dup3", "fcntl");
      assertThat(next.arguments().get(next.name().equals("dup3") ? 1 : 0)).isEqualTo(Integer.toString(number));
    }
    return rest;
  }

  private static void compare(String where, Listed listed, Trace.Call call, Map<Integer, String> results,
      Map<String, String> launchValues) {
    if (call.name().equals("clone")) { // strace names its arguments
      assertThat(call.arguments()).as(where).contains("flags=0x" + Long.toHexString(value(listed.arguments().get(0))));
      return;
    }
    int count = Math.min(listed.arguments().size(), call.arguments().size());
    for (int i = 0; i < count; i++) {
      String expected = listed.arguments().get(i);
      String actual = call.arguments().get(i);
      if (actual.isEmpty()) {
        continue; // strace came in the middle of the call
      } else if (expected.matches("r\\d+")) {
        assertThat(actual).as(where).isEqualTo(results.get(Integer.parseInt(expected.substring(1))));
      } else if (expected.matches("<.*>|\\[\\d+\\]")) { // a number of the launch; one that the kernel has put into the data
        assertThat(launchValues.computeIfAbsent(expected, key -> actual)).as(where).isEqualTo(actual);
      } else if (expected.startsWith("\"") || expected.startsWith("[")) {
        assertThat(actual).as(where).isEqualTo(expected);
      } else if (expected.startsWith("{")) {
        compareStructure(where, expected, actual);
      } else if (!expected.startsWith("&")) {
        assertThat(parse(actual)).as(where).isEqualTo(value(expected));
      }
    }
  }

  /** Every number that the listing names in a structure is in the structure; a plain number is a supplied descriptor. */
  private static void compareStructure(String where, String expected, String actual) {
    if (IN_WORDS.stream().anyMatch(expected::startsWith)) {
      return;
    }
    if (actual.startsWith("0x")) {
      assertThat(where).as("only into an init that is no longer dumpable an ordinary tracer cannot look").matches("(init|guard).*");
      return;
    }
    if (NUMBER.matcher(actual).matches()) {
      assertThat(Integer.parseInt(actual)).as(where).isNotNegative();
      return;
    }
    var numbers = new ArrayList<Long>();
    var found = NUMBER.matcher(actual.replace("RLIM64_INFINITY", "-1").replace("~0", "-1"));
    while (found.find()) {
      numbers.add(parse(found.group()));
    }
    boolean any = false;
    for (String part : Trace.split(expected.substring(1, expected.length() - 1))) {
      var value = tryValue(part.replaceFirst("^\\w+=", "").replaceFirst(" instructions$", ""));
      if (value.isPresent()) {
        any = true;
        assertThat(numbers).as(where).contains(value.getAsLong());
      }
    }
    assertThat(any).as(where + ": nothing to compare").isTrue();
  }

  /** A number as strace writes it: flags may be alternatives of several. */
  private static long parse(String number) {
    int bar = number.indexOf('|');
    return bar >= 0 ? parse(number.substring(0, bar)) | parse(number.substring(bar + 1))
        : number.isEmpty() || number.equals("NULL") ? 0
        : number.startsWith("0x") ? Long.parseUnsignedLong(number.substring(2), 16)
        : number.matches("0[0-7]+") ? Long.parseLong(number, 8)
        : number.startsWith("-") ? Long.parseLong(number)
        : Long.parseUnsignedLong(number);
  }

  private static long value(String listed) {
    return tryValue(listed).orElseGet(() -> fail("what number is " + listed + "?"));
  }

  private static OptionalLong tryValue(String listed) {
    long sum = 0;
    for (String name : listed.split("\\|", -1)) {
      if (NUMBER.matcher(name).matches()) {
        sum |= parse(name);
      } else if (NUMBERS.containsKey(name)) {
        sum |= NUMBERS.get(name);
      } else {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.of(sum);
  }
}
