// repeat PATH COUNT: makes the system calls of one path that often; the test compares what the kernel allocates meanwhile.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int count, request, answer, zero, pipes[2], file;
static char buffer[4096];

static void wait_for(int *word) {
    while (__atomic_exchange_n(word, 0, __ATOMIC_SEQ_CST) == 0)
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void wake(int *word) {
    __atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *answer_all(void *unused) {
    for (int i = 0; i < count; i++) {
        wait_for(&request);
        wake(&answer);
    }
    return unused;
}

static void call_getppid(void) { getppid(); }
static void call_read(void) { read(zero, buffer, 1); }
static void call_pipe(void) { write(pipes[1], buffer, 1); read(pipes[0], buffer, 1); }
static void call_clock(void) { syscall(SYS_clock_gettime, CLOCK_MONOTONIC, buffer); }
static void call_futex(void) { wake(&request); wait_for(&answer); }
static void call_open(void) { close(open("/dev/shm/repeat", O_RDONLY)); }
static void call_stat(void) { struct stat status; stat("/dev/shm/repeat", &status); }
static void call_pread(void) { pread(file, buffer, sizeof buffer, 0); }
static void call_pwrite(void) { pwrite(file, buffer, sizeof buffer, 0); }
static void call_poll(void) { struct pollfd ready = { pipes[1], POLLOUT, 0 }; poll(&ready, 1, 0); }

static void call_mmap(void) {
    char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *memory = 1;
    munmap(memory, 65536);
}

static const struct { const char *name; void (*call)(void); } paths[] = {
    { "getppid", call_getppid }, { "read", call_read }, { "pipe", call_pipe }, { "clock", call_clock }, { "futex", call_futex },
    { "open", call_open }, { "stat", call_stat }, { "pread", call_pread }, { "pwrite", call_pwrite }, { "poll", call_poll },
    { "mmap", call_mmap },
};

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    count = atoi(argv[2]);
    zero = open("/dev/zero", O_RDONLY);
    file = open("/dev/shm/repeat", O_CREAT | O_RDWR, 0600);
    pwrite(file, buffer, sizeof buffer, 0);
    pipe(pipes);
    pthread_t thread;
    if (strcmp(argv[1], "futex") == 0)
        pthread_create(&thread, NULL, answer_all, NULL);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (strcmp(paths[i].name, argv[1]) != 0)
            continue;
        for (int j = 0; j < count; j++)
            paths[i].call();
        return 0;
    }
    return 2;
}
