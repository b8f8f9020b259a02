// Entry of the harts, traps, and copies with the rights of who called. Everything else is C#.
//
// Every hart has a stack; at its top lies the frame, in which a trap saves all registers: Cloister.Monitor.TrapFrame is the same in C#. mscratch
// holds the frame's address. Interrupts are off in machine mode.
    .set HARTS, 8
    .set FRAME, 288
    .set PROGRAM_COUNTER, 256
    .set STATUS, 264
    .set FRAME_HART, 0
    .set ENCLAVES, 16
    .set VECTORS, 32 * 128

    // Cloister.Monitor.Machine; a test compares the sizes.
    .set STATE_SIZE, 32768
    .set MSTATUS_VS, 3 << 9
    .set MSTATUS_FS, 3 << 13
    .set MSTATUS_MPP, 3 << 11
    .set MSTATUS_MPRV, 1 << 17

    .section .text.entry, "ax"
    .globl _start
_start:
    csrw mie, zero
    csrw mideleg, zero
    csrr s0, mhartid
    li t0, HARTS
    bgeu s0, t0, park
    la t0, trap
    csrw mtvec, t0

    // Hart n has the nth part of the stacks, from the top.
    la t0, cl_stack_size_of_hart
    ld t0, 0(t0)
    mul t0, t0, s0
    la sp, cl_stack_top
    sub sp, sp, t0
    addi sp, sp, -FRAME
    csrw mscratch, sp

    // The first that comes boots the machine; the others wait until it has.
    la t0, boot_ticket
    li t1, 1
    amoswap.w.aqrl t1, t1, (t0)
    bnez t1, follow

    la t0, cl_bss_start
    la t1, cl_bss_end
1:  bgeu t0, t1, 2f
    sd zero, 0(t0)
    addi t0, t0, 8
    j 1b
2:  la t0, monitor_state
    sd a1, 0(t0)
    sd a2, 8(t0)
    la t0, cl_stack_base
    la t1, cl_stack_top
    sd t1, 0(t0)
    la t0, cl_stack_limit
    la t1, cl_stack_bottom
    sd t1, 0(t0)
    sd s0, FRAME_HART(sp)
    call cl_main
    la t0, boot_done
    li t1, 1
    fence rw, rw
    sw t1, 0(t0)
    mv a0, sp
    la a1, monitor_state
    call monitor_start_host
    j leave

follow:
    la t0, boot_done
1:  lw t1, 0(t0)
    beqz t1, 1b
    fence rw, rw
    sd s0, FRAME_HART(sp)
    mv a0, sp
    la a1, monitor_state
    call monitor_wait_for_start
    j leave

park:
    wfi
    j park

    .balign 4
trap:
    csrrw sp, mscratch, sp
    sd x1, 8(sp)
    .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\n, 8 * \n (sp)
    .endr
    csrrw t0, mscratch, sp
    sd t0, 16(sp)
    csrr t1, mepc
    sd t1, PROGRAM_COUNTER(sp)
    csrr t2, mstatus
    sd t2, STATUS(sp)
    // A trap of the monitor itself is a defect of it. Its registers have overwritten the frame, which nobody needs any more.
    li t3, MSTATUS_MPP
    and t2, t2, t3
    mv a0, sp
    la a1, monitor_state
    beq t2, t3, 1f
    call monitor_trap
leave:
    ld t0, PROGRAM_COUNTER(sp)
    csrw mepc, t0
    ld t0, STATUS(sp)
    csrw mstatus, t0
    ld x1, 8(sp)
    .irp n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld x\n, 8 * \n (sp)
    .endr
    ld sp, 16(sp)
    mret
1:  call monitor_failed
    j park

// Copies with the caller's rights: mstatus.MPRV makes loads or stores those of the mode that trapped (privileged architecture, 3.1.6.3), so that
// page tables and physical memory protection decide. A fault ends the copy; the result is then 1. Eight steps between two changes of MPRV.
    .macro both instruction, place, size
    .irp n, 0,1,2,3,4,5,6,7
    .if \n == 0
    \instruction a3, \size * \n (\place)
    .elseif \n == 1
    \instruction a4, \size * \n (\place)
    .elseif \n == 2
    \instruction a5, \size * \n (\place)
    .elseif \n == 3
    \instruction a6, \size * \n (\place)
    .elseif \n == 4
    \instruction a7, \size * \n (\place)
    .elseif \n == 5
    \instruction t3, \size * \n (\place)
    .elseif \n == 6
    \instruction t4, \size * \n (\place)
    .else
    \instruction t5, \size * \n (\place)
    .endif
    .endr
    .endm

    .macro step load, store, size, isin
    .if \isin
    csrs mstatus, t0
    both \load, a1, \size
    csrc mstatus, t0
    both \store, a0, \size
    .else
    both \load, a1, \size
    csrs mstatus, t0
    both \store, a0, \size
    csrc mstatus, t0
    .endif
    .endm

    .macro copy name, isin
    .globl \name
