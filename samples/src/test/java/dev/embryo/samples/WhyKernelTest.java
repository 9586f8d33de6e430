package dev.embryo.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.embryo.launcher.Policies;
import dev.embryo.launcher.Sandbox;
import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.Surface;
import dev.embryo.policy.compile.SurfaceRow;
import dev.embryo.policy.explain.Question;
import dev.embryo.policy.explain.Why;
import dev.embryo.policy.explain.Why.Outcome;
import dev.embryo.runtime.linux.CallSignature;
import dev.embryo.runtime.linux.CallSignature.Kind;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.MaskedComparison;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code why} answers is what the kernel does: thousands of calls, made by a program under the policy that was asked about. */
class WhyKernelTest {
  private static final Path PROGRAM = Path.of("target", "hostile", "calls").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CALLS = 1500;

  /**
   * Calls that could succeed with such arguments and then end the program, stop it, take its memory or its output away, or take
   * long. They are made only where a filter is expected to refuse them.
   */
  private static final Set<String> HARMFUL = Set.of("exit", "exit_group", "fork", "vfork", "clone", "pause", "alarm", "kill", "tkill",
      "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "rt_sigreturn", "restart_syscall", "poll", "ppoll", "select", "pselect6",
      "prctl", "seccomp", "arch_prctl", "sync", "syncfs", "mlockall", "msgrcv", "semop", "semtimedop", "set_robust_list", "setitimer",
      "msgsnd", "wait4", "waitid", "futex", "futex_waitv", "futex_wait", "sched_setaffinity", "vhangup", "rt_sigsuspend", "sched_yield",
      "landlock_restrict_self", "close_range", "setsid", "getrandom", "umask", "timer_create", "inotify_init", "shmget");

  /** Calls that the kernel itself refuses with EPERM or ENOSYS, to a program without privileges. */
  private static final Set<String> KERNEL_REFUSES = Set.of("setuid", "setgid", "setreuid", "setregid", "setresuid",
      "setresgid", "setgroups", "setpgid", "setpriority", "ioprio_set", "capset", "get_robust_list", "mlock", "mlock2",
      "map_shadow_stack");

  /** F_SET_RW_HINT and F_SET_FILE_RW_HINT, which the kernel refuses with EPERM to whoever does not own the file. */
  private static final Set<Integer> HINTS = Set.of(1036, 1038);

  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final int SANDBOX_USER = 1879113017; // of nobody else, beside those that sandboxes get by themselves
  private static final int PATHS = 1200;
  private static final int O_CREAT = 0x40;

  @TempDir
  private Path directory;

  @BeforeEach
  void open() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  static Stream<String> policies() {
    return Stream.of(
        "processes: {threads: true}",
        "processes: {threads: false, spawn: true, jit: true}",
        "processes: {execute: view, spawn: true}",
        "isolation: {require: [landlock, seccomp]}",
        "isolation: {ipc: shared}",
        """
        system-calls:
          allow: [kcmp, {call: ioctl, when: arg1 == 0x1234}, {call: socketpair, when: "arg0 == 1"}, {call: personality, when: "arg0 < 0x100"}]
          deny: [getcwd, {call: chmod, when: "arg1 & 07 != 0"}, {call: lseek, when: "arg2 >= 3"}, {call: pread64, when: "arg3 > 0x100000000"}]""",
        "system-calls: {on-denied: explain}",
        "capabilities: {file: {file: FILE, rights: [read, lock], fd: 5}}",
        "capabilities: {file: {file: FILE, rights: append, fd: 5}}\nprocesses: {jit: true}");
  }

