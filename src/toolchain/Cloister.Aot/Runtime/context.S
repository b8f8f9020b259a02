// Threads: the registers that calls preserve, on the stack of the thread that doesn't run.
//   void cl_context_switch(char **save, char *load): puts the stack pointer of this thread into *save and goes on where load was saved.
//   char *cl_Scheduler_Prepare(char *top, intptr_t function): a saved stack from which a switch calls the function, which doesn't return.
    .globl cl_context_switch, cl_Scheduler_Prepare
    .section .text.cl_context, "ax"

#if defined(__x86_64__)
    // System V ABI, AMD64: rbx, rbp, r12 to r15.
cl_context_switch:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

cl_Scheduler_Prepare:
    // At the call below, the stack pointer is to be a multiple of 16.
    lea -72(%rdi), %rax
    movq $0, (%rax)
    movq $0, 8(%rax)
    movq $0, 16(%rax)
    movq $0, 24(%rax)
    movq $0, 32(%rax)
    mov %rsi, 40(%rax)              // rbx
    lea first(%rip), %rcx
    mov %rcx, 48(%rax)
    ret

first:
    call *%rbx
    ud2

#elif defined(__riscv)
    // RISC-V calling convention, LP64D: s0 to s11, fs0 to fs11; LP64, without floating point, has only the first.
    .macro each operation, float
    \operation ra, 0(sp)
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    \operation s\number, 8 + 8 * \number(sp)
#ifdef __riscv_float_abi_double
    \float fs\number, 104 + 8 * \number(sp)
#endif
    .endr
    .endm

cl_context_switch:
    addi sp, sp, -208
    each sd, fsd
    sd sp, 0(a0)
    mv sp, a1
    each ld, fld
    addi sp, sp, 208
    ret

cl_Scheduler_Prepare:
    addi a0, a0, -208
    la t0, first
    sd t0, 0(a0)
    sd a1, 8(a0)                    // s0
    .set place, 16
    .rept 24
    sd zero, place(a0)
    .set place, place + 8
    .endr
    sd zero, 104(a0)
    ret

first:
    jalr s0
    ebreak

#elif defined(__aarch64__)
    // Procedure call standard, AAPCS64: x19 to x29, and the lower halves of v8 to v15.
cl_context_switch:
    sub sp, sp, #160
    stp x19, x20, [sp]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x2, sp
    str x2, [x0]
    mov sp, x1
    ldp x19, x20, [sp]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret

cl_Scheduler_Prepare:
    sub x0, x0, #160
    mov x2, x0
    add x3, x0, #160
1:  stp xzr, xzr, [x2], #16
    cmp x2, x3
    b.lo 1b
    str x1, [x0]                    // x19
    adr x2, first
    str x2, [x0, #88]               // x30
    ret

first:
    blr x19
    brk #0
#endif
