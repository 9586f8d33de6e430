/*
 * Asks the kernel what filters answer.
 *
 *   filter-probe answers FILTER < CALLS    the answer to each call, without doing any
 *   filter-probe perform FILTER < CALLS    the outcome of each call, done under the filter
 *   filter-probe cost COUNT FILTER...      nanoseconds to install the filters, COUNT times
 *
 * A line of CALLS: an entry ("native", "int80") and seven unsigned numbers in hexadecimal.
 * A line of output: "ERRNO n", "RESULT n" or "KILLED".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CALLS = 100000, STAND_IN = 4000 };

struct call {
	int int80;
	unsigned long nr, args[6];
	long result;
};

static struct call *calls;

static struct sock_fprog read_filter(const char *path)
{
	static struct sock_filter programs[8][BPF_MAXINSNS];
	static int used;
	struct sock_filter *into = programs[used++];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, into, sizeof programs[0]);

	if (size <= 0) {
		perror(path);
		exit(2);
	}
	close(fd);
	return (struct sock_fprog){ size / sizeof *into, into };
}

static void install(struct sock_fprog *filter)
{
	/* The filter may forbid every way to end but a trap; no core of that. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter)) {
		perror("seccomp");
		_exit(3);
	}
}

/* Every answer but a kill becomes an errno, so that no call is ever done. */
static void make_harmless(struct sock_fprog *filter)
{
	for (int i = 0; i < filter->len; i++) {
		struct sock_filter *at = &filter->filter[i];

		if (at->code != (BPF_RET | BPF_K))
			continue;
		if (at->k == SECCOMP_RET_ALLOW)
			at->k = SECCOMP_RET_ERRNO | STAND_IN;
		if (at->k == SECCOMP_RET_USER_NOTIF)
			at->k = SECCOMP_RET_ERRNO | (STAND_IN + 1);
	}
}

static long make(struct call *c)
{
#ifdef __x86_64__
	if (c->int80) {
		long result;

		asm volatile("int $0x80" : "=a"(result) : "a"(c->nr) : "memory", "r8", "r9", "r10", "r11");
		return result;
	}
#endif
	long result = syscall(c->nr, c->args[0], c->args[1], c->args[2], c->args[3], c->args[4], c->args[5]);

	return result == -1 ? -errno : result;
}

/* Makes calls from *next on, until done or killed. */
static void run(struct sock_fprog *filter, volatile int *next, int count, int one)
{
	pid_t child = fork();

	if (!child) {
		install(filter);
		do {
			int at = (*next)++;

			calls[at].result = make(&calls[at]);
		} while (*next < count && !one);
		__builtin_trap();
	}
	int status;

	waitpid(child, &status, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		calls[*next - 1].result = 1L << 40;
	else if (WIFEXITED(status))
		exit(WEXITSTATUS(status));
}

static void ask(struct sock_fprog *filter, int one)
{
	int *next = mmap(0, sizeof *next, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int count = 0;
	char entry[8];

	calls = mmap(0, MAX_CALLS * sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (struct call *c = calls; count < MAX_CALLS; c++, count++) {
		unsigned long *a = c->args;

		if (scanf("%7s %lx %lx %lx %lx %lx %lx %lx", entry, &c->nr, a, a + 1, a + 2, a + 3, a + 4, a + 5) != 8)
			break;
		c->int80 = !strcmp(entry, "int80");
	}
	while (*next < count)
		run(filter, next, count, one);
	for (struct call *c = calls; c < calls + count; c++) {
		if (c->result == 1L << 40)
			puts("KILLED");
		else
			printf("%s %ld\n", c->result < 0 && c->result >= -4095 ? "ERRNO" : "RESULT", labs(c->result));
	}
}

static int ascending(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void cost(int count, struct sock_fprog *filters, int n)
{
	long *took = mmap(0, count * sizeof *took, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		if (!child) {
			long start = now();

			for (int f = 0; f < n; f++)
				install(&filters[f]);
			took[i] = now() - start;
			__builtin_trap();
		}
		waitpid(child, 0, 0);
	}
	qsort(took, count, sizeof *took, ascending);
	printf("p10 %ld p50 %ld p90 %ld\n", took[count / 10], took[count / 2], took[count * 9 / 10]);
}

int main(int argc, char **argv)
{
	struct sock_fprog filters[8];

	if (argc > 3 && argc < 12 && !strcmp(argv[1], "cost")) {
		for (int i = 3; i < argc; i++)
			filters[i - 3] = read_filter(argv[i]);
		cost(atoi(argv[2]), filters, argc - 3);
	} else if (argc == 3 && !strcmp(argv[1], "answers")) {
		filters[0] = read_filter(argv[2]);
		make_harmless(&filters[0]);
		ask(&filters[0], 0);
	} else if (argc == 3 && !strcmp(argv[1], "perform")) {
		filters[0] = read_filter(argv[2]);
		ask(&filters[0], 1);
	} else {
		fprintf(stderr, "usage: see the head of the source\n");
		return 2;
	}
	return 0;
}
