/*
 * Uses a descriptor in one way, for trying what a policy withholds from it.
 *
 *   rights ACT N [high]   does one act with descriptor N and prints "ok" or the name of the errno that it met
 *
 * Descriptor 4, if there is one, is what a file is copied to.
 *
 * With `high`, bits above the lower 32 are set in the number, which the kernel does not look at. Exit status: 0 done, 1 refused.
 * Everything else that an act needs is made in anonymous memory or pipes. An act that would wait has nothing to wait for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#define HIGH (1L << 32)

static long fd;           /* the descriptor, perhaps with high bits */
static long high;         /* what other arguments get */
static char buffer[16] = "ATTACK";
static struct iovec vector = {buffer, 2};
static int pipes[2];

static long writable(void) {
  return syscall(SYS_memfd_create, "own", 0);
}

static void fill(void) {
  if (pipe(pipes) != 0 || write(pipes[1], "ab", 2) != 2) exit(3);
}

static long map(int protection, int flags) {
  long at = syscall(SYS_mmap, 0, 4096, protection | high, flags | high, fd, 0);
  return at < 0 && at > -4096 ? -1 : at;
}

static long lock(int command) {
  struct flock whole = {.l_type = F_RDLCK};
  return syscall(SYS_fcntl, fd, command | high, &whole);
}

static long control(unsigned long command, void *argument) {
  return syscall(SYS_ioctl, fd, command | (unsigned long)high, argument);
}

