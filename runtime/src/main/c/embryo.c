/*
 * The stub: what runs in a process between its creation and its program.
 *
 * It is an interpreter of system calls and nothing else. It reads batches of operations from its control socket
 * (SOCK_SEQPACKET, one batch a message), executes them on itself in order, and answers with their results, or with the
 * index and errno of the first that failed. What the calls mean (namespaces, mounts, Landlock, seccomp) is known to
 * whoever writes the batches; a new kernel feature needs no change here.
 *
 * The same loop plays every part:
 *   zygote   started once; holds nothing but its control socket; its batches clone embryos
 *   embryo   a clone with a control socket of its own; its last operation is execveat
 *   init     an embryo that never executes anything: pid 1 of a pid namespace, which dies with its control socket
 *
 * No libc, no heap, no recursion, fixed buffers. Every length and index in a message is checked; a malformed message
 * ends the process. End of file on the control socket ends it too: a launcher that dies takes its embryos along.
 *
 * A message:  struct header | struct operation[operations] | u32 relocation[relocations] | padding to 8 | data
 * A reply:    struct reply, with as many results as operations were done; descriptors as SCM_RIGHTS
 */
#include "arch.h"

#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/ioctl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#define MAGIC 0x31594245u /* "EBY1": the version of the format is part of it */
#define MAX_MESSAGE (192 * 1024)
#define MAX_DATA (64u * 1024 * 1024)
#define MAX_OPERATIONS 2048
#define MAX_RECEIVED 253 /* SCM_MAX_FD */
#define MAX_SENT 16

/* Flags of a batch. */
#define EXIT_AFTERWARDS 1u /* the process ends when the reply is sent */
#define SURVIVE_FAILURE 2u /* a failed operation ends the batch, not the process */
#define DATA_IN_MEMORY 4u  /* the data are in the first received descriptor, a sealed memfd, not in the message */
#define KNOWN_FLAGS (EXIT_AFTERWARDS | SURVIVE_FAILURE | DATA_IN_MEMORY)

/* What an argument is; four bits each in operation.kinds, the first argument lowest. */
enum kind { VALUE, ADDRESS, RESULT, LOAD, RECEIVED };

/* Operations that are not system calls. */
enum pseudo {
    CLONE = 0x80000000u, /* (clone_args, size, control, member): a new embryo with that control socket; a session of its own unless `member` */
    SEND,                /* (fd): the reply carries this descriptor */
    COMPARE,             /* (a, b, length): ESTALE unless both stretches of data are equal */
    PLACE,               /* (index, number): dup a received descriptor to a number; whatever the stub has there moves */
    GATE,                /* (listener): let exactly one execveat through a SECCOMP_RET_USER_NOTIF filter */
    HERALD,              /* (word): send the launcher the listener whose number will stand in this word of the data */
    DECIMAL,             /* (value, offset): put 32 bits into the data as decimal digits, and a NUL behind them */
    SETTLE               /* (fd, number): move a descriptor that was opened here to a number, as PLACE does */
};

struct header {
    u32 magic, flags, operations, relocations, data, reserved;
};

struct operation {
    u32 number; /* a system call's, or an enum pseudo */
    u32 kinds;
    u64 argument[6];
    u32 tolerate; /* an errno that is no failure, or 0 */
    u32 store;    /* 1 + the offset in data where the low 32 bits of the result go, or 0 */
};

struct reply {
    u32 magic, done;
    s32 error; /* the errno of operation number `done`, or 0 */
    u32 flags; /* those of the message: a helper and the embryo that it makes answer on the same socket */
    s64 result[MAX_OPERATIONS];
};

struct batch {
    const struct header *header;
    const struct operation *operation;
    u8 *data;
    u32 received_count, sent_count;
    s32 received[MAX_RECEIVED], sent[MAX_SENT];
};

/* The C library's, for want of a C library; LP64. */
struct iovec {
    void *base;
    u64 length;
};

struct msghdr {
    void *name;
    u32 name_length;
    struct iovec *iov;
    u64 iov_count;
    void *control;
    u64 control_length;
    u32 flags;
};

struct cmsghdr {
    u64 length;
    s32 level, type;
};

#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define MSG_CTRUNC 0x8
#define MSG_TRUNC 0x20
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000
#define PROT_READ_WRITE 3
#define MAP_PRIVATE 2

static u8 message[MAX_MESSAGE] __attribute__((aligned(16)));
static u8 ancillary[sizeof(struct cmsghdr) + 4 * (MAX_RECEIVED + 1)] __attribute__((aligned(16)));
static struct reply reply;
static struct batch batch;
static u8 second_stack[4096] __attribute__((aligned(16)));
static s32 control; /* the control socket's number */

#define call(number, ...) call_(number, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define call_(number, a, b, c, d, e, f, ...) \
    syscall6(number, (u64)(a), (u64)(b), (u64)(c), (u64)(d), (u64)(e), (u64)(f))

/* The compiler may turn a loop or an initialiser into a call of this one. */
void *memset(void *start, int value, u64 length)
{
    volatile u8 *p = start;
    while (length-- > 0)
        *p++ = (u8)value;
    return start;
}

static __attribute__((noreturn)) void quit(s32 status)
{
    for (;;)
        call(__NR_exit_group, status);
}

/* Takes the descriptors out of the control message that recvmsg left; whatever else it holds is malformed. */
static void take_descriptors(const struct msghdr *header)
{
    batch.received_count = 0;
    if (header->control_length == 0)
        return;
    const struct cmsghdr *rights = header->control;
    u64 bytes = rights->length - sizeof(*rights);
    if (header->control_length < sizeof(*rights) || rights->length < sizeof(*rights)
        || rights->length > header->control_length || rights->level != SOL_SOCKET || rights->type != SCM_RIGHTS
        || bytes > sizeof(batch.received))
        quit(EPROTO);
    const s32 *descriptors = (const s32 *)(rights + 1);
    for (; batch.received_count < bytes / 4; batch.received_count++)
        batch.received[batch.received_count] = descriptors[batch.received_count];
}

/* The next message, whole; the process ends when there is none. */
static u64 receive(void)
{
    struct iovec part = {message, sizeof(message)};
    struct msghdr header = {0, 0, &part, 1, ancillary, sizeof(ancillary), 0};
    s64 length;
    do
        length = call(__NR_recvmsg, control, &header, MSG_CMSG_CLOEXEC);
    while (length == -EINTR);
    if (length <= 0)
        quit(0);
    if (header.flags & (MSG_TRUNC | MSG_CTRUNC))
        quit(EMSGSIZE);
    take_descriptors(&header);
    return (u64)length;
}

static void send_reply(u32 done, s32 error)
{
    reply.magic = MAGIC;
    reply.done = done;
    reply.error = error;
    reply.flags = batch.header->flags;
    struct iovec part = {&reply, __builtin_offsetof(struct reply, result) + done * sizeof(reply.result[0])};
    struct msghdr header = {0, 0, &part, 1, 0, 0, 0};
    if (batch.sent_count > 0) {
        struct cmsghdr *rights = (struct cmsghdr *)ancillary;
        rights->length = sizeof(*rights) + 4 * batch.sent_count;
        rights->level = SOL_SOCKET;
        rights->type = SCM_RIGHTS;
        s32 *descriptors = (s32 *)(rights + 1);
        for (u32 i = 0; i < batch.sent_count; i++)
            descriptors[i] = batch.sent[i];
        header.control = ancillary;
        header.control_length = (rights->length + 7) & ~7ul;
    }
    /*
     * An embryo that is armed may be left with write(2) alone, or die of sendmsg: it uses that for descriptors only, and
     * where write is refused. With neither it is left with its exit status.
     */
    if ((batch.sent_count > 0 || call(__NR_write, control, part.base, part.length) < 0)
        && call(__NR_sendmsg, control, &header, MSG_NOSIGNAL) < 0)
        quit(error != 0 ? error : EPIPE);
}

