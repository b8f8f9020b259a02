// What of the processor C# has no operator for: control and status registers by number, fences, waiting. Included before everything.
#pragma once
#ifndef __ASSEMBLER__
#include <stdint.h>

// A register's number is part of the instruction, so these can't be functions.
#define cl_Csr_Read(number) ({ uint64_t value_; __asm__ volatile("csrr %0, %1" : "=r"(value_) : "i"(number) : "memory"); value_; })
#define cl_Csr_Write(number, to) __asm__ volatile("csrw %0, %1" : : "i"(number), "r"((uint64_t)(to)) : "memory")
#define cl_Csr_Swap(number, to) \
    ({ uint64_t value_; __asm__ volatile("csrrw %0, %1, %2" : "=r"(value_) : "i"(number), "r"((uint64_t)(to)) : "memory"); value_; })
#define cl_Csr_Set(number, bits) __asm__ volatile("csrs %0, %1" : : "i"(number), "r"((uint64_t)(bits)) : "memory")
#define cl_Csr_Clear(number, bits) __asm__ volatile("csrc %0, %1" : : "i"(number), "r"((uint64_t)(bits)) : "memory")

static inline void cl_Instructions_WaitForInterrupt(void) { __asm__ volatile("wfi" : : : "memory"); }
static inline void cl_Instructions_FlushTranslations(void) { __asm__ volatile("sfence.vma" : : : "memory"); }
static inline void cl_Instructions_FlushGuestTranslations(void)
{ __asm__ volatile(".insn r 0x73, 0, 0x31, x0, x0, x0\n\t.insn r 0x73, 0, 0x11, x0, x0, x0" : : : "memory"); }
static inline void cl_Instructions_FlushInstructions(void) { __asm__ volatile("fence.i" : : : "memory"); }
static inline void cl_Instructions_Fence(void) { __asm__ volatile("fence iorw, iorw" : : : "memory"); }

static inline uint8_t cl_Device_Read8(uint64_t place) { return *(volatile uint8_t *)place; }
static inline uint32_t cl_Device_Read32(uint64_t place) { return *(volatile uint32_t *)place; }
static inline uint64_t cl_Device_Read64(uint64_t place) { return *(volatile uint64_t *)place; }
static inline void cl_Device_Write8(uint64_t place, uint8_t value) { *(volatile uint8_t *)place = value; }
static inline void cl_Device_Write32(uint64_t place, uint32_t value) { *(volatile uint32_t *)place = value; }
static inline void cl_Device_Write64(uint64_t place, uint64_t value) { *(volatile uint64_t *)place = value; }

static inline int32_t cl_Shared_Or(char *place, int32_t bits) { return __atomic_fetch_or((int32_t *)place, bits, __ATOMIC_SEQ_CST); }

// entry.S: one byte at a time or eight, with the rights and the translation of the mode that called.
int32_t monitor_copy_in(char *to, uint64_t from, uint64_t count);
int32_t monitor_copy_out(uint64_t to, char *from, uint64_t count);
void monitor_save_floats(char *to);
void monitor_load_floats(char *from);
static inline int32_t cl_Native_CopyIn(char *to, uint64_t from, uint64_t count) { return monitor_copy_in(to, from, count); }
static inline int32_t cl_Native_CopyOut(uint64_t to, char *from, uint64_t count) { return monitor_copy_out(to, from, count); }
void monitor_exchange_registers(char *frame, char *from, char *to);
static inline void cl_Native_ExchangeRegisters(char *frame, char *from, char *to) { monitor_exchange_registers(frame, from, to); }
void monitor_exchange_vectors(char *from, char *to);
static inline void cl_Native_ExchangeVectors(char *from, char *to) { monitor_exchange_vectors(from, to); }
static inline void cl_Native_SaveFloats(char *to) { monitor_save_floats(to); }
static inline void cl_Native_LoadFloats(char *from) { monitor_load_floats(from); }

extern char monitor_state[], monitor_state_end[], monitor_measured_end[], monitor_secret[], cl_image_start[], monitor_vectors[];
static inline char *cl_Native_GetVectors(void) { return monitor_vectors; }
static inline char *cl_Native_GetState(void) { return monitor_state; }
static inline uint64_t cl_Native_GetStateSize(void) { return monitor_state_end - monitor_state; }
static inline char *cl_Native_GetImage(void) { return cl_image_start; }
static inline uint64_t cl_Native_GetMeasuredSize(void) { return monitor_measured_end - cl_image_start; }
static inline char *cl_Native_GetSecret(void) { return monitor_secret; }
#endif
