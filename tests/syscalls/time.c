// Clocks, sleeping and timers.
#include "check.h"
#include <pthread.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <poll.h>

#define MILLISECOND 1000000LL

static volatile int fired;
static siginfo_t fired_info;

static void on_timer(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    fired_info = *info;
    fired++;
}

static void handle(int signal, int flags) {
    struct sigaction action = { .sa_sigaction = on_timer, .sa_flags = SA_SIGINFO | flags };
    sigaction(signal, &action, NULL);
}

static void reset(int signal) {
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigaction(signal, &action, NULL);
}

static void clocks(void) {
    clockid_t known[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
        CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME };
    struct timespec value, later;
    for (int i = 0; i < 8; i++) {
        CHECK_WORKS(clock_gettime(known[i], &value));
        CHECK(value.tv_nsec >= 0 && value.tv_nsec < 1000000000);
        CHECK_WORKS(clock_getres(known[i], &value));
        CHECK(value.tv_sec == 0 && value.tv_nsec > 0);
        CHECK_WORKS(syscall(SYS_clock_gettime, known[i], &value));
        CHECK_WORKS(clock_gettime(known[i], &later));
        // The system call and the C library's shortcut show the same clock.
        long long difference = (later.tv_sec - value.tv_sec) * 1000000000LL + later.tv_nsec - value.tv_nsec;
        if (!CHECK(difference >= 0 && difference < 1000000000))
            printf("clock %d: difference %lld ns\n", known[i], difference);
    }
    CHECK_FAILS(clock_gettime(99, &value), EINVAL);
    CHECK_FAILS(clock_getres(99, &value), EINVAL);
    CHECK_WORKS(clock_getres(CLOCK_MONOTONIC, NULL));
    CHECK_FAILS(syscall(SYS_clock_gettime, CLOCK_REALTIME, 8), EFAULT);
    long backwards = 0;
    long long last = 0;
    for (int i = 0; i < 100000; i++) {
        long long now = now_in_nanoseconds(CLOCK_MONOTONIC);
        backwards += now < last;
        last = now;
    }
    CHECK_EQUAL(backwards, 0);
    struct timeval day;
    CHECK_WORKS(gettimeofday(&day, NULL));
    time_t now = time(NULL);
    CHECK(now - day.tv_sec <= 1 && now >= day.tv_sec);
    // After 2020, before 2100.
    CHECK(now > 1577836800 && now < 4102444800);
    clockid_t of_process;
    CHECK_WORKS(clock_getcpuclockid(0, &of_process));
    CHECK_WORKS(clock_gettime(of_process, &value));
}

static void processor_time(void) {
    long long thread = now_in_nanoseconds(CLOCK_THREAD_CPUTIME_ID), process = now_in_nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    while (now_in_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - thread < 20 * MILLISECOND)
        ;
    CHECK(now_in_nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - process >= 15 * MILLISECOND);
    thread = now_in_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    usleep(30000);
    CHECK(now_in_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - thread < 15 * MILLISECOND);
    struct tms used;
    CHECK(times(&used) != (clock_t)-1);
    CHECK(used.tms_utime >= 0 && used.tms_cutime >= 0);
}

static void sleeping(void) {
    struct timespec time = { .tv_nsec = 5 * MILLISECOND }, rest = { 7, 7 };
    long long start = now_in_nanoseconds(CLOCK_MONOTONIC);
    CHECK_WORKS(nanosleep(&time, &rest));
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) - start >= 5 * MILLISECOND);
    CHECK_EQUAL(rest.tv_sec, 7);
    time.tv_nsec = 1000000000;
    CHECK_FAILS(nanosleep(&time, NULL), EINVAL);
    time = (struct timespec){ -1, 0 };
    CHECK_FAILS(nanosleep(&time, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_nanosleep, 8, NULL), EFAULT);
    clock_gettime(CLOCK_MONOTONIC, &time);
    CHECK_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL), 0);
    time.tv_nsec += 5 * MILLISECOND;
    if (time.tv_nsec >= 1000000000) {
        time.tv_nsec -= 1000000000;
        time.tv_sec++;
    }
    CHECK_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL), 0);
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) >= time.tv_sec * 1000000000LL + time.tv_nsec);
    CHECK_EQUAL(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &time, NULL), EINVAL);
    CHECK_EQUAL(clock_nanosleep(99, 0, &time, NULL), EINVAL);
}

