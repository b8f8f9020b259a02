// Threads that end, execute and block signals while others do the same: many rounds, each short.
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;
static const char *own_path;

enum { ROUNDS = 40 };

static int status_of(const char *what) {
    char *arguments[] = { (char *)own_path, "..", (char *)what, NULL };
    pid_t child;
    int status = -1;
    CHECK_WORKS(posix_spawn(&child, own_path, NULL, NULL, arguments, environ));
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    return status;
}

static pthread_barrier_t meeting;

static void *execute(void *unused) {
    pthread_barrier_wait(&meeting);
    execl(own_path, own_path, "..", "done", NULL);
    return unused;
}

static void *nothing(void *unused) {
    return unused;
}

static void *make_threads(void *unused) {
    pthread_barrier_wait(&meeting);
    for (;;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, nothing, NULL) == 0)
            pthread_detach(thread);
    }
    return unused;
}

static void *leave(void *unused) {
    pthread_barrier_wait(&meeting);
    _exit(7);
    return unused;
}

static int be_child(const char *what) {
    pthread_t thread;
    if (strcmp(what, "done") == 0)
        return 7;
    pthread_barrier_init(&meeting, NULL, 3);
    if (strcmp(what, "two executions") == 0) {
        pthread_create(&thread, NULL, execute, NULL);
        pthread_create(&thread, NULL, execute, NULL);
    } else if (strcmp(what, "execution and threads") == 0) {
        pthread_create(&thread, NULL, make_threads, NULL);
        pthread_create(&thread, NULL, execute, NULL);
    } else if (strcmp(what, "exit and threads") == 0) {
        pthread_create(&thread, NULL, make_threads, NULL);
        pthread_create(&thread, NULL, leave, NULL);
    } else if (strcmp(what, "exit and execution") == 0) {
        pthread_create(&thread, NULL, execute, NULL);
        pthread_create(&thread, NULL, leave, NULL);
    }
    pthread_barrier_wait(&meeting);
    for (;;)
        pause();
}

static void many(const char *what) {
    for (int i = 0; i < ROUNDS; i++) {
        if (!CHECK_EQUAL(status_of(what), 7 << 8))
            printf("%s, round %d\n", what, i);
    }
}

static void two_executions(void) { many("two executions"); }
static void execution_and_threads(void) { many("execution and threads"); }
static void exit_and_threads(void) { many("exit and threads"); }
static void exit_and_execution(void) { many("exit and execution"); }

static volatile int taken;
static volatile int is_over;

static void on_signal(int signal) {
    (void)signal;
    taken++;
}

// Blocks and unblocks the signal all the time.
static void *block_and_unblock(void *unused) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    while (!is_over) {
        pthread_sigmask(SIG_BLOCK, &set, NULL);
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return unused;
}

static void *sleep_unblocked(void *unused) {
    while (!is_over)
        usleep(100000);
    return unused;
}

// Ends right away, whoever it might have taken a signal for.
static void *come_and_go(void *unused) {
    pthread_t thread;
    while (!is_over) {
        pthread_create(&thread, NULL, nothing, NULL);
        pthread_join(thread, NULL);
    }
    return unused;
}

// A signal to the process that one thread was about to take, and that one blocks it or ends: another one takes it.
static void passed_on(void) {
    signal(SIGUSR1, on_signal);
    pthread_t threads[3];
    CHECK_WORKS(pthread_create(&threads[0], NULL, block_and_unblock, NULL));
    CHECK_WORKS(pthread_create(&threads[1], NULL, come_and_go, NULL));
    CHECK_WORKS(pthread_create(&threads[2], NULL, sleep_unblocked, NULL));
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 300; i++) {
        int before = taken;
        kill(getpid(), SIGUSR1);
        long long end = now_in_nanoseconds(CLOCK_MONOTONIC) + 10000000000LL;
        while (taken == before && now_in_nanoseconds(CLOCK_MONOTONIC) < end)
            sched_yield();
        if (!CHECK(taken > before))
            break;
    }
    is_over = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// More threads in all than any table holds at once.
static void threads_come_and_go(void) {
    for (int i = 0; i < 30; i++) {
        pthread_t threads[100];
        for (int j = 0; j < 100; j++)
            CHECK_WORKS(pthread_create(&threads[j], NULL, nothing, NULL));
        for (int j = 0; j < 100; j++)
            pthread_join(threads[j], NULL);
    }
}

int main(int argc, char **argv) {
    static char path[4096];
    own_path = realpath(argv[0], path);
    if (argc > 2 && strcmp(argv[1], "..") == 0)
        return be_child(argv[2]);
    static const struct section sections[] = { SECTION(two_executions), SECTION(execution_and_threads), SECTION(exit_and_threads),
        SECTION(exit_and_execution), SECTION(passed_on), SECTION(threads_come_and_go) };
    return run_sections(sections, (int)(sizeof sections / sizeof sections[0]), argc, argv);
}
