// The way into user mode and back: EnterUser returns at the next trap of the program, on the stack on which it was called.
    .section .text.user, "ax"
    .globl cl_X64Instructions_EnterUser
cl_X64Instructions_EnterUser:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, kernel_stack(%rip)
    mov %rdi, current(%rip)
    mov BLOCK_FS_BASE(%rdi), %rax
    wrfsbase %rax
    mov BLOCK_GS_BASE(%rdi), %rax
    wrgsbase %rax
    cmpl $0, BLOCK_LOADS_ALL(%rdi)
    jne 1f

    // Back from a system call: RCX and R11 are lost anyway.
    mov BLOCK_RIP(%rdi), %rcx
    mov BLOCK_RFLAGS(%rdi), %r11
    mov (%rdi), %rax
    mov 8(%rdi), %rbx
    mov 24(%rdi), %rdx
    mov 32(%rdi), %rsi
    mov 48(%rdi), %rbp
    mov 64(%rdi), %r8
    mov 72(%rdi), %r9
    mov 80(%rdi), %r10
    mov 96(%rdi), %r12
    mov 104(%rdi), %r13
    mov 112(%rdi), %r14
    mov 120(%rdi), %r15
    mov 56(%rdi), %rsp
    mov 40(%rdi), %rdi
    sysretq

1:  pushq $USER_DATA_SELECTOR
    pushq 56(%rdi)
    pushq BLOCK_RFLAGS(%rdi)
    pushq $USER_CODE_SELECTOR
    pushq BLOCK_RIP(%rdi)
    mov (%rdi), %rax
    mov 8(%rdi), %rbx
    mov 16(%rdi), %rcx
    mov 24(%rdi), %rdx
    mov 32(%rdi), %rsi
    mov 48(%rdi), %rbp
    mov 64(%rdi), %r8
    mov 72(%rdi), %r9
    mov 80(%rdi), %r10
    mov 88(%rdi), %r11
    mov 96(%rdi), %r12
    mov 104(%rdi), %r13
    mov 112(%rdi), %r14
    mov 120(%rdi), %r15
    mov 40(%rdi), %rdi
    iretq

// SYSCALL: RCX is the instruction pointer, R11 the flags. The block serves as stack pointer, so that no register is needed; interrupts are off.
    .globl system_call
system_call:
    mov %rsp, user_stack(%rip)
    mov current(%rip), %rsp
    mov %rax, (%rsp)
    mov %rbx, 8(%rsp)
    mov %rcx, 16(%rsp)
    mov %rdx, 24(%rsp)
    mov %rsi, 32(%rsp)
    mov %rdi, 40(%rsp)
    mov %rbp, 48(%rsp)
    mov %r8, 64(%rsp)
    mov %r9, 72(%rsp)
    mov %r10, 80(%rsp)
    mov %r11, 88(%rsp)
    mov %r12, 96(%rsp)
    mov %r13, 104(%rsp)
    mov %r14, 112(%rsp)
    mov %r15, 120(%rsp)
    mov %rcx, BLOCK_RIP(%rsp)
    mov %r11, BLOCK_RFLAGS(%rsp)
    mov user_stack(%rip), %rax
    mov %rax, 56(%rsp)
    rdfsbase %rax
    mov %rax, BLOCK_FS_BASE(%rsp)
    rdgsbase %rax
    mov %rax, BLOCK_GS_BASE(%rsp)
    movq $TRAP_SYSTEM_CALL, BLOCK_TRAP(%rsp)
    movq $0, BLOCK_LOADS_ALL(%rsp)
    jmp leave

// The processor pushes an error code for vectors 8, 10 to 14, 17, 21, 29 and 30; the others get a zero, so that all frames are alike.
    .balign 16
    .globl trap_stubs
trap_stubs:
    .set vector, 0
    .rept 256
    .balign 16
    .if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && vector != 29 && vector != 30
    push $0
    .endif
    push $vector
    jmp trap
    .set vector, vector + 1
    .endr

trap:
    // The program's direction flag, and the one that lifts SMAP, are off in the kernel.
    pushq $2
    popfq
    testb $3, 24(%rsp)
    jz of_kernel
    push %rdi
    mov current(%rip), %rdi
    mov %rax, (%rdi)
    mov %rbx, 8(%rdi)
    mov %rcx, 16(%rdi)
    mov %rdx, 24(%rdi)
    mov %rsi, 32(%rdi)
    mov %rbp, 48(%rdi)
    mov %r8, 64(%rdi)
    mov %r9, 72(%rdi)
    mov %r10, 80(%rdi)
    mov %r11, 88(%rdi)
    mov %r12, 96(%rdi)
    mov %r13, 104(%rdi)
    mov %r14, 112(%rdi)
    mov %r15, 120(%rdi)
    pop %rax
    mov %rax, 40(%rdi)
    pop %rax
    mov %rax, BLOCK_TRAP(%rdi)
    pop %rax
    mov %rax, BLOCK_ERROR(%rdi)
    pop %rax
    mov %rax, BLOCK_RIP(%rdi)
    pop %rax
    pop %rax
    mov %rax, BLOCK_RFLAGS(%rdi)
    pop %rax
    mov %rax, 56(%rdi)
    mov %cr2, %rax
    mov %rax, BLOCK_ADDRESS(%rdi)
    rdfsbase %rax
    mov %rax, BLOCK_FS_BASE(%rdi)
    rdgsbase %rax
    mov %rax, BLOCK_GS_BASE(%rdi)
    movq $1, BLOCK_LOADS_ALL(%rdi)

leave:
    mov kernel_stack(%rip), %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

// In the kernel interrupts come only where it waits for them: they are noted, and handled when it goes on. Anything else is a defect; but
// for NMIs, which nobody here sends.
of_kernel:
    cmpq $2, (%rsp)
    je 2f
    cmpq $32, (%rsp)
    jb 1f
    push %rax
    mov 8(%rsp), %rax
    sub $32, %rax
    cmp $63, %rax
    ja 3f
    lock bts %rax, machine + 8(%rip)
3:  pop %rax
2:  add $16, %rsp
    iretq
1:  mov (%rsp), %rdi
    mov 8(%rsp), %rsi
    mov 16(%rsp), %rdx
    mov %cr2, %rcx
    mov $cl_trap_stack_top, %rsp
    call kernel_trap

    .section .bss.user, "aw", @nobits
    .balign 8
kernel_stack:
    .skip 8
current:
    .skip 8
user_stack:
    .skip 8
