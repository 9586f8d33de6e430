package dev.embryo.policy.parse;

import dev.embryo.policy.model.ArgumentsCapability.Format;
import dev.embryo.policy.model.Filesystem.Devices;
import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Filesystem.Programs;
import dev.embryo.policy.model.Isolation.Layer;
import dev.embryo.policy.model.Isolation.Sharing;
import dev.embryo.policy.model.Processes.Execute;
import dev.embryo.policy.model.SocketAddress;
import dev.embryo.policy.model.SystemCallRules.CallRule;
import dev.embryo.policy.model.SystemCallRules.OnDenied;
import dev.embryo.policy.parse.Key.Default;
import dev.embryo.policy.parse.Key.Meaning;
import dev.embryo.policy.parse.Key.Required;
import dev.embryo.policy.parse.Key.Value;
import dev.embryo.policy.parse.HostPath.Parameters;
import dev.embryo.policy.parse.TemplateText.Rule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The language: a row for each key, and one for each place where a policy chooses the names.
 *
 * <p>The parser reads by these rows and knows no key besides; what is shown to people about the keys comes from here
 * too, the tables of {@code docs/policy.md} among it ({@link PolicyReference}). The columns: path, type, default, what
 * enforces it, what it is for.
 */
final class KeyTable {

  private static final int MAX = Integer.MAX_VALUE;
  private static final int MOST_FD = (1 << 20) - 1; // the kernel's own default for fs.nr_open

  private static final Pattern POLICY_NAME = Pattern.compile("[a-z0-9][a-z0-9._/-]{0,127}");
  private static final Pattern CAPABILITY_NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
  private static final Pattern DIGEST = Pattern.compile("[0-9A-Fa-f]{64}");
  private static final Pattern VARIABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

  private static final List<Key<?>> ROWS = new ArrayList<>();

  // formatter:off (one key a row, columns aligned)
  static final Key<String>              POLICY               = row("policy",                       Choice.only("embryo/v1"),                   required(),                     "",                                       "the language and its version");
  static final Key<String>              NAME                 = row("name",                         policyName(),                               required(),                     "",                                       "what the policy is called");
  static final Key<Integer>             VERSION              = row("version",                      ScalarType.wholeNumber(1, MAX),             value(1),                       "",                                       "rises with each release; nothing compares it yet");
  static final Key<Profile>             PROFILE              = row("profile",                      Choice.of(Profile.class),                   value(Profile.CLI),             "",                                       "the fragment that it starts from. See below");

  static final Key<HostTemplate>        PATH                 = row("program.path",                 hostPath(Parameters.ONE),                   required(),                     "private root; Landlock; one-shot exec",  "the executable: an ELF program for this machine, or a script");
  static final Key<String>              SHA256               = row("program.sha256",               digest(),                                   meaning("unpinned"),            "the launcher",                           "the digest that the file has to have. A file that others than root can write is executed from a copy in memory. See below");
  static final Key<List<Template>>      ARGUMENTS            = row("program.arguments",            texts(),                                    value(List.of()),               "",                                       "`argv[1]` and following");
  static final Key<ExtraArguments>      EXTRA_ARGUMENTS      = row("program.extra-arguments",      new ExtraArguments.Type(),                  value(ExtraArguments.NONE),     "",                                       "what a launch may append to the arguments. See below");
  static final Key<String>              ARGV0                = row("program.name",                 RuledText.literal(),                        meaning("the path"),            "",                                       "`argv[0]`");
  static final Key<Template>            VARIABLE             = row("program.environment.*",        text(),                                     meaning("unset"),               "",                                       "a variable. The environment holds no others, but `LD_ORIGIN_PATH` for a program that finds its libraries by `$ORIGIN`, and `LISTEN_*` where capabilities have no `fd`");
  static final Key<List<InheritedName>> INHERITED            = row("program.environment.inherit",  inherited(),                                value(List.of()),               "",                                       "variables that have their values from the launcher, as far as it has them; a value written here is none of them");
  static final Key<String>              DIRECTORY            = row("program.directory",            RuledText.viewPath(),                       value("/"),                     "",                                       "the working directory; it has to be a directory of the view");

