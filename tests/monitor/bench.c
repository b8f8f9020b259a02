// What the monitor's work costs, in instructions: with QEMU's option -icount the cycle counter counts them exactly, whatever else the machine does.
// It uses only what the stock monitor has too, so both can be compared.
#include "kernel.h"

enum { ROUNDS = 64 };

static uint64_t cycles(void)
{
    uint64_t value;
    __asm__ volatile("csrr %0, cycle" : "=r"(value));
    return value;
}

static void print_cost(const char *name, uint64_t value)
{
    print("cost ");
    print(name);
    print(" ");
    print_number(value);
    print("\n");
}

// The least of many: an interrupt now and then isn't what is asked for.
static void firmware_costs(void)
{
    uint64_t call = ~0ul, timer = ~0ul, interrupt = ~0ul, fence = ~0ul;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = cycles();
        sbi(0x10, 4, 0, 0, 0);
        uint64_t end = cycles();
        call = end - start < call ? end - start : call;
        start = cycles();
        sbi(0x54494d45, 0, ~0ul, 0, 0);
        end = cycles();
        timer = end - start < timer ? end - start : timer;
        start = cycles();
        sbi(0x52464e43, 1, 1ul << self, 0, 0);
        end = cycles();
        fence = end - start < fence ? end - start : fence;
        start = cycles();
        sbi(0x735049, 0, 1ul << self, 0, 0);
        end = cycles();
        __asm__ volatile("csrci sip, 2");
        interrupt = end - start < interrupt ? end - start : interrupt;
    }
    print_cost("base", call);
    print_cost("timer", timer);
    print_cost("fence", fence);
    print_cost("interrupt", interrupt);
}

static void switch_costs(uint64_t epm, uint64_t utm)
{
    struct enclave one;
    check_equal("create", (uint64_t)create_at(&one, epm, 0x40000, utm, 2 * PAGE).error, 0);
    check_equal("run", (uint64_t)begin(&one).error, EDGE_CALL);
    // An edge call without arguments: out of the enclave, and in again.
    uint64_t least = ~0ul;
    one.command->op = OP_STATE;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = cycles();
        result got = monitor(RESUME, one.id);
        uint64_t end = cycles();
        if (got.error == EDGE_CALL && end - start < least)
            least = end - start;
    }
    print_cost("edge-call", least);
    least = ~0ul;
    one.command->op = OP_CALL;
    one.command->a[0] = KEYSTONE, one.command->a[1] = RANDOM;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = cycles();
        result got = monitor(RESUME, one.id);
        uint64_t end = cycles();
        if (got.error == EDGE_CALL && end - start < least)
            least = end - start;
    }
    print_cost("edge-call-with-random", least);
    monitor(DESTROY, one.id);
}

// 16 MiB, of which the agent alone is measured, or all.
static void create_costs(uint64_t epm, uint64_t utm, int is_all_measured)
{
    struct create_arguments arguments;
    uint64_t size = 16ul << 20;
    arguments_of(&arguments, epm, size, utm, 2 * PAGE);
    if (is_all_measured)
        arguments.free = epm + size;
    memset((void *)epm, 0, size);
    memcpy((void *)epm, agent_start, (size_t)(agent_end - agent_start));
    uint64_t start = cycles();
    result made = monitor(CREATE, (uint64_t)&arguments);
    uint64_t end = cycles();
    check_equal("create 16 MiB", (uint64_t)made.error, 0);
    print_cost(is_all_measured ? "create-measured" : "create", end - start);
    start = cycles();
    result gone = monitor(DESTROY, made.value);
    end = cycles();
    check_equal("destroy 16 MiB", (uint64_t)gone.error, 0);
    print_cost(is_all_measured ? "destroy-measured" : "destroy", end - start);
}

void bench(void)
{
    uint64_t epm = ((uint64_t)free_start + (16ul << 20) - 1) & ~((16ul << 20) - 1), utm = epm + (32ul << 20);
    __asm__ volatile("csrw sie, zero");
    firmware_costs();
    switch_costs(epm, utm);
    create_costs(epm, utm, 0);
    create_costs(epm, utm, 1);
}
