// From a board's entry code to the program.
#include "cloister.h"

// Set by the linker script.
extern char cl_stack_bottom[], cl_stack_top[];

// What methods that never call themselves may use below the limit, and the report of the overflow with it.
enum { STACK_RESERVE = 64 * 1024 };

__attribute__((noreturn)) void cl_bare_start(char *information)
{
    cl_stack_base = cl_stack_top;
    cl_stack_limit = cl_stack_bottom + STACK_RESERVE;
    if (cl_stack_limit > cl_stack_top)
        cl_stack_limit = cl_stack_bottom;
    cl_Platform_Start(information);
    cl_Platform_Exit(cl_main());
    for (;;)
        ;
}

// Entry code calls this on a stack of its own. A trap in the report of a trap ends the program without another.
__attribute__((noreturn)) void cl_bare_trap(uintptr_t cause, uintptr_t detail, uintptr_t counter, uintptr_t address)
{
    static int depth;
    if (depth++ == 0)
        cl_Platform_Trap(cause, detail, counter, address);
    if (depth++ < 3)
        cl_Platform_Exit(133);
    for (;;)
        ;
}