  static final Key<com.google.re2j.Pattern> MATCHES              = row("parameters.*.matches",         new Expression(),                           meaning("one bound is needed"), "",                                       "what all of a text must match that a launch gives");
  static final Key<String>              PARAMETER_DEFAULT    = row("parameters.*.default",         RuledText.any(),                            meaning("a launch gives it"),   "",                                       "the text when a launch gives none; with `matches` only");
  static final Key<Path>                DIRECTORY_UNDER      = row("parameters.*.directory.under", new HostPath(),                             meaning("one bound is needed"), "identity at launch",                     "a directory that a launch names: this one or one beneath it, also by symbolic links");
  static final Key<Path>                FILE_UNDER           = row("parameters.*.file.under",      new HostPath(),                             meaning("one bound is needed"), "identity at launch",                     "a file that a launch names, beneath this directory, also by symbolic links");
  static final Key<Boolean>             PARAMETER_DESCRIPTOR = row("parameters.*.descriptor",      ScalarType.trueOnly(),                      meaning("one bound is needed"), "",                                       "an open descriptor that a launch passes");
  static final Key<Boolean>             PARAMETER_PROCESS    = row("parameters.*.process",         ScalarType.trueOnly(),                      meaning("one bound is needed"), "",                                       "a process that a launch passes");

  static final Key<Integer>             INHERIT              = row("capabilities.*.inherit",       ScalarType.wholeNumber(0, MOST_FD),         aKind(),                        "open mode",                              "an open descriptor of the launcher. See below");
  static final Key<Boolean>             NULL                 = row("capabilities.*.null",          ScalarType.trueOnly(),                      aKind(),                        "open mode",                              "the null device. The key may stand between quotes");
  static final Key<HostTemplate>        FILE                 = row("capabilities.*.file",          hostPath(Parameters.INSTEAD),               aKind(),                        "open mode; mounted: as for `directory`", "a file that exists: regular, and mounted or opened by the launcher; or a character device, opened");
  static final Key<HostTemplate>        TREE                 = row("capabilities.*.directory",     hostPath(Parameters.INSTEAD),               aKind(),                        "private root; Landlock",                 "a directory that exists, with all that is beneath it: a descriptor out of which no path leads, or mounted, or both");
  static final Key<Long>                TMPFS                = row("capabilities.*.tmpfs",         Quantity.size("4KiB"),                      aKind(),                        "private root; Landlock",                 "an empty file system in memory, with room for one file for every 4 KiB, and for 1024 at least. Needs `mount`");
  static final Key<Template>            DESCRIPTOR           = row("capabilities.*.descriptor",    new TemplateText(Rule.ONE_ALONE),           aKind(),                        "open mode",                              "a descriptor that the launch passes");
  static final Key<Boolean>             PIPE                 = row("capabilities.*.pipe",          ScalarType.trueOnly(),                      aKind(),                        "open mode",                              "a pipe to whoever launches the program, new at each launch; it goes one way. See [capabilities.md](capabilities.md)");
  static final Key<Template>            PROCESS              = row("capabilities.*.process",       new TemplateText(Rule.ONE_ALONE),           aKind(),                        "the launcher",                            "a process that the launch passes, or another of its group: the program asks the launcher to signal it, and is told of its end. See [capabilities.md](capabilities.md)");
  static final Key<Long>                SHARED               = row("capabilities.*.memory",        Quantity.size("4KiB", "1GiB"),              aKind(),                        "seals; open mode; rights filter",        "memory of that size, zeros at first, that the program shares with whoever launches it. It can be mapped; its size is sealed, and it cannot be executed. See [rights.md](rights.md)");
  static final Key<SocketAddress>       LISTEN               = row("capabilities.*.listen",        new SocketText(0),                          aKind(),                        "surface filter",                         "a socket with this name, which the launch makes: it listens, or receives datagrams. See below");
  static final Key<Integer>             BACKLOG              = row("capabilities.*.backlog",       ScalarType.wholeNumber(1, 0xffff),          meaning("`4096`"),              "",                                       "of `listen`: how many connections may wait; sysctl `net.core.somaxconn` bounds it");
  static final Key<Boolean>             REUSE                = row("capabilities.*.reuse",         ScalarType.flag(),                          meaning("`false`"),             "",                                       "of `listen`: share an internet address with others who say so too (SO_REUSEPORT), or take the place of a socket file that nobody serves");
  static final Key<SocketAddress>       CONNECT              = row("capabilities.*.connect",       new SocketText(1),                          aKind(),                        "surface filter",                         "a socket with this peer, which the launch makes. See below");
  static final Key<WrittenRights>       RIGHTS               = row("capabilities.*.rights",        new RightsType(),                           meaning("`read`; `null`, `tmpfs`, `memory`: `all`; `connect`: `[read, write]`; `listen`: `[accept, getname]`, of datagrams `read`"), "as its kind",                            "what may be done with it. See below");
  static final Key<OptionalInt>         FD                   = row("capabilities.*.fd",            ScalarType.wholeNumberOrNone(0, MOST_FD),   meaning("`stdin` 0, `stdout` 1, `stderr` 2; mounted: `none`; others from 3, in order"), "",                                       "the descriptor number at which the program finds it. It must be below `limits.open-files`");
  static final Key<String>              MOUNT                = row("capabilities.*.mount",         RuledText.mount(),                          meaning("not mounted"),         "private root",                           "where the program sees it: not at `/`, nothing in `/proc` and `/sys`, and in `/dev` only with `devices: none`");