static void interrupted_sleep(void) {
    handle(SIGALRM, SA_RESTART);
    fired = 0;
    struct itimerval soon = { .it_value = { 0, 20000 } };
    setitimer(ITIMER_REAL, &soon, NULL);
    struct timespec time = { .tv_sec = 10 }, rest = { 0, 0 };
    CHECK_FAILS(nanosleep(&time, &rest), EINTR);
    CHECK_EQUAL(fired, 1);
    CHECK_EQUAL(rest.tv_sec, 9);
    setitimer(ITIMER_REAL, &soon, NULL);
    rest = (struct timespec){ 7, 7 };
    CHECK_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &rest), EINTR);
    CHECK_EQUAL(rest.tv_sec, 9);
    setitimer(ITIMER_REAL, &soon, NULL);
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += 10;
    rest = (struct timespec){ 7, 7 };
    CHECK_EQUAL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, &rest), EINTR);
    CHECK_EQUAL(rest.tv_sec, 7);
    CHECK_EQUAL(fired, 3);
    reset(SIGALRM);
}

static void interval_timers(void) {
    handle(SIGALRM, 0);
    fired = 0;
    struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, old, never = { { 0, 0 }, { 0, 0 } };
    CHECK_WORKS(setitimer(ITIMER_REAL, &often, NULL));
    UNTIL(fired >= 5);
    CHECK_EQUAL(fired_info.si_code, SI_KERNEL);
    CHECK_WORKS(getitimer(ITIMER_REAL, &old));
    CHECK_EQUAL(old.it_interval.tv_usec, 2000);
    CHECK_WORKS(setitimer(ITIMER_REAL, &never, &old));
    CHECK_EQUAL(old.it_interval.tv_usec, 2000);
    CHECK_WORKS(getitimer(ITIMER_REAL, &old));
    CHECK_EQUAL(old.it_value.tv_usec + old.it_value.tv_sec, 0);
    CHECK_EQUAL(alarm(100), 0);
    CHECK_EQUAL(alarm(0), 100);
    CHECK_EQUAL(alarm(0), 0);
    CHECK_FAILS(setitimer(77, &often, NULL), EINVAL);
    often.it_value.tv_usec = 1000000;
    CHECK_FAILS(setitimer(ITIMER_REAL, &often, NULL), EINVAL);
    reset(SIGALRM);
    handle(SIGVTALRM, 0);
    handle(SIGPROF, 0);
    struct itimerval once = { .it_value = { 0, 5000 } };
    fired = 0;
    CHECK_WORKS(setitimer(ITIMER_VIRTUAL, &once, NULL));
    for (long long start = now_in_nanoseconds(CLOCK_MONOTONIC); !fired && now_in_nanoseconds(CLOCK_MONOTONIC) - start < 5000 * MILLISECOND;)
        ;
    CHECK_EQUAL(fired, 1);
    CHECK_EQUAL(fired_info.si_signo, SIGVTALRM);
    fired = 0;
    CHECK_WORKS(setitimer(ITIMER_PROF, &once, NULL));
    for (long long start = now_in_nanoseconds(CLOCK_MONOTONIC); !fired && now_in_nanoseconds(CLOCK_MONOTONIC) - start < 5000 * MILLISECOND;)
        ;
    CHECK_EQUAL(fired, 1);
    CHECK_EQUAL(fired_info.si_signo, SIGPROF);
    reset(SIGVTALRM);
    reset(SIGPROF);
}

static void posix_timers(void) {
    handle(SIGUSR1, 0);
    fired = 0;
    timer_t timer;
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value = { .sival_int = 99 } };
    CHECK_WORKS(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec soon = { .it_value = { 0, 5 * MILLISECOND } }, old;
    CHECK_WORKS(timer_settime(timer, 0, &soon, NULL));
    CHECK_WORKS(timer_gettime(timer, &old));
    CHECK(old.it_value.tv_nsec > 0 || fired);
    UNTIL(fired == 1);
    CHECK_EQUAL(fired_info.si_code, SI_TIMER);
    CHECK_EQUAL(fired_info.si_value.sival_int, 99);
    CHECK_EQUAL(fired_info.si_overrun, 0);
    CHECK_WORKS(timer_gettime(timer, &old));
    CHECK_EQUAL(old.it_value.tv_nsec, 0);
    // Absolute, and in the past: at once.
    soon.it_value = (struct timespec){ 0, 1 };
    CHECK_WORKS(timer_settime(timer, TIMER_ABSTIME, &soon, NULL));
    UNTIL(fired == 2);
    // Expirations while the signal is blocked are counted.
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    soon = (struct itimerspec){ { 0, MILLISECOND }, { 0, MILLISECOND } };
    CHECK_WORKS(timer_settime(timer, 0, &soon, NULL));
    usleep(50000);
    sigprocmask(SIG_SETMASK, &before, NULL);
    CHECK(fired >= 3);
    CHECK(timer_getoverrun(timer) >= 0);
    struct itimerspec never = { { 0, 0 }, { 0, 0 } };
    CHECK_WORKS(timer_settime(timer, 0, &never, &old));
    CHECK_EQUAL(old.it_interval.tv_nsec, MILLISECOND);
    CHECK_WORKS(timer_delete(timer));
    CHECK_FAILS(syscall(SYS_timer_delete, 4711), EINVAL);
    CHECK_FAILS(syscall(SYS_timer_gettime, 4711, &old), EINVAL);
    event.sigev_signo = 99;
    CHECK_FAILS(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer), EINVAL);
    CHECK_FAILS(syscall(SYS_timer_create, 99, NULL, &timer), EINVAL);
    reset(SIGUSR1);
}

