/**
 * Processes that are made, not forked: the zygote makes embryos, embryos are given what they may hold, and start.
 *
 * <p>{@link dev.embryo.runtime.process.Zygote} holds the one native process that clones;
 * {@link dev.embryo.runtime.process.Embryo} is a real, inert process that can be configured;
 * {@link dev.embryo.runtime.process.ReadyEmbryo} is the right to start it and no other right;
 * {@link dev.embryo.runtime.process.RunningProcess} is what it becomes, under the same pidfd. Nothing here is inherited by
 * default: an embryo begins with an empty descriptor table, no environment and no arguments.
 */
@NullMarked
package dev.embryo.runtime.process;

import org.jspecify.annotations.NullMarked;
