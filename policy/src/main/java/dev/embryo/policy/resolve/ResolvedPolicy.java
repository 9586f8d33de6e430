package dev.embryo.policy.resolve;

import dev.embryo.policy.model.Policy;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A policy with all that it names found on this host.
 *
 * <p>A value: nothing is open, but a copy of a pinned program. Between resolving and launching the host may change, so whoever opens one of the paths
 * compares what was opened with the {@link FileIdentity} beside it. Immutable and thread-safe.
 *
 * @param policy the policy that was resolved
 * @param program its program
 * @param view all that the private root will hold: sorted by path, parents before children, each path once, every
 *     directory above an entry present unless a mount provides it
 * @param files the files and directories to open at launch, by capability name, in the order of the policy
 * @param executables what of the view the kernel may be asked to execute, the program and its ELF interpreter among it
 * @param terminals the descriptors of the launcher that are its terminal: the program gets a new one in their place
 */
public record ResolvedPolicy(
    Policy policy,
    ResolvedProgram program,
    List<ViewEntry> view,
    Map<String, ResolvedFile> files,
    List<Executable> executables,
    Set<Integer> terminals) {

  /** On no terminal. */
  public ResolvedPolicy(Policy policy, ResolvedProgram program, List<ViewEntry> view, Map<String, ResolvedFile> files,
      List<Executable> executables) {
    this(policy, program, view, files, executables, Set.of());
  }

  /** Copies the collections. */
  public ResolvedPolicy {
    view = List.copyOf(view);
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
    executables = List.copyOf(executables);
    terminals = Set.copyOf(terminals);
  }

  /**
   * Whether the place of an entry lies in a host directory mounted above it. Then the mount point exists there (it was
   * checked) and must not be made: what is granted is not changed by granting.
   *
   * @param entry an entry of this view
   */
  public boolean mountPointExists(ViewEntry entry) {
    ViewEntry nearest = null;
    for (ViewEntry above : view) {
      boolean root = above instanceof ViewEntry.Mount || above instanceof ViewEntry.Tmpfs;
      if (root && entry.path().startsWith(above.path() + "/")) {
        nearest = above;
      }
    }
    return nearest instanceof ViewEntry.Mount;
  }
}
