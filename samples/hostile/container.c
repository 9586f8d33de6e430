/*
 * Runs a command as a host would that lacks something, for trying what a launcher says there.
 *
 *   container [OPTION]... -- COMMAND [ARGUMENTS]
 *
 *   docker            a filter that refuses what Docker's default profile refuses to a container without capabilities
 *   CALL=ERRNO        a filter that answers a system call with an error: landlock_create_ruleset=ENOSYS
 *   listener          a filter with a listener, which takes the only place for one
 *   no-namespaces     a user namespace in which no other namespace can be made: user.max_user_namespaces is 0
 *   ignore-children   SIGCHLD is ignored
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST 256
#define CLONE_ANY_NEW 0x7E020000u

static struct sock_filter program[MOST];
static unsigned short length;

static void add(struct sock_filter instruction) {
    if (length == MOST) exit(2);
    program[length++] = instruction;
}

static void answer(long call, unsigned action) {
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1));
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static unsigned error(int number) { return SECCOMP_RET_ERRNO | (unsigned)number; }

static const struct {
    const char *name;
    long number;
} calls[] = {{"landlock_create_ruleset", __NR_landlock_create_ruleset}, {"seccomp", __NR_seccomp},
    {"clone3", __NR_clone3}, {"memfd_create", __NR_memfd_create}, {"unshare", __NR_unshare}, {"mount", __NR_mount},
    {"pivot_root", __NR_pivot_root}, {"open_tree", __NR_open_tree}, {"keyctl", __NR_keyctl},
    {"execveat", __NR_execveat}, {"pidfd_open", __NR_pidfd_open}};

static const struct {
    const char *name;
    int number;
} errors[] = {{"EPERM", EPERM}, {"ENOSYS", ENOSYS}, {"EOPNOTSUPP", EOPNOTSUPP}, {"EACCES", EACCES}};

static const long refused_by_docker[] = {__NR_mount, __NR_umount2, __NR_unshare, __NR_setns, __NR_pivot_root,
    __NR_open_tree, __NR_move_mount, __NR_fsopen, __NR_fsconfig, __NR_fsmount, __NR_fspick, __NR_mount_setattr,
    __NR_keyctl, __NR_add_key, __NR_request_key, __NR_bpf, __NR_perf_event_open, __NR_userfaultfd, __NR_swapon,
    __NR_swapoff, __NR_reboot, __NR_sethostname, __NR_setdomainname, __NR_init_module, __NR_finit_module,
    __NR_delete_module, __NR_kexec_load, __NR_acct, __NR_quotactl, __NR_open_by_handle_at, __NR_io_uring_setup,
    __NR_io_uring_enter, __NR_io_uring_register};

static void docker(void) {
    for (size_t i = 0; i < sizeof refused_by_docker / sizeof *refused_by_docker; i++)
        answer(refused_by_docker[i], error(EPERM));
    answer(__NR_clone3, error(ENOSYS));
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 4));
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])));
    add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_ANY_NEW, 0, 1));
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, error(EPERM)));
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

static int answer_by_name(const char *call, size_t letters, const char *name) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        for (size_t k = 0; k < sizeof errors / sizeof *errors; k++)
            if (strlen(calls[i].name) == letters && !strncmp(calls[i].name, call, letters) && !strcmp(errors[k].name, name)) {
                answer(calls[i].number, error(errors[k].number));
                return 1;
            }
    return 0;
}

static void die(const char *what) {
    perror(what);
    exit(2);
}

static void write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) die(path);
    close(fd);
}

static void forbid_namespaces(void) {
    unsigned user = getuid(), group = getgid();
    char map[64];
    if (unshare(CLONE_NEWUSER) < 0) die("unshare");
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1", user, user);
    write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof map, "%u %u 1", group, group);
    write_file("/proc/self/gid_map", map);
    write_file("/proc/sys/user/max_user_namespaces", "0");
}

static void install(unsigned flags) {
    add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    struct sock_fprog filter = {length, program};
    long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
    if (result < 0) die("seccomp");
    if (flags != 0) fcntl((int)result, F_SETFD, 0); /* it lasts as long as the command */
}

int main(int count, char **arguments) {
    unsigned flags = 0;
    int at = 1;
    add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    for (; at < count && strcmp(arguments[at], "--"); at++) {
        const char *option = arguments[at], *equal = strchr(option, '=');
        if (!strcmp(option, "docker")) docker();
        else if (!strcmp(option, "listener")) flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
        else if (!strcmp(option, "no-namespaces")) forbid_namespaces();
        else if (!strcmp(option, "ignore-children")) signal(SIGCHLD, SIG_IGN);
        else if (!equal || !answer_by_name(option, (size_t)(equal - option), equal + 1)) die(option);
    }
    if (at + 1 >= count) die("usage: container [OPTION]... -- COMMAND");
    if (length > 1 || flags) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) die("no_new_privs");
        install(flags);
    }
    execvp(arguments[at + 1], arguments + at + 1);
    die(arguments[at + 1]);
}
