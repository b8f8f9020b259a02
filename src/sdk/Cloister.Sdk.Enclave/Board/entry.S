// The enclave's first instructions: supervisor mode, no translation, and in registers what the monitor says of memory (docs/keystone.md).
    .section .text.entry, "ax"
    .globl _start
_start:
    la sp, cl_stack_top
    la t0, enclave_start
    sd a1, 0(t0)
    sd a2, 8(t0)
    sd a5, 16(t0)
    sd a6, 24(t0)
    sd a7, 32(t0)
    call enclave_map
    // Fetching behind this faults, because nothing is mapped where it is loaded: and the handler is where it is linked.
    la t0, 1f
    la t1, cl_image_start
    sub t0, t0, t1
    la t1, linked
    ld t1, 0(t1)
    add t0, t0, t1
    csrw stvec, t0
    sfence.vma
    csrw satp, a0
    nop
    .balign 4
1:  la sp, cl_stack_top
    la t0, trap
    csrw stvec, t0
    li t0, 1 << 13
    csrs sstatus, t0
    csrw fcsr, zero
    call enclave_main
2:  j 2b

    .balign 4
trap:
    csrr a0, scause
    csrr a2, sepc
    csrr a3, stval
    li a1, 1
    la sp, cl_trap_stack_top
    call cl_Platform_Trap
3:  j 3b

    .balign 8
    .globl enclave_linked
linked:
enclave_linked:
    .dword cl_image_start
