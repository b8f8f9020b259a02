// An enclave's first instructions: supervisor mode without paging, and in registers what the monitor says of memory. Then as in every machine of
// this processor: the first instruction of its entry follows here.
    .section .text.entry, "ax"
    .globl _start
_start:
    // The image is mapped in large pages, so it has to begin with one.
    slli t0, a1, 64 - 21
    beqz t0, 1f
    li a0, 1
    li a6, MONITOR_EXIT
    li a7, MONITOR
    ecall
1:  la t0, enclave_start
    sd a1, 0(t0)
    sd a2, 8(t0)
    sd a3, 16(t0)
    sd a4, 24(t0)
    sd a5, 32(t0)
    sd a6, 40(t0)
    sd a7, 48(t0)

    // Not among the variables that the machine's entry zeroes.
    .section .data.enclave, "aw"
    .balign 8
    .globl enclave_start
enclave_start:
    .skip 56

#define _start machine_start
#include "../../Cloister.Platform.Paged/Cpu/RiscV64/Machine/entry.S"
