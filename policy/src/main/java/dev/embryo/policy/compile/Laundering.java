package dev.embryo.policy.compile;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.DescriptorCapability;
import dev.embryo.policy.model.DirectoryCapability;
import dev.embryo.policy.model.FileCapability;
import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Inherit;
import dev.embryo.policy.model.Memory;
import dev.embryo.policy.model.Null;
import dev.embryo.policy.model.Policy;
import dev.embryo.policy.model.ProcessCapability;
import dev.embryo.policy.model.Problem;
import dev.embryo.policy.model.Right;
import dev.embryo.policy.model.SocketCapability;
import dev.embryo.policy.model.SystemCallRules.CallRule;
import dev.embryo.policy.resolve.ResolvedPolicy;
import dev.embryo.policy.resolve.ViewEntry;
import dev.embryo.policy.rights.RightsRow;
import dev.embryo.policy.rights.RightsRow.Sort;
import dev.embryo.policy.rights.RightsTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The proof that a filter which sees numbers is enough: every way is looked at by which a program might have a restricted
 * capability under another number, and each is closed, or the policy is refused.
 *
 * <p>The filter denies by number and never allows by number. So it does not matter what a program does with the number
 * itself: what it opens there later has fewer rights, never more.
 */
final class Laundering {
  private static final Set<String> MAKES_SOCKETS = Set.of("socket", "socketpair");
  private static final List<String> SEND_DESCRIPTORS =
      RightsTable.rows().stream().filter(row -> uses(row, Right.SEND_FDS)).map(RightsRow::call).toList();

  private final ResolvedPolicy resolved;
  private final Policy policy;
  private final List<Capability> restricted;
  private final List<Problem> problems;
  private final List<WayOut> ways = new ArrayList<>();
  private final Map<String, String> taken = new LinkedHashMap<>();

  /** @param restricted those at descriptors with exact rights, one at least */
  Laundering(ResolvedPolicy resolved, List<Capability> restricted, List<Problem> problems) {
    this.resolved = resolved;
    this.policy = resolved.policy();
    this.restricted = restricted;
    this.problems = problems;
    ways.add(new WayOut("another number: " + calls(Right.DUPLICATE) + ", fcntl(F_DUPFD), fcntl(F_DUPFD_CLOEXEC)",
        "the rights filter refuses them at its number"));
    ways.add(new WayOut("a name, or a program, made of it: linkat, execveat with an empty path",
        "the rights filter refuses them at its number"));
    overSockets();
    hidden();
    byProc();
    ways.add(new WayOut("a descriptor put in place by who answers a seccomp notification",
        "no program gets a listener: the surface filter refuses SECCOMP_FILTER_FLAG_NEW_LISTENER"));
    ways.add(new WayOut("a process that the program traces or starts", "it is under the same filters"));
    byTerminal();
    ways.add(new WayOut("the same file, granted a second time", "each launch compares files before the program is born"));
  }

  private static boolean uses(RightsRow row, Right right) {
    return row.uses().stream().anyMatch(use -> use.anyOf().contains(right));
  }

  private static String calls(Right right) {
    return RightsTable.rows().stream().filter(row -> uses(row, right)).map(RightsRow::call)
        .collect(Collectors.joining(", "));
  }

  /** What might be done, and why it cannot be. */
  List<WayOut> ways() {
    return ways;
  }

  /** The calls that have to be taken away from all of the program, and why. */
  Map<String, String> taken() {
    return taken;
  }

  private void overSockets() {
    var sending = policy.capabilities().values().stream().filter(each -> each.rights().has(Right.SEND_FDS)).findFirst();
    sending.ifPresent(capability -> {
      var key = "capabilities." + capability.name() + ".rights";
      problem(key, "'" + Right.SEND_FDS + "' could send '" + restricted.get(0).name()
          + "' to where nothing is withheld from it: leave it out, or give '" + restricted.get(0).name() + "' 'duplicate'");
    });
    var socket = mayHoldSocket();
    if (socket.isEmpty()) {
      ways.add(new WayOut("a message over a Unix socket", "the program holds none, and can make none"));
      return;
    }
    SEND_DESCRIPTORS.forEach(call -> taken.put(call, socket.get() + ", over which a restricted descriptor could be passed"));
    ways.add(new WayOut("a message over a Unix socket", "the rights filter refuses " + String.join(", ", SEND_DESCRIPTORS)));
  }

  /** Why the program may hold a Unix socket. */
  private Optional<String> mayHoldSocket() {
    var allowed = policy.systemCalls().allow().stream().map(CallRule::call).filter(MAKES_SOCKETS::contains).findFirst();
    if (allowed.isPresent()) {
      return Optional.of("system-calls.allow has " + allowed.get());
    }
    return policy.descriptors().values().stream()
        .filter(Laundering::mayBeUnixSocket).findFirst()
        .map(each -> "'" + each.name() + (each instanceof SocketCapability ? "' is a Unix socket" : "' may be a Unix socket"));
  }

