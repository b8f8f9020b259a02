// The test's kernel: calls of the SBI and of the monitor, enclaves, and checks that print a line each.
#pragma once
#include <stddef.h>
#include "protocol.h"

#define KEYSTONE 0x08424b45ul
enum { CREATE = 2001, DESTROY = 2002, RUN = 2003, RESUME = 2005, RANDOM = 3001, ATTEST = 3002, SEAL = 3003, STOP = 3004, EXIT = 3006, PLUGIN = 4000 };
enum {
    INVALID_ID = 100001, INTERRUPTED, PMP_FAILURE, NOT_DESTROYABLE = 100005, OVERLAPS, NOT_ACCESSIBLE, ILLEGAL_ARGUMENT, NOT_RUNNING, NOT_RESUMABLE,
    EDGE_CALL, NO_FREE_RESOURCE = 100013, PROHIBITED, NOT_FRESH = 100016, DEPRECATED = 100099, NOT_IMPLEMENTED = 100100
};
#define MONITOR 0x80000000ul
#define PAGE 4096ul

typedef struct { long error; uint64_t value; } result;
result sbi(uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1, uint64_t a2);
static inline result monitor(uint64_t function, uint64_t a0) { return sbi(KEYSTONE, function, a0, 0, 0); }

uint64_t try_read(uint64_t address, uint64_t *value);
uint64_t try_write(uint64_t address, uint64_t value);
uint64_t try_fetch(uint64_t address);
uint64_t try_exchange(uint64_t address, uint64_t value);
uint64_t try_hypervisor(void);
uint64_t try_vectors(uint64_t bits);

void print(const char *text);
void print_number(uint64_t value);
void print_bytes(const char *name, const void *bytes, size_t count);
void check(const char *name, int holds);
void check_equal(const char *name, uint64_t value, uint64_t wanted);

struct create_arguments { uint64_t epm, epm_size, utm, utm_size, runtime, user, free, free_requested; };
struct enclave { uint64_t id, epm, size, utm; struct command *command; };

extern char free_start[], agent_start[], agent_end[];
extern volatile uint64_t interrupts;
extern uint64_t memory_end, hart_count, self, other;

// The host's timer comes after some time: what an enclave does ends then.
void limit(uint64_t ticks);
void no_limit(void);

void *memset(void *, int, size_t);
void *memcpy(void *, const void *, size_t);
int memcmp(const void *, const void *, size_t);

// An enclave with the agent; the result is that of the call.
result create_at(struct enclave *enclave, uint64_t epm, uint64_t size, uint64_t utm, uint64_t utm_size);
void arguments_of(struct create_arguments *arguments, uint64_t epm, uint64_t size, uint64_t utm, uint64_t utm_size);
// Runs until the agent waits for commands.
result begin(struct enclave *enclave);
// Has the agent do something; interrupts on the way are resumed.
result perform(struct enclave *enclave, uint64_t op, uint64_t a0, uint64_t a1, uint64_t a2);
result agent_call(struct enclave *enclave, uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1, uint64_t a2);

void firmware_tests(void);
void life_cycle_tests(void);
void attack_tests(void);
void attestation_tests(void);
void hart_tests(void);
void fuzz_tests(uint64_t count);
void bench(void);
