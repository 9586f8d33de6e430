/**
 * Reads what the headers of an ELF file say about how it is started: machine, interpreter, libraries it needs.
 *
 * <p>Pure: a few bounded reads of a file or an array, no system state, no native code. The files are treated as
 * hostile: every offset and every length is checked against the file before it is used, nothing is allocated by a
 * size that the file merely claims, and whatever is wrong becomes an {@link dev.embryo.runtime.elf.ElfException} that
 * names the file and the reason.
 *
 * <p>{@link dev.embryo.runtime.elf.Elf} is the result, {@code ElfReader} the walk over headers, {@code BoundedBytes} the
 * only place that touches bytes. What is read is what the kernel and the dynamic loader go by (program headers and the
 * dynamic section found through them); section headers are ignored, as both ignore them.
 *
 * <p>Sources: elf(5), the System V gABI, {@code fs/binfmt_elf.c}, ld.so(8).
 */
@NullMarked
package dev.embryo.runtime.elf;

import org.jspecify.annotations.NullMarked;
