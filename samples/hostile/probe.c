/*
 * A hostile program, for trying a sandbox from the inside.
 *
 *   probe ACT [ARGUMENTS]   does one act and prints one line: "ok DETAIL", or the errno that it met: "EPERM DETAIL"
 *   probe later ACT ...     the same when a byte has come from standard input; it says "ready" when it waits
 *   probe all               every attempt to escape in turn, as a table
 *   probe list              the acts
 *   probe attempts          what "all" attempts, a line each; SELF stands for the path of this program
 *
 * Exit status: 0 the act was done (of `all`: nothing escaped), 1 it was refused (something escaped), 2 usage.
 * A process that is killed by its attempt was refused too.
 *
 * Three tables: `acts` (functions), `calls` (bare system calls) and `attempts` (acts with arguments, for `all`).
 * Everything here is harmless where it succeeds: a call that could do damage gets arguments that the kernel itself must
 * reject, and whatever errno tells that the kernel came to look at them counts as an escape.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Newer than the oldest headers that this is compiled with; the same number everywhere. */
#define CALL_FCHMODAT2 452
#define CALL_STATMOUNT 457
#define CALL_LISTMOUNT 458
#define CALL_OPEN_TREE_ATTR 467
#define CALL_FILE_SETATTR 469

/* Older than the other architectures. */
#ifndef __x86_64__
#define __NR_creat -1
#define __NR_chmod -1
#define __NR_mknod -1
#define __NR_open -1
#define __NR_fork -1
#define __NR_vfork -1
#define __NR_iopl -1
#define __NR_ioperm -1
#define __NR_modify_ldt -1
#endif

/* What the kernel does not look at where it reads 32 bits, and a careless filter compares. */
#define HIGH (1l << 32)
#define NOWHERE ((long)"/nonexistent/embryo")

struct act {
    const char *name, *usage;
    int arguments; /* at least */
    long (*run)(char **arguments); /* 0 or more: done; else -errno */
};

#define DETAIL 4096
static char *detail; /* what is printed after the outcome */
static struct shared {
    long result;
    char detail[DETAIL];
} *shared; /* with the children of `all` */
static const char *self;             /* the path of this program, where it is executed again */
static const char *if_executed = "executed"; /* the act of the program that an exec should not have started */

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...) {
    size_t used = strlen(detail);
    va_list values;
    va_start(values, format);
    vsnprintf(detail + used, DETAIL - used, format, values);
    va_end(values);
}

static long outcome(long result) { return result < 0 ? -errno : result; }
static long number(const char *text) { return strtol(text, NULL, 0); }

static long impossible(const char *why) {
    say("%s", why);
    return -ENOTSUP;
}

/* ---- Files -------------------------------------------------------------------------------------------------------- */

static long close_later(int fd, long result) {
    if (fd >= 0) close(fd);
    return result;
}

static long open_and_close(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    return close_later(fd, outcome(fd));
}

static long act_open(char **a) { return open_and_close(a[0], O_RDONLY); }
static long act_open_write(char **a) { return open_and_close(a[0], O_WRONLY); }
static long act_open_path(char **a) { return open_and_close(a[0], O_PATH); }
static long act_create(char **a) { return open_and_close(a[0], O_WRONLY | O_CREAT | O_EXCL); }
static long act_temporary(char **a) { return open_and_close(a[0], O_RDWR | O_TMPFILE); }

