// Calls of an enclave to its monitor. Included before everything.
#pragma once
#ifndef __ASSEMBLER__
#include <stdint.h>

// What entry.S keeps of the registers at the start: the enclave's memory, what is free of it, and what is shared.
typedef struct { uint64_t memory, size, free, shared, shared_size; } EnclaveStart;
extern EnclaveStart enclave_start;
extern char cl_image_start[];

// Where the shared memory is mapped.
#define ENCLAVE_SHARED 0xffffffff80000000ull

static inline int64_t cl_MonitorCalls_Call(uint64_t function, uint64_t x0, uint64_t x1, uint64_t x2)
{
    register uint64_t a0 __asm__("a0") = x0;
    register uint64_t a1 __asm__("a1") = x1;
    register uint64_t a2 __asm__("a2") = x2;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = 0x08424b45;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
    return (int64_t)a0;
}

static inline uint64_t cl_MonitorCalls_Random(void)
{
    register uint64_t a0 __asm__("a0") = 0;
    register uint64_t a1 __asm__("a1") = 0;
    register uint64_t a6 __asm__("a6") = 3001;
    register uint64_t a7 __asm__("a7") = 0x08424b45;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
    return a1;
}

static inline char *cl_EnclaveMemory_GetShared(void) { return (char *)ENCLAVE_SHARED; }
static inline int64_t cl_EnclaveMemory_GetSharedSize(void) { return (int64_t)enclave_start.shared_size; }
static inline char *cl_EnclaveMemory_GetHeap(void) { return cl_image_start + (enclave_start.free - enclave_start.memory); }
static inline int64_t cl_EnclaveMemory_GetHeapSize(void) { return (int64_t)(enclave_start.memory + enclave_start.size - enclave_start.free); }
static inline uint64_t cl_EnclaveMemory_GetPhysical(char *place) { return (uint64_t)(place - cl_image_start) + enclave_start.memory; }
static inline uint64_t cl_EnclaveMemory_GetTime(void) { uint64_t value; __asm__ volatile("rdtime %0" : "=r"(value)); return value; }
#endif
