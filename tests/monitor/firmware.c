// The firmware's side: calls that kernels make, and addresses that they must not name.
#include "kernel.h"

static uint64_t now(void)
{
    uint64_t value;
    __asm__ volatile("csrr %0, time" : "=r"(value));
    return value;
}

static void wait_for_interrupt(uint64_t before)
{
    uint64_t limit = now() + 20000000;
    __asm__ volatile("csrsi sstatus, 2");
    while (interrupts == before && now() < limit)
        ;
    __asm__ volatile("csrci sstatus, 2");
}

void firmware_tests(void)
{
    check_equal("version 2.0", sbi(0x10, 0, 0, 0, 0).value, 2 << 24);
    check_equal("suspend isn't there", sbi(0x10, 3, 0x53555350, 0, 0).value, 0);
    check_equal("suspend says so", (uint64_t)sbi(0x48534d, 3, 0, 0, 0).error, (uint64_t)-2);
    check_equal("an unknown extension says so", (uint64_t)sbi(0x9abcdef, 0, 0, 0, 0).error, (uint64_t)-2);
    check_equal("memory ends where the tree says", try_read(memory_end - 8, (uint64_t *)free_start), 0);

    uint64_t before = interrupts;
    __asm__ volatile("csrw sie, %0" : : "r"(0x20ul));
    limit(1000);
    wait_for_interrupt(before);
    check_equal("the timer comes once", interrupts - before, 1);
    no_limit();

    before = interrupts;
    __asm__ volatile("csrw sie, %0" : : "r"(0x2ul));
    check_equal("an interrupt to oneself", (uint64_t)sbi(0x735049, 0, 1, self, 0).error, 0);
    wait_for_interrupt(before);
    check_equal("it comes once", interrupts - before, 1);
    check_equal("an interrupt to a hart that isn't there", (uint64_t)sbi(0x735049, 0, 1, 100, 0).error, (uint64_t)-3);
    check_equal("a mask beyond the last hart", (uint64_t)sbi(0x735049, 0, ~0ul, 0, 0).error, (uint64_t)-3);
    check_equal("a fence everywhere", (uint64_t)sbi(0x52464e43, 1, 0, ~0ul, 0).error, 0);

    check_equal("console: the monitor's memory", (uint64_t)sbi(0x4442434e, 0, 64, MONITOR + 4096, 0).error, (uint64_t)-3);
    check_equal("console: no memory", (uint64_t)sbi(0x4442434e, 0, 64, 0x1000, 0).error, (uint64_t)-3);
    check_equal("console: a range that wraps", (uint64_t)sbi(0x4442434e, 0, ~0ul, (uint64_t)free_start, 0).error, (uint64_t)-3);
    check_equal("console: input into the monitor", (uint64_t)sbi(0x4442434e, 1, 64, MONITOR + 4096, 0).error, (uint64_t)-3);
    check_equal("hart 99 can't start", (uint64_t)sbi(0x48534d, 0, 99, (uint64_t)free_start, 0).error, (uint64_t)-3);
    check_equal("this hart is started", sbi(0x48534d, 2, self, 0, 0).value, 0);
    check_equal("a started hart can't start", (uint64_t)sbi(0x48534d, 0, self, (uint64_t)free_start, 0).error, (uint64_t)-6);

    uint64_t value;
    check_equal("the monitor can't be read", try_read(MONITOR, &value), 5);
    check_equal("the monitor can't be read at its end", try_read(MONITOR + 0x1ffff8, &value), 5);
    check_equal("the monitor can't be written", try_write(MONITOR + 0x10000, 0), 7);
    check_equal("the monitor can't be run", try_fetch(MONITOR), 1);
    uint64_t illegal[] = { 0 };
    memcpy(free_start, illegal, 8);
    check_equal("an illegal instruction comes back", try_fetch((uint64_t)free_start), 2);
}