/* True if `length` bytes of data begin at `offset`. */
static int within_data(u64 offset, u64 length)
{
    return offset <= batch.header->data && length <= batch.header->data - offset;
}

static void relocate(const u32 *relocation)
{
    for (u32 i = 0; i < batch.header->relocations; i++) {
        if (relocation[i] % 8 != 0 || !within_data(relocation[i], 8))
            quit(EPROTO);
        u64 *word = (u64 *)(batch.data + relocation[i]);
        if (!within_data(*word, 0))
            quit(EPROTO);
        *word += (u64)batch.data;
    }
}

/* Checks the message's form, so that `batch` can be executed; the process ends when it is malformed. */
static void unpack(u64 length)
{
    const struct header *header = (const struct header *)message;
    if (length < sizeof(*header) || header->magic != MAGIC || (header->flags & ~KNOWN_FLAGS) != 0
        || header->operations > MAX_OPERATIONS || header->relocations > MAX_MESSAGE / 4 || header->data > MAX_DATA)
        quit(EPROTO);
    u64 operations = sizeof(*header) + header->operations * sizeof(struct operation);
    u64 relocations = (operations + 4ul * header->relocations + 7) & ~7ul;
    int apart = (header->flags & DATA_IN_MEMORY) != 0;
    if (length != relocations + (apart ? 0 : header->data) || (apart && batch.received_count == 0))
        quit(EPROTO);
    batch.header = header;
    batch.operation = (const struct operation *)(header + 1);
    batch.sent_count = 0;
    batch.data = message + relocations;
    if (apart) {
        s64 mapped = call(__NR_mmap, 0, header->data, PROT_READ_WRITE, MAP_PRIVATE, batch.received[0], 0);
        if (mapped < 0 && mapped >= -4095)
            quit(ENOMEM);
        batch.data = (u8 *)mapped;
    }
    relocate((const u32 *)(message + operations));
}

/* An argument's value when operation number `at` is executed. */
static u64 argument(u32 at, u32 index)
{
    const struct operation *operation = &batch.operation[at];
    u64 value = operation->argument[index];
    switch ((operation->kinds >> (4 * index)) & 15) {
    case VALUE:
        return value;
    case ADDRESS:
        if (within_data(value, 0))
            return (u64)(batch.data + value);
        break;
    case RESULT:
        if (value < at)
            return (u64)reply.result[value];
        break;
    case LOAD:
        if (value % 4 == 0 && within_data(value, 4))
            return *(const u32 *)(batch.data + value);
        break;
    case RECEIVED:
        if (value < batch.received_count)
            return (u64)batch.received[value];
        break;
    }
    quit(EPROTO);
}

/* What a new embryo begins as: a session of its own, or a member of its parent's; no descriptor but its control socket, number 0. */
static void become_embryo(s32 socket, int member)
{
    if (socket != 0 && call(__NR_dup3, socket, 0, O_CLOEXEC) < 0)
        quit(EBADF);
    control = 0;
    if (call(__NR_close_range, 1, ~0u, 0) < 0)
        quit(ENOSYS);
    if (!member)
        call(__NR_setsid, 0);
}

/*
 * The other side of the one-shot exec. The filter hands every execveat to the listener; this thread, which was there
 * before the other filters, lets one pass and ends, so that the exec need not wait for it. The exec closes the
 * listener (close-on-exec), and from then on the kernel answers execveat with ENOSYS.
 */
static __attribute__((noreturn)) void gate(s64 listener)
{
    u64 request[64] = {0}, response[16] = {0}; /* room for structures that grow */
    struct seccomp_notif *notification = (struct seccomp_notif *)request;
    struct seccomp_notif_resp *answer = (struct seccomp_notif_resp *)response;
    s64 received;
    do
        received = call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, notification);
    while (received == -EINTR);
    if (received < 0 || notification->data.nr != __NR_execveat)
        quit(EPERM);
    answer->id = notification->id;
    answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, answer);
    for (;;)
        call(__NR_exit, 0);
}

