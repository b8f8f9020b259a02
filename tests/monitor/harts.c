// Several harts: start and stop, fences, protection everywhere, enclaves that move, and calls at once.
#include "kernel.h"

extern char follow[];
static volatile uint64_t step, at, seen, rounds, stop_at;
static volatile struct enclave *volatile shared;

static void barrier(uint64_t number)
{
    while (__atomic_load_n(&step, __ATOMIC_SEQ_CST) < number)
        ;
}

static void arrive(void)
{
    __atomic_fetch_add(&at, 1, __ATOMIC_SEQ_CST);
}

static void second(void)
{
    uint64_t value;
    arrive();
    barrier(1);
    // The enclave has been created on the other hart.
    seen = try_read(shared->epm, &value);
    arrive();
    barrier(2);
    seen = (uint64_t)perform((struct enclave *)shared, OP_READ, shared->epm, 0, 0).error;
    arrive();
    barrier(3);
    // The other hart has destroyed it.
    seen = try_read(shared->epm, &value);
    arrive();
    barrier(4);
    // Both at once: whatever the results are, the machine stays sane.
    while (rounds < stop_at) {
        struct create_arguments arguments;
        arguments_of(&arguments, shared->epm, 0x20000, shared->utm, 2 * PAGE);
        monitor(CREATE, (uint64_t)&arguments);
        limit(1000);
        for (uint64_t id = 0; id < 3; id++) {
            monitor(RUN, id);
            monitor(RESUME, id);
            monitor(DESTROY, id);
        }
    }
    no_limit();
    arrive();
    sbi(0x48534d, 1, 0, 0, 0);
}

static void wait_for(uint64_t count)
{
    while (__atomic_load_n(&at, __ATOMIC_SEQ_CST) < count)
        ;
}

static void go(void)
{
    __atomic_fetch_add(&step, 1, __ATOMIC_SEQ_CST);
}

static void race(struct enclave *one)
{
    stop_at = 40;
    go();
    for (rounds = 0; rounds < stop_at; rounds++) {
        struct create_arguments arguments;
        arguments_of(&arguments, one->epm + 0x20000, 0x20000, one->utm + 2 * PAGE, 2 * PAGE);
        monitor(CREATE, (uint64_t)&arguments);
        limit(1000);
        for (uint64_t id = 0; id < 3; id++) {
            monitor(RUN, id);
            monitor(RESUME, id);
            monitor(DESTROY, id);
        }
        sbi(0x52464e43, 1, 0, ~0ul, 0);
    }
    wait_for(4);
    no_limit();
    for (uint64_t id = 0; id < 16; id++)
        monitor(DESTROY, id);
    uint64_t value;
    check_equal("after the race all memory is back", try_read(one->epm, &value) | try_read(one->epm + 0x20000, &value), 0);
}

void hart_tests(void)
{
    struct enclave one;
    uint64_t epm = (uint64_t)free_start + PAGE, utm = epm + (16ul << 20);
    if (hart_count < 2)
        return;
    check_equal("the other hart is stopped", sbi(0x48534d, 2, other, 0, 0).value, 1);
    check_equal("start the other hart", (uint64_t)sbi(0x48534d, 0, other, (uint64_t)follow, (uint64_t)second).error, 0);
    wait_for(1);
    check_equal("the other hart is started", sbi(0x48534d, 2, other, 0, 0).value, 0);
    check_equal("the other hart can't start twice", (uint64_t)sbi(0x48534d, 0, other, (uint64_t)follow, (uint64_t)second).error, (uint64_t)-6);
    check_equal("a fence on all harts", (uint64_t)sbi(0x52464e43, 0, 3, 0, 0).error, 0);

    at = 0;
    create_at(&one, epm, 0x20000, utm, 2 * PAGE);
    shared = &one;
    begin(&one);
    go();
    wait_for(1);
    check_equal("the other hart can't read the enclave", seen, 5);
    go();
    wait_for(2);
    check_equal("the other hart resumes it", seen, EDGE_CALL);
    perform(&one, OP_READ, one.epm, 0, 0);
    check_equal("it comes back", one.command->cause, 0);
    monitor(DESTROY, one.id);
    go();
    wait_for(3);
    check_equal("the other hart reads the memory again", seen, 0);
    race(&one);
    uint64_t status;
    do
        status = sbi(0x48534d, 2, other, 0, 0).value;
    while (status != 1);
    check_equal("the other hart has stopped", status, 1);
    at = step = 0;
    check_equal("start the other hart again", (uint64_t)sbi(0x48534d, 0, other, (uint64_t)follow, (uint64_t)second).error, 0);
    wait_for(1);
    check("the other hart runs again", 1);
}
