package dev.embryo.runtime.survey;

import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.host.Host.Layer;
import dev.embryo.runtime.host.Restrictions;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.survey.Trial.Refusal;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds out which layers this launcher cannot have, and why. What there is no cause to doubt is not tried: on a host that
 * takes nothing away it costs the reading of a few small files.
 *
 * <p>Each search is one thread's.
 */
public final class Layers {
  private static final String FILTERED = "a seccomp filter lies on this process already, as container runtimes install one,"
      + " and ";

  private final Host host;
  private final Restrictions restrictions;
  private final Map<Layer, String> missing = new EnumMap<>(Layer.class);

  private Layers(Host host, Restrictions restrictions) {
    this.host = host;
    this.restrictions = restrictions;
  }

  /**
   * This host, with the layers that it lacks.
   *
   * @throws IOException if not even a process can be made
   */
  public static Host host() throws IOException {
    var layers = new Layers(Host.current(), Restrictions.current());
    layers.lookAtLandlock();
    if (layers.restrictions.giveCauseForDoubt(layers.host.isRoot())) {
      layers.trySeccomp();
      if (!layers.missing.containsKey(Layer.SECCOMP)) { // which init needs, too
        layers.tryNamespaces();
      }
    }
    return layers.host.lacking(layers.missing);
  }

  private void lookAtLandlock() {
    if (host.landlockAbi() == 0) {
      missing.put(Layer.LANDLOCK, landlock(host, restrictions, -Host.askForLandlock()));
    }
  }

  /** Why there is no Landlock. */
  static String landlock(Host host, Restrictions restrictions, int errno) {
    if (Errno.EOPNOTSUPP.is(errno)) {
      return "it is switched off on this kernel (" + host.kernel() + "); add landlock to lsm= on the kernel's command line"
          + " (/sys/kernel/security/lsm lists what is there)";
    } else if (restrictions.isFiltered()) {
      return FILTERED + "answers " + Errno.name(errno) + "; give the container a profile that allows landlock_create_ruleset,"
          + " landlock_add_rule and landlock_restrict_self, as newer container runtimes do by themselves";
    }
    return "this kernel (" + host.kernel() + ") has none; it takes Linux 5.13 or later, with landlock compiled in and in"
        + " the kernel's lsm= list";
  }

  private void trySeccomp() throws IOException {
    if (restrictions.seccomp().isEmpty()) {
      missing.put(Layer.SECCOMP, "this kernel (" + host.kernel()
          + ") has no system call filters; it takes one that is compiled with CONFIG_SECCOMP_FILTER");
      return;
    }
    var refusal = new Trial(host).listener();
    if (refusal.isPresent() && Errno.EBUSY.is(refusal.get().errno())) {
      missing.put(Layer.LISTENER, listenerTaken());
    } else if (refusal.isPresent()) {
      missing.put(Layer.SECCOMP, seccomp(refusal.get()));
    }
  }

  static String listenerTaken() {
    return "this process runs under the seccomp listener of somebody else already, and the kernel allows one; start the"
        + " launcher outside of that supervisor";
  }

  private static String seccomp(Refusal refusal) {
    return FILTERED + "refuses another (" + refusal + "); give the container a profile that allows seccomp";
  }

  private void tryNamespaces() throws IOException {
    namespaces(host, restrictions).ifPresent(why -> missing.put(Layer.NAMESPACES, why));
  }

  private static Optional<String> namespaces(Host host, Restrictions restrictions) throws IOException {
    return new Trial(host).sandbox().map(refusal -> {
      var reason = Reason.of(restrictions, host.isRoot());
      return reason.words() + " (" + refusal + "); " + reason.remedy();
    });
  }
}
