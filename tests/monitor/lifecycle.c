// Create, run, stop, resume, exit, destroy: each call in each state, and arguments that can't be.
#include "kernel.h"

static uint64_t create_raw(uint64_t epm, uint64_t size, uint64_t utm, uint64_t utm_size, int64_t runtime, int64_t user, int64_t end)
{
    struct create_arguments arguments = { epm, size, utm, utm_size, epm + (uint64_t)runtime, epm + (uint64_t)user, epm + (uint64_t)end, 0 };
    return (uint64_t)monitor(CREATE, (uint64_t)&arguments).error;
}

static void arguments_tests(uint64_t epm, uint64_t utm)
{
    struct create_arguments *there = (struct create_arguments *)(utm + 4);
    check_equal("create: arguments of the monitor", (uint64_t)monitor(CREATE, MONITOR).error, NOT_ACCESSIBLE);
    check_equal("create: arguments nowhere", (uint64_t)monitor(CREATE, 0x1000000).error, NOT_ACCESSIBLE);
    check_equal("create: arguments that end in the monitor", (uint64_t)monitor(CREATE, MONITOR - 8).error, NOT_ACCESSIBLE);
    arguments_of(there, epm, 0, utm, PAGE);
    check_equal("create: arguments at any address", (uint64_t)monitor(CREATE, (uint64_t)there).error, ILLEGAL_ARGUMENT);
    check_equal("create: empty memory", create_raw(epm, 0, utm, PAGE, 0, 0, 0), ILLEGAL_ARGUMENT);
    check_equal("create: empty shared memory", create_raw(epm, 4 * PAGE, utm, 0, PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: memory wraps", create_raw(epm, 0ul - PAGE, utm, PAGE, PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: shared memory wraps", create_raw(epm, 4 * PAGE, utm, ~0ul, PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: half a page", create_raw(epm + 8, 4 * PAGE, utm, PAGE, PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: half a page shared", create_raw(epm, 4 * PAGE, utm, 2048, PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: parts out of order", create_raw(epm, 4 * PAGE, utm, PAGE, 2 * PAGE, PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: a part outside", create_raw(epm, 4 * PAGE, utm, PAGE, PAGE, 2 * PAGE, 5 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: a part before", create_raw(epm, 4 * PAGE, utm, PAGE, -(int64_t)PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: a part of half a page", create_raw(epm, 4 * PAGE, utm, PAGE, PAGE, 2 * PAGE, 3 * PAGE + 8), ILLEGAL_ARGUMENT);
    check_equal("create: the monitor", create_raw(MONITOR, 4 * PAGE, utm, PAGE, PAGE, 2 * PAGE, 3 * PAGE), OVERLAPS);
    check_equal("create: shares the monitor", create_raw(epm, 4 * PAGE, MONITOR, PAGE, PAGE, 2 * PAGE, 3 * PAGE), OVERLAPS);
    check_equal("create: a device", create_raw(0x10000000, 4 * PAGE, utm, PAGE, PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: behind memory", create_raw(memory_end + (1ul << 32), 4 * PAGE, utm, PAGE, PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: memory ends at zero", create_raw(0ul - 4 * PAGE, 4 * PAGE, utm, PAGE, PAGE, 2 * PAGE, 3 * PAGE), ILLEGAL_ARGUMENT);
    check_equal("create: a page and a half", create_raw(epm, PAGE + 2048, utm, PAGE, 0, 0, 0), ILLEGAL_ARGUMENT);
    check_equal("create: ends in the monitor", create_raw(MONITOR - PAGE, 2 * PAGE, utm, PAGE, 0, 0, 0), ILLEGAL_ARGUMENT);
    check_equal("create: begins in the monitor", create_raw(0x80200000 - PAGE, 2 * PAGE, utm, PAGE, 0, 0, 0), OVERLAPS);
    check_equal("create: ends behind memory", create_raw(memory_end - PAGE, 2 * PAGE, utm, PAGE, 0, 0, 0), ILLEGAL_ARGUMENT);
    check_equal("create: shares what is behind memory", create_raw(epm, 2 * PAGE, memory_end, PAGE, 0, 0, 0), ILLEGAL_ARGUMENT);
    check_equal("create: all memory", create_raw(MONITOR, memory_end - MONITOR, utm, PAGE, 0, 0, 0), OVERLAPS);
    check_equal("create: shares itself", create_raw(epm, 4 * PAGE, epm + PAGE, PAGE, PAGE, 2 * PAGE, 3 * PAGE), OVERLAPS);
}

static void states_tests(uint64_t epm, uint64_t utm)
{
    struct enclave one, two;
    check_equal("run: no enclave", (uint64_t)monitor(RUN, 0).error, INVALID_ID);
    check_equal("resume: no enclave", (uint64_t)monitor(RESUME, 15).error, INVALID_ID);
    check_equal("destroy: no enclave", (uint64_t)monitor(DESTROY, 3).error, INVALID_ID);
    check_equal("run: no number", (uint64_t)monitor(RUN, 16).error, INVALID_ID);
    check_equal("destroy: no number", (uint64_t)monitor(DESTROY, ~0ul).error, INVALID_ID);

    check_equal("create", (uint64_t)create_at(&one, epm, 0x40000, utm, PAGE).error, 0);
    check_equal("the shared memory is zero", one.command->op | one.command->ticks, 0);
    check_equal("the same memory again", (uint64_t)create_raw(epm, 0x40000, utm + PAGE, PAGE, PAGE, 2 * PAGE, 3 * PAGE), OVERLAPS);
    check_equal("a part of the same memory", (uint64_t)create_raw(epm + PAGE, 4 * PAGE, utm + PAGE, PAGE, PAGE, 2 * PAGE, 3 * PAGE), OVERLAPS);
    check_equal("the same shared memory", (uint64_t)create_raw(epm + 0x40000, 4 * PAGE, utm, PAGE, PAGE, 2 * PAGE, 3 * PAGE), OVERLAPS);
    check_equal("shares another's memory", (uint64_t)create_raw(epm + 0x40000, 4 * PAGE, epm, PAGE, PAGE, 2 * PAGE, 3 * PAGE), OVERLAPS);
    check_equal("around the same memory", create_raw(epm - PAGE, 0x42000, utm + PAGE, PAGE, 0, 0, 0), OVERLAPS);
    check_equal("up to the same memory and one page", create_raw(epm - PAGE, 2 * PAGE, utm + PAGE, PAGE, 0, 0, 0), OVERLAPS);
    check_equal("another's shared memory", create_raw(utm - PAGE, 2 * PAGE, utm + PAGE, PAGE, 0, 0, 0), OVERLAPS);
    check_equal("shares up to another's memory and one page", create_raw(epm + 0x40000, PAGE, epm - PAGE, 2 * PAGE, 0, 0, 0), OVERLAPS);
    check_equal("resume: fresh", (uint64_t)monitor(RESUME, one.id).error, NOT_RESUMABLE);
    check_equal("run", (uint64_t)begin(&one).error, EDGE_CALL);
    uint64_t image = (uint64_t)(agent_end - agent_start);
    uint64_t wanted[] = { 0, epm, 0x40000, epm + image, epm + image + PAGE, epm + image + 2 * PAGE, utm, PAGE };
    check("registers at entry", !memcmp(one.command->entry, wanted, sizeof wanted));
    check_equal("other registers at entry are zero", one.command->result, 5);
    check_equal("status at entry", one.command->value & ~(3ul << 32), 0);
    check_equal("run: stopped", (uint64_t)monitor(RUN, one.id).error, NOT_FRESH);
    check_equal("resume", (uint64_t)perform(&one, OP_STATE, 0, 0, 0).error, EDGE_CALL);

    check_equal("an enclave can't create", (uint64_t)agent_call(&one, KEYSTONE, CREATE, epm, 0, 0).error, PROHIBITED);
    check_equal("an enclave can't run", (uint64_t)agent_call(&one, KEYSTONE, RUN, 0, 0, 0).error, PROHIBITED);
    check_equal("an enclave can't destroy", (uint64_t)agent_call(&one, KEYSTONE, DESTROY, 0, 0, 0).error, PROHIBITED);
    check_equal("the host can't attest", (uint64_t)monitor(ATTEST, 0).error, PROHIBITED);
    check_equal("the host can't stop", (uint64_t)monitor(STOP, 0).error, PROHIBITED);
    check_equal("the host can't exit", (uint64_t)monitor(EXIT, 0).error, PROHIBITED);
    check_equal("an old call", (uint64_t)monitor(101, 0).error, DEPRECATED);
    check_equal("an unknown call", (uint64_t)monitor(4711, 0).error, NOT_IMPLEMENTED);
    check_equal("an unknown plugin", (uint64_t)monitor(PLUGIN, 1).error, NOT_IMPLEMENTED);
    check_equal("an enclave's unknown call", (uint64_t)agent_call(&one, KEYSTONE, 4711, 0, 0, 0).error, NOT_IMPLEMENTED);
    check_equal("an enclave has no timer of the SBI", (uint64_t)agent_call(&one, 0x54494d45, 0, 0, 0, 0).error, (uint64_t)-2);
    check_equal("an enclave can't reset", (uint64_t)agent_call(&one, 0x53525354, 0, 0, 0, 0).error, (uint64_t)-2);
    check_equal("an unknown stop", (uint64_t)agent_call(&one, KEYSTONE, STOP, 7, 0, 0).error, ILLEGAL_ARGUMENT);
    uint64_t random = agent_call(&one, KEYSTONE, RANDOM, 0, 0, 0).value;
    check("random numbers differ", random != 0 && random != agent_call(&one, KEYSTONE, RANDOM, 0, 0, 0).value);

    check_equal("a second enclave", (uint64_t)create_at(&two, epm + 0x40000, 5 * PAGE + 0x10000, utm + PAGE, 3 * PAGE).error, 0);
    check("another number", one.id != two.id);
    check_equal("run the second", (uint64_t)begin(&two).error, EDGE_CALL);
    result ended = agent_call(&one, KEYSTONE, EXIT, 4711, 0, 0);
    check_equal("exit", (uint64_t)ended.error, 0);
    check_equal("its value", ended.value, 4711);
    check_equal("resume: exited", (uint64_t)monitor(RESUME, one.id).error, NOT_RESUMABLE);
    check_equal("run: exited", (uint64_t)monitor(RUN, one.id).error, NOT_FRESH);
    uint64_t value;
    check_equal("an exited enclave's memory is closed", try_read(epm, &value), 5);
    check_equal("destroy", (uint64_t)monitor(DESTROY, one.id).error, 0);
    check_equal("destroy twice", (uint64_t)monitor(DESTROY, one.id).error, INVALID_ID);
    uint64_t any = 0;
    for (uint64_t place = epm; place < epm + 0x40000; place += 8)
        any |= *(uint64_t *)place;
    check_equal("its memory is erased", any, 0);
    check_equal("the other's memory is closed", try_read(epm + 0x40000, &value), 5);
    check_equal("the other goes on", (uint64_t)perform(&two, OP_STATE, 0, 0, 0).error, EDGE_CALL);
    check_equal("destroy the second", (uint64_t)monitor(DESTROY, two.id).error, 0);
}

enum { NONE, FRESH, STOPPED, EXITED, STATES };

// The calls that name an enclave, in each state, and what they give. Running is a state that only another hart sees: hart_tests has it.
static void every_call_tests(uint64_t epm, uint64_t utm)
{
    static const struct { uint64_t call, wanted[STATES]; } calls[] = {
        { RUN, { INVALID_ID, EDGE_CALL, NOT_FRESH, NOT_FRESH } },
        { RESUME, { INVALID_ID, NOT_RESUMABLE, EDGE_CALL, NOT_RESUMABLE } },
        { DESTROY, { INVALID_ID, 0, 0, 0 } },
    };
    uint64_t wrong = 0;
    for (unsigned state = NONE; state < STATES; state++)
        for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
            struct enclave one = { .id = 5 };
            if (state != NONE)
                wrong += create_at(&one, epm, 0x8000, utm, PAGE).error != 0;
            if (state >= STOPPED)
                wrong += begin(&one).error != EDGE_CALL;
            if (state == EXITED)
                wrong += agent_call(&one, KEYSTONE, EXIT, 0, 0, 0).error != 0;
            if (state == STOPPED)
                one.command->op = OP_STATE;
            wrong += (uint64_t)monitor(calls[i].call, one.id).error != calls[i].wanted[state];
            monitor(DESTROY, one.id);
        }
    check_equal("every call in every state", wrong, 0);

    struct enclave one;
    wrong = create_at(&one, epm, 0x8000, utm, PAGE).error != 0 || begin(&one).error != EDGE_CALL;
    for (uint64_t call = 3001; call < 3007; call++)
        wrong += (uint64_t)monitor(call, one.id).error != PROHIBITED;
    for (uint64_t call = 2001; call < 2006; call++)
        for (uint64_t id = 0; id < 17; id++)
            wrong += (uint64_t)agent_call(&one, KEYSTONE, call, id, 0, 0).error != PROHIBITED;
    check_equal("every call from the wrong side", wrong, 0);
    monitor(DESTROY, one.id);
}

static void many_tests(uint64_t epm, uint64_t utm)
{
    // Sixteen neighbours, of sizes that aren't powers of two, all alive at once.
    struct enclave many[17];
    uint64_t size = 0x15000, made = 0, answered = 0;
    for (int i = 0; i < 16; i++)
        made += create_at(&many[i], epm + (uint64_t)i * size, size, utm + (uint64_t)i * PAGE, PAGE).error == 0;
    check_equal("sixteen at once", made, 16);
    check_equal("not seventeen", (uint64_t)create_at(&many[16], epm + 16 * size, size, utm + 16 * PAGE, PAGE).error, NO_FREE_RESOURCE);
    for (int i = 0; i < 16; i++)
        answered += begin(&many[i]).error == EDGE_CALL;
    for (int i = 0; i < 16; i++)
        answered += perform(&many[i], OP_READ, many[(i + 1) % 16].epm, 0, 0).error == EDGE_CALL && many[i].command->cause == 5;
    check_equal("each runs, and reaches no neighbour", answered, 32);
    for (int i = 0; i < 16; i++)
        made -= monitor(DESTROY, many[(i * 7) % 16].id).error == 0;
    check_equal("all are destroyed", made, 0);
    uint64_t value;
    check_equal("all memory is back", try_read(epm, &value) | try_read(epm + 15 * size, &value), 0);

    // Apart from each other, and no powers of two: two entries each.
    made = 0;
    int i = 0;
    while (i < 16 && create_at(&many[i], epm + (uint64_t)i * 0x40000, size, utm + (uint64_t)i * PAGE, PAGE).error == 0)
        i++;
    check_equal("seven apart", (uint64_t)i, 7);
    result eighth = create_at(&many[i], epm + (uint64_t)i * 0x40000, size, utm + (uint64_t)i * PAGE, PAGE);
    check_equal("the eighth has no entries", (uint64_t)eighth.error, PMP_FAILURE);
    check_equal("the memory of the eighth is open", try_read(epm + (uint64_t)i * 0x40000, &value), 0);
    while (i-- > 0)
        made += monitor(DESTROY, many[i].id).error != 0;
    check_equal("they are destroyed", made, 0);

    uint64_t wrong = 0;
    for (int round = 0; round < 1000; round++) {
        struct enclave one;
        wrong += create_at(&one, epm, 0x8000, utm, PAGE).error != 0;
        wrong += begin(&one).error != EDGE_CALL;
        wrong += monitor(DESTROY, one.id).error != 0;
    }
    check_equal("a thousand times create, run, destroy", wrong, 0);
}

void life_cycle_tests(void)
{
    uint64_t epm = (uint64_t)free_start, utm = epm + (16ul << 20);
    arguments_tests(epm, utm);
    states_tests(epm, utm);
    every_call_tests(epm, utm);
    many_tests(epm, utm);
}
