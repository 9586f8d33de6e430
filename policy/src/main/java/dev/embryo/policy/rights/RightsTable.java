package dev.embryo.policy.rights;

import static dev.embryo.policy.model.Right.ACCEPT;
import static dev.embryo.policy.model.Right.ALLOCATE;
import static dev.embryo.policy.model.Right.APPEND;
import static dev.embryo.policy.model.Right.BIND;
import static dev.embryo.policy.model.Right.CONNECT;
import static dev.embryo.policy.model.Right.CREATE;
import static dev.embryo.policy.model.Right.DELETE;
import static dev.embryo.policy.model.Right.DUPLICATE;
import static dev.embryo.policy.model.Right.EXECUTE;
import static dev.embryo.policy.model.Right.FCNTL;
import static dev.embryo.policy.model.Right.GETNAME;
import static dev.embryo.policy.model.Right.GETOPTION;
import static dev.embryo.policy.model.Right.LINK;
import static dev.embryo.policy.model.Right.LIST;
import static dev.embryo.policy.model.Right.LISTEN;
import static dev.embryo.policy.model.Right.LOCK;
import static dev.embryo.policy.model.Right.LOOKUP;
import static dev.embryo.policy.model.Right.MAP;
import static dev.embryo.policy.model.Right.MAP_EXECUTE;
import static dev.embryo.policy.model.Right.MAP_WRITE;
import static dev.embryo.policy.model.Right.METADATA;
import static dev.embryo.policy.model.Right.POLL;
import static dev.embryo.policy.model.Right.READ;
import static dev.embryo.policy.model.Right.RECEIVE_FDS;
import static dev.embryo.policy.model.Right.RENAME;
import static dev.embryo.policy.model.Right.SEEK;
import static dev.embryo.policy.model.Right.SEND_FDS;
import static dev.embryo.policy.model.Right.SETOPTION;
import static dev.embryo.policy.model.Right.SHUTDOWN;
import static dev.embryo.policy.model.Right.SIGNAL;
import static dev.embryo.policy.model.Right.STAT;
import static dev.embryo.policy.model.Right.SYMLINK;
import static dev.embryo.policy.model.Right.SYNC;
import static dev.embryo.policy.model.Right.TRUNCATE;
import static dev.embryo.policy.model.Right.WAIT;
import static dev.embryo.policy.model.Right.WRITE;

import dev.embryo.policy.model.Right;
import dev.embryo.policy.rights.RightsRow.Sort;
import dev.embryo.runtime.seccomp.Comparison;
import dev.embryo.runtime.seccomp.Comparison.Operator;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Every system call, and the right that it takes on each descriptor that it is given: one row a call.
 *
 * <p>A right stands for a way to use a descriptor by its number. Where the kernel does more with a descriptor than the call's
 * name says, the row says so. Commands of {@code fcntl} and {@code ioctl} are rows of {@link dev.embryo.policy.model.FcntlCommand} and
 * {@link dev.embryo.policy.model.IoctlCommand}.
 */
public final class RightsTable {
  // preadv2(2), pwritev2(2): overwrites through a descriptor that is open for appending. Linux 6.9
  private static final int RWF_NOAPPEND = 0x20;
  // send(2): connects, also past Landlock
  private static final int MSG_FASTOPEN = 0x2000_0000;
  // waitid(2)
  private static final int P_PIDFD = 3;
  // mmap(2). MAP_SHARED and MAP_SHARED_VALIDATE have bit 0, MAP_PRIVATE has not
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_SHARED = 1;
  private static final int MAP_ANONYMOUS = 0x20;

  private static final Set<Right> OUT = EnumSet.of(WRITE, APPEND);
  private static final Comparison WITH_ADDRESS = Comparison.of(4, Long.SIZE, Operator.NOT_EQUAL, 0);
  private static final Comparison OF_A_FILE = new Comparison(3, Integer.SIZE, MAP_ANONYMOUS, Operator.EQUAL, 0);

  private static final Map<String, RightsRow> ROWS = new TreeMap<>();

