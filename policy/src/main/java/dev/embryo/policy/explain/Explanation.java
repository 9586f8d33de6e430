package dev.embryo.policy.explain;

import dev.embryo.policy.compile.ArgumentJson;
import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.policy.compile.ListenVariables;
import dev.embryo.policy.compile.PolicyCompiler;
import dev.embryo.policy.model.ArgumentsCapability;
import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.resolve.Executable;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Architecture;
import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.seccomp.SeccompData;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tells what a program under a policy will hold and may do, and which layer sees to it. All of it is read from the compiled
 * policy: what it says of system calls is the answer of the very filters that will be installed. Stateless.
 */
public final class Explanation {
  private static final String TABLE = "descriptor table";
  private static final String MODE = "descriptor table, open mode";
  private static final String MODE_AND_NUMBER = MODE + ", seccomp by number";
  private static final String TREE = "detached mount, Landlock";
  private static final String ROOT = "private root";
  private static final String FILES = "private root, Landlock";
  private static final String SECCOMP = "seccomp";
  private static final String ONE_SHOT = "one-shot exec";
  private static final String BIRTH = "given at birth";
  private static final String CREDENTIALS = "credentials";
  private static final String LAUNCHER = "launcher";
  private static final String CGROUP = "cgroup";
  private static final String UNLIMITED = "no limit";

  private static final int FREE_DESCRIPTOR = 1 << 20; // no capability's
  private static final int SIGCHLD = 17;
  private static final int THREAD_FLAGS = 0x50f00; // CLONE_VM, _FS, _FILES, _SIGHAND, _THREAD, _SYSVSEM
  private static final int READ_WRITE_EXECUTE = 7;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;

  /** What Landlock allows, in the words of a policy's rights. */
  private static final Map<Access, String> RIGHTS = new EnumMap<>(Map.ofEntries(
      Map.entry(Access.EXECUTE, "execute"), Map.entry(Access.READ_FILE, "read"), Map.entry(Access.READ_DIR, "list"),
      Map.entry(Access.WRITE_FILE, "write"), Map.entry(Access.TRUNCATE, "write"),
      Map.entry(Access.MAKE_REG, "create"), Map.entry(Access.MAKE_DIR, "create"),
      Map.entry(Access.MAKE_SYM, "create"), Map.entry(Access.MAKE_FIFO, "create"),
      Map.entry(Access.MAKE_SOCK, "create"), Map.entry(Access.MAKE_CHAR, "create devices"),
      Map.entry(Access.MAKE_BLOCK, "create devices"), Map.entry(Access.REMOVE_FILE, "delete"),
      Map.entry(Access.REMOVE_DIR, "delete"), Map.entry(Access.REFER, "rename"),
      Map.entry(Access.IOCTL_DEV, "control devices")));

  private static final Map<Namespace, String> NAMESPACES = new EnumMap<>(Map.of(
      Namespace.USER, "its user is nobody's on the host but the launcher's",
      Namespace.PID, "it sees no process but its own, and all end with it",
      Namespace.MOUNT, "its mounts are its own",
      Namespace.NETWORK, "its network is its own, and empty",
      Namespace.IPC, "it sees no System V or POSIX object of others",
      Namespace.UTS, "its host is called 'embryo'",
      Namespace.CGROUP, "it does not see where it is in the host's cgroups"));

  private final CompiledPolicy compiled;
  private final Policy policy;
  private final PageBuilder page = new PageBuilder();

  private Explanation(CompiledPolicy compiled) {
    this.compiled = compiled;
    this.policy = compiled.policy();
  }

  /** The explanation. Its facts have the words and units of a policy: rights by name, bytes, seconds. */
  public static Page of(CompiledPolicy compiled) {
    var explanation = new Explanation(compiled);
    explanation.program();
    explanation.identity();
    explanation.descriptors();
    explanation.files();
    explanation.deeds();
    CallExplanation.addTo(explanation.page, compiled);
    explanation.isolation();
    explanation.limits();
    return explanation.page.page(compiled.policy().name(), compiled.policy().version());
  }

