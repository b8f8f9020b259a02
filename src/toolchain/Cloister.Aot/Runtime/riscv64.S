// Entry of RISC-V boards without firmware: machine mode, one hart, a1 is the address of the device tree. With SUPERVISOR it drops to
// supervisor mode, to which all exceptions and all of memory are given.
    .section .text.entry, "ax"
    .globl _start
_start:
    csrr t0, mhartid
    bnez t0, park
    csrw mie, zero
    la t0, machine_trap
    csrw mtvec, t0
    la sp, cl_stack_top

    la t0, cl_bss_start
    la t1, cl_bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:
    // mstatus.FS: initial, so that floating point instructions work.
    li t0, 1 << 13
    csrs mstatus, t0
    csrw fcsr, zero
    mv s0, a1

#ifdef SUPERVISOR
    // One region of physical memory protection: everything, read, write, execute (privileged architecture, section 3.7).
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    li t0, -1
    csrw medeleg, t0
    csrw mideleg, t0
    csrw mcounteren, t0
    csrw satp, zero
    li t0, 3 << 11
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    la t0, supervisor
    csrw mepc, t0
    mret
supervisor:
    csrw sie, zero
    la t0, supervisor_trap
    csrw stvec, t0
#endif

    mv a0, s0
    call cl_bare_start

park:
    wfi
    j park

    .balign 4
machine_trap:
    csrr a0, mcause
    csrr a2, mepc
    csrr a3, mtval
    li a1, 3
    la sp, cl_trap_stack_top
    call cl_bare_trap

#ifdef SUPERVISOR
    .balign 4
supervisor_trap:
    csrr a0, scause
    csrr a2, sepc
    csrr a3, stval
    li a1, 1
    la sp, cl_trap_stack_top
    call cl_bare_trap
#endif
