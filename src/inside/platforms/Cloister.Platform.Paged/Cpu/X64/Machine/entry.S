// Entry by the PVH protocol: 32-bit protected mode without paging, ebx is the address of the start structure. From there to long mode, with the
// first 4 GiB mapped at LINEAR (the last of them, where devices are, without caching), and the first GiB again at IMAGE.
    .set MEMORY_RANGES, 128
    .set PRESENT_WRITABLE, 3
    .set LARGE, 0x83
    .set UNCACHED, 0x18

    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 8, 18                  // XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad _start - IMAGE

    .section .text.entry, "ax"
    .code32
    .globl _start
_start:
    cli
    cld
    mov $cl_bss_start - IMAGE, %edi
    mov $cl_bss_end - IMAGE, %ecx
    sub %edi, %ecx
    shr $2, %ecx
    xor %eax, %eax
    rep stosl

    mov %ebx, %esi
    mov $information - IMAGE, %edi
    mov $14, %ecx
    rep movsl
    mov information - IMAGE + 48, %eax
    cmp $MEMORY_RANGES, %eax
    jbe 1f
    mov $MEMORY_RANGES, %eax
1:  mov %eax, information - IMAGE + 48
    mov information - IMAGE + 40, %esi
    mov $ranges - IMAGE, %edi
    imul $6, %eax, %ecx
    rep movsl

    // The identity map, for the instructions up to the jump to the upper half, is the linear map's.
    movl $pointers - IMAGE + PRESENT_WRITABLE, level4 - IMAGE
    movl $pointers - IMAGE + PRESENT_WRITABLE, level4 - IMAGE + 256 * 8
    movl $image_pointers - IMAGE + PRESENT_WRITABLE, level4 - IMAGE + 511 * 8
    movl $level2 - IMAGE + PRESENT_WRITABLE, image_pointers - IMAGE + 510 * 8
    mov $level2 - IMAGE + PRESENT_WRITABLE, %eax
    xor %ecx, %ecx
2:  mov %eax, pointers - IMAGE(, %ecx, 8)
    add $4096, %eax
    inc %ecx
    cmp $4, %ecx
    jb 2b
    xor %ecx, %ecx
3:  mov %ecx, %eax
    shl $21, %eax
    or $LARGE, %eax
    cmp $1536, %ecx
    jb 4f
    or $UNCACHED, %eax
4:  mov %eax, level2 - IMAGE(, %ecx, 8)
    inc %ecx
    cmp $2048, %ecx
    jb 3b

    mov %cr4, %eax
    or $0x620, %eax                 // PAE, OSFXSR, OSXMMEXCPT
    mov %eax, %cr4
    mov $level4 - IMAGE, %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx           // EFER: SCE, LME, NXE
    rdmsr
    or $0x901, %eax
    wrmsr
    mov %cr0, %eax
    and $~0xc, %eax                 // no EM, no TS
    or $0x80010023, %eax            // paging, write protection, NE, MP, PE
    mov %eax, %cr0
    lgdt low_descriptors_pointer - IMAGE
    ljmp $CODE_SELECTOR, $long_mode - IMAGE

    .code64
long_mode:
    movabs $upper_half, %rax
    jmp *%rax
upper_half:
    movabs $descriptors_pointer, %rax
    lgdt (%rax)
    movq $0, level4(%rip)
    mov $level4 - IMAGE, %eax
    mov %rax, %cr3
    mov $DATA_SELECTOR, %eax
    mov %ax, %ss
    xor %eax, %eax
    mov %ax, %ds
    mov %ax, %es
    mov %eax, %fs
    mov %eax, %gs
    mov $cl_stack_top, %rsp

    // The task state segment: traps of user mode come on the trap stack, from which their registers are taken at once; double faults, NMIs and
    // machine checks on one of their own.
    movq $user_trap_stack_top, task + 4
    movq $cl_trap_stack_top, task + 36
    movw $104, task + 102
    mov $task, %rax
    mov %ax, descriptors + TASK_SELECTOR + 2
    shr $16, %rax
    mov %al, descriptors + TASK_SELECTOR + 4
    mov %ah, descriptors + TASK_SELECTOR + 7
    shr $16, %rax
    mov %eax, descriptors + TASK_SELECTOR + 8
    mov $TASK_SELECTOR, %eax
    ltr %ax

    mov $gates, %rdi
    mov $trap_stubs, %rax
    xor %ecx, %ecx
5:  mov %ax, (%rdi)
    movw $CODE_SELECTOR, 2(%rdi)
    movw $0x8e00, 4(%rdi)
    cmp $3, %ecx                    // programs may use INT3
    jne 6f
    movw $0xee00, 4(%rdi)
6:  cmp $2, %ecx
    je 7f
    cmp $8, %ecx
    je 7f
    cmp $18, %ecx
    jne 8f
7:  movb $1, 4(%rdi)
8:  mov %rax, %rdx
    shr $16, %rdx
    mov %dx, 6(%rdi)
    shr $16, %rdx
    mov %edx, 8(%rdi)
    add $16, %rdi
    add $16, %rax
    inc %ecx
    cmp $256, %ecx
    jb 5b
    lidt gates_pointer

    // SYSCALL: STAR, LSTAR, and in FMASK the flags TF, IF, DF, IOPL, NT, RF, AC.
    mov $0xc0000081, %ecx
    xor %eax, %eax
    mov $0x00230000 | CODE_SELECTOR, %edx
    wrmsr
    mov $0xc0000082, %ecx
    mov $system_call, %rax
    mov %rax, %rdx
    shr $32, %rdx
    wrmsr
    mov $0xc0000084, %ecx
    mov $0x00057700, %eax
    xor %edx, %edx
    wrmsr

    mov $information, %rdi
    xor %ebp, %ebp
    call kernel_start

    .section .data.descriptors, "aw"
    .balign 16
descriptors:
    .quad 0, 0
    .quad 0x00209a0000000000        // kernel's code
    .quad 0x0000920000000000        // kernel's data
    .quad 0                         // user code of 32 bits, which SYSRET counts from: there is none
    .quad 0x0000f20000000000        // user data
    .quad 0x0020fa0000000000        // user code
    .quad 0x0000890000000067, 0     // task state; its address is filled in above
descriptors_end:
descriptors_pointer:
    .word descriptors_end - descriptors - 1
    .quad descriptors
low_descriptors_pointer:
    .word descriptors_end - descriptors - 1
    .quad descriptors - IMAGE
gates_pointer:
    .word 256 * 16 - 1
    .quad gates

    .section .bss.tables, "aw", @nobits
    .balign 4096
level4:
    .skip 4096
pointers:
    .skip 4096
image_pointers:
    .skip 4096
level2:
    .skip 4 * 4096
// For X64ImageProtection: one of the second level, and two of the first for each large page of the image.
    .globl spare_tables
spare_tables:
    .skip 33 * 4096
gates:
    .skip 256 * 16
task:
    .skip 112
information:
    .skip 56
    .balign 8
    .globl machine_ranges
machine_ranges:
ranges:
    .skip MEMORY_RANGES * 24
    .balign 16
    .skip 512
user_trap_stack_top:
