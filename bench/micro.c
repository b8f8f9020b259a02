// Small measurements of the system calls that programs make most. Prints "name nanoseconds" for each; with arguments, only those named.
// "echo" and "swallow" are the other ends of measurements; "idle" is for measuring memory: it touches 45 MiB, says so, and waits for the end of its input.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 9
#define BATCH_NANOSECONDS 15000000L

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void need(bool holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static int zero, ends[2];
static char file_name[64];

static void getppid_calls(long count) {
    for (long i = 0; i < count; i++)
        syscall(SYS_getppid);
}

static void zero_reads(long count) {
    char value;
    for (long i = 0; i < count; i++)
        need(read(zero, &value, 1) == 1, "read");
}

static void pipe_bytes(long count) {
    char value = 1;
    for (long i = 0; i < count; i++)
        need(write(ends[1], &value, 1) == 1 && read(ends[0], &value, 1) == 1, "pipe");
}

static void clock_reads(long count) {
    struct timespec time;
    for (long i = 0; i < count; i++)
        clock_gettime(CLOCK_MONOTONIC, &time);
}

static atomic_uint ping, pong;

static void pass(atomic_uint *word, unsigned value) {
    atomic_store(word, value);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void await(atomic_uint *word, unsigned value) {
    unsigned seen;
    while ((seen = atomic_load(word)) != value)
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void *answer(void *argument) {
    for (long i = 1; i <= (long)argument; i++) {
        await(&ping, (unsigned)i);
        pass(&pong, (unsigned)i);
    }
    return NULL;
}

static void futex_rounds(long count) {
    pthread_t thread;
    ping = pong = 0;
    need(pthread_create(&thread, NULL, answer, (void *)count) == 0, "thread");
    for (long i = 1; i <= count; i++) {
        pass(&ping, (unsigned)i);
        await(&pong, (unsigned)i);
    }
    pthread_join(thread, NULL);
}

static void map_and_touch(long count, size_t size) {
    for (long i = 0; i < count; i++) {
        char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        need(memory != MAP_FAILED, "mmap");
        for (size_t j = 0; j < size; j += 4096)
            memory[j] = 1;
        munmap(memory, size);
    }
}

static void map_little(long count) {
    map_and_touch(count, 64 << 10);
}

static void map_much(long count) {
    map_and_touch(count, 64 << 20);
}

static void *nothing(void *argument) {
    return argument;
}

static void thread_lives(long count) {
    for (long i = 0; i < count; i++) {
        pthread_t thread;
        need(pthread_create(&thread, NULL, nothing, NULL) == 0, "thread");
        pthread_join(thread, NULL);
    }
}

static void opens(long count) {
    for (long i = 0; i < count; i++) {
        int file = open(file_name, O_RDONLY);
        need(file >= 0, "open");
        close(file);
    }
}

static void stats(long count) {
    struct stat status;
    for (long i = 0; i < count; i++)
        need(stat(file_name, &status) == 0, "stat");
}

static void await_child(pid_t child) {
    need(child > 0 && waitpid(child, NULL, 0) == child, "child");
}

// A process that has written 10 MiB.
static void forks(long count) {
    static char *memory;
    if (!memory) {
        memory = malloc(10 << 20);
        need(memory != NULL, "malloc");
        memset(memory, 1, 10 << 20);
    }
    for (long i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        await_child(child);
    }
}

static void forks_and_execs(long count) {
    for (long i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0) {
            execl("/bin/true", "true", NULL);
            _exit(127);
        }
        await_child(child);
    }
}

static void spawns(long count) {
    extern char **environ;
    for (long i = 0; i < count; i++) {
        pid_t child;
        char *arguments[] = { "true", NULL };
        need(posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) == 0, "posix_spawn");
        await_child(child);
    }
}

// Parent and child of fork answer each other: natively two switches, inside two of rivals.
static void rounds_of_processes(long count) {
    int there[2], back[2];
    char byte = 0;
    need(pipe(there) == 0 && pipe(back) == 0, "pipe");
    pid_t child = fork();
    if (child == 0) {
        for (long i = 0; i < count; i++)
            need(read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1, "child");
        _exit(0);
    }
    for (long i = 0; i < count; i++)
        need(write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1, "parent");
    await_child(child);
    close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

// The same with memory that the parent has written, per switch: half a round.
static void switch_with(long count, size_t mebibytes) {
    static char *memory;
    static size_t size;
    if (size != mebibytes << 20) {
        free(memory);
        size = mebibytes << 20;
        memory = malloc(size);
        need(memory != NULL, "malloc");
        memset(memory, 1, size);
    }
    rounds_of_processes(count / 2 + 1);
}

static void switch_1(long count) {
    switch_with(count, 1);
}

static void switch_10(long count) {
    switch_with(count, 10);
}

static void switch_100(long count) {
    switch_with(count, 100);
}

static void switch_1000(long count) {
    switch_with(count, 1000);
}

// Another process with this program, which answers or swallows what comes on its standard input.
static pid_t start_other(const char *role, int stream) {
    extern char **environ;
    pid_t child;
    char *arguments[] = { "micro", (char *)role, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, stream, 0);
    need(posix_spawn(&child, "/proc/self/exe", &actions, NULL, arguments, environ) == 0, "posix_spawn");
    posix_spawn_file_actions_destroy(&actions);
    return child;
}

static void echo(void) {
    char byte;
    while (read(0, &byte, 1) == 1)
        need(write(0, &byte, 1) == 1, "echo");
}

static char block[64 << 10];

static void swallow(void) {
    while (read(0, block, sizeof block) > 0)
        ;
}

// A byte there and back through a socket between two programs.
static void socket_rounds(long count) {
    int pair[2];
    char byte = 0;
    need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0, "socketpair");
    pid_t child = start_other("echo", pair[1]);
    close(pair[1]);
    for (long i = 0; i < count; i++)
        need(write(pair[0], &byte, 1) == 1 && read(pair[0], &byte, 1) == 1, "socket");
    close(pair[0]);
    await_child(child);
}

// A MiB through a pipe to another program.
static void pipe_mebibytes(long count) {
    int pipe_ends[2];
    need(pipe2(pipe_ends, O_CLOEXEC) == 0, "pipe");
    pid_t child = start_other("swallow", pipe_ends[0]);
    close(pipe_ends[0]);
    for (long i = 0; i < count * (1 << 20) / (long)sizeof block; i++)
        need(write(pipe_ends[1], block, sizeof block) == (ssize_t)sizeof block, "pipe");
    close(pipe_ends[1]);
    await_child(child);
}

static int compare(const void *one, const void *two) {
    double difference = *(const double *)one - *(const double *)two;
    return difference < 0 ? -1 : difference > 0;
}

// The median of some batches, each long enough to be measured well.
static double measure(void (*run)(long)) {
    double results[BATCHES];
    long count = 1;
    for (;;) {
        long long start = now();
        run(count);
        long long taken = now() - start;
        if (taken >= BATCH_NANOSECONDS / 2)
            break;
        count = taken < BATCH_NANOSECONDS / 100 ? count * 10 : count * (BATCH_NANOSECONDS / (taken + 1) + 1);
    }
    for (int i = 0; i < BATCHES; i++) {
        long long start = now();
        run(count);
        results[i] = (double)(now() - start) / (double)count;
    }
    qsort(results, BATCHES, sizeof results[0], compare);
    return results[BATCHES / 2];
}

static void idle(void) {
    char *memory = mmap(NULL, 45 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(memory != MAP_FAILED, "mmap");
    memset(memory, 1, 45 << 20);
    printf("ready\n");
    fflush(stdout);
    while (getchar() != EOF)
        ;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(long);
    } measurements[] = { { "getppid", getppid_calls }, { "read-zero", zero_reads }, { "pipe", pipe_bytes }, { "clock", clock_reads },
        { "futex", futex_rounds }, { "mmap-64k", map_little }, { "mmap-64m", map_much }, { "thread", thread_lives },
        { "open", opens }, { "stat", stats }, { "exec", forks_and_execs }, { "spawn", spawns }, { "process-round", rounds_of_processes },
        { "unix-round", socket_rounds }, { "pipe-mebibyte", pipe_mebibytes }, { "fork", forks }, { "switch-1", switch_1 },
        { "switch-10", switch_10 }, { "switch-100", switch_100 }, { "switch-1000", switch_1000 } };
    if (argc == 2 && strcmp(argv[1], "idle") == 0) {
        idle();
        return 0;
    }
    if (argc == 2 && (strcmp(argv[1], "echo") == 0 || strcmp(argv[1], "swallow") == 0)) {
        (argv[1][0] == 'e' ? echo : swallow)();
        return 0;
    }
    zero = open("/dev/zero", O_RDONLY);
    need(zero >= 0, "/dev/zero");
    need(pipe(ends) == 0, "pipe");
    // Memory-backed, natively as well as inside.
    snprintf(file_name, sizeof file_name, "/dev/shm/cloister-bench-%d", (int)getpid());
    int file = open(file_name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0) {
        snprintf(file_name, sizeof file_name, "/tmp/cloister-bench-%d", (int)getpid());
        file = open(file_name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    }
    need(file >= 0, file_name);
    for (size_t i = 0; i < sizeof measurements / sizeof measurements[0]; i++) {
        bool wanted = argc < 2;
        for (int j = 1; j < argc; j++)
            wanted |= strcmp(argv[j], measurements[i].name) == 0;
        if (wanted) {
            printf("%s %.2f\n", measurements[i].name, measure(measurements[i].run));
            fflush(stdout);
        }
    }
    unlink(file_name);
    return 0;
}
