package dev.embryo.policy.compile;

import static dev.embryo.policy.compile.SurfaceRow.Feature.ADDRESSES;
import static dev.embryo.policy.compile.SurfaceRow.Feature.EXECUTE;
import static dev.embryo.policy.compile.SurfaceRow.Feature.EXEC_GATE;
import static dev.embryo.policy.compile.SurfaceRow.Feature.JIT;
import static dev.embryo.policy.compile.SurfaceRow.Feature.MEMORY_FILES;
import static dev.embryo.policy.compile.SurfaceRow.Feature.OWN_IPC;
import static dev.embryo.policy.compile.SurfaceRow.Feature.OWN_PIDS;
import static dev.embryo.policy.compile.SurfaceRow.Feature.OWN_ROOT;
import static dev.embryo.policy.compile.SurfaceRow.Feature.RULED_TRUNCATION;
import static dev.embryo.policy.compile.SurfaceRow.Feature.RECEIVED_MESSAGES;
import static dev.embryo.policy.compile.SurfaceRow.Feature.SENT_MESSAGES;
import static dev.embryo.policy.compile.SurfaceRow.Feature.SOCKETS;
import static dev.embryo.policy.compile.SurfaceRow.Feature.SPAWN;
import static dev.embryo.policy.compile.SurfaceRow.Feature.THREADS;
import static dev.embryo.policy.compile.SurfaceRow.absent;
import static dev.embryo.policy.compile.SurfaceRow.absentWithout;
import static dev.embryo.policy.compile.SurfaceRow.allow;
import static dev.embryo.policy.compile.SurfaceRow.choice;
import static dev.embryo.policy.compile.SurfaceRow.given;
import static dev.embryo.policy.compile.SurfaceRow.needs;
import static dev.embryo.policy.compile.SurfaceRow.oneOf;
import static dev.embryo.policy.compile.SurfaceRow.refuse;
import static dev.embryo.policy.compile.SurfaceRow.socket;
import static dev.embryo.policy.compile.SurfaceRow.when;
import static dev.embryo.runtime.linux.MaskedComparison.bits;
import static dev.embryo.runtime.linux.MaskedComparison.intEquals;
import static dev.embryo.runtime.linux.MaskedComparison.noneOf;

import dev.embryo.runtime.linux.MaskedComparison;
import dev.embryo.policy.model.Command;
import dev.embryo.policy.model.FcntlCommand;
import dev.embryo.policy.model.IoctlCommand;
import dev.embryo.policy.model.Right;
import dev.embryo.runtime.seccomp.Action;
import dev.embryo.runtime.seccomp.FilterRules;
import dev.embryo.runtime.seccomp.Rule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which system calls exist for a program: one row a call, of the profile {@code cli}.
 *
 * <p>With all its features a program is alone in its user, pid, mount, ipc, uts and cgroup
 * namespaces, sees a private root and has no network. So calls on paths, on its own processes and on
 * System V objects need no condition; what is refused is what makes privilege, what reaches the
 * kernel's less trodden parts, and what would undo another layer. Where it shares one of those
 * namespaces with the host, the rows that have the feature {@code OWN_PIDS}, {@code OWN_IPC} or {@code
 * OWN_ROOT} close what Landlock leaves open: metadata behind paths, numbers of other processes, objects
 * of other programs. Signals stay: the pid namespace confines them, or Landlock from ABI 6 on, or
 * {@link dev.embryo.runtime.seccomp.OwnSignals}.
 *
 * <p>A call that no row allows fails with {@code EPERM}; the few for which programs have a second
 * way that they take at {@code ENOSYS} fail with that. Conditions are compared at the width at which
 * the kernel reads the argument. Most rows have none, because the kernel then answers the call from
 * a bitmap without running the filter.
 */
public final class Surface {
  // open(2). The kernel reads the mode only with one of these flags (WILL_CREATE in fs/open.c);
  // without them the register holds whatever the program left in it.
  private static final int O_CREAT = 0x40;
  private static final int O_TMPFILE_BIT = 0x40_0000;
  private static final int O_TRUNC = 0x200;
  private static final int O_ACCMODE = 3;
  private static final int O_WRONLY = 1;
  private static final int O_RDWR = 2;