static long read_it(void) { return syscall(SYS_read, fd, buffer, 1); }
static long readv_it(void) { return syscall(SYS_readv, fd, &vector, 1); }
static long pread_it(void) { return syscall(SYS_pread64, fd, buffer, 1, 0); }
static long preadv2_it(void) { return syscall(SYS_preadv2, fd, &vector, 1, 0, 0, 0); }
static long sendfile_from(void) { fill(); return syscall(SYS_sendfile, pipes[1], fd, 0, 1); }
static long splice_from(void) { fill(); return syscall(SYS_splice, fd, 0, pipes[1], 0, 1, 0); }
static long copy_from(void) { return syscall(SYS_copy_file_range, fd, 0, 4, 0, 1, 0); }
static long tee_from(void) { if (pipe(pipes) != 0) exit(3); return syscall(SYS_tee, fd, pipes[1], 1, 0); }
static long tee_to(void) { fill(); return syscall(SYS_tee, pipes[0], fd, 1, 0); }
static long pages_to(void) { return syscall(SYS_vmsplice, fd, &vector, 1, 0); }
static long readahead_it(void) { return syscall(SYS_readahead, fd, 0, 1); }
static long write_it(void) { return syscall(SYS_write, fd, buffer, 2); }
static long writev_it(void) { return syscall(SYS_writev, fd, &vector, 1); }
static long pwrite_it(void) { return syscall(SYS_pwrite64, fd, buffer, 2, 0); }
static long overwrite(void) { return syscall(SYS_pwritev2, fd, &vector, 1, 0, 0, 0x20 | high); } /* RWF_NOAPPEND */
static long sendfile_to(void) {
  long from = writable();
  if (write(from, "ab", 2) != 2 || lseek(from, 0, SEEK_SET) != 0) exit(3);
  return syscall(SYS_sendfile, fd, from, 0, 1);
}
static long splice_to(void) { fill(); return syscall(SYS_splice, pipes[0], 0, fd, 0, 1, 0); }
static long seek_it(void) { return syscall(SYS_lseek, fd, 1, SEEK_SET); }
static long truncate_it(void) { return syscall(SYS_ftruncate, fd, 1); }
static long allocate_it(void) { return syscall(SYS_fallocate, fd, 0, 0, 4096); }
static long punch(void) { return syscall(SYS_fallocate, fd, 3, 0, 4); } /* PUNCH_HOLE | KEEP_SIZE */
static long sync_it(void) { return syscall(SYS_fsync, fd); }
static long sync_range(void) { return syscall(SYS_sync_file_range, fd, 0, 1, 0); }
static long stat_it(void) { struct stat status; return syscall(SYS_fstat, fd, &status); }
static long stat_empty(void) { struct stat status; return syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH); }
static long statx_it(void) { struct statx status; return syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_INO, &status); }
static long chmod_it(void) { return syscall(SYS_fchmod, fd, 0400); }
static long chown_it(void) { return syscall(SYS_fchownat, fd, "", -1, -1, AT_EMPTY_PATH); }
static long attribute_user(void) { return syscall(SYS_fsetxattr, fd, "user.attack", "x", 1, 0); }
static long touch(void) { return syscall(SYS_utimensat, fd, 0, 0, 0); }
static long flock_it(void) { return syscall(SYS_flock, fd, LOCK_SH | LOCK_NB); }
static long posix_lock(void) { return lock(F_SETLK); }
static long description_lock(void) { return lock(F_OFD_SETLK); }
static long map_it(void) { return map(PROT_READ, MAP_PRIVATE); }
static long map_shared(void) { return map(PROT_READ | PROT_WRITE, MAP_SHARED); }
static long map_code(void) { return map(PROT_READ | PROT_EXEC, MAP_PRIVATE); }
/* With whoever granted it: their 'H' is at its beginning before a line comes in, our 'P' goes behind it. */
static long greeted(int protection, char **at) {
  char line;
  if (read(0, &line, 1) != 1) exit(3);
  *at = mmap(0, 4096, protection, MAP_SHARED, (int)fd, 0);
  if (*at == MAP_FAILED) return -1;
  errno = 0;
  return **at == 'H' ? 0 : -1;
}
static long look(void) { char *at; return greeted(PROT_READ, &at); }
static long answer(void) {
  char *at;
  if (greeted(PROT_READ | PROT_WRITE, &at) != 0) return -1;
  at[1] = 'P';
  return 0;
}
static long make_writable(void) {
  char *at = mmap(0, 4096, PROT_READ, MAP_SHARED, (int)fd, 0);
  if (at == MAP_FAILED) exit(3);
  return mprotect(at, 4096, PROT_READ | PROT_WRITE);
}
static long watch(void) {
  struct epoll_event event = {.events = EPOLLIN};
  return syscall(SYS_epoll_ctl, epoll_create1(0), EPOLL_CTL_ADD | high, fd, &event);
}
static long flags(void) { return syscall(SYS_fcntl, fd, F_GETFL | high); }
static long set_flags(void) { return syscall(SYS_fcntl, fd, F_SETFL | high, 0); }
static long nonblocking(void) { int on = 0; return control(FIONBIO, &on); }
static long block_size(void) { int size; return control(FIGETBSZ, &size); }
static long attribute(void) { int attributes; return control(FS_IOC_GETFLAGS, &attributes); }
static long clone_to(void) { return control(FICLONE, (void *)writable()); }
static long clone_from(void) { return syscall(SYS_ioctl, 4, FICLONE | (unsigned long)high, fd); }
static long clone_range(void) {
  struct file_clone_range range = {.src_fd = (int)fd, .src_length = 0};
  return syscall(SYS_ioctl, 4, FICLONERANGE | (unsigned long)high, &range);
}
static long share_range(void) {
  static struct { struct file_dedupe_range head; struct file_dedupe_range_info info; } range;
  range.head.src_length = 1;
  range.head.dest_count = 1;
  range.info.dest_fd = (int)fd;
  return syscall(SYS_ioctl, 4, FIDEDUPERANGE | (unsigned long)high, &range);
}
static long window_size(void) { struct winsize size; return control(TIOCGWINSZ, &size); }
static long attributes(void) { struct termios set = {0}; return control(TCSETSW, &set); }
static long break_line(void) { return control(TCSBRK, (void *)1); }

