package dev.embryo.runtime.linux;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The arguments of a system call, as the kernel reads them.
 *
 * <p>A seccomp filter sees 64 bits of each; the kernel uses fewer of most. What is compared, or shown to people, has to be
 * what the kernel looks at: {@code chmod} takes a mode of 16 bits, {@code clone} drops the upper half of its flags.
 *
 * <p>The table is that of {@code SYSCALL_DEFINE} in Linux 6.18, which {@code /sys/kernel/tracing/events/syscalls} tells,
 * with the width that the body of the call uses where that is less: {@code mmap} declares its protection, its flags and its
 * descriptor {@code unsigned long} and reads the lower half.
 *
 * @param call the name of the call
 * @param arguments what each argument is, in order
 */
public record CallSignature(String call, String arguments) {
  /** What an argument is. */
  public enum Kind {
    /** A number of 32 bits, signed: a pid, a command, a count. */
    NUMBER('d', 32),
    /** A set of bits, or something else that is read in hexadecimal, of which the kernel uses 32. */
    BITS('x', 32),
    /** The mode of a file, {@code umode_t}. */
    MODE('o', 16),
    /** A descriptor. */
    DESCRIPTOR('f', 32),
    /** A number or address of 64 bits. */
    WIDE('l', 64),
    /** An address of memory of the program. */
    POINTER('p', 64),
    /** An address of a text that ends with a NUL. */
    STRING('s', 64),
    /** A number of 32 or of 64 bits; which of them depends on another argument. */
    EITHER('e', 0);

    private final char letter;
    private final int width;

    Kind(char letter, int width) {
      this.letter = letter;
      this.width = width;
    }

    /** How many bits the kernel uses, 16, 32 or 64; 0 if that depends. */
    public int width() {
      return width;
    }

    private static Kind of(char letter) {
      for (Kind kind : values()) {
        if (kind.letter == letter) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no argument is a '" + letter + "'");
    }
  }

