/**
 * Rights on descriptors: which system call takes which right, and what that comes to for one program.
 *
 * <p>{@link dev.embryo.policy.rights.RightsTable} is the heart: a row for every system call there is. {@link
 * dev.embryo.policy.rights.RightsFilter} makes of it, and of the rights that a policy withholds, the rules of a seccomp
 * filter that compares descriptor numbers.
 */
@NullMarked
package dev.embryo.policy.rights;

import org.jspecify.annotations.NullMarked;
