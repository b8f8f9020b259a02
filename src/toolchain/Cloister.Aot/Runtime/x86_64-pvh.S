// Entry by the PVH protocol: 32-bit protected mode without paging, ebx is the address of the start structure. From there to long mode with the
// first 4 GiB mapped to themselves, but for page 0, so that a null pointer traps; the last GiB, where devices are, without caching.
    .set MEMORY_RANGES, 128

    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 8, 18                  // XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad _start

    .section .text.entry, "ax"
    .code32
    .globl _start
_start:
    cli
    cld
    mov $cl_bss_start, %edi
    mov $cl_bss_end, %ecx
    sub %edi, %ecx
    shr $2, %ecx
    xor %eax, %eax
    rep stosl

    // The start structure and its map of memory may lie in page 0, which is about to go away.
    mov %ebx, %esi
    mov $information, %edi
    mov $14, %ecx
    rep movsl
    mov information + 48, %eax
    cmp $MEMORY_RANGES, %eax
    jbe 1f
    mov $MEMORY_RANGES, %eax
1:  mov %eax, information + 48
    mov information + 40, %esi
    mov $ranges, %edi
    movl $ranges, information + 40
    imul $6, %eax, %ecx
    rep movsl

    movl $pointers + 3, level4
    movl $level2 + 3, pointers
    movl $level2 + 0x1003, pointers + 8
    movl $level2 + 0x2003, pointers + 16
    movl $level2 + 0x3003, pointers + 24
    xor %ecx, %ecx
1:  mov %ecx, %eax
    shl $21, %eax
    or $0x83, %eax
    cmp $1536, %ecx
    jb 2f
    or $0x18, %eax
2:  mov %eax, level2(, %ecx, 8)
    inc %ecx
    cmp $2048, %ecx
    jb 1b
    mov $1, %ecx
3:  mov %ecx, %eax
    shl $12, %eax
    or $3, %eax
    mov %eax, level1(, %ecx, 8)
    inc %ecx
    cmp $512, %ecx
    jb 3b
    movl $level1 + 3, level2

    mov %cr4, %eax
    or $0x620, %eax                 // PAE, OSFXSR, OSXMMEXCPT
    mov %eax, %cr4
    mov $level4, %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx           // EFER.LME
    rdmsr
    or $0x100, %eax
    wrmsr
    mov %cr0, %eax
    and $~0xc, %eax                 // no EM, no TS
    or $0x80010003, %eax            // paging, write protection, MP, PE
    mov %eax, %cr0
    lgdt descriptors_pointer
    ljmp $8, $long_mode

    .code64
long_mode:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    mov $cl_stack_top, %rsp

    // Traps: a gate for each of the 32 exceptions, all on the trap stack by entry 1 of the task state segment's stack table.
    movq $cl_trap_stack_top, task + 36
    movw $104, task + 102
    mov $task, %rax
    mov %ax, descriptors + 26
    shr $16, %rax
    mov %al, descriptors + 28
    mov %ah, descriptors + 31
    mov $24, %eax
    ltr %ax
    mov $gates, %rdi
    mov $stubs, %rax
    mov $32, %ecx
4:  mov %ax, (%rdi)
    movw $8, 2(%rdi)
    movw $0x8e01, 4(%rdi)
    mov %rax, %rdx
    shr $16, %rdx
    mov %dx, 6(%rdi)
    add $16, %rdi
    add $16, %rax
    dec %ecx
    jnz 4b
    lidt gates_pointer

    movl $0x1f80, -8(%rsp)
    ldmxcsr -8(%rsp)
    fninit
    mov $information, %rdi
    xor %ebp, %ebp
    call cl_bare_start

// The processor pushes an error code for vectors 8, 10 to 14, 17, 21, 29 and 30; the others get a zero, so that all frames are alike.
    .balign 16
stubs:
    .set vector, 0
    .rept 32
    .balign 16
    .if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && vector != 29 && vector != 30
    push $0
    .endif
    push $vector
    jmp trap
    .set vector, vector + 1
    .endr
trap:
    mov 0(%rsp), %rdi
    mov 8(%rsp), %rsi
    mov 16(%rsp), %rdx
    mov %cr2, %rcx
    and $-16, %rsp
    call cl_bare_trap

    .section .data.descriptors, "aw"
    .balign 16
descriptors:
    .quad 0
    .quad 0x00209a0000000000        // code, 64 bits
    .quad 0x0000920000000000        // data
    .quad 0x0000890000000067, 0     // task state; its address is filled in above
descriptors_pointer:
    .word . - descriptors - 1
    .quad descriptors
gates_pointer:
    .word 32 * 16 - 1
    .quad gates

    .section .bss.tables, "aw", @nobits
    .balign 4096
level4:
    .skip 4096
pointers:
    .skip 4096
level2:
    .skip 4 * 4096
level1:
    .skip 4096
gates:
    .skip 32 * 16
task:
    .skip 112
information:
    .skip 56
    .balign 8
ranges:
    .skip MEMORY_RANGES * 24
