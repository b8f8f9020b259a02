// Threads and futexes, as the C library uses them and directly.
#include "check.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/time.h>

static long futex(void *word, int operation, unsigned value, const void *time, void *second, unsigned third) {
    return syscall(SYS_futex, word, operation, value, time, second, third);
}

static pid_t thread_id(void) {
    return (pid_t)syscall(SYS_gettid);
}

static struct timespec in_nanoseconds(clockid_t clock, long delay) {
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += delay;
    while (time.tv_nsec >= 1000000000) {
        time.tv_nsec -= 1000000000;
        time.tv_sec++;
    }
    return time;
}

static void *return_argument(void *argument) {
    return argument;
}

static void create_and_join(void) {
    pthread_t thread;
    void *result;
    for (long i = 0; i < 100; i++) {
        CHECK_WORKS(pthread_create(&thread, NULL, return_argument, (void *)i));
        CHECK_WORKS(pthread_join(thread, &result));
        CHECK_EQUAL((long)result, i);
    }
}

static pthread_barrier_t barrier;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long counter;
static __thread long per_thread = 11;

static void *count(void *argument) {
    CHECK_EQUAL(per_thread, 11);
    per_thread = (long)argument;
    int serial = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
        if (i % 10 == 0)
            sched_yield();
    }
    CHECK_EQUAL(per_thread, (long)argument);
    return (void *)(long)serial;
}

static void two_hundred_threads(void) {
    enum { COUNT = 200 };
    pthread_t threads[COUNT];
    pthread_barrier_init(&barrier, NULL, COUNT);
    counter = 0;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    for (long i = 0; i < COUNT; i++)
        CHECK_WORKS(pthread_create(&threads[i], &attributes, count, (void *)i));
    long serial = 0;
    for (int i = 0; i < COUNT; i++) {
        void *result = NULL;
        CHECK_WORKS(pthread_join(threads[i], &result));
        serial += (long)result;
    }
    CHECK_EQUAL(counter, COUNT * 100);
    CHECK_EQUAL(serial, 1);
    pthread_barrier_destroy(&barrier);
    pthread_attr_destroy(&attributes);
}

static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *argument) {
    int mine = (int)(long)argument;
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&mutex);
        while (turn % 4 != mine)
            pthread_cond_wait(&condition, &mutex);
        turn++;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void conditions(void) {
    pthread_t threads[4];
    turn = 0;
    for (long i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, take_turns, (void *)i);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(turn, 2000);
    struct timespec end = in_nanoseconds(CLOCK_REALTIME, 10000000);
    pthread_mutex_lock(&mutex);
    CHECK_EQUAL(pthread_cond_timedwait(&condition, &mutex, &end), ETIMEDOUT);
    end = in_nanoseconds(CLOCK_MONOTONIC, 10000000);
    CHECK_EQUAL(pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &end), ETIMEDOUT);
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) >= end.tv_sec * 1000000000LL + end.tv_nsec);
    pthread_mutex_unlock(&mutex);
}

static pthread_rwlock_t read_write = PTHREAD_RWLOCK_INITIALIZER;
static long shared_pair[2];

static void *read_or_write(void *argument) {
    for (int i = 0; i < 2000; i++) {
        if ((long)argument == 0) {
            pthread_rwlock_wrlock(&read_write);
            shared_pair[0]++;
            shared_pair[1]++;
        } else {
            pthread_rwlock_rdlock(&read_write);
            if (shared_pair[0] != shared_pair[1])
                CHECK_EQUAL(shared_pair[0], shared_pair[1]);
        }
        pthread_rwlock_unlock(&read_write);
    }
    return NULL;
}

static void reader_writer_locks(void) {
    pthread_t threads[6];
    for (long i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, read_or_write, (void *)(i % 3));
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(shared_pair[0], 4000);
}

static sem_t semaphore, answer;

static void *wait_and_post(void *argument) {
    for (int i = 0; i < 1000; i++) {
        sem_wait(&semaphore);
        sem_post(&answer);
    }
    return argument;
}

static void semaphores(void) {
    pthread_t thread;
    sem_init(&semaphore, 0, 0);
    sem_init(&answer, 0, 0);
    pthread_create(&thread, NULL, wait_and_post, NULL);
    for (int i = 0; i < 1000; i++) {
        sem_post(&semaphore);
        sem_wait(&answer);
    }
    pthread_join(thread, NULL);
    struct timespec end = in_nanoseconds(CLOCK_REALTIME, 5000000);
    CHECK_FAILS(sem_timedwait(&semaphore, &end), ETIMEDOUT);
    CHECK_FAILS(sem_trywait(&semaphore), EAGAIN);
}

static void *lock_and_end(void *argument) {
    CHECK_WORKS(pthread_mutex_lock(argument));
    return NULL;
}

