// Calls with random arguments, from the host and from enclaves. The monitor checks its invariants after each, and ends the machine where one breaks.
#include "kernel.h"

static uint64_t state = 0x2545f4914f6cdd1d;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static uint64_t number(void)
{
    static const uint64_t edges[] = { 0, 1, 2, 8, 15, 16, PAGE, 2 * PAGE, ~0ul, ~0ul - 1, MONITOR, MONITOR + 0x200000 - 8, 0x10000000, 1ul << 63 };
    uint64_t choice = next() % 8, base = (uint64_t)free_start;
    if (choice < 3)
        return edges[next() % (sizeof edges / sizeof *edges)];
    if (choice < 6)
        return base + next() % 64 * PAGE + (next() % 8 == 0 ? next() % PAGE : 0);
    return choice == 6 ? next() % 20 : next();
}

static uint64_t function(void)
{
    static const uint64_t functions[] = {
        CREATE, CREATE, CREATE, DESTROY, RUN, RUN, RESUME, RANDOM, ATTEST, SEAL, STOP, PLUGIN, 3005, 2004, 4001, 0
    };
    return next() % 32 == 0 ? next() % 5000 : functions[next() % (sizeof functions / sizeof *functions)];
}

// A call of the firmware, but none that would end the machine, stop this hart, or write random memory to the console.
static void call_firmware(void)
{
    static const uint64_t extensions[] = { 0x10, 0x54494d45, 0x735049, 0x52464e43, 0x48534d, 0x4442434e, 2, 0x53555350, 0x504d55 };
    uint64_t extension = extensions[next() % (sizeof extensions / sizeof *extensions)], call = next() % 8;
    uint64_t a0 = number(), a1 = number(), a2 = number();
    if (extension == 0x48534d && call == 1)
        call = 2;
    if (extension == 0x4442434e && call != 1)
        call = 1, a1 = MONITOR + a1 % 0x200000;
    sbi(extension, call, a0, a1, a2);
}

void fuzz_tests(uint64_t count)
{
    struct create_arguments *arguments = (struct create_arguments *)(memory_end - (4ul << 20));
    uint64_t spare = memory_end - (2ul << 20);
    if (count == 0)
        return;
    struct enclave agent;
    if (create_at(&agent, spare - 0x40000, 0x20000, spare, PAGE).error || begin(&agent).error != EDGE_CALL) {
        check("the fuzzing enclave runs", 0);
        return;
    }
    for (uint64_t i = 0; i < count; i++) {
        if (next() % 3 == 0) {
            // A timer that is pending would send the enclave back before its first instruction.
            no_limit();
            result got = agent_call(&agent, next() % 8 ? KEYSTONE : next() % 16, function(), number(), number(), number());
            // It may have stopped or exited by such a call; only an exit is final, and then there is a new one.
            if (got.error == 0 && monitor(RESUME, agent.id).error == NOT_RESUMABLE) {
                monitor(DESTROY, agent.id);
                create_at(&agent, spare - 0x40000, 0x20000, spare, PAGE);
                begin(&agent);
            }
            continue;
        }
        if (next() % 8 == 0) {
            call_firmware();
            continue;
        }
        uint64_t call = function(), a0 = number();
        if (call == CREATE && next() % 4) {
            for (int field = 0; field < 8; field++)
                ((uint64_t *)arguments)[field] = number();
            if (next() % 2) {
                arguments->epm &= ~(PAGE - 1);
                arguments->epm_size = (1 + next() % 8) * PAGE;
                arguments->utm &= ~(PAGE - 1);
                arguments->utm_size = (1 + next() % 2) * PAGE;
                arguments->runtime = arguments->epm;
                arguments->user = arguments->epm;
                arguments->free = arguments->epm + arguments->epm_size;
            }
            a0 = (uint64_t)arguments;
        }
        if ((call == RUN || call == RESUME || call == DESTROY) && next() % 4)
            a0 = next() % 16;
        if (a0 == agent.id && (call == DESTROY || call == RESUME || call == RUN))
            continue;
        // What runs is memory full of zeros, which traps for ever: the timer gets the hart back.
        limit(2000);
        sbi(KEYSTONE, call, a0, number(), number());
    }
    no_limit();
    check("the machine is sane after the fuzz", perform(&agent, OP_STATE, 0, 0, 0).error == EDGE_CALL);
    print("fuzzed ");
    print_number(count);
    print("\n");
}
