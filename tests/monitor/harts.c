// Several harts: start and stop, fences, protection everywhere, enclaves that move, and calls at once.
#include "kernel.h"

extern char follow[];
static volatile uint64_t step, at, seen, rounds, stop_at;
static volatile struct enclave *volatile shared;
static volatile int flipping;
static volatile struct create_arguments raced;

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
    // It runs here without an end, until the first hart has looked at it from there.
    limit(~0ul >> 1);
    shared->command->op = OP_SPIN;
    seen = (uint64_t)monitor(RESUME, shared->id).error;
    __asm__ volatile("csrci sip, 2");
    no_limit();
    arrive();
    barrier(5);
    // The arguments of create name an enclave's memory or the monitor's, by turns, while the monitor looks at them.
    while (flipping == 1)
        raced.epm = MONITOR, raced.epm = shared->epm;
    arrive();
    barrier(6);
    // And so do bytes in shared memory that go into a report.
    while (flipping == 2)
        ++*(volatile unsigned char *)(shared->utm + 512);
    arrive();
    barrier(7);
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

// What another hart sees of an enclave that runs.
static void running(struct enclave *one)
{
    uint64_t value, before;
    create_at(one, one->epm, 0x20000, one->utm, 2 * PAGE);
    begin(one);
    go();
    before = *(volatile uint64_t *)&one->command->value;
    while (*(volatile uint64_t *)&one->command->value == before)
        ;
    check_equal("run: it runs elsewhere", (uint64_t)monitor(RUN, one->id).error, NOT_FRESH);
    check_equal("resume: it runs elsewhere", (uint64_t)monitor(RESUME, one->id).error, NOT_RESUMABLE);
    check_equal("destroy: it runs elsewhere", (uint64_t)monitor(DESTROY, one->id).error, NOT_DESTROYABLE);
    check_equal("its memory is closed meanwhile", try_read(one->epm, &value), 5);
    before = *(volatile uint64_t *)&one->command->value;
    while (*(volatile uint64_t *)&one->command->value == before)
        ;
    check("it goes on meanwhile", 1);
    sbi(0x735049, 0, 1ul << other, 0, 0);
    wait_for(4);
    check_equal("an interrupt from here ends its turn there", seen, INTERRUPTED);
    check_equal("destroy: it stopped elsewhere", (uint64_t)monitor(DESTROY, one->id).error, 0);
}

static void changed_arguments(struct enclave *one)
{
    struct create_arguments arguments;
    uint64_t wrong = 0, made = 0, refused = 0;
    arguments_of(&arguments, one->epm, 0x20000, one->utm, 2 * PAGE);
    arguments.runtime = arguments.user = arguments.free = one->epm;
    memcpy((void *)&raced, &arguments, sizeof arguments);
    flipping = 1;
    go();
    for (int i = 0; i < 400; i++) {
        result got = monitor(CREATE, (uint64_t)&raced);
        // With the monitor's memory, the parts aren't inside, or it overlaps: which is found first depends on what was read.
        if (got.error == 0) {
            uint64_t value;
            made++;
            wrong += try_read(one->epm, &value) != 5 || monitor(DESTROY, got.value).error != 0;
        } else if (got.error == ILLEGAL_ARGUMENT || got.error == OVERLAPS)
            refused++;
        else
            wrong++;
    }
    flipping = 0;
    wait_for(5);
    check_equal("arguments that change meanwhile", wrong, 0);
    check_equal("are read once", made + refused, 400);
}

static void changed_data(struct enclave *one)
{
    create_at(one, one->epm, 0x20000, one->utm, 2 * PAGE);
    begin(one);
    uint64_t room = one->epm + one->size - 0x2000;
    memset((char *)one->utm + 512, 'a', 64);
    flipping = 2;
    go();
    for (int i = 0; i < 4; i++) {
        check_equal("attest: data that change", (uint64_t)agent_call(one, KEYSTONE, ATTEST, room, one->utm + 512, 64).error, 0);
        perform(one, OP_COPY, one->utm + 1024, room, 1352);
        print_bytes("raced", (char *)one->utm + 1024, 1352);
    }
    flipping = 0;
    wait_for(6);
    monitor(DESTROY, one->id);
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
    wait_for(7);
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
    running(&one);
    changed_arguments(&one);
    changed_data(&one);
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
