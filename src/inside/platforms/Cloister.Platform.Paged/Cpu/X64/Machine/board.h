// What the kernel's C# needs of an x86-64 that C# has no words for. Included before everything, in C and assembly.
#pragma once

// Where memory is mapped in order of its physical addresses, and where the image is linked.
#define LINEAR 0xffff800000000000
#define IMAGE 0xffffffff80000000

// Offsets of UserBlock (X64UserBlock in C#), which begins with X64Registers.
#define BLOCK_RIP 128
#define BLOCK_RFLAGS 136
#define BLOCK_FS_BASE 144
#define BLOCK_GS_BASE 152
#define BLOCK_TRAP 160
#define BLOCK_ERROR 168
#define BLOCK_ADDRESS 176
#define BLOCK_LOADS_ALL 184
#define TRAP_SYSTEM_CALL 256

#define CODE_SELECTOR 0x10
#define DATA_SELECTOR 0x18
#define USER_DATA_SELECTOR 0x2b
#define USER_CODE_SELECTOR 0x33
#define TASK_SELECTOR 0x38

#include "../../kernel.h"

#ifndef __ASSEMBLER__
#include <stdint.h>

static inline uint64_t cl_CpuInstructions_ReadCounter(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}
static inline uint64_t cl_X64Instructions_ReadRegister(uint32_t number)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
    return (uint64_t)high << 32 | low;
}
static inline void cl_X64Instructions_WriteRegister(uint32_t number, uint64_t value)
{ __asm__ volatile("wrmsr" : : "c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory"); }
static inline uint64_t cl_X64Instructions_ReadControl4(void) { uint64_t value; __asm__ volatile("mov %%cr4, %0" : "=r"(value)); return value; }
static inline void cl_X64Instructions_WriteControl4(uint64_t value) { __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory"); }
static inline uint64_t cl_CpuInstructions_ReadRoot(void) { uint64_t value; __asm__ volatile("mov %%cr3, %0" : "=r"(value)); return value; }
static inline void cl_CpuInstructions_WriteRoot(uint64_t value) { __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory"); }
static inline void cl_CpuInstructions_ForgetPage(uint64_t address) { __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory"); }
static inline void cl_X64Instructions_SetComponents(uint64_t value)
{ __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))); }
static inline void cl_X64Instructions_SaveVectors(char *area) { __asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory"); }
static inline void cl_X64Instructions_LoadVectors(char *area) { __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory"); }
static inline void cl_X64Instructions_Identify(uint32_t leaf, uint32_t part, char *result)
{
    uint32_t *words = (uint32_t *)result;
    __asm__ volatile("cpuid" : "=a"(words[0]), "=b"(words[1]), "=c"(words[2]), "=d"(words[3]) : "a"(leaf), "c"(part));
}
static inline uint8_t cl_X64Instructions_In8(uint16_t port) { uint8_t value; __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port)); return value; }
static inline void cl_X64Instructions_Out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory"); }
static inline void cl_CpuInstructions_ForgetInstructions(void) { }
static inline void cl_CpuInstructions_Pause(void) { __asm__ volatile("pause"); }

// Interrupts arrive after the instruction behind STI: a wake-up can't come before HLT and be lost.
static inline void cl_CpuInstructions_WaitForInterrupt(void) { __asm__ volatile("sti; hlt; cli" : : : "memory"); }
static inline uint64_t cl_CpuInstructions_TakeInterrupts(void)
{
    __asm__ volatile("sti; nop; cli" : : : "memory");
    uint64_t pending = machine.pending;
    machine.pending = 0;
    return pending;
}

// Fills its 8 bytes; whether the processor had some.
static inline uint8_t cl_X64Instructions_Random(char *value)
{
    uint8_t valid;
    __asm__ volatile("rdrand %0; setc %1" : "=r"(*(uint64_t *)value), "=qm"(valid));
    return valid;
}

// Enters user mode with the registers of a block; returns at the next trap, which is described there. user.S.
void cl_X64Instructions_EnterUser(char *block);
#endif
