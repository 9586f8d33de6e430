package dev.embryo.policy.compile;

import static dev.embryo.policy.compile.Allowance.Verdict.HARMLESS;
import static dev.embryo.policy.compile.Allowance.Verdict.NEVER;
import static dev.embryo.policy.compile.Allowance.Verdict.WEAKENS;

import dev.embryo.runtime.seccomp.Comparison;
import dev.embryo.runtime.seccomp.Comparison.Operator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether a policy may allow a system call by its name, which the other keys of a policy would not come to.
 *
 * <p>The surface filter is one layer among several, and some of the calls that it refuses would undo another one. Those no
 * policy can allow: what it says of namespaces, files or the network would no longer be true. Others weaken what the surface
 * filter alone holds; a policy may take that into account, and {@code explain} says so.
 *
 * @param call the name of the call
 * @param verdict whether it may be allowed
 * @param reason why not, what it comes to, or why that is nothing; in words that end a sentence
 * @param limits what stays refused where the call is allowed
 */
public record Allowance(String call, Verdict verdict, String reason, List<Limit> limits) {
  /** Whether a policy may allow a call. */
  public enum Verdict {
    /** It may, and no layer depends on its being refused. */
    HARMLESS,
    /** It may, and then what the reason says is so. */
    WEAKENS,
    /** It may not. */
    NEVER
  }

  /**
   * Arguments with which a call is never allowed.
   *
   * @param when what holds of them, all of it
   * @param reason why, in words that end a sentence
   */
  public record Limit(List<Comparison> when, String reason) {
    /** Keeps a copy of the list. */
    public Limit {
      when = List.copyOf(when);
    }
  }

  private static final int CLONE_NEW = 0x7e02_0080; // every CLONE_NEW*, CLONE_NEWTIME too
  private static final int CLONE_OTHERS = 0x1000 | 0x2000 | 0x8000 | 0x80_0000; // PIDFD, PTRACE, PARENT, UNTRACED
  private static final int CLONE_NEWTIME = 0x80; // in clone(2) a part of the exit signal
  private static final int NEW_LISTENER = 0x8;

  private static final String OWN_PROCESSES = "one process of the sandbox can look into and control the others";
  private static final String EXECUTABLE = "memory can be writable and executable";
  private static final String SET_ID = "files can get set-user-ID and set-group-ID bits, which count on the host";
  private static final String SOCKETS = "a socket that it was handed can reach other peers and carry descriptors";
  private static final String KERNEL = "it reaches a part of the kernel that programs hardly use and attackers do";

  private static final Map<String, Allowance> ROWS = new HashMap<>();