  // chmod(2): S_ISUID | S_ISGID. A set-user-ID file made through an idmapped mount or a shared
  // directory is one on the host.
  private static final int SETID = 06000;
  private static final int S_IFMT = 0170000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFIFO = 0010000;
  private static final int S_IFSOCK = 0140000;

  // mmap(2), shmat(2).
  private static final int PROT_WRITE = 0x2;
  private static final int PROT_EXEC = 0x4;
  private static final int SHM_EXEC = 0100000;

  // clone(2). CLONE_NEWTIME is not here: in clone these bits are the exit signal. PIDFD and PARENT
  // would make pidfds and children of the launcher.
  private static final int CLONE_THREAD = 0x0001_0000;
  private static final int CLONE_REFUSED =
      0x0000_1000 // CLONE_PIDFD
          | 0x0000_2000 // CLONE_PTRACE
          | 0x0000_8000 // CLONE_PARENT
          | 0x0002_0000 // CLONE_NEWNS
          | 0x0080_0000 // CLONE_UNTRACED
          | 0x0200_0000 // CLONE_NEWCGROUP
          | 0x0400_0000 // CLONE_NEWUTS
          | 0x0800_0000 // CLONE_NEWIPC
          | 0x1000_0000 // CLONE_NEWUSER
          | 0x2000_0000 // CLONE_NEWPID
          | 0x4000_0000; // CLONE_NEWNET

  // seccomp(2). A listener would let one process of the program answer for another.
  private static final int SECCOMP_FILTER_FLAG_NEW_LISTENER = 0x8;

  // personality(2): the ordinary one, and the question which it is. Others make every readable page
  // executable (READ_IMPLIES_EXEC) or map page 0.
  private static final int PER_LINUX = 0;
  private static final int PERSONALITY_QUERY = 0xffff_ffff;

  // send(2): connects
  private static final int MSG_FASTOPEN = 0x2000_0000;

  /**
   * The options of getsockopt(2), by level. Not among them: SO_PEERPIDFD, which makes a pidfd; SO_PEERSEC; SO_GET_FILTER; what
   * drivers and netfilter have.
   */
  private static final int[][] GETSOCKOPT = {
    // SOL_SOCKET: REUSEADDR TYPE ERROR DONTROUTE BROADCAST SNDBUF RCVBUF KEEPALIVE LINGER REUSEPORT PEERCRED RCVLOWAT SNDLOWAT
    // RCVTIMEO SNDTIMEO ACCEPTCONN PROTOCOL DOMAIN INCOMING_CPU
    {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15, 17, 18, 19, 20, 21, 30, 38, 39, 49},
    // IPPROTO_IP: TOS TTL MTU
    {0, 1, 2, 14},
    // IPPROTO_TCP: NODELAY MAXSEG CORK KEEPIDLE KEEPINTVL KEEPCNT SYNCNT LINGER2 DEFER_ACCEPT INFO QUICKACK CONGESTION
    // USER_TIMEOUT FASTOPEN NOTSENT_LOWAT
    {6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 18, 23, 25},
    // IPPROTO_IPV6: UNICAST_HOPS MTU V6ONLY TCLASS
    {41, 16, 24, 26, 67},
  };

  /**
   * The options of setsockopt(2), by level, that concern the socket alone. Not among them: SO_ATTACH_FILTER and the like, programs
   * in the kernel; SO_BINDTODEVICE; SO_PASSCRED, SO_PASSPIDFD, which bring more than bytes; TCP_ULP and TCP_REPAIR, other protocols;
   * TCP_FASTOPEN_CONNECT.
   */
  private static final int[][] SETSOCKOPT = {
    // SOL_SOCKET: REUSEADDR SNDBUF RCVBUF KEEPALIVE LINGER RCVLOWAT RCVTIMEO SNDTIMEO
    {1, 2, 7, 8, 9, 13, 18, 20, 21},
    // IPPROTO_IP: TOS TTL
    {0, 1, 2},
    // IPPROTO_TCP: NODELAY MAXSEG CORK KEEPIDLE KEEPINTVL KEEPCNT LINGER2 DEFER_ACCEPT QUICKACK USER_TIMEOUT NOTSENT_LOWAT
    {6, 1, 2, 3, 4, 5, 6, 8, 9, 12, 18, 25},
    // IPPROTO_IPV6: UNICAST_HOPS TCLASS
    {41, 16, 67},
  };