static void robust_mutexes(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    for (int inheriting = 0; inheriting < 2; inheriting++) {
        pthread_mutexattr_setprotocol(&attributes, inheriting ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
        pthread_mutex_t robust;
        CHECK_WORKS(pthread_mutex_init(&robust, &attributes));
        pthread_t thread;
        pthread_create(&thread, NULL, lock_and_end, &robust);
        pthread_join(thread, NULL);
        CHECK_EQUAL(pthread_mutex_lock(&robust), EOWNERDEAD);
        CHECK_WORKS(pthread_mutex_consistent(&robust));
        CHECK_WORKS(pthread_mutex_unlock(&robust));
        CHECK_WORKS(pthread_mutex_lock(&robust));
        CHECK_WORKS(pthread_mutex_unlock(&robust));
        pthread_mutex_destroy(&robust);
    }
    void *head;
    size_t length = 0;
    CHECK_WORKS(syscall(SYS_get_robust_list, 0, &head, &length));
    CHECK_EQUAL(length, 24);
    CHECK(head != NULL);
    CHECK_FAILS(syscall(SYS_set_robust_list, head, 23), EINVAL);
    CHECK_FAILS(syscall(SYS_get_robust_list, 0x3FFFFFFF, &head, &length), ESRCH);
}

static pthread_mutex_t inheriting;
static long inheriting_count;

static void *count_inheriting(void *argument) {
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&inheriting);
        inheriting_count++;
        pthread_mutex_unlock(&inheriting);
    }
    return argument;
}

static void *lock_with_timeout(void *argument) {
    struct timespec end = in_nanoseconds(CLOCK_REALTIME, 10000000);
    return (void *)(long)pthread_mutex_timedlock(argument, &end);
}

