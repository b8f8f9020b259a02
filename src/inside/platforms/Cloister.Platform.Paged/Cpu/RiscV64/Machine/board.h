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

#ifndef __ASSEMBLER__
#include <stdint.h>

// MachineState in C#: what the boot loader left, and what entry code tells the kernel.
typedef struct { uint64_t information, pending, processor, numbers[29]; } Machine;
extern Machine machine;

static inline char *cl_CpuInstructions_GetMachine(void) { return (char *)&machine; }
extern char cl_image_start[], cl_image_end[], cl_constants_start[], cl_data_start[], cl_stack_bottom[], spare_tables[];
static inline char *cl_CpuInstructions_GetImageStart(void) { return cl_image_start; }
static inline char *cl_CpuInstructions_GetConstants(void) { return cl_constants_start; }
static inline char *cl_CpuInstructions_GetData(void) { return cl_data_start; }
static inline char *cl_CpuInstructions_GetStackBottom(void) { return cl_stack_bottom; }
static inline char *cl_CpuInstructions_GetSpareTables(void) { return spare_tables; }
static inline char *cl_CpuInstructions_GetImageEnd(void) { return cl_image_end; }
static inline uint64_t cl_CpuInstructions_GetLinearStart(void) { return LINEAR; }
static inline uint64_t cl_CpuInstructions_ReadCounter(void) { uint64_t value; __asm__ volatile("rdtime %0" : "=r"(value)); return value; }
static inline uint64_t cl_CpuInstructions_ReadRoot(void) { uint64_t value; __asm__ volatile("csrr %0, satp" : "=r"(value)); return value; }
static inline void cl_CpuInstructions_WriteRoot(uint64_t value)
{ __asm__ volatile("csrw satp, %0\n\tsfence.vma\n\tfence.i" : : "r"(value) : "memory"); }
static inline void cl_CpuInstructions_ForgetPage(uint64_t address) { __asm__ volatile("sfence.vma %0" : : "r"(address) : "memory"); }
static inline void cl_CpuInstructions_ForgetInstructions(void) { __asm__ volatile("fence.i" : : : "memory"); }
static inline uint8_t cl_CpuInstructions_Read8(char *place) { return *(volatile uint8_t *)place; }
static inline void cl_CpuInstructions_Write8(char *place, uint8_t value) { *(volatile uint8_t *)place = value; }
static inline uint32_t cl_CpuInstructions_Read32(char *place) { return *(volatile uint32_t *)place; }
static inline void cl_CpuInstructions_Write32(char *place, uint32_t value) { *(volatile uint32_t *)place = value; }
static inline void cl_CpuInstructions_Pause(void) { __asm__ volatile("nop"); }

// Interrupts are never taken in the kernel (sstatus.SIE is 0): it asks which ones wait. WFI ends for those all the same.
static inline void cl_CpuInstructions_WaitForInterrupt(void) { __asm__ volatile("wfi" : : : "memory"); }
static inline uint64_t cl_CpuInstructions_TakeInterrupts(void)
{
    uint64_t pending;
    __asm__ volatile("csrr %0, sip" : "=r"(pending));
    return (pending >> 5 & 1) | (pending >> 9 & 1) << 1;
}

static inline void cl_CpuInstructions_ClearPage(char *page)
{
    uint64_t *words = (uint64_t *)page;
    for (int i = 0; i < 512; i += 8)
        words[i] = words[i + 1] = words[i + 2] = words[i + 3] = words[i + 4] = words[i + 5] = words[i + 6] = words[i + 7] = 0;
}
static inline void cl_CpuInstructions_CopyPage(char *to, char *from)
{
    uint64_t *target = (uint64_t *)to, *source = (uint64_t *)from;
    for (int i = 0; i < 512; i += 4) {
        uint64_t a = source[i], b = source[i + 1], c = source[i + 2], d = source[i + 3];
        target[i] = a, target[i + 1] = b, target[i + 2] = c, target[i + 3] = d;
    }
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

// Methods of the scheduler, Cloister.Runtime.KernelScheduler.
void cl_KernelScheduler_SetIdle(void *action);
uint8_t cl_KernelScheduler_Block(int64_t deadline);
void cl_KernelScheduler_Wake(void *thread);
uint8_t cl_KernelScheduler_HasReady(void);
int64_t cl_KernelScheduler_NextDeadline(void);
#endif