  /**
   * The options of prctl(2) where pids are shared: about the calling process and what it may still do. Not among them:
   * PR_SCHED_CORE, which takes a pid, PR_SET_PTRACER, which lets others trace, PR_SET_MM and the like for root.
   */
  private static final int[] PRCTL = {
    1, // PR_SET_PDEATHSIG
    2, // PR_GET_PDEATHSIG
    3, // PR_GET_DUMPABLE
    4, // PR_SET_DUMPABLE
    7, // PR_GET_KEEPCAPS
    15, // PR_SET_NAME
    16, // PR_GET_NAME
    21, // PR_GET_SECCOMP
    22, // PR_SET_SECCOMP
    23, // PR_CAPBSET_READ
    25, // PR_GET_TSC
    27, // PR_GET_SECUREBITS
    29, // PR_SET_TIMERSLACK
    30, // PR_GET_TIMERSLACK
    34, // PR_MCE_KILL_GET
    36, // PR_SET_CHILD_SUBREAPER
    37, // PR_GET_CHILD_SUBREAPER
    38, // PR_SET_NO_NEW_PRIVS
    39, // PR_GET_NO_NEW_PRIVS
    40, // PR_GET_TID_ADDRESS
    41, // PR_SET_THP_DISABLE
    42, // PR_GET_THP_DISABLE
    47, // PR_CAP_AMBIENT
    50, // PR_SVE_SET_VL
    51, // PR_SVE_GET_VL
    52, // PR_GET_SPECULATION_CTRL
    53, // PR_SET_SPECULATION_CTRL
    54, // PR_PAC_RESET_KEYS
    55, // PR_SET_TAGGED_ADDR_CTRL
    56, // PR_GET_TAGGED_ADDR_CTRL
    65, // PR_SET_MDWE
    66, // PR_GET_MDWE
    0x4155_5856, // PR_GET_AUXV
    0x5356_4d41, // PR_SET_VMA, which names memory
  };

  // What names the caller where a pid is asked for. The calls that take a kind of target take one for
  // a whole user, too.
  private static final int ITSELF = 0;
  private static final int PRIO_PROCESS = 0;
  private static final int IOPRIO_WHO_PROCESS = 1;

  // clock_gettime(2): a negative clock holds a pid, and tells the processor time of that process.
  private static final int CLOCK_OF_A_PROCESS = 0x8000_0000;