static void inheriting_mutexes(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    CHECK_WORKS(pthread_mutex_init(&inheriting, &attributes));
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, count_inheriting, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(inheriting_count, 8000);
    CHECK_WORKS(pthread_mutex_lock(&inheriting));
    CHECK_EQUAL(pthread_mutex_lock(&inheriting), EDEADLK);
    void *result;
    pthread_create(&threads[0], NULL, lock_with_timeout, &inheriting);
    pthread_join(threads[0], &result);
    CHECK_EQUAL((long)result, ETIMEDOUT);
    CHECK_WORKS(pthread_mutex_unlock(&inheriting));
    unsigned word = 0;
    CHECK_WORKS(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    CHECK_EQUAL(word & FUTEX_TID_MASK, thread_id());
    CHECK_FAILS(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK);
    CHECK_WORKS(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    CHECK_EQUAL(word, 0);
    CHECK_FAILS(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM);
    CHECK_WORKS(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
    CHECK_WORKS(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
}

static unsigned word_one, word_two;
static pid_t waiters[8];
static int woken;

static void *wait_on_word_one(void *argument) {
    __atomic_store_n(&waiters[(long)argument], thread_id(), __ATOMIC_RELEASE);
    long result = futex(&word_one, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
    return (void *)result;
}

static void start_waiters(pthread_t *threads, int count) {
    woken = 0;
    for (long i = 0; i < count; i++) {
        __atomic_store_n(&waiters[i], 0, __ATOMIC_RELEASE);
        pthread_create(&threads[i], NULL, wait_on_word_one, (void *)i);
    }
    for (int i = 0; i < count; i++) {
        UNTIL(__atomic_load_n(&waiters[i], __ATOMIC_ACQUIRE) != 0);
        UNTIL(thread_state(waiters[i]) == 'S');
    }
}

static void wake_counts(void) {
    pthread_t threads[4];
    start_waiters(threads, 4);
    CHECK_EQUAL(futex(&word_one, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
    UNTIL(__atomic_load_n(&woken, __ATOMIC_SEQ_CST) == 1);
    CHECK_EQUAL(futex(&word_one, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0), 3);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        CHECK_EQUAL((long)result, 0);
    }
    CHECK_EQUAL(futex(&word_one, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
}

static void requeue(void) {
    pthread_t threads[4];
    start_waiters(threads, 4);
    CHECK_FAILS(futex(&word_one, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)9, &word_two, 1), EAGAIN);
    // One is woken, three move.
    CHECK_EQUAL(futex(&word_one, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)9, &word_two, 0), 4);
    UNTIL(__atomic_load_n(&woken, __ATOMIC_SEQ_CST) == 1);
    CHECK_EQUAL(futex(&word_one, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 0);
    CHECK_EQUAL(futex(&word_two, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 3);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    start_waiters(threads, 2);
    CHECK_EQUAL(futex(&word_one, FUTEX_REQUEUE_PRIVATE, 0, (void *)1, &word_two, 0), 1);
    CHECK_EQUAL(futex(&word_two, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 1);
    CHECK_EQUAL(futex(&word_one, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 1);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

static void wake_operation(void) {
    pthread_t threads[2];
    start_waiters(threads, 2);
    word_two = 5;
    // word_two = word_two + 3; where it was 5, waiters of word_two are woken too.
    unsigned operation = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5);
    CHECK_EQUAL(futex(&word_one, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &word_two, operation), 1);
    CHECK_EQUAL(word_two, 8);
    operation = FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_GT, 7);
    // The second word being the first one too: its waiter is woken by either count.
    CHECK_EQUAL(futex(&word_two, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &word_one, FUTEX_OP(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 0)), 1);
    CHECK_EQUAL(futex(&word_one, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &word_two, operation), 0);
    CHECK_EQUAL(word_two, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    CHECK_FAILS(futex(&word_one, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &word_two, 0xF0000000u), ENOSYS);
}

static void futex_timeouts(void) {
    unsigned word = 0;
    struct timespec little = { .tv_nsec = 10000000 };
    long long start = now_in_nanoseconds(CLOCK_MONOTONIC);
    CHECK_FAILS(futex(&word, FUTEX_WAIT, 0, &little, NULL, 0), ETIMEDOUT);
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) - start >= 10000000);
    CHECK_FAILS(futex(&word, FUTEX_WAIT, 1, &little, NULL, 0), EAGAIN);
    struct timespec end = in_nanoseconds(CLOCK_MONOTONIC, 10000000);
    CHECK_FAILS(futex(&word, FUTEX_WAIT_BITSET, 0, &end, NULL, 1), ETIMEDOUT);
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) >= end.tv_sec * 1000000000LL + end.tv_nsec);
    end = in_nanoseconds(CLOCK_REALTIME, 10000000);
    CHECK_FAILS(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &end, NULL, 1), ETIMEDOUT);
    end.tv_sec = 1;
    CHECK_FAILS(futex(&word, FUTEX_WAIT_BITSET, 0, &end, NULL, 1), ETIMEDOUT);
    struct timespec wrong = { .tv_nsec = -1 };
    CHECK_FAILS(futex(&word, FUTEX_WAIT, 0, &wrong, NULL, 0), EINVAL);
    CHECK_FAILS(futex(&word, FUTEX_WAIT_BITSET, 0, &little, NULL, 0), EINVAL);
    CHECK_FAILS(futex((char *)&word + 1, FUTEX_WAIT, 0, &little, NULL, 0), EINVAL);
    CHECK_FAILS(futex((void *)16, FUTEX_WAIT, 0, &little, NULL, 0), EFAULT);
    CHECK_FAILS(futex(&word, 77, 0, NULL, NULL, 0), ENOSYS);
    CHECK_FAILS(futex(&word, FUTEX_WAIT, 0, (void *)8, NULL, 0), EFAULT);
}

struct shared_waiter {
    unsigned *word;
    pid_t id;
};

static void *wait_shared(void *argument) {
    struct shared_waiter *waiter = argument;
    __atomic_store_n(&waiter->id, thread_id(), __ATOMIC_RELEASE);
    return (void *)futex(waiter->word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void shared_futex_over_two_mappings(void) {
    int file = memfd_create("futex", 0);
    ftruncate(file, 4096);
    unsigned *one = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    unsigned *two = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    pthread_t thread;
    struct shared_waiter waiter = { one, 0 };
    pthread_create(&thread, NULL, wait_shared, &waiter);
    UNTIL(__atomic_load_n(&waiter.id, __ATOMIC_ACQUIRE) != 0);
    UNTIL(thread_state(waiter.id) == 'S');
    CHECK_EQUAL(futex(two, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
    void *result = (void *)1;
    pthread_join(thread, &result);
    CHECK_EQUAL((long)result, 0);
    munmap(one, 4096);
    munmap(two, 4096);
    close(file);
}

static int cleanups;

static void clean_up(void *argument) {
    (void)argument;
    cleanups++;
}

static void *wait_to_be_cancelled(void *argument) {
    pthread_cleanup_push(clean_up, NULL);
    __atomic_store_n((int *)argument, 1, __ATOMIC_RELEASE);
    for (;;)
        pause();
    pthread_cleanup_pop(0);
    return NULL;
}

static void *spin_until_cancelled(void *argument) {
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    __atomic_store_n((int *)argument, 1, __ATOMIC_RELEASE);
    for (volatile long i = 0;; i++)
        ;
    return NULL;
}

static void cancellation(void) {
    pthread_t thread;
    void *result;
    int started = 0;
    cleanups = 0;
    pthread_create(&thread, NULL, wait_to_be_cancelled, &started);
    UNTIL(__atomic_load_n(&started, __ATOMIC_ACQUIRE));
    CHECK_WORKS(pthread_cancel(thread));
    CHECK_WORKS(pthread_join(thread, &result));
    CHECK(result == PTHREAD_CANCELED);
    CHECK_EQUAL(cleanups, 1);
    started = 0;
    pthread_create(&thread, NULL, spin_until_cancelled, &started);
    UNTIL(__atomic_load_n(&started, __ATOMIC_ACQUIRE));
    CHECK_WORKS(pthread_cancel(thread));
    CHECK_WORKS(pthread_join(thread, &result));
    CHECK(result == PTHREAD_CANCELED);
}

static int key_destroyed;

static void destroy_key(void *value) {
    key_destroyed += (int)(long)value;
}

static pthread_key_t key;

static void *set_key(void *argument) {
    pthread_setspecific(key, argument);
    return NULL;
}

static void thread_local_storage(void) {
    CHECK_WORKS(pthread_key_create(&key, destroy_key));
    pthread_t thread;
    pthread_create(&thread, NULL, set_key, (void *)17);
    pthread_join(thread, NULL);
    CHECK_EQUAL(key_destroyed, 17);
    CHECK(pthread_getspecific(key) == NULL);
    pthread_key_delete(key);
#ifdef __x86_64__
    // The segment base that thread-local variables are found by can be read and set.
    unsigned long base = 0, self;
    CHECK_WORKS(syscall(SYS_arch_prctl, 0x1003, &base));
    __asm__("mov %%fs:0, %0" : "=r"(self));
    CHECK_EQUAL(base, self);
    CHECK_FAILS(syscall(SYS_arch_prctl, 0x1002, 0x8000000000000000), EPERM);
    CHECK_FAILS(syscall(SYS_arch_prctl, 0x9999, 0), EINVAL);
#endif
}

static void names_and_ids(void) {
    char name[16];
    CHECK_WORKS(pthread_setname_np(pthread_self(), "renamed"));
    CHECK_WORKS(pthread_getname_np(pthread_self(), name, sizeof name));
    CHECK_TEXT(name, "renamed");
    CHECK_EQUAL(thread_id(), getpid());
    cpu_set_t cpus;
    CHECK_WORKS(sched_getaffinity(0, sizeof cpus, &cpus));
    CHECK(CPU_COUNT(&cpus) >= 1);
    CHECK_WORKS(sched_setaffinity(0, sizeof cpus, &cpus));
    CHECK_FAILS(sched_getaffinity(0x3FFFFFFF, sizeof cpus, &cpus), ESRCH);
    unsigned cpu = 12345, node = 12345;
    CHECK_WORKS(syscall(SYS_getcpu, &cpu, &node, NULL));
    CHECK(cpu < 1024 && node < 64);
    CHECK_EQUAL(sched_getscheduler(0), SCHED_OTHER);
    CHECK_EQUAL(sched_get_priority_max(SCHED_FIFO), 99);
    CHECK_EQUAL(sched_get_priority_min(SCHED_RR), 1);
    CHECK_FAILS(sched_get_priority_max(99), EINVAL);
    CHECK_WORKS(sched_yield());
}

static void *many_calls(void *argument) {
    long wrong = 0;
    for (int i = 0; i < 20000; i++)
        wrong += syscall(SYS_gettid) != (long)thread_id();
    *(long *)argument = wrong;
    return NULL;
}

static void calls_of_many_threads(void) {
    pthread_t threads[8];
    long wrong[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, many_calls, &wrong[i]);
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQUAL(wrong[i], 0);
    }
}

static void *map_and_touch(void *argument) {
    for (int i = 0; i < 200; i++) {
        size_t size = (size_t)(1 + i % 16) * 4096;
        char *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(base != MAP_FAILED);
        memset(base, (int)(long)argument, size);
        if (i % 3 == 0)
            mprotect(base, size, PROT_READ);
        if (base[size - 1] != (char)(long)argument)
            CHECK_EQUAL(base[size - 1], (char)(long)argument);
        CHECK_WORKS(munmap(base, size));
    }
    return NULL;
}

static void maps_of_many_threads(void) {
    pthread_t threads[8];
    for (long i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, map_and_touch, (void *)(i + 1));
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
}

MAIN(SECTION(create_and_join), SECTION(two_hundred_threads), SECTION(conditions), SECTION(reader_writer_locks),
    SECTION(semaphores), SECTION(robust_mutexes), SECTION(inheriting_mutexes), SECTION(wake_counts), SECTION(requeue),
    SECTION(wake_operation), SECTION(futex_timeouts), SECTION(shared_futex_over_two_mappings), SECTION(cancellation),
    SECTION(thread_local_storage), SECTION(names_and_ids), SECTION(calls_of_many_threads), SECTION(maps_of_many_threads))
