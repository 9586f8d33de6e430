/** What a compiled policy allows, read from the compiled artefact itself, in words for people. */
@NullMarked
package dev.embryo.policy.explain;

import org.jspecify.annotations.NullMarked;
