/*
 * A program that takes all it can get of one thing, and goes on trying when it gets no more.
 *
 *   hog KIND BOUND
 *
 * It says "refused" when it was first refused, and "bound" when it has as much as BOUND: there it stops by itself, so that a
 * limit that is missing costs the machine no more than that. What it has, and how it fares, stands in the memory at
 * descriptor 3, which it shares with whoever launched it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
    atomic_long held;     /* now */
    atomic_long most;     /* ever */
    atomic_long refused;  /* how often */
    atomic_long error;    /* the last errno */
    atomic_long bound;    /* 1: it has stopped by itself */
    atomic_long reserved;
} *shared;

#define BLOCK 65536l
#define CHUNK (1l << 20)

static long bound;
static char **chunks;
static int *descriptors;
static int file;
static char block[BLOCK];

static void say(const char *line) {
    if (write(1, line, strlen(line)) < 0) _exit(3);
}

static void refuse(void) {
    atomic_store(&shared->error, errno);
    if (atomic_fetch_add(&shared->refused, 1) == 0) say("refused\n");
}

static void rest(void) {
    if (atomic_exchange(&shared->bound, 1) == 0) say("bound\n");
    for (;;) pause();
}

static void took(long held) {
    long most = atomic_load(&shared->most);
    while (most < held && !atomic_compare_exchange_weak(&shared->most, &most, held)) { }
}

/*
 * What multiplies: each that was made makes others. Who makes one reserves it first, so that all together never have more than
 * the bound, and counts it when it is there. Less than 0 is a refusal, 0 the answer that the new one gets.
 */
static void multiply(int (*make)(void)) {
    for (;;) {
        if (atomic_fetch_add(&shared->reserved, 1) >= bound) {
            atomic_fetch_sub(&shared->reserved, 1);
            rest();
        }
        int made = make();
        if (made > 0) took(atomic_fetch_add(&shared->held, 1) + 1);
        if (made < 0) {
            atomic_fetch_sub(&shared->reserved, 1);
            refuse();
        }
    }
}

static int make_thread(void);

static void *run(void *unused) {
    multiply(make_thread);
    return unused;
}

static int make_thread(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    pthread_t thread;
    errno = pthread_create(&thread, &attributes, run, NULL);
    return errno == 0 ? 1 : -1;
}

static int make_process(void) {
    pid_t made = fork();
    return made > 0 ? 1 : made;
}

/* What is taken and given back one by one. */
static int take_memory(long n) {
    chunks[n] = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunks[n] == MAP_FAILED) return 0;
    memset(chunks[n], 1, CHUNK);
    return 1;
}
static void give_memory(long n) { munmap(chunks[n], CHUNK); }

static int take_disk(long n) { return pwrite(file, block, BLOCK, n * BLOCK) == BLOCK; }
static void give_disk(long n) {
    if (ftruncate(file, n * BLOCK) < 0) _exit(3);
}

static char *name_of(long n) {
    static char name[32];
    snprintf(name, sizeof name, "/tmp/%ld", n);
    return name;
}
static int take_file(long n) {
    int made = open(name_of(n), O_CREAT | O_WRONLY, 0600);
    return made >= 0 && close(made) == 0;
}
static void give_file(long n) { unlink(name_of(n)); }

static int take_descriptor(long n) {
    descriptors[n] = open("/dev/null", O_RDONLY);
    return descriptors[n] >= 0;
}
static void give_descriptor(long n) { close(descriptors[n]); }

static void hoard(int (*take)(long), void (*give)(long)) {
    for (long n = 0;;) {
        if (n == bound) rest();
        if (take(n)) {
            n++;
            took(n);
        } else {
            refuse();
            if (n > 0) give(--n);
        }
        atomic_store(&shared->held, n);
    }
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const char *kind = argv[1];
    bound = atol(argv[2]);
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
    if (shared == MAP_FAILED) return 3;
    memset(block, 1, sizeof block);
    if (strcmp(kind, "processes") == 0 || strcmp(kind, "threads") == 0) {
        atomic_store(&shared->held, 1);
        atomic_store(&shared->reserved, 1);
        multiply(strcmp(kind, "threads") == 0 ? make_thread : make_process);
    } else if (strcmp(kind, "memory") == 0) {
        chunks = calloc((size_t)bound, sizeof *chunks);
        hoard(take_memory, give_memory);
    } else if (strcmp(kind, "disk") == 0) {
        file = open("/tmp/file", O_CREAT | O_RDWR, 0600);
        hoard(take_disk, give_disk);
    } else if (strcmp(kind, "files") == 0) {
        hoard(take_file, give_file);
    } else if (strcmp(kind, "descriptors") == 0) {
        descriptors = calloc((size_t)bound, sizeof *descriptors);
        hoard(take_descriptor, give_descriptor);
    }
    return 2;
}
