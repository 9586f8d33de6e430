package dev.embryo.policy.resolve;

import dev.embryo.runtime.elf.Elf;
import java.util.List;

/**
 * How a file comes to be executed: scripts lead to their interpreters, until there is an ELF file.
 *
 * @param scripts the scripts, outermost first; none for an ELF file
 * @param finders the programs that look for an interpreter when the kernel starts the scripts: env(1)
 * @param program the ELF file
 * @param elf its headers
 * @param command its arguments, from {@code argv[0]} up to what the file itself was given
 */
record Chain(
    List<HostFiles.Walk> scripts,
    List<HostFiles.Walk> finders,
    HostFiles.Walk program,
    Elf elf,
    List<String> command) {}
