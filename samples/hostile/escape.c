/*
 * Tries ways out of directories that it was given, many in one run.
 *
 *   escape NAME=PLACE...
 *
 * PLACE is the number of a descriptor that is open on a directory, the path of one, or @PATH, which is opened first. The program
 * reads lines from standard input up to one that says "go", and then does one after the other. A line has steps with semicolons
 * between them:
 *
 *   open in:folder; up 2; read outside/secret
 *
 * A path that begins with a name and a colon is looked up in that place, another one where the steps before have led; at the
 * beginning of a line that is the working directory, /. For each line it prints "ok", perhaps with what it found, or the step at
 * which it ended and why: "up: ENOENT". What `make-...`, `move` and `swap` have done is undone at the end of their line; what
 * other steps have done is so after the step `undo`, and else it stays. Exit status: 0, or 2 for a script that makes no sense.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEPT 8
#define WORDS 5
#define TEXT 1024
#define PATH_OPEN (O_PATH | O_DIRECTORY | O_CLOEXEC)

struct at {
  int directory;
  char path[TEXT];
};

static struct {
  char name[16], path[TEXT];
  int descriptor;
} places[4];
static int place_count;

static int here;       /* where the steps have led */
static int kept[KEPT]; /* what stays open from line to line */
static int first_free; /* what is open from here on is closed after each line */
static char found[TEXT];

static void die(const char *what) {
  fprintf(stderr, "escape: %s\n", what);
  exit(2);
}

static struct at resolve(const char *text) {
  struct at at = {here, ""};
  const char *colon = strchr(text, ':');
  for (int i = 0; colon && i < place_count; i++) {
    size_t length = strlen(places[i].name);
    if (length != (size_t)(colon - text) || strncmp(places[i].name, text, length)) continue;
    at.directory = places[i].descriptor;
    snprintf(at.path, sizeof at.path, "%s%s", places[i].path, colon[1] ? colon + 1 : ".");
    return at;
  }
  snprintf(at.path, sizeof at.path, "%s", text);
  return at;
}

/* ---- What is undone ------------------------------------------------------------------------------------------------ */

static bool undo; /* whether acts are, too */
static struct undoing {
  enum how { UNLINK, REMOVE_DIRECTORY, MAKE_FILE, MAKE_DIRECTORY, RENAME, EXCHANGE, CHANGE_MODE } how;
  struct at what, other;
} undoings[12];
static int undoing_count;

static long noting(long result, bool always, enum how how, struct at what, struct at other) {
  if (result < 0) return -1;
  if (undoing_count == sizeof undoings / sizeof *undoings) die("a line does too much");
  if (always || undo) undoings[undoing_count++] = (struct undoing){how, what, other};
  return 0;
}

static long moving(struct at from, struct at to, unsigned flags) {
  return renameat2(from.directory, from.path, to.directory, to.path, flags);
}

