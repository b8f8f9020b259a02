// Timers on wall time and on processor time, their limits, and the queues of signals.
#include "check.h"
#include <limits.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <poll.h>

#define MILLISECOND 1000000LL

static volatile int fired;

static void on_signal(int signal) {
    (void)signal;
    fired++;
}

static void handle(int signal, void (*handler)(int)) {
    struct sigaction action = { .sa_handler = handler };
    sigaction(signal, &action, NULL);
    fired = 0;
}

static void burn(long long nanoseconds) {
    long long start = now_in_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    while (now_in_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start < nanoseconds)
        ;
}

static timer_t create(clockid_t clock, int signal) {
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = signal };
    timer_t timer = 0;
    CHECK_WORKS(timer_create(clock, &event, &timer));
    return timer;
}

static void set(timer_t timer, long long value, long long interval) {
    struct itimerspec setting = { { interval / 1000000000, interval % 1000000000 }, { value / 1000000000, value % 1000000000 } };
    CHECK_WORKS(timer_settime(timer, 0, &setting, NULL));
}

// Sums beyond the end of time are the end of time.
static void far_future(void) {
    handle(SIGALRM, on_signal);
    struct itimerval far = { { LONG_MAX, 0 }, { LONG_MAX, 999999 } };
    CHECK_WORKS(setitimer(ITIMER_REAL, &far, NULL));
    usleep(20000);
    CHECK_EQUAL(fired, 0);
    struct itimerval none = { 0 };
    CHECK_WORKS(setitimer(ITIMER_REAL, &none, NULL));

    handle(SIGUSR1, on_signal);
    timer_t timer = create(CLOCK_MONOTONIC, SIGUSR1);
    struct itimerspec setting = { { LONG_MAX, 0 }, { 0, MILLISECOND } };
    CHECK_WORKS(timer_settime(timer, 0, &setting, NULL));
    UNTIL(fired > 0);
    usleep(30000);
    CHECK_EQUAL(fired, 1);
    CHECK_WORKS(timer_delete(timer));

    int file = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    CHECK_WORKS(timerfd_settime(file, 0, &setting, NULL));
    struct pollfd wait = { file, POLLIN, 0 };
    CHECK_EQUAL(poll(&wait, 1, 5000), 1);
    uint64_t count;
    CHECK_EQUAL(read(file, &count, sizeof count), sizeof count);
    CHECK_EQUAL(count, 1);
    setting.it_value.tv_sec = LONG_MAX;
    CHECK_WORKS(timerfd_settime(file, 0, &setting, NULL));
    CHECK_EQUAL(poll(&wait, 1, 10), 0);
    close(file);
}

// Interrupted by a signal in place of sleeping for ever.
static void far_sleep(void) {
    handle(SIGALRM, on_signal);
    alarm(1);
    struct timespec forever = { LONG_MAX, 999999999 };
    CHECK_FAILS(nanosleep(&forever, NULL), EINTR);
    CHECK_EQUAL(fired, 1);
}

// A periodic timer whose signal is ignored goes on.
static void ignored_for_a_while(void) {
    handle(SIGRTMIN, SIG_IGN);
    timer_t timer = create(CLOCK_MONOTONIC, SIGRTMIN);
    set(timer, MILLISECOND, MILLISECOND);
    usleep(20000);
    handle(SIGRTMIN, on_signal);
    UNTIL(fired > 2);
    // Discarded while it is pending.
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &block, NULL);
    sigset_t pending;
    UNTIL(sigpending(&pending) == 0 && sigismember(&pending, SIGRTMIN));
    handle(SIGRTMIN, SIG_IGN);
    handle(SIGRTMIN, on_signal);
    sigprocmask(SIG_UNBLOCK, &block, NULL);
    UNTIL(fired > 2);
    CHECK_WORKS(timer_delete(timer));
}