/* Of sockets. */
static long on = 1;
static struct sockaddr_in elsewhere = {.sin_family = AF_INET, .sin_port = 0x0900}; /* port 9 */
static long accept_it(void) { return syscall(SYS_accept4, fd, 0, 0, SOCK_NONBLOCK | high); }
static long listen_again(void) { return syscall(SYS_listen, fd, 5); }
static long shut(void) { return syscall(SYS_shutdown, fd, 1); }
static long own_name(void) {
  struct sockaddr_storage name;
  socklen_t size = sizeof name;
  return syscall(SYS_getsockname, fd, &name, &size);
}
static long peer_name(void) {
  struct sockaddr_storage name;
  socklen_t size = sizeof name;
  return syscall(SYS_getpeername, fd, &name, &size);
}
static long get_option(void) {
  socklen_t size = sizeof(int);
  return syscall(SYS_getsockopt, fd, SOL_SOCKET | high, SO_TYPE, &on, &size);
}
static long set_option(void) { return syscall(SYS_setsockopt, fd, SOL_SOCKET | high, SO_KEEPALIVE, &on, sizeof(int)); }
static long send_it(void) { return syscall(SYS_sendto, fd, buffer, 1, MSG_NOSIGNAL, 0, 0); }
static long receive_it(void) { return syscall(SYS_recvfrom, fd, buffer, 1, 0, 0, 0); }
static long send_elsewhere(void) {
  elsewhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return syscall(SYS_sendto, fd, buffer, 1, high, &elsewhere, sizeof elsewhere);
}
static long take_elsewhere(void) {
  elsewhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return syscall(SYS_connect, fd, &elsewhere, sizeof elsewhere);
}
static long bind_it(void) { return syscall(SYS_bind, fd, &elsewhere, sizeof elsewhere); }
static long message(bool with, bool receive) {
  char space[CMSG_SPACE(sizeof(int))];
  memset(space, 0, sizeof space);
  struct msghdr all = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = space, .msg_controllen = with ? sizeof space : 0};
  if (receive) return syscall(SYS_recvmsg, fd, &all, high);
  if (with) {
    struct cmsghdr *part = CMSG_FIRSTHDR(&all);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(part), &(int){0}, sizeof(int)); /* not its output, which would stay open in the message */
  }
  return syscall(SYS_sendmsg, fd, &all, MSG_NOSIGNAL | high);
}
static long send_descriptor(void) { return message(true, false); }
static long receive_descriptor(void) { return message(true, true); }

/* What is to be had under another number. */
static long has_it(long other) { return other < 0 ? -1 : syscall(SYS_ftruncate, other, 1) == 0 ? other : -1; }
static long dup_it(void) { return has_it(syscall(SYS_dup, fd)); }
static long dup2_it(void) { return has_it(syscall(SYS_dup3, fd, 40, 0)); }
static long dupfd(void) { return has_it(syscall(SYS_fcntl, fd, F_DUPFD | high, 40)); }
static long dupfd_cloexec(void) { return has_it(syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC | high, 40)); }
static long reopen(void) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", (int)fd);
  return has_it(syscall(SYS_openat, AT_FDCWD, path, O_RDWR));
}
static long by_path(void) {
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", (int)fd);
  return syscall(SYS_utimensat, AT_FDCWD, path, 0, 0);
}
static long name_it(void) { return syscall(SYS_linkat, fd, "", AT_FDCWD, "/in/name", AT_EMPTY_PATH); }
static long pass(void) {
  int pair[2], received = -1;
  char control[CMSG_SPACE(sizeof(int))];
  memset(control, 0, sizeof control);
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *part = CMSG_FIRSTHDR(&message);
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return -1;
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(int));
  int number = (int)fd;
  memcpy(CMSG_DATA(part), &number, sizeof number);
  if (syscall(SYS_sendmsg, pair[0], &message, 0) < 0 || recvmsg(pair[1], &message, 0) < 0) return -1;
  memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof received);
  return has_it(received);
}
static long steal(void) {
  long self = syscall(SYS_pidfd_open, getpid(), 0);
  return self < 0 ? -1 : has_it(syscall(438 /* pidfd_getfd */, self, fd, 0));
}