  private void program() {
    var program = policy.program();
    var resolved = compiled.resolved().program();
    page.heading("program", policy.name() + ", version " + policy.version() + ": what it runs");
    page.row("program", resolved.viewPath(), compiled.filters().oneShotExec().isPresent() ? ONE_SHOT : filesLayer())
        .fact("path", resolved.viewPath());
    program.sha256().ifPresent(digest -> page.row("its digest", digest.toLowerCase(Locale.ROOT), resolved.sealed().isPresent()
        ? "a sealed copy in memory, which is executed" : "compared now; only root can write the file").fact("sha256", digest));
    resolved.script().ifPresent(script -> page.row("for the script", script, filesLayer()).fact("script", script));
    program.name().ifPresent(name -> page.row("its name", name, BIRTH).fact("name", name));
    var arguments = new ArrayList<>(resolved.command().subList(1, resolved.command().size()));
    arguments.addAll(program.arguments());
    page.row("arguments", arguments.isEmpty() ? "none" : quoted(arguments), BIRTH).fact("arguments", List.copyOf(arguments));
    var environment = program.environment().entrySet().stream().map(e -> e.getKey() + '=' + e.getValue()).toList();
    page.row("environment", environment.isEmpty() ? "empty" : quoted(environment), BIRTH).fact("environment", environment);
    resolved.origin().filter(origin -> policy.filesystem().proc() == Proc.NONE).ifPresent(origin ->
        page.row("", "and LD_ORIGIN_PATH=" + origin + ", by which the loader finds its libraries", BIRTH)
            .fact("environment", List.of("LD_ORIGIN_PATH=" + origin)));
    var passed = ListenVariables.known(policy);
    if (!passed.isEmpty()) {
      var variables = passed.entrySet().stream().map(entry -> entry.getKey() + '=' + entry.getValue()).toList();
      page.row("", "and " + quoted(variables) + ", " + ListenVariables.PID
          + " with its pid: by these it finds descriptors, sd_listen_fds(3)", BIRTH).fact("environment", variables);
    }
    if (policy.capabilities().get(ArgumentsCapability.NAME) instanceof ArgumentsCapability structured) {
      String format = structured.format().name().toLowerCase(Locale.ROOT);
      String tree = ArgumentJson.of(structured.tree(), PolicyCompiler.numbers(policy));
      page.row("structured", "as " + format + ", on the descriptor 'arguments': " + tree, BIRTH)
          .fact("structured", tree).fact("format", format);
    }
    page.row("begins in", program.directory(), BIRTH).fact("directory", program.directory());
  }

