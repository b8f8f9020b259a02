// From Linux' entry to the program: the number of arguments lies at the stack's end, their addresses behind it (System V ABI).
#include "cloister.h"

// As much as Linux gives by default, without what methods that never call themselves use below the check's limit.
enum { STACK = 8 << 20, STACK_RESERVE = 256 << 10 };

__attribute__((used, noreturn)) static void start(char *stack)
{
    int64_t count = *(int64_t *)stack;
    cl_stack_base = stack;
    cl_stack_limit = stack - (STACK - STACK_RESERVE);
    cl_argument_count = (int32_t)(count > 0 ? count - 1 : 0);
    cl_arguments = (char **)stack + 2;
    cl_Platform_Exit(cl_main());
    for (;;)
        ;
}

__asm__(".globl _start\n_start:\n  mv a0, sp\n  andi sp, sp, -16\n  mv fp, zero\n  call start\n");
