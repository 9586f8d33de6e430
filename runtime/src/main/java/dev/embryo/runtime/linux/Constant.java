package dev.embryo.runtime.linux;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A number with its C name, for arguments that a person will read.
 *
 * @param name the C name, or several joined by {@code |}
 * @param value the number, as the kernel sees it
 */
public record Constant(String name, long value) {
  // openat(2), asm-generic; the flags that differ between architectures are not used
  public static final Constant O_RDONLY = new Constant("O_RDONLY", 0);
  public static final Constant O_WRONLY = new Constant("O_WRONLY", 1);
  public static final Constant O_RDWR = new Constant("O_RDWR", 2);
  public static final Constant O_CREAT = new Constant("O_CREAT", 0x40);
  public static final Constant O_TRUNC = new Constant("O_TRUNC", 0x200);
  public static final Constant O_APPEND = new Constant("O_APPEND", 0x400);
  public static final Constant O_NONBLOCK = new Constant("O_NONBLOCK", 0x800);
  public static final Constant O_NOCTTY = new Constant("O_NOCTTY", 0x100);
  public static final Constant O_CLOEXEC = new Constant("O_CLOEXEC", 0x80000);
  public static final Constant O_PATH = new Constant("O_PATH", 0x200000);
  public static final Constant AT_FDCWD = new Constant("AT_FDCWD", -100);
  public static final Constant AT_EMPTY_PATH = new Constant("AT_EMPTY_PATH", 0x1000);
  public static final Constant AT_RECURSIVE = new Constant("AT_RECURSIVE", 0x8000);
  public static final Constant S_IFREG = new Constant("S_IFREG", 0x8000);

  // ioctl_tty(2)
  public static final Constant TIOCSCTTY = new Constant("TIOCSCTTY", 0x540E);
  public static final Constant TIOCSPGRP = new Constant("TIOCSPGRP", 0x5410);

  // fcntl(2)
  public static final Constant F_GETFD = new Constant("F_GETFD", 1);
  public static final Constant F_GETFL = new Constant("F_GETFL", 3);
  public static final Constant F_SETFL = new Constant("F_SETFL", 4);
  public static final Constant F_GETPIPE_SZ = new Constant("F_GETPIPE_SZ", 1032);
  public static final Constant F_DUPFD_CLOEXEC = new Constant("F_DUPFD_CLOEXEC", 1030);

  // namespaces, clone(2) and unshare(2)
  public static final Constant CLONE_PIDFD = new Constant("CLONE_PIDFD", 0x1000); // 5.2
  public static final Constant CLONE_INTO_CGROUP = new Constant("CLONE_INTO_CGROUP", 0x200000000L); // 5.7
  public static final Constant CLONE_PARENT = new Constant("CLONE_PARENT", 0x8000);
  public static final Constant CLONE_NEWNS = new Constant("CLONE_NEWNS", 0x20000);
  public static final Constant CLONE_NEWCGROUP = new Constant("CLONE_NEWCGROUP", 0x2000000); // 4.6
  public static final Constant CLONE_NEWUTS = new Constant("CLONE_NEWUTS", 0x4000000);
  public static final Constant CLONE_NEWIPC = new Constant("CLONE_NEWIPC", 0x8000000);
  public static final Constant CLONE_NEWUSER = new Constant("CLONE_NEWUSER", 0x10000000);
  public static final Constant CLONE_NEWPID = new Constant("CLONE_NEWPID", 0x20000000);
  public static final Constant CLONE_NEWNET = new Constant("CLONE_NEWNET", 0x40000000);

  // mounts: mount(2), open_tree(2), mount_setattr(2), move_mount(2), umount2(2)
  public static final Constant MS_RDONLY = new Constant("MS_RDONLY", 1);
  public static final Constant MS_NOSUID = new Constant("MS_NOSUID", 2);
  public static final Constant MS_NODEV = new Constant("MS_NODEV", 4);
  public static final Constant MS_NOEXEC = new Constant("MS_NOEXEC", 8);
  public static final Constant MS_REC = new Constant("MS_REC", 0x4000);
  public static final Constant MS_PRIVATE = new Constant("MS_PRIVATE", 0x40000);
  public static final Constant MNT_DETACH = new Constant("MNT_DETACH", 2);
  public static final Constant OPEN_TREE_CLONE = new Constant("OPEN_TREE_CLONE", 1); // 5.2
  public static final Constant MOVE_MOUNT_F_EMPTY_PATH = new Constant("MOVE_MOUNT_F_EMPTY_PATH", 4); // 5.2
  public static final Constant MOUNT_ATTR_RDONLY = new Constant("MOUNT_ATTR_RDONLY", 1); // 5.12, as the next
  public static final Constant MOUNT_ATTR_NOSUID = new Constant("MOUNT_ATTR_NOSUID", 2);
  public static final Constant MOUNT_ATTR_NODEV = new Constant("MOUNT_ATTR_NODEV", 4);
  public static final Constant MOUNT_ATTR_NOEXEC = new Constant("MOUNT_ATTR_NOEXEC", 8);
  public static final Constant STATX_INO = new Constant("STATX_INO", 0x100);

  // prctl(2), capabilities(7)
  public static final Constant PR_CAPBSET_DROP = new Constant("PR_CAPBSET_DROP", 24);
  public static final Constant PR_SET_DUMPABLE = new Constant("PR_SET_DUMPABLE", 4);
  public static final Constant PR_SET_NAME = new Constant("PR_SET_NAME", 15);
  public static final Constant PR_SET_SECUREBITS = new Constant("PR_SET_SECUREBITS", 28);
  public static final Constant PR_SET_TIMERSLACK = new Constant("PR_SET_TIMERSLACK", 29);
  public static final Constant PR_CAP_AMBIENT = new Constant("PR_CAP_AMBIENT", 47);
  public static final Constant PR_CAP_AMBIENT_CLEAR_ALL = new Constant("PR_CAP_AMBIENT_CLEAR_ALL", 4);

  // seccomp(2)
  public static final Constant SECCOMP_SET_MODE_FILTER = new Constant("SECCOMP_SET_MODE_FILTER", 1);
  public static final Constant SECCOMP_FILTER_FLAG_NEW_LISTENER =
      new Constant("SECCOMP_FILTER_FLAG_NEW_LISTENER", 8); // 5.0

  // landlock_add_rule(2)
  public static final Constant LANDLOCK_RULE_PATH_BENEATH = new Constant("LANDLOCK_RULE_PATH_BENEATH", 1);

  /** The bitwise or of several, named as C programmers write it. */
  public static Constant or(Constant... constants) {
    long value = 0;
    for (Constant constant : constants) {
      value |= constant.value;
    }
    return new Constant(Stream.of(constants).map(Constant::name).collect(Collectors.joining("|")), value);
  }

  /** The value where the kernel takes an {@code int}. */
  public int asInt() {
    return (int) value;
  }
}
