package dev.embryo.policy.explain;

import dev.embryo.policy.model.Command;
import dev.embryo.policy.model.FcntlCommand;
import dev.embryo.policy.model.IoctlCommand;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The names of what people recognise by name in the arguments of system calls. A table: one row for each set of names, with
 * the arguments that they stand in. Only what is the same on x86-64 and aarch64 is in it.
 *
 * @param choice the bits that are one of several values; the others are flags
 * @param names by value
 */
record ArgumentWords(long choice, Map<Long, String> names) {
  private static final long ALL = 0xffff_ffffL;
  private static final Map<String, ArgumentWords> ROWS = new HashMap<>();

  // formatter:off (where, the prefix of the names but those behind a colon, the bits of a choice, the names)
  static {
    row("socket 0, socketpair 0",               "AF_",    ALL,  "UNSPEC=0 UNIX=1 INET=2 INET6=10 NETLINK=16 PACKET=17 TIPC=30 BLUETOOTH=31 ALG=38 VSOCK=40 XDP=44");
    row("socket 1, socketpair 1",               "SOCK_",  0xf,  "STREAM=1 DGRAM=2 RAW=3 SEQPACKET=5 NONBLOCK=0x800 CLOEXEC=0x80000");
    row("clone 0, unshare 0, setns 1",          "CLONE_", 0xff, ":SIGCHLD=17 VM=0x100 FS=0x200 FILES=0x400 SIGHAND=0x800 PIDFD=0x1000 PTRACE=0x2000 VFORK=0x4000 PARENT=0x8000 THREAD=0x10000"
        + " NEWNS=0x20000 SYSVSEM=0x40000 SETTLS=0x80000 PARENT_SETTID=0x100000 CHILD_CLEARTID=0x200000 UNTRACED=0x800000 CHILD_SETTID=0x1000000"
        + " NEWCGROUP=0x2000000 NEWUTS=0x4000000 NEWIPC=0x8000000 NEWUSER=0x10000000 NEWPID=0x20000000 NEWNET=0x40000000");
    row("mmap 2, mprotect 2, pkey_mprotect 2",  "PROT_",  0,    "NONE=0 READ=1 WRITE=2 EXEC=4");
    row("mmap 3",                               "MAP_",   0x3,  "SHARED=1 PRIVATE=2 SHARED_VALIDATE=3 FIXED=0x10 ANONYMOUS=0x20 NORESERVE=0x4000 POPULATE=0x8000 STACK=0x20000");
    row("open 1, openat 2",                     "O_",     0x3,  "RDONLY=0 WRONLY=1 RDWR=2 CREAT=0x40 EXCL=0x80 NOCTTY=0x100 TRUNC=0x200 APPEND=0x400 NONBLOCK=0x800 CLOEXEC=0x80000 PATH=0x200000");
    row("ptrace 0",                             "PTRACE_", ALL, "TRACEME=0 PEEKTEXT=1 PEEKDATA=2 POKETEXT=4 POKEDATA=5 CONT=7 KILL=8 SINGLESTEP=9 ATTACH=16 DETACH=17 SYSCALL=24"
        + " SETOPTIONS=0x4200 GETREGSET=0x4204 SEIZE=0x4206 INTERRUPT=0x4207");
    row("ioctl 1",                              "",       ALL,  "TIOCEXCL=0x540c TIOCSCTTY=0x540e TIOCSTI=0x5412 TIOCSWINSZ=0x5414 TIOCLINUX=0x541c TIOCCONS=0x541d TIOCSETD=0x5423 TIOCGPTPEER=0x5441"
        + " FIOSETOWN=0x8901 SIOCSPGRP=0x8902 SIOCGIFCONF=0x8912");
    row("fcntl 1",                              "F_",     ALL,  "SETOWN=8 SETSIG=10 SETOWN_EX=15 SETLEASE=1024 NOTIFY=1026");
    row("prctl 0",                              "PR_",    ALL,  "SET_PDEATHSIG=1 SET_DUMPABLE=4 SET_NAME=15 SET_SECCOMP=22 CAPBSET_DROP=24 SET_MM=35 SET_CHILD_SUBREAPER=36 SET_NO_NEW_PRIVS=38 CAP_AMBIENT=47");
    row("kill 1, tkill 1, tgkill 2, rt_sigqueueinfo 1, rt_tgsigqueueinfo 2, pidfd_send_signal 1, rt_sigaction 0", "SIG", ALL,
        "HUP=1 INT=2 QUIT=3 ILL=4 TRAP=5 ABRT=6 BUS=7 FPE=8 KILL=9 USR1=10 SEGV=11 USR2=12 PIPE=13 ALRM=14 TERM=15 STKFLT=16 CHLD=17"
        + " CONT=18 STOP=19 TSTP=20 TTIN=21 TTOU=22 URG=23 XCPU=24 XFSZ=25 VTALRM=26 PROF=27 WINCH=28 IO=29 PWR=30 SYS=31");
    row("access 1, faccessat 2, faccessat2 2",  "",       0,    "F_OK=0 X_OK=1 W_OK=2 R_OK=4");
    row("newfstatat 3, statx 2, faccessat2 3, fchownat 4, fchmodat2 3, utimensat 3, linkat 4, execveat 4", "AT_", 0,
        "SYMLINK_NOFOLLOW=0x100 SYMLINK_FOLLOW=0x400 EMPTY_PATH=0x1000");
    row("unlinkat 2",                           "AT_",    0,    "REMOVEDIR=0x200");
    row("renameat2 4",                          "RENAME_", 0,   "NOREPLACE=1 EXCHANGE=2 WHITEOUT=4");
    row("lseek 2",                              "SEEK_",  ALL,  "SET=0 CUR=1 END=2 DATA=3 HOLE=4");
    row("prlimit64 1, setrlimit 0, getrlimit 0", "RLIMIT_", ALL, "CPU=0 FSIZE=1 DATA=2 STACK=3 CORE=4 RSS=5 NPROC=6 NOFILE=7 MEMLOCK=8 AS=9 LOCKS=10"
        + " SIGPENDING=11 MSGQUEUE=12 NICE=13 RTPRIO=14 RTTIME=15");
    row("personality 0",                        "",       0xff, "ADDR_NO_RANDOMIZE=0x40000 MMAP_PAGE_ZERO=0x100000 READ_IMPLIES_EXEC=0x400000");
    row("memfd_create 1",                       "MFD_",   0,    "CLOEXEC=1 ALLOW_SEALING=2 HUGETLB=4 NOEXEC_SEAL=8 EXEC=16");
    row("seccomp 1",                            "SECCOMP_FILTER_FLAG_", 0, "TSYNC=1 LOG=2 SPEC_ALLOW=4 NEW_LISTENER=8 TSYNC_ESRCH=16 WAIT_KILLABLE_RECV=32");
    commands("fcntl 1", FcntlCommand.values());
    commands("ioctl 1", IoctlCommand.values());
  }
  // formatter:on

