package dev.embryo.policy.model;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much the program may use. Every limit is set at birth, soft and hard alike; none is inherited from the
 * launcher. A limit that is empty is set to "unlimited". Sources: getrlimit(2), and the defaults are ours.
 *
 * @param memory private writable memory of each process in bytes ({@code RLIMIT_DATA}), 1 MiB or more; unlimited
 *         unless written
 * @param stack the stack of the first thread in bytes ({@code RLIMIT_STACK}), 128 KiB or more; 8 MiB unless written
 * @param openFiles descriptors open at once ({@code RLIMIT_NOFILE}), 4 to 1048576; 256 unless written
 * @param processes processes and threads of the sandbox ({@code RLIMIT_NPROC}, counted in its user namespace), 1 to
 *         4194304; 1024 unless written
 * @param cpuTime processor time of each process in whole seconds ({@code RLIMIT_CPU}), 1 or more; unlimited unless
 *         written
 * @param wallTime time from the program's beginning until everything in the sandbox is killed, in milliseconds, 1 or
 *         more; the launcher counts it, by a clock that stands still while the machine sleeps; unlimited unless written
 * @param fileSize the largest file it may write, in bytes ({@code RLIMIT_FSIZE}); unlimited unless written
 * @param core the largest core dump in bytes ({@code RLIMIT_CORE}), where 0 means none at all; 0 unless written
 * @param lockedMemory memory it may lock in bytes ({@code RLIMIT_MEMLOCK}); 0 unless written
 * @param messageQueues memory of POSIX message queues in bytes ({@code RLIMIT_MSGQUEUE}); 0 unless written
 * @param priority how far it may raise its own priority ({@code RLIMIT_NICE}), from 0, not at all, to 40; 0 unless
 *         written; real-time priorities are never allowed
 */
public record Limits(
    OptionalLong memory,
    long stack,
    int openFiles,
    int processes,
    Optional<Duration> cpuTime,
    Optional<Duration> wallTime,
    OptionalLong fileSize,
    long core,
    long lockedMemory,
    long messageQueues,
    int priority) {}
