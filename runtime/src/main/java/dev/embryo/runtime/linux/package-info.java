/**
 * The kernel and the two C libraries as Java sees them. This is the only package that imports JNA.
 *
 * <p>{@link dev.embryo.runtime.linux.Libc} declares the calls by direct mapping, under their C names, with addresses and
 * sizes as {@code long}. Two conventions must not be mixed up: libc returns -1 and leaves the reason in {@code errno},
 * which {@link dev.embryo.runtime.linux.LinuxException#check} reads at once; libseccomp returns {@code -errno}.
 * {@link dev.embryo.runtime.linux.Constant} gives a number its C name, so that a birth program can be printed the way
 * strace prints it.
 */
@NullMarked
package dev.embryo.runtime.linux;

import org.jspecify.annotations.NullMarked;