// The signal of a timer is queued beside one that is pending already, and what it misses is its overrun.
static void already_pending(void) {
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1, ._sigev_un = { ._tid = gettid() } };
    timer_t timer;
    CHECK_WORKS(timer_create(CLOCK_MONOTONIC, &event, &timer));
    set(timer, 10 * MILLISECOND, 10 * MILLISECOND);
    usleep(50000);
    siginfo_t info;
    struct timespec no_time = { 0, 0 }, long_time = { 10, 0 };
    CHECK_EQUAL(sigtimedwait(&block, &info, &no_time), SIGUSR1);
    CHECK_EQUAL(info.si_code, SI_USER); // as the C library shows SI_TKILL
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(sigtimedwait(&block, &info, &long_time), SIGUSR1);
        CHECK_EQUAL(info.si_code, SI_TIMER);
        if (i == 0)
            CHECK(info.si_overrun >= 3);
    }
    CHECK_WORKS(timer_delete(timer));
    while (sigtimedwait(&block, &info, &no_time) > 0)
        ;
    sigprocmask(SIG_UNBLOCK, &block, NULL);
}

// A nanosecond's interval is an overrun of millions, not a storm of signals.
static void short_intervals(void) {
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    timer_t timer = create(CLOCK_MONOTONIC, SIGRTMIN + 1);
    set(timer, 1, 1);
    usleep(20000);
    siginfo_t info;
    struct timespec long_time = { 10, 0 };
    CHECK_EQUAL(sigtimedwait(&block, &info, &long_time), SIGRTMIN + 1);
    CHECK(info.si_overrun > 10000000);
    CHECK_WORKS(timer_delete(timer));
    sigprocmask(SIG_UNBLOCK, &block, NULL);

    int file = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec setting = { { 0, 1 }, { 0, 1 } };
    CHECK_WORKS(timerfd_settime(file, 0, &setting, NULL));
    usleep(20000);
    uint64_t count;
    CHECK_EQUAL(read(file, &count, sizeof count), sizeof count);
    CHECK(count > 10000000);
    CHECK_EQUAL(read(file, &count, sizeof count), sizeof count);
    close(file);
}

static void on_processor_time(void) {
    clockid_t clocks[] = { CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, 0, 0 };
    CHECK_WORKS(clock_getcpuclockid(getpid(), &clocks[2]));
    CHECK_WORKS(pthread_getcpuclockid(pthread_self(), &clocks[3]));
    for (int i = 0; i < 4; i++) {
        handle(SIGUSR2, on_signal);
        timer_t timer = create(clocks[i], SIGUSR2);
        set(timer, 30 * MILLISECOND, 0);
        usleep(60000);
        // Nothing has run.
        CHECK_EQUAL(fired, 0);
        struct itimerspec left;
        CHECK_WORKS(timer_gettime(timer, &left));
        CHECK(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 30 * MILLISECOND);
        long long start = now_in_nanoseconds(clocks[i]);
        while (!fired && now_in_nanoseconds(clocks[i]) - start < 2000 * MILLISECOND)
            ;
        CHECK_EQUAL(fired, 1);
        CHECK(now_in_nanoseconds(clocks[i]) - start >= 15 * MILLISECOND);
        CHECK_WORKS(timer_delete(timer));
    }
}

static void *burn_for_a_while(void *unused) {
    burn(60 * MILLISECOND);
    return unused;
}

static void sleep_on_processor_time(void) {
    pthread_t thread;
    long long start = now_in_nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    CHECK_WORKS(pthread_create(&thread, NULL, burn_for_a_while, NULL));
    struct timespec time = { 0, 20 * MILLISECOND };
    CHECK_WORKS(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &time, NULL));
    CHECK(now_in_nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - start >= 20 * MILLISECOND);
    pthread_join(thread, NULL);
    time.tv_nsec = 1;
    CHECK_WORKS(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &time, NULL));
    CHECK_FAILS(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &time, NULL), EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &time, NULL), EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_clock_nanosleep, 99, 0, &time, NULL), EINVAL);
}

static void intervals_of_processor_time(void) {
    int which[] = { ITIMER_VIRTUAL, ITIMER_PROF }, signals[] = { SIGVTALRM, SIGPROF };
    for (int i = 0; i < 2; i++) {
        handle(signals[i], on_signal);
        struct itimerval setting = { { 0, 5000 }, { 0, 5000 } }, none = { 0 };
        CHECK_WORKS(setitimer(which[i], &setting, NULL));
        usleep(30000);
        CHECK(fired <= 1);
        long long start = now_in_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
        while (fired < 3 && now_in_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start < 2000 * MILLISECOND)
            ;
        CHECK(fired >= 3);
        CHECK_WORKS(setitimer(which[i], &none, NULL));
    }
}

