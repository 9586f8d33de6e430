package dev.embryo.runtime.survey;

import dev.embryo.runtime.host.Restrictions;
import java.util.function.Predicate;

/** Why a launcher cannot have namespaces, and what to do. A table: the first row that fits counts. */
enum Reason {
  NONE_LEFT(false, restrictions -> restrictions.userNamespaces().orElse(1) == 0,
      "user.max_user_namespaces is 0 here", "set it as root: sysctl user.max_user_namespaces=15000"),
  FORBIDDEN(false, restrictions -> restrictions.unprivilegedUserNamespaces().orElse(1) == 0,
      "kernel.unprivileged_userns_clone is 0 here", "set it as root: sysctl kernel.unprivileged_userns_clone=1"),
  APPARMOR(false, restrictions -> restrictions.appArmorUserNamespaces().orElse(0) != 0,
      "AppArmor takes user namespaces from ordinary programs (kernel.apparmor_restrict_unprivileged_userns is 1)",
      "give the launcher an AppArmor profile with the rule 'userns,', or set it as root:"
          + " sysctl kernel.apparmor_restrict_unprivileged_userns=0"),
  FILTERED(true, Restrictions::isFiltered,
      "a seccomp filter lies on this process already, as container runtimes install one",
      "give the container a seccomp profile that allows namespaces and mounts (docker run --security-opt"
          + " seccomp=PROFILE)"),
  POWERLESS(true, restrictions -> !restrictions.administrator(),
      "this root has not got CAP_SYS_ADMIN",
      "give it to the container (docker run --cap-add SYS_ADMIN), or launch as an ordinary user"),
  UNKNOWN(true, restrictions -> true, "the kernel refuses it", "look at the host's security modules and limits"),
  MASKED(true, restrictions -> false, "the kernel gives one only to those who see the whole of the host's /proc",
      "give the container an unmasked /proc (docker run --security-opt systempaths=unconfined)");

  private final boolean concernsRoot;
  private final Predicate<Restrictions> applies;
  private final String words;
  private final String remedy;

  Reason(boolean concernsRoot, Predicate<Restrictions> applies, String words, String remedy) {
    this.concernsRoot = concernsRoot;
    this.applies = applies;
    this.words = words;
    this.remedy = remedy;
  }

  static Reason of(Restrictions restrictions, boolean root) {
    for (Reason row : values()) {
      if ((row.concernsRoot || !root) && row.applies.test(restrictions)
          && (row != POWERLESS || root)) {
        return row;
      }
    }
    return UNKNOWN;
  }

  String words() {
    return words;
  }

  String remedy() {
    return remedy;
  }
}
