package dev.embryo.policy.compile;

import dev.embryo.runtime.seccomp.Filter;

/**
 * The seccomp filters of a program, in the order of their installation.
 *
 * @param oneShotExec hands execveat to the stub's gate, which lets one pass; none passes after that
 * @param surface which system calls there are
 */
public record ProgramFilters(Filter oneShotExec, Filter surface) {}
