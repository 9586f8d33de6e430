package dev.embryo.runtime.survey;

import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.host.Delegation;
import dev.embryo.runtime.host.Delegation.Controller;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.host.Restrictions;
import dev.embryo.runtime.host.UserPool;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.process.CgroupSearch;
import dev.embryo.runtime.survey.Fact.Need;
import dev.embryo.runtime.survey.Fact.State;
import dev.embryo.runtime.survey.Trial.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Tries everything that a launch may need on this host. It goes on where something is missing, as far as that makes sense,
 * and works on any system: what Embryo does not run on is a fact, too.
 *
 * <p>Each survey is one thread's.
 */
public final class Survey {
  private static final String FILES_IN_MEMORY = "/proc/sys/vm/memfd_noexec";
  private static final String OWN_PROC = "/proc of its own";
  private static final int LANDLOCK_SIGNALS = 6;
  private static final List<String> CONTAINER_MARKS = List.of("/.dockerenv", "/run/.containerenv");

  private final List<Fact> facts = new ArrayList<>();

  private Survey() {}

  /** A part of the survey; what it throws is what is missing. */
  @FunctionalInterface
  private interface Part {
    void look() throws IOException;
  }

  /** All facts, in an order in which a reader can fix them. */
  public static List<Fact> facts() {
    var survey = new Survey();
    survey.lookAtSystem();
    if (survey.isHopeless()) {
      return List.copyOf(survey.facts);
    }
    survey.part("C library", survey::lookAtLibraries);
    if (survey.isHopeless()) {
      return List.copyOf(survey.facts);
    }
    survey.part("launcher", survey::lookAtKernel);
    return List.copyOf(survey.facts);
  }

  /** Whether a launch cannot even begin. */
  private boolean isHopeless() {
    return facts.stream().anyMatch(fact -> fact.state() == State.MISSING && fact.need() == Need.EVERYTHING);
  }

  @SuppressWarnings("CatchingUnchecked") // whatever a half-installed library or system throws is what is wrong with it
  private void part(String name, Part part) {
    try {
      part.look();
    } catch (IOException | RuntimeException | LinkageError failure) {
      facts.add(Fact.missing(name, Need.EVERYTHING, String.valueOf(failure.getMessage()), ""));
    }
  }

  private void lookAtSystem() {
    String system = System.getProperty("os.name");
    String release = System.getProperty("os.version");
    if (!system.equals("Linux")) {
      facts.add(Fact.missing("kernel", Need.EVERYTHING, system + " " + release + " is not Linux", "use Linux"));
      return;
    }
    facts.add(isAtLeast(release, 5, 13)
        ? Fact.ok("kernel", Need.EVERYTHING, "Linux " + release)
        : Fact.missing("kernel", Need.EVERYTHING, "Linux " + release, "use Linux 5.13 or later"));
    String processor = System.getProperty("os.arch");
    facts.add(Set.of("amd64", "aarch64").contains(processor)
        ? Fact.ok("processor", Need.EVERYTHING, processor)
        : Fact.missing("processor", Need.EVERYTHING, processor, "use x86-64 or aarch64, and a 64-bit JVM"));
  }

  static boolean isAtLeast(String release, int major, int minor) {
    var numbers = release.split("[^0-9]+");
    try {
      int theirs = Integer.parseInt(numbers[0]);
      return theirs > major || theirs == major && Integer.parseInt(numbers[1]) >= minor;
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException unreadable) {
      return true; // what it lacks will show
    }
  }

  private void lookAtLibraries() throws IOException {
    try {
      int self = Libc.getpid();
      facts.add(Fact.ok("C library", Need.EVERYTHING, "glibc"
          + (self == 1 ? "; the JVM is process 1 of its pid namespace, and should wait for orphans" : "")));
    } catch (LinkageError failure) {
      facts.add(Fact.missing("C library", Need.EVERYTHING, missingLibrary(failure),
          "use a system with glibc, and have the jar of JNA (net.java.dev.jna:jna) on the class path"));
      return;
    }
    try {
      facts.add(Fact.ok("libseccomp", Need.EVERYTHING, Libseccomp.load().version().toString()));
    } catch (IOException failure) {
      facts.add(Fact.missing("libseccomp", Need.EVERYTHING, String.valueOf(failure.getMessage()), ""));
    }
  }

