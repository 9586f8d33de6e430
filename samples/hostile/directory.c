/*
 * Uses a directory by its descriptor, and tries to get out of it.
 *
 *   directory [later|made] ACT N [PATH [OTHER]]
 *
 * does one act with what is at PATH in the directory that descriptor N is open on, and prints "ok", perhaps with what it found,
 * or the name of the errno that it met. With `later`, it first opens the directory `folder` in it, prints "ready" and waits for
 * a byte; with `made`, it first makes an empty file at PATH. Exit status: 0 done, 1 refused.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int at, folder = -1;
static const char *path = ".", *other = "";
static char found[4096];

static long read_from(int directory) {
  int file = openat(directory, path, O_RDONLY);
  ssize_t length = file < 0 ? -1 : read(file, found, sizeof found - 1);
  if (length > 0 && found[length - 1] == '\n') found[length - 1] = 0;
  return length;
}

static long read_it(void) { return read_from(at); }
static long read_in_folder(void) { return read_from(folder); }

static long list(void) {
  int opened = openat(at, path, O_RDONLY | O_DIRECTORY);
  DIR *directory = opened < 0 ? NULL : fdopendir(opened);
  if (!directory) return -1;
  long count = 0;
  for (errno = 0; readdir(directory); errno = 0) count++;
  snprintf(found, sizeof found, "%ld", count);
  return errno ? -1 : count;
}

/* As list, without another descriptor. */
static long list_itself(void) { return getdents64(at, found, sizeof found) < 0 ? -1 : (*found = 0); }

static long stat_it(void) { struct stat status; return fstatat(at, path, &status, 0); }

/* From the working directory, which has to be the directory first. */
static long climb(void) { return fchdir(at) < 0 ? -1 : read_from(AT_FDCWD); }

/* With every step up opened, so that each is a descriptor of its own. */
static long climb_by_descriptors(void) {
  int here = at;
  for (int i = 0; i < 20; i++) {
    here = openat(here, "..", O_PATH | O_DIRECTORY);
    if (here < 0) return -1;
  }
  return read_from(here);
}

/* The kernel's own restraint, and what it says. */
static long change_root(void) { return fchdir(at) < 0 || chroot(".") < 0 ? -1 : 0; }

static long open_with(int flags) { return openat(at, path, flags, 0600); }
static long write_it(void) { int file = open_with(O_WRONLY); return file < 0 ? -1 : write(file, "ATTACK", 6); }
static long truncate_it(void) { return open_with(O_WRONLY | O_TRUNC); }
static long create(void) { return open_with(O_WRONLY | O_CREAT | O_EXCL); }
static long make_directory(void) { return mkdirat(at, path, 0700); }
static long make_fifo(void) { return mkfifoat(at, path, 0600); }
static long unlink_it(void) { return unlinkat(at, path, 0); }
static long remove_directory(void) { return unlinkat(at, path, AT_REMOVEDIR); }
static long make_symlink(void) { return symlinkat(other, at, path); }
static long make_link(void) { return linkat(at, path, at, other, 0); }
static long rename_it(void) { return renameat(at, path, at, other); }
static long touch(void) { return utimensat(at, path, NULL, 0); }
static long change_mode(void) { return fchmodat(at, path, 0600, 0); }
static long change_own_mode(void) { return fchmod(at, 0700); }

static const struct {
  const char *name;
  long (*act)(void);
} acts[] = {
  {"read", read_it}, {"read-in-folder", read_in_folder}, {"list", list}, {"list-itself", list_itself}, {"stat", stat_it},
  {"climb", climb}, {"climb-by-descriptors", climb_by_descriptors}, {"change-root", change_root}, {"write", write_it},
  {"truncate", truncate_it}, {"create", create}, {"mkdir", make_directory}, {"mkfifo", make_fifo}, {"unlink", unlink_it},
  {"rmdir", remove_directory}, {"symlink", make_symlink}, {"link", make_link}, {"rename", rename_it}, {"touch", touch},
  {"chmod", change_mode}, {"chmod-itself", change_own_mode},
};

static int usage(void) {
  fputs("usage: directory [later|made] ACT N [PATH [OTHER]]\n", stderr);
  return 2;
}

int main(int count, char **arguments) {
  int later = count > 1 && !strcmp(arguments[1], "later"), made = count > 1 && !strcmp(arguments[1], "made");
  count -= later || made;
  arguments += later || made;
  if (count < 3 || count > 5) return usage();
  at = atoi(arguments[2]);
  if (count > 3) path = arguments[3];
  if (count > 4) other = arguments[4];
  if (made && mknodat(at, path, S_IFREG | 0600, 0) < 0) return usage();
  if (later) {
    folder = openat(at, "folder", O_RDONLY | O_DIRECTORY);
    puts("ready");
    fflush(stdout);
    if (folder < 0 || getchar() == EOF) return usage();
  }
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
    if (!strcmp(acts[i].name, arguments[1])) {
      long result = acts[i].act();
      if (result < 0) printf("%s\n", strerrorname_np(errno));
      else printf("ok%s%s\n", *found ? " " : "", found);
      return result < 0;
    }
  }
  return usage();
}
