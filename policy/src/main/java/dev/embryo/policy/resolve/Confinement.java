package dev.embryo.policy.resolve;

import dev.embryo.policy.resolve.HostPathException.Reason;
import dev.embryo.runtime.fd.Fd;
import dev.embryo.runtime.fd.OpenFile;
import dev.embryo.runtime.linux.Constant;
import dev.embryo.runtime.linux.Errno;
import dev.embryo.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Follows a path that a launch chose, and never out of the directory that the policy sets as its bound.
 *
 * <p>The kernel itself keeps within the bound (openat2(2) RESOLVE_BENEATH), whatever is swapped meanwhile. That shows which
 * file it is: the walk, which follows the same names one by one, has to end at the file with that identity, and so has the
 * launch, when it opens or mounts what the walk has found.
 */
final class Confinement {

  private Confinement() {}

  /**
   * Follows the path.
   *
   * @param under the bound, itself followed wherever it leads
   * @param path a path that lies beneath the bound, or is it, by its text
   * @throws HostPathException if it leads out of the bound or to nothing, or if somebody changes it meanwhile
   */
  static HostFiles.Walk walk(HostFiles files, Path under, Path path) throws IOException {
    HostFiles.requirePrintable(path.toString());
    HostFiles.Walk bound = files.walk(under.toString());
    if (!bound.node().isDirectory()) {
      throw new HostPathException(Reason.NOT_A_DIRECTORY, under + " is " + bound.node().kind() + ", not a directory");
    }
    FileIdentity directory = bound.node().identity();
    try (Fd start = OpenFile.atExactly(
            bound.real(), Constant.O_PATH.asInt(), directory.devMajor(), directory.devMinor(), directory.inode());
        Fd found = openBeneath(start, under, path)) {
      HostFiles.Walk walk = files.walk(bound.real() + "/" + under.relativize(path));
      FileIdentity identity = walk.node().identity();
      if (!OpenFile.isExactly(found.number(), identity.devMajor(), identity.devMinor(), identity.inode())) {
        throw new HostPathException(Reason.UNUSABLE, path + " was changed while it was looked up");
      }
      return walk;
    }
  }

  private static Fd openBeneath(Fd start, Path under, Path path) throws IOException {
    String relative = under.relativize(path).toString();
    try {
      return Fd.openBeneath(start, relative.isEmpty() ? "." : relative, Constant.O_PATH.asInt());
    } catch (LinuxException e) {
      if (Errno.EXDEV.is(e.errno())) {
        throw new HostPathException(Reason.UNUSABLE, path + " leads out of " + under + " by a symbolic link");
      } else if (Errno.ENOENT.is(e.errno())) {
        throw new HostPathException(Reason.MISSING, path + " does not exist");
      }
      throw e;
    }
  }
}
