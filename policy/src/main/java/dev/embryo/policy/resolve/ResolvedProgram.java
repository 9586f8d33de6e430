package dev.embryo.policy.resolve;

import dev.embryo.runtime.elf.Elf;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The program, found. Where the policy names a script, it is the script's interpreter.
 *
 * @param viewPath where it is opened inside the private root; the same as its real path on the host
 * @param host its real path on the host, without symbolic links
 * @param identity which file that was when the policy was resolved
 * @param elf what its headers say
 * @param origin the directory that {@code $ORIGIN} stands for, when the program's own search path uses it; the loader
 *     asks {@code /proc/self/exe} for it, so in a view without {@code /proc} it must be told, as {@code
 *     LD_ORIGIN_PATH} in the environment
 * @param command its arguments from {@code argv[0]} on, up to those of the policy: of a script, as the kernel makes them
 * @param script the real path of the script that the policy names
 * @param sealed the copy that is executed in the file's stead, which is not in the view then
 */
public record ResolvedProgram(
    String viewPath,
    Path host,
    FileIdentity identity,
    Elf elf,
    Optional<String> origin,
    List<String> command,
    Optional<String> script,
    Optional<SealedProgram> sealed) {

  /** Copies the list. */
  public ResolvedProgram {
    command = List.copyOf(command);
  }
}