static long execute(void) {
  char *words[] = {"it", 0};
  return syscall(SYS_execveat, fd, "", words, 0, AT_EMPTY_PATH | high);
}
static long tree(void) { return has_it(syscall(428 /* open_tree */, fd, "", AT_EMPTY_PATH)); }
static long ring(void) { static char parameters[120]; return syscall(425 /* io_uring_setup */, 1, parameters); }
static long queue(void) { long context = 0; return syscall(SYS_io_setup, 1, &context); }
static long listener(void) { return syscall(SYS_seccomp, 1 /* SET_MODE_FILTER */, 8 /* NEW_LISTENER */, 0); }
static long trace(void) { return syscall(SYS_ptrace, 0 /* TRACEME */, 0, 0, 0); }
static long by_child(void) {
  pid_t child = fork();
  if (child < 0) exit(3);
  if (child == 0) _exit(has_it(fd) < 0 ? errno : 0);
  int status;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) exit(3);
  errno = WEXITSTATUS(status);
  return errno ? -1 : 0;
}
static long others;
static void *take_other(void *none) { others = has_it(fd) < 0 ? errno : 0; return none; }
static long by_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, 0, take_other, 0) != 0 || pthread_join(thread, 0) != 0) exit(3);
  errno = (int)others;
  return errno ? -1 : 0;
}

/* What a closed number is good for: it is withheld from whatever stands there later, too. */
static long close_and_open(void) {
  close((int)fd);
  long made = writable();
  if (made != (int)fd) exit(3);
  return syscall(SYS_ftruncate, fd, 1);
}

static const struct { const char *name; long (*act)(void); } acts[] = {
  {"read", read_it}, {"readv", readv_it}, {"pread", pread_it}, {"preadv2", preadv2_it}, {"sendfile-from", sendfile_from},
  {"splice-from", splice_from}, {"copy-from", copy_from}, {"readahead", readahead_it}, {"write", write_it},
  {"writev", writev_it}, {"pwrite", pwrite_it}, {"overwrite", overwrite}, {"sendfile-to", sendfile_to},
  {"splice-to", splice_to}, {"seek", seek_it}, {"truncate", truncate_it}, {"allocate", allocate_it}, {"punch", punch},
  {"sync", sync_it}, {"sync-range", sync_range}, {"stat", stat_it}, {"stat-empty", stat_empty}, {"statx", statx_it},
  {"chmod", chmod_it}, {"chown", chown_it}, {"xattr", attribute_user}, {"touch", touch}, {"flock", flock_it}, {"posix-lock", posix_lock},
  {"description-lock", description_lock}, {"map", map_it}, {"map-shared", map_shared}, {"map-code", map_code},
  {"look", look}, {"answer", answer}, {"make-writable", make_writable},
  {"watch", watch}, {"flags", flags}, {"set-flags", set_flags}, {"nonblocking", nonblocking}, {"block-size", block_size},
  {"attribute", attribute}, {"clone-to", clone_to}, {"dup", dup_it}, {"dup3", dup2_it}, {"dupfd", dupfd},
  {"dupfd-cloexec", dupfd_cloexec}, {"reopen", reopen}, {"name", name_it}, {"pass", pass}, {"steal", steal},
  {"close-and-open", close_and_open}, {"tee-from", tee_from}, {"tee-to", tee_to}, {"pages-to", pages_to}, {"clone-from", clone_from},
  {"clone-range", clone_range}, {"share-range", share_range}, {"window-size", window_size}, {"attributes", attributes},
  {"break", break_line}, {"accept", accept_it}, {"listen", listen_again}, {"shutdown", shut}, {"own-name", own_name},
  {"peer-name", peer_name}, {"get-option", get_option}, {"set-option", set_option}, {"send", send_it}, {"receive", receive_it},
  {"send-elsewhere", send_elsewhere}, {"take-elsewhere", take_elsewhere}, {"bind", bind_it},
  {"by-path", by_path}, {"execute", execute}, {"tree", tree}, {"ring", ring}, {"queue", queue}, {"listener", listener}, {"trace", trace},
  {"by-child", by_child}, {"by-thread", by_thread}, {"send-descriptor", send_descriptor}, {"receive-descriptor", receive_descriptor},
};

int main(int count, char **words) {
  if (count < 3) return 2;
  high = count > 3 ? HIGH : 0;
  fd = strtol(words[2], 0, 10) | high;
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
    if (strcmp(acts[i].name, words[1]) == 0) {
      bool done = acts[i].act() >= 0;
      puts(done ? "ok" : strerrorname_np(errno));
      return done ? 0 : 1;
    }
  }
  return 2;
}