  static {
    never("it makes system calls that no filter sees", "io_uring_enter", "io_uring_register", "io_uring_setup");
    never("it bypasses all filters", "uprobe", "uretprobe");
    never("the program's view and its mounts are what the policy says",
        "chroot", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount", "open_tree",
        "open_tree_attr", "pivot_root", "umount2");
    never("a handle reaches files past the program's root", "open_by_handle_at");
    never("it enters namespaces", "setns");
    never("its flags lie behind a pointer, so that namespaces could not be told from threads; clone does the same", "clone3");
    never("processes.execute says what may be executed", "execve", "execveat", "uselib");
    never("network says that there is none, and no network namespace is made: it would be one of the host's", "socket");
    never("keyrings belong to the user on the host", "add_key", "keyctl", "request_key");
    never("it sees what others do with files", "fanotify_init", "fanotify_mark");
    never("it puts programs into the kernel", "bpf");
    never("it is about the machine, for which no program in a sandbox has the privilege",
        "acct", "delete_module", "finit_module", "init_module", "ioperm", "iopl", "kexec_file_load", "kexec_load",
        "quotactl", "quotactl_fd", "reboot", "setdomainname", "sethostname", "swapoff", "swapon", "vhangup");

    weakens(OWN_PROCESSES, "kcmp", "migrate_pages", "move_pages", "pidfd_getfd", "pidfd_open", "pidfd_send_signal",
        "process_madvise", "process_mrelease", "process_vm_readv", "process_vm_writev", "ptrace");
    weakens(EXECUTABLE, "memfd_create", "mmap", "mprotect", "personality", "pkey_mprotect", "remap_file_pages", "shmat");
    weakens(SET_ID, "chmod", "creat", "fchmod", "fchmodat", "fchmodat2", "mknod", "mknodat", "open", "openat", "openat2");
    weakens(SOCKETS, "connect", "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "getsockopt");
    weakens(KERNEL, "memfd_secret", "modify_ldt", "perf_event_open", "syslog", "userfaultfd");

    harmless("a socket that it was handed can be used", "accept", "accept4", "bind", "listen", "recvfrom", "shutdown");
    harmless("the pair is the program's own", "socketpair");
    harmless("processes.spawn says the same in one word", "fork", "vfork");
    harmless("it has no privilege to set the clock", "adjtimex", "clock_adjtime", "clock_settime", "settimeofday");
    harmless("no right depends on a descriptor's number", "io_cancel", "io_destroy", "io_getevents", "io_pgetevents",
        "io_setup", "io_submit");
    harmless("a handle alone opens nothing", "name_to_handle_at");
    harmless("the kernel has it no more", "_sysctl", "afs_syscall", "create_module", "epoll_ctl_old", "epoll_wait_old",
        "get_kernel_syms", "get_thread_area", "getpmsg", "lookup_dcookie", "nfsservctl", "putpmsg", "query_module",
        "security", "set_thread_area", "sysfs", "tuxcall", "ustat", "vserver");
    harmless("other calls do the same", "file_getattr", "file_setattr", "getxattrat", "listxattrat", "removexattrat",
        "setxattrat");
    harmless("it tells of the program's own mounts and modules", "listmount", "lsm_get_self_attr", "lsm_list_modules",
        "lsm_set_self_attr", "statmount");
    harmless("it takes rights away", "mseal");

    row("clone", HARMLESS, "processes.threads and processes.spawn say the same in one word", List.of(
        limit("it would make a namespace", Comparison.anyOf(0, CLONE_NEW & ~CLONE_NEWTIME)),
        limit("it would make a pidfd, or a child of the launcher", Comparison.anyOf(0, CLONE_OTHERS))));
    row("unshare", HARMLESS, "it parts threads", List.of(
        limit("it would make a namespace", Comparison.anyOf(0, CLONE_NEW))));
    row("seccomp", HARMLESS, "filters only take away", List.of(
        limit("a listener would answer for the one that lets only one exec pass", Comparison.anyOf(1, NEW_LISTENER))));
    row("fcntl", WEAKENS, "it can hold up others who open a file", List.of(
        limit("the descriptor may be shared with the host, and so is its owner", Comparison.is(1, 8)), // F_SETOWN
        limit("the descriptor may be shared with the host, and so is its owner", Comparison.is(1, 10)), // F_SETSIG
        limit("the descriptor may be shared with the host, and so is its owner", Comparison.is(1, 15)))); // F_SETOWN_EX
    row("ioctl", WEAKENS, "every command reaches the drivers behind its descriptors", List.of(
        limit("it types into the terminal of its user", Comparison.is(1, 0x5412)), // TIOCSTI
        limit("it types into the terminal of its user", Comparison.is(1, 0x541c)), // TIOCLINUX
        limit("it changes what the terminal of its user is", Comparison.is(1, 0x540e)), // TIOCSCTTY
        limit("it changes what the terminal of its user is", Comparison.is(1, 0x541d)), // TIOCCONS
        limit("it changes what the terminal of its user is", Comparison.is(1, 0x5423)), // TIOCSETD
        limit("the descriptor may be shared with the host, and so is its owner", Comparison.is(1, 0x8901)), // FIOSETOWN
        limit("the descriptor may be shared with the host, and so is its owner", Comparison.is(1, 0x8902)), // SIOCSPGRP
        limit("it is about the console of the machine", // KD*, of which KDSKBSENT types
            new Comparison(1, Integer.SIZE, 0xffff_ff00L, Operator.EQUAL, 0x4b00)),
        limit("it answers for a filter", // SECCOMP_IOCTL_*
            new Comparison(1, Integer.SIZE, 0xff00, Operator.EQUAL, 0x2100))));
  }

  /** Keeps a copy of the list. */
  public Allowance {
    limits = List.copyOf(limits);
  }

  /** Whether a policy may allow a call; a call without a row of its own is harmless, because most programs have it. */
  public static Allowance of(String call) {
    var row = ROWS.get(call);
    return row != null ? row : new Allowance(call, HARMLESS, "every program has it", List.of());
  }

  /** The rows, by call. */
  static Map<String, Allowance> rows() {
    return Collections.unmodifiableMap(ROWS);
  }

  /** Whether allowing it is about other processes, so that it matters whose those are. */
  boolean concernsProcesses() {
    return reason.equals(OWN_PROCESSES);
  }

  private static void never(String reason, String... calls) {
    rows(NEVER, reason, calls);
  }

  private static void weakens(String reason, String... calls) {
    rows(WEAKENS, reason, calls);
  }

  private static void harmless(String reason, String... calls) {
    rows(HARMLESS, reason, calls);
  }

  private static void rows(Verdict verdict, String reason, String... calls) {
    for (String call : calls) {
      row(call, verdict, reason, List.of());
    }
  }

  private static void row(String call, Verdict verdict, String reason, List<Limit> limits) {
    if (ROWS.put(call, new Allowance(call, verdict, reason, new ArrayList<>(limits))) != null) {
      throw new IllegalStateException(call + " has two rows");
    }
  }

  private static Limit limit(String reason, Comparison... when) {
    return new Limit(List.of(when), reason);
  }
}
