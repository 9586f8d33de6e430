package dev.embryo.runtime.birth;

import dev.embryo.runtime.linux.Constant;
import java.util.Map;

/**
 * Directories of the host as descriptors out of which no path leads. Each is the root of a detached mount: the kernel
 * takes {@code ..} no further than there, whatever the program makes of it, by fchdir(2) or by descriptors opened in it.
 */
public final class DirectoryDescriptors {
  private DirectoryDescriptors() {}

  /**
   * Adds the operations that open them. The mounts of the host have to be there still, as has the privilege to clone them.
   *
   * @param directories by number; the path of an entry is not used
   * @param sharedMounts as for {@link PrivateRoot#addTo}
   */
  public static void addTo(
      BirthProgram.Builder program, Map<Integer, RootEntry.Mount> directories, boolean sharedMounts) {
    if (sharedMounts) {
      DetachedTree.makeMountsPrivate(program);
    }
    var comparison = FileComparison.of(program);
    directories.forEach((number, mount) -> {
      var tree = DetachedTree.open(program, comparison, mount);
      program.purpose("give descriptor " + number + ", " + mount.purpose());
      var directory = program.call("openat", tree, program.string("."),
          Constant.or(Constant.O_RDONLY, Constant.O_CLOEXEC));
      program.call("close", tree);
      program.settle(directory, number);
    });
  }
}
