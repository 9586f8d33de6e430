/*
 * How a program finds its capabilities under a policy of Embryo: by name, and in its structured arguments. C99 and POSIX; there is
 * nothing to link. What it reads it trusts in nothing: whatever the environment and the arguments hold, no function reads beyond
 * them, and what is malformed is not found.
 *
 *   int log = embryo_fd("log");                            // as 'log' in the capabilities of the policy; -1: there is none
 *
 *   unsigned char buffer[4096];
 *   struct embryo_value all = embryo_arguments(buffer, sizeof buffer);
 *   const char *greeting = embryo_text(embryo_find(all, "greeting"));       // NULL: none, or no text
 *   int output = embryo_descriptor(embryo_find(all, "output"));             // -1: none, or no descriptor
 */
#ifndef EMBRYO_H
#define EMBRYO_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- By name: LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, as sd_listen_fds(3) has them ------------------------------------------- */

enum { EMBRYO_FIRST_FD = 3 };

/* The number that a variable holds: decimal digits and nothing else, at most INT_MAX; else -1. */
static inline int embryo_variable(const char *name) {
  const char *text = getenv(name);
  if (!text || !*text) return -1;
  int number = 0;
  for (; *text; text++) {
    if (*text < '0' || *text > '9' || number > (INT_MAX - (*text - '0')) / 10) return -1;
    number = number * 10 + (*text - '0');
  }
  return number;
}

/*
 * The descriptor of the capability of this name, or -1. Only those are found that have no number of their own in the policy; and
 * nothing is found where the variables are malformed, or meant for another process, such as the parent of this one.
 */
static inline int embryo_fd(const char *name) {
  const char *names = getenv("LISTEN_FDNAMES");
  int count = embryo_variable("LISTEN_FDS");
  if (!names || !*name || count < 1 || count > INT_MAX - EMBRYO_FIRST_FD || embryo_variable("LISTEN_PID") != getpid()) return -1;
  int found = -1, place = 0;
  for (;; place++) {
    size_t length = strcspn(names, ":");
    if (found < 0 && length == strlen(name) && !memcmp(names, name, length)) found = EMBRYO_FIRST_FD + place;
    if (!names[length]) break;
    names += length + 1;
  }
  return place + 1 == count ? found : -1;
}

/* --- Structured arguments, in argdata: https://github.com/NuxiNL/argdata ----------------------------------------------------------- */

/* What the first byte of a value says. */
enum embryo_type {
  EMBRYO_NULL, EMBRYO_BINARY, EMBRYO_BOOL, EMBRYO_FD, EMBRYO_FLOAT, EMBRYO_INT, EMBRYO_MAP, EMBRYO_LIST, EMBRYO_TEXT, EMBRYO_TIME
};

/* A value, somewhere in the buffer of the arguments. Null, and what is not there, has no bytes. */
struct embryo_value {
  const unsigned char *bytes;
  size_t size;
};

/* Reads all arguments of the program into the buffer: null, too, if there are none, or more than it can hold. */
static inline struct embryo_value embryo_arguments(unsigned char *buffer, size_t capacity) {
  struct embryo_value none = {buffer, 0}, all = none;
  int fd = embryo_fd("arguments");
  while (fd >= 0) {
    ssize_t got = pread(fd, buffer + all.size, capacity - all.size, (off_t)all.size);
    if (got < 0) return none;
    if (got == 0) break;
    all.size += (size_t)got;
    if (all.size == capacity) return none; /* there may be more */
  }
  return all;
}

static inline int embryo_type(struct embryo_value value) {
  return value.size == 0 ? (int)EMBRYO_NULL : value.bytes[0];
}

/* Takes the first of the members that are left: 1, or 0 if none is left, or if what is left is malformed. */
static inline int embryo_next(struct embryo_value *left, struct embryo_value *member) {
  size_t length = 0, at = 0;
  do {
    if (at == left->size || length > SIZE_MAX >> 7 || (at == 0 && left->bytes[0] == 0)) return 0;
    length = length << 7 | (left->bytes[at] & 0x7f);
  } while (!(left->bytes[at++] & 0x80));
  if (length > left->size - at) return 0;
  member->bytes = left->bytes + at;
  member->size = length;
  left->bytes += at + length;
  left->size -= at + length;
  return 1;
}

/* The members of a list, or of a map, of which keys and values take turns; none, if the value is of another type. */
static inline struct embryo_value embryo_members(struct embryo_value value, enum embryo_type type) {
  struct embryo_value members = {value.bytes, 0};
  if (value.size > 0 && value.bytes[0] == type) {
    members.bytes++;
    members.size = value.size - 1;
  }
  return members;
}

/* A text in UTF-8, or NULL. */
static inline const char *embryo_text(struct embryo_value value) {
  if (embryo_type(value) != EMBRYO_TEXT || value.size < 2) return NULL;
  const void *end = memchr(value.bytes + 1, 0, value.size - 1);
  return end == value.bytes + value.size - 1 ? (const char *)value.bytes + 1 : NULL;
}

/* The value of a key of a map; null, if there is none. */
static inline struct embryo_value embryo_find(struct embryo_value map, const char *name) {
  struct embryo_value left = embryo_members(map, EMBRYO_MAP), key, value, none = {map.bytes, 0};
  while (embryo_next(&left, &key) && embryo_next(&left, &value)) {
    const char *text = embryo_text(key);
    if (text && !strcmp(text, name)) return value;
  }
  return none;
}

/* The number of a descriptor, or -1. */
static inline int embryo_descriptor(struct embryo_value value) {
  if (embryo_type(value) != EMBRYO_FD || value.size != 5 || value.bytes[1] > INT_MAX >> 24) return -1;
  return (int)value.bytes[1] << 24 | (int)value.bytes[2] << 16 | (int)value.bytes[3] << 8 | (int)value.bytes[4];
}

/* Stores an integer: 1, or 0 if it is none, or one that does not fit. */
static inline int embryo_integer(struct embryo_value value, int64_t *number) {
  if (embryo_type(value) != EMBRYO_INT || value.size > 1 + sizeof *number) return 0;
  uint64_t bits = value.size > 1 && value.bytes[1] & 0x80 ? UINT64_MAX : 0;
  for (size_t i = 1; i < value.size; i++) bits = bits << 8 | value.bytes[i];
  memcpy(number, &bits, sizeof bits);
  return 1;
}

/* Stores whether it is true: 1, or 0 if it is no truth value. */
static inline int embryo_bool(struct embryo_value value, int *truth) {
  if (embryo_type(value) != EMBRYO_BOOL || value.size > 2 || (value.size == 2 && value.bytes[1] != 1)) return 0;
  *truth = value.size == 2;
  return 1;
}

#endif
