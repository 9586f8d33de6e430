/*
 * Walks a directory tree that it holds as descriptor 3 and prints the size and name of each file in it. It knows no other path:
 * where it runs there is none.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int walk(int at, const char *prefix) {
  DIR *directory = fdopendir(at);
  if (!directory) return -1;
  int failed = 0;
  for (struct dirent *entry; (entry = readdir(directory)) && !failed;) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    char path[4096];
    snprintf(path, sizeof path, "%s%s", prefix, entry->d_name);
    struct stat status;
    if (fstatat(at, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) failed = -1;
    else if (S_ISREG(status.st_mode)) printf("%lld %s\n", (long long)status.st_size, path);
    else if (S_ISDIR(status.st_mode)) {
      strncat(path, "/", sizeof path - strlen(path) - 1);
      int below = openat(at, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      failed = below < 0 ? -1 : walk(below, path);
    }
  }
  closedir(directory);
  return failed;
}

int main(void) {
  if (walk(3, "") < 0) {
    fprintf(stderr, "walk: %s\n", strerror(errno));
    return 1;
  }
  return 0;
}