  static final Key<ArgumentNode>        ARGUMENT_TREE        = row("arguments",                    new ArgumentType(),                         meaning("absent"),              "",                                       "structured arguments, which the program reads from the descriptor called `arguments`. See [capabilities.md](capabilities.md)");
  static final Key<Format>              ARGUMENT_FORMAT      = row("arguments-format",             Choice.of(Format.class),                    value(Format.ARGDATA),          "",                                       "how they are written there: in CloudABI's binary format, or as JSON");

  static final Key<Programs>            PROGRAMS             = row("filesystem.programs",          programs(),                                 value(Programs.CLOSURE),        "private root; Landlock",                 "what the program sees of the host's programs, read-only. See below");
  static final Key<Proc>                PROC                 = row("filesystem.proc",              Choice.of(Proc.class),                      value(Proc.NONE),               "private root; Landlock",                 "the `/proc` that it sees: `own` has its own processes, and cannot be written to. See below");
  static final Key<Devices>             DEVICES              = row("filesystem.devices",           Choice.of(Devices.class),                   value(Devices.MINIMAL),         "private root",                           "`minimal`: `/dev/null`, `zero`, `full`, `random`, `urandom`");

  static final Key<Boolean>             THREADS              = row("processes.threads",            ScalarType.flag(),                          value(true),                    "surface filter",                         "whether it may start threads");
  static final Key<Boolean>             SPAWN                = row("processes.spawn",              ScalarType.flag(),                          value(false),                   "surface filter",                         "whether it may fork");
  static final Key<Execute>             EXECUTE              = row("processes.execute",            execute(),                                  value(Execute.NONE),            "one-shot exec, or Landlock; surface filter; `noexec`", "what it may execute. See below");
  static final Key<Boolean>             JIT                  = row("processes.jit",                ScalarType.flag(),                          value(false),                   "surface filter",                         "whether it may have memory that is writable and executable, in turn or at once");

  static final Key<String>              NETWORK              = row("network",                      Choice.only("none"),                        value("none"),                  "surface filter",                         "the network that it may use: it can make no socket");

  static final Key<List<CallRule>>      ALLOW                = row("system-calls.allow",           calls(),                                    value(List.of()),               "surface filter",                         "system calls to add to those that the other keys come to. See below");
  static final Key<List<CallRule>>      DENY                 = row("system-calls.deny",            calls(),                                    value(List.of()),               "a filter of its own, the last",          "system calls to take away; beats `allow`. See below");
  static final Key<OnDenied>            ON_DENIED            = row("system-calls.on-denied",       Choice.of(OnDenied.class),                  value(OnDenied.ERRNO),          "surface filter",                         "what becomes of a call that is not allowed: it fails; the program is killed by SIGSYS; or it fails and the launcher says why. See below");

