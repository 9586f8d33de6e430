package dev.embryo.runtime.process;

import dev.embryo.runtime.birth.Operation;
import dev.embryo.runtime.linux.Errno;
import java.util.List;
import java.util.Optional;

/** What a person can do about an operation of a birth that the kernel refused. A table: the first row that fits counts. */
enum Remedy {
  NO_USER_NAMESPACE("@clone", "CLONE_NEWUSER", List.of(Errno.EPERM, Errno.EACCES, Errno.ENOSPC, Errno.EUSERS),
      "unprivileged user namespaces are switched off here: look at the sysctls kernel.unprivileged_userns_clone (must be"
          + " 1 where it exists), user.max_user_namespaces (above 0) and kernel.apparmor_restrict_unprivileged_userns (0,"
          + " or an AppArmor profile for this program); in a container, at its seccomp profile; or run as root"),
  NO_NAMESPACE("@clone", "CLONE_NEW", List.of(Errno.EPERM, Errno.EACCES),
      "this root has lost CAP_SYS_ADMIN, or a container's seccomp profile forbids namespaces"),
  TOO_MANY_PROCESSES("@clone", "", List.of(Errno.EAGAIN),
      "a limit on processes is reached: ulimit -u, the cgroup's pids.max, or kernel.pid_max"),
  NO_CLONE("@clone", "", List.of(Errno.ENOSYS),
      "this kernel or a container's seccomp profile has no clone3; Linux 5.13 is needed"),
  NO_MAP("write", "", List.of(Errno.EPERM),
      "the kernel does not let this user map itself; in a container, its user namespace may be restricted"),
  NO_PEER("@compare", "\"1\"", List.of(Errno.ESTALE), "the embryo ended before its program began"),
  NO_INIT("@compare", "init's", List.of(Errno.ESTALE), "init ended before it had done its part"),
  REPLACED("@compare", "", List.of(Errno.ESTALE),
      "another file is there than when the policy was resolved; resolve it again"),
  GONE("open_tree", "", List.of(Errno.ENOENT),
      "the file is gone since the policy was resolved; resolve it again"),
  LISTENED("seccomp", "NEW_LISTENER", List.of(Errno.EBUSY),
      "this process already runs under somebody's seccomp listener, and the kernel allows one only; run the launcher"
          + " outside of that supervisor"),
  NO_LANDLOCK("landlock_create_ruleset", "", List.of(Errno.ENOSYS, Errno.EOPNOTSUPP),
      "Landlock is not compiled into this kernel, or not in its lsm= list"),
  CLOSED_TO_ITS_USER("execveat", "", List.of(Errno.EACCES),
      "the file, or a directory on the way to it, is closed to the user that the program runs as, or its file system is"
          + " mounted noexec"),
  BEING_WRITTEN("execveat", "", List.of(Errno.ETXTBSY), "some process has the file open for writing"),
  TOO_LONG("execveat", "", List.of(Errno.E2BIG),
      "an argument or a variable is longer than 128 KiB, or all of them together than a quarter of limits.stack"),
  NO_DIRECTORY("chdir", "", List.of(Errno.ENOENT, Errno.ENOTDIR),
      "the policy shows no such directory to the program: mount one there, or choose another program.directory"),
  COVERED_PROC("mount", "\"proc\"", List.of(Errno.EPERM),
      "the kernel lets no one mount a /proc where a part of the host's is covered, as it is in containers: uncover it (docker"
          + " run --security-opt systempaths=unconfined, podman run --security-opt unmask=ALL), or write filesystem.proc:"
          + " none"),
  NO_PLACE("mount", "/tmp", List.of(Errno.ENOENT),
      "the host needs a directory /tmp; nothing is written to it");

  private final String call;
  private final String among;
  private final List<Errno> errors;
  private final String advice;

  Remedy(String call, String among, List<Errno> errors, String advice) {
    this.call = call;
    this.among = among;
    this.errors = errors;
    this.advice = advice;
  }

  /**
   * The advice for a failure.
   *
   * @param printed the operation as the disassembler prints it
   */
  static Optional<String> of(Operation operation, String printed, int errno) {
    for (Remedy row : values()) {
      if (row.call.equals(operation.name()) && printed.contains(row.among)
          && row.errors.stream().anyMatch(error -> error.is(errno))) {
        return Optional.of(row.advice);
      }
    }
    return Optional.empty();
  }
}
