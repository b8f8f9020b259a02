// The platform: all that a program needs of the machine below it. On Linux it is C (linux-x86_64.c); on a board it is a C# class of
// Cloister.CoreLib/Boards, whose methods the compiler gives these names. None of them throws or allocates.
#pragma once
#include <stdint.h>

// Writes bytes to the console; returns when they are on their way.
void cl_Platform_Write(char *bytes, int32_t count);

// The same for reports of what went wrong: standard error on Linux, the console on boards.
void cl_Platform_WriteError(char *bytes, int32_t count);

// Ends the program. Zero is success.
void cl_Platform_Exit(int32_t status);

// Memory for the heap. It need not be zero. Size in bytes.
char *cl_Platform_get_HeapStart(void);
intptr_t cl_Platform_get_HeapSize(void);

// Waits, at most that many nanoseconds; it may return at once.
void cl_Platform_Pause(int64_t nanoseconds);

// Nanoseconds since some moment; never goes backwards.
int64_t cl_Platform_get_Time(void);

// Boards only. Start is called once, before everything else, with what the boot loader left: a device tree or a PVH start structure.
void cl_Platform_Start(char *information);

// Boards only. A trap that nobody expects: its cause as the processor tells it, where, and the address that was used. Doesn't return.
void cl_Platform_Trap(uintptr_t cause, uintptr_t detail, uintptr_t counter, uintptr_t address);

// The stack: its end, and the address below which methods that call themselves refuse to go on. Entry code sets both.
extern char *cl_stack_base;
extern char *cl_stack_limit;

// The arguments of Main, zero-terminated. Entry code sets them; boards have none.
extern int32_t cl_argument_count;
extern char **cl_arguments;

// What the compiler writes: runs the program, gives its exit status.
int32_t cl_main(void);
