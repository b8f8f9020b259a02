// What the kernel's C# needs of the monitor below an enclave. Included before everything, in C and assembly.
#pragma once
#include "../../Cloister.Platform.Paged/Cpu/RiscV64/Machine/board.h"

// Keystone's calls: extension, and the one that ends the enclave.
#define MONITOR 0x08424b45
#define MONITOR_EXIT 3006

#ifndef __ASSEMBLER__
extern char enclave_start[];
static inline char *cl_MonitorCalls_GetStart(void) { return enclave_start; }

static inline int64_t cl_MonitorCalls_Call(uint64_t function, uint64_t first, uint64_t second, uint64_t third)
{
    register uint64_t a0 __asm__("a0") = first;
    register uint64_t a1 __asm__("a1") = second;
    register uint64_t a2 __asm__("a2") = third;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = MONITOR;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return (int64_t)a0;
}

static inline uint64_t cl_MonitorCalls_Random(void)
{
    register uint64_t a0 __asm__("a0") = 0;
    register uint64_t a1 __asm__("a1") = 0;
    register uint64_t a6 __asm__("a6") = 3001;
    register uint64_t a7 __asm__("a7") = MONITOR;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
    return a1;
}
#endif