  private static String missingLibrary(LinkageError failure) {
    return failure instanceof NoClassDefFoundError ? "a class is missing: " + failure.getMessage()
        : String.valueOf(failure.getMessage()).lines().findFirst().orElse("libc.so.6 cannot be loaded");
  }

  private void lookAtKernel() throws IOException {
    var host = Host.current();
    var restrictions = Restrictions.current();
    var trial = new Trial(host);
    lookAtContainer(restrictions);
    lookAtLandlock(host, restrictions);
    if (restrictions.seccomp().isEmpty()) {
      facts.add(Fact.missing("seccomp", Need.EVERYTHING, "this kernel has no system call filters",
          "use a kernel with CONFIG_SECCOMP_FILTER"));
      return;
    }
    part("process", () -> facts.add(process(trial.process())));
    if (facts.get(facts.size() - 1).state() == State.MISSING) {
      return;
    }
    facts.add(listener(trial.listener()));
    lookAtNamespaces(host, restrictions, trial);
    lookAtIdentity(host, trial);
    lookAtCgroups();
    lookAtChildren(restrictions);
  }

  private void lookAtContainer(Restrictions restrictions) {
    var marks = CONTAINER_MARKS.stream().filter(mark -> Files.exists(Path.of(mark))).toList();
    if (restrictions.isFiltered()) {
      facts.add(Fact.limited("this process", Need.SOME_POLICIES, "a seccomp filter lies on it already, as container"
          + " runtimes install one" + (marks.isEmpty() ? "" : "; " + marks.get(0) + " is there"), ""));
    } else if (!marks.isEmpty()) {
      facts.add(Fact.ok("this process", Need.SOME_POLICIES, "it is in a container: " + marks.get(0) + " is there"));
    }
  }

  private void lookAtLandlock(Host host, Restrictions restrictions) {
    int abi = host.landlockAbi();
    if (abi == 0) {
      facts.add(Fact.missing("Landlock", Need.EVERYTHING, Layers.landlock(host, restrictions, -Host.askForLandlock()), ""));
    } else if (abi < LANDLOCK_SIGNALS) {
      facts.add(Fact.limited("Landlock", Need.EVERYTHING, "ABI " + abi
          + "; what newer ones add, signals and abstract sockets among it, is left to the other layers", ""));
    } else {
      facts.add(Fact.ok("Landlock", Need.EVERYTHING, "ABI " + abi));
    }
  }

  private static Fact process(Optional<Refusal> refusal) throws IOException {
    var setting = Path.of(FILES_IN_MEMORY);
    String noexec = Files.exists(setting) ? "vm.memfd_noexec is " + Files.readString(setting).strip() : "";
    return refusal.isEmpty()
        ? Fact.ok("process", Need.EVERYTHING, "made, by a program in a memory file" + (noexec.isEmpty() ? "" : "; " + noexec))
        : Fact.missing("process", Need.EVERYTHING, refusal.get() + "; " + noexec,
            "allow memory files to be executed: vm.memfd_noexec has to be 0 or 1");
  }

  private static Fact listener(Optional<Refusal> refusal) {
    if (refusal.isEmpty()) {
      return Fact.ok("seccomp", Need.EVERYTHING, "filters, and a listener");
    }
    return Errno.EBUSY.is(refusal.get().errno())
        ? Fact.missing("seccomp", Need.EVERYTHING, Layers.listenerTaken(), "")
        : Fact.missing("seccomp", Need.EVERYTHING, refusal.get().toString(),
            "give the container a profile that allows seccomp");
  }

