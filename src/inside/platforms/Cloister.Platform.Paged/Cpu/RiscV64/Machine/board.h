// What the kernel's C# needs of a RISC-V that C# has no words for. Included before everything, in C and assembly.
#pragma once

// Where memory is mapped in order of its physical addresses, and where the image is linked and loaded.
#define LINEAR 0xffffffc000000000
#define IMAGE 0xffffffff80200000
#define IMAGE_PHYSICAL 0x80200000

// Offsets of RiscV64UserBlock in C#, which begins with pc and x1 to x31.
#define BLOCK_STATUS 256
#define BLOCK_CAUSE 264
#define BLOCK_VALUE 272
#define BLOCK_KERNEL_STACK 280

// sstatus.FS.
#define STATUS_FLOATS 0x6000

#include "../../kernel.h"

#ifndef __ASSEMBLER__
#include <stdint.h>

static inline uint64_t cl_CpuInstructions_ReadCounter(void) { uint64_t value; __asm__ volatile("rdtime %0" : "=r"(value)); return value; }
static inline uint64_t cl_CpuInstructions_ReadRoot(void) { uint64_t value; __asm__ volatile("csrr %0, satp" : "=r"(value)); return value; }
static inline void cl_CpuInstructions_WriteRoot(uint64_t value)
{ __asm__ volatile("csrw satp, %0\n\tsfence.vma\n\tfence.i" : : "r"(value) : "memory"); }
static inline void cl_CpuInstructions_ForgetPage(uint64_t address) { __asm__ volatile("sfence.vma %0" : : "r"(address) : "memory"); }
static inline void cl_CpuInstructions_ForgetInstructions(void) { __asm__ volatile("fence.i" : : : "memory"); }
static inline void cl_CpuInstructions_Pause(void) { __asm__ volatile("nop"); }

// Interrupts are never taken in the kernel (sstatus.SIE is 0): it asks which ones wait. WFI ends for those all the same.
static inline void cl_CpuInstructions_WaitForInterrupt(void) { __asm__ volatile("wfi" : : : "memory"); }
static inline uint64_t cl_CpuInstructions_TakeInterrupts(void)
{
    uint64_t pending;
    __asm__ volatile("csrr %0, sip" : "=r"(pending));
    return (pending >> 5 & 1) | (pending >> 9 & 1) << 1;
}

static inline uint64_t cl_RiscV64Instructions_ReadStatus(void) { uint64_t value; __asm__ volatile("csrr %0, sstatus" : "=r"(value)); return value; }

// SBI: extension and function in a7 and a6; an error comes back in a0, a value in a1.
static inline int64_t cl_RiscV64Instructions_CallFirmware(uint64_t extension, uint64_t function, uint64_t first, uint64_t second)
{
    register uint64_t a0 __asm__("a0") = first;
    register uint64_t a1 __asm__("a1") = second;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
    return (int64_t)a0;
}

// user.S: runs the program of a block until its next trap; floating-point registers, of 33 words.
void cl_RiscV64Instructions_EnterUser(char *block);
void cl_RiscV64Instructions_SaveFloats(char *area);
void cl_RiscV64Instructions_LoadFloats(char *area);
#endif
