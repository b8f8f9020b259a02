// What pthreads don't need of futex(2).
#include "check.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

static long futex(void *word, int operation, unsigned value, const struct timespec *timeout, void *second, unsigned value3) {
    return syscall(SYS_futex, word, operation, value, timeout, second, value3);
}

static unsigned word, words[130];
static volatile pid_t waiter_id;

static void *wait_private(void *unused) {
    waiter_id = gettid();
    futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    return unused;
}

static void *wait_shared(void *unused) {
    waiter_id = gettid();
    futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0);
    return unused;
}

static pthread_t start_waiter(void *(*wait)(void *)) {
    pthread_t thread;
    waiter_id = 0;
    CHECK_WORKS(pthread_create(&thread, NULL, wait, NULL));
    UNTIL(waiter_id != 0 && thread_state(waiter_id) == 'S');
    return thread;
}

static void private_and_shared(void) {
    pthread_t thread = start_waiter(wait_private);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
    pthread_join(thread, NULL);
    thread = start_waiter(wait_shared);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
    pthread_join(thread, NULL);
}

static void wake_none(void) {
    pthread_t thread = start_waiter(wait_private);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 0, NULL, NULL, 0), 1);
    pthread_join(thread, NULL);
    CHECK_EQUAL(futex(&word, FUTEX_WAKE_PRIVATE, 0, NULL, NULL, 0), 0);
}

static void errors(void) {
    struct timespec time = { 0, 1000 };
    CHECK_FAILS(futex(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, &time, NULL, 0), ENOSYS);
    CHECK_FAILS(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), ENOSYS);
    CHECK_FAILS(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &time, NULL, 1), ETIMEDOUT);
    time.tv_nsec = 1000000000;
    CHECK_FAILS(futex(&word, FUTEX_WAIT, 0, &time, NULL, 0), EINVAL);
    CHECK_FAILS(futex((char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
    // One of the two words is nowhere.
    CHECK_FAILS(futex(NULL, FUTEX_WAKE_OP, 1, NULL, &word, 0), EFAULT);
    CHECK_FAILS(futex(&word, FUTEX_WAKE_OP, 1, NULL, NULL, 0), EFAULT);
    CHECK_FAILS(futex(&word, FUTEX_CMP_REQUEUE, 1, NULL, NULL, 0), EFAULT);
    CHECK_FAILS(futex(NULL, FUTEX_CMP_REQUEUE, 1, NULL, &word, 0), EFAULT);
}

struct waiter {
    uint64_t value, address;
    uint32_t flags, reserved;
};

#define PRIVATE_32 (2 | FUTEX_PRIVATE_FLAG)

static struct waiter waiters[130];
static volatile long woken_index;

static void *wait_for_many(void *count) {
    waiter_id = gettid();
    woken_index = syscall(SYS_futex_waitv, waiters, (long)count, 0, NULL, 0);
    return NULL;
}

static void vectors(void) {
    for (int i = 0; i < 130; i++)
        waiters[i] = (struct waiter) { 0, (uint64_t)&words[i], PRIVATE_32, 0 };
    for (int i = 0; i < 128; i += 63) {
        pthread_t thread;
        waiter_id = 0;
        CHECK_WORKS(pthread_create(&thread, NULL, wait_for_many, (void *)128));
        UNTIL(waiter_id != 0 && thread_state(waiter_id) == 'S');
        CHECK_EQUAL(futex(&words[i], FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 1);
        pthread_join(thread, NULL);
        CHECK_EQUAL(woken_index, i);
        // None is left behind.
        CHECK_EQUAL(futex(&words[5], FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 0);
    }
    struct timespec late;
    clock_gettime(CLOCK_MONOTONIC, &late);
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 3, 0, &late, CLOCK_MONOTONIC), ETIMEDOUT);
    clock_gettime(CLOCK_REALTIME, &late);
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 3, 0, &late, CLOCK_REALTIME), ETIMEDOUT);
    waiters[2].value = 1;
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 3, 0, NULL, 0), EAGAIN);
    waiters[2].value = 0;
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 0, 0, NULL, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 129, 0, NULL, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 1, 1, NULL, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_futex_waitv, NULL, 1, 0, NULL, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 1, 0, &late, CLOCK_BOOTTIME), EINVAL);
    CHECK_FAILS(syscall(SYS_futex_waitv, 8, 1, 0, NULL, 0), EFAULT);
    waiters[0].flags = FUTEX_PRIVATE_FLAG;
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 1, 0, NULL, 0), EINVAL);
    waiters[0].flags = PRIVATE_32;
    waiters[0].reserved = 1;
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 1, 0, NULL, 0), EINVAL);
    waiters[0].reserved = 0;
    waiters[0].value = 1UL << 32;
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 1, 0, NULL, 0), EINVAL);
    waiters[0].value = 0;
    waiters[0].address += 1;
    CHECK_FAILS(syscall(SYS_futex_waitv, waiters, 1, 0, NULL, 0), EINVAL);
}

MAIN(SECTION(private_and_shared), SECTION(wake_none), SECTION(errors), SECTION(vectors))
