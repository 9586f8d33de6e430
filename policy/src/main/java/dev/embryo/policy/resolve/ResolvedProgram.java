package dev.embryo.policy.resolve;

import dev.embryo.runtime.elf.Elf;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The program, found.
 *
 * @param viewPath where it is opened inside the private root; the same as its real path on the host
 * @param host its real path on the host, without symbolic links
 * @param identity which file that was when the policy was resolved
 * @param elf what its headers say
 * @param origin the directory that {@code $ORIGIN} stands for, when the program's own search path uses it; the loader
 *     asks {@code /proc/self/exe} for it, so in a view without {@code /proc} it must be told, as {@code
 *     LD_ORIGIN_PATH} in the environment
 */
public record ResolvedProgram(String viewPath, Path host, FileIdentity identity, Elf elf, Optional<String> origin) {}
