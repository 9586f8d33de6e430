package dev.embryo.runtime.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What takes kernel features away from this process, as far as files tell: system settings, and what lies on the process
 * already because it runs in a container or under a supervisor. A value, cheap to find; it says where to look closer.
 *
 * @param seccomp the mode of the filters on this process: 0 for none, 2 for filters; empty if the kernel has no filters
 * @param administrator whether this process has CAP_SYS_ADMIN
 * @param ignoresChildren whether this process ignores SIGCHLD, so that the kernel forgets how its children ended
 * @param userNamespaces {@code user.max_user_namespaces}; empty where there is no such setting, as for the next two
 * @param unprivilegedUserNamespaces {@code kernel.unprivileged_userns_clone}, of Debian's and Arch's kernels: 0 forbids
 *     them to ordinary users
 * @param appArmorUserNamespaces {@code kernel.apparmor_restrict_unprivileged_userns}, of Ubuntu's kernels: 1 takes the
 *     capabilities away that an ordinary user has in one, unless an AppArmor profile allows them
 */
public record Restrictions(OptionalLong seccomp, boolean administrator, boolean ignoresChildren,
    OptionalLong userNamespaces, OptionalLong unprivilegedUserNamespaces, OptionalLong appArmorUserNamespaces) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int STATUS_BYTES = 8192; // the kernel makes the whole file at the first read
  private static final int CAP_SYS_ADMIN = 21;
  private static final int SIGCHLD = 17;
  private static final int HEXADECIMAL = 16;

  /** What lies on this process now. */
  public static Restrictions current() throws IOException {
    String status = read(STATUS);
    return new Restrictions(
        field(status, "Seccomp", 10),
        (field(status, "CapEff", HEXADECIMAL).orElse(0) >>> CAP_SYS_ADMIN & 1) == 1,
        (field(status, "SigIgn", HEXADECIMAL).orElse(0) >>> SIGCHLD - 1 & 1) == 1,
        setting("user/max_user_namespaces"),
        setting("kernel/unprivileged_userns_clone"),
        setting("kernel/apparmor_restrict_unprivileged_userns"));
  }

  /** Without a stream or a lambda: this is on the way of every first launch, and both cost a JVM that begins. */
  private static OptionalLong field(String status, String name, int radix) {
    String key = "\n".concat(name).concat(":");
    int at = status.indexOf(key);
    if (at < 0) {
      return OptionalLong.empty();
    }
    int end = status.indexOf('\n', at + 1);
    return OptionalLong.of(Long.parseUnsignedLong(status.substring(at + key.length(), end).strip(), radix));
  }

  private static OptionalLong setting(String name) throws IOException {
    try {
      return OptionalLong.of(Long.parseLong(read(Path.of("/proc/sys", name)).strip()));
    } catch (NoSuchFileException | NumberFormatException none) {
      return OptionalLong.empty();
    }
  }

  private static String read(Path path) throws IOException {
    try (var file = Files.newInputStream(path)) {
      var bytes = new byte[STATUS_BYTES];
      int length = file.read(bytes);
      return new String(bytes, 0, Math.max(0, length), StandardCharsets.US_ASCII);
    }
  }

  /** Whether seccomp filters lie on this process already, as container runtimes install them. */
  public boolean isFiltered() {
    return seccomp.orElse(0) != 0;
  }

  /** Whether there is any sign that a layer could be missing, so that it is worth to try. */
  public boolean giveCauseForDoubt(boolean root) {
    return seccomp.isEmpty() || isFiltered() || (root ? !administrator : unprivilegedUserNamespaces.orElse(1) == 0
        || appArmorUserNamespaces.orElse(0) != 0 || userNamespaces.orElse(1) == 0);
  }
}
