/**
 * What a policy means: immutable records, with every default filled in.
 *
 * <p>A {@link dev.embryo.policy.model.Policy} is the whole authority of a program. It is a tree of values that
 * mirrors the text section by section; {@code dev.embryo.policy.parse} makes it from text, and the later stages
 * (resolve, compile, explain) only read it. Nothing here touches a file, and nothing here depends on how a policy
 * is written down, except that a {@link dev.embryo.policy.model.Position} is kept for each part, so that an error
 * found at any stage can point at the line that caused it.
 *
 * <pre>
 * Policy ─┬─ Program       what is run: path, arguments, environment
 *         ├─ Capability*   Inherit | Null | FileCapability | DirectoryCapability | Tmpfs | DescriptorCapability | Pipe |
 *         │              ProcessCapability | Memory | Listen | Connect | ArgumentsCapability, each with its Rights
 *         ├─ Filesystem    what else the private root shows
 *         ├─ Processes     threads, children, execution
 *         ├─ SystemCallRules  what it may ask of the kernel beyond that, and what not
 *         ├─ Limits        rlimits
 *         ├─ Identity      who it runs as
 *         └─ Isolation     the layers it insists on
 * </pre>
 *
 * <p>Every type here is immutable and safe for use by many threads. Collections are unmodifiable copies that keep
 * the order of the text.
 */
@NullMarked
package dev.embryo.policy.model;

import org.jspecify.annotations.NullMarked;
