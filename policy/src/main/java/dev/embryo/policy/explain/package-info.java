/**
 * What a compiled policy allows, read from the compiled artefact itself, in words for people: {@link
 * dev.embryo.policy.explain.Explanation} tells what the program holds and may do, {@link
 * dev.embryo.policy.explain.BirthListing} which system calls make it so, {@link dev.embryo.policy.explain.FilterListing} what
 * the filters are, instruction by instruction. {@link dev.embryo.policy.explain.Why} answers a {@link
 * dev.embryo.policy.explain.Question} about a single system call.
 */
@NullMarked
package dev.embryo.policy.explain;

import org.jspecify.annotations.NullMarked;
