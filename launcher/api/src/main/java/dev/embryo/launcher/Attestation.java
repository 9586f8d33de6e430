package dev.embryo.launcher;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.runtime.birth.Namespace;
import dev.embryo.runtime.birth.ResourceLimit;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.host.MountLine;
import dev.embryo.runtime.linux.Constant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares what the kernel says of an embryo that is about to execute its program with what its policy was compiled to:
 * descriptors, identity and capabilities, the number of filters, namespaces, mounts, limits, session. It reads {@code /proc} and
 * asks nobody else, the embryo least of all.
 *
 * <p>Of Landlock and of what filters say the kernel tells nobody; that their calls did not fail is all that is known. Used by
 * one thread, for one launch.
 */
final class Attestation {
  private static final long CLOSE_ON_EXEC = Constant.O_CLOEXEC.value();
  private static final int OCTAL = 8;
  private static final int AFTER_NAME_OF_LIMIT = 26; // the width of that column
  private static final String UNLIMITED = "unlimited";
  private static final List<String> CAPABILITY_SETS = List.of("CapInh", "CapPrm", "CapEff", "CapAmb");
  private static final String NO_CAPABILITIES = "0".repeat(16);
  private static final Map<Namespace, String> NAMESPACES = new EnumMap<>(Map.of(
      Namespace.USER, "user", Namespace.PID, "pid", Namespace.MOUNT, "mnt", Namespace.NETWORK, "net", Namespace.IPC, "ipc",
      Namespace.UTS, "uts", Namespace.CGROUP, "cgroup"));
  private static final Map<Constant, String> OPTIONS = Map.of(
      Constant.MOUNT_ATTR_RDONLY, "ro", Constant.MOUNT_ATTR_NOSUID, "nosuid", Constant.MOUNT_ATTR_NODEV, "nodev",
      Constant.MOUNT_ATTR_NOEXEC, "noexec");
  private static final Pattern STAT = Pattern.compile("(\\d+) \\(.*\\) \\S -?\\d+ -?\\d+ (-?\\d+) (-?\\d+) .*", Pattern.DOTALL);

  private final CompiledPolicy compiled;
  private final Map<DescriptorSlot, Fd> given;
  private final HostIdentity identity;
  private final List<String> differences = new ArrayList<>();

  /**
   * @param given what was handed over, by the policy's slots
   * @param identity of the program on the host
   */
  Attestation(CompiledPolicy compiled, Map<DescriptorSlot, Fd> given, HostIdentity identity) {
    this.compiled = compiled;
    this.given = given;
    this.identity = identity;
  }

  /**
   * Compares.
   *
   * @throws AttestationException if anything differs
   * @throws IOException if the kernel does not tell
   */
  void check(int pid) throws IOException {
    var process = Path.of("/proc", Integer.toString(pid));
    descriptors(process);
    status(process);
    namespaces(process);
    mounts(process);
    limits(process);
    session(process);
    if (!differences.isEmpty()) {
      throw new AttestationException(differences);
    }
  }

  private void expect(String what, Object expected, @Nullable Object found) {
    if (!expected.equals(found)) {
      differences.add(what + " should be " + expected + ", and is " + found);
    }
  }

  /** What is not close-on-exec is the program's; what is belongs to the stub. */
  private void descriptors(Path process) throws IOException {
    var found = new TreeMap<Integer, Long>();
    try (var numbers = Files.list(process.resolve("fd"))) {
      for (Path number : numbers.toList()) {
        long flags = openFlags(process, number.getFileName().toString());
        if ((flags & CLOSE_ON_EXEC) == 0) {
          found.put(Integer.valueOf(number.getFileName().toString()), flags);
        }
      }
    }
    expect("the descriptors", new TreeSet<>(compiled.descriptors().stream().map(DescriptorSlot::number).toList()),
        found.navigableKeySet());
    for (var each : given.entrySet()) {
      int number = each.getKey().number();
      if (found.containsKey(number)) {
        String handed = Integer.toString(each.getValue().number());
        expect("descriptor " + number, link(Path.of("/proc/self/fd", handed)), link(process.resolve("fd/" + number)));
        expect("the open mode of descriptor " + number,
            Long.toOctalString(openFlags(Path.of("/proc/self"), handed) & ~CLOSE_ON_EXEC), Long.toOctalString(found.get(number)));
      }
    }
  }

  private static String link(Path link) throws IOException {
    return Files.readSymbolicLink(link).toString();
  }

  private static long openFlags(Path process, String number) throws IOException {
    return Long.parseLong(fields(process.resolve("fdinfo/" + number)).getOrDefault("flags", ""), OCTAL);
  }

