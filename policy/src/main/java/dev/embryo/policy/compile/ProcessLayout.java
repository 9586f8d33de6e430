package dev.embryo.policy.compile;

import dev.embryo.policy.model.Filesystem.Proc;
import dev.embryo.policy.model.Isolation.Sharing;
import dev.embryo.policy.model.Policy;
import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.PrivateRoot;
import dev.embryo.runtime.birth.Privileges;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.birth.UserMap;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.linux.LibseccompException;
import dev.embryo.runtime.linux.SystemCallTable;
import dev.embryo.runtime.seccomp.GuardFilter;
import dev.embryo.runtime.seccomp.InitFilter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Which processes a birth takes, and in which namespaces they are. */
final class ProcessLayout {
  private static final String HOST_NAME = "embryo";

  private ProcessLayout() {}

  /** The namespaces that the program has of its own. */
  static Set<Namespace> namespaces(Policy policy, Host host) {
    var isolation = policy.isolation();
    var own = EnumSet.noneOf(Namespace.class);
    if (isolation.hasNamespaces()) {
      own.addAll(EnumSet.of(Namespace.MOUNT, Namespace.CGROUP));
      add(own, Namespace.USER, !host.isRoot());
      add(own, Namespace.PID, isolation.pid() == Sharing.PRIVATE);
      // /proc/self/net tells of all sockets of a network
      add(own, Namespace.NETWORK, isolation.network() == Sharing.PRIVATE && policy.filesystem().proc() == Proc.OWN);
      add(own, Namespace.IPC, isolation.ipc() == Sharing.PRIVATE);
      add(own, Namespace.UTS, isolation.hostname() == Sharing.PRIVATE);
    }
    return own;
  }

  private static void add(Set<Namespace> namespaces, Namespace namespace, boolean wanted) {
    if (wanted) {
      namespaces.add(namespace);
    }
  }

  /** @param opensTrees whether the embryo opens directories of the host, for which it needs their mounts */
  static BirthPlan of(Policy policy, Host host, List<RootEntry> root, boolean opensTrees, SystemCallTable calls)
      throws LibseccompException {
    var namespaces = namespaces(policy, host);
    var prepare = Fragment.NONE;
    if (namespaces.contains(Namespace.USER)) {
      var identity = policy.identity();
      prepare = new UserMap(identity.insideUser(), identity.insideGroup(), host.user(), host.group());
    }
    if (namespaces.contains(Namespace.UTS)) {
      prepare = prepare.then(program -> program.purpose("name the host")
          .call("sethostname", program.string(HOST_NAME), HOST_NAME.length()));
    }
    boolean hasCapabilities = host.isRoot() || namespaces.contains(Namespace.USER);
    prepare = prepare.then(
        hasCapabilities ? Privileges.locked(host.lastCapability()) : Privileges.ambientCleared());
    Fragment makeRoot = namespaces.contains(Namespace.MOUNT)
        ? program -> makeRoot(program, root, host, opensTrees)
        : Fragment.NONE;
    var ordinary = ordinary(policy, host);
    return namespaces.contains(Namespace.PID)
        ? BirthPlan.withRoot(namespaces, prepare, makeRoot, Arming.init(ordinary, InitFilter.filter(calls).bytes()))
        : BirthPlan.guarded(namespaces, prepare, makeRoot, Arming.guard(ordinary, GuardFilter.filter(calls).bytes()));
  }

  /** An embryo that opens directories of the host does so before any of them is covered by the root in the making. */
  private static void makeRoot(BirthProgram.Builder program, List<RootEntry> root, Host host, boolean opensTrees) {
    if (opensTrees) {
      BirthPlan.awaitEmbryo(program);
      PrivateRoot.addTo(program, root, host.isRoot());
    } else {
      PrivateRoot.addTo(program, root, host.isRoot(), BirthPlan::awaitEmbryo);
    }
  }

  /** What makes a process as unprivileged as the program. */
  static Fragment ordinary(Policy policy, Host host) {
    return host.isRoot()
        ? Privileges.identity(policy.identity().groups()).then(Privileges.dropped())
        : Privileges.dropped();
  }
}
