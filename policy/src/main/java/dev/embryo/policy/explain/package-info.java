/**
 * What a compiled policy allows, read from the compiled artefact itself, in words for people: {@link
 * dev.embryo.policy.explain.Explanation} tells what the program holds and may do, {@link
 * dev.embryo.policy.explain.BirthListing} which system calls make it so.
 */
@NullMarked
package dev.embryo.policy.explain;

import org.jspecify.annotations.NullMarked;
