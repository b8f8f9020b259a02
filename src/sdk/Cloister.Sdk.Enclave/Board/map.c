// Page tables (privileged architecture, 4.4: Sv39): the enclave's memory where it is linked, the shared memory at its own place. Runs before they are
// on, so it uses its arguments, enclave_start and the stack alone.
#include "cloister.h"

enum { VALID = 1, READ = 2, WRITE = 4, EXECUTE = 8, ACCESSED = 64, DIRTY = 128 };
EnclaveStart enclave_start;

static uint64_t *take(void)
{
    uint64_t *table = (uint64_t *)enclave_start.free;
    enclave_start.free += 4096;
    for (int i = 0; i < 512; i++)
        table[i] = 0;
    return table;
}

static void map(uint64_t *root, uint64_t place, uint64_t physical, uint64_t size, uint64_t rights)
{
    for (uint64_t done = 0; done < size; done += 4096) {
        uint64_t *table = root;
        for (int shift = 30; shift > 12; shift -= 9) {
            uint64_t *entry = &table[(place + done) >> shift & 511];
            if (*entry == 0)
                *entry = (uint64_t)take() >> 12 << 10 | VALID;
            table = (uint64_t *)(*entry >> 10 << 12);
        }
        table[(place + done) >> 12 & 511] = (physical + done) >> 12 << 10 | rights | VALID | ACCESSED | DIRTY;
    }
}

uint64_t enclave_map(void)
{
    extern const uint64_t enclave_linked;
    uint64_t *root = take();
    map(root, enclave_linked, enclave_start.memory, enclave_start.size, READ | WRITE | EXECUTE);
    map(root, ENCLAVE_SHARED, enclave_start.shared, enclave_start.shared_size, READ | WRITE);
    return (uint64_t)root >> 12 | 8ull << 60;
}

extern char cl_stack_bottom[], cl_stack_top[];

__attribute__((noreturn)) void enclave_main(void)
{
    cl_stack_base = cl_stack_top;
    cl_stack_limit = cl_stack_bottom + (cl_stack_top - cl_stack_bottom) / 4;
    cl_Platform_Exit(cl_main());
    for (;;)
        ;
}
