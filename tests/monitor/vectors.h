// All vector registers, for kernel and agent; the processor has them where the extension V is. The compiler uses none itself.
#pragma once
#include <stdint.h>

#define VECTORS(text) ".option push\n\t.option arch, +v\n\t" text "\n\t.option pop"

static inline void fill_vectors(uint64_t value)
{
    __asm__ volatile("csrs sstatus, %0" : : "r"(3ul << 9));
    __asm__ volatile(VECTORS("vsetvli t0, zero, e64, m8, ta, ma\n\t"
        "vmv.v.x v0, %0\n\tvmv.v.x v8, %0\n\tvmv.v.x v16, %0\n\tvmv.v.x v24, %0\n\tcsrwi vcsr, 1") : : "r"(value) : "t0");
}

// All bits that are set in any element, and in vcsr.
static inline uint64_t sum_vectors(void)
{
    uint64_t sum, flags, one;
    __asm__ volatile("csrs sstatus, %0" : : "r"(3ul << 9));
    __asm__ volatile(VECTORS("csrr %1, vcsr\n\tvsetvli t0, zero, e64, m8, ta, ma\n\tli %0, 0\n\tmv t1, t0\n"
        "1:\tvmv.x.s %2, v0\n\tor %0, %0, %2\n\tvmv.x.s %2, v8\n\tor %0, %0, %2\n\tvmv.x.s %2, v16\n\tor %0, %0, %2\n\t"
        "vmv.x.s %2, v24\n\tor %0, %0, %2\n\tvslide1down.vx v0, v0, %2\n\tvslide1down.vx v8, v8, %2\n\tvslide1down.vx v16, v16, %2\n\t"
        "vslide1down.vx v24, v24, %2\n\taddi t1, t1, -1\n\tbnez t1, 1b")
        : "=&r"(sum), "=&r"(flags), "=&r"(one) : : "t0", "t1");
    return sum | flags;
}
