// Counting bits, which RV64GC has no instruction for. libgcc has these, but Debian's is for programs with floating-point registers.
#include <stdint.h>

int __popcountdi2(uint64_t value)
{
    value -= value >> 1 & 0x5555555555555555;
    value = (value & 0x3333333333333333) + (value >> 2 & 0x3333333333333333);
    value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (int)(value * 0x0101010101010101 >> 56);
}

int __ctzdi2(uint64_t value)
{
    return __popcountdi2((value & -value) - 1);
}

int __clzdi2(uint64_t value)
{
    for (int shift = 1; shift < 64; shift <<= 1)
        value |= value >> shift;
    return 64 - __popcountdi2(value);
}
