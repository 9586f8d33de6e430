/*
 * Everything that depends on the processor: how a system call is made, how the process enters the stub, and how a
 * second thread is started. Nothing outside this header asks for the architecture.
 */
#ifndef EMBRYO_ARCH_H
#define EMBRYO_ARCH_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
typedef signed int s32;
typedef signed long s64;

/* A thread that shares everything and begins in `entry(argument)` on its own stack; the result is its id or -errno. */
s64 start_thread(u64 flags, void *stack_top, void (*entry)(s64), s64 argument);

#if defined(__x86_64__)

static inline s64 syscall6(s64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    register u64 r10 __asm__("r10") = d;
    register u64 r8 __asm__("r8") = e;
    register u64 r9 __asm__("r9") = f;
    s64 result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "    xorl %ebp, %ebp\n"
        "    andq $-16, %rsp\n"
        "    call stub\n"
        "    hlt\n"
        ".globl start_thread\n"
        "start_thread:\n"
        "    movq %rdx, %r9\n"          /* entry: the kernel keeps r9 and r12 for the child */
        "    pushq %r12\n"
        "    movq %rcx, %r12\n"         /* argument */
        "    xorl %edx, %edx\n"
        "    xorl %r10d, %r10d\n"
        "    xorl %r8d, %r8d\n"
        "    movl $56, %eax\n"          /* clone */
        "    syscall\n"
        "    testq %rax, %rax\n"
        "    jz 1f\n"
        "    popq %r12\n"
        "    ret\n"
        "1:  xorl %ebp, %ebp\n"
        "    movq %r12, %rdi\n"
        "    call *%r9\n"
        "    hlt\n");

#elif defined(__aarch64__)

static inline s64 syscall6(s64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    register u64 x8 __asm__("x8") = (u64)number;
    register u64 x0 __asm__("x0") = a;
    register u64 x1 __asm__("x1") = b;
    register u64 x2 __asm__("x2") = c;
    register u64 x3 __asm__("x3") = d;
    register u64 x4 __asm__("x4") = e;
    register u64 x5 __asm__("x5") = f;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return (s64)x0;
}

__asm__(".text\n"
        ".globl _start\n"
        "_start:\n"
        "    mov x29, #0\n"
        "    mov x30, #0\n"
        "    mov x9, sp\n"
        "    and sp, x9, #-16\n"
        "    bl stub\n"
        "    brk #1\n"
        ".globl start_thread\n"
        "start_thread:\n"
        "    mov x9, x2\n"              /* entry: the kernel keeps x9 and x10 for the child */
        "    mov x10, x3\n"             /* argument */
        "    mov x2, #0\n"
        "    mov x3, #0\n"
        "    mov x4, #0\n"
        "    mov x8, #220\n"            /* clone */
        "    svc #0\n"
        "    cbz x0, 1f\n"
        "    ret\n"
        "1:  mov x29, #0\n"
        "    mov x30, #0\n"
        "    mov x0, x10\n"
        "    blr x9\n"
        "    brk #1\n");

#else
#error "the stub knows x86-64 and aarch64"
#endif

#endif