  // formatter:off (one call a row, columns aligned)
  static {
    // Reading. What is read at an offset, or moves one, takes seek, too.
    row("read",              use(0, READ));
    row("readv",             use(0, READ));
    row("pread64",           use(0, READ), use(0, SEEK));
    row("preadv",            use(0, READ), use(0, SEEK));
    row("preadv2",           use(0, READ), use(0, SEEK));
    row("readahead",         use(0, READ));
    row("fadvise64",         use(0, READ));
    row("getdents",          use(0, LIST));
    row("getdents64",        use(0, LIST));
    row("lseek",             use(0, SEEK));

    // Writing. A descriptor that is open for appending appends at whatever offset, but for RWF_NOAPPEND.
    row("write",             use(0, OUT));
    row("writev",            use(0, OUT));
    row("pwrite64",          use(0, OUT), use(0, SEEK));
    row("pwritev",           use(0, OUT), use(0, SEEK));
    row("pwritev2",          use(0, OUT), use(0, SEEK), use(0, WRITE, Comparison.anyOf(5, RWF_NOAPPEND)));
    row("ftruncate",         use(0, TRUNCATE));
    row("fallocate",         use(0, ALLOCATE), use(0, WRITE));       // punches holes, moves what is behind them
    row("fsync",             use(0, SYNC));
    row("fdatasync",         use(0, SYNC));
    row("sync_file_range",   use(0, SYNC));
    row("syncfs",            use(0, SYNC));

    // From one to another.
    row("sendfile",          use(0, OUT), use(1, READ));
    row("copy_file_range",   use(0, READ), use(2, WRITE));
    row("splice",            use(0, READ), use(2, OUT));
    row("tee",               use(0, READ), use(1, OUT));
    row("vmsplice",          use(0, READ), use(0, OUT));             // the pipe's mode decides on the direction

    // What a file is. The calls with a path have a form with an empty one, or NULL, which is about the descriptor.
    row("fstat",             use(0, STAT));
    row("newfstatat",        use(0, STAT));
    row("statx",             use(0, STAT));
    row("fstatfs",           use(0, STAT));
    row("faccessat",         use(0, STAT));
    row("faccessat2",        use(0, STAT));
    row("readlinkat",        use(0, STAT));
    row("cachestat",         use(0, STAT));
    row("fgetxattr",         use(0, STAT));
    row("flistxattr",        use(0, STAT));
    row("getxattrat",        use(0, STAT));
    row("listxattrat",       use(0, STAT));
    row("file_getattr",      use(0, STAT));
    row("fchmod",            use(0, METADATA));
    row("fchmodat",          use(0, METADATA));
    row("fchmodat2",         use(0, METADATA));
    row("fchown",            use(0, METADATA));
    row("fchownat",          use(0, METADATA));
    row("futimesat",         use(0, METADATA));
    row("utimensat",         use(0, METADATA));
    row("fsetxattr",         use(0, METADATA));
    row("fremovexattr",      use(0, METADATA));
    row("setxattrat",        use(0, METADATA));
    row("removexattrat",     use(0, METADATA));
    row("file_setattr",      use(0, METADATA));
    row("flock",             use(0, LOCK));

    // Mapping. What mprotect adds later, no filter sees: see MapRights.
    row("mmap",              use(4, MAP, OF_A_FILE), use(4, MAP_WRITE, OF_A_FILE, bits(2, PROT_WRITE), bits(3, MAP_SHARED)),
                             use(4, MAP_EXECUTE, OF_A_FILE, bits(2, PROT_EXEC)));

    // Waiting. select and poll have their descriptors behind pointers, so this right cannot be withheld alone.
    row("epoll_ctl",         use(2, POLL));

    // Aliases: another number for the same thing.
    row("dup",               use(0, DUPLICATE));
    row("dup2",              use(0, DUPLICATE));
    row("dup3",              use(0, DUPLICATE));

    // Commands: see FcntlCommand and IoctlCommand, which say more of each.
    row("fcntl",             use(0, FCNTL));
    row("ioctl",             use(0, Right.IOCTL));

    // Directories.
    row("openat",            use(0, LOOKUP));
    row("fchdir",            use(0, LOOKUP));
    row("mkdirat",           use(0, CREATE));
    row("mknodat",           use(0, CREATE));
    row("symlinkat",         use(1, SYMLINK));
    row("unlinkat",          use(0, DELETE));
    row("linkat",            use(0, LINK), use(2, LINK));            // with AT_EMPTY_PATH it gives the file itself a name
    row("renameat",          use(0, RENAME), use(2, RENAME));
    row("renameat2",         use(0, RENAME), use(2, RENAME));
    row("inotify_add_watch", Sort.HARMLESS, "watches a path, with an inotify descriptor of its own");
    row("execveat",          use(0, EXECUTE));

    // Sockets. A datagram socket that is connected still sends elsewhere, if it is given an address.
    row("accept",            use(0, ACCEPT));
    row("accept4",           use(0, ACCEPT));
    row("bind",              use(0, BIND));
    row("connect",           use(0, CONNECT));                       // with AF_UNSPEC it disconnects
    row("listen",            use(0, LISTEN));
    row("shutdown",          use(0, SHUTDOWN));
    row("getsockname",       use(0, GETNAME));
    row("getpeername",       use(0, GETNAME));
    row("getsockopt",        use(0, GETOPTION));
    row("setsockopt",        use(0, SETOPTION));
    row("sendto",            use(0, WRITE), use(0, CONNECT, WITH_ADDRESS), use(0, CONNECT, Comparison.anyOf(3, MSG_FASTOPEN)));
    row("recvfrom",          use(0, READ));
    // Descriptors travel in control data, behind a pointer, where no filter sees which they are.
    row("sendmsg",           use(0, WRITE), use(0, SEND_FDS), use(0, CONNECT));
    row("sendmmsg",          use(0, WRITE), use(0, SEND_FDS), use(0, CONNECT));
    row("recvmsg",           use(0, READ), use(0, RECEIVE_FDS));
    row("recvmmsg",          use(0, READ), use(0, RECEIVE_FDS));

    // Processes.
    row("pidfd_send_signal", use(0, SIGNAL));
    row("waitid",            use(1, WAIT, Comparison.is(0, P_PIDFD)));

    // Descriptors that a program made itself, of kinds that no capability is of.
    harmless("its own event, timer, signal, message queue or ruleset",
        "epoll_create", "epoll_create1", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2", "inotify_init",
        "inotify_init1", "inotify_rm_watch", "landlock_create_ruleset", "landlock_restrict_self", "mq_getsetattr", "mq_notify",
        "mq_timedreceive", "mq_timedsend", "signalfd", "signalfd4", "timerfd_create", "timerfd_gettime", "timerfd_settime");
    row("landlock_add_rule", Sort.HARMLESS, "the directory of a rule only takes rights away");
    harmless("under a rule that denies by number, a closed number is harmless", "close", "close_range");
    harmless("looks at descriptors, behind pointers, whether they are ready", "poll", "ppoll", "pselect6", "select");

    // What makes handles.
    creates("pipe", "pipe2", "socket", "socketpair", "open", "creat", "memfd_create", "mq_open", "clone", "fork", "vfork",
        "pidfd_open", "shmget", "shmat", "msgget", "semget", "timer_create");

    // What no filter can keep track of.
    forbidden("takes descriptors from behind pointers, and uses them outside of the filter",
        "io_uring_enter", "io_uring_register", "io_uring_setup");
    forbidden("takes descriptors from behind pointers",
        "io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit", "openat2", "clone3");
    forbidden("takes descriptors out of other processes, or looks into those", "pidfd_getfd", "ptrace", "process_vm_readv",
        "process_vm_writev", "process_madvise", "process_mrelease", "kcmp", "move_pages", "migrate_pages");
    forbidden("reaches files past their descriptors' rights", "open_by_handle_at", "name_to_handle_at", "fanotify_init",
        "fanotify_mark", "uselib");
    forbidden("mounts, roots and namespaces", "chroot", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr",
        "move_mount", "open_tree", "open_tree_attr", "pivot_root", "setns", "umount2", "unshare", "listmount", "statmount");
    forbidden("the kernel and the machine", "acct", "add_key", "adjtimex", "bpf", "clock_adjtime", "clock_settime",
        "delete_module", "finit_module", "init_module", "ioperm", "iopl", "kexec_file_load", "kexec_load", "keyctl",
        "memfd_secret", "modify_ldt", "perf_event_open", "quotactl", "quotactl_fd", "reboot", "request_key", "setdomainname",
        "sethostname", "settimeofday", "swapoff", "swapon", "syslog", "userfaultfd", "vhangup", "remap_file_pages",
        "lsm_get_self_attr", "lsm_list_modules", "lsm_set_self_attr", "uprobe", "uretprobe");
    forbidden("obsolete", "_sysctl", "afs_syscall", "create_module", "epoll_ctl_old", "epoll_wait_old", "get_kernel_syms",
        "get_thread_area", "getpmsg", "lookup_dcookie", "nfsservctl", "putpmsg", "query_module", "security",
        "set_thread_area", "sysfs", "tuxcall", "ustat", "vserver");
    row("execve",            Sort.HARMLESS, "takes a path; what may be executed is not for rights on descriptors to say");

    harmless("names a path", "access", "chdir", "chmod", "chown", "getcwd", "getxattr", "lchown", "lgetxattr", "link",
        "listxattr", "llistxattr", "lremovexattr", "lsetxattr", "lstat", "mkdir", "mknod", "mq_unlink", "readlink",
        "removexattr", "rename", "rmdir", "setxattr", "stat", "statfs", "symlink", "truncate", "unlink", "utime", "utimes");
    harmless("memory", "brk", "get_mempolicy", "madvise", "map_shadow_stack", "mbind", "mincore", "mlock", "mlock2", "mlockall",
        "mprotect", "mremap", "mseal", "msync", "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
        "set_mempolicy", "set_mempolicy_home_node");
    harmless("processes and threads", "arch_prctl", "capget", "capset", "exit", "exit_group", "futex", "futex_requeue",
        "futex_wait", "futex_waitv", "futex_wake", "get_robust_list", "getcpu", "getegid", "geteuid", "getgid", "getgroups",
        "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getresgid", "getresuid", "getrlimit", "getrusage", "getsid",
        "gettid", "getuid", "ioprio_get", "ioprio_set", "kill", "membarrier", "pause", "personality", "prctl", "prlimit64",
        "restart_syscall", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn",
        "rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min",
        "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval",
        "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp",
        "set_robust_list", "set_tid_address", "setfsgid", "setfsuid", "setgid", "setgroups", "setpgid", "setpriority",
        "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setsid", "setuid", "sigaltstack", "tgkill", "tkill",
        "umask", "wait4");
    harmless("time", "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer", "gettimeofday", "nanosleep",
        "setitimer", "time", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "times");
    harmless("the system", "getrandom", "sync", "sysinfo", "uname");
    harmless("objects that it has by a key", "msgctl", "msgrcv", "msgsnd", "semctl", "semop", "semtimedop", "shmctl", "shmdt");
  }
  // formatter:on

