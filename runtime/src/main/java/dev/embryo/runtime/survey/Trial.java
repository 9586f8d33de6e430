package dev.embryo.runtime.survey;

import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.PrivateRoot;
import dev.embryo.runtime.birth.Privileges;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.birth.UserMap;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.process.BirthException;
import dev.embryo.runtime.process.Supplies;
import dev.embryo.runtime.process.Zygote;
import dev.embryo.runtime.seccomp.InitFilter;
import dev.embryo.runtime.seccomp.OneShotExec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes embryos to see whether it can be done, and destroys them. */
final class Trial {
  /** What the kernel refused. */
  record Refusal(String purpose, int errno) {
    @Override
    public String toString() {
      return "cannot " + purpose + ": " + Errno.describe(errno);
    }
  }

  private static final int INSIDE = 1000;
  private static final String NULL_DEVICE = "/dev/null";
  private static final long PAGE_BYTES = 4096;

  private final Host host;

  Trial(Host host) {
    this.host = host;
  }

  /** The namespaces of a sandbox, its host's name, and a private root as its program gets one, with one entry more. */
  Optional<Refusal> sandbox(RootEntry... more) throws IOException {
    var namespaces = withUsers(EnumSet.of(
        Namespace.PID, Namespace.MOUNT, Namespace.IPC, Namespace.UTS, Namespace.CGROUP));
    var root = new ArrayList<RootEntry>(List.of(device(), new RootEntry.Tmpfs("/memory", false, PAGE_BYTES, Set.of())));
    root.addAll(List.of(more));
    Fragment name = program -> program.purpose("name the host").call("sethostname", program.string("trial"), 5);
    return attempt(BirthPlan.withRoot(namespaces,
        prepare(namespaces).then(name).then(Privileges.locked(host.lastCapability())),
        program -> PrivateRoot.addTo(program, root, host.isRoot(), BirthPlan::awaitEmbryo), arm()));
  }

  /** The null device of the host, mounted. */
  private static RootEntry device() throws IOException {
    long device = attribute("dev");
    return new RootEntry.Mount("/null", false, NULL_DEVICE, false,
        (int) (device >>> 8 & 0xfff | device >>> 32 & ~0xfffL), (int) (device & 0xff | device >>> 12 & ~0xffL),
        attribute("ino"), Constant.MOUNT_ATTR_RDONLY, Set.of(), "the trial");
  }

  private static long attribute(String name) throws IOException {
    return Files.getAttribute(Path.of(NULL_DEVICE), "unix:" + name) instanceof Number number ? number.longValue() : 0;
  }

  /** One namespace, with a user namespace if an ordinary user needs one for it. */
  Optional<Refusal> namespace(Namespace namespace) throws IOException {
    var namespaces = EnumSet.of(namespace);
    return attempt(BirthPlan.of(withUsers(namespaces), prepare(namespaces), arm()));
  }

  private static Fragment arm() throws IOException {
    return Arming.init(Privileges.dropped(), InitFilter.filter(Libseccomp.load().systemCalls()).bytes());
  }

  private Set<Namespace> withUsers(Set<Namespace> namespaces) {
    if (!host.isRoot()) {
      namespaces.add(Namespace.USER);
    }
    return namespaces;
  }

  private Fragment prepare(Set<Namespace> namespaces) {
    return namespaces.contains(Namespace.USER)
        ? new UserMap(INSIDE, INSIDE, host.user(), host.group())
        : Fragment.NONE;
  }

  /** A filter with a listener. */
  Optional<Refusal> listener() throws IOException {
    var filter = OneShotExec.filter(Libseccomp.load().systemCalls()).bytes();
    return attempt(begin(program -> Arming.listener(program, filter)), new Supplies());
  }

  /** A process that becomes another user. */
  Optional<Refusal> user(int user) throws IOException {
    return attempt(begin(Privileges.identity(List.of())),
        new Supplies().value(Privileges.USER, user).value(Privileges.GROUP, user));
  }

  /** A process and nothing else. */
  Optional<Refusal> process() throws IOException {
    return attempt(begin(Fragment.NONE));
  }

  private static BirthPlan begin(Fragment fragment) {
    return BirthPlan.of(Set.of(), fragment, Fragment.NONE);
  }

  private static Optional<Refusal> attempt(BirthPlan plan) throws IOException {
    return attempt(plan, new Supplies());
  }

  private static Optional<Refusal> attempt(BirthPlan plan, Supplies supplies) throws IOException {
    try (var embryo = Zygote.shared().embryo(plan, supplies)) {
      return Optional.empty();
    } catch (BirthException refused) {
      return Optional.of(new Refusal(refused.operation().purpose(), refused.errno()));
    } catch (LinuxException refused) {
      return Optional.of(new Refusal("make a process", refused.errno()));
    }
  }
}
