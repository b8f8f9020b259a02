// What a thread asks of the scheduler: it is kept, shown and inherited.
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int last_processor(void) {
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    for (int i = CPU_SETSIZE - 1; i >= 0; i--) {
        if (CPU_ISSET(i, &set))
            return i;
    }
    return 0;
}

static void *check_one_processor(void *number) {
    cpu_set_t set;
    CHECK_WORKS(sched_getaffinity(0, sizeof set, &set));
    CHECK_EQUAL(CPU_COUNT(&set), 1);
    CHECK(CPU_ISSET((int)(long)number, &set));
    CHECK_EQUAL(sched_getcpu(), (long)number);
    return NULL;
}

static void affinity(void) {
    cpu_set_t all, one, seen;
    CHECK_WORKS(sched_getaffinity(0, sizeof all, &all));
    int number = last_processor();
    CPU_ZERO(&one);
    CPU_SET(number, &one);
    CHECK_WORKS(sched_setaffinity(0, sizeof one, &one));
    CHECK_EQUAL(sched_getcpu(), number);
    check_one_processor((void *)(long)number);
    pthread_t thread;
    CHECK_WORKS(pthread_create(&thread, NULL, check_one_processor, (void *)(long)number));
    pthread_join(thread, NULL);
    // A child that shares memory, for the time of the call.
    pid_t child = vfork();
    if (child == 0) {
        sched_getaffinity(0, sizeof seen, &seen);
        _exit(CPU_COUNT(&seen));
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 1 << 8);
    CPU_ZERO(&seen);
    CHECK_FAILS(sched_setaffinity(0, sizeof seen, &seen), EINVAL);
    CHECK_FAILS(sched_setaffinity(0x3FFFFFFF, sizeof one, &one), ESRCH);
    CHECK_FAILS(syscall(SYS_sched_getaffinity, 0, 4, &seen), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_getaffinity, 0, 0, &seen), EINVAL);
    CHECK_FAILS(sched_setaffinity(0, sizeof one, (cpu_set_t *)8), EFAULT);
    CHECK_WORKS(sched_setaffinity(0, sizeof all, &all));
    CHECK_WORKS(sched_getaffinity(0, sizeof seen, &seen));
    CHECK(CPU_EQUAL(&all, &seen));
}

static int policy_of_child(void) {
    pid_t child = vfork();
    if (child == 0)
        _exit((int)syscall(SYS_sched_getscheduler, 0) & 0xF);
    int status = 0;
    waitpid(child, &status, 0);
    return status >> 8;
}

static void policies(void) {
    struct sched_param parameters = { 0 };
    CHECK_EQUAL(sched_getscheduler(0), SCHED_OTHER);
    CHECK_WORKS(sched_setscheduler(0, SCHED_BATCH, &parameters));
    CHECK_EQUAL(sched_getscheduler(0), SCHED_BATCH);
    CHECK_EQUAL(policy_of_child(), SCHED_BATCH);
    CHECK_WORKS(sched_setscheduler(0, SCHED_BATCH | SCHED_RESET_ON_FORK, &parameters));
    CHECK_EQUAL(sched_getscheduler(0), SCHED_BATCH | SCHED_RESET_ON_FORK);
    CHECK_WORKS(sched_getparam(0, &parameters));
    CHECK_EQUAL(parameters.sched_priority, 0);
    parameters.sched_priority = 1;
    CHECK_FAILS(sched_setscheduler(0, SCHED_OTHER, &parameters), EINVAL);
    CHECK_FAILS(sched_setparam(0, &parameters), EINVAL);
    parameters.sched_priority = 0;
    CHECK_FAILS(sched_setscheduler(0, SCHED_FIFO, &parameters), EINVAL);
    CHECK_FAILS(sched_setscheduler(0, 77, &parameters), EINVAL);
    CHECK_FAILS(sched_setscheduler(0, -1, &parameters), EINVAL);
    CHECK_FAILS(sched_setscheduler(-1, SCHED_OTHER, &parameters), EINVAL);
    CHECK_FAILS(sched_setscheduler(0x3FFFFFFF, SCHED_OTHER, &parameters), ESRCH);
    CHECK_FAILS(sched_setscheduler(0, SCHED_OTHER, NULL), EINVAL);
    if (geteuid() == 0)
        CHECK_WORKS(sched_setscheduler(0, SCHED_OTHER, &parameters));
}

struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t least, most;
};