  private RightsTable() {}

  /** All rows, by the name of the call. */
  public static Collection<RightsRow> rows() {
    return Collections.unmodifiableCollection(ROWS.values());
  }

  /**
   * The row of a call.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static RightsRow row(String call) {
    RightsRow row = ROWS.get(call);
    if (row == null) {
      throw new IllegalArgumentException("no row for the system call '" + call + "'");
    }
    return row;
  }

  private static void row(String call, Use... uses) {
    add(new RightsRow(call, Sort.NEEDS_RIGHT, Arrays.asList(uses), ""));
  }

  private static void row(String call, Sort sort, String note) {
    add(new RightsRow(call, sort, List.of(), note));
  }

  private static void harmless(String note, String... calls) {
    for (String call : calls) {
      row(call, Sort.HARMLESS, note);
    }
  }

  private static void creates(String... calls) {
    for (String call : calls) {
      row(call, Sort.CREATES_AUTHORITY, "");
    }
  }

  private static void forbidden(String note, String... calls) {
    for (String call : calls) {
      row(call, Sort.FORBIDDEN, note);
    }
  }

  private static void add(RightsRow row) {
    if (ROWS.put(row.call(), row) != null) {
      throw new IllegalStateException(row.call() + " has two rows");
    }
  }

  private static Use use(int argument, Right right, Comparison... when) {
    return new Use(argument, EnumSet.of(right), Arrays.asList(when));
  }

  private static Use use(int argument, Set<Right> anyOf) {
    return new Use(argument, anyOf, List.of());
  }

  private static Comparison bits(int argument, int mask) {
    return Comparison.anyOf(argument, mask);
  }
}
