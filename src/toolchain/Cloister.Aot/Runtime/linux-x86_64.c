// A program of x86-64 Linux without a C library.
#include "cloister.h"

enum { HEAP_SIZE = 1 << 30, LARGEST_STACK = 8 << 20, STACK_RESERVE = 256 << 10 };

static long syscall6(long number, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return result;
}

static void write_all(int descriptor, char *bytes, int32_t count)
{
    while (count > 0) {
        long written = syscall6(1, descriptor, (long)bytes, count, 0, 0, 0);
        if (written <= 0)
            return;
        bytes += written;
        count -= (int32_t)written;
    }
}

void cl_Platform_Write(char *bytes, int32_t count) { write_all(1, bytes, count); }

void cl_Platform_WriteError(char *bytes, int32_t count) { write_all(2, bytes, count); }

int64_t cl_Platform_get_Time(void)
{
    int64_t time[2];
    syscall6(228, 1, (long)time, 0, 0, 0, 0); // clock_gettime, CLOCK_MONOTONIC
    return time[0] * 1000000000 + time[1];
}

void cl_Platform_Pause(int64_t nanoseconds)
{
    int64_t time[2] = { nanoseconds / 1000000000, nanoseconds % 1000000000 };
    syscall6(35, (long)time, 0, 0, 0, 0, 0); // nanosleep
}

void cl_Platform_Exit(int32_t status)
{
    for (;;)
        syscall6(231, status, 0, 0, 0, 0, 0);
}

// Reserved address space; Linux gives memory when it is touched.
char *cl_Platform_get_HeapStart(void)
{
    long start = syscall6(9, 0, HEAP_SIZE, 3, 0x4022, -1, 0);
    return start < 0 && start > -4096 ? 0 : (char *)start;
}

intptr_t cl_Platform_get_HeapSize(void) { return HEAP_SIZE; }

__attribute__((used, noreturn)) static void start(char *stack)
{
    cl_stack_base = stack;
    // System V ABI, AMD64, 3.4.1: the number of arguments, then their addresses. The first one is the program.
    cl_argument_count = (int32_t)(*(long *)stack > 0 ? *(long *)stack - 1 : 0);
    cl_arguments = (char **)stack + 2;
    // The stack may grow as far as its limit says; what methods that never call themselves use lies below the check's limit.
    uint64_t limit[2];
    if (syscall6(97, 3, (long)limit, 0, 0, 0, 0) < 0 || limit[0] > LARGEST_STACK)
        limit[0] = LARGEST_STACK;
    cl_stack_limit = stack - (limit[0] - STACK_RESERVE);
    cl_Platform_Exit(cl_main());
}

__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call start\n");
