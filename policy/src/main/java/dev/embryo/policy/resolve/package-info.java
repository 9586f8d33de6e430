/**
 * Finds on this host what a policy names: everything that touches the file system, before any process is made.
 *
 * <p>{@link dev.embryo.policy.resolve.PolicyResolver} turns a {@code Policy} into a {@link
 * dev.embryo.policy.resolve.ResolvedPolicy}, a value: real paths without symbolic links, the identity (device and
 * inode) of each, the program's ELF headers, and the <em>view</em>, which is the list of all that the private root
 * will hold. Whoever makes the embryo opens these paths again and compares identities, so what was changed in between
 * is noticed.
 *
 * <p>Inside:
 * <ul>
 *   <li>{@code HostFiles} follows a path component by component, as the kernel does, and notes each symbolic link and
 *       each directory that it meets: the view reproduces them, so a path means the same inside as outside;
 *   <li>{@code LibraryClosure} finds interpreter and libraries by the rules of ld.so(8), with {@code LoaderCache}
 *       ({@code /etc/ld.so.cache}) and {@code LoaderLayout} (what is built into a distribution's loader);
 *   <li>{@code ViewAssembly} merges programs, devices and capabilities into one view and refuses conflicts.
 * </ul>
 *
 * <p>The closure holds what a program is linked with. What it loads by name while it runs (plugins, name service
 * modules, {@code libgcc_s.so.1} when a thread is cancelled) is not in it: grant a directory, or use
 * {@code programs: system}.
 *
 * <p>ELF files, the loader's cache and symbolic links are treated as hostile input; a path with a control character in
 * it is refused. All that is wrong becomes a {@code PolicyException} that points at the key which asked for it.
 */
@NullMarked
package dev.embryo.policy.resolve;

import org.jspecify.annotations.NullMarked;