  private void lookAtNamespaces(Host host, Restrictions restrictions, Trial trial) throws IOException {
    var reason = Reason.of(restrictions, host.isRoot());
    for (Namespace namespace : Namespace.values()) {
      if (namespace != Namespace.USER || !host.isRoot()) {
        var need = namespace == Namespace.NETWORK ? Need.SOME_POLICIES : Need.NAMESPACES;
        facts.add(namespaceFact(name(namespace), need, trial.namespace(namespace), reason));
      }
    }
    var root = trial.sandbox();
    facts.add(namespaceFact("private root", Need.NAMESPACES, root, reason));
    facts.add(root.isPresent() ? namespaceFact(OWN_PROC, Need.SOME_POLICIES, root, reason)
        : namespaceFact(OWN_PROC, Need.SOME_POLICIES, trial.sandbox(new RootEntry.Proc("/proc", Set.of())), Reason.MASKED));
  }

  private static String name(Namespace namespace) {
    return namespace.name().toLowerCase(Locale.ROOT) + " namespace";
  }

  private static Fact namespaceFact(String name, Need need, Optional<Refusal> refusal, Reason reason) {
    return refusal.isEmpty() ? Fact.ok(name, need, "made")
        : Fact.missing(name, need, refusal.get() + ": " + reason.words(), reason.remedy());
  }

  private void lookAtCgroups() {
    Delegation cgroups;
    try {
      cgroups = CgroupSearch.find();
    } catch (IOException failure) { // a setting names one that cannot be used
      facts.add(Fact.missing("cgroup", Need.SOME_POLICIES, String.valueOf(failure.getMessage()), "change the setting"));
      return;
    }
    if (cgroups.directory().isEmpty()) {
      facts.add(Fact.missing("cgroup", Need.SOME_POLICIES, "there is none for sandboxes: " + cgroups.reason(),
          "delegate one: systemd-run --user --scope -p Delegate=yes COMMAND, or Delegate=yes in the launcher's unit"));
    } else if (cgroups.limits(Controller.MEMORY) && cgroups.limits(Controller.PIDS) && cgroups.canKill()) {
      facts.add(Fact.ok("cgroup", Need.SOME_POLICIES, "those of sandboxes are made in " + cgroups.directory().get()));
    } else {
      facts.add(Fact.limited("cgroup", Need.SOME_POLICIES, "those of sandboxes are made in " + cgroups.directory().get()
          + " and can limit " + cgroups.controllers() + (cgroups.canKill() ? "" : ", not kill")
          + (cgroups.reason().isEmpty() ? "" : ": " + cgroups.reason()), ""));
    }
  }

  private void lookAtIdentity(Host host, Trial trial) throws IOException {
    if (host.isRoot()) {
      int user = UserPool.shared().take();
      var refusal = trial.user(user);
      UserPool.shared().giveBack(user);
      facts.add(refusal.isEmpty()
          ? Fact.ok("users for sandboxes", Need.EVERYTHING, "from " + UserPool.users())
          : Fact.missing("users for sandboxes", Need.EVERYTHING, "user " + user + ": " + refusal.get(),
              "name a range of users that exist here in /etc/subuid: embryo:FIRST:COUNT"));
      return;
    }
    var groups = supplementaryGroups();
    groups.remove(Integer.valueOf(host.group()));
    facts.add(groups.isEmpty()
        ? Fact.ok("groups", Need.EVERYTHING, "none but its own")
        : Fact.limited("groups", Need.EVERYTHING, "programs keep the launcher's supplementary groups " + groups
            + ": the kernel lets only root drop them", "launch as a user without them, if it matters"));
  }

  private static List<Integer> supplementaryGroups() throws LinuxException {
    int count = LinuxException.check("count groups", Libc.getgroups(0, 0));
    var list = Libc.allocate(Integer.BYTES * Math.max(1, count));
    count = LinuxException.check("read groups", Libc.getgroups(count, Libc.address(list)));
    var groups = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      groups.add(list.getInt(Integer.BYTES * i));
    }
    return groups;
  }

  private void lookAtChildren(Restrictions restrictions) {
    boolean remembered = isAtLeast(System.getProperty("os.version"), 6, 15);
    if (restrictions.ignoresChildren()) {
      String detail = "this JVM ignores SIGCHLD, so that the kernel does not keep exit statuses for it";
      facts.add(remembered
          ? Fact.limited("exit statuses", Need.EVERYTHING, detail + "; they are read from pidfds", "")
          : Fact.limited("exit statuses", Need.EVERYTHING, detail, "start it without, or use Linux 6.15"));
    }
  }
}
