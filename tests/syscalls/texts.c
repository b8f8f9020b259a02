// System calls of a text may be replaced at any time: by a platform that waits for a thousand of them, or before there is another
// thread or process. Wherever the program is at that moment, it goes on there. Each case is a program of its own: it executes itself.
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { MANY = 1500 };

static int pipes[2];

static void call_often(void) {
    for (int i = 0; i < MANY; i++)
        syscall(SYS_getppid);
}

static void on_signal(int number) {
    (void)number;
    call_often();
    if (pipes[1] > 0 && write(pipes[1], "x", 1) != 1)
        _exit(9);
}

static void set_handler(int flags) {
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };
    sigaction(SIGALRM, &action, NULL);
}

// A process that sends this one a signal once it sleeps in a call; by vfork, which isn't reason for a search.
static void signal_when_asleep(void) {
    char self[32];
    snprintf(self, sizeof self, "%d", getpid());
    pid_t child = vfork();
    if (child == 0) {
        execl("/proc/self/exe", "texts", "signal", self, (char *)NULL);
        _exit(8);
    }
}

static int send_signal(pid_t to) {
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", to);
    while (state != 'S') {
        FILE *file = fopen(path, "r");
        if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
            return 1;
        fclose(file);
    }
    return kill(to, SIGALRM);
}

// The handler's calls bring the search on, with the interrupted call's address in its frame.
static int in_handler(int flags) {
    char byte = 0;
    if (pipe(pipes) != 0)
        return 1;
    set_handler(flags);
    signal_when_asleep();
    ssize_t got = read(pipes[0], &byte, 1);
    if ((flags & SA_RESTART) != 0)
        return got == 1 && byte == 'x' ? 0 : 2;
    return got == -1 && errno == EINTR && read(pipes[0], &byte, 1) == 1 ? 0 : 3;
}

static void *count(void *argument) {
    call_often();
    return argument;
}

static int with_thread(void) {
    pthread_t thread;
    void *result = NULL;
    if (pthread_create(&thread, NULL, count, pipes) != 0)
        return 1;
    call_often();
    return pthread_join(thread, &result) == 0 && result == pipes ? 0 : 2;
}

static int with_fork(void) {
    pid_t child = fork();
    if (child == 0) {
        call_often();
        _exit(7);
    }
    call_often();
    int status = 0;
    return waitpid(child, &status, 0) == child && status == 7 << 8 ? 0 : 1;
}

// The address space has two processes meanwhile: nothing may be replaced below the parent, which sleeps in a call.
static int with_vfork(void) {
    pid_t child = vfork();
    if (child == 0) {
        call_often();
        _exit(6);
    }
    call_often();
    int status = 0;
    return waitpid(child, &status, 0) == child && status == 6 << 8 ? 0 : 1;
}

// Nobody calls it: its first byte may be another.
__attribute__((aligned(4096), used, noinline)) static void never(void) { call_often(); }

// What a program has written to its text stays.
static int with_own_page(void) {
    unsigned char *text = (unsigned char *)never;
    if (mprotect(text, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        return 1;
    unsigned char first = text[0];
    text[0] ^= 0xFF;
    if (mprotect(text, 4096, PROT_READ | PROT_EXEC) != 0)
        return 2;
    call_often();
    return text[0] == (first ^ 0xFF) ? 0 : 3;
}

static int run_case(const char *name) {
    if (strcmp(name, "calls") == 0)
        return call_often(), 0;
    if (strcmp(name, "handler") == 0)
        return in_handler(0);
    if (strcmp(name, "restart") == 0)
        return in_handler(SA_RESTART);
    if (strcmp(name, "thread") == 0)
        return with_thread();
    if (strcmp(name, "fork") == 0)
        return with_fork();
    if (strcmp(name, "vfork") == 0)
        return with_vfork();
    return strcmp(name, "own") == 0 ? with_own_page() : 99;
}

static int status_of_case(const char *name) {
    fflush(stdout);
    pid_t child = vfork();
    if (child == 0) {
        execl("/proc/self/exe", "texts", "case", name, (char *)NULL);
        _exit(98);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child ? status : -1;
}

#define CASE(name) static void name##_case(void) { CHECK_EQUAL(status_of_case(#name), 0); }
CASE(calls) CASE(handler) CASE(restart) CASE(thread) CASE(fork) CASE(vfork) CASE(own)

int main(int argc, char **argv) {
    static const struct section sections[] = {
        SECTION(calls_case), SECTION(handler_case), SECTION(restart_case), SECTION(thread_case), SECTION(fork_case), SECTION(vfork_case),
        SECTION(own_case),
    };
    if (argc == 3 && strcmp(argv[1], "case") == 0)
        return run_case(argv[2]);
    if (argc == 3 && strcmp(argv[1], "signal") == 0)
        return send_signal(atoi(argv[2]));
    return run_sections(sections, (int)(sizeof sections / sizeof sections[0]), argc, argv);
}