/* The stub's second thread; there is never a third. */
static s64 second_thread(void (*entry)(s64), s64 argument)
{
    u64 flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    return start_thread(flags, second_stack + sizeof(second_stack), entry, argument);
}

/*
 * The way of a listener to the launcher. A filter that asks about sendmsg cannot be asked to let it pass before the
 * launcher has its listener; so this thread, which was there before the filter, waits until the listener's number stands in
 * the data. It looks every millisecond: whatever call could wake it may be one that the filter asks about, too.
 */
static __attribute__((noreturn)) void herald(s64 word)
{
    const volatile s32 *listener = (const volatile s32 *)word;
    s64 millisecond[2] = {0, 1000000};
    while (*listener < 0)
        call(__NR_futex, word, FUTEX_WAIT_PRIVATE, -1, millisecond);
    u32 header[4] = {MAGIC}; /* a reply without results */
    u64 rights[3] = {sizeof(struct cmsghdr) + 4, (u64)SCM_RIGHTS << 32 | SOL_SOCKET, (u32)*listener};
    struct iovec part = {header, sizeof(header)};
    struct msghdr reply_with_listener = {0, 0, &part, 1, rights, sizeof(rights), 0};
    call(__NR_sendmsg, control, &reply_with_listener, MSG_NOSIGNAL);
    for (;;)
        call(__NR_exit, 0);
}

static s64 compare(u64 a, u64 b, u64 length)
{
    if (!within_data(a, length) || !within_data(b, length))
        quit(EPROTO);
    for (u64 i = 0; i < length; i++)
        if (batch.data[a + i] != batch.data[b + i])
            return -ESTALE;
    return 0;
}

/* For what a program reads as text and only the kernel knows, such as its own pid. */
static s64 decimal(u32 value, u64 offset)
{
    u8 digits[10];
    u32 count = 0;
    do
        digits[count++] = (u8)('0' + value % 10);
    while ((value /= 10) != 0);
    if (!within_data(offset, count + 1))
        quit(EPROTO);
    u8 *text = batch.data + offset;
    for (u32 i = 0; i < count; i++)
        text[i] = digits[count - 1 - i];
    text[count] = 0;
    return count;
}

/* If the stub holds `*held` at `number`, moves it out of the way. */
static s64 make_way(s32 *held, s32 number)
{
    if (*held != number)
        return 0;
    s64 moved = call(__NR_fcntl, number, F_DUPFD_CLOEXEC, number + 1);
    if (moved >= 0)
        *held = (s32)moved;
    return moved;
}

/* Leaves nothing at `number` that the stub still needs. */
static s64 make_way_for_all(s32 number)
{
    s64 error = make_way(&control, number);
    for (u32 i = 0; i < batch.received_count && error >= 0; i++)
        error = make_way(&batch.received[i], number);
    return error;
}

static s64 place(u64 index, s32 number)
{
    if (index >= batch.received_count)
        quit(EPROTO);
    s64 error = make_way_for_all(number);
    return error < 0 ? error : call(__NR_dup3, batch.received[index], number, 0);
}

static s64 settle(s32 descriptor, s32 number)
{
    if (descriptor == number)
        return call(__NR_fcntl, number, F_SETFD, 0);
    s64 error = make_way_for_all(number);
    if (error >= 0)
        error = call(__NR_dup3, descriptor, number, 0);
    call(__NR_close, descriptor);
    return error;
}

static s64 send_descriptor(s32 descriptor)
{
    if (batch.sent_count == MAX_SENT)
        quit(EPROTO);
    batch.sent[batch.sent_count++] = descriptor;
    return descriptor;
}

/*
 * Container runtimes answer clone3 with ENOSYS, because no filter sees its flags. The older call takes the same flags, as
 * far as it has room for them, and puts the pidfd where it puts the parent's copy of the thread id.
 */
