package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The embryo's own root: a small file system in memory that holds what it is given, read-only itself. The old root is
 * left behind and detached.
 *
 * <p>Each mount is a detached clone of a tree (so no later mount of the host appears in it), compared with the file that
 * was meant before it is put in its place: whoever swaps a directory for a symbolic link meanwhile gains nothing
 * (CVE-2024-42472 was that). In an embryo without a single entry the root is empty.
 */
public final class PrivateRoot {
  private static final Constant NO_SET_ID_OR_DEVICES = Constant.or(Constant.MS_NOSUID, Constant.MS_NODEV);
  private static final String PLACE = "/tmp"; // covered in this mount namespace only, and left again at once
  private static final long LEAST_INODES = 1024;
  private static final long PAGE_BYTES = 4096;

  private final BirthProgram.Builder program;
  private final FileComparison comparison;

  private PrivateRoot(BirthProgram.Builder program) {
    this.program = program;
    this.comparison = FileComparison.of(program);
  }

  /**
   * Adds the operations that make the root, and make it the root of every process in this mount namespace.
   *
   * @param entries parents before their children
   * @param sharedMounts true if the mount namespace may still receive mounts from the host (made by root)
   */
  public static void addTo(BirthProgram.Builder program, List<RootEntry> entries, boolean sharedMounts) {
    addTo(program, entries, sharedMounts, Fragment.NONE);
  }

  /**
   * As {@link #addTo(BirthProgram.Builder, List, boolean)}.
   *
   * @param beforeEntering is done when the root is made, and not yet entered
   */
  public static void addTo(
      BirthProgram.Builder program, List<RootEntry> entries, boolean sharedMounts, Fragment beforeEntering) {
    var root = new PrivateRoot(program);
    root.make(entries, sharedMounts);
    beforeEntering.addTo(program);
    root.enter();
  }

  private void make(List<RootEntry> entries, boolean sharedMounts) {
    if (sharedMounts) {
      DetachedTree.makeMountsPrivate(program);
    }
    var trees = entries.stream().map(e -> e instanceof RootEntry.Mount mount ? clone(mount) : null).toList();
    program.purpose("make the private root");
    program.call("mount", program.string("embryo"), program.string(PLACE), program.string("tmpfs"),
        NO_SET_ID_OR_DEVICES, program.string("mode=0755,size=1m"));
    program.call("chdir", program.string(PLACE));
    program.call("umask", Operand.mode(022));
    for (int i = 0; i < entries.size(); i++) {
      put(entries.get(i), trees.get(i));
    }
  }

  private Operand.Result clone(RootEntry.Mount mount) {
    return DetachedTree.open(program, comparison, mount);
  }

  private void put(RootEntry entry, Operand.@Nullable Result tree) {
    var path = program.string(entry.path().substring(1)); // relative to the root in the making
    program.purpose("make " + entry.path() + " in the private root");
    if (entry instanceof RootEntry.Directory) {
      program.call("mkdirat", Constant.AT_FDCWD, path, Operand.mode(0755));
    } else if (entry instanceof RootEntry.Link link) {
      program.call("symlinkat", program.string(link.target()), Constant.AT_FDCWD, path);
    } else if (entry instanceof RootEntry.Tmpfs tmpfs) {
      mountMemory(tmpfs, path);
    } else if (entry instanceof RootEntry.Proc) {
      mountProc(path);
    } else if (entry instanceof RootEntry.Mount mount && tree != null) {
      mountTree(mount, path, tree);
    }
  }

  private void mountTree(RootEntry.Mount mount, Operand.Data path, Operand.Result tree) {
    if (!mount.placeExists() && mount.directory()) {
      program.call("mkdirat", Constant.AT_FDCWD, path, Operand.mode(0755));
    } else if (!mount.placeExists()) {
      program.call("mknodat", Constant.AT_FDCWD, path, Constant.S_IFREG, 0);
    }
    program.call("move_mount", tree, program.string(""), Constant.AT_FDCWD, path, Constant.MOVE_MOUNT_F_EMPTY_PATH);
  }

  private void mountMemory(RootEntry.Tmpfs tmpfs, Operand.Data path) {
    if (!tmpfs.placeExists()) {
      program.call("mkdirat", Constant.AT_FDCWD, path, Operand.mode(0755));
    }
    program.call("mount", program.string("embryo"), path, program.string("tmpfs"),
        Constant.or(NO_SET_ID_OR_DEVICES, Constant.MS_NOEXEC),
        program.string("mode=1777,size=" + tmpfs.bytes() + ",nr_inodes=" + inodes(tmpfs.bytes())));
  }

  /**
   * While the host's is still there: without one that is wholly visible, the kernel refuses another. Who may not trace a
   * process does not see it, and so not init. Read-only, or /proc/self/mem would be a way to write code.
   */
  private void mountProc(Operand.Data path) {
    program.call("mkdirat", Constant.AT_FDCWD, path, Operand.mode(0755));
    program.call("mount", program.string("proc"), path, program.string("proc"),
        Constant.or(Constant.MS_RDONLY, NO_SET_ID_OR_DEVICES, Constant.MS_NOEXEC),
        program.string("hidepid=ptraceable,subset=pid"));
  }

  /** As many as there can be files that are not empty; the kernel's default is half of the machine's memory in pages. */
  private static long inodes(long bytes) {
    return Math.max(LEAST_INODES, bytes / PAGE_BYTES);
  }

  private void enter() {
    var here = program.string(".");
    program.purpose("enter the private root");
    program.call("pivot_root", here, here);
    program.call("umount2", here, Constant.MNT_DETACH);
    program.call("chdir", program.string("/"));
    program.call("mount_setattr", Constant.AT_FDCWD, program.string("/"), 0,
        DetachedTree.attributes(program, Constant.or(Constant.MOUNT_ATTR_RDONLY, Constant.MOUNT_ATTR_NOSUID,
            Constant.MOUNT_ATTR_NODEV, Constant.MOUNT_ATTR_NOEXEC)), DetachedTree.ATTRIBUTES_BYTES);
    program.call("umask", Operand.mode(Baseline.UMASK));
  }
}