  static final Key<Long>                MEMORY               = row("limits.memory",                Quantity.size("1MiB"),                      meaning("unlimited"),           "cgroup; or `RLIMIT_DATA`",               "memory of all processes together, where a cgroup is delegated; else private writable memory of each process. See below");
  static final Key<Long>                STACK                = row("limits.stack",                 Quantity.size("128KiB"),                    value(8L << 20),                "`RLIMIT_STACK`",                         "stack of the first thread");
  static final Key<Integer>             OPEN_FILES           = row("limits.open-files",            ScalarType.wholeNumber(4, MOST_FD + 1),     value(256),                     "`RLIMIT_NOFILE`",                        "descriptors open at once, in each process");
  static final Key<Integer>             PROCESSES            = row("limits.processes",             ScalarType.wholeNumber(1, 1 << 22),         value(1024),                    "`RLIMIT_NPROC`; cgroup",                 "processes and threads of the program. See below");
  static final Key<Duration>            CPU_TIME             = row("limits.cpu-time",              Quantity.wholeSeconds(),                    meaning("unlimited"),           "`RLIMIT_CPU`",                           "processor time of each process");
  static final Key<Duration>            WALL_TIME            = row("limits.wall-time",             Quantity.time(),                            meaning("unlimited"),           "the launcher",                           "time from the program's beginning until everything in the sandbox is killed");
  static final Key<Long>                FILE_SIZE            = row("limits.file-size",             Quantity.size("0"),                         meaning("unlimited"),           "`RLIMIT_FSIZE`",                         "size of a file that it writes");
  static final Key<Long>                CORE                 = row("limits.core",                  Quantity.size("0"),                         value(0L),                      "`RLIMIT_CORE`",                          "size of a core dump; 0: none, also where core dumps are handed to a program");
  static final Key<Long>                LOCKED               = row("limits.locked-memory",         Quantity.size("0"),                         value(0L),                      "`RLIMIT_MEMLOCK`",                       "memory locked against swapping");
  static final Key<Long>                QUEUES               = row("limits.message-queues",        Quantity.size("0"),                         value(0L),                      "`RLIMIT_MSGQUEUE`",                      "memory of POSIX message queues");
  static final Key<Integer>             PRIORITY             = row("limits.priority",              ScalarType.wholeNumber(0, 40),              value(0),                       "`RLIMIT_NICE`",                          "how far it may raise its priority");

  static final Key<Integer>             USER                 = row("identity.user",                ScalarType.wholeNumber(1, MAX),             meaning("the launcher's own; for root, one of its own"), "",                                       "user id on the host. Only root may choose another");
  static final Key<Integer>             GROUP                = row("identity.group",               ScalarType.wholeNumber(1, MAX),             meaning("as for user"),         "",                                       "group id on the host. Only root may choose another");
  static final Key<List<Integer>>       GROUPS               = row("identity.groups",              groups(),                                   value(List.of()),               "",                                       "supplementary groups on the host. Only root may choose");
  static final Key<Integer>             INSIDE_USER          = row("identity.inside.user",         ScalarType.wholeNumber(1, 65534),           insideId(),                     "user namespace",                         "the user id that it sees as its own; for an ordinary launcher only");
  static final Key<Integer>             INSIDE_GROUP         = row("identity.inside.group",        ScalarType.wholeNumber(1, 65534),           insideId(),                     "user namespace",                         "likewise, the group id");

  static final Key<List<Layer>>         REQUIRE              = row("isolation.require",            layers(),                                   value(List.of(Layer.values())), "",                                       "the layers without which it does not run. Without `namespaces` it has none, on any host: see [hosts.md](hosts.md)");
  static final Key<Integer>             LANDLOCK             = row("isolation.landlock-abi",       ScalarType.wholeNumber(1, 99),              value(1),                       "",                                       "the least Landlock ABI. The best that the host has is used");
  static final Key<Sharing>             PID                  = row("isolation.pid",                sharing(),                                  sharedWithout(),                "pid namespace",                          "whose processes it sees. Where it shares them, it can signal and change none but itself");
  static final Key<Sharing>             NET                  = row("isolation.network",            sharing(),                                  sharedWithout(),                "surface filter",                         "whose network it sees. It can make no socket, so a network namespace is made with `proc: own` only");
  static final Key<Sharing>             IPC                  = row("isolation.ipc",                sharing(),                                  sharedWithout(),                "ipc namespace",                          "whose System V and POSIX objects it sees. Where it would share them, it has none");
  static final Key<Sharing>             HOSTNAME             = row("isolation.hostname",           sharing(),                                  sharedWithout(),                "uts namespace",                          "whose host name it sees; its own is `embryo`");