static s64 clone_process(u64 arguments, u64 size)
{
    s64 pid = call(__NR_clone3, arguments, size);
    if (pid != -ENOSYS)
        return pid;
    const struct clone_args *wanted = (const struct clone_args *)arguments;
    if (size < CLONE_ARGS_SIZE_VER0 || !within_data(arguments - (u64)batch.data, CLONE_ARGS_SIZE_VER0))
        quit(EPROTO);
    if ((wanted->flags | wanted->exit_signal) >> 32 != 0 || (wanted->stack | wanted->tls | wanted->child_tid) != 0)
        return -ENOSYS;
    return call(__NR_clone, wanted->flags | wanted->exit_signal, 0, wanted->pidfd);
}

/* Executes one operation. In a cloned child `*born` becomes true: nothing of the batch concerns it any more. */
static s64 execute(u32 at, int *born)
{
    const struct operation *operation = &batch.operation[at];
    u64 a[6];
    for (u32 i = 0; i < 6; i++)
        a[i] = argument(at, i);
    switch (operation->number) {
    case CLONE: {
        s64 pid = clone_process(a[0], a[1]);
        if (pid == 0) {
            become_embryo((s32)a[2], a[3] != 0);
            *born = 1;
        }
        return pid;
    }
    case SEND:
        return send_descriptor((s32)a[0]);
    case COMPARE:
        return compare(operation->argument[0], operation->argument[1], a[2]);
    case PLACE:
        return place(operation->argument[0], (s32)a[1]);
    case GATE:
        return second_thread(gate, (s64)a[0]);
    case HERALD:
        if (operation->argument[0] % 4 != 0 || !within_data(operation->argument[0], 4))
            quit(EPROTO);
        return second_thread(herald, (s64)(batch.data + operation->argument[0]));
    case DECIMAL:
        return decimal((u32)a[0], operation->argument[1]);
    case SETTLE:
        return settle((s32)a[0], (s32)a[1]);
    default:
        return syscall6(operation->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}

static void store(const struct operation *operation, s64 result)
{
    if (operation->store == 0)
        return;
    u32 offset = operation->store - 1;
    if (offset % 4 != 0 || !within_data(offset, 4))
        quit(EPROTO);
    *(s32 *)(batch.data + offset) = (s32)result;
}

/* Executes the batch and answers it. True in a process that the batch has made, which has nothing to answer. */
static int run_batch(void)
{
    u32 done = 0;
    s32 error = 0;
    int born = 0;
    for (; done < batch.header->operations; done++) {
        const struct operation *operation = &batch.operation[done];
        s64 result = execute(done, &born);
        if (born)
            return 1;
        if (result < 0 && result >= -4095 && (u32)-result != operation->tolerate) {
            error = (s32)-result;
            break;
        }
        reply.result[done] = result;
        store(operation, result);
    }
    send_reply(done, error);
    if ((batch.header->flags & EXIT_AFTERWARDS) != 0
        || (error != 0 && (batch.header->flags & SURVIVE_FAILURE) == 0))
        quit(error);
    return 0;
}

/* Received descriptors last as long as their batch, and are closed after its reply: peers can wait for that. */
static void close_received(void)
{
    for (u32 i = 0; i < batch.received_count; i++)
        call(__NR_close, batch.received[i]);
}

/* All signals, those too that the C library keeps to itself and leaves ignored in what it spawns (32 and 33). */
static void default_signals(void)
{
    static const u64 sig_dfl[4];
    for (u32 signal = 1; signal <= 64; signal++)
        call(__NR_rt_sigaction, signal, sig_dfl, 0, 8); /* EINVAL for KILL and STOP */
}

/* The zygote's beginning: the control socket is descriptor 0, everything else that was inherited goes. */
__attribute__((noreturn, used)) void stub(void)
{
    if (call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || call(__NR_close_range, 1, ~0u, 0) < 0)
        quit(ENOSYS);
    default_signals();
    for (;;) {
        unpack(receive());
        if (!run_batch())
            close_received();
    }
}