  private static Map<String, String> fields(Path file) throws IOException {
    var fields = new HashMap<String, String>();
    for (String line : Files.readAllLines(file)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return fields;
  }

  private void status(Path process) throws IOException {
    var status = fields(process.resolve("status"));
    var own = fields(Path.of("/proc/self/status"));
    expect("no_new_privs", "1", status.get("NoNewPrivs"));
    expect("the mode of seccomp", "2", status.get("Seccomp"));
    if (status.containsKey("Seccomp_filters")) { // Linux 5.9
      long installed = compiled.program().operations().stream().filter(each -> each.name().equals("seccomp")).count();
      expect("the number of filters", Long.toString(installed + Long.parseLong(own.getOrDefault("Seccomp_filters", "0"))),
          status.get("Seccomp_filters"));
    }
    for (String set : CAPABILITY_SETS) {
      expect(set, NO_CAPABILITIES, status.get(set));
    }
    boolean bounds = compiled.needsHostUser() || compiled.plan().namespaces().contains(Namespace.USER);
    expect("CapBnd", bounds ? NO_CAPABILITIES : own.getOrDefault("CapBnd", ""), status.get("CapBnd")); // else it takes a capability
    expect("the user", four(identity.user()), status.get("Uid"));
    expect("the group", four(identity.group()), status.get("Gid"));
    expect("the groups", identity.groups().isPresent() ? sorted(identity.groups().get()) : own.getOrDefault("Groups", ""),
        status.get("Groups"));
  }

  private static String four(int id) {
    return (id + "\t").repeat(4).strip(); // real, effective, saved, of the file system
  }

  private static String sorted(List<Integer> groups) {
    return groups.stream().sorted().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private void namespaces(Path process) throws IOException {
    for (var each : NAMESPACES.entrySet()) {
      boolean own = !link(process.resolve("ns/" + each.getValue())).equals(link(Path.of("/proc/self/ns", each.getValue())));
      expect("a " + each.getValue() + " namespace of its own", compiled.plan().namespaces().contains(each.getKey()), own);
    }
  }

  /** Every mount is one of the root's, or lies in one of a directory and has its options. */
  private void mounts(Path process) throws IOException {
    if (!compiled.plan().namespaces().contains(Namespace.MOUNT)) {
      return;
    }
    var expected = new LinkedHashMap<String, List<String>>();
    expected.put("/", List.of("ro", "nosuid", "nodev", "noexec"));
    for (RootEntry entry : compiled.root()) {
      if (entry instanceof RootEntry.Mount mount) {
        expected.put(mount.path(), options(mount.attributes()));
      } else if (entry instanceof RootEntry.Tmpfs || entry instanceof RootEntry.Proc) {
        expected.put(entry.path(), List.of("nosuid", "nodev", "noexec"));
      }
    }
    var found = Files.readAllLines(process.resolve("mountinfo")).stream().map(MountLine::parse).toList();
    for (String path : expected.keySet()) {
      if (found.stream().noneMatch(line -> line.point().equals(path))) {
        differences.add("nothing is mounted at " + path);
      }
    }
    for (MountLine line : found) {
      var options = expected.get(within(expected.keySet(), line.point()));
      if (options == null || !line.options().containsAll(options)) {
        differences.add("the mount at " + line.point() + " should "
            + (options == null ? "not be there" : "have " + options + ", and has " + line.options()));
      }
    }
  }

  /** The mount in which a path lies, which may be its own; the root's own files are no places for mounts. */
  private static String within(Iterable<String> mounts, String path) {
    String longest = path.equals("/") ? "/" : "";
    for (String mount : mounts) {
      boolean inside = path.equals(mount) || path.startsWith(mount + "/");
      longest = inside && mount.length() > longest.length() ? mount : longest;
    }
    return longest;
  }

  private static List<String> options(Constant attributes) {
    return OPTIONS.entrySet().stream().filter(each -> (attributes.value() & each.getKey().value()) != 0).map(Map.Entry::getValue)
        .sorted().toList();
  }

  private void limits(Path process) throws IOException {
    var lines = Files.readAllLines(process.resolve("limits"));
    for (var each : compiled.limits().entrySet()) {
      String value = each.getValue() == ResourceLimit.UNLIMITED ? UNLIMITED : each.getValue().toString();
      var words = lines.get(1 + each.getKey().ordinal()).substring(AFTER_NAME_OF_LIMIT).strip().split(" +");
      expect("the limit " + each.getKey(), value + ", " + value, words[0] + ", " + words[1]);
    }
  }

  private void session(Path process) throws IOException {
    var stat = STAT.matcher(Files.readString(process.resolve("stat")));
    if (!stat.matches()) {
      throw new IOException("cannot read " + process.resolve("stat"));
    }
    expect("the session", stat.group(1), stat.group(2));
    if (compiled.resolved().terminals().isEmpty()) {
      expect("the controlling terminal", "0", stat.group(3));
    }
  }
}