static void overrun(void) {
    sigset_t wanted, before;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &wanted, &before);
    timer_t timer;
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
    CHECK_WORKS(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec often = { { 0, MILLISECOND }, { 0, MILLISECOND } };
    CHECK_WORKS(timer_settime(timer, 0, &often, NULL));
    usleep(30000);
    siginfo_t info;
    CHECK_EQUAL(sigwaitinfo(&wanted, &info), SIGRTMIN);
    CHECK(info.si_overrun >= 20);
    CHECK_EQUAL(timer_getoverrun(timer), info.si_overrun);
    CHECK_WORKS(timer_delete(timer));
    struct timespec zero = { 0, 0 };
    while (sigtimedwait(&wanted, &info, &zero) > 0)
        ;
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static volatile pid_t thread_of_signal;

static void note_thread(int signal) {
    (void)signal;
    thread_of_signal = (pid_t)syscall(SYS_gettid);
}

static void *wait_for_timer(void *argument) {
    struct sigaction action = { .sa_handler = note_thread };
    sigaction(SIGUSR2, &action, NULL);
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2 };
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    timer_t timer;
    CHECK_WORKS(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec soon = { .it_value = { 0, MILLISECOND } };
    CHECK_WORKS(timer_settime(timer, 0, &soon, NULL));
    UNTIL(thread_of_signal != 0);
    CHECK_EQUAL(thread_of_signal, syscall(SYS_gettid));
    CHECK_WORKS(timer_delete(timer));
    return argument;
}

static void timer_of_a_thread(void) {
    pthread_t thread;
    thread_of_signal = 0;
    pthread_create(&thread, NULL, wait_for_timer, NULL);
    pthread_join(thread, NULL);
    reset(SIGUSR2);
}

static void timer_descriptors(void) {
    int file = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    NEED(file >= 0);
    uint64_t count = 0;
    CHECK_FAILS(read(file, &count, 8), EAGAIN);
    struct itimerspec often = { { 0, 2 * MILLISECOND }, { 0, 2 * MILLISECOND } }, old;
    CHECK_WORKS(timerfd_settime(file, 0, &often, NULL));
    struct pollfd poll_file = { file, POLLIN, 0 };
    CHECK_EQUAL(poll(&poll_file, 1, 5000), 1);
    CHECK_EQUAL(read(file, &count, 8), 8);
    CHECK(count >= 1);
    usleep(20000);
    CHECK_EQUAL(read(file, &count, 8), 8);
    CHECK(count >= 5);
    CHECK_FAILS(read(file, &count, 4), EINVAL);
    CHECK_WORKS(timerfd_gettime(file, &old));
    CHECK_EQUAL(old.it_interval.tv_nsec, 2 * MILLISECOND);
    struct itimerspec never = { { 0, 0 }, { 0, 0 } };
    CHECK_WORKS(timerfd_settime(file, 0, &never, &old));
    CHECK_EQUAL(old.it_interval.tv_nsec, 2 * MILLISECOND);
    CHECK_FAILS(read(file, &count, 8), EAGAIN);
    CHECK_FAILS(write(file, &count, 8), EINVAL);
    close(file);
    // A read that waits.
    file = timerfd_create(CLOCK_REALTIME, 0);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct itimerspec absolute = { .it_value = now };
    absolute.it_value.tv_nsec += 5 * MILLISECOND;
    if (absolute.it_value.tv_nsec >= 1000000000) {
        absolute.it_value.tv_nsec -= 1000000000;
        absolute.it_value.tv_sec++;
    }
    CHECK_WORKS(timerfd_settime(file, TFD_TIMER_ABSTIME, &absolute, NULL));
    CHECK_EQUAL(read(file, &count, 8), 8);
    CHECK_EQUAL(count, 1);
    close(file);
    CHECK_FAILS(timerfd_create(99, 0), EINVAL);
    CHECK_FAILS(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
    CHECK_FAILS(timerfd_settime(0x7FFF, 0, &often, NULL), EBADF);
}

static void broken_clocks(void) {
    struct timespec wrong = { 0, 1000000000 };
    CHECK_FAILS(clock_settime(CLOCK_REALTIME, &wrong), EINVAL);
    CHECK_FAILS(clock_settime(CLOCK_MONOTONIC, &wrong), EINVAL);
}

MAIN(SECTION(clocks), SECTION(processor_time), SECTION(sleeping), SECTION(interrupted_sleep), SECTION(interval_timers),
    SECTION(posix_timers), SECTION(overrun), SECTION(timer_of_a_thread), SECTION(timer_descriptors), SECTION(broken_clocks))
