package dev.embryo.policy.explain;

import dev.embryo.policy.compile.CompiledPolicy;
import dev.embryo.policy.compile.DescriptorSlot;
import dev.embryo.runtime.birth.Disassembler;
import dev.embryo.runtime.birth.RootEntry;
import java.util.stream.Collectors;

/** Tells what a program under a policy will hold and may do, and which layer sees to it. Stateless. */
public final class Explanation {
  private Explanation() {}

  /** All that the program will hold. */
  public static String of(CompiledPolicy compiled) {
    var policy = compiled.policy();
    var text = new StringBuilder();
    text.append(policy.name()).append(" (version ").append(policy.version()).append(") runs ")
        .append(compiled.resolved().program().viewPath()).append('\n');
    section(text, "identity", identity(compiled));
    section(text, "arguments", policy.program().arguments().toString());
    section(text, "environment", policy.program().environment().isEmpty()
        ? "empty" : policy.program().environment().toString());
    text.append("\ndescriptors (the whole table; enforced by the descriptor table and each file's open mode)\n");
    compiled.descriptors().forEach(slot -> text.append(descriptor(slot)));
    text.append("\nfiles (the whole tree; enforced by the private root and its mounts, and by Landlock ABI ")
        .append(compiled.host().landlockAbi()).append(" a second time)\n");
    compiled.root().forEach(entry -> text.append(file(entry)));
    text.append("\nprocesses (enforced by the surface filter, the pid namespace and the one-shot exec)\n");
    text.append("  threads ").append(policy.processes().threads() ? "yes" : "no")
        .append(", children ").append(policy.processes().spawn() ? "yes" : "no")
        .append(", executing another program no\n");
    text.append("\nlimits (setrlimit, soft and hard)\n");
    text.append(compiled.limits().entrySet().stream()
        .map(limit -> "  RLIMIT_" + limit.getKey() + ' ' + (limit.getValue() == -1 ? "unlimited" : limit.getValue()))
        .collect(Collectors.joining("\n", "", "\n")));
    text.append("\nnetwork, sockets, other processes, devices, system calls beyond the surface filter: none\n");
    text.append("namespaces: ").append(compiled.plan().namespaces().stream().sorted().map(Enum::name)
        .map(String::toLowerCase).collect(Collectors.joining(", "))).append('\n');
    text.append("seccomp: surface filter of ").append(compiled.filters().surface().length())
        .append(" instructions, one-shot exec of ").append(compiled.filters().oneShotExec().length()).append('\n');
    return text.toString();
  }

  private static void section(StringBuilder text, String name, String content) {
    text.append(String.format("%-12s %s%n", name, content));
  }

  private static String identity(CompiledPolicy compiled) {
    var identity = compiled.policy().identity();
    return compiled.needsHostUser()
        ? "a host user of its own" + identity.user().stream().mapToObj(user -> " (" + user + ")").findFirst().orElse("")
            + ", no privilege"
        : "user " + compiled.host().user() + " of the host, seen inside as " + identity.insideUser() + ":"
            + identity.insideGroup() + ", no privilege";
  }

  private static String descriptor(DescriptorSlot slot) {
    var source = slot.source();
    String from = source instanceof DescriptorSlot.Launcher launcher ? "the launcher's descriptor " + launcher.number()
        : source instanceof DescriptorSlot.HostFile file ? file.file().host().toString()
        : "the null device";
    return String.format("  %3d %-16s %-32s %s%n", slot.number(), slot.capability(), from, slot.rights());
  }

  private static String file(RootEntry entry) {
    if (entry instanceof RootEntry.Mount mount) {
      return String.format("  %-48s %s%n", mount.path(), access(mount) + " (" + mount.purpose()
          + (mount.source().equals(mount.path()) ? "" : ", on the host " + mount.source()) + ")");
    } else if (entry instanceof RootEntry.Tmpfs tmpfs) {
      return String.format("  %-48s %s%n", tmpfs.path(), "read, write (in memory, " + tmpfs.bytes() + " bytes)");
    } else if (entry instanceof RootEntry.Link link) {
      return String.format("  %-48s -> %s%n", link.path(), link.target());
    }
    return String.format("  %s/%n", entry.path());
  }

  private static String access(RootEntry.Mount mount) {
    return mount.accesses().stream().map(access -> access.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
        .collect(Collectors.joining(", "));
  }

  /** The system calls of the whole birth, process by process, in order. */
  public static String birth(CompiledPolicy compiled) {
    var text = new StringBuilder();
    var plan = compiled.plan();
    text.append("zygote:\n").append(Disassembler.print(plan.zygote()));
    plan.helper().ifPresent(helper -> text.append("\nhelper:\n").append(Disassembler.print(helper)));
    plan.init().ifPresent(init -> text.append("\ninit:\n").append(Disassembler.print(init)));
    return text.append("\nembryo:\n").append(Disassembler.print(compiled.program())).toString();
  }
}
