package dev.embryo.policy.resolve;

import java.nio.file.Path;

/**
 * A file or directory of the host that is opened at launch and given to the program as a descriptor.
 *
 * @param host its real path, without symbolic links
 * @param identity which file that was when the policy was resolved
 */
public record ResolvedFile(Path host, FileIdentity identity) {}
