// A launcher for tests in a Linux guest: enclaves with the agent, by the driver. Prints a line for each check, as the tests' kernel does.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <pthread.h>
#include "keystone_abi.h"
#include "protocol.h"

static char agent[1 << 16];
static size_t agent_size;
static int failures;

struct enclave { int fd; struct keystone_create create; struct command *command; size_t utm_size; };

static void check(const char *name, int holds)
{
    failures += !holds;
    printf("%s %s\n", holds ? "ok    " : "FAILED", name);
    fflush(stdout);
}

// Up to finalize; 0, or what failed.
static int make(struct enclave *enclave, size_t pages)
{
    memset(enclave, 0, sizeof *enclave);
    enclave->fd = open("/dev/keystone_enclave", O_RDWR);
    if (enclave->fd < 0)
        return 1;
    enclave->create.min_pages = pages;
    if (ioctl(enclave->fd, KEYSTONE_IOC_CREATE, &enclave->create))
        return 2;
    enclave->utm_size = enclave->create.utm_size = 8192;
    if (ioctl(enclave->fd, KEYSTONE_IOC_UTM_INIT, &enclave->create))
        return 3;
    // A page at a time, as the stock launcher does.
    for (size_t at = 0; at < agent_size; at += 4096) {
        char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, enclave->fd, (off_t)at);
        if (page == MAP_FAILED)
            return 4;
        memcpy(page, agent + at, 4096);
        munmap(page, 4096);
    }
    enclave->create.runtime_paddr = enclave->create.epm_paddr + agent_size;
    enclave->create.user_paddr = enclave->create.runtime_paddr + 4096;
    enclave->create.free_paddr = enclave->create.user_paddr + 4096;
    if (ioctl(enclave->fd, KEYSTONE_IOC_FINALIZE, &enclave->create))
        return 5;
    enclave->command = mmap(NULL, enclave->utm_size, PROT_READ | PROT_WRITE, MAP_SHARED, enclave->fd, 0);
    return enclave->command == MAP_FAILED ? 6 : 0;
}

static uint64_t go(struct enclave *enclave, unsigned long request, uint64_t *value)
{
    struct keystone_run run = { .eid = enclave->create.eid };
    if (ioctl(enclave->fd, request, &run))
        return (uint64_t)-errno;
    while (run.error == KEYSTONE_INTERRUPTED)
        if (ioctl(enclave->fd, KEYSTONE_IOC_RESUME, &run))
            return (uint64_t)-errno;
    if (value)
        *value = run.value;
    return run.error;
}

static uint64_t perform(struct enclave *enclave, uint64_t op, uint64_t a0, uint64_t a1, uint64_t a2)
{
    enclave->command->op = op;
    enclave->command->a[0] = a0, enclave->command->a[1] = a1, enclave->command->a[2] = a2;
    return go(enclave, KEYSTONE_IOC_RESUME, NULL);
}

static uint64_t call(struct enclave *enclave, uint64_t function, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t *value)
{
    struct command *command = enclave->command;
    command->op = OP_CALL;
    command->a[0] = 0x08424b45, command->a[1] = function, command->a[2] = a0, command->a[3] = a1, command->a[4] = a2;
    uint64_t error = go(enclave, KEYSTONE_IOC_RESUME, value);
    return error == KEYSTONE_EDGE_CALL ? command->result : error;
}

static void finish(struct enclave *enclave)
{
    munmap(enclave->command, enclave->utm_size);
    close(enclave->fd);
}

static void print_bytes(const char *name, const void *bytes, size_t count)
{
    printf("data %s ", name);
    for (size_t i = 0; i < count; i++)
        printf("%02x", ((const unsigned char *)bytes)[i]);
    printf("\n");
}

static void life(void)
{
    struct enclave one, two;
    check("create", make(&one, 64) == 0);
    check("run", go(&one, KEYSTONE_IOC_RUN, NULL) == KEYSTONE_EDGE_CALL);
    uint64_t room = one.create.epm_paddr + one.create.epm_size - 8192;
    memcpy((char *)one.command + 512, "from Linux", 10);
    perform(&one, OP_COPY, room, one.command->entry[6] + 512, 10);
    check("attest", call(&one, 3002, room + 0x800, room, 10, NULL) == 0);
    perform(&one, OP_COPY, one.command->entry[6] + 1024, room + 0x800, 1352);
    print_bytes("linux", (char *)one.command + 1024, 1352);
    check("a second one", make(&two, 32) == 0 && go(&two, KEYSTONE_IOC_RUN, NULL) == KEYSTONE_EDGE_CALL);
    perform(&two, OP_READ, one.create.epm_paddr, 0, 0);
    check("it can't read the first", two.command->cause == 5);
    struct keystone_run foreign = { .eid = one.create.eid };
    check("another file's number is refused", ioctl(two.fd, KEYSTONE_IOC_RESUME, &foreign) == -1 && errno == EINVAL);
    check("an unknown request is refused", ioctl(two.fd, _IO(0xa4, 9), 0) == -1 && errno == ENOTTY);
    uint64_t value = 0;
    check("exit", call(&one, 3006, 4711, 0, 0, &value) == 0 && value == 4711);
    check("destroy", ioctl(one.fd, KEYSTONE_IOC_DESTROY, &one.create) == 0);
    check("destroy again", ioctl(one.fd, KEYSTONE_IOC_DESTROY, &one.create) == 0);
    struct keystone_run run = { .eid = one.create.eid };
    check("run after destroy is refused", ioctl(one.fd, KEYSTONE_IOC_RUN, &run) == -1 && errno == EINVAL);
    one.command->op = 1;
    check("the mapping lives on", one.command->op == 1);
    finish(&one);
    finish(&two);
}