static long make_file(struct at a) {
  int file = openat(a.directory, a.path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  return file < 0 ? -1 : close(file);
}

static void undo_one(const struct undoing *u) {
  const struct at *a = &u->what;
  long result = -1;
  switch (u->how) {
    case UNLINK: result = unlinkat(a->directory, a->path, 0); break;
    case REMOVE_DIRECTORY: result = unlinkat(a->directory, a->path, AT_REMOVEDIR); break;
    case MAKE_FILE: result = make_file(*a); break;
    case MAKE_DIRECTORY: result = mkdirat(a->directory, a->path, 0777); break;
    case RENAME: result = moving(u->other, *a, 0); break;
    case EXCHANGE: result = moving(u->other, *a, RENAME_EXCHANGE); break;
    case CHANGE_MODE: result = fchmodat(a->directory, a->path, 0666, 0); break;
  }
  if (result < 0) die("what was done cannot be undone");
}

static long removing(struct at a, int flags, bool always, enum how how) {
  return noting(unlinkat(a.directory, a.path, flags), always, how, a, a);
}

/* ---- Steps that lead somewhere ------------------------------------------------------------------------------------- */

static long lead(long directory) {
  if (directory < 0 && directory != AT_FDCWD) return -1;
  here = (int)directory;
  return 0;
}

static long leading(struct at a, int flags) { return lead(openat(a.directory, a.path, flags)); }
static long step_open(char **w) { return leading(resolve(w[1]), PATH_OPEN); }
static long step_open_reading(char **w) { return leading(resolve(w[1]), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }
static long step_fchdir(char **w) { return *w && fchdir(here) < 0 ? -1 : lead(AT_FDCWD); }
static long step_use(char **w) { return lead(kept[atoi(w[1])]); }

static long step_up(char **w) {
  for (int i = atoi(w[1]); i > 0; i--)
    if (leading((struct at){here, ".."}, PATH_OPEN) < 0) return -1;
  return 0;
}

static long step_keep(char **w) {
  int number = atoi(w[1]);
  return dup3(here, kept[number], O_CLOEXEC);
}

/* Where /proc says that a descriptor leads. */
static long step_magic(char **w) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", here);
  return *w ? lead(open(path, PATH_OPEN)) : -1;
}

static long step_change_root(char **w) {
  struct at a = resolve(w[1]);
  if (a.directory != AT_FDCWD && fchdir(a.directory) < 0) return -1;
  return chroot(a.path) < 0 || chdir("/") < 0 ? -1 : lead(AT_FDCWD);
}

static long step_clone_tree(char **w) {
  struct at a = resolve(w[1]);
  return lead(syscall(__NR_open_tree, a.directory, a.path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

/* How the path is resolved, as a number: RESOLVE_... */
static long step_openat2(char **w) {
  struct at a = resolve(w[2]);
  struct open_how how = {.flags = PATH_OPEN, .resolve = strtoull(w[1], NULL, 0)};
  return lead(syscall(__NR_openat2, a.directory, a.path, &how, sizeof how));
}

static long step_open_handle(char **w) {
  struct at a = resolve(w[1]);
  static union { struct file_handle handle; char space[256]; } u;
  u.handle.handle_bytes = MAX_HANDLE_SZ;
  int mount;
  if (name_to_handle_at(a.directory, a.path, &u.handle, &mount, 0) < 0) return -1;
  return lead(open_by_handle_at(here, &u.handle, PATH_OPEN));
}

/* ---- Steps that change something, by which the next may lead out --------------------------------------------------- */

static long make_symlink(char **w, bool always) {
  struct at a = resolve(w[2]);
  return noting(symlinkat(w[1], a.directory, a.path), always, UNLINK, a, a);
}

static long make_directory(char **w, bool always) {
  struct at a = resolve(w[1]);
  return noting(mkdirat(a.directory, a.path, 0777), always, REMOVE_DIRECTORY, a, a);
}

static long move(char **w, bool always, unsigned flags) {
  struct at from = resolve(w[1]), to = resolve(w[2]);
  return noting(moving(from, to, flags), always, flags ? EXCHANGE : RENAME, from, to);
}

static long step_make_symlink(char **w) { return make_symlink(w, true); }
static long step_make_directory(char **w) { return make_directory(w, true); }
static long step_move(char **w) { return move(w, true, 0); }
static long step_swap(char **w) { return move(w, true, RENAME_EXCHANGE); }

static long step_bind(char **w) { return mount(w[1], w[2], NULL, MS_BIND, NULL); }
static long step_unshare(char **w) { return *w ? unshare(CLONE_NEWUSER | CLONE_NEWNS) : -1; }

static long step_undo(char **w) { undo = *w; return 0; }

static long step_pause(char **w) {
  puts("ready");
  fflush(stdout);
  return *w && getchar() == EOF ? -1 : 0;
}

/* ---- Acts ---------------------------------------------------------------------------------------------------------- */

static long with_file(struct at a, int flags, const char *text) {
  int file = openat(a.directory, a.path, flags | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return -1;
  long result = text ? write(file, text, strlen(text)) : 0;
  return close(file) < 0 ? -1 : result;
}

static long read_file(struct at a, char *text, size_t size) {
  int file = openat(a.directory, a.path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t length = read(file, text, size - 1);
  text[length > 0 ? length : 0] = 0;
  text[strcspn(text, "\n")] = 0;
  close(file);
  return length;
}

static long act_read(char **w) { return read_file(resolve(w[1]), found, sizeof found); }

static int named(const struct dirent *entry) { return *entry->d_name != '.'; }

static long act_list(char **w) {
  struct at a = resolve(w[1]);
  struct dirent **names;
  int count = scandirat(a.directory, a.path, &names, named, alphasort);
  for (int i = 0; i < count; i++) {
    size_t used = strlen(found);
    snprintf(found + used, sizeof found - used, "%s%s", i ? " " : "", names[i]->d_name);
    free(names[i]);
  }
  if (count >= 0) free(names);
  return count;
}

static long act_stat(char **w) {
  struct at a = resolve(w[1]);
  struct stat status;
  return fstatat(a.directory, a.path, &status, 0);
}

static long act_read_link(char **w) {
  struct at a = resolve(w[1]);
  ssize_t length = readlinkat(a.directory, a.path, found, sizeof found - 1);
  found[length > 0 ? length : 0] = 0;
  return length;
}

static long act_make_file(char **w) {
  struct at a = resolve(w[1]);
  return noting(make_file(a), false, UNLINK, a, a);
}

/* The file that a link leads to; or itself. */
static struct at behind_link(struct at a) {
  char target[TEXT / 2] = "";
  struct at behind = a;
  if (readlinkat(a.directory, a.path, target, sizeof target - 1) < 0) return a;
  char *name = *target == '/' ? behind.path : strrchr(behind.path, '/') + 1;
  snprintf(name, sizeof behind.path - (size_t)(name - behind.path), "%s", target);
  return behind;
}

/* As many programs do, which follow a link to what is not there. */
static long act_create(char **w) {
  struct at a = resolve(w[1]), made = behind_link(a);
  int file = openat(a.directory, a.path, O_WRONLY | O_CREAT, 0666);
  return noting(file, false, UNLINK, made, made);
}

static long act_make_fifo(char **w) {
  struct at a = resolve(w[1]);
  return noting(mkfifoat(a.directory, a.path, 0666), false, UNLINK, a, a);
}

static long link_with(char **w, int flags) {
  struct at from = resolve(w[1]), to = resolve(w[2]);
  return noting(linkat(from.directory, from.path, to.directory, to.path, flags), false, UNLINK, to, to);
}

static long act_link(char **w) { return link_with(w, 0); }
static long act_link_followed(char **w) { return link_with(w, AT_SYMLINK_FOLLOW); }

/* A link to what a descriptor is open on, for which the kernel asks nobody about a path. */
static long act_link_opened(char **w) {
  struct at from = resolve(w[1]), to = resolve(w[2]);
  int file = openat(from.directory, from.path, O_PATH | O_CLOEXEC);
  if (file < 0) return -1;
  return noting(linkat(file, "", to.directory, to.path, AT_EMPTY_PATH), false, UNLINK, to, to);
}

static long act_change_mode(char **w) {
  struct at a = resolve(w[1]);
  return noting(fchmodat(a.directory, a.path, 0600, 0), false, CHANGE_MODE, a, a);
}

static long act_touch(char **w) {
  struct at a = resolve(w[1]);
  return utimensat(a.directory, a.path, NULL, 0);
}

static long act_write(char **w) { return with_file(resolve(w[1]), O_WRONLY, "ATTACK"); }
static long act_truncate(char **w) { return with_file(resolve(w[1]), O_WRONLY | O_TRUNC, NULL); }
static long act_remove(char **w) { return removing(resolve(w[1]), 0, false, MAKE_FILE); }
static long act_remove_directory(char **w) { return removing(resolve(w[1]), AT_REMOVEDIR, false, MAKE_DIRECTORY); }
static long act_mkdir(char **w) { return make_directory(w, false); }
static long act_symlink(char **w) { return make_symlink(w, false); }
static long act_rename(char **w) { return move(w, false, 0); }
static long act_exchange(char **w) { return move(w, false, RENAME_EXCHANGE); }

/* What the kernel calls the place. */
static long act_name(char **w) {
  return *w && fchdir(here) == 0 ? syscall(__NR_getcwd, found, sizeof found) : -1;
}

/* ---- Races --------------------------------------------------------------------------------------------------------- */

#define SECRET "a secret"
#define EACH_SIDE 100   /* times that each side of a race has to be seen */
#define LONGEST 100    /* times as many tries as are asked for, if it is not */

static bool is_secret(struct at a, bool *seen) {
  char text[TEXT];
  *seen = read_file(a, text, sizeof text) >= 0;
  return *seen && !strcmp(text, SECRET);
}

/* By two steps up, each of which is a descriptor of its own. */
static bool is_secret_above(const char *path) {
  struct at a = {-1, ""};
  bool seen, secret = false;
  int parent = openat(here, "..", PATH_OPEN);
  if (parent < 0) return false;
  a.directory = openat(parent, "..", PATH_OPEN);
  if (a.directory >= 0) {
    snprintf(a.path, sizeof a.path, "%s", path);
    secret = is_secret(a, &seen);
    close(a.directory);
  }
  close(parent);
  return secret;
}

/*
 * TRIES INSIDE OUTSIDE ABOVE: reads while the host moves something to and fro: INSIDE, which is there at one time and not at
 * another; OUTSIDE; and ABOVE, two steps up. Tells how often it has read a secret.
 */
static long act_race(char **w) {
  struct at inside = resolve(w[2]), outside = resolve(w[3]);
  long tries = atol(w[1]), there = 0, gone = 0, secrets = 0;
  for (long i = 0; i < tries || there < EACH_SIDE || gone < EACH_SIDE; i++) {
    bool seen, other, secret = is_secret(inside, &seen);
    if (i == tries * LONGEST) return errno = ETIME, -1;
    secrets += secret + is_secret(outside, &other) + is_secret_above(w[4]);
    there += seen && !secret;
    gone += !seen || secret;
  }
  snprintf(found, sizeof found, "%ld secrets", secrets);
  return 0;
}

/* What the host does meanwhile, until its standard input ends. */
static long act_swap_to_and_fro(char **w) {
  struct at one = resolve(w[1]), other = resolve(w[2]);
  struct pollfd input = {.fd = 0, .events = POLLIN};
  while (poll(&input, 1, 0) == 0)
    for (int i = 0; i < 64; i++)
      if (moving(one, other, RENAME_EXCHANGE) < 0) return -1;
  return 0;
}

/* ---- The script ---------------------------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  int arguments;
  long (*run)(char **words);
} steps[] = {
  {"open", 1, step_open}, {"open-reading", 1, step_open_reading}, {"up", 1, step_up}, {"fchdir", 0, step_fchdir},
  {"keep", 1, step_keep}, {"use", 1, step_use}, {"magic", 0, step_magic}, {"undo", 0, step_undo},
  {"pause", 0, step_pause}, {"chroot", 1, step_change_root}, {"clone-tree", 1, step_clone_tree},
  {"openat2", 2, step_openat2}, {"open-handle", 1, step_open_handle}, {"bind", 2, step_bind},
  {"unshare", 0, step_unshare}, {"make-symlink", 2, step_make_symlink}, {"make-directory", 1, step_make_directory},
  {"move", 2, step_move}, {"swap", 2, step_swap}, {"read", 1, act_read}, {"list", 1, act_list}, {"stat", 1, act_stat},
  {"read-link", 1, act_read_link}, {"write", 1, act_write}, {"truncate", 1, act_truncate},
  {"make-file", 1, act_make_file}, {"mkdir", 1, act_mkdir}, {"make-fifo", 1, act_make_fifo},
  {"symlink", 2, act_symlink}, {"remove", 1, act_remove}, {"remove-directory", 1, act_remove_directory},
  {"rename", 2, act_rename}, {"exchange", 2, act_exchange}, {"link", 2, act_link},
  {"link-followed", 2, act_link_followed}, {"create", 1, act_create}, {"link-opened", 2, act_link_opened},
  {"change-mode", 1, act_change_mode}, {"touch", 1, act_touch}, {"name", 0, act_name}, {"race", 4, act_race},
  {"swap-to-and-fro", 2, act_swap_to_and_fro},
};

static long run_step(char *text, const char **name) {
  char *words[WORDS + 2] = {0}, *rest = text;
  int count = 0;
  for (char *word; count <= WORDS && (word = strtok_r(NULL, " ", &rest)); count++) words[count] = word;
  for (size_t i = 0; count && i < sizeof steps / sizeof *steps; i++) {
    if (strcmp(steps[i].name, words[0])) continue;
    if (count != steps[i].arguments + 1) die(words[0]);
    *name = steps[i].name;
    return steps[i].run(words);
  }
  die(count ? words[0] : "an empty step");
  return -1;
}

static void run_line(char *line) {
  const char *name = "";
  char *rest = line;
  long result = 0;
  here = AT_FDCWD;
  undo = false;
  *found = 0;
  for (char *step; result >= 0 && (step = strtok_r(NULL, ";", &rest));) result = run_step(step, &name);
  if (result < 0) printf("%s: %s\n", name, strerrorname_np(errno));
  else printf("ok%s%s\n", *found ? " " : "", found);
  while (undoing_count > 0) undo_one(&undoings[--undoing_count]);
  if (chdir("/") < 0) die("/ is gone");
  close_range((unsigned)first_free, ~0u, 0);
}

static void add_place(char *argument) {
  char *value = strchr(argument, '=');
  if (!value || place_count == sizeof places / sizeof *places) die("usage: escape NAME=PLACE...");
  *value++ = 0;
  snprintf(places[place_count].name, sizeof places->name, "%s", argument);
  places[place_count].descriptor = AT_FDCWD;
  if (*value == '/') snprintf(places[place_count].path, sizeof places->path, "%s/", value);
  else places[place_count].descriptor = *value == '@' ? open(value + 1, O_RDONLY | O_DIRECTORY) : atoi(value);
  place_count++;
}

int main(int count, char **arguments) {
  static char *lines[20000];
  size_t lines_count = 0, size = 0;
  umask(0);
  for (int i = 1; i < count; i++) add_place(arguments[i]);
  for (int i = 0; i < KEPT; i++) first_free = 1 + (kept[i] = dup(0));
  for (char *line = NULL; getline(&line, &size, stdin) > 0 && strcmp(line, "go\n"); line = NULL, size = 0) {
    if (lines_count == sizeof lines / sizeof *lines) die("too many lines");
    line[strcspn(line, "\n")] = 0;
    lines[lines_count++] = line;
  }
  for (size_t i = 0; i < lines_count; i++) run_line(lines[i]);
  return 0;
}
