package dev.embryo.runtime.host;

import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What this launcher can do with cgroups of version 2, see cgroups(7): where it may make one for each sandbox, and what such
 * a cgroup can limit.
 *
 * @param directory the cgroup in which those of sandboxes are made; empty if there is none in which this launcher may
 * @param controllers what can be limited there; empty without a directory
 * @param canKill whether all processes of such a cgroup can be killed at once (Linux 5.14)
 * @param limitsSwap whether its use of swap space can be limited
 * @param reason why there is no directory, or not every controller; empty if nothing is missing
 */
public record Delegation(
    Optional<Path> directory, Set<Controller> controllers, boolean canKill, boolean limitsSwap, String reason) {

  /** What a cgroup can limit. */
  public enum Controller {
    /** Memory of all kinds, of all processes together. */
    MEMORY,
    /** The number of processes and threads. */
    PIDS;

    /** As the kernel writes it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Keeps a copy of the controllers. */
  public Delegation {
    var copy = EnumSet.noneOf(Controller.class);
    copy.addAll(controllers);
    controllers = Collections.unmodifiableSet(copy);
  }

  /** There is no place for cgroups. */
  public static Delegation none(String reason) {
    return new Delegation(Optional.empty(), Set.of(), false, false, reason);
  }

  /** Whether a sandbox can have a cgroup of its own. */
  public boolean isPresent() {
    return directory.isPresent();
  }

  /** Whether such a cgroup can limit this. */
  public boolean limits(Controller controller) {
    return controllers.contains(controller);
  }
}
