/**
 * Seccomp filters: what they should say, the programs that say it, and what the programs say.
 *
 * <pre>
 * FilterRules   default action, Rule*                       what a filter should say, a value
 * Rule          call name, MaskedComparison*, Action        all comparisons hold: the action
 * CallSwitch    call name, (Comparison*, Action)*, Action   the first of several ways, for what a Rule cannot say
 *      |
 *      v  FilterCompiler: libseccomp and the switches, of which the Residual for each number hangs in a NumberTree
 * Filter        Instruction*                                what the kernel runs, a value
 *      |
 *      +-- Disassembler   text, with the names of calls
 *      +-- Simulator      what the kernel would answer to one call
 * </pre>
 *
 * <p>Filters for which no rules are needed are written by hand: {@link
 * dev.embryo.runtime.seccomp.OneShotExec} and {@link dev.embryo.runtime.seccomp.InitFilter}.
 *
 * <p>Every filter begins alike. A call of a foreign architecture ({@code int 0x80}) or of the x32
 * ABI ends the process before anything else is looked at. {@code syscall(-1)}, which also has the
 * x32 bit, is no x32 call: programs make it for calls that their headers did not know, and expect
 * {@code ENOSYS}. A compiled filter then answers {@code ENOSYS} to every number above the highest
 * that its libseccomp knows, so that programs fall back from calls made after it was built.
 *
 * <p>Things to know about libseccomp: a conditional rule beside an unconditional one for the same
 * call is dropped without a word, and a masked comparison cannot be inverted. So {@link
 * dev.embryo.runtime.seccomp.FilterRules} takes no such pair, and lists are lists of what is
 * allowed. What needs an order, a range or a refusal is a {@link dev.embryo.runtime.seccomp.CallSwitch}, which this package
 * writes itself.
 */
@NullMarked
package dev.embryo.runtime.seccomp;

import org.jspecify.annotations.NullMarked;