  // formatter:off
  private static final String TABLE = """
      -      : fork getegid geteuid getgid getpgrp getpid getppid gettid getuid inotify_init munlockall
      -      : pause restart_syscall rt_sigreturn sched_yield setsid sync uprobe uretprobe vfork vhangup
      d      : alarm epoll_create eventfd exit exit_group getpgid getsid iopl pkey_free
      d      : sched_get_priority_max sched_get_priority_min sched_getscheduler setfsgid setfsuid setgid
      d      : setuid timer_delete timer_getoverrun
      dd     : getpriority ioprio_get kill msgget setpgid setregid setreuid tkill
      ddd    : ioprio_set semget setpriority setresgid setresuid tgkill
      ddde   : semctl
      dddee  : kcmp
      dddp   : rt_tgsigqueueinfo
      ddp    : msgctl rt_sigqueueinfo sched_getaffinity sched_setaffinity sched_setscheduler shmctl
      ddpp   : prlimit64
      ddpxp  : waitid
      dee    : sysfs
      deeee  : keyctl prctl
      dl     : arch_prctl
      dld    : shmget
      dlpp   : migrate_pages
      dlpppx : move_pages
      dp     : clock_adjtime clock_getres clock_gettime clock_settime getgroups getitimer getrlimit
      dp     : getrusage io_setup io_uring_setup sched_getparam sched_rr_get_interval sched_setparam
      dp     : setgroups setrlimit timer_gettime ustat
      dpd    : bpf shmat syslog
      dpdx   : sched_getattr
      dpepex : process_vm_readv process_vm_writev
      dpl    : modify_ldt set_mempolicy
      dpld   : msgsnd
      dplld  : msgrcv
      dpp    : get_robust_list setitimer timer_create
      dppl   : rt_sigaction rt_sigprocmask
      dpppp  : select
      dppppp : pselect6
      dpx    : sched_setattr semop
      dpxp   : semtimedop wait4
      dx     : eventfd2 pidfd_open timerfd_create
      dxd    : membarrier socket
      dxdp   : socketpair
      dxp    : seccomp
      dxpp   : clock_nanosleep timer_settime
      f      : close dup fchdir fdatasync fsync syncfs
      fd     : inotify_rm_watch listen shutdown
      fdd    : fchown
      fddpd  : setsockopt
      fddpp  : getsockopt
      fddxpl : io_uring_enter
      fde    : fcntl
      fdfp   : epoll_ctl
      fdpd   : io_uring_register
      fdpx   : landlock_add_rule pidfd_send_signal
      fdspd  : fsconfig
      fdx    : close_range
      ff     : dup2
      fflsx  : kexec_file_load
      fflx   : tee
      ffpl   : sendfile
      ffx    : dup3 pidfd_getfd
      fl     : ftruncate
      fld    : lseek
      fll    : readahead
      flld   : fadvise64
      fllx   : sync_file_range
      fo     : fchmod
      fp     : fstat fstatfs mq_notify timerfd_gettime
      fpd    : bind connect getdents getdents64 readv writev
      fpdd   : epoll_wait
      fpddpl : epoll_pwait
      fpdll  : preadv pwritev
      fpdllx : preadv2 pwritev2
      fpdppl : epoll_pwait2
      fpdx   : sendmmsg vmsplice
      fpdxp  : recvmmsg
      fpfplx : copy_file_range splice
      fpl    : flistxattr read signalfd write
      fpldp  : mq_timedsend
      fpldx  : process_madvise
      fpll   : pread64 pwrite64
      fplpp  : mq_timedreceive
      fplx   : signalfd4
      fplxpd : sendto
      fplxpp : recvfrom
      fpp    : accept getpeername getsockname mq_getsetattr
      fppx   : accept4 cachestat
      fpx    : open_by_handle_at recvmsg sendmsg
      fs     : fremovexattr
      fsddx  : fchownat
      fsfs   : renameat
      fsfsx  : linkat move_mount renameat2
      fso    : fchmodat mkdirat
      fsod   : mknodat
      fsox   : fchmodat2
      fsp    : futimesat
      fspd   : readlinkat
      fspl   : fgetxattr openat2
      fsplx  : file_getattr file_setattr fsetxattr
      fsppx  : execveat name_to_handle_at
      fspx   : newfstatat utimensat
      fsx    : faccessat finit_module fspick inotify_add_watch open_tree unlinkat
      fsxo   : openat
      fsxpl  : listxattrat mount_setattr open_tree_attr
      fsxs   : removexattrat
      fsxspl : getxattrat setxattrat
      fsxx   : faccessat2
      fsxxp  : statx
      fx     : flock landlock_restrict_self process_mrelease setns
      fxdp   : quotactl_fd
      fxe    : ioctl
      fxlfs  : fanotify_mark
      fxll   : fallocate
      fxpp   : timerfd_settime
      fxx    : fsmount
      l      : brk io_destroy
      ldll   : ptrace
      ll     : mlock munlock munmap
      lld    : ioperm madvise
      lllpp  : io_getevents
      lllppp : io_pgetevents
      lllx   : set_mempolicy_home_node
      lllxl  : mremap
      llp    : io_submit mincore
      llpx   : kexec_load
      llx    : map_shadow_stack mlock2 mprotect mseal msync
      llxd   : pkey_mprotect
      llxlx  : remap_file_pages
      llxplx : mbind
      llxxfl : mmap
      lpp    : io_cancel
      p      : adjtimex pipe set_tid_address shmdt sysinfo time times uname
      pd     : setdomainname sethostname
      pdd    : poll
      pddfx  : perf_event_open
      pddppd : futex
      pdppl  : ppoll
      pdxd   : rseq
      pdxpd  : futex_waitv
      pedx   : futex_wake
      peexpd : futex_wait
      pl     : clone3 getcwd rt_sigpending rt_sigsuspend set_robust_list
      pls    : init_module
      plx    : getrandom landlock_create_ruleset
      pp     : capget capset gettimeofday nanosleep settimeofday sigaltstack
      ppllx  : get_mempolicy
      pplx   : listmount statmount
      ppp    : getcpu getresgid getresuid
      pppl   : rt_sigtimedwait
      ppx    : lsm_list_modules
      px     : pipe2
      pxdd   : futex_requeue
      s      : acct chdir chroot mq_unlink rmdir swapoff unlink uselib
      sdd    : chown lchown
      sfs    : symlinkat
      sl     : truncate
      so     : chmod creat mkdir
      sod    : mknod
      sp     : lstat stat statfs utime utimes
      spd    : readlink
      spl    : listxattr llistxattr
      spp    : execve
      ss     : link lremovexattr pivot_root removexattr rename symlink
      sspl   : getxattr lgetxattr
      sspld  : add_key
      ssplx  : lsetxattr setxattr
      sssd   : request_key
      sssxp  : mount
      sx     : access delete_module fsopen memfd_create swapon umount2
      sxo    : open
      sxop   : mq_open
      x      : epoll_create1 inotify_init1 memfd_secret mlockall personality umask unshare userfaultfd
      xlppl  : clone
      xpdx   : lsm_set_self_attr
      xppx   : lsm_get_self_attr
      xsdp   : quotactl
      xx     : fanotify_init pkey_alloc
      xxxp   : reboot
      """;
  // formatter:on

  private static final SortedMap<String, CallSignature> ALL = read();

  private static SortedMap<String, CallSignature> read() {
    SortedMap<String, CallSignature> all = new TreeMap<>();
    TABLE.lines().forEach(line -> {
      String[] halves = line.split(" *: ", 2);
      for (String call : halves[1].split(" ")) {
        all.put(call, new CallSignature(call, halves[0].replace("-", "")));
      }
    });
    return Collections.unmodifiableSortedMap(all);
  }

  /** The signatures of all calls of which the arguments are known, by name. */
  public static Map<String, CallSignature> all() {
    return ALL;
  }

  /** The signature of a call; empty for one that is not known, or long gone. */
  public static Optional<CallSignature> of(String call) {
    return Optional.ofNullable(ALL.get(call));
  }

  /** How many arguments there are, 0 to 6. */
  public int count() {
    return arguments.length();
  }

  /** What an argument is; they are counted from 0. */
  public Kind kind(int argument) {
    return Kind.of(arguments.charAt(argument));
  }
}
