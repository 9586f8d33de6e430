package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.CgroupPlan;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.host.Cgroup;
import dev.embryo.runtime.host.Delegation;
import dev.embryo.runtime.host.Delegation.Controller;
import dev.embryo.runtime.host.OwnCgroup;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.LinuxException;
import dev.embryo.runtime.linux.SystemCalls;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a cgroup in which those of sandboxes can be made, by doing it once: a cgroup is made, its controllers are looked
 * at, and a process is born in it.
 *
 * <p>The nearest that offers every controller counts, from the launcher's own upwards; else the nearest that offers most.
 * <ul>
 *   <li>In a cgroup that holds processes the kernel lets nobody limit children. Where the launcher is alone in its own, and
 *       may, it moves itself into a child that is called {@code launcher}.
 *   <li>Root may write everywhere, but what systemd manages is not root's. Where systemd runs, root takes only what systemd
 *       has delegated ({@code Delegate=yes}), which it marks with an extended attribute.
 * </ul>
 *
 * <p>The property {@value #PROPERTY}, or without it the variable {@value #VARIABLE} of the environment, names the cgroup
 * instead, as a directory; {@code none} says that there shall be none.
 *
 * <p>Each search is one thread's.
 */
public final class CgroupSearch {
  /** The system property that names the cgroup. */
  public static final String PROPERTY = "embryo.cgroup";
  /** The variable of the environment that names the cgroup. */
  public static final String VARIABLE = "EMBRYO_CGROUP";

  private static final String NONE = "none";
  private static final Set<Controller> ALL = EnumSet.allOf(Controller.class);
  private static final String LEAF = "launcher";
  private static final String CONTROLLERS = "cgroup.controllers";
  private static final String ENABLED = "cgroup.subtree_control";
  private static final String PROCESSES = "cgroup.procs";
  private static final String TYPE = "cgroup.type"; // all but the root of the hierarchy, which may hold processes too
  private static final String MYSELF = "0";
  private static final Path SYSTEMD = Path.of("/run/systemd/system"); // sd_booted(3)
  private static final List<String> MARKS = List.of("user.delegate", "trusted.delegate");

  private final List<String> reasons = new ArrayList<>();

  private CgroupSearch() {}

  /**
   * Looks, and removes what launchers that have died left there. It takes some calls and the birth of a process: ask once.
   *
   * @throws IOException if the cgroup that a setting names cannot be used
   */
  public static Delegation find() throws IOException {
    String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    if (named == null) {
      return new CgroupSearch().near();
    }
    return named.equals(NONE) ? Delegation.none(PROPERTY + " or " + VARIABLE + " says " + NONE) : named(Path.of(named));
  }

  private static Delegation named(Path directory) throws IOException {
    try {
      var found = new CgroupSearch().tried(directory);
      SandboxCgroup.removeStale(directory);
      return found;
    } catch (IOException failure) {
      throw new IOException("the cgroup " + directory + ", which " + PROPERTY + " or " + VARIABLE + " names: "
          + failure.getMessage(), failure);
    }
  }

  private Delegation near() throws IOException {
    var own = OwnCgroup.current();
    if (own.isEmpty()) {
      return Delegation.none("no cgroup2 file system is mounted that shows the cgroup of this process");
    }
    Delegation best = null;
    for (Path candidate : own.get().upwards()) {
      var found = ifUsable(candidate);
      if (found != null && (best == null || found.controllers().size() > best.controllers().size())) {
        best = found;
      }
      if (best != null && best.controllers().containsAll(ALL)) {
        break;
      }
    }
    if (best == null) {
      return Delegation.none(String.join("; ", reasons));
    }
    SandboxCgroup.removeStale(best.directory().orElseThrow());
    return best;
  }

  private @Nullable Delegation ifUsable(Path candidate) {
    if (belongsToSystemd(candidate)) {
      reasons.add(candidate + " is systemd's, which has not delegated it");
      return null;
    }
    try {
      return tried(candidate);
    } catch (IOException failure) {
      reasons.add(failure.getMessage());
      return null;
    }
  }

  private static boolean belongsToSystemd(Path cgroup) {
    return Libc.getuid() == 0 && Files.isDirectory(SYSTEMD) && MARKS.stream().noneMatch(mark -> isMarked(cgroup, mark));
  }

  private static boolean isMarked(Path cgroup, String mark) {
    var value = Libc.allocate(8);
    return Libc.getxattr(zeroTerminated(cgroup.toString()), zeroTerminated(mark), Libc.address(value), 1) == 1 && value.get(0) == '1';
  }

  private static byte[] zeroTerminated(String text) {
    return (text + '\0').getBytes(StandardCharsets.UTF_8);
  }

  /** What a cgroup offers. */
  private Delegation tried(Path directory) throws IOException {
    var plan = new CgroupPlan(directory, List.of(), List.of());
    SandboxCgroup.make(plan).close(); // before anything is changed
    String missing;
    try (var parent = Cgroup.open(directory)) {
      missing = enable(parent);
    }
    Zygote.shared().embryo(BirthPlan.of(Set.of(), Fragment.NONE, Fragment.NONE).inCgroup(plan)).close();
    try (var made = SandboxCgroup.make(plan)) {
      var child = made.cgroup();
      return new Delegation(Optional.of(directory), controllers(child, CONTROLLERS), child.has("cgroup.kill"),
          child.has("memory.swap.max"), missing);
    }
  }

  /**
   * Makes the controllers available to children; tells why one of them is not. Where there are processes nothing is changed: the
   * kernel would refuse the controller of memory, but let that of processes be, and then no child could hold a process.
   */
  private static String enable(Cgroup parent) throws IOException {
    var missing = new ArrayList<String>();
    var offered = controllers(parent, CONTROLLERS);
    var enabled = controllers(parent, ENABLED);
    var wanted = EnumSet.noneOf(Controller.class);
    for (Controller controller : ALL) {
      if (!offered.contains(controller)) {
        missing.add(parent + " has no controller '" + controller + "'");
      } else if (!enabled.contains(controller)) {
        wanted.add(controller);
      }
    }
    if (!wanted.isEmpty() && parent.has(TYPE) && !makeWay(parent)) {
      missing.add(parent + " cannot give " + wanted + " to its children: it holds processes of others");
      return String.join("; ", missing);
    }
    for (Controller controller : wanted) {
      enable(parent, controller).ifPresent(missing::add);
    }
    return String.join("; ", missing);
  }

  private static Optional<String> enable(Cgroup parent, Controller controller) {
    try {
      parent.write(ENABLED, "+" + controller);
      return Optional.empty();
    } catch (LinuxException failure) {
      return Optional.of(String.valueOf(failure.getMessage()));
    }
  }

  /** Moves this JVM out of the way; false if there is somebody else. */
  private static boolean makeWay(Cgroup cgroup) throws IOException {
    var processes = cgroup.words(PROCESSES);
    if (processes.isEmpty()) {
      return true;
    }
    var ours = Set.of(Integer.toString(Libc.getpid()), Integer.toString(Zygote.shared().pid()));
    if (!ours.containsAll(processes)) {
      return false;
    }
    var leaf = cgroup.path().resolve(LEAF);
    Cgroup.make(leaf);
    try (var opened = Cgroup.open(leaf)) {
      opened.write(PROCESSES, MYSELF);
      for (String zygote : cgroup.words(PROCESSES)) {
        opened.write(PROCESSES, zygote);
      }
    }
    return true;
  }

  private static Set<Controller> controllers(Cgroup cgroup, String file) throws LinuxException {
    var found = EnumSet.noneOf(Controller.class);
    var names = cgroup.words(file);
    for (Controller controller : ALL) {
      if (names.contains(controller.toString())) {
        found.add(controller);
      }
    }
    return found;
  }
}
