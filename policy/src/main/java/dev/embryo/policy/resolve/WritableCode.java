package dev.embryo.policy.resolve;

import dev.embryo.policy.model.Capability;
import dev.embryo.policy.model.Right;
import java.util.List;
import java.util.Optional;

/**
 * A file that the program may both write, by a capability, and execute. No mount attribute keeps the two apart, as they are
 * at different paths of the view.
 *
 * <p>Paths are compared, so a second name for the same file (a hard link, a bind mount of the host) is not noticed.
 */
final class WritableCode {
  private WritableCode() {}

  /**
   * What is wrong with a capability, if anything.
   *
   * @param host the real path of the file or directory that it grants
   */
  static Optional<String> problem(Capability capability, String host, List<Executable> executables) {
    boolean changes = capability.rights().writes() || capability.rights().hasAny(Right.CHANGING_TREES);
    if (!changes) {
      return Optional.empty();
    }
    return executables.stream()
        .filter(executable -> isWithin(executable.path(), host)
            || (executable.directory() && isWithin(host, executable.path())))
        .findFirst()
        .map(executable -> host + " is granted for writing, and " + (executable.directory() ? "what is in " : "")
            + executable.path() + " may be executed (processes.execute): the program could execute what it wrote");
  }

  private static boolean isWithin(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }
}