  private static boolean mayBeUnixSocket(Capability capability) {
    return capability instanceof Inherit || capability instanceof DescriptorCapability || capability instanceof ProcessCapability
        || (capability instanceof SocketCapability socket && socket.address().isUnix());
  }

  /** Calls that take descriptors from where no filter sees them, or from other processes. */
  private void hidden() {
    for (CallRule rule : policy.systemCalls().allow()) {
      if (RightsTable.row(rule.call()).sort() == Sort.FORBIDDEN) {
        problems.add(Problem.with("system-calls.allow", rule.position(), "'" + rule.call() + "' goes with no restricted"
            + " descriptor, as that of '" + restricted.get(0).name() + "' is: " + RightsTable.row(rule.call()).note()));
      }
    }
    ways.add(new WayOut("io_uring, asynchronous input and output, pidfd_getfd", "the surface filter has none of them"));
  }

  /** A file that is opened again is under Landlock; pipes and memory files are in no directory, and are not. */
  private void byProc() {
    String way = "opened again by /proc/self/fd";
    var proc = procShown(resolved);
    if (proc.isEmpty()) {
      ways.add(new WayOut(way, "the program sees no /proc"));
      return;
    }
    restricted.stream().filter(each -> !(each instanceof FileCapability || each instanceof Null || each instanceof SocketCapability)).findFirst()
        .ifPresentOrElse(
            each -> problem(proc.get(), each instanceof Memory
                ? "shows /proc/self/fd, by which the program opens '" + each.name() + "' again, and may execute it; leave /proc out"
                : "shows /proc/self/fd, by which the program opens '" + each.name() + "' again if it is a pipe"
                + " or a memory file; give '" + each.name() + "' 'duplicate', or leave /proc out"),
            () -> ways.add(new WayOut(way, "Landlock has no rule for a file; a socket cannot be opened")));
    restricted.stream().filter(each -> each instanceof FileCapability && !each.rights().has(Right.STAT)).findFirst()
        .ifPresent(each -> problem(proc.get(), "shows /proc/self/fd, by which the program looks at '" + each.name()
            + "', and no layer withholds that from a path; give '" + each.name() + "' 'stat', or leave /proc out"));
    changed(proc.get());
  }

  /** Landlock does not see who changes a mode, an owner or a time, and the file is on the mount on which the launcher opened it. */
  private void changed(String proc) {
    var lacking = restricted.stream().filter(each -> each instanceof FileCapability && !each.rights().has(Right.METADATA)).findFirst();
    if (lacking.isEmpty()) {
      return;
    }
    var having = policy.capabilities().values().stream().filter(each -> each.rights().has(Right.METADATA)).findFirst();
    if (having.isPresent()) {
      problem(proc, "shows /proc/self/fd, by which the program would change the mode, owner and times of '" + lacking.get().name()
          + "' with the 'metadata' that '" + having.get().name() + "' has; give it to both or to neither, or leave /proc out");
      return;
    }
    Withholding.callsByPath(Right.METADATA)
        .forEach(call -> taken.put(call, "'" + lacking.get().name() + "' lacks 'metadata', and is found at /proc/self/fd"));
    ways.add(new WayOut("its mode, owner and times, changed by /proc/self/fd", "the rights filter refuses the calls that do"));
  }

  /** The key by which the program sees a {@code /proc}: its own, or the host's. */
  static Optional<String> procShown(ResolvedPolicy resolved) {
    return resolved.policy().filesystem().proc() == Proc.OWN ? Optional.of("filesystem.proc") : procMounted(resolved);
  }

  private static Optional<String> procMounted(ResolvedPolicy resolved) {
    for (var found : resolved.files().entrySet()) {
      if (resolved.policy().capabilities().get(found.getKey()) instanceof DirectoryCapability && showsProc(found.getValue().host())) {
        return Optional.of("capabilities." + found.getKey());
      }
    }
    return resolved.view().stream()
        .filter(ViewEntry.Mount.class::isInstance).map(ViewEntry.Mount.class::cast)
        .filter(mount -> showsProc(mount.host()))
        .findFirst()
        .map(mount -> mount.capability().map(name -> "capabilities." + name).orElse("filesystem.programs"));
  }

  /** Whether a file or directory of the host has {@code /proc/self/fd} in it. */
  private static boolean showsProc(Path host) {
    return host.startsWith("/proc") || host.getNameCount() == 0;
  }

  private void byTerminal() {
    if (!resolved.terminals().isEmpty()) {
      ways.add(new WayOut("opened again as /dev/tty", resolved.view().stream().anyMatch(entry -> entry.path().equals("/dev/tty"))
          ? "the terminal is not restricted" : "the program does not see it"));
    }
  }

  private void problem(String key, String text) {
    problems.add(Problem.with(key, policy.places().at(key), text));
  }
}