static long act_read(char **a) {
    int fd = open(a[0], O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return -errno;
    char start[64];
    long length = outcome(read(fd, start, sizeof start));
    if (length > 0) say("%.*s", (int)strcspn(start, "\n") < length ? (int)strcspn(start, "\n") : (int)length, start);
    return close_later(fd, length);
}

static long act_write(char **a) {
    static const char line[] = "written by the probe\n";
    int fd = open(a[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) return -errno;
    return close_later(fd, outcome(write(fd, line, sizeof line - 1)));
}

static long act_write_bytes(char **a) {
    static char block[65536];
    int fd = open(a[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return -errno;
    long wanted = number(a[1]), done = 0, result = 0;
    while (done < wanted && result >= 0) {
        long rest = wanted - done;
        result = outcome(write(fd, block, rest < (long)sizeof block ? (size_t)rest : sizeof block));
        if (result > 0) done += result;
    }
    say("%ld bytes", done);
    return close_later(fd, result);
}

static long act_open_files(char **a) {
    long wanted = number(a[0]), result = 0, opened = 0;
    for (; opened < wanted && result >= 0; opened += result >= 0) result = outcome(dup(0));
    say("%ld more", opened);
    return result;
}

static long act_make_files(char **a) {
    char path[PATH_MAX];
    for (long i = 0; i < number(a[0]); i++) {
        snprintf(path, sizeof path, "%s/%ld", a[1], i);
        if (mknod(path, S_IFREG | 0600, 0) < 0) return -errno;
    }
    return 0;
}

static long act_list(char **a) {
    DIR *directory = opendir(a[0]);
    if (!directory) return -errno;
    for (struct dirent *entry; (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) say("%s ", entry->d_name);
    closedir(directory);
    return 0;
}

/* FILE opened for reading, and that again for writing. */
static long act_write_through(char **a) {
    int fd = open(a[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return close_later(fd, open_and_close(path, O_WRONLY));
}

/* Whether FILE holds TEXT. */
static long act_find(char **a) {
    static char content[1 << 20];
    int fd = open(a[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    size_t used = 0;
    for (ssize_t length; (length = read(fd, content + used, sizeof content - 1 - used)) > 0;) used += (size_t)length;
    close(fd);
    return memmem(content, used, a[1], strlen(a[1])) ? 0 : -ENODATA;
}

static long act_list_descriptor(char **a) {
    char entries[4096];
    return outcome(syscall(__NR_getdents64, number(a[0]), entries, sizeof entries));
}

static long act_stat(char **a) {
    struct stat status;
    if (stat(a[0], &status) < 0) return -errno;
    say("mode %o owner %u:%u size %lld", status.st_mode, status.st_uid, status.st_gid, (long long)status.st_size);
    return 0;
}

static long act_mkdir(char **a) { return outcome(mkdir(a[0], 0755)); }
static long act_rmdir(char **a) { return outcome(rmdir(a[0])); }
static long act_unlink(char **a) { return outcome(unlink(a[0])); }
static long act_rename(char **a) { return outcome(rename(a[0], a[1])); }
static long act_link(char **a) { return outcome(link(a[0], a[1])); }
static long act_symlink(char **a) { return outcome(symlink(a[0], a[1])); }
static long act_truncate(char **a) { return outcome(truncate(a[0], 0)); }
static long act_chmod(char **a) { return outcome(chmod(a[1], (mode_t)strtol(a[0], NULL, 8))); }
static long act_chown(char **a) { return outcome(chown(a[0], getuid(), getgid())); }
static long act_touch(char **a) { return outcome(utimensat(AT_FDCWD, a[0], NULL, 0)); }
static long act_setxattr(char **a) { return outcome(setxattr(a[0], "user.embryo", "x", 1, 0)); }

/* Landlock before ABI 3 sees only that it is opened for reading. */
static long act_truncate_reading(char **a) { return open_and_close(a[0], O_RDONLY | O_TRUNC); }

/* By a descriptor that is open for reading. */
static long act_chmod_opened(char **a) {
    int fd = open(a[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    return close_later(fd, outcome(fchmod(fd, (mode_t)strtol(a[0], NULL, 8))));
}

static long act_chown_opened(char **a) {
    int fd = open(a[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    return close_later(fd, outcome(fchown(fd, getuid(), getgid())));
}

static long act_touch_opened(char **a) {
    int fd = open(a[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    return close_later(fd, outcome(futimens(fd, NULL)));
}

static long act_set_flags_opened(char **a) {
    int fd = open(a[0], O_RDONLY | O_CLOEXEC), flags = 0;
    if (fd < 0) return -errno;
    long result = outcome(ioctl(fd, FS_IOC_GETFLAGS, &flags));
    flags |= FS_NODUMP_FL;
    return close_later(fd, result < 0 ? result : outcome(ioctl(fd, FS_IOC_SETFLAGS, &flags)));
}

/* By a descriptor that gives no access at all. */
static long act_chmod_unopened(char **a) {
    int fd = open(a[1], O_PATH | O_CLOEXEC);
    if (fd < 0) return -errno;
    return close_later(fd, outcome(syscall(CALL_FCHMODAT2, fd, "", (mode_t)strtol(a[0], NULL, 8), AT_EMPTY_PATH)));
}

static long act_getxattr(char **a) {
    char value[64];
    long result = outcome(getxattr(a[0], "user.embryo", value, sizeof value));
    return result == -ENODATA ? 0 : result;
}

static long act_watch(char **a) {
    int fd = inotify_init1(IN_CLOEXEC);
    if (fd < 0) return -errno;
    return close_later(fd, outcome(inotify_add_watch(fd, a[0], IN_OPEN)));
}

static long act_mkfifo(char **a) { return outcome(mkfifo(a[0], 0644)); }
static long act_chdir(char **a) { return outcome(chdir(a[0])); }

static long make_device(const char *path, mode_t type, dev_t device) {
    long result = outcome(mknod(path, type | 0600, device));
    if (result >= 0) unlink(path);
    return result;
}

static long act_mknod_character(char **a) { return make_device(a[0], S_IFCHR, makedev(1, 3)); /* null */ }
static long act_mknod_block(char **a) { return make_device(a[0], S_IFBLK, makedev(1, 0)); /* a RAM disk */ }

/* FILE beyond `..` and more `..` of a directory that is held open. */
static long act_climb(char **a) {
    int directory = open(a[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return -errno;
    char path[PATH_MAX] = "";
    long result = -ENOENT;
    for (int steps = 1; steps <= 16 && result < 0; steps++) {
        size_t length = (size_t)steps * 3;
        memcpy(path + length - 3, "../", 3);
        snprintf(path + length, sizeof path - length, "%s", a[1]);
        int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
        result = close_later(fd, outcome(fd));
    }
    if (result >= 0) say("%s", path);
    return close_later(directory, result);
}

/* FILE beyond `..`, once a directory that is the working directory has been renamed away under it. */
static long act_climb_renamed(char **a) {
    char inner[PATH_MAX], moved[PATH_MAX];
    snprintf(inner, sizeof inner, "%s/outer/inner", a[0]);
    snprintf(moved, sizeof moved, "%s/moved", a[0]);
    char outer[PATH_MAX];
    snprintf(outer, sizeof outer, "%s/outer", a[0]);
    if (mkdir(outer, 0755) < 0 || mkdir(inner, 0755) < 0 || chdir(inner) < 0 || rename(inner, moved) < 0) return -errno;
    char *arguments[] = {".", a[1]};
    long result = act_climb(arguments);
    if (chdir("/") < 0 || rmdir(moved) < 0 || rmdir(outer) < 0) say(" (left %s behind)", outer);
    return result;
}

/* ---- Set-user-ID and set-group-ID bits ---------------------------------------------------------------------------- */

struct open_how_abi {
    unsigned long long flags, mode, resolve;
};

static long setid(const char *way, const char *path, long mode) {
    struct open_how_abi how = {O_CREAT | O_WRONLY, (unsigned long long)mode, 0};
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    const struct {
        const char *way;
        bool makes;
        long call[5];
    } ways[] = {
        {"chmod", false, {__NR_chmod, (long)path, mode}},
        {"fchmod", false, {__NR_fchmod, fd, mode}},
        {"fchmodat", false, {__NR_fchmodat, AT_FDCWD, (long)path, mode}},
        {"fchmodat2", false, {CALL_FCHMODAT2, AT_FDCWD, (long)path, mode, 0}},
        {"open", true, {__NR_open, (long)path, O_CREAT | O_WRONLY, mode}},
        {"openat", true, {__NR_openat, AT_FDCWD, (long)path, O_CREAT | O_WRONLY, mode}},
        {"openat2", true, {__NR_openat2, AT_FDCWD, (long)path, (long)&how, sizeof how}},
        {"creat", true, {__NR_creat, (long)path, mode}},
        {"mknod", true, {__NR_mknod, (long)path, S_IFREG | mode, 0}},
        {"mknodat", true, {__NR_mknodat, AT_FDCWD, (long)path, S_IFREG | mode, 0}},
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(way, ways[i].way)) continue;
        if (ways[i].call[0] < 0) return close_later(fd, impossible("no such call on this machine"));
        if (ways[i].makes) unlink(path);
        const long *c = ways[i].call;
        return close_later(fd, outcome(syscall(c[0], c[1], c[2], c[3], c[4])));
    }
    return close_later(fd, impossible("unknown way"));
}

/* WAY MODE FILE: the mode may have bits above the 32 that the kernel reads. */
static long act_setid(char **a) {
    long mode = number(a[1]);
    umask(0);
    int fd = open(a[2], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return -errno;
    close(fd);
    long result = setid(a[0], a[2], mode);
    struct stat status;
    if (result >= 0 && mode & 06000 && stat(a[2], &status) == 0 && !(status.st_mode & (mode_t)mode & 06000)) {
        say("done without the bit");
        result = -EPERM;
    }
    unlink(a[2]);
    return result;
}

/* ---- Descriptors -------------------------------------------------------------------------------------------------- */

static long descriptors_from(int first) {
    int found = 0;
    for (int fd = first; fd < 1 << 17; fd++) {
        if (fcntl(fd, F_GETFD) < 0) continue;
        struct stat status;
        bool directory = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
        say("%s%d%s", found++ ? " " : "", fd, directory ? " (a directory!)" : "");
    }
    return found;
}

static long act_descriptors(char **a) {
    (void)a;
    return descriptors_from(0);
}

static long act_inherited(char **a) {
    return descriptors_from((int)number(a[0])) ? 0 : -EBADF;
}

/* COUNT PROGRAM [ARGUMENTS]: a parent that leaves files and directories open to whatever it executes. */
static long act_leave_open(char **a) {
    for (long i = 0; i < number(a[0]); i++)
        if (open(i % 2 ? "/etc" : "/etc/passwd", O_RDONLY) < 0) return -errno;
    return outcome(execv(a[1], a + 1));
}

static long act_read_descriptor(char **a) {
    char byte;
    return outcome(read((int)number(a[0]), &byte, 1));
}

/* ---- Sockets ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int family;
} families[] = {{"unix", AF_UNIX}, {"inet", AF_INET}, {"inet6", AF_INET6}, {"netlink", AF_NETLINK},
    {"packet", AF_PACKET}, {"vsock", AF_VSOCK}, {"alg", AF_ALG}, {"key", AF_KEY}, {"can", AF_CAN}, {"tipc", AF_TIPC},
    {"bluetooth", AF_BLUETOOTH}, {"xdp", AF_XDP}, {"qipcrtr", AF_QIPCRTR}, {"rds", AF_RDS}, {"smc", AF_SMC}};

static int family(const char *name) {
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (!strcmp(name, families[i].name)) return families[i].family;
    return (int)number(name);
}

static const int socket_types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET};

static long act_socket(char **a) {
    long result = -EPERM;
    for (size_t i = 0; i < sizeof socket_types / sizeof *socket_types; i++) {
        int fd = socket(family(a[0]), socket_types[i] | SOCK_CLOEXEC, 0);
        if (fd >= 0) return close_later(fd, 0);
        result = -errno;
    }
    return result;
}

static long act_socketpair(char **a) {
    (void)a;
    int pair[2];
    return outcome(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
}

static long act_connect_abstract(char **a) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s", a[0]);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(a[0]));
    long result = outcome(connect(fd, (struct sockaddr *)&address, length));
    if (result != -ECONNREFUSED) return close_later(fd, result);
    say("nobody listens");
    return close_later(fd, 0);
}

/* ---- Other processes ---------------------------------------------------------------------------------------------- */

static long act_kill(char **a) { return outcome(kill((pid_t)number(a[0]), (int)number(a[1]))); }
static long act_tkill(char **a) { return outcome(syscall(__NR_tkill, number(a[0]), number(a[1]))); }
static long act_tgkill(char **a) { return outcome(syscall(__NR_tgkill, number(a[0]), number(a[0]), number(a[1]))); }

static long act_sigqueue(char **a) {
    union sigval value = {0};
    return outcome(sigqueue((pid_t)number(a[0]), (int)number(a[1]), value));
}

static long act_pidfd(char **a) {
    int fd = (int)syscall(__NR_pidfd_open, number(a[0]), 0);
    return close_later(fd, outcome(fd));
}

static long act_pidfd_signal(char **a) {
    int fd = (int)syscall(__NR_pidfd_open, number(a[0]), 0);
    if (fd < 0) return -errno;
    return close_later(fd, outcome(syscall(__NR_pidfd_send_signal, fd, number(a[1]), NULL, 0)));
}

/* The kernel would send it a signal whenever there is something to read. */
static long own_descriptor(int command, long argument) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    long result = outcome(fcntl(ends[0], command, argument));
    close(ends[1]);
    return close_later(ends[0], result);
}

static long act_set_owner(char **a) { return own_descriptor(F_SETOWN, number(a[0])); }

static long act_set_owner_ex(char **a) {
    struct f_owner_ex owner = {F_OWNER_PID, (pid_t)number(a[0])};
    return own_descriptor(F_SETOWN_EX, (long)&owner);
}

static long act_set_signal(char **a) {
    (void)a;
    return own_descriptor(F_SETSIG, SIGUSR1);
}

static long act_limit_other(char **a) {
    struct rlimit limit;
    return outcome(prlimit((pid_t)number(a[0]), RLIMIT_NOFILE, NULL, &limit));
}

static long act_priority_other(char **a) { return outcome(setpriority(PRIO_PROCESS, (id_t)number(a[0]), 19)); }

static long act_affinity_other(char **a) {
    cpu_set_t set;
    return outcome(sched_getaffinity((pid_t)number(a[0]), sizeof set, &set));
}

static long act_set_affinity_other(char **a) {
    cpu_set_t set;
    pid_t pid = (pid_t)number(a[0]);
    long result = outcome(sched_getaffinity(pid, sizeof set, &set));
    return result < 0 ? result : outcome(sched_setaffinity(pid, sizeof set, &set));
}

static long act_scheduler_other(char **a) {
    struct sched_param parameters = {0};
    return outcome(sched_setscheduler((pid_t)number(a[0]), SCHED_BATCH, &parameters));
}

static long act_io_priority_other(char **a) {
    return outcome(syscall(__NR_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, number(a[0]), 3 << 13 /* idle */));
}

/* All processes of its user. */
static long act_priority_user(char **a) {
    (void)a;
    errno = 0;
    getpriority(PRIO_USER, 0);
    return -errno;
}

static long act_set_limit_other(char **a) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) < 0) return -errno;
    limit.rlim_cur = 0;
    return outcome(prlimit((pid_t)number(a[0]), RLIMIT_CORE, &limit, NULL));
}

static long act_session_other(char **a) { return outcome(getsid((pid_t)number(a[0]))); }
static long act_group_other(char **a) { return outcome(getpgid((pid_t)number(a[0]))); }

/* The processor time that another process has used. */
static long act_clock_other(char **a) {
    struct timespec used;
    return outcome(syscall(__NR_clock_gettime, (long)(~(int)number(a[0]) << 3 | 2), &used));
}

/* Every process that it can tell from none. */
static long act_processes(char **a) {
    (void)a;
    int found = 0;
    for (pid_t pid = 1; pid < 1 << 17; pid++) {
        if (pid == getpid() || (kill(pid, 0) < 0 && errno == ESRCH)) continue;
        if (found++ < 20) say("%d ", pid);
    }
    return found ? 0 : -ESRCH;
}

static long attach(int request, char **a) {
    pid_t pid = (pid_t)number(a[0]);
    long result = outcome(ptrace(request, pid, NULL, NULL));
    if (result < 0) return result;
    if (request == PTRACE_SEIZE) ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
    waitpid(pid, NULL, __WALL);
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    return result;
}

static long act_ptrace_attach(char **a) { return attach(PTRACE_ATTACH, a); }
static long act_ptrace_seize(char **a) { return attach(PTRACE_SEIZE, a); }

/* The lowest address of a static program: its ELF header, which is mapped in every process of it, never writable. */
extern char __executable_start[];

static long vm(char **a, bool writing) {
    char here[4] = "";
    struct iovec local = {here, sizeof here}, remote = {__executable_start, sizeof here};
    pid_t pid = (pid_t)number(a[0]);
    long result = outcome(writing ? process_vm_writev(pid, &local, 1, &remote, 1, 0)
                                  : process_vm_readv(pid, &local, 1, &remote, 1, 0));
    if (result != -EFAULT) return result;
    say(writing ? "that address is not writable" : "that address is not mapped");
    return 0;
}

static long act_vm_read(char **a) { return vm(a, false); }
static long act_vm_write(char **a) { return vm(a, true); }

static long act_shm_create(char **a) {
    return outcome(shmget((key_t)number(a[0]), 4096, IPC_CREAT | IPC_EXCL | 0666));
}

static long act_shm_find(char **a) { return outcome(shmget((key_t)number(a[0]), 0, 0)); }

static long act_shm_remove(char **a) {
    int id = shmget((key_t)number(a[0]), 0, 0);
    return id < 0 ? -errno : outcome(shmctl(id, IPC_RMID, NULL));
}

/* The other objects that are found by a key. */
static long act_sem_create(char **a) { return outcome(semget((key_t)number(a[0]), 1, IPC_CREAT | IPC_EXCL | 0666)); }
static long act_msg_create(char **a) { return outcome(msgget((key_t)number(a[0]), IPC_CREAT | IPC_EXCL | 0666)); }

static long act_ipc_remove(char **a) {
    int semaphores = semget((key_t)number(a[0]), 0, 0), queue = msgget((key_t)number(a[0]), 0);
    if (semaphores >= 0) semctl(semaphores, 0, IPC_RMID);
    if (queue >= 0) msgctl(queue, IPC_RMID, NULL);
    return 0;
}

static long act_mq_create(char **a) {
    struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
    mqd_t queue = mq_open(a[0], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600, &attributes);
    if (queue == (mqd_t)-1) return -errno;
    mq_close(queue);
    return outcome(mq_unlink(a[0]));
}

/* ---- Executing ---------------------------------------------------------------------------------------------------- */

static char *environment[] = {NULL};

static long execute_with(const char *path, const char *argument) {
    char *arguments[] = {(char *)path, (char *)argument, NULL};
    return outcome(execve(path, arguments, environment));
}

static long execute(const char *path) { return execute_with(path, if_executed); }

static long execute_at(int directory, const char *path, int flags) {
    char *arguments[] = {(char *)self, (char *)if_executed, NULL};
    return outcome(syscall(__NR_execveat, directory, path, arguments, environment, flags));
}

static long act_execve(char **a) { return execute_with(a[0], a[1] ? a[1] : if_executed); }
static long act_execveat_absolute(char **a) { return execute_at((int)number(a[0]), a[1], 0); }

static long act_execveat_relative(char **a) {
    char directory[PATH_MAX];
    snprintf(directory, sizeof directory, "%s", a[0]);
    char *slash = strrchr(directory, '/');
    if (!slash) return impossible("give an absolute path");
    *slash = 0;
    int fd = open(*directory ? directory : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -errno;
    return close_later(fd, execute_at(fd, slash + 1, 0));
}

static long execute_opened(const char *path, int flags) {
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0) return -errno;
    return close_later(fd, execute_at(fd, "", AT_EMPTY_PATH));
}

static long act_execveat_empty(char **a) { return execute_opened(a[0], O_RDONLY); }
static long act_execveat_opath(char **a) { return execute_opened(a[0], O_PATH); }

static long act_execveat_memfd(char **a) {
    int from = open(a[0], O_RDONLY | O_CLOEXEC), to = memfd_create("embryo", MFD_CLOEXEC);
    if (from < 0 || to < 0) return -errno;
    char block[65536];
    for (ssize_t length; (length = read(from, block, sizeof block)) > 0;)
        if (write(to, block, (size_t)length) != length) return -errno;
    return execute_at(to, "", AT_EMPTY_PATH);
}

/* DESCRIPTOR of a program: executed as it is, or by its name in /proc. */
static long act_execveat_descriptor(char **a) { return execute_at((int)number(a[0]), "", AT_EMPTY_PATH); }

static long act_execve_descriptor(char **a) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%ld", number(a[0]));
    return execute(path);
}

/* A memory file, by its name in /proc. */
static long act_execve_memfd(char **a) {
    int from = open(a[0], O_RDONLY | O_CLOEXEC), to = memfd_create("embryo", 0);
    if (from < 0 || to < 0) return -errno;
    char block[65536], path[64];
    for (ssize_t length; (length = read(from, block, sizeof block)) > 0;)
        if (write(to, block, (size_t)length) != length) return -errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", to);
    return execute(path);
}

/* A copy in a place that it may write to. */
static long act_execve_copy(char **a) {
    int from = open(a[0], O_RDONLY | O_CLOEXEC), to = open(a[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    if (from < 0 || to < 0) return -errno;
    char block[65536];
    for (ssize_t length; (length = read(from, block, sizeof block)) > 0;)
        if (write(to, block, (size_t)length) != length) return -errno;
    close(to);
    return execute(a[1]);
}

struct exec_thread {
    const char *path;
    pthread_barrier_t *start;
    long result;
};

static void *execute_in_thread(void *argument) {
    struct exec_thread *thread = argument;
    for (int i = 0; i < 200; i++) {
        if (thread->start) pthread_barrier_wait(thread->start);
        thread->result = i % 2 ? execute(thread->path) : execute_at(AT_FDCWD, thread->path, 0);
    }
    return NULL;
}

static long act_exec_thread(char **a) {
    struct exec_thread thread = {a[0], NULL, 0};
    pthread_t id;
    int error = pthread_create(&id, NULL, execute_in_thread, &thread);
    if (error) return -error;
    pthread_join(id, NULL);
    return thread.result;
}

static long act_exec_race(char **a) {
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, 2);
    struct exec_thread threads[] = {{a[0], &start, 0}, {a[0], &start, 0}};
    pthread_t ids[2];
    for (int i = 0; i < 2; i++) {
        int error = pthread_create(&ids[i], NULL, execute_in_thread, &threads[i]);
        if (error) return -error; /* the barrier keeps the other, until this process ends */
    }
    for (int i = 0; i < 2; i++) pthread_join(ids[i], NULL);
    return threads[0].result < 0 ? threads[1].result : threads[0].result;
}

/* ---- Memory ------------------------------------------------------------------------------------------------------- */

#define PAGE 65536 /* at least */

/* Never called, but for what is written over it. */
static __attribute__((noinline, section(".text.poked"))) long poked(void) {
    __asm__ volatile("");
    return 1;
}

/* The kernel writes to pages through /proc/PID/mem whatever their protection is. */
static long poke(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return -errno;
    static const char code[1] = {0};
    return close_later(fd, outcome(pwrite(fd, code, sizeof code, (off_t)(long)poked)));
}

static long act_poke_self(char **a) {
    (void)a;
    return poke(getpid());
}

static long act_poke_child(char **a) {
    (void)a;
    pid_t child = fork();
    if (child < 0) return -errno;
    if (child == 0) {
        pause();
        _exit(0);
    }
    long result = poke(child);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return result;
}

static long protect_written(int call, int protection) {
    char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return -errno;
    page[0] = 1;
    return outcome(syscall(call, page, PAGE, protection, -1));
}

static long act_make_executable(char **a) {
    (void)a;
    return protect_written(__NR_mprotect, PROT_READ | PROT_EXEC);
}

static long act_make_executable_high(char **a) {
    (void)a;
    char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return -errno;
    return outcome(syscall(__NR_mprotect, page, PAGE, PROT_READ | PROT_EXEC | HIGH));
}

static long act_make_executable_key(char **a) {
    (void)a;
    return protect_written(__NR_pkey_mprotect, PROT_READ | PROT_EXEC);
}

static long act_map_execute(char **a) {
    int fd = open(a[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    return close_later(fd, mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -errno : 0);
}

/* DESCRIPTOR of a file that it may write to, too: what it wrote there would be code. */
static long act_map_execute_descriptor(char **a) {
    int fd = (int)number(a[0]);
    if (ftruncate(fd, PAGE) < 0) return -errno;
    return mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0) == MAP_FAILED ? -errno : 0;
}

static long act_shm_execute(char **a) {
    (void)a;
    int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700);
    if (id < 0) return -errno;
    long result = shmat(id, NULL, SHM_EXEC) == (void *)-1 ? -errno : 0;
    shmctl(id, IPC_RMID, NULL);
    return result;
}

static long act_allocate(char **a) {
    size_t bytes = (size_t)number(a[0]) << 20;
    char *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return -errno;
    for (size_t i = 0; i < bytes; i += 4096) block[i] = 1;
    return 0;
}

/* ---- Namespaces, privilege ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned long flag;
} clone_flags[] = {{"user", CLONE_NEWUSER}, {"mount", CLONE_NEWNS}, {"pid", CLONE_NEWPID}, {"network", CLONE_NEWNET},
    {"ipc", CLONE_NEWIPC}, {"hostname", CLONE_NEWUTS}, {"cgroup", CLONE_NEWCGROUP}, {"parent", CLONE_PARENT},
    {"ptrace", CLONE_PTRACE}, {"untraced", CLONE_UNTRACED}, {"pidfd", CLONE_PIDFD},
    {"thread+network", CLONE_THREAD | CLONE_NEWNET}, {"thread+parent", CLONE_THREAD | CLONE_PARENT}, {"none", 0}};

/* FLAG [high]: a child with a namespace of its own, or one of the other flags that a sandbox must not give. */
static long act_clone(char **a) {
    int pidfd = -1;
    for (size_t i = 0; i < sizeof clone_flags / sizeof *clone_flags; i++) {
        if (strcmp(a[0], clone_flags[i].name)) continue;
        unsigned long flags = clone_flags[i].flag | SIGCHLD | (a[1] ? (unsigned long)HIGH : 0);
        long child = outcome(syscall(__NR_clone, flags, NULL, &pidfd, NULL, 0));
        if (child == 0) _exit(0);
        if (child > 0) waitpid((pid_t)child, NULL, __WALL);
        if (child == -EINVAL) say("the kernel looked at the flags");
        return child == -EINVAL ? 0 : child;
    }
    return impossible("unknown flag");
}

static long act_capset(char **a) {
    (void)a;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(__NR_capget, &header, data) < 0) return -errno;
    for (int i = 0; i < 2; i++) data[i].effective = data[i].permitted = data[i].inheritable |= 1u << (i ? 0 : 21);
    return outcome(syscall(__NR_capset, &header, data));
}

static long act_raise_limit(char **a) {
    (void)a;
    static const int resources[] = {RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE};
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
        struct rlimit limit;
        if (getrlimit(resources[i], &limit) < 0) return -errno;
        if (limit.rlim_max == RLIM_INFINITY) continue;
        limit.rlim_max++;
        if (setrlimit(resources[i], &limit) == 0) return 0;
    }
    return -errno;
}

static long act_open_tree(char **a) {
    int fd = (int)syscall(__NR_open_tree, AT_FDCWD, a[0], 1 /* OPEN_TREE_CLONE */);
    return close_later(fd, outcome(fd));
}

static long act_listener(char **a) {
    struct sock_filter_abi {
        unsigned short code;
        unsigned char yes, no;
        unsigned k;
    } allow = {6, 0, 0, SECCOMP_RET_ALLOW};
    struct {
        unsigned short length;
        void *filter;
    } program = {1, &allow};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -errno;
    long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | (a[0] ? HIGH : 0);
    return outcome(syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

/* ---- Calls of another kind ---------------------------------------------------------------------------------------- */

/* NUMBER: other errnos tell that there is such a call. ENXIO is uprobe's (336) to whoever is not its trampoline. */
static long act_call(char **a) {
    long b[6] = {0};
    for (int i = 0; i < 6 && a[i + 1]; i++) b[i] = strtoul(a[i + 1], NULL, 0);
    long result = outcome(syscall(number(a[0]), b[0], b[1], b[2], b[3], b[4], b[5]));
    if (result < 0 && result != -ENOSYS && result != -EPERM && result != -ENXIO) {
        say("there is such a call: %s", strerrorname_np((int)-result));
        return 0;
    }
    return result;
}

static struct { long call, count, refused; } flood;

static void *pour(void *unused) {
    (void)unused;
    for (long i = 0; i < flood.count; i++)
        if (syscall(flood.call, i, i, i, 0, 0, 0) == -1 && (errno == EPERM || errno == ENOSYS))
            __atomic_fetch_add(&flood.refused, 1, __ATOMIC_RELAXED);
    return NULL;
}

/* Threads that make calls again and again, each time with other arguments; done if every one was refused. */
static long act_flood(char **a) {
    pthread_t threads[64];
    long count = number(a[0]);
    flood.count = number(a[1]);
    for (char **call = a + 2; *call; call++) {
        flood.call = number(*call);
        for (long i = 0; i < count && i < 64; i++)
            if (pthread_create(&threads[i], NULL, pour, NULL)) return -EAGAIN;
        for (long i = 0; i < count && i < 64; i++) pthread_join(threads[i], NULL);
    }
    say("%ld refused", flood.refused);
    return 0;
}

#ifdef __x86_64__
/* i386 numbers: getpid, and open of "/". The name must lie below 4 GiB, as the data of a static program do. */
static long call_i386(long call, const void *argument) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(call), "b"(argument), "c"(0l), "d"(0l) : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

static long act_i386_getpid(char **a) {
    (void)a;
    return call_i386(20, NULL);
}

static long act_i386_open(char **a) {
    (void)a;
    static const char root[] = "/";
    return call_i386(5, root);
}

static long act_x32(char **a) {
    return outcome(syscall(0x40000000 | number(a[0]), 0, 0, 0, 0, 0, 0));
}
#endif

/* ---- What a program is for ---------------------------------------------------------------------------------------- */

static long act_executed(char **a) {
    (void)a;
    say("a new program runs");
    return 0;
}

static long act_escaped(char **a) {
    (void)a;
    printf("ESCAPED a new program runs\n");
    exit(1);
}

static long act_getpid(char **a) {
    (void)a;
    say("pid %d parent %d group %d session %d", getpid(), getppid(), getpgid(0), getsid(0));
    return 0;
}

static long act_ids(char **a) {
    (void)a;
    uid_t u[3];
    gid_t g[3], groups[64];
    if (getresuid(&u[0], &u[1], &u[2]) < 0 || getresgid(&g[0], &g[1], &g[2]) < 0) return -errno;
    say("uid %u %u %u gid %u %u %u groups", u[0], u[1], u[2], g[0], g[1], g[2]);
    int count = getgroups(64, groups);
    for (int i = 0; i < count; i++) say(" %u", groups[i]);
    return 0;
}

static long act_arguments(char **a) {
    for (; *a; a++) say("[%s]", *a);
    return 0;
}

static long act_environment(char **a) {
    (void)a;
    for (char **variable = environ; *variable; variable++) say("[%s]", *variable);
    return 0;
}

static long act_directory(char **a) {
    (void)a;
    char path[PATH_MAX];
    if (!getcwd(path, sizeof path)) return -errno;
    say("%s", path);
    return 0;
}

static long act_umask(char **a) {
    (void)a;
    say("%03o", umask(0));
    return 0;
}

static long act_hostname(char **a) {
    (void)a;
    char name[256] = "";
    if (gethostname(name, sizeof name) < 0) return -errno;
    say("%s", name);
    return 0;
}

static const struct {
    const char *name;
    int resource;
} limits[] = {{"cpu", RLIMIT_CPU}, {"fsize", RLIMIT_FSIZE}, {"data", RLIMIT_DATA}, {"stack", RLIMIT_STACK},
    {"core", RLIMIT_CORE}, {"rss", RLIMIT_RSS}, {"nproc", RLIMIT_NPROC}, {"nofile", RLIMIT_NOFILE},
    {"memlock", RLIMIT_MEMLOCK}, {"as", RLIMIT_AS}, {"locks", RLIMIT_LOCKS}, {"sigpending", RLIMIT_SIGPENDING},
    {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE}, {"rtprio", RLIMIT_RTPRIO}, {"rttime", RLIMIT_RTTIME}};

static void say_limit(rlim_t value) {
    if (value == RLIM_INFINITY) say("unlimited");
    else say("%llu", (unsigned long long)value);
}

static long act_limits(char **a) {
    (void)a;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit;
        if (getrlimit(limits[i].resource, &limit) < 0) return -errno;
        say("%s=", limits[i].name);
        say_limit(limit.rlim_cur);
        say("/");
        say_limit(limit.rlim_max);
        say(" ");
    }
    return 0;
}

static void say_signals(void) {
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int signal = 1; signal < 65; signal++) {
        struct sigaction action;
        if (sigismember(&blocked, signal) == 1) say(" blocked=%d", signal);
        if (sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL) say(" not-default=%d", signal);
    }
}

/* What else a launcher sets, or forgets to. */
static long act_state(char **a) {
    (void)a;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
    int bounding = 0, death = 0;
    for (int capability = 0; capability < 64; capability++) bounding += prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1;
    syscall(__NR_capget, &header, data);
    prctl(PR_GET_PDEATHSIG, &death);
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    say("no-new-privs=%d seccomp=%d dumpable=%d securebits=%#x death-signal=%d timer-slack=%d nice=%d personality=%#x "
        "caps=%x/%x/%x bounding=%d leader=%d terminal=%d alarm=%u",
        prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_SECCOMP), prctl(PR_GET_DUMPABLE), prctl(PR_GET_SECUREBITS),
        death, prctl(PR_GET_TIMERSLACK), getpriority(PRIO_PROCESS, 0), personality(0xffffffff),
        data[0].effective | data[1].effective, data[0].permitted | data[1].permitted,
        data[0].inheritable | data[1].inheritable, bounding, getsid(0) == getpid(), terminal >= 0, alarm(0));
    say_signals();
    return close_later(terminal, 0);
}

static void *nothing(void *argument) { return argument; }

static long act_thread(char **a) {
    (void)a;
    pthread_t id;
    int error = pthread_create(&id, NULL, nothing, NULL);
    return error ? -error : -pthread_join(id, NULL);
}

static long child_result(long child) {
    if (child == 0) _exit(0);
    if (child < 0) return -errno;
    int status;
    waitpid((pid_t)child, &status, 0);
    return status;
}

static long act_fork(char **a) {
    (void)a;
    return child_result(fork());
}

static long act_raw_fork(char **a) {
    (void)a;
    return __NR_fork < 0 ? impossible("no such call on this machine") : child_result(syscall(__NR_fork));
}

static long act_hang(char **a) {
    (void)a;
    printf("ready\n");
    fflush(stdout);
    for (;;) pause();
    return 0;
}

/* COUNT [hang]: children that outlive their parent, or not. */
static long act_orphans(char **a) {
    for (long i = 0; i < number(a[0]); i++) {
        pid_t child = fork();
        if (child < 0) return -errno;
        if (child == 0) {
            setsid();
            sleep(600);
            _exit(0);
        }
    }
    return a[1] ? act_hang(a) : 0;
}

static long act_echo(char **a) {
    (void)a;
    char block[65536];
    ssize_t length;
    while ((length = read(0, block, sizeof block)) > 0)
        if (write(1, block, (size_t)length) < 0) return -errno;
    return outcome(length);
}

static volatile sig_atomic_t caught;
static void catch (int signal) { caught = signal; }

static long act_handle_signal(char **a) {
    (void)a;
    struct sigaction action = {.sa_handler = catch};
    if (sigaction(SIGUSR1, &action, NULL) < 0 || kill(getpid(), SIGUSR1) < 0) return -errno;
    say("caught %d", (int)caught);
    return caught == SIGUSR1 ? 0 : -ENOMSG;
}

static void *wait_for_it(void *argument) {
    while (!caught) usleep(1000);
    return argument;
}

/* To one thread of its own, as pthread_kill and abort do. */
static long act_signal_thread(char **a) {
    (void)a;
    struct sigaction action = {.sa_handler = catch};
    pthread_t id;
    if (sigaction(SIGUSR1, &action, NULL) < 0) return -errno;
    int error = pthread_create(&id, NULL, wait_for_it, NULL);
    if (error) return -error;
    error = pthread_kill(id, SIGUSR1);
    if (error) return -error;
    return -pthread_join(id, NULL);
}

/* SIGNAL: says "ready", and what it was that came. */
static long act_await_signal(char **a) {
    struct sigaction action = {.sa_handler = catch};
    sigset_t blocked, before;
    sigfillset(&blocked);
    sigprocmask(SIG_SETMASK, &blocked, &before);
    if (sigaction((int)number(a[0]), &action, NULL) < 0) return -errno;
    printf("ready\n");
    fflush(stdout);
    sigsuspend(&before);
    say("caught %d", (int)caught);
    return 0;
}

/* Does to every terminal within reach what disturbs who uses it next; a new reach is opened by each name that there may be. */
static long act_spoil_terminals(char **a) {
    (void)a;
    long changed = 0;
    int reach[] = {0, 1, 2, open("/dev/tty", O_RDWR | O_NOCTTY), open("/dev/console", O_RDWR | O_NOCTTY)};
    signal(SIGTTOU, SIG_IGN);
    for (size_t i = 0; i < sizeof reach / sizeof *reach; i++) {
        struct termios settings;
        if (tcgetattr(reach[i], &settings) != 0) continue;
        settings.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
        settings.c_iflag |= ISTRIP;
        changed += tcsetattr(reach[i], TCSANOW, &settings) == 0;
        struct winsize size = {3, 5, 0, 0};
        ioctl(reach[i], TIOCSWINSZ, &size);
        ioctl(reach[i], TIOCSTI, "!");
        fcntl(reach[i], F_SETFL, fcntl(reach[i], F_GETFL) | O_NONBLOCK);
    }
    say("%ld", changed);
    return 0;
}

static long act_terminal_size(char **a) {
    struct winsize size;
    if (ioctl(a[0] ? (int)number(a[0]) : 1, TIOCGWINSZ, &size) < 0) return -errno;
    say("%d rows %d columns", size.ws_row, size.ws_col);
    return 0;
}

static long act_sleep(char **a) {
    double seconds = strtod(a[0], NULL);
    struct timespec rest = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    return outcome(nanosleep(&rest, NULL));
}

static long act_spin(char **a) {
    (void)a;
    for (volatile bool on = true; on;) {}
    return 0;
}

static long act_exit(char **a) { exit((int)number(a[0])); }
static long act_raise(char **a) { return outcome(raise((int)number(a[0]))); }

static long act_dump_core(char **a) {
    (void)a;
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &limit);
    abort();
}

/* ---- The tables --------------------------------------------------------------------------------------------------- */

static const struct act acts[] = {
    /* Files. */
    {"open", "FILE", 1, act_open},
    {"open-write", "FILE", 1, act_open_write},
    {"open-path", "FILE", 1, act_open_path},
    {"read", "FILE", 1, act_read},
    {"write", "FILE", 1, act_write},
    {"write-bytes", "FILE BYTES", 2, act_write_bytes},
    {"open-files", "COUNT", 1, act_open_files},
    {"make-files", "COUNT DIRECTORY", 2, act_make_files},
    {"list", "DIRECTORY", 1, act_list},
    {"write-through", "FILE", 1, act_write_through},
    {"find", "FILE TEXT", 2, act_find},
    {"list-descriptor", "DESCRIPTOR", 1, act_list_descriptor},
    {"stat", "FILE", 1, act_stat},
    {"create", "FILE", 1, act_create},
    {"temporary", "DIRECTORY", 1, act_temporary},
    {"mkdir", "DIRECTORY", 1, act_mkdir},
    {"rmdir", "DIRECTORY", 1, act_rmdir},
    {"unlink", "FILE", 1, act_unlink},
    {"rename", "FROM TO", 2, act_rename},
    {"link", "FROM TO", 2, act_link},
    {"symlink", "TARGET FILE", 2, act_symlink},
    {"truncate", "FILE", 1, act_truncate},
    {"chmod", "MODE FILE", 2, act_chmod},
    {"chown", "FILE", 1, act_chown},
    {"touch", "FILE", 1, act_touch},
    {"setxattr", "FILE", 1, act_setxattr},
    {"truncate-reading", "FILE", 1, act_truncate_reading},
    {"chmod-opened", "MODE FILE", 2, act_chmod_opened},
    {"chmod-unopened", "MODE FILE", 2, act_chmod_unopened},
    {"chown-opened", "FILE", 1, act_chown_opened},
    {"touch-opened", "FILE", 1, act_touch_opened},
    {"set-flags-opened", "FILE", 1, act_set_flags_opened},
    {"getxattr", "FILE", 1, act_getxattr},
    {"watch", "FILE", 1, act_watch},
    {"mkfifo", "FILE", 1, act_mkfifo},
    {"mknod-character", "FILE", 1, act_mknod_character},
    {"mknod-block", "FILE", 1, act_mknod_block},
    {"chdir", "DIRECTORY", 1, act_chdir},
    {"climb", "DIRECTORY FILE", 2, act_climb},
    {"climb-renamed", "DIRECTORY FILE", 2, act_climb_renamed},
    {"setid", "WAY MODE FILE", 3, act_setid},
    /* Descriptors. */
    {"descriptors", "", 0, act_descriptors},
    {"inherited", "FIRST", 1, act_inherited},
    {"leave-open", "COUNT PROGRAM [ARGUMENTS]", 2, act_leave_open},
    {"read-descriptor", "NUMBER", 1, act_read_descriptor},
    /* Sockets. */
    {"socket", "FAMILY", 1, act_socket},
    {"socketpair", "", 0, act_socketpair},
    {"connect-abstract", "NAME", 1, act_connect_abstract},
    /* Other processes. */
    {"kill", "PID SIGNAL", 2, act_kill},
    {"tkill", "TID SIGNAL", 2, act_tkill},
    {"tgkill", "PID SIGNAL", 2, act_tgkill},
    {"sigqueue", "PID SIGNAL", 2, act_sigqueue},
    {"pidfd", "PID", 1, act_pidfd},
    {"pidfd-signal", "PID SIGNAL", 2, act_pidfd_signal},
    {"set-owner", "PID", 1, act_set_owner},
    {"set-owner-ex", "PID", 1, act_set_owner_ex},
    {"set-signal", "", 0, act_set_signal},
    {"limit-other", "PID", 1, act_limit_other},
    {"priority-other", "PID", 1, act_priority_other},
    {"affinity-other", "PID", 1, act_affinity_other},
    {"set-affinity-other", "PID", 1, act_set_affinity_other},
    {"scheduler-other", "PID", 1, act_scheduler_other},
    {"io-priority-other", "PID", 1, act_io_priority_other},
    {"priority-user", "", 0, act_priority_user},
    {"set-limit-other", "PID", 1, act_set_limit_other},
    {"session-other", "PID", 1, act_session_other},
    {"group-other", "PID", 1, act_group_other},
    {"clock-other", "PID", 1, act_clock_other},
    {"processes", "", 0, act_processes},
    {"ptrace-attach", "PID", 1, act_ptrace_attach},
    {"ptrace-seize", "PID", 1, act_ptrace_seize},
    {"vm-read", "PID", 1, act_vm_read},
    {"vm-write", "PID", 1, act_vm_write},
    {"shm-create", "KEY", 1, act_shm_create},
    {"shm-find", "KEY", 1, act_shm_find},
    {"shm-remove", "KEY", 1, act_shm_remove},
    {"sem-create", "KEY", 1, act_sem_create},
    {"msg-create", "KEY", 1, act_msg_create},
    {"ipc-remove", "KEY", 1, act_ipc_remove},
    {"mq-create", "NAME", 1, act_mq_create},
    /* Executing. */
    {"execve", "PROGRAM [ARGUMENT]", 1, act_execve},
    {"execveat-absolute", "DESCRIPTOR PROGRAM", 2, act_execveat_absolute},
    {"execveat-relative", "PROGRAM", 1, act_execveat_relative},
    {"execveat-empty", "PROGRAM", 1, act_execveat_empty},
    {"execveat-opath", "PROGRAM", 1, act_execveat_opath},
    {"execveat-memfd", "PROGRAM", 1, act_execveat_memfd},
    {"execveat-descriptor", "DESCRIPTOR", 1, act_execveat_descriptor},
    {"execve-descriptor", "DESCRIPTOR", 1, act_execve_descriptor},
    {"execve-memfd", "PROGRAM", 1, act_execve_memfd},
    {"execve-copy", "PROGRAM COPY", 2, act_execve_copy},
    {"exec-thread", "PROGRAM", 1, act_exec_thread},
    {"exec-race", "PROGRAM", 1, act_exec_race},
    /* Memory. */
    {"make-executable", "", 0, act_make_executable},
    {"make-executable-high", "", 0, act_make_executable_high},
    {"make-executable-key", "", 0, act_make_executable_key},
    {"poke-self", "", 0, act_poke_self},
    {"poke-child", "", 0, act_poke_child},
    {"map-execute", "FILE", 1, act_map_execute},
    {"map-execute-descriptor", "DESCRIPTOR", 1, act_map_execute_descriptor},
    {"shm-execute", "", 0, act_shm_execute},
    {"allocate", "MIB", 1, act_allocate},
    /* Namespaces, privilege. */
    {"clone", "FLAG [high]", 1, act_clone},
    {"capset", "", 0, act_capset},
    {"raise-limit", "", 0, act_raise_limit},
    {"clone-tree", "DIRECTORY", 1, act_open_tree},
    {"listener", "[high]", 0, act_listener},
    /* Calls of another kind. */
    {"call", "NUMBER [ARGUMENTS]", 1, act_call},
    {"flood", "THREADS COUNT NUMBERS", 3, act_flood},
#ifdef __x86_64__
    {"i386-getpid", "", 0, act_i386_getpid},
    {"i386-open", "", 0, act_i386_open},
    {"x32", "NUMBER", 1, act_x32},
#endif
    /* What a program is for. */
    {"executed", "", 0, act_executed},
    {"escaped", "", 0, act_escaped},
    {"getpid", "", 0, act_getpid},
    {"ids", "", 0, act_ids},
    {"arguments", "[ARGUMENTS]", 0, act_arguments},
    {"environment", "", 0, act_environment},
    {"directory", "", 0, act_directory},
    {"umask", "", 0, act_umask},
    {"hostname", "", 0, act_hostname},
    {"limits", "", 0, act_limits},
    {"state", "", 0, act_state},
    {"thread", "", 0, act_thread},
    {"fork", "", 0, act_fork},
    {"raw-fork", "", 0, act_raw_fork},
    {"orphans", "COUNT [hang]", 1, act_orphans},
    {"echo", "", 0, act_echo},
    {"handle-signal", "", 0, act_handle_signal},
    {"signal-thread", "", 0, act_signal_thread},
    {"await-signal", "SIGNAL", 1, act_await_signal},
    {"spoil-terminals", "", 0, act_spoil_terminals},
    {"terminal-size", "[DESCRIPTOR]", 0, act_terminal_size},
    {"sleep", "SECONDS", 1, act_sleep},
    {"hang", "", 0, act_hang},
    {"spin", "", 0, act_spin},
    {"exit", "STATUS", 1, act_exit},
    {"raise", "SIGNAL", 1, act_raise},
    {"dump-core", "", 0, act_dump_core},
};

/*
 * Bare system calls. LOOKED_AT: the arguments are wrong on purpose, and an errno other than EPERM, EACCES and ENOSYS
 * tells that the kernel came to see it. DONE: the call has to succeed.
 */
enum success { LOOKED_AT, DONE };

struct call {
    const char *name;
    enum success success;
    long number;
    long arguments[6];
};

static const struct call calls[] = {
    /* Namespaces. */
    {"unshare-user", DONE, __NR_unshare, {CLONE_NEWUSER}},
    {"unshare-mount", DONE, __NR_unshare, {CLONE_NEWNS}},
    {"unshare-pid", DONE, __NR_unshare, {CLONE_NEWPID}},
    {"unshare-network", DONE, __NR_unshare, {CLONE_NEWNET}},
    {"unshare-ipc", DONE, __NR_unshare, {CLONE_NEWIPC}},
    {"unshare-hostname", DONE, __NR_unshare, {CLONE_NEWUTS}},
    {"unshare-cgroup", DONE, __NR_unshare, {CLONE_NEWCGROUP}},
    {"unshare-files", DONE, __NR_unshare, {CLONE_FILES}},
    {"unshare-high", LOOKED_AT, __NR_unshare, {CLONE_NEWUSER | HIGH}},
    {"setns", LOOKED_AT, __NR_setns, {-1, 0}},
    {"setns-user", LOOKED_AT, __NR_setns, {-1, CLONE_NEWUSER}},
    {"clone3", LOOKED_AT, __NR_clone3, {0, 0}},
    /* Mounts and roots. */
    {"mount", LOOKED_AT, __NR_mount, {(long)"tmpfs", NOWHERE, (long)"tmpfs"}},
    {"mount-bind", LOOKED_AT, __NR_mount, {(long)"/", NOWHERE, 0, 4096 /* MS_BIND */}},
    {"umount2", LOOKED_AT, __NR_umount2, {NOWHERE, 2 /* MNT_DETACH */}},
    {"open-tree", LOOKED_AT, __NR_open_tree, {AT_FDCWD, NOWHERE, 0}},
    {"open-tree-attr", LOOKED_AT, CALL_OPEN_TREE_ATTR, {AT_FDCWD, NOWHERE, 0, 0, 0}},
    {"move-mount", LOOKED_AT, __NR_move_mount, {-1, NOWHERE, -1, NOWHERE}},
    {"fsopen", LOOKED_AT, __NR_fsopen, {(long)"no such type"}},
    {"fsconfig", LOOKED_AT, __NR_fsconfig, {-1}},
    {"fsmount", LOOKED_AT, __NR_fsmount, {-1}},
    {"fspick", LOOKED_AT, __NR_fspick, {AT_FDCWD, NOWHERE}},
    {"mount-setattr", LOOKED_AT, __NR_mount_setattr, {AT_FDCWD, NOWHERE}},
    {"statmount", LOOKED_AT, CALL_STATMOUNT, {0}},
    {"listmount", LOOKED_AT, CALL_LISTMOUNT, {0}},
    {"pivot-root", LOOKED_AT, __NR_pivot_root, {NOWHERE, NOWHERE}},
    {"chroot", LOOKED_AT, __NR_chroot, {NOWHERE}},
    {"openat2", LOOKED_AT, __NR_openat2, {AT_FDCWD, (long)"/", 0, 0}},
    {"file-setattr", LOOKED_AT, CALL_FILE_SETATTR, {AT_FDCWD, NOWHERE}},
    {"name-to-handle-at", LOOKED_AT, __NR_name_to_handle_at, {AT_FDCWD, (long)"/"}},
    {"open-by-handle-at", LOOKED_AT, __NR_open_by_handle_at, {AT_FDCWD, 0, 0}},
    /* Other processes. */
    {"ptrace-traceme", DONE, __NR_ptrace, {PTRACE_TRACEME}},
    {"kcmp", LOOKED_AT, __NR_kcmp, {0, 0, 0}},
    {"pidfd-getfd", LOOKED_AT, __NR_pidfd_getfd, {-1, 0, 0}},
    {"pidfd-send-signal", LOOKED_AT, __NR_pidfd_send_signal, {-1, 0}},
    {"process-madvise", LOOKED_AT, __NR_process_madvise, {-1}},
    {"process-mrelease", LOOKED_AT, __NR_process_mrelease, {-1}},
    {"move-pages", LOOKED_AT, __NR_move_pages, {0, 0, 0, 0, 0, 1}},
    {"migrate-pages", LOOKED_AT, __NR_migrate_pages, {0, 0, 0, 0}},
    {"seccomp-listener", LOOKED_AT, __NR_seccomp, {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER}},
    {"seccomp-listener-high", LOOKED_AT, __NR_seccomp, {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | HIGH}},
    /* Ways around system calls. */
    {"io-uring-setup", LOOKED_AT, __NR_io_uring_setup, {1, 0}},
    {"io-uring-enter", LOOKED_AT, __NR_io_uring_enter, {-1}},
    {"io-uring-register", LOOKED_AT, __NR_io_uring_register, {-1}},
    {"io-setup", LOOKED_AT, __NR_io_setup, {1, 0}},
    {"io-submit", LOOKED_AT, __NR_io_submit, {0}},
    {"userfaultfd", DONE, __NR_userfaultfd, {1 /* UFFD_USER_MODE_ONLY */}},
    {"memfd-create", DONE, __NR_memfd_create, {(long)"embryo", MFD_CLOEXEC}},
    {"memfd-secret", LOOKED_AT, __NR_memfd_secret, {-1}},
    {"map-writable-executable", DONE, __NR_mmap, {0, PAGE, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1}},
    {"map-writable-executable-high", DONE, __NR_mmap,
        {0, PAGE, PROT_WRITE | PROT_EXEC | HIGH, MAP_PRIVATE | MAP_ANONYMOUS, -1}},
    {"read-implies-exec", DONE, __NR_personality, {READ_IMPLIES_EXEC}},
    {"read-implies-exec-high", DONE, __NR_personality, {READ_IMPLIES_EXEC | HIGH}},
    /* Terminals: what is put into the mouth of their user. */
    {"tiocsti", LOOKED_AT, __NR_ioctl, {0, TIOCSTI, 0}},
    {"tiocsti-high", LOOKED_AT, __NR_ioctl, {0, TIOCSTI | HIGH, 0}},
    {"tioclinux", LOOKED_AT, __NR_ioctl, {0, TIOCLINUX, 0}},
    {"tioclinux-high", LOOKED_AT, __NR_ioctl, {0, TIOCLINUX | HIGH, 0}},
    {"tiocsctty", LOOKED_AT, __NR_ioctl, {0, TIOCSCTTY, 0}},
    {"tiocsctty-high", LOOKED_AT, __NR_ioctl, {0, TIOCSCTTY | HIGH, 0}},
    {"tiocsetd", LOOKED_AT, __NR_ioctl, {0, TIOCSETD, 0}},
    {"tiocgptpeer", LOOKED_AT, __NR_ioctl, {0, TIOCGPTPEER, 0}},
    {"fiosetown", LOOKED_AT, __NR_ioctl, {0, 0x8901, 0}},
    {"setown-high", LOOKED_AT, __NR_fcntl, {0, F_SETOWN | HIGH, 0}},
    /* Identity. */
    {"setuid", DONE, __NR_setuid, {0}},
    {"setgid", DONE, __NR_setgid, {0}},
    {"setresuid", DONE, __NR_setresuid, {-1, 0, -1}},
    {"setgroups", DONE, __NR_setgroups, {0, 0}},
    {"clear-securebits", DONE, __NR_prctl, {PR_SET_SECUREBITS, 0}},
    {"raise-ambient", DONE, __NR_prctl, {PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN}},
    {"clear-no-new-privs", DONE, __NR_prctl, {PR_SET_NO_NEW_PRIVS, 0}},
    {"leave-seccomp", DONE, __NR_prctl, {PR_SET_SECCOMP, 0}},
    /* Keys, observers. */
    {"add-key", LOOKED_AT, __NR_add_key, {0}},
    {"request-key", LOOKED_AT, __NR_request_key, {0}},
    {"keyctl", LOOKED_AT, __NR_keyctl, {9999}},
    {"bpf", LOOKED_AT, __NR_bpf, {9999}},
    {"perf-event-open", LOOKED_AT, __NR_perf_event_open, {0}},
    {"fanotify-init", DONE, __NR_fanotify_init, {0x200 /* FAN_REPORT_FID */}},
    {"fanotify-mark", LOOKED_AT, __NR_fanotify_mark, {-1}},
    {"lookup-quota", LOOKED_AT, __NR_quotactl, {-1}},
    {"quotactl-fd", LOOKED_AT, __NR_quotactl_fd, {-1}},
    {"syslog", DONE, __NR_syslog, {10 /* the size of the buffer */}},
    /* The machine. */
    {"reboot", LOOKED_AT, __NR_reboot, {0}},
    {"swapon", LOOKED_AT, __NR_swapon, {0, -1}},
    {"swapoff", LOOKED_AT, __NR_swapoff, {NOWHERE}},
    {"init-module", LOOKED_AT, __NR_init_module, {0, 0, (long)""}},
    {"finit-module", LOOKED_AT, __NR_finit_module, {-1, (long)"", 0}},
    {"delete-module", LOOKED_AT, __NR_delete_module, {0}},
    {"kexec-load", LOOKED_AT, __NR_kexec_load, {0, 0, 0, -1}},
    {"kexec-file-load", LOOKED_AT, __NR_kexec_file_load, {-1, -1, 0, 0, -1}},
    {"acct", LOOKED_AT, __NR_acct, {NOWHERE}},
    {"settimeofday", DONE, __NR_settimeofday, {0, 0}},
    {"clock-settime", LOOKED_AT, __NR_clock_settime, {0, 0}},
    {"clock-adjtime", LOOKED_AT, __NR_clock_adjtime, {0, 0}},
    {"adjtimex", LOOKED_AT, __NR_adjtimex, {0}},
    {"sethostname", LOOKED_AT, __NR_sethostname, {0, -1}},
    {"setdomainname", LOOKED_AT, __NR_setdomainname, {0, -1}},
    {"iopl", LOOKED_AT, __NR_iopl, {99}},
    {"ioperm", LOOKED_AT, __NR_ioperm, {-1, -1}},
    {"modify-ldt", LOOKED_AT, __NR_modify_ldt, {0, 0, 0}},
};

/* For `all`; what would kill this process comes last, and only where there is a child to be killed. */
struct attempt {
    const char *act, *arguments[3];
    bool deadly;
};

#define SELF "SELF" /* stands for the path of this program */

static const struct attempt attempts[] = {
    {"read", {"/etc/passwd"}, 0},
    {"read", {"/etc/shadow"}, 0},
    {"list", {"/root"}, 0},
    {"list", {"/home"}, 0},
    {"list", {"/sys"}, 0},
    {"list", {"/proc"}, 0},
    {"read", {"/proc/self/status"}, 0},
    {"list", {"/proc/self/root"}, 0},
    {"list", {"/proc/1/root"}, 0},
    {"open-write", {"/proc/1/mem"}, 0},
    {"open-write", {"/proc/sys/kernel/core_pattern"}, 0},
    {"open", {"/dev/mem"}, 0},
    {"open", {"/dev/kmsg"}, 0},
    {"open", {"/dev/tty"}, 0},
    {"list", {"/dev/pts"}, 0},
    {"read", {"/in/escape"}, 0},
    {"read", {"/in/absolute"}, 0},
    {"read", {"/in/../etc/passwd"}, 0},
    {"climb", {"/in", "etc/passwd"}, 0},
    {"climb", {"/", "etc/passwd"}, 0},
    {"climb-renamed", {"/tmp", "etc/passwd"}, 0},
    {"create", {"/in/created"}, 0},
    {"open-write", {"/in/note.txt"}, 0},
    {"truncate", {"/in/note.txt"}, 0},
    {"chmod", {"0666", "/in/note.txt"}, 0},
    {"touch", {"/in/note.txt"}, 0},
    {"setxattr", {"/in/note.txt"}, 0},
    {"rename", {"/in/note.txt", "/in/renamed"}, 0},
    {"link", {"/in/note.txt", "/tmp/linked"}, 0},
    {"unlink", {"/in/note.txt"}, 0},
    {"mkdir", {"/in/made"}, 0},
    {"create", {"/created"}, 0},
    {"mkdir", {"/made"}, 0},
    {"open-write", {SELF}, 0},
    {"chmod", {"0755", SELF}, 0},
    {"mknod-character", {"/tmp/null"}, 0},
    {"mknod-block", {"/tmp/disk"}, 0},
    {"setid", {"chmod", "04755", "/tmp/setid"}, 0},
    {"setid", {"chmod", "0x1000009ed", "/tmp/setid"}, 0},
    {"setid", {"fchmod", "04755", "/tmp/setid"}, 0},
    {"setid", {"fchmodat", "02755", "/tmp/setid"}, 0},
    {"setid", {"fchmodat2", "04755", "/tmp/setid"}, 0},
    {"setid", {"open", "04755", "/tmp/setid"}, 0},
    {"setid", {"openat", "04755", "/tmp/setid"}, 0},
    {"setid", {"openat2", "04755", "/tmp/setid"}, 0},
    {"setid", {"creat", "04755", "/tmp/setid"}, 0},
    {"setid", {"mknod", "04755", "/tmp/setid"}, 0},
    {"setid", {"mknodat", "0x1000009ed", "/tmp/setid"}, 0},
    {"inherited", {"3"}, 0},
    {"socket", {"unix"}, 0},
    {"socket", {"inet"}, 0},
    {"socket", {"inet6"}, 0},
    {"socket", {"netlink"}, 0},
    {"socket", {"packet"}, 0},
    {"socket", {"vsock"}, 0},
    {"socket", {"alg"}, 0},
    {"socketpair", {0}, 0},
    {"connect-abstract", {"embryo"}, 0},
    {"kill", {"1", "0"}, 0},
    {"tkill", {"1", "0"}, 0},
    {"tgkill", {"1", "0"}, 0},
    {"sigqueue", {"1", "0"}, 0},
    {"pidfd", {"1"}, 0},
    {"set-owner", {"1"}, 0},
    {"set-owner-ex", {"1"}, 0},
    {"set-signal", {0}, 0},
    {"ptrace-attach", {"1"}, 0},
    {"ptrace-seize", {"1"}, 0},
    {"vm-read", {"1"}, 0},
    {"vm-write", {"1"}, 0},
    {"shm-execute", {0}, 0},
    {"make-executable", {0}, 0},
    {"make-executable-high", {0}, 0},
    {"make-executable-key", {0}, 0},
    {"listener", {0}, 0},
    {"listener", {"high"}, 0},
    {"clone-tree", {"/"}, 0},
    {"capset", {0}, 0},
    {"raise-limit", {0}, 0},
    {"clone", {"user"}, 0},
    {"clone", {"user", "high"}, 0},
    {"clone", {"mount"}, 0},
    {"clone", {"pid"}, 0},
    {"clone", {"network"}, 0},
    {"clone", {"ipc"}, 0},
    {"clone", {"hostname"}, 0},
    {"clone", {"cgroup"}, 0},
    {"clone", {"parent"}, 0},
    {"clone", {"ptrace"}, 0},
    {"clone", {"untraced"}, 0},
    {"clone", {"pidfd"}, 0},
    {"clone", {"thread+network"}, 0},
    {"execve", {SELF}, 0},
    {"execve", {"/proc/self/exe"}, 0},
    {"execve", {"/bin/sh"}, 0},
    {"execveat-absolute", {"-1", SELF}, 0},
    {"execveat-absolute", {"0", SELF}, 0},
    {"execveat-relative", {SELF}, 0},
    {"execveat-empty", {SELF}, 0},
    {"execveat-opath", {SELF}, 0},
    {"execveat-memfd", {SELF}, 0},
    {"execve-copy", {SELF, "/tmp/copy"}, 0},
    {"exec-thread", {SELF}, 0},
    {"exec-race", {SELF}, 0},
#ifdef __x86_64__
    {"call", {"335"}, 1}, /* uretprobe, uprobe: filters do not see them */
    {"call", {"336"}, 1},
    {"i386-getpid", {0}, 1},
    {"i386-open", {0}, 1},
    {"x32", {"39"}, 1},
    {"x32", {"520"}, 1},
#endif
};

/* What attempts make that succeed. */
static const char *const leftovers[] = {"/created", "/made", "/in/created", "/in/made", "/tmp/linked", "/tmp/copy"};

/* ---- One act, or all ---------------------------------------------------------------------------------------------- */

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct act *find_act(const char *name) {
    for (size_t i = 0; i < COUNT(acts); i++)
        if (!strcmp(name, acts[i].name)) return &acts[i];
    return NULL;
}

static const struct call *find_call(const char *name) {
    for (size_t i = 0; i < COUNT(calls); i++)
        if (!strcmp(name, calls[i].name)) return &calls[i];
    return NULL;
}

static long make_call(const struct call *call) {
    if (call->number < 0) return impossible("no such call on this machine");
    const long *a = call->arguments;
    long result = outcome(syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]));
    if (result >= 0 || call->success == DONE || result == -EPERM || result == -EACCES || result == -ENOSYS) return result;
    say("the kernel looked at it: %s", strerrorname_np((int)-result));
    return 0;
}

static long perform(const char *name, char **arguments) {
    const struct act *act = find_act(name);
    const struct call *call = find_call(name);
    return act ? act->run(arguments) : make_call(call);
}

/* ACT [ARGUMENTS]: once a byte has come from standard input. */
static long later(char **arguments) {
    char byte;
    printf("ready\n");
    fflush(stdout);
    if (read(0, &byte, 1) < 0) return -errno;
    return perform(arguments[0], arguments + 1);
}

static const char *errno_name(long result) {
    const char *name = strerrorname_np((int)-result);
    return name ? name : "an unknown errno";
}

#define STILL_TRYING LONG_MAX /* what is left where another program took the place of this one */
#define KILLED (-1000l)

/* The same in a child: 0 or more when it was done, -errno, or KILLED - signal. */
static long perform_apart(const char *name, char **arguments, pid_t child) {
    if (child == 0) {
        close(1);
        close(2);
        shared->result = perform(name, arguments);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    if (shared->result == STILL_TRYING && WIFSIGNALED(status)) return KILLED - WTERMSIG(status);
    if (shared->result == STILL_TRYING) say("a new program ran");
    return shared->result;
}

static int done, refused, escaped, skipped;

static void report(const char *name, const char *const *arguments, bool deadly) {
    char title[256];
    int length = snprintf(title, sizeof title, "%s", name);
    char *copies[4] = {0};
    for (int i = 0; i < 3 && arguments && arguments[i]; i++) {
        copies[i] = (char *)(strcmp(arguments[i], SELF) ? arguments[i] : self);
        length += snprintf(title + length, sizeof title - (size_t)length, " %s", copies[i]);
    }
    printf("  %-48s ", title);
    fflush(stdout);
    *detail = 0;
    shared->result = STILL_TRYING;
    pid_t child = fork();
    done++;
    if (child < 0 && deadly) {
        skipped++;
        printf("skipped: it would end this process, and there may be no other (try it singly)\n");
        return;
    }
    long result = child < 0 ? perform(name, copies) : perform_apart(name, copies, child);
    refused += result < 0;
    escaped += result >= 0;
    if (result >= 0) printf("ESCAPED %s\n", detail);
    else if (result <= KILLED) printf("refused (killed by SIG%s)\n", sigabbrev_np((int)(KILLED - result)));
    else printf("refused (%s)\n", errno_name(result));
}

static int all(void) {
    if_executed = "escaped";
    printf("A hostile program tries to get out:\n");
    for (size_t i = 0; i < COUNT(attempts); i++)
        if (!attempts[i].deadly) report(attempts[i].act, attempts[i].arguments, false);
    for (size_t i = 0; i < COUNT(calls); i++) report(calls[i].name, NULL, false);
    for (size_t i = 0; i < COUNT(attempts); i++)
        if (attempts[i].deadly) report(attempts[i].act, attempts[i].arguments, true);
    for (size_t i = 0; i < COUNT(leftovers); i++) remove(leftovers[i]);
    printf("%d attempts: %d refused, %d skipped, %d ESCAPED\n", done, refused, skipped, escaped);
    return escaped > 0;
}

static int list(void) {
    for (size_t i = 0; i < COUNT(acts); i++) printf("%s %s\n", acts[i].name, acts[i].usage);
    for (size_t i = 0; i < COUNT(calls); i++) printf("%s\n", calls[i].name);
    return 0;
}

static int list_attempts(void) {
    for (size_t i = 0; i < COUNT(attempts); i++) {
        printf("%s", attempts[i].act);
        for (int j = 0; j < 3 && attempts[i].arguments[j]; j++) printf(" %s", attempts[i].arguments[j]);
        printf("\n");
    }
    for (size_t i = 0; i < COUNT(calls); i++) printf("%s\n", calls[i].name);
    return 0;
}

static int usage(void) {
    fprintf(stderr, "usage: probe [later] ACT [ARGUMENTS] | probe all | probe list | probe attempts\n");
    return 2;
}

int main(int count, char **arguments) {
    self = arguments[0];
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return usage();
    detail = shared->detail;
    if (count < 2) return usage();
    if (!strcmp(arguments[1], "all")) return all();
    if (count == 2 && !strcmp(arguments[1], "list")) return list();
    if (count == 2 && !strcmp(arguments[1], "attempts")) return list_attempts();
    bool waits = !strcmp(arguments[1], "later");
    if (waits && count < 3) return usage();
    char **words = arguments + (waits ? 2 : 1);
    const struct act *act = find_act(words[0]);
    if ((!act && !find_call(words[0])) || (act && arguments + count - words - 1 < act->arguments)) return usage();
    long result = waits ? later(words) : perform(words[0], words + 1);
    printf("%s%s%s\n", result < 0 ? errno_name(result) : "ok", *detail ? " " : "", detail);
    return result < 0;
}
