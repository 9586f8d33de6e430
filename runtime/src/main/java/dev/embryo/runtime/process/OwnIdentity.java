package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.Arming;
import dev.embryo.runtime.birth.BirthPlan;
import dev.embryo.runtime.birth.Fragment;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.Privileges;
import dev.embryo.runtime.birth.UserMap;
import dev.embryo.runtime.host.Host;
import dev.embryo.runtime.linux.Libc;
import dev.embryo.runtime.linux.Libseccomp;
import dev.embryo.runtime.seccomp.InitFilter;
import java.io.IOException;
import java.util.Set;

/** The birth plan of an embryo that keeps the launcher's identity. */
final class OwnIdentity {
  private static final int INSIDE = 1000;
  private static final int ROOT = 0;

  private OwnIdentity() {}

  static BirthPlan plan(Set<Namespace> namespaces) throws IOException {
    boolean ownUsers = namespaces.contains(Namespace.USER);
    Fragment map = ownUsers ? new UserMap(INSIDE, INSIDE, Libc.getuid(), Libc.getgid()) : Fragment.NONE;
    boolean mayLock = ownUsers || Libc.getuid() == ROOT;
    return BirthPlan.of(namespaces, mayLock ? map.then(Privileges.locked(Host.current().lastCapability())) : map,
        Arming.init(Privileges.dropped(), InitFilter.filter(Libseccomp.load().systemCalls()).bytes()));
  }
}
