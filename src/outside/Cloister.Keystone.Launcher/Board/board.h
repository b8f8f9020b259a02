// A system call of Linux on riscv64. Included before everything.
#pragma once
#ifndef __ASSEMBLER__
#include <stdint.h>

static inline int64_t cl_Linux_Call(int64_t number, int64_t x0, int64_t x1, int64_t x2, int64_t x3, int64_t x4, int64_t x5)
{
    register int64_t a0 __asm__("a0") = x0;
    register int64_t a1 __asm__("a1") = x1;
    register int64_t a2 __asm__("a2") = x2;
    register int64_t a3 __asm__("a3") = x3;
    register int64_t a4 __asm__("a4") = x4;
    register int64_t a5 __asm__("a5") = x5;
    register int64_t a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return a0;
}
#endif
