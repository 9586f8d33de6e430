package dev.embryo.policy.model;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A directory that exists on the host, with the tree beneath it.
 *
 * @param name the name in the policy
 * @param path the directory on the host: absolute, normalised
 * @param under the directory that it must not leave, also by symbolic links; for one that a launch chose
 * @param rights what may be done with it
 * @param fd the descriptor number, if any
 * @param mount the path in the private root, if any
 * @param position where the policy names it
 */
public record DirectoryCapability(
    String name, Path path, Optional<Path> under, Rights rights, OptionalInt fd, Optional<String> mount,
    Position position)
    implements Capability {

  /** A directory that the policy itself names. */
  public DirectoryCapability(
      String name, Path path, Rights rights, OptionalInt fd, Optional<String> mount, Position position) {
    this(name, path, Optional.empty(), rights, fd, mount, position);
  }

  @Override
  public String kind() {
    return "directory";
  }
}
