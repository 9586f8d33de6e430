/*
 * Does the acts that it reads, and tells what became of each.
 *
 * A line of input: the name of an act and its words. All is read before the first act is done. A line of output: "ok" with what
 * was found, or the name of an error. A descriptor that an act opens is closed again. AT is the number of a descriptor, or "cwd".
 * A last word of some acts, V, says by which of several calls it is done. Bytes that are zero are printed as '0'.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/fs.h>

enum { MAX_TEXT = 1 << 20, MAX_WORDS = 8, MAX_FOUND = 4096, LONGEST = 64, MAX_NAMES = 64, OWN = 100 };

static char text[MAX_TEXT], out[MAX_TEXT], found[MAX_FOUND];
static char *word[MAX_WORDS];
static const struct timespec times[2] = {{1000000, 0}, {1000000, 0}};

static int number(int i) { return (int)strtol(word[i], 0, 0); }
static int at(void) { return strcmp(word[1], "cwd") ? number(1) : AT_FDCWD; }
static size_t length(int i) { return strlen(word[i]); }
static int variant(int i, int of) { return word[i] ? number(i) % of : 0; }

/* What a call that opens something gave is closed again. */
static long closed(long fd) { return fd < 0 ? -1 : close((int)fd); }

/* The errno of the act is that of its first call that fails. */
static long closing(long fd, long result) {
  int failure = errno;
  close((int)fd);
  errno = failure;
  return result;
}

static long got(long count) {
  for (long i = 0; i < count; i++) if (!found[i]) found[i] = '0';
  if (count >= 0) found[count] = 0;
  return count;
}

static long told(long result, const struct stat *status) {
  unsigned mode = status->st_mode;
  if (result < 0) return -1;
  if (S_ISREG(mode)) sprintf(found, "file %04o %ld", mode & 07777, (long)status->st_size);
  else if (S_ISDIR(mode)) sprintf(found, "directory %04o", mode & 07777);
  else sprintf(found, S_ISLNK(mode) ? "link" : "other");
  return result;
}

static long opened(int flags) { return syscall(SYS_openat, at(), word[2], flags, 0640); }

/* With a descriptor N. */
static long fread_it(void) { return got(read(number(1), found, number(2))); }
static long fpread(void) { return got(pread(number(1), found, number(2), number(3))); }
static long fwrite_it(void) { return write(number(1), word[2], length(2)); }
static long fpwrite(void) { return pwrite(number(1), word[2], length(2), number(3)); }
static long fseek_it(void) { return lseek(number(1), number(2), SEEK_SET); }
static long fcut(void) { return ftruncate(number(1), number(2)); }
static long fallocate_it(void) { return fallocate(number(1), 0, 0, number(2)); }
static long fstat_it(void) {
  struct stat status = {0};
  return told(variant(2, 2) ? fstatat(number(1), "", &status, AT_EMPTY_PATH) : fstat(number(1), &status), &status);
}
static long fmode(void) { return fchmod(number(1), number(2)); }
static long ftouch(void) { return syscall(SYS_utimensat, number(1), 0, times, 0); }
static long lock(void) { return flock(number(1), LOCK_SH | LOCK_NB); }
static long sync_it(void) { return variant(2, 2) ? fdatasync(number(1)) : fsync(number(1)); }
static long ready(void) { struct pollfd one = {number(1), POLLIN, 0}; return poll(&one, 1, 0) < 0 ? -1 : one.revents & POLLNVAL ? (errno = EBADF, -1) : 0; }
static long flags(void) { return fcntl(number(1), F_GETFL); }
static long set_flags(void) { return fcntl(number(1), F_SETFL, 0); }
static long nonblocking(void) { int on = 0; return ioctl(number(1), FIONBIO, &on); }
static long block_size(void) { int size; return ioctl(number(1), FIGETBSZ, &size); }
static long another(void) {
  switch (variant(2, 3)) {
    case 0: return closed(dup(number(1)));
    case 1: return closed(dup3(number(1), OWN, 0));
    default: return closed(fcntl(number(1), F_DUPFD, OWN));
  }
}

/* In a duplicate that some call gives. */
static long fcut_another(void) {
  int fd = dup(number(1));
  return fd < 0 ? -1 : closing(fd, ftruncate(fd, number(2)));
}
static char *map(int protection, int how) {
  char *mapped = mmap(0, 4096, protection, how, number(1), 0);
  return mapped == MAP_FAILED ? 0 : mapped;
}
static long map_it(void) { return map(PROT_READ, MAP_PRIVATE) ? 0 : -1; }
static long map_code(void) { return map(PROT_READ | PROT_EXEC, MAP_PRIVATE) ? 0 : -1; }
/* The kernel writes, who gets an error where a program would get a signal: nothing can be written beyond the end. */
static long scribble(char *mapped) {
  int pipes[2];
  if (pipe(pipes) != 0 || write(pipes[1], "M", 1) != 1) exit(3);
  if (read(pipes[0], mapped, 1) < 0 && errno != EFAULT) exit(3);
  close(pipes[0]);
  return close(pipes[1]);
}
static long map_shared(void) {
  char *mapped = map(PROT_READ | PROT_WRITE, MAP_SHARED);
  return mapped ? scribble(mapped) : -1;
}
static long turn(void) {
  char *mapped = map(PROT_READ, MAP_SHARED);
  return !mapped || mprotect(mapped, 4096, PROT_READ | PROT_WRITE) < 0 ? -1 : scribble(mapped);
}
static long enter(void) { return fchdir(number(1)); }

