package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;

/** A detached clone of a mounted tree of the host, compared with the file that was meant, with attributes of its own. */
final class DetachedTree {
  static final int ATTRIBUTES_BYTES = 32; // struct mount_attr

  private DetachedTree() {}

  /** Adds the operations that open it; the result holds it. */
  static Operand.Result open(BirthProgram.Builder program, FileComparison comparison, RootEntry.Mount mount) {
    program.purpose("open " + mount.source() + " for " + mount.purpose());
    var flags = mount.directory()
        ? Constant.or(Constant.OPEN_TREE_CLONE, Constant.O_CLOEXEC, Constant.AT_RECURSIVE)
        : Constant.or(Constant.OPEN_TREE_CLONE, Constant.O_CLOEXEC);
    var tree = program.call("open_tree", Constant.AT_FDCWD, program.string(mount.source()), flags);
    comparison.compare(tree, mount.deviceMajor(), mount.deviceMinor(), mount.inode());
    program.call("mount_setattr", tree, program.string(""), Constant.or(Constant.AT_EMPTY_PATH, Constant.AT_RECURSIVE),
        attributes(program, mount.attributes()), ATTRIBUTES_BYTES);
    return tree;
  }

  /** A struct mount_attr: these attributes set, nothing cleared, no propagation in or out. */
  static Operand.Data attributes(BirthProgram.Builder program, Constant set) {
    return program.words("{" + set.name() + ", MS_PRIVATE}", set.value(), 0, Constant.MS_PRIVATE.value(), 0);
  }

  /** Adds the operation after which no mount of the host appears in this mount namespace. */
  static void makeMountsPrivate(BirthProgram.Builder program) {
    program.purpose("detach the mounts from the host's")
        .call("mount", 0, program.string("/"), 0, Constant.or(Constant.MS_REC, Constant.MS_PRIVATE), 0);
  }
}
