// The way into user mode and back: EnterUser returns at the next trap of the program, on the stack on which it was called. While the program
// runs sscratch is its block, else 0.
    .section .text.user, "ax"

    .macro saved operation
    \operation ra, 0(sp)
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    \operation s\number, 8 + 8 * \number(sp)
    .endr
    .endm

    // All of the program's but zero and a0.
    .macro program operation
    .irp number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \operation x\number, 8 * \number(a0)
    .endr
    .endm

    .globl cl_RiscV64Instructions_EnterUser
cl_RiscV64Instructions_EnterUser:
    addi sp, sp, -112
    saved sd
    sd sp, BLOCK_KERNEL_STACK(a0)
    csrw sscratch, a0
    ld t0, 0(a0)
    csrw sepc, t0
    ld t0, BLOCK_STATUS(a0)
    csrw sstatus, t0
    program ld
    ld a0, 80(a0)
    sret

    .balign 4
    .globl trap
trap:
    csrrw a0, sscratch, a0
    beqz a0, of_kernel
    program sd
    csrr t0, sscratch
    sd t0, 80(a0)
    csrw sscratch, zero
    csrr t0, sepc
    sd t0, 0(a0)
    csrr t0, sstatus
    sd t0, BLOCK_STATUS(a0)
    csrr t0, scause
    sd t0, BLOCK_CAUSE(a0)
    csrr t0, stval
    sd t0, BLOCK_VALUE(a0)
    ld sp, BLOCK_KERNEL_STACK(a0)
    saved ld
    addi sp, sp, 112
    ret

// A defect of the kernel: it takes no interrupts.
of_kernel:
    csrr a0, scause
    li a1, 0
    csrr a2, sepc
    csrr a3, stval
    la sp, cl_trap_stack_top
    call kernel_trap

    .option push
    .option arch, +d
    .macro floats operation
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \operation f\number, 8 * \number(a0)
    .endr
    .endm

    .globl cl_RiscV64Instructions_SaveFloats
cl_RiscV64Instructions_SaveFloats:
    li t0, STATUS_FLOATS
    csrs sstatus, t0
    floats fsd
    frcsr t1
    sd t1, 256(a0)
    csrc sstatus, t0
    ret

    .globl cl_RiscV64Instructions_LoadFloats
cl_RiscV64Instructions_LoadFloats:
    li t0, STATUS_FLOATS
    csrs sstatus, t0
    floats fld
    ld t1, 256(a0)
    fscsr t1
    csrc sstatus, t0
    ret
    .option pop
