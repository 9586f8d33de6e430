package dev.embryo.runtime.birth;

/** The resources of setrlimit(2), in the kernel's order: the ordinal is the number (asm-generic). */
public enum ResourceLimit {
  CPU, FSIZE, DATA, STACK, CORE, RSS, NPROC, NOFILE, MEMLOCK, AS, LOCKS, SIGPENDING, MSGQUEUE, NICE, RTPRIO, RTTIME;

  /** RLIM_INFINITY. */
  public static final long UNLIMITED = -1;
}