  private static final List<SurfaceRow> ROWS =
      List.of(
          // Files, by path.
          allow("access"),
          allow("chdir"),
          choice("chmod", given(OWN_ROOT, noneOf(1, SETID))),
          needs(OWN_ROOT, "chown"),
          allow("creat", noneOf(1, SETID)),
          allow("faccessat"),
          allow("faccessat2"),
          choice("fchmodat", given(OWN_ROOT, noneOf(2, SETID))),
          choice("fchmodat2", given(OWN_ROOT, noneOf(2, SETID))),
          needs(OWN_ROOT, "fchownat"),
          needs(OWN_ROOT, "futimesat"),
          allow("getcwd"),
          absentWithout(OWN_ROOT, "getxattr"),
          needs(OWN_ROOT, "lchown"),
          absentWithout(OWN_ROOT, "lgetxattr"),
          allow("link"),
          allow("linkat"),
          absentWithout(OWN_ROOT, "listxattr"),
          absentWithout(OWN_ROOT, "llistxattr"),
          needs(OWN_ROOT, "lremovexattr"),
          needs(OWN_ROOT, "lsetxattr"),
          allow("lstat"),
          allow("mkdir"),
          allow("mkdirat"),
          choice("mknod", nodes(1)),
          choice("mknodat", nodes(2)),
          allow("newfstatat"),
          choice("open", opens(1)),
          choice("openat", opens(2)),
          absent("openat2", "its flags and mode lie behind a pointer; openat does the same"),
          allow("readlink"),
          allow("readlinkat"),
          needs(OWN_ROOT, "removexattr"),
          allow("rename"),
          allow("renameat"),
          allow("renameat2"),
          allow("rmdir"),
          needs(OWN_ROOT, "setxattr"),
          allow("stat"),
          allow("statfs"),
          allow("statx"),
          allow("symlink"),
          allow("symlinkat"),
          needs(RULED_TRUNCATION, "truncate"),
          allow("umask"),
          allow("unlink"),
          allow("unlinkat"),
          needs(OWN_ROOT, "utime"),
          needs(OWN_ROOT, "utimensat"),
          needs(OWN_ROOT, "utimes"),

          // Files, by descriptor.
          allow("cachestat"),
          allow("close"),
          allow("close_range"),
          allow("copy_file_range"),
          allow("dup"),
          allow("dup2"),
          allow("dup3"),
          allow("fadvise64"),
          allow("fallocate"),
          allow("fchdir"),
          choice("fchmod", given(OWN_ROOT, noneOf(1, SETID))),
          needs(OWN_ROOT, "fchown"),
          choice("fcntl", commands(FcntlCommand.values())),
          allow("fdatasync"),
          allow("fgetxattr"),
          allow("flistxattr"),
          allow("flock"),
          needs(OWN_ROOT, "fremovexattr"),
          needs(OWN_ROOT, "fsetxattr"),
          allow("fstat"),
          allow("fstatfs"),
          allow("fsync"),
          allow("ftruncate"),
          allow("getdents"),
          allow("getdents64"),
          choice("ioctl", commands(IoctlCommand.values())),
          allow("lseek"),
          allow("pread64"),
          allow("preadv"),
          allow("preadv2"),
          allow("pwrite64"),
          allow("pwritev"),
          allow("pwritev2"),
          allow("read"),
          allow("readahead"),
          allow("readv"),
          allow("sendfile"),
          allow("splice"),
          allow("sync"),
          allow("sync_file_range"),
          allow("syncfs"),
          allow("tee"),
          allow("vmsplice"),
          allow("write"),
          allow("writev"),

          // Pipes, events, and waiting for them.
          allow("epoll_create"),
          allow("epoll_create1"),
          allow("epoll_ctl"),
          allow("epoll_pwait"),
          allow("epoll_pwait2"),
          allow("epoll_wait"),
          allow("eventfd"),
          allow("eventfd2"),
          absentWithout(OWN_ROOT, "inotify_add_watch"),
          absentWithout(OWN_ROOT, "inotify_init"),
          absentWithout(OWN_ROOT, "inotify_init1"),
          absentWithout(OWN_ROOT, "inotify_rm_watch"),
          allow("pipe"),
          allow("pipe2"),
          allow("poll"),
          allow("ppoll"),
          allow("pselect6"),
          allow("select"),
          allow("signalfd"),
          allow("signalfd4"),
          allow("timerfd_create"),
          allow("timerfd_gettime"),
          allow("timerfd_settime"),

          // Memory. Writable or executable, not both: a page's protection is settled when it is
          // mapped, and mprotect adds no execution.
          allow("brk"),
          allow("get_mempolicy"),
          allow("madvise"),
          allow("map_shadow_stack"),
          allow("mbind"),
          absentWithout(MEMORY_FILES, "memfd_create"),
          refuse("memfd_secret", "memory that nobody can look into"),
          refuse("migrate_pages", "placement of another process's memory"),
          allow("mincore"),
          allow("mlock"),
          allow("mlock2"),
          allow("mlockall"),
          choice("mmap", when(noneOf(2, PROT_WRITE)), when(noneOf(2, PROT_EXEC)), given(JIT)),
          refuse("move_pages", "placement of another process's memory"),
          choice("mprotect", when(noneOf(2, PROT_EXEC)), given(JIT)),
          allow("mremap"),
          allow("msync"),
          allow("munlock"),
          allow("munlockall"),
          allow("munmap"),
          allow("pkey_alloc"),
          allow("pkey_free"),
          choice("pkey_mprotect", when(noneOf(2, PROT_EXEC)), given(JIT)),
          refuse("process_madvise", "another process's memory"),
          refuse("process_mrelease", "another process's memory"),
          refuse("process_vm_readv", "another process's memory"),
          refuse("process_vm_writev", "another process's memory"),
          refuse("remap_file_pages", "obsolete, replaced by mmap"),
          allow("set_mempolicy"),
          allow("set_mempolicy_home_node"),
          refuse("userfaultfd", "holds the kernel in the middle of a copy"),

          // Processes and threads.
          allow("arch_prctl"),
          choice(
              "clone",
              given(SPAWN, noneOf(0, CLONE_REFUSED | CLONE_THREAD)),
              given(THREADS, bits(0, CLONE_REFUSED | CLONE_THREAD, CLONE_THREAD))),
          absent("clone3", "its flags lie behind a pointer; clone does the same"),
          needs(EXECUTE, "execve"), // the program itself is executed once, by execveat
          needs(EXEC_GATE, "execveat"),
          allow("exit"),
          allow("exit_group"),
          needs(SPAWN, "fork"),
          allow("futex"),
          allow("futex_requeue"),
          allow("futex_wait"),
          allow("futex_waitv"),
          allow("futex_wake"),
          choice("get_robust_list", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          allow("getcpu"),
          choice("getpgid", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          allow("getpgrp"),
          allow("getpid"),
          allow("getppid"),
          choice("getpriority", given(OWN_PIDS), when(intEquals(0, PRIO_PROCESS), intEquals(1, ITSELF))),
          allow("getrlimit"),
          allow("getrusage"),
          choice("getsid", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          allow("gettid"),
          choice("ioprio_get", given(OWN_PIDS), when(intEquals(0, IOPRIO_WHO_PROCESS), intEquals(1, ITSELF))),
          choice("ioprio_set", given(OWN_PIDS), when(intEquals(0, IOPRIO_WHO_PROCESS), intEquals(1, ITSELF))),
          refuse("kcmp", "compares another process's resources, and kernel addresses"),
          allow("membarrier"),
          absent("pidfd_open", "pidfds are granted; programs fall back to wait"),
          refuse("pidfd_getfd", "another process's descriptors"),
          refuse("pidfd_send_signal", "signals on pidfds are relayed by the launcher"),
          choice("personality", when(intEquals(0, PER_LINUX)), when(intEquals(0, PERSONALITY_QUERY))),
          choice("prctl", prctls()),
          choice("prlimit64", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          refuse("ptrace", "another process's registers and memory"),
          allow("rseq"),
          allow("sched_get_priority_max"),
          allow("sched_get_priority_min"),
          allow("sched_getaffinity"),
          choice("sched_getattr", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          choice("sched_getparam", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          choice("sched_getscheduler", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          choice("sched_rr_get_interval", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          choice("sched_setaffinity", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          choice("sched_setattr", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          choice("sched_setparam", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          choice("sched_setscheduler", given(OWN_PIDS), when(intEquals(0, ITSELF))),
          allow("sched_yield"),
          allow("set_robust_list"),
          allow("set_tid_address"),
          allow("setpgid"),
          choice("setpriority", given(OWN_PIDS), when(intEquals(0, PRIO_PROCESS), intEquals(1, ITSELF))),
          allow("setrlimit"),
          allow("setsid"),
          allow("times"),
          needs(SPAWN, "vfork"),
          allow("wait4"),
          allow("waitid"),

          // Signals: see above for what confines them.
          allow("kill"),
          allow("pause"),
          allow("restart_syscall"),
          allow("rt_sigaction"),
          allow("rt_sigpending"),
          allow("rt_sigprocmask"),
          allow("rt_sigqueueinfo"),
          allow("rt_sigreturn"),
          allow("rt_sigsuspend"),
          allow("rt_sigtimedwait"),
          allow("rt_tgsigqueueinfo"),
          allow("sigaltstack"),
          allow("tgkill"),
          allow("tkill"),

          // Time: read, never set.
          refuse("adjtimex", "the host's clock"),
          allow("alarm"),
          refuse("clock_adjtime", "the host's clock"),
          choice("clock_getres", given(OWN_PIDS), when(noneOf(0, CLOCK_OF_A_PROCESS))),
          choice("clock_gettime", given(OWN_PIDS), when(noneOf(0, CLOCK_OF_A_PROCESS))),
          choice("clock_nanosleep", given(OWN_PIDS), when(noneOf(0, CLOCK_OF_A_PROCESS))),
          refuse("clock_settime", "the host's clock"),
          allow("getitimer"),
          allow("gettimeofday"),
          allow("nanosleep"),
          allow("setitimer"),
          refuse("settimeofday", "the host's clock"),
          allow("time"),
          choice("timer_create", given(OWN_PIDS), when(noneOf(0, CLOCK_OF_A_PROCESS))),
          allow("timer_delete"),
          allow("timer_getoverrun"),
          allow("timer_gettime"),
          allow("timer_settime"),

          // Identity: nothing is left to change to.
          allow("capget"),
          allow("capset"),
          allow("getegid"),
          allow("geteuid"),
          allow("getgid"),
          allow("getgroups"),
          allow("getresgid"),
          allow("getresuid"),
          allow("getuid"),
          allow("setfsgid"),
          allow("setfsuid"),
          allow("setgid"),
          allow("setgroups"),
          allow("setregid"),
          allow("setresgid"),
          allow("setresuid"),
          allow("setreuid"),
          allow("setuid"),

          // The system, looked at.
          allow("getrandom"),
          allow("sysinfo"),
          allow("uname"),

          // Further confinement of oneself.
          allow("landlock_add_rule"),
          allow("landlock_create_ruleset"),
          allow("landlock_restrict_self"),
          allow("seccomp", noneOf(1, SECCOMP_FILTER_FLAG_NEW_LISTENER)),

          // System V and POSIX communication, in an ipc namespace of its own.
          needs(OWN_IPC, "mq_getsetattr"),
          needs(OWN_IPC, "mq_notify"),
          needs(OWN_IPC, "mq_open"),
          needs(OWN_IPC, "mq_timedreceive"),
          needs(OWN_IPC, "mq_timedsend"),
          needs(OWN_IPC, "mq_unlink"),
          needs(OWN_IPC, "msgctl"),
          needs(OWN_IPC, "msgget"),
          needs(OWN_IPC, "msgrcv"),
          needs(OWN_IPC, "msgsnd"),
          needs(OWN_IPC, "semctl"),
          needs(OWN_IPC, "semget"),
          needs(OWN_IPC, "semop"),
          needs(OWN_IPC, "semtimedop"),
          choice("shmat", given(OWN_IPC, noneOf(2, SHM_EXEC)), given(Set.of(OWN_IPC, JIT))),
          needs(OWN_IPC, "shmctl"),
          needs(OWN_IPC, "shmdt"),
          needs(OWN_IPC, "shmget"),

          // Sockets. The two that only tell an address stay: shells ask with them whether their
          // input is a socket, and take any error but ENOTSOCK for a yes.
          socket("accept", "no sockets are granted", given(SOCKETS)),
          socket("accept4", "no sockets are granted", given(SOCKETS)),
          refuse("bind", "the launch names and connects sockets, not the program"),
          refuse("connect", "the launch names and connects sockets, not the program"),
          allow("getpeername"),
          allow("getsockname"),
          socket("getsockopt", "no sockets are granted; SO_PEERPIDFD makes pidfds", options(GETSOCKOPT)),
          socket("listen", "no sockets are granted", given(SOCKETS)),
          socket("recvfrom", "no sockets are granted", given(SOCKETS)),
          socket("recvmmsg", "no sockets are granted; receives descriptors", given(RECEIVED_MESSAGES)),
          socket("recvmsg", "no sockets are granted; receives descriptors", given(RECEIVED_MESSAGES)),
          socket("sendmmsg", "no sockets are granted; sends descriptors", given(SENT_MESSAGES, noneOf(3, MSG_FASTOPEN))),
          socket("sendmsg", "no sockets are granted; sends descriptors", given(SENT_MESSAGES, noneOf(2, MSG_FASTOPEN))),
          socket("sendto", "no sockets are granted",
              given(SOCKETS, noneOf(3, MSG_FASTOPEN), new MaskedComparison(4, -1L, 0)), given(ADDRESSES, noneOf(3, MSG_FASTOPEN))),
          socket("setsockopt", "no sockets are granted", options(SETSOCKOPT)),
          socket("shutdown", "no sockets are granted", given(SOCKETS)),
          refuse("socket", "no sockets are granted"),
          refuse("socketpair", "no sockets are granted"),

          // Input and output that names descriptors behind pointers.
          refuse("io_cancel", "hides descriptors behind pointers"),
          refuse("io_destroy", "hides descriptors behind pointers"),
          refuse("io_getevents", "hides descriptors behind pointers"),
          refuse("io_pgetevents", "hides descriptors behind pointers"),
          refuse("io_setup", "hides descriptors behind pointers"),
          refuse("io_submit", "hides descriptors behind pointers"),
          refuse("io_uring_enter", "makes system calls past the filter"),
          refuse("io_uring_register", "makes system calls past the filter"),
          refuse("io_uring_setup", "makes system calls past the filter"),

          // Namespaces, mounts and roots.
          refuse("chroot", "changes the root"),
          refuse("fsconfig", "mounts"),
          refuse("fsmount", "mounts"),
          refuse("fsopen", "mounts"),
          refuse("fspick", "mounts"),
          refuse("mount", "mounts"),
          refuse("mount_setattr", "mounts"),
          refuse("move_mount", "mounts"),
          refuse("name_to_handle_at", "handles reach files past their paths"),
          refuse("open_by_handle_at", "handles reach files past their paths"),
          refuse("open_tree", "mounts"),
          refuse("pivot_root", "changes the root"),
          refuse("setns", "namespaces"),
          refuse("umount2", "mounts"),
          refuse("unshare", "namespaces"),

          // The kernel itself, and the machine.
          refuse("acct", "accounting of all processes"),
          refuse("add_key", "keyrings are no namespace's"),
          refuse("bpf", "programs in the kernel"),
          refuse("delete_module", "kernel modules"),
          refuse("fanotify_init", "sees other processes' files"),
          refuse("fanotify_mark", "sees other processes' files"),
          refuse("finit_module", "kernel modules"),
          refuse("init_module", "kernel modules"),
          refuse("ioperm", "ports of the machine"),
          refuse("iopl", "ports of the machine"),
          refuse("kexec_file_load", "another kernel"),
          refuse("kexec_load", "another kernel"),
          refuse("keyctl", "keyrings are no namespace's"),
          refuse("modify_ldt", "segments, for 16-bit programs"),
          refuse("perf_event_open", "counters and addresses of the kernel"),
          refuse("quotactl", "quotas of a file system"),
          refuse("quotactl_fd", "quotas of a file system"),
          refuse("reboot", "stops the machine"),
          refuse("request_key", "keyrings are no namespace's"),
          refuse("setdomainname", "names the machine"),
          refuse("sethostname", "names the machine"),
          refuse("swapoff", "swap space"),
          refuse("swapon", "swap space"),
          refuse("syslog", "the kernel's log"),
          refuse("vhangup", "hangs up the terminal"),

          // Obsolete: most kernels do not have them at all.
          refuse("_sysctl", "obsolete"),
          refuse("afs_syscall", "obsolete"),
          refuse("create_module", "obsolete"),
          refuse("epoll_ctl_old", "obsolete"),
          refuse("epoll_wait_old", "obsolete"),
          refuse("get_kernel_syms", "obsolete"),
          refuse("get_thread_area", "obsolete"),
          refuse("getpmsg", "obsolete"),
          refuse("lookup_dcookie", "obsolete"),
          refuse("nfsservctl", "obsolete"),
          refuse("putpmsg", "obsolete"),
          refuse("query_module", "obsolete"),
          refuse("security", "obsolete"),
          refuse("set_thread_area", "obsolete"),
          refuse("sysfs", "obsolete"),
          refuse("tuxcall", "obsolete"),
          refuse("uselib", "obsolete"),
          refuse("ustat", "obsolete"),
          refuse("vserver", "obsolete"),

          // Newer than a libseccomp that this project has to work with. They answer alike whether
          // the library knows them or not, so that a program behaves alike too.
          absent("file_getattr", "Linux 6.17"),
          absent("file_setattr", "Linux 6.17"),
          absent("getxattrat", "Linux 6.13"),
          absent("listmount", "Linux 6.8"),
          absent("listxattrat", "Linux 6.13"),
          absent("lsm_get_self_attr", "Linux 6.8"),
          absent("lsm_list_modules", "Linux 6.8"),
          absent("lsm_set_self_attr", "Linux 6.8"),
          absent("mseal", "Linux 6.10"),
          absent("open_tree_attr", "Linux 6.15"),
          absent("removexattrat", "Linux 6.13"),
          absent("setxattrat", "Linux 6.13"),
          absent("statmount", "Linux 6.8"),
          absent("uprobe", "Linux 6.18, the kernel's own trampoline; bypasses filters"),
          absent("uretprobe", "Linux 6.11, the kernel's own trampoline; bypasses filters"));

  private static final Map<String, SurfaceRow> BY_CALL =
      ROWS.stream().collect(Collectors.toUnmodifiableMap(SurfaceRow::call, row -> row));

  private Surface() {}

  /** The table. */
  public static List<SurfaceRow> rows() {
    return ROWS;
  }

  /** The row of a call; empty if there is no such call. */
  public static Optional<SurfaceRow> row(String call) {
    return Optional.ofNullable(BY_CALL.get(call));
  }

  /** The rules of the surface filter for a program with these features. */
  public static FilterRules rules(SurfaceFeatures features) {
    List<Rule> rules = new ArrayList<>();
    for (SurfaceRow row : ROWS) {
      rules.addAll(row.rules(features));
    }
    return new FilterRules(Action.EPERM, rules);
  }

  /**
   * Opening: without set-ID bits, which the kernel reads only where it makes a file. Landlock before ABI 3 does not see
   * O_TRUNC; there it comes only with an access mode for which Landlock asks whether the file may be written.
   *
   * @param flags the argument that holds the flags; the next one holds the mode
   */
  private static SurfaceRow.Grant[] opens(int flags) {
    return new SurfaceRow.Grant[] {
      given(RULED_TRUNCATION, noneOf(flags, O_CREAT | O_TMPFILE_BIT)),
      given(RULED_TRUNCATION, noneOf(flags + 1, SETID)),
      when(noneOf(flags, O_CREAT | O_TMPFILE_BIT | O_TRUNC)),
      when(noneOf(flags, O_TRUNC), noneOf(flags + 1, SETID)),
      when(bits(flags, O_CREAT | O_TMPFILE_BIT | O_ACCMODE, O_WRONLY)),
      when(bits(flags, O_ACCMODE, O_WRONLY), noneOf(flags + 1, SETID)),
      when(bits(flags, O_CREAT | O_TMPFILE_BIT | O_ACCMODE, O_RDWR)),
      when(bits(flags, O_ACCMODE, O_RDWR), noneOf(flags + 1, SETID)),
    };
  }

  /** Options at their levels, each as {@code {level, option, ...}}. */
  private static SurfaceRow.Grant[] options(int[][] levels) {
    return Arrays.stream(levels)
        .flatMap(level -> Arrays.stream(level).skip(1)
            .mapToObj(option -> given(SOCKETS, intEquals(1, level[0]), intEquals(2, option))))
        .toArray(SurfaceRow.Grant[]::new);
  }

  /** What changes attributes through a descriptor that is open for reading takes a root in which that is nobody else's file. */
  private static SurfaceRow.Grant[] commands(Command... commands) {
    return Arrays.stream(commands)
        .map(command -> command.anyOf().contains(Right.METADATA)
            ? given(OWN_ROOT, intEquals(1, command.number()))
            : when(intEquals(1, command.number())))
        .toArray(SurfaceRow.Grant[]::new);
  }

  private static SurfaceRow.Grant[] prctls() {
    return and(given(OWN_PIDS), oneOf(0, PRCTL));
  }

  private static SurfaceRow.Grant[] and(SurfaceRow.Grant first, SurfaceRow.Grant... others) {
    return Stream.concat(Stream.of(first), Arrays.stream(others)).toArray(SurfaceRow.Grant[]::new);
  }

  /** Files, pipes and sockets without set-ID bits; no devices. A type of 0 is a file, too. */
  private static SurfaceRow.Grant[] nodes(int mode) {
    return new SurfaceRow.Grant[] {
      when(bits(mode, S_IFMT | SETID, 0)),
      when(bits(mode, S_IFMT | SETID, S_IFREG)),
      when(bits(mode, S_IFMT | SETID, S_IFIFO)),
      when(bits(mode, S_IFMT | SETID, S_IFSOCK)),
    };
  }
}