// The launcher's own mapping of the enclave's memory, made before it was closed: reading it must kill the reader, and nothing else.
static void stale_mapping(void)
{
    struct enclave one;
    memset(&one, 0, sizeof one);
    pid_t child = fork();
    if (child == 0) {
        one.fd = open("/dev/keystone_enclave", O_RDWR);
        one.create.min_pages = 64;
        ioctl(one.fd, KEYSTONE_IOC_CREATE, &one.create);
        one.create.utm_size = 4096;
        ioctl(one.fd, KEYSTONE_IOC_UTM_INIT, &one.create);
        volatile char *stale = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, one.fd, 0);
        stale[0] = 1;
        one.create.runtime_paddr = one.create.user_paddr = one.create.free_paddr = one.create.epm_paddr + 4096;
        if (ioctl(one.fd, KEYSTONE_IOC_FINALIZE, &one.create))
            _exit(1);
        _exit(stale[0]);
    }
    int status;
    waitpid(child, &status, 0);
    check("a stale mapping kills who reads it", WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS));
}

// A launcher dies while its enclave runs without an end. A copy of it, which has everything too, finds the enclave stopped, and destroys it.
static void killed(void)
{
    int ready[2], alive[2];
    if (pipe(ready) || pipe(alive))
        exit(2);
    pid_t child = fork();
    if (child == 0) {
        struct enclave one;
        if (make(&one, 64) || go(&one, KEYSTONE_IOC_RUN, NULL) != KEYSTONE_EDGE_CALL)
            _exit(1);
        if (fork() == 0) {
            char byte;
            close(alive[1]);
            while (read(alive[0], &byte, 1) > 0)
                ;
            byte = ioctl(one.fd, KEYSTONE_IOC_DESTROY, &one.create) == 0 ? 'd' : 'e';
            _exit(write(ready[1], &byte, 1) != 1);
        }
        one.command->op = OP_SPIN;
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        go(&one, KEYSTONE_IOC_RESUME, NULL);
        _exit(1);
    }
    char byte;
    close(ready[1]);
    close(alive[1]);
    if (read(ready[0], &byte, 1) != 1)
        exit(2);
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    check("a launcher with an endless enclave can be killed", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    check("its copy destroys the enclave", read(ready[0], &byte, 1) == 1 && byte == 'd');
    // The copy holds the file until it is gone too.
    while (read(ready[0], &byte, 1) > 0)
        ;
    close(ready[0]);
    close(alive[0]);
}

static int make_large(size_t megabytes)
{
    struct enclave one;
    int error = make(&one, megabytes << 8);
    if (!error && go(&one, KEYSTONE_IOC_RUN, NULL) != KEYSTONE_EDGE_CALL)
        error = 7;
    if (!error) {
        perform(&one, OP_WRITE, one.create.epm_paddr + one.create.epm_size - 8, 1, 0);
        error = one.command->cause ? 8 : 0;
    }
    if (!error)
        finish(&one);
    else if (one.fd >= 0)
        close(one.fd);
    return error;
}

static void many(int rounds)
{
    int wrong = 0;
    for (int i = 0; i < rounds; i++) {
        struct enclave one;
        int error = make(&one, i % 8 == 0 ? 2048 : 16);
        wrong += error != 0 || go(&one, KEYSTONE_IOC_RUN, NULL) != KEYSTONE_EDGE_CALL;
        if (!error)
            finish(&one);
        else if (one.fd >= 0)
            close(one.fd);
    }
    check("many times create, run, close", wrong == 0);
}

static void *spin(void *argument)
{
    struct enclave *one = argument;
    for (int i = 0; i < 200; i++)
        if (perform(one, OP_READ, one->create.epm_paddr, 0, 0) != KEYSTONE_EDGE_CALL || one->command->cause)
            return one;
    return NULL;
}

static void parallel(void)
{
    struct enclave four[4];
    pthread_t threads[4];
    int wrong = 0;
    for (int i = 0; i < 4; i++)
        wrong += make(&four[i], 32) != 0 || go(&four[i], KEYSTONE_IOC_RUN, NULL) != KEYSTONE_EDGE_CALL;
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, spin, &four[i]);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += result != NULL;
    }
    for (int i = 0; i < 4; i++)
        finish(&four[i]);
    check("four enclaves at once", wrong == 0);
}

int main(int count, char **arguments)
{
    int file = open(count > 1 ? arguments[1] : "/agent", O_RDONLY);
    agent_size = (size_t)read(file, agent, sizeof agent);
    int rounds = count > 2 ? atoi(arguments[2]) : 100;
    int has_pool = count > 3 && !strcmp(arguments[3], "pool");
    life();
    stale_mapping();
    killed();
    parallel();
    if (has_pool) {
        check("an enclave of 32 MiB", make_large(32) == 0);
        check("an enclave larger than the pool is refused", make_large(128) == 2);
        check("an enclave of 48 MiB", make_large(48) == 0);
        check("the pool is whole again", make_large(64) == 0);
    } else
        check("an enclave of 32 MiB has no memory", make_large(32) == 2);
    many(rounds);
    printf("failures %d\n", failures);
    return failures != 0;
}