/* With a path. */
static long read_it(void) {
  long fd = opened(O_RDONLY);
  return fd < 0 ? -1 : closing(fd, got(read((int)fd, found, LONGEST)));
}
static long put(int flags) {
  long fd = opened(O_WRONLY | flags);
  return fd < 0 ? -1 : closing(fd, write((int)fd, word[3], length(3)));
}
static long write_it(void) { return put(0); }
static long append(void) { return put(O_APPEND); }
static long both(void) { return closed(opened(O_RDWR)); }
static long empty(void) { return closed(opened(O_RDONLY | O_TRUNC)); }
static long cut(void) { return truncate(word[2], number(3)); }
static long create(void) { return closed(opened(O_WRONLY | O_CREAT | O_EXCL)); }
static long ensure(void) { return closed(opened(O_WRONLY | O_CREAT)); }
static long make_directory(void) { return mkdirat(at(), word[2], 0750); }
static long make_symlink(void) { return symlinkat(word[3], at(), word[2]); }
static long make_link(void) { return linkat(at(), word[2], at(), word[3], 0); }
static long unlink_it(void) { return unlinkat(at(), word[2], 0); }
static long remove_directory(void) { return unlinkat(at(), word[2], AT_REMOVEDIR); }
static long rename_it(void) { return variant(4, 2) ? renameat2(at(), word[2], at(), word[3], 0) : renameat(at(), word[2], at(), word[3]); }
static long mode_of(void) {
  if (variant(4, 2)) return syscall(SYS_fchmodat, at(), word[2], number(3));
  long fd = opened(O_PATH);
  return fd < 0 ? -1 : closing(fd, syscall(452 /* fchmodat2 */, fd, "", number(3), AT_EMPTY_PATH));
}
static long touch(void) { return utimensat(at(), word[2], times, 0); }
static long look(void) { struct stat status = {0}; return told(fstatat(at(), word[2], &status, 0), &status); }
static long look_at(void) { struct stat status = {0}; return told(fstatat(at(), word[2], &status, AT_SYMLINK_NOFOLLOW), &status); }
static long target(void) { return got(readlinkat(at(), word[2], found, MAX_FOUND - 1)); }
static long change_directory(void) { return chdir(word[2]); }

static int compare(const void *one, const void *other) { return strcmp(*(char *const *)one, *(char *const *)other); }
static long list(void) {
  char *names[MAX_NAMES];
  int count = 0;
  long fd = opened(O_RDONLY | O_DIRECTORY);
  DIR *directory = fd < 0 ? 0 : fdopendir((int)fd);
  if (!directory) return -1;
  for (struct dirent *entry; (entry = readdir(directory)) && count < MAX_NAMES;)
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) names[count++] = strdup(entry->d_name);
  qsort(names, count, sizeof *names, compare);
  for (int i = 0; i < count; i++) strcat(strcat(found, i ? "," : ""), names[i]);
  return closedir(directory);
}

static const struct { const char *name; int words; long (*act)(void); } acts[] = {
  {"fread", 2, fread_it}, {"fpread", 3, fpread}, {"fwrite", 2, fwrite_it}, {"fpwrite", 3, fpwrite}, {"fseek", 2, fseek_it},
  {"fcut", 2, fcut}, {"fallocate", 2, fallocate_it}, {"fstat", 1, fstat_it}, {"fmode", 2, fmode}, {"ftouch", 1, ftouch},
  {"lock", 1, lock}, {"sync", 1, sync_it}, {"ready", 1, ready}, {"flags", 1, flags}, {"set-flags", 1, set_flags},
  {"nonblocking", 1, nonblocking}, {"block-size", 1, block_size}, {"dup", 1, another}, {"fcut-another", 2, fcut_another},
  {"map", 1, map_it}, {"map-code", 1, map_code}, {"map-shared", 1, map_shared}, {"turn", 1, turn}, {"enter", 1, enter},
  {"read", 2, read_it}, {"write", 3, write_it}, {"append", 3, append}, {"both", 2, both}, {"empty", 2, empty}, {"cut", 3, cut},
  {"create", 2, create}, {"ensure", 2, ensure}, {"mkdir", 2, make_directory}, {"symlink", 3, make_symlink},
  {"link", 3, make_link}, {"unlink", 2, unlink_it}, {"rmdir", 2, remove_directory}, {"rename", 3, rename_it},
  {"mode", 3, mode_of}, {"touch", 2, touch}, {"look", 2, look}, {"look-at", 2, look_at}, {"target", 2, target},
  {"go", 2, change_directory}, {"list", 2, list},
};

static long done(void) {
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
    if (!strcmp(acts[i].name, word[0]) && word[acts[i].words]) return acts[i].act();
  exit(2);
}

int main(void) {
  long size = 0, more;
  char *end = out;

  umask(0);
  while ((more = read(0, text + size, MAX_TEXT - 1 - size)) > 0) size += more;
  for (char *line = text, *next; *line; line = next) {
    next = line + strcspn(line, "\n");
    if (*next) *next++ = 0;
    memset(word, 0, sizeof word);
    memset(found, 0, sizeof found);
    char *rest = line;
    for (int i = 0; i < MAX_WORDS && (word[i] = strsep(&rest, " ")); i++);
    long result = done();
    if (result < 0) end += sprintf(end, "%s\n", strerrorname_np(errno));
    else end += sprintf(end, "ok%s%s\n", *found ? " " : "", found);
  }
  for (char *from = out; from < end; from += more)
    if ((more = write(1, from, end - from)) < 0) return 1;
  return 0;
}
