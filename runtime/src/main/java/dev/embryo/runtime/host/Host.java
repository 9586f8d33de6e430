package dev.embryo.runtime.host;

import dev.embryo.runtime.linux.SystemCalls;
import dev.embryo.runtime.linux.Libc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The facts of a machine and of the launcher on it that decide what a policy is compiled to. A value: compiling for
 * another machine needs only its facts.
 *
 * @param kernel the kernel's release, as {@code uname -r} gives it
 * @param user the launcher's user id
 * @param group the launcher's group id
 * @param landlockAbi the Landlock ABI, 0 if the kernel has none
 * @param lastCapability the number of the highest capability
 * @param hardLimits the launcher's hard resource limits, in the order of {@link
 *     dev.embryo.runtime.birth.ResourceLimit}; unsigned, all ones is unlimited
 * @param missing the layers that this launcher cannot have, as far as that was looked for: for each the reason and what
 *     to do about it, in one line
 * @param cgroups what it can do with cgroups, as far as that was looked for
 */
public record Host(
    String kernel, int user, int group, int landlockAbi, int lastCapability, List<Long> hardLimits,
    Map<Layer, String> missing, Delegation cgroups) {
  private static final int LANDLOCK_CREATE_RULESET_VERSION = 1;
  private static final int LIMITS = 16;

  /** What a host can lack. */
  public enum Layer {
    /** User, mount, pid, ipc, uts and cgroup namespaces, and the mounts that a private root is made of. */
    NAMESPACES,
    /** Landlock, of any ABI. */
    LANDLOCK,
    /** System call filters. */
    SECCOMP,
    /** A filter with a listener, of which a process can have one: the one-shot exec. */
    LISTENER
  }

  public Host {
    hardLimits = List.copyOf(hardLimits);
    missing = Map.copyOf(missing);
  }

  /** A host that lacks no layer, and of whose cgroups nothing is known. */
  public Host(String kernel, int user, int group, int landlockAbi, int lastCapability, List<Long> hardLimits) {
    this(kernel, user, group, landlockAbi, lastCapability, hardLimits, Map.of(),
        Delegation.none("it was not looked for one"));
  }

  /** The same host, with what it lacks. */
  public Host lacking(Map<Layer, String> layers) {
    return new Host(kernel, user, group, landlockAbi, lastCapability, hardLimits, layers, cgroups);
  }

  /** The same host, with what it can do with cgroups. */
  public Host with(Delegation found) {
    return new Host(kernel, user, group, landlockAbi, lastCapability, hardLimits, missing, found);
  }

  /** True if the launcher is root: it then needs no user namespace, and its programs get a user of their own. */
  public boolean isRoot() {
    return user == 0;
  }

  /** This machine, as the calling process sees it; whether it lacks a layer is not looked for. */
  public static Host current() throws IOException {
    if (!Files.exists(Path.of("/proc/self/fd"))) {
      throw new IOException("/proc is not mounted, and without it the host cannot be looked at and no process be made;"
          + " 'mount -t proc proc /proc' mounts it, for a container before it starts");
    }
    return new Host(
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        Libc.getuid(),
        Libc.getgid(),
        probeLandlock(),
        readLastCapability(),
        probeHardLimits());
  }

  /** In one read: such a file gives nothing to a second one, and Files.readString begins with a single byte. */
  private static int readLastCapability() throws IOException {
    try (var file = Files.newInputStream(Path.of("/proc/sys/kernel/cap_last_cap"))) {
      var digits = new byte[16];
      int length = file.read(digits);
      return Integer.parseInt(new String(digits, 0, Math.max(0, length), StandardCharsets.US_ASCII).strip());
    }
  }

  private static int probeLandlock() {
    return Math.max(0, askForLandlock());
  }

  /** The Landlock ABI, or the error number below zero: ENOSYS without Landlock, EOPNOTSUPP if it is switched off. */
  public static int askForLandlock() {
    long abi = Libc.syscall(SystemCalls.number("landlock_create_ruleset"), 0, 0, LANDLOCK_CREATE_RULESET_VERSION, 0, 0, 0);
    return abi == -1 ? -Libc.errno() : (int) abi;
  }

  private static List<Long> probeHardLimits() {
    var limits = new ArrayList<Long>();
    var memory = Libc.allocate(16);
    for (int resource = 0; resource < LIMITS; resource++) {
      memory.putLong(8, -1);
      Libc.syscall(SystemCalls.number("prlimit64"), 0, resource, 0, Libc.address(memory), 0, 0);
      limits.add(memory.getLong(8));
    }
    return limits;
  }
}
