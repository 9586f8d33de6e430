package dev.embryo.policy.resolve;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One thing that the private root will hold.
 *
 * <p>Immutable and thread-safe.
 */
public sealed interface ViewEntry {

  /**
   * Where it is in the private root: absolute, normalised, without control characters, never {@code /}; no directory
   * on the way to it is a symbolic link.
   */
  String path();

  /**
   * A directory to be made, in the root's own file system or in a {@link Tmpfs} above it.
   *
   * @param path where it is in the private root
   */
  record Directory(String path) implements ViewEntry {}

  /**
   * A symbolic link to be made, as it is on the host.
   *
   * @param path where it is in the private root
   * @param target what the link holds, as on the host; it may be relative
   */
  record Link(String path, String target) implements ViewEntry {}

  /**
   * A file or directory of the host, mounted.
   *
   * @param path where it is in the private root; {@link ResolvedPolicy#mountPointExists} says whether the mount point
   *     has to be made
   * @param host its real path on the host, without symbolic links
   * @param identity which file that was when the policy was resolved
   * @param directory whether it is a directory, else a file or device
   * @param use what it is there for
   * @param capability the name of the capability that grants it; empty for what the program needs to run
   */
  record Mount(
      String path,
      Path host,
      FileIdentity identity,
      boolean directory,
      MountUse use,
      Optional<String> capability)
      implements ViewEntry {}

  /**
   * An empty file system in memory, mounted.
   *
   * @param path where it is in the private root; {@link ResolvedPolicy#mountPointExists} says whether the mount point
   *     has to be made
   * @param bytes the most that it can hold
   * @param capability the name of the capability that grants it
   */
  record Tmpfs(String path, long bytes, String capability) implements ViewEntry {}

  /**
   * The processes of the sandbox, as files.
   *
   * @param path where it is in the private root
   */
  record Proc(String path) implements ViewEntry {}
}
