package dev.embryo.policy.compile;

import dev.embryo.policy.resolve.Executable;
import dev.embryo.runtime.birth.BirthProgram;
import dev.embryo.runtime.birth.RootEntry;
import dev.embryo.runtime.birth.Ruleset;
import dev.embryo.runtime.landlock.Access;
import dev.embryo.runtime.linux.Constant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What Landlock is told of files.
 *
 * <p>At every open the kernel asks Landlock also whether truncating is allowed, and goes from the file up to the root until all
 * that it asks for is found. Where a mount is read-only nothing can be truncated, whatever a rule says: there the rule says yes,
 * and the kernel need not go on, which makes an open faster by a sixth. A rule goes with a directory and not with its mount; so
 * this is done only where no other mount of it could be written and must not be truncated, and where no {@code /proc/self/fd} leads to
 * a file as the launcher opened it, on the host's own mount.
 *
 * @param trees the directories that are handed over, by their descriptors
 * @param executables what may be executed beside the entries of the root
 * @param ownRoot whether the root is the program's own, with mounts that have attributes
 * @param showsProc whether the program sees a {@code /proc}
 */
record LandlockRules(
    Map<Integer, RootEntry.Mount> trees, List<RootEntry> root, List<Executable> executables, boolean ownRoot,
    boolean showsProc) {
  private static final Set<Access> EXECUTION = EnumSet.of(Access.EXECUTE);

  /** Adds the operations that make the rules and enforce them. */
  void addTo(BirthProgram.Builder program, int abi) {
    var rules = Ruleset.create(program, abi);
    boolean shortcut = ownRoot && !showsProc
        && mounts().noneMatch(mount -> !isReadOnly(mount) && !mount.accesses().contains(Access.TRUNCATE));
    trees.forEach((number, tree) -> rules.allowAt(number, accesses(tree, shortcut)));
    for (RootEntry entry : root) {
      if (entry instanceof RootEntry.Mount mount && !ownRoot) {
        rules.allowOnHost(mount);
      } else if (entry instanceof RootEntry.Mount mount) {
        rules.allow(mount.path(), mount.directory(), accesses(mount, shortcut));
      } else if (entry instanceof RootEntry.Tmpfs tmpfs) {
        rules.allow(tmpfs.path(), true, tmpfs.accesses());
      } else if (entry instanceof RootEntry.Proc proc) {
        rules.allow(proc.path(), true, proc.accesses());
      }
    }
    for (Executable executable : executables) {
      rules.allow(executable.path(), executable.directory(), EXECUTION);
    }
    rules.enforce();
  }

  private Stream<RootEntry.Mount> mounts() {
    return Stream.concat(trees.values().stream(),
        root.stream().filter(RootEntry.Mount.class::isInstance).map(RootEntry.Mount.class::cast));
  }

  private static Collection<Access> accesses(RootEntry.Mount mount, boolean shortcut) {
    if (!shortcut || !isReadOnly(mount)) {
      return mount.accesses();
    }
    var accesses = EnumSet.of(Access.TRUNCATE);
    accesses.addAll(mount.accesses());
    return accesses;
  }

  private static boolean isReadOnly(RootEntry.Mount mount) {
    return (mount.attributes().value() & Constant.MOUNT_ATTR_RDONLY.value()) != 0;
  }
}