  private static String quoted(List<String> words) {
    return words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(" "));
  }

  private void identity() {
    var identity = policy.identity();
    page.heading("identity", "who it is");
    if (compiled.needsHostUser()) {
      page.row("user", identity.user().isPresent() ? "host user " + identity.user().getAsInt()
          : "a host user of its own, never 0, which no other sandbox has meanwhile", CREDENTIALS)
          .fact("host", fixed(identity.user()));
      page.row("group", identity.group().isPresent() ? "host group " + identity.group().getAsInt()
          : "the group of the same number", CREDENTIALS)
          .fact("host", fixed(identity.group()));
      page.row("other groups", identity.groups().isEmpty() ? "none" : identity.groups().toString(), CREDENTIALS)
          .fact("host", List.copyOf(identity.groups()));
    } else if (!compiled.plan().namespaces().contains(Namespace.USER)) {
      page.row("user", "you, host user " + compiled.host().user(), "none").fact("host", compiled.host().user());
      page.row("group", "yours, host group " + compiled.host().group(), "none").fact("host", compiled.host().group());
      page.row("other groups", "yours: the kernel lets only root drop them", "none");
    } else {
      page.row("user", "you, host user " + compiled.host().user() + "; it sees itself as " + identity.insideUser(),
          "user namespace").fact("host", compiled.host().user()).fact("inside", identity.insideUser());
      page.row("group", "yours, host group " + compiled.host().group() + "; it sees " + identity.insideGroup(),
          "user namespace").fact("host", compiled.host().group()).fact("inside", identity.insideGroup());
      page.row("other groups", "yours: the kernel lets only root drop them", "none");
    }
    page.row("privileges", "none, and no way to gain any", "capabilities, no_new_privs");
  }

  /** An identity that the policy names, or the word for one that each launch is given. */
  private static Object fixed(OptionalInt id) {
    return id.isPresent() ? id.getAsInt() : "own";
  }

  private void descriptors() {
    page.heading("descriptors", "what it holds: descriptors");
    compiled.descriptors().forEach(slot ->
        page.row(slot.number() + " " + slot.capability(), source(slot) + ": " + words(slot),
                layer(slot))
            .fact("number", slot.number()).fact("capability", slot.capability()).fact("source", source(slot))
            .fact("rights", slot.rights().words()).fact("exact", slot.rights().areExact()));
    page.row("any other", "closed", TABLE);
    if (compiled.descriptors().stream().anyMatch(slot -> slot.rights().has(Right.ACCEPT))) {
      page.row("accepted", "connections: read, write, and whatever else the filter lets sockets do; no number is theirs beforehand, so none"
          + " withholds a right", SECCOMP);
    }
    if (permits("recvmsg", FREE_DESCRIPTOR)) {
      page.row("received", "over a Unix socket that it holds, if at all: descriptors with the rights that their sender has", SECCOMP);
    }
  }

  private static String layer(DescriptorSlot slot) {
    if (slot.source() instanceof DescriptorSlot.Relayed) {
      return LAUNCHER;
    }
    return !slot.isSupplied() ? TREE : slot.rights().areExact() ? MODE_AND_NUMBER : MODE;
  }

  /** With a duplicate comes all that the open mode allows; of a directory no path leads out. */
  private static String words(DescriptorSlot slot) {
    if (slot.source() instanceof DescriptorSlot.Relayed relayed) {
      return relayed.rights().words().stream().filter(word -> !word.equals(Right.DUPLICATE.word())).collect(Collectors.joining(", "))
          + "; by asking the launcher, which refuses the rest";
    }
    if (slot.source() instanceof DescriptorSlot.HostTree host) {
      return words(host.tree().accesses()) + "; no path leads out of it";
    }
    return String.join(", ", slot.rights().words()) + (slot.rights().areExact() ? "; nothing else" : "; as it is open");
  }

  private static String source(DescriptorSlot slot) {
    var source = slot.source();
    if (source instanceof DescriptorSlot.Launcher launcher) {
      return "descriptor " + launcher.number() + " of the launcher";
    } else if (source instanceof DescriptorSlot.Supplied supplied) {
      return "what the launch passes as '" + supplied.parameter() + "'";
    } else if (source instanceof DescriptorSlot.Relayed relayed) {
      return "the process that the launch passes as '" + relayed.parameter() + "'";
    }
    if (source instanceof DescriptorSlot.NewPipe) {
      return "a pipe to whoever launches it";
    }
    if (source instanceof DescriptorSlot.SharedMemory memory) {
      return "memory of " + Quantities.bytes(memory.bytes()) + " that it shares with the launcher";
    }
    if (source instanceof DescriptorSlot.HostTree host) {
      return host.tree().source() + " and what is beneath it";
    }
    if (source instanceof DescriptorSlot.Listener listener) {
      return "a socket with the name " + listener.address();
    } else if (source instanceof DescriptorSlot.Connection connection) {
      return "a socket whose peer is " + connection.address();
    }
    if (source instanceof DescriptorSlot.Content content) {
      return "the structured arguments, " + content.bytes().length + " bytes in memory, sealed";
    }
    return source instanceof DescriptorSlot.HostFile file ? file.file().host().toString() : "the null device";
  }

  private void files() {
    page.heading("files", "what it sees: files");
    compiled.root().forEach(this::file);
    if (hasOwn(Namespace.MOUNT)) {
      page.row("any other path", "not there", FILES);
    } else {
      page.row("any other path", "cannot be opened or changed", "Landlock, seccomp");
      page.row("", "is seen: its name, type, size, owner, times; where a link leads", "none");
    }
  }

  private void file(RootEntry entry) {
    if (entry instanceof RootEntry.Mount mount) {
      String from = mount.source().equals(mount.path()) ? "" : ", " + mount.source() + " of the host";
      page.row(mount.path(), words(mount.accesses()) + ": " + mount.purpose() + from, filesLayer())
          .fact("path", mount.path()).fact("kind", "mount").fact("rights", rights(mount.accesses()))
          .fact("source", mount.source()).fact("purpose", mount.purpose());
    } else if (entry instanceof RootEntry.Tmpfs tmpfs) {
      page.row(tmpfs.path(), words(tmpfs.accesses()) + ": empty at first, " + Quantities.bytes(tmpfs.bytes())
          + " in memory, lost at the end", FILES)
          .fact("path", tmpfs.path()).fact("kind", "tmpfs").fact("rights", rights(tmpfs.accesses()))
          .fact("bytes", tmpfs.bytes());
    } else if (entry instanceof RootEntry.Proc proc) {
      page.row(proc.path(), words(proc.accesses()) + ": its own processes, and nothing else", FILES)
          .fact("path", proc.path()).fact("kind", "proc").fact("rights", rights(proc.accesses()));
      page.row("", "shows the paths of the host that are mounted; a pipe can be opened again by it", "none");
    } else if (entry instanceof RootEntry.Link link) {
      page.row(link.path(), "a link to " + link.target(), ROOT)
          .fact("path", link.path()).fact("kind", "link").fact("target", link.target());
    } else {
      page.row(entry.path() + "/", "a directory with nothing but what is listed", ROOT)
          .fact("path", entry.path()).fact("kind", "directory");
    }
  }

  private static String words(Set<Access> accesses) {
    return String.join(", ", rights(accesses));
  }

  /** The right of a policy that an access comes from. */
  static String right(Access access) {
    return RIGHTS.getOrDefault(access, access.name());
  }

  private static List<String> rights(Set<Access> accesses) {
    return accesses.stream().map(Explanation::right).sorted().distinct().toList();
  }

  private void deeds() {
    page.heading("actions", "what it may do");
    may("start threads", "clone", THREAD_FLAGS);
    may("make processes", "clone", SIGCHLD);
    execution();
    boolean sockets = permits("socket", AF_INET) || permits("socket", AF_UNIX);
    page.row("use the network", sockets ? "yes" : "no: it can make no socket; one that it is handed works", SECCOMP)
        .fact("allowed", sockets);
    may("write and execute", "mmap", 0, 1, READ_WRITE_EXECUTE, MAP_PRIVATE_ANONYMOUS, -1);
    if (policy.processes().jit()) {
      may("make memory files", "memfd_create");
    }
    compiled.withholding().taken().forEach((call, why) ->
        page.row(call, "no: " + why, SECCOMP).fact("call", call).fact("allowed", false));
    page.row("other system calls", "as a filter of " + compiled.filters().surface().length()
        + " instructions allows; unknown ones fail with ENOSYS", SECCOMP);
  }

  private void execution() {
    if (compiled.filters().oneShotExec().isPresent()) {
      page.row("execute", "nothing: the one exec is its own beginning", ONE_SHOT).fact("allowed", false);
      return;
    }
    String what = "execute";
    for (Executable executable : compiled.resolved().executables()) {
      String path = executable.path();
      page.row(what, executable.directory() ? "what is in " + path : path, "Landlock, noexec mounts")
          .fact("allowed", true).fact("path", path);
      what = "";
    }
  }

  private void may(String what, String call, long... arguments) {
    boolean allowed = permits(call, arguments);
    page.row(what, allowed ? "yes" : "no", SECCOMP).fact("allowed", allowed);
  }

  private boolean permits(String call, long... arguments) {
    var architecture = Architecture.valueOf(compiled.resolved().program().elf().machine().name());
    var asked = SeccompData.of(architecture, SystemCalls.number(call), arguments);
    return compiled.filters().permit(asked);
  }

  private void isolation() {
    page.heading("isolation", "what keeps it apart");
    for (Namespace namespace : Namespace.values()) {
      if (compiled.plan().namespaces().contains(namespace)) {
        String name = namespace.name().toLowerCase(java.util.Locale.ROOT);
        page.row(name, NAMESPACES.getOrDefault(namespace, "its own"), name + " namespace").fact("namespace", name);
      }
    }
    if (!hasOwn(Namespace.PID)) {
      page.row("pid", "it sees which processes there are, and can signal only itself",
          compiled.filters().ownSignals().isPresent() ? SECCOMP : "Landlock");
      page.row("", "a guard kills it when the launcher ends", "guard");
    }
    if (!hasOwn(Namespace.IPC)) {
      page.row("ipc", "it has no System V or POSIX objects", SECCOMP);
    }
    if (!hasOwn(Namespace.UTS)) {
      page.row("hostname", "it sees the name of the host", "none");
    }
    page.row("session", compiled.jobControl().isPresent() ? "its own, on a new terminal in the place of yours"
        : inheritsStreams() ? "its own; in the place of a terminal that it inherits it gets a new one"
        : "it has no controlling terminal, and gets no signal from one", "session");
    int abi = compiled.host().landlockAbi();
    page.row("Landlock", "ABI " + abi + (abi >= 4 ? ": files" : ": files only")
        + (abi >= 4 ? ", TCP ports" : "") + (abi >= 6 ? ", abstract sockets, signals to outside" : ""), "Landlock").fact("abi", abi);
  }

  /** Whether a launch may give it a terminal: that depends on what the launcher's own streams are. */
  private boolean inheritsStreams() {
    return compiled.descriptors().stream().anyMatch(slot -> slot.source() instanceof DescriptorSlot.Launcher launcher
        && launcher.number() < Policy.STANDARD_STREAMS.size());
  }

  private String filesLayer() {
    return hasOwn(Namespace.MOUNT) ? FILES : "Landlock";
  }

  private boolean hasOwn(Namespace namespace) {
    return compiled.plan().namespaces().contains(namespace);
  }

  private void limits() {
    page.heading("limits", "how much it may use");
    wallTime();
    compiled.limits().forEach((limit, value) -> {
      switch (limit) {
        case DATA -> memory(value);
        case NPROC -> limit(limit, policy.limits().processes(), limitedByCgroup("pids.max") ? CGROUP : "RLIMIT_NPROC");
        default -> limit(limit, value, "RLIMIT_" + limit);
      }
    });
  }

  private void limit(ResourceLimit limit, long value, String layer) {
    Quantities.limit(limit).ifPresent(quantity ->
        page.row(quantity.key(), value == ResourceLimit.UNLIMITED ? UNLIMITED : quantity.print(value), layer)
            .fact("key", quantity.key()).fact("unlimited", value == ResourceLimit.UNLIMITED).fact("value", value));
  }

  private void memory(long ofEachProcess) {
    var limit = policy.limits().memory();
    if (limit.isPresent() && limitedByCgroup("memory.max")) {
      page.row("memory", Quantities.bytes(limit.getAsLong()) + " in all, of any kind; then everything is killed", CGROUP)
          .fact("key", "memory").fact("unlimited", false).fact("value", limit.getAsLong()).fact("total", true);
    } else {
      limit(ResourceLimit.DATA, ofEachProcess, "RLIMIT_DATA");
      limit.ifPresent(bytes -> page.fact("total", false)
          .row("", "no total, for want of a cgroup: " + compiled.host().cgroups().reason(), "none"));
    }
  }

  private boolean limitedByCgroup(String file) {
    return compiled.plan().cgroup().stream().flatMap(plan -> plan.settings().stream())
        .anyMatch(setting -> setting.file().equals(file));
  }

  private void wallTime() {
    var limit = policy.limits().wallTime();
    page.row("wall-time", limit.map(time -> Quantities.time(time) + ", then everything is killed").orElse(UNLIMITED),
        LAUNCHER).fact("key", "wall-time").fact("unlimited", limit.isEmpty());
    limit.ifPresent(time -> page.fact("milliseconds", time.toMillis()));
  }
}
