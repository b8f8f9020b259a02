// Entry in supervisor mode without paging: a0 is the hart, a1 the address of the device tree. From there to Sv39, with the first 128 GiB of
// physical addresses mapped at LINEAR and 32 MiB from the image's begin on at IMAGE; RiscV64ImageProtection makes the image's rights narrower.
    .set LEAF, 0xc7                 // dirty, accessed, writable, readable, valid
    .set EXECUTABLE, 8
    .set HART_STATE_EXTENSION, 0x48534d // SBI: HSM
    .set TIMER_AND_DEVICES, 1 << 5 | 1 << 9

    .section .text.entry, "ax"
    .globl _start
_start:
    // Firmware starts any hart; devices' interrupts may reach the first one only, as where QEMU has several nodes of memory. It goes on there.
    beqz a0, 1f
    mv a2, a1
    li a0, 0
    la a1, _start
    li a7, HART_STATE_EXTENSION
    li a6, 0                        // start: hart, address, what it finds in a1
    ecall
    li a6, 1                        // stop
    ecall
0:  wfi
    j 0b

1:  csrw sie, zero
    csrw sscratch, zero
    la t0, cl_bss_start
    la t1, cl_bss_end
1:  sd zero, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, 1b

    la t2, root
    la t3, image_tables
    srli t0, t3, 2
    ori t0, t0, 1
    li t1, 510 * 8
    add t1, t1, t2
    sd t0, 0(t1)

    li t0, LEAF
    li t1, 256 * 8
    add t1, t1, t2
    li t4, 128
    li t5, 1 << 28
2:  sd t0, 0(t1)
    add t0, t0, t5
    addi t1, t1, 8
    addi t4, t4, -1
    bnez t4, 2b

    la t0, cl_image_start
    srli t0, t0, 2
    ori t0, t0, LEAF | EXECUTABLE
    addi t1, t3, 8
    li t4, 16
    li t5, 1 << 19
3:  sd t0, 0(t1)
    add t0, t0, t5
    addi t1, t1, 8
    addi t4, t4, -1
    bnez t4, 3b

    // The next instruction isn't mapped where it is: the trap goes on in the upper half.
    la t0, upper_half_address
    ld t0, 0(t0)
    csrw stvec, t0
    srli t2, t2, 12
    li t0, 8 << 60
    or t2, t2, t0
    sfence.vma
    csrw satp, t2
    nop

    .balign 4
upper_half:
    la t0, trap
    csrw stvec, t0
    li t0, 1 << 1 | 1 << 18         // no interrupts in the kernel, no access to users' pages
    csrc sstatus, t0
    li t0, TIMER_AND_DEVICES
    csrw sie, t0
    la sp, cl_stack_top
    mv s0, a0
    mv a0, a1
    la t0, machine
    sd s0, 16(t0)
    call kernel_start

    .section .rodata.entry, "a"
    .balign 8
upper_half_address:
    .quad upper_half

    .section .bss.tables, "aw", @nobits
    .balign 4096
root:
    .skip 4096
image_tables:
    .skip 4096
// For RiscV64ImageProtection: one of the second level, and two of the last for each large page of the image.
    .globl spare_tables
spare_tables:
    .skip 33 * 4096
