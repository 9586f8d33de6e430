package dev.embryo.policy.model;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A handle that the program will hold, and what it may do with it.
 *
 * <p>A capability reaches the program at a descriptor number, at a path of its private root, or both; never neither.
 */
public sealed interface Capability permits Inherit, Null, FileCapability, DirectoryCapability, Tmpfs, DescriptorCapability,
    Pipe, ProcessCapability, Memory, SocketCapability, ArgumentsCapability {

  /** The word by which a policy names the kind: {@code inherit}, {@code null}, {@code file}, ... */
  String kind();

  /** The name that the policy gives it: {@code [a-z][a-z0-9_-]*}, at most 64 characters, unique in its policy. */
  String name();

  /** What may be done with it. */
  Rights rights();

  /** The descriptor number at which the program finds it; nothing when it is only mounted. */
  OptionalInt fd();

  /**
   * The path at which the program sees it: absolute and normalised, never {@code /}; nothing when it is only a
   * descriptor.
   */
  Optional<String> mount();

  /** Where the policy names it; for what a policy implies without naming it, where its capabilities stand. */
  Position position();
}