\name:
    la t1, copy_failed
    csrrw t1, mtvec, t1
    li t0, MSTATUS_MPRV
    or t2, a0, a1
    andi t2, t2, 7
    bnez t2, 2f
1:  addi t2, a2, -64
    bltz t2, 2f
    step ld, sd, 8, \isin
    addi a0, a0, 64
    addi a1, a1, 64
    mv a2, t2
    j 1b
2:  addi t2, a2, -8
    bltz t2, 3f
    step lb, sb, 1, \isin
    addi a0, a0, 8
    addi a1, a1, 8
    mv a2, t2
    j 2b
3:  beqz a2, 4f
    .if \isin
    csrs mstatus, t0
    lb a3, 0(a1)
    csrc mstatus, t0
    sb a3, 0(a0)
    .else
    lb a3, 0(a1)
    csrs mstatus, t0
    sb a3, 0(a0)
    csrc mstatus, t0
    .endif
    addi a0, a0, 1
    addi a1, a1, 1
    addi a2, a2, -1
    j 3b
4:  csrw mtvec, t1
    li a0, 0
    ret
    .endm

    .section .text.copy, "ax"
    copy monitor_copy_in, 1
    copy monitor_copy_out, 0
    .balign 4
copy_failed:
    csrc mstatus, t0
    // The trap has put machine mode into MPP; who called was in supervisor mode.
    li t0, MSTATUS_MPP
    csrc mstatus, t0
    li t0, 1 << 11
    csrs mstatus, t0
    csrw mtvec, t1
    li a0, 1
    ret

// The registers 1 to 31 of a frame go to one world, and those of another come from it. The place of register 0 in the frame is the hart's number.
    .globl monitor_exchange_registers
monitor_exchange_registers:
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld t0, 8 * \n (a0)
    ld t1, 8 * \n (a2)
    sd t0, 8 * \n (a1)
    sd t1, 8 * \n (a0)
    .endr
    ret

// Floating point: 32 registers and fcsr. The monitor uses none itself.
    .globl monitor_save_floats, monitor_load_floats
monitor_save_floats:
    li t0, MSTATUS_FS
    csrs mstatus, t0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd f\n, 8 * \n (a0)
    .endr
    frcsr t1
    sd t1, 256(a0)
    csrc mstatus, t0
    ret
monitor_load_floats:
    li t0, MSTATUS_FS
    csrs mstatus, t0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld f\n, 8 * \n (a0)
    .endr
    ld t1, 256(a0)
    fscsr t1
    csrc mstatus, t0
    ret

// Vectors: 32 registers of up to 128 bytes, from v0 on; behind their room vstart, vcsr, vl, vtype. Moves of whole registers need neither of the last
// two (vector extension 1.0, 7.9), but vstart has to be zero.
    .option push
    .option arch, +v
    .globl monitor_exchange_vectors
monitor_exchange_vectors:
    li t0, MSTATUS_VS
    csrs mstatus, t0
    csrr t1, vlenb
    slli t1, t1, 3
    li t2, VECTORS
    add t3, a0, t2
    add t4, a1, t2
    csrrw t2, vstart, zero
    sd t2, 0(t3)
    csrr t2, vcsr
    sd t2, 8(t3)
    csrr t2, vl
    sd t2, 16(t3)
    csrr t2, vtype
    sd t2, 24(t3)
    .irp n, 0,8,16,24
    vs8r.v v\n, (a0)
    vl8re8.v v\n, (a1)
    add a0, a0, t1
    add a1, a1, t1
    .endr
    ld t1, 16(t4)
    ld t2, 24(t4)
    vsetvl zero, t1, t2
    ld t2, 8(t4)
    csrw vcsr, t2
    ld t2, 0(t4)
    csrw vstart, t2
    csrc mstatus, t0
    ret
    .option pop

    .section .rodata.entry, "a"
    .balign 8
cl_stack_size_of_hart:
    .dword monitor_hart_stack

    .section .boot, "aw"
    .balign 8
boot_ticket:
    .word 0
boot_done:
    .word 0
    // The simulated device's secret: the seed of its key. A device would have it in fuses that only the first stage can read.
    .globl monitor_secret
monitor_secret:
    .ascii "Cloister simulated device key 01"

    .section .bss.state, "aw", @nobits
    .balign 64
    .globl monitor_state, monitor_state_end
monitor_state:
    .space STATE_SIZE
monitor_state_end:
    // Of the host on each hart, then of each enclave.
    .globl monitor_vectors
monitor_vectors:
    .space (HARTS + ENCLAVES) * (VECTORS + 32)
