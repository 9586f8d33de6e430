/**
 * From a resolved policy to what an embryo does, without touching anything.
 *
 * <p>{@link dev.embryo.policy.compile.Surface} is the table of system calls that exist at all for a
 * program: {@link dev.embryo.policy.compile.SurfaceFeatures} selects from it the rules of the
 * surface filter.
 */
@NullMarked
package dev.embryo.policy.compile;

import org.jspecify.annotations.NullMarked;