  private String policy(String sections) throws IOException {
    var file = Files.writeString(directory.resolve("file"), "content\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    boolean capabilities = sections.startsWith("capabilities: {");
    return """
        policy: embryo/v1
        name: why
        program: {path: "%s"}
        capabilities: {%s%s}
        %s
        """.formatted(PROGRAM, "stdin: {inherit: 0, rights: read}, stdout: {inherit: 1, rights: write}",
        capabilities ? ", " + sections.lines().findFirst().orElseThrow().replaceFirst("^capabilities: \\{", "").replaceFirst("}$", "")
            .replace("FILE", '"' + file.toString() + '"') : "",
        capabilities ? sections.lines().skip(1).collect(Collectors.joining("\n")) : sections);
  }

  /** A question, and the line by which the program is told to make that call. */
  private record Asked(Why why, String line) {}

  @ParameterizedTest
  @MethodSource("policies")
  void aCallWithRandomArgumentsFailsAsWasSaidOrIsNotRefused(String sections) throws Exception {
    var sandbox = Sandbox.builder().policy(Policies.parse(policy(sections), directory)).build();
    var random = new Random(sections.hashCode());
    var asked = new ArrayList<Asked>();
    var names = CallSignature.all().values().stream()
        .filter(signature -> SystemCalls.find(signature.call()).isPresent()).toList();
    while (asked.size() < CALLS) {
      var signature = random.nextInt(3) == 0 ? names.get(random.nextInt(names.size())) : compared(random);
      var question = question(sandbox.compiled(), signature, random);
      boolean bypasses = signature.call().equals("uretprobe") || signature.call().equals("uprobe");
      var why = Why.of(sandbox.compiled(), question);
      boolean hints = signature.call().equals("fcntl") && HINTS.contains(question.data().arguments().get(1).intValue());
      if (why.outcome() != Outcome.KILLS && !bypasses && !hints && !(why.isAllowed() && HARMFUL.contains(signature.call()))) {
        asked.add(new Asked(why, line(question)));
      }
    }

    assertThat(differences(asked, made(sandbox, asked), false)).isEmpty();
    assertThat(asked.stream().filter(each -> each.why.isAllowed()).count()).isBetween(CALLS / 10L, CALLS * 9L / 10);
  }

  private static CallSignature compared(Random random) {
    var rows = Surface.rows().stream().filter(row -> row.grants().stream().anyMatch(grant -> !grant.when().isEmpty()))
        .filter(row -> SystemCalls.find(row.call()).isPresent()).toList();
    return CallSignature.of(rows.get(random.nextInt(rows.size())).call()).orElseThrow();
  }

  /** Arguments with which no call can do harm that is not in the list above: bad descriptors and addresses, and at a boundary what is compared. */
  private static Question question(CompiledPolicy compiled, CallSignature signature, Random random) throws Exception {
    var arguments = new ArrayList<Long>();
    for (int i = 0; i < signature.count(); i++) {
      long value = switch (signature.kind(i)) {
        case DESCRIPTOR -> pick(random, -1, 1000, 5, 5, -100);
        case POINTER, STRING -> pick(random, 0, 8, 0xfff);
        case WIDE -> signature.call().equals("mmap") ? 0 : pick(random, 0, 1, 0xfff);
        case MODE -> random.nextInt(1 << 12);
        default -> pick(random, 0, 1, 2, 3, 4, 7, 8, -1, 0x100, 0x1234, 1 << random.nextInt(31));
      };
      boolean wide = signature.kind(i).width() != Long.SIZE;
      boolean dup = signature.call().startsWith("dup") && i == 1;
      arguments.add(wide && !dup && random.nextInt(4) == 0 ? value & 0xffff_ffffL | (long) random.nextInt() << 32 : value);
    }
    var grants = Surface.row(signature.call()).map(SurfaceRow::grants).orElse(List.of());
    if (!grants.isEmpty() && random.nextInt(4) != 0) {
      for (MaskedComparison each : grants.get(random.nextInt(grants.size())).when()) {
        long near = arguments.get(each.argument()) & ~each.mask() | each.value();
        arguments.set(each.argument(), random.nextInt(3) == 0 ? near ^ Long.lowestOneBit(each.mask()) << random.nextInt(8) : near);
      }
    }
    return Question.of(compiled, signature.call(), IntStream.range(0, arguments.size()).mapToObj(i ->
        signature.kind(i) != Kind.STRING ? "0x" + Long.toHexString(arguments.get(i)) : arguments.get(i) == 0 ? "NULL" : "...").toList());
  }

  /** The files of the host on which calls are tried; those at the end of the list are there for one call each. */
  private void makeFiles() throws IOException {
    var in = Files.createDirectory(directory.resolve("in"));
    var out = Files.createDirectory(directory.resolve("out"));
    for (Path each : List.of(in, out)) {
      Files.createDirectories(each.resolve("sub/inner"));
      Files.writeString(each.resolve("sub/inner/file"), "");
      give(Files.writeString(each.resolve("file"), "content\n"), "rw-rw-rw-");
      give(Files.writeString(each.resolve("readable"), "content\n"), "r--r--r--");
      Files.setPosixFilePermissions(Files.writeString(each.resolve("secret"), ""), PosixFilePermissions.fromString("---------"));
      Files.createDirectory(each.resolve("closed"));
      Files.writeString(each.resolve("closed/file"), "");
      Files.setPosixFilePermissions(each.resolve("closed"), PosixFilePermissions.fromString("---------"));
      for (String link : List.of("link file", "dangling nothing", "outside /etc/passwd", "up ../../../in/file", "loop loop", "deep sub/inner",
          "through deep/file")) {
        Files.createSymbolicLink(each.resolve(link.split(" ")[0]), Path.of(link.split(" ")[1]));
      }
      for (String sub : List.of("sub/inner/file", "sub/inner", "sub", "")) {
        give(each.resolve(sub), sub.endsWith("file") ? "rw-rw-rw-" : "rwxrwxrwx");
      }
    }
    for (int i = 0; i < PATHS; i++) {
      give(Files.writeString(out.resolve("victim-" + i), ""), "rw-rw-rw-");
    }
  }

  private static void give(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    if (ROOT) {
      Files.setAttribute(path, "unix:uid", SANDBOX_USER);
    }
  }

  @AfterEach
  void letTheFilesBeDeleted() throws IOException {
    for (Path each : List.of(directory.resolve("in"), directory.resolve("out"))) {
      if (Files.exists(each)) {
        Files.setPosixFilePermissions(each.resolve("closed"), PosixFilePermissions.fromString("rwx------"));
        Files.delete(each.resolve("outside")); // the deletion would warn of a link that leads out
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "all | ", "[list, read, create] | ", "[list, read, write, delete] | ", "[read, write] | processes: {execute: view}",
      "all | isolation: {require: [landlock, seccomp]}", "[list, read, create, rename, delete] | isolation: {require: [landlock, seccomp]}"})
  void aCallOnARandomPathEndsAsWasSaid(String grant) throws Exception {
    makeFiles();
    String[] words = grant.split(" *\\| *", -1);
    boolean ownRoot = !words[1].contains("isolation");
    var sandbox = Sandbox.builder().policy(Policies.parse("""
        policy: embryo/v1
        name: why
        program: {path: "%s", directory: "%s"}
        capabilities:
          stdin: {inherit: 0, rights: read}
          stdout: {inherit: 1, rights: write}
          in: {directory: in, rights: [list, read], mount: "%s"}
          out: {directory: out, rights: %s, mount: "%s"}
          %s
        %s
        %s
        """.formatted(PROGRAM, place("/in", ownRoot), place("/in", ownRoot), words[0], place("/out", ownRoot),
        ownRoot ? "tmp: {tmpfs: 1MiB, rights: " + words[0] + ", mount: /tmp}" : "", words[1],
        ROOT ? "identity: {user: %d, group: %1$d}".formatted(SANDBOX_USER) : ""), directory)).build();
    var random = new Random(grant.hashCode());
    var asked = new ArrayList<Asked>();
    while (asked.size() < PATHS) {
      var call = pathCall(random, asked.size(), ownRoot);
      var question = Question.of(sandbox.compiled(), call.get(0), call.subList(1, call.size()));
      var why = Why.of(sandbox.compiled(), question);
      boolean changesNothing = why.outcome() == Outcome.FAILS && !why.reason().contains("the file is made");
      if (changesNothing || leavesTheRestAlone(call, "-" + asked.size())) {
        asked.add(new Asked(why, line(question)));
      }
    }

    assertThat(differences(asked, made(sandbox, asked), true)).isEmpty();
    assertThat(asked.stream().filter(each -> each.why.isAllowed()).count()).isBetween(PATHS / 10L, PATHS * 9L / 10);
    assertThat(asked.stream().flatMap(each -> each.why.errno().stream().boxed()).distinct().count()).isGreaterThan(6);
  }

  private String place(String path, boolean ownRoot) {
    return ownRoot ? path : directory + path;
  }

  /** Whether what it changes has a name that no other call has. */
  private static boolean leavesTheRestAlone(List<String> call, String own) {
    return switch (call.get(0)) {
      case "stat", "lstat", "newfstatat", "access", "readlink", "truncate" -> true;
      case "open" -> (Integer.decode(call.get(2)) & O_CREAT) == 0 || call.get(1).endsWith(own);
      case "openat" -> (Integer.decode(call.get(3)) & O_CREAT) == 0 || call.get(2).endsWith(own);
      case "symlink", "link" -> call.get(2).endsWith(own);
      case "rename" -> call.get(1).endsWith(own) && call.get(2).endsWith(own);
      case "unlinkat" -> call.get(2).endsWith(own);
      default -> call.get(1).endsWith(own);
    };
  }

  private List<String> pathCall(Random random, int i, boolean ownRoot) {
    String path = path(random, i, ownRoot);
    String other = path(random, i, ownRoot);
    String flags = "0x" + Integer.toHexString(OPEN_FLAGS[random.nextInt(OPEN_FLAGS.length)] | random.nextInt(3));
    String victim = place("/out/victim-" + i, ownRoot);
    String made = place(random.nextBoolean() ? "/out/new-" + i : "/out/sub/new-" + i, ownRoot);
    return switch (random.nextInt(20)) {
      case 0 -> List.of("stat", path);
      case 1 -> List.of("lstat", path);
      case 2 -> List.of("newfstatat", "AT_FDCWD", path, "8", random.nextBoolean() ? "0" : "AT_SYMLINK_NOFOLLOW");
      case 3 -> List.of("access", path, Integer.toString(random.nextInt(8)));
      case 4 -> List.of("readlink", path, "8", "8");
      case 5, 6, 7, 8 -> List.of("openat", "AT_FDCWD", path, flags, "0666");
      case 9 -> List.of("open", path, flags, "0666");
      case 10 -> List.of("truncate", path, "0");
      case 11 -> List.of("chmod", random.nextBoolean() ? victim : path, "0666");
      case 12 -> List.of("mkdir", path, "0777");
      case 13 -> List.of("mknod", path, random.nextBoolean() ? "0100666" : "010666");
      case 14 -> List.of("symlink", "target", path);
      case 15 -> List.of("unlink", random.nextBoolean() ? victim : path);
      case 16 -> List.of("rmdir", path);
      case 17 -> List.of("unlinkat", "AT_FDCWD", random.nextBoolean() ? victim : path, random.nextBoolean() ? "0" : "AT_REMOVEDIR");
      case 18 -> List.of("rename", random.nextBoolean() ? victim : path, random.nextBoolean() ? made : other);
      default -> List.of("link", random.nextBoolean() ? victim : path, random.nextBoolean() ? made : other);
    };
  }

  private static final int[] OPEN_FLAGS = {0, 0, 0, 0x40, 0x40 | 0x80, 0x200, 0x200 | 0x40, 0x400, 0x1_0000, 0x2_0000, 0x20_0000, 0x8_0000};

  private String path(Random random, int i, boolean ownRoot) {
    String name = List.of("file", "readable", "secret", "closed", "closed/file", "link", "dangling", "outside", "up", "loop", "deep",
        "through", "sub", "sub/inner/file", "sub/../file", "sub/nothing/x", "deep/../inner", "file/x", "nothing", "new-" + i, "", ".", "..",
        "../in/file", "../out/file", "sub/new-" + i, "deep/new-" + i).get(random.nextInt(27));
    return switch (random.nextInt(12)) {
      case 0 -> List.of("/", "/etc/passwd", "/nothing", "/dev/null", "/dev/full", "/usr", PROGRAM.startsWith("/tmp") ? "/dev/zero" : PROGRAM.toString(), "/dev/../in/file").get(random.nextInt(8));
      case 1 -> ownRoot ? "/tmp/" + name : name;
      case 2 -> name;
      case 3, 4, 5, 6 -> place("/in/", ownRoot) + name;
      default -> place("/out/", ownRoot) + name;
    };
  }

  private static long pick(Random random, long... values) {
    return values[random.nextInt(values.length)];
  }

  private static String line(Question question) {
    return Stream.concat(Stream.of(Integer.toHexString(question.data().number())),
        IntStream.range(0, 6).mapToObj(i -> question.texts().containsKey(i) ? text(question.texts().get(i))
            : Long.toHexString(question.data().arguments().get(i)))).collect(Collectors.joining(" "));
  }

  private static String text(String text) {
    return text.startsWith("/") ? text : '"' + text;
  }

  private static List<String> made(Sandbox sandbox, List<Asked> asked) throws IOException, InterruptedException {
    try (var process = sandbox.launch()) {
      process.killAfter(PATIENCE);
      try (var input = process.getOutputStream()) {
        input.write(asked.stream().map(Asked::line).collect(Collectors.joining("\n", "", "\n")).getBytes(StandardCharsets.UTF_8));
      }
      var answers = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertThat(process.waitFor()).as("what became of the program, which answered %d of %d", answers.size(), asked.size()).isZero();
      assertThat(answers).hasSameSizeAs(asked);
      return answers;
    }
  }

  /** A difference for each call and each expectation. {@code done}: what is allowed has to succeed. */
  private static List<String> differences(List<Asked> asked, List<String> answers, boolean done) {
    var differences = new TreeMap<String, String>();
    for (int i = 0; i < asked.size(); i++) {
      var why = asked.get(i).why;
      String answer = answers.get(i);
      String call = why.call().replaceFirst("\\(.*", "");
      String said = why.errno().isPresent() ? Integer.toString(why.errno().getAsInt()) : "not refused";
      boolean refused = answer.equals("1") || answer.equals("38");
      boolean same = why.errno().isPresent() ? answer.equals(said)
          : done ? answer.equals("ok") || answer.equals("14") && why.call().matches("(readlink|.*stat.*)\\(.*") : !refused || KERNEL_REFUSES.contains(call);
      if (!same) {
        differences.put(call + " " + said + " " + answer, why.call() + " [" + asked.get(i).line + "]: why said "
            + said + " (" + why.reason() + "), the kernel " + (answer.equals("ok") ? "ok" : Errno.name(Integer.parseInt(answer))));
      }
    }
    return List.copyOf(differences.values());
  }
}
