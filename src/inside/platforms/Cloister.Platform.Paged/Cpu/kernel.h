// What the kernel's C# needs of every processor: a board's header has the rest, and LINEAR, and includes this.
#pragma once

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
static inline uint8_t cl_CpuInstructions_Read8(char *place) { return *(volatile uint8_t *)place; }
static inline void cl_CpuInstructions_Write8(char *place, uint8_t value) { *(volatile uint8_t *)place = value; }
static inline uint32_t cl_CpuInstructions_Read32(char *place) { return *(volatile uint32_t *)place; }
static inline void cl_CpuInstructions_Write32(char *place, uint32_t value) { *(volatile uint32_t *)place = value; }

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

// Methods of the scheduler, Cloister.Runtime.KernelScheduler.
void cl_KernelScheduler_SetIdle(void *action);
uint8_t cl_KernelScheduler_Block(int64_t deadline);
void cl_KernelScheduler_Wake(void *thread);
uint8_t cl_KernelScheduler_HasReady(void);
int64_t cl_KernelScheduler_NextDeadline(void);
#endif
