// From entry code to the kernel's Main.
#include "cloister.h"

extern char cl_stack_top[];
Machine machine;

// What methods that never call themselves may use below the limit.
enum { STACK_RESERVE = 64 * 1024 };

__attribute__((noreturn)) void kernel_start(char *information)
{
    machine.information = (uint64_t)information;
    cl_stack_base = cl_stack_top;
    cl_stack_limit = cl_stack_bottom + STACK_RESERVE;
    cl_Platform_Start(information);
    cl_Platform_Exit(cl_main());
    for (;;)
        ;
}

// A trap of the kernel itself. A trap in its report ends the machine without another.
__attribute__((noreturn)) void kernel_trap(uintptr_t cause, uintptr_t detail, uintptr_t counter, uintptr_t address)
{
    static int depth;
    if (depth++ == 0)
        cl_Platform_Trap(cause, detail, counter, address);
    if (depth++ < 3)
        cl_Platform_Exit(133);
    for (;;)
        ;
}
