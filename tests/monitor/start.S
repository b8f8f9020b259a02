// Entry of the test's kernel: hart and device tree in a0 and a1. Further harts come in at follow, with their function in a1.
    .section .text.entry, "ax"
    .globl _start, follow, try_read, try_write, try_fetch, try_hypervisor
_start:
    la t0, bss_start
    la t1, bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  la t0, kernel_main
    mv s1, a1
    j 3f
follow:
    mv t0, a1
3:  la sp, stacks_end
    slli t1, a0, 14
    sub sp, sp, t1
    mv tp, a0
    la t1, trap
    csrw stvec, t1
    li t1, 3 << 13
    csrs sstatus, t1
    mv a1, s1
    jalr t0
4:  wfi
    j 4b

    // Faults return to who tried; interrupts are counted, and their enable bits go off.
    .balign 4
trap:
    csrrw t6, sscratch, t6
    csrr t6, scause
    bltz t6, 1f
    mv a0, t6
    csrw sepc, s11
    sret
1:  addi sp, sp, -16
    sd t5, 0(sp)
    la t6, interrupts
    li t5, 1
    amoadd.d zero, t5, (t6)
    ld t5, 0(sp)
    addi sp, sp, 16
    li t6, 0x222
    csrc sie, t6
    li t6, 0x2
    csrc sip, t6
    csrrw t6, sscratch, t6
    sret

    // uint64_t try_read(uint64_t address, uint64_t *value): 0 or the fault's cause.
    .macro attempt name, instruction, next
\name:
    addi sp, sp, -16
    sd s11, 0(sp)
    sd ra, 8(sp)
    la s11, 1f
    mv t0, a0
    \instruction
    \next
    li a0, 0
1:  ld s11, 0(sp)
    ld ra, 8(sp)
    addi sp, sp, 16
    ret
    .endm
    attempt try_read, "ld t1, 0(t0)", "sd t1, 0(a1)"
    attempt try_write, "sd a1, 0(t0)"
    attempt try_fetch, "jalr t0"
    .globl try_exchange
    attempt try_exchange, "amoswap.d t1, a1, (t0)"
    // 0 where there are registers of the hypervisor extension.
    attempt try_hypervisor, "csrw 0x240, zero"
    // 0 where there are vectors; the argument is the bit that puts them on.
    .globl try_vectors
    attempt try_vectors, "csrs sstatus, t0", "csrr t1, vlenb"