  /** What a program can be granted, beside what it cannot, which has its row above. */
  private static void commands(String place, Command... commands) {
    for (Command each : commands) {
      Objects.requireNonNull(ROWS.get(place)).names.put(Integer.toUnsignedLong(each.number()), each.name());
    }
  }

  private static void row(String places, String prefix, long choice, String words) {
    Map<Long, String> names = new TreeMap<>();
    for (String word : words.split(" ")) {
      String[] halves = word.split("=", 2);
      names.put(Long.decode(halves[1]), halves[0].startsWith(":") ? halves[0].substring(1) : prefix + halves[0]);
    }
    var row = new ArgumentWords(choice, names);
    for (String place : places.split(", ")) {
      ROWS.put(place, row);
    }
  }

  /** The words for an argument; empty if there are none. */
  static Optional<ArgumentWords> of(String call, int argument) {
    return Optional.ofNullable(ROWS.get(call + " " + argument));
  }

  /** All names. */
  Collection<String> known() {
    return names.values();
  }

  /** The value of a name; empty for a name that does not belong here. */
  OptionalLong value(String name) {
    return names.entrySet().stream().filter(each -> each.getValue().equals(name)).mapToLong(Map.Entry::getKey).findFirst();
  }

  /** A value of 32 bits by its names, and what has none as a number: {@code SOCK_STREAM|SOCK_CLOEXEC}, {@code 0x5499}. */
  String words(long value) {
    var words = new StringBuilder();
    long chosen = value & choice;
    long left = value & ~choice;
    var name = names.get(chosen);
    if (choice != 0 && name != null) {
      words.append(name);
    } else {
      left |= chosen;
    }
    for (Map.Entry<Long, String> each : names.entrySet()) {
      long flag = each.getKey();
      if (flag != 0 && (flag & choice) == 0 && (left & flag) == flag) {
        words.append(words.isEmpty() ? "" : "|").append(each.getValue());
        left &= ~flag;
      }
    }
    if (left != 0 || words.isEmpty()) {
      words.append(words.isEmpty() ? "" : "|").append(left == 0 ? "0" : "0x" + Long.toHexString(left));
    }
    return words.toString();
  }
}