static void limit_of_processor_time(void) {
    handle(SIGXCPU, on_signal);
    struct rlimit limit, old;
    CHECK_WORKS(getrlimit(RLIMIT_CPU, &old));
    limit = old;
    limit.rlim_cur = (rlim_t)(now_in_nanoseconds(CLOCK_PROCESS_CPUTIME_ID) / 1000000000) + 1;
    CHECK_WORKS(setrlimit(RLIMIT_CPU, &limit));
    long long start = now_in_nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    while (!fired && now_in_nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - start < 4000 * MILLISECOND)
        ;
    CHECK_EQUAL(fired, 1);
    // The limit has moved on by a second.
    struct rlimit moved;
    CHECK_WORKS(getrlimit(RLIMIT_CPU, &moved));
    CHECK_EQUAL(moved.rlim_cur, limit.rlim_cur + 1);
    CHECK_WORKS(setrlimit(RLIMIT_CPU, &old));
}

// A user's queued signals and timers have one limit.
static void limit_of_signals(void) {
    struct rlimit old, limit;
    CHECK_WORKS(getrlimit(RLIMIT_SIGPENDING, &old));
    limit = old;
    // Other processes of the user may hold some.
    limit.rlim_cur = 500;
    CHECK_WORKS(setrlimit(RLIMIT_SIGPENDING, &limit));
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGRTMIN);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    int queued = 0;
    union sigval value = { .sival_int = 0 };
    for (; queued <= 500 && sigqueue(getpid(), SIGRTMIN, value) == 0; queued++)
        value.sival_int++;
    CHECK_EQUAL(errno, EAGAIN);
    CHECK(queued > 300 && queued <= 500);
    CHECK_FAILS(syscall(SYS_tgkill, getpid(), gettid(), SIGRTMIN), EAGAIN);
    // Standard signals and those of kill always come.
    CHECK_WORKS(kill(getpid(), SIGRTMIN));
    CHECK_WORKS(kill(getpid(), SIGUSR1));
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
    timer_t timer;
    CHECK_FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EAGAIN);
    siginfo_t info;
    struct timespec no_time = { 0, 0 };
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGRTMIN);
    for (int i = 0; i < queued; i++) {
        CHECK_EQUAL(sigtimedwait(&one, &info, &no_time), SIGRTMIN);
        CHECK_EQUAL(info.si_value.sival_int, i);
    }
    CHECK_WORKS(timer_create(CLOCK_MONOTONIC, &event, &timer));
    CHECK_WORKS(timer_delete(timer));
    int created = 0;
    static timer_t timers[512];
    while (created < 512 && timer_create(CLOCK_MONOTONIC, &event, &timers[created]) == 0)
        created++;
    CHECK(created > 300 && created < 512);
    for (int i = 0; i < created; i++)
        timer_delete(timers[i]);
    handle(SIGUSR1, on_signal);
    sigprocmask(SIG_UNBLOCK, &block, NULL);
    CHECK_EQUAL(fired, 1);
    CHECK_WORKS(setrlimit(RLIMIT_SIGPENDING, &old));
}

// What is set and cancelled leaves nothing behind; the last setting counts.
static void set_again_and_again(void) {
    handle(SIGALRM, on_signal);
    struct itimerval far = { { 0, 0 }, { 1000000, 0 } }, near = { { 0, 0 }, { 0, 1000 } }, none = { 0 }, old;
    for (int i = 0; i < 20000; i++) {
        far.it_value.tv_sec = 1000000 - i;
        setitimer(ITIMER_REAL, &far, &old);
        if (i > 0 && old.it_value.tv_sec < 1000000 - i - 10)
            CHECK_EQUAL(old.it_value.tv_sec, 1000000 - i);
    }
    CHECK_WORKS(setitimer(ITIMER_REAL, &near, NULL));
    UNTIL(fired == 1);
    CHECK_WORKS(setitimer(ITIMER_REAL, &none, &old));
    CHECK_EQUAL(old.it_value.tv_sec, 0);
}

MAIN(SECTION(far_future), SECTION(far_sleep), SECTION(ignored_for_a_while), SECTION(already_pending), SECTION(short_intervals),
    SECTION(on_processor_time), SECTION(sleep_on_processor_time), SECTION(intervals_of_processor_time),
    SECTION(limit_of_processor_time), SECTION(limit_of_signals), SECTION(set_again_and_again))