  /** All keys. */
  static final List<Key<?>> KEYS = Collections.unmodifiableList(ROWS);

  /** The places where a policy chooses the names. */
  static final List<NameRule> NAMES = List.of(
      new NameRule("capabilities.*",        "a name of a-z, 0-9, _ and -, beginning with a letter, 64 characters at most", CAPABILITY_NAME, Set.of()),
      new NameRule("program.environment.*", "a name of letters, digits and _, not beginning with a digit",                 VARIABLE_NAME,   Set.of("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES")),
      new NameRule("parameters.*",          "a name of letters, digits and _, not beginning with a digit",                 VARIABLE_NAME,   Set.of()));
  // formatter:on

  private KeyTable() {}

  private static <T> Key<T> row(String path, ValueType<T> type, Default<T> otherwise, String by, String doc) {
    var key = new Key<>(path, type, otherwise, by, doc);
    ROWS.add(key);
    return key;
  }

  private static <T> Default<T> required() {
    return new Required<>();
  }

  private static <T> Default<T> value(T value) {
    return new Value<>(value);
  }

  private static <T> Default<T> meaning(String doc) {
    return new Meaning<>(doc);
  }

  /** Private means a namespace. */
  private static Default<Sharing> sharedWithout() {
    return new Meaning<>("`private`; without namespaces `shared`");
  }

  /** Only in a user namespace does a program see another id than its own. */
  private static Default<Integer> insideId() {
    return new Meaning<>("`1000`; without namespaces its own");
  }

  /** A capability has one of its kinds. */
  private static <T> Default<T> aKind() {
    return new Meaning<>("one kind is needed");
  }

  private static ValueType<String> policyName() {
    return ScalarType.matching(
        "a name of a-z, 0-9 and ._/-, 128 characters at most",
        "name of `a-z`, `0-9`, `.`, `_`, `/`, `-`, at most 128 characters, the first a letter or digit",
        POLICY_NAME);
  }

  private static ValueType<String> digest() {
    return ScalarType.matching("64 hexadecimal digits", "64 hexadecimal digits", DIGEST);
  }

  private static ValueType<HostTemplate> hostPath(Parameters parameters) {
    return new HostPath.Parametric(parameters);
  }

  private static ValueType<Template> text() {
    return new TemplateText(Rule.ANYWHERE);
  }

  private static ValueType<List<Template>> texts() {
    return new ListOf<>("texts", text(), false, 1 << 16);
  }

  private static ValueType<List<InheritedName>> inherited() {
    return new ListOf<>("names", new InheritedName.Type(), false, 128);
  }

  private static ValueType<Programs> programs() {
    return new WordOrList<>(
        Choice.word("none", Programs.NONE).or("closure", Programs.CLOSURE).or("system", Programs.SYSTEM),
        new ListOf<>("host paths", new HostPath(), true, 1024),
        "an empty list shows no more than the closure; write closure",
        Programs::closureAnd,
        Programs::paths);
  }

  private static ValueType<Execute> execute() {
    return new WordOrList<>(
        Choice.word("none", Execute.NONE).or("view", Execute.VIEW),
        new ListOf<>("view paths", RuledText.viewPath(), true, 1024),
        "an empty list executes nothing; write none",
        Execute::only,
        Execute::paths);
  }

  private static ValueType<List<Integer>> groups() {
    return new ListOf<>("group ids", ScalarType.wholeNumber(1, MAX), true, 32);
  }

  private static ValueType<List<CallRule>> calls() {
    return new ListOf<>("system calls", new CallRuleType(), false, 512);
  }

  private static ValueType<List<Layer>> layers() {
    return new Layers(new ListOf<>("layers", Choice.of(Layer.class), true, 3));
  }

  private static Choice<Sharing> sharing() {
    return Choice.of(Sharing.class);
  }
}