static void attributes(void) {
    struct attributes value = { 0 };
    CHECK_WORKS(syscall(SYS_sched_getattr, 0, &value, sizeof value, 0));
    CHECK_EQUAL(value.size, sizeof value);
    CHECK_EQUAL(value.priority, 0);
    CHECK_FAILS(syscall(SYS_sched_getattr, 0, &value, 47, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_getattr, 0, &value, 4097, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_getattr, 0, &value, sizeof value, 1), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_getattr, 0, NULL, sizeof value, 0), EINVAL);
    value = (struct attributes) { .size = sizeof value, .policy = SCHED_BATCH, .nice = 5 };
    CHECK_WORKS(syscall(SYS_sched_setattr, 0, &value, 0));
    CHECK_EQUAL(sched_getscheduler(0) & 0xF, SCHED_BATCH);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 5);
    value.size = 48;
    value.nice = 6;
    CHECK_WORKS(syscall(SYS_sched_setattr, 0, &value, 0));
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 6);
    value.size = 47;
    CHECK_FAILS(syscall(SYS_sched_setattr, 0, &value, 0), E2BIG);
    CHECK_EQUAL(value.size, sizeof value);
    value.policy = 99;
    CHECK_FAILS(syscall(SYS_sched_setattr, 0, &value, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_setattr, 0, &value, 1), EINVAL);
    CHECK_FAILS(syscall(SYS_sched_setattr, 0, NULL, 0), EINVAL);
}

static pid_t other_thread;
static pthread_barrier_t meeting;

static void *be_nice(void *unused) {
    other_thread = gettid();
    pthread_barrier_wait(&meeting);
    pthread_barrier_wait(&meeting);
    return unused;
}

// On Linux nice values are of threads.
static void nice_values(void) {
    int own = getpriority(PRIO_PROCESS, 0);
    pthread_barrier_init(&meeting, NULL, 2);
    pthread_t thread;
    CHECK_WORKS(pthread_create(&thread, NULL, be_nice, NULL));
    pthread_barrier_wait(&meeting);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, other_thread), own);
    CHECK_WORKS(setpriority(PRIO_PROCESS, other_thread, 15));
    CHECK_EQUAL(getpriority(PRIO_PROCESS, other_thread), 15);
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), own);
    CHECK_EQUAL(getpriority(PRIO_PGRP, 0) <= own, 1);
    pthread_barrier_wait(&meeting);
    pthread_join(thread, NULL);
    CHECK_FAILS(setpriority(3, 0, 0), EINVAL);
    CHECK_FAILS(getpriority(PRIO_PROCESS, 0x3FFFFFFF), ESRCH);
}

// What a process has asked of the scheduler is there until somebody has waited for it.
static void ended_processes(void) {
    int own = getpriority(PRIO_PROCESS, 0), policy = sched_getscheduler(0);
    if (own > 10)
        own = 10;
    pid_t child = fork();
    if (child == 0)
        _exit(setpriority(PRIO_PROCESS, 0, own + 3) == 0 ? 0 : 1);
    siginfo_t info;
    CHECK_WORKS(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    CHECK_EQUAL(info.si_status, 0);
    errno = 0;
    CHECK_EQUAL(getpriority(PRIO_PROCESS, (id_t)child), own + 3);
    CHECK_WORKS(setpriority(PRIO_PROCESS, (id_t)child, own + 4));
    CHECK_EQUAL(getpriority(PRIO_PROCESS, (id_t)child), own + 4);
    CHECK_EQUAL(sched_getscheduler(child), policy);
    cpu_set_t processors;
    CHECK_WORKS(sched_getaffinity(child, sizeof processors, &processors));
    CHECK_WORKS(sched_setaffinity(child, sizeof processors, &processors));
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
    CHECK_FAILS(setpriority(PRIO_PROCESS, (id_t)child, own + 4), ESRCH);
}

static void io_priorities(void) {
    CHECK_WORKS(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 6));
    CHECK_EQUAL(syscall(SYS_ioprio_get, 1, 0), 2 << 13 | 6);
    pid_t child = vfork();
    if (child == 0)
        _exit((int)syscall(SYS_ioprio_get, 1, 0) & 0xFF);
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status >> 8, 6);
    CHECK_FAILS(syscall(SYS_ioprio_set, 1, 0, 0 << 13 | 6), EINVAL);
    CHECK_FAILS(syscall(SYS_ioprio_set, 1, 0, 4 << 13 | 7), EINVAL);
    CHECK_FAILS(syscall(SYS_ioprio_set, 4, 0, 2 << 13), EINVAL);
    CHECK_FAILS(syscall(SYS_ioprio_get, 4, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_ioprio_get, 1, 0x3FFFFFFF), ESRCH);
    CHECK_WORKS(syscall(SYS_ioprio_set, 1, 0, 3 << 13 | 7));
    // One that has none has it by its nice value, where those of several are compared.
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        syscall(SYS_ioprio_set, 1, 0, 0);
        setpriority(PRIO_PROCESS, 0, 10);
        _exit(syscall(SYS_ioprio_get, 1, 0) == 0 && syscall(SYS_ioprio_get, 2, 0) == (2 << 13 | 6) ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 0);
}

MAIN(SECTION(affinity), SECTION(policies), SECTION(attributes), SECTION(nice_values), SECTION(ended_processes), SECTION(io_priorities))
