// Entry of AArch64 boards without firmware, at exception level 1, 2 or 3: one core, translation with the identity map (without it all memory
// would be device memory, on which unaligned accesses fault), floating point on.
    .section .text.entry, "ax"
    .globl _start
_start:
    mrs x1, mpidr_el1
    and x1, x1, #0xffffff
    cbnz x1, park

    // QEMU leaves the device tree at the start of memory where the image is no Linux kernel.
    cbnz x0, 1f
    mov x0, #0x40000000
1:  mov x19, x0
    ldr x0, =cl_stack_top
    mov sp, x0

    ldr x0, =cl_bss_start
    ldr x1, =cl_bss_end
2:  cmp x0, x1
    b.hs 3f
    str xzr, [x0], #8
    b 2b
3:
    ldr x0, =vectors
    ldr x1, =level1
    mov x2, #0xff                   // MAIR: attribute 0 normal, 1 device
    mrs x3, CurrentEL
    cmp x3, #(3 << 2)
    b.eq level_3
    cmp x3, #(2 << 2)
    b.eq level_2

    // TCR_EL1: 39 bits, 4 KiB granule, inner shareable, write back, no TTBR1, 40 bits physical.
    ldr x4, =(25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 2 << 32)
    msr vbar_el1, x0
    msr mair_el1, x2
    msr tcr_el1, x4
    msr ttbr0_el1, x1
    mov x4, #(3 << 20)
    msr cpacr_el1, x4
    tlbi vmalle1
    dsb sy
    isb
    mrs x4, sctlr_el1
    ldr x5, =(1 | 1 << 2 | 1 << 12)
    orr x4, x4, x5
    bic x4, x4, #2                  // no alignment check
    msr sctlr_el1, x4
    b ready

level_2:
    ldr x4, =(25 | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | 1 << 23 | 1 << 31)
    msr vbar_el2, x0
    msr mair_el2, x2
    msr tcr_el2, x4
    msr ttbr0_el2, x1
    mov x4, #0x33ff                 // reserved bits; TFP clear
    msr cptr_el2, x4
    tlbi alle2
    dsb sy
    isb
    mrs x4, sctlr_el2
    ldr x5, =(1 | 1 << 2 | 1 << 12)
    orr x4, x4, x5
    bic x4, x4, #2
    msr sctlr_el2, x4
    b ready

level_3:
    ldr x4, =(25 | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | 1 << 23 | 1 << 31)
    msr vbar_el3, x0
    msr mair_el3, x2
    msr tcr_el3, x4
    msr ttbr0_el3, x1
    msr cptr_el3, xzr
    tlbi alle3
    dsb sy
    isb
    mrs x4, sctlr_el3
    ldr x5, =(1 | 1 << 2 | 1 << 12)
    orr x4, x4, x5
    bic x4, x4, #2
    msr sctlr_el3, x4

ready:
    isb
    mov x0, x19
    bl cl_bare_start

park:
    wfe
    b park

trap:
    ldr x4, =cl_trap_stack_top
    mov sp, x4
    mrs x4, CurrentEL
    lsr x1, x4, #2
    cmp x1, #3
    b.eq 3f
    cmp x1, #2
    b.eq 2f
    mrs x0, esr_el1
    mrs x2, elr_el1
    mrs x3, far_el1
    b cl_bare_trap
2:  mrs x0, esr_el2
    mrs x2, elr_el2
    mrs x3, far_el2
    b cl_bare_trap
3:  mrs x0, esr_el3
    mrs x2, elr_el3
    mrs x3, far_el3
    b cl_bare_trap

    .balign 2048
vectors:
    .rept 16
    b trap
    .balign 128
    .endr

// The identity map: devices below 1 GiB, but not the first 2 MiB, so that a null pointer traps; memory above.
    .section .rodata.tables, "a"
    .balign 4096
level1:
    .quad level2 + 3
    .set index, 1
    .rept 511
    .quad (index << 30) | 0x701     // block, accessed, inner shareable, attribute 0
    .set index, index + 1
    .endr
level2:
    .quad 0
    .set index, 1
    .rept 511
    .quad (index << 21) | 0x60000000000405  // block, accessed, attribute 1, not executable
    .set index, index + 1
    .endr
