// Asynchronous I/O of Linux (io_setup(2), io_submit(2), io_getevents(2) and their relatives), by the bare calls.
#include "check.h"
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

struct ring {
    unsigned id, nr, head, tail, magic, compat, incompat, header_length;
    struct io_event events[];
};

static long setup(unsigned count, aio_context_t *context) {
    return syscall(SYS_io_setup, count, context);
}

static long destroy(aio_context_t context) {
    return syscall(SYS_io_destroy, context);
}

static long submit(aio_context_t context, long count, struct iocb **requests) {
    return syscall(SYS_io_submit, context, count, requests);
}

static long get(aio_context_t context, long least, long most, struct io_event *events, struct timespec *timeout) {
    return syscall(SYS_io_getevents, context, least, most, events, timeout);
}

static int file;

static struct iocb request(int command, void *buffer, size_t length, long offset) {
    return (struct iocb){
        .aio_data = 0x1234, .aio_fildes = file, .aio_lio_opcode = command, .aio_buf = (uintptr_t)buffer, .aio_nbytes = length, .aio_offset = offset,
        .aio_key = 77,
    };
}

static void open_file(void) {
    file = memfd_create("aio", 0);
}

static void contexts(void) {
    aio_context_t context = 0;
    CHECK_FAILS(setup(1, NULL), EFAULT);
    CHECK_FAILS(setup(0, &context), EINVAL);
    CHECK_FAILS(setup(-1u, &context), EINVAL);
    CHECK_FAILS(setup(0x00100000, &context), EAGAIN);
    context = 1;
    CHECK_FAILS(setup(1, &context), EINVAL);
    CHECK_FAILS(destroy(0), EINVAL);
    CHECK_FAILS(destroy((aio_context_t)&context), EINVAL);
    context = 0;
    CHECK_WORKS(setup(10, &context));
    struct ring *ring = (struct ring *)context;
    CHECK_EQUAL(ring->magic, 0xa10a10a1);
    CHECK_EQUAL(ring->header_length, sizeof *ring);
    CHECK(ring->nr > 10);
    CHECK_EQUAL(ring->head, ring->tail);
    // A child has the memory, but no contexts.
    pid_t child = fork();
    if (child == 0) {
        struct io_event event;
        CHECK_FAILS(get(context, 0, 1, &event, NULL), EINVAL);
        CHECK_FAILS(destroy(context), EINVAL);
        _exit(check_failures != 0);
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    CHECK_WORKS(destroy(context));
    CHECK_FAILS(destroy(context), EINVAL);
    CHECK_FAILS(mincore((void *)context, 4096, (unsigned char *)&status), ENOMEM);
}

static void transfers(void) {
    open_file();
    aio_context_t context = 0;
    NEED(setup(8, &context) == 0);
    char text[] = "hello world", back[16] = "";
    struct iovec vector[] = { { "HELLO", 5 }, { "!", 1 } };
    struct iocb write = request(IOCB_CMD_PWRITE, text, 11, 0);
    struct iocb gather = request(IOCB_CMD_PWRITEV, vector, 2, 20);
    struct iocb read = request(IOCB_CMD_PREAD, back, sizeof back, 6);
    struct iocb sync = request(IOCB_CMD_FSYNC, NULL, 0, 0);
    struct iocb *all[] = { &write, &gather, &read, &sync };
    CHECK_EQUAL(submit(context, 0, all), 0);
    CHECK_EQUAL(submit(context, 1, all), 1);
    CHECK_EQUAL(write.aio_key, 0);
    CHECK_EQUAL(submit(context, 3, all + 1), 3);
    struct io_event events[8];
    CHECK_EQUAL(get(context, 4, 8, events, NULL), 4);
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(events[i].data, 0x1234);
        long expected = events[i].obj == (uintptr_t)&write ? 11 : events[i].obj == (uintptr_t)&gather ? 6 : events[i].obj == (uintptr_t)&read ? 16 : 0;
        CHECK_EQUAL(events[i].res, expected);
        CHECK_EQUAL(events[i].res2, 0);
    }
    CHECK(memcmp(back, "world\0\0\0\0\0\0\0\0\0HE", 16) == 0);

    // A program may look at the ring, and empty it.
    struct ring *ring = (struct ring *)context;
    CHECK_EQUAL(submit(context, 1, all), 1);
    while (__atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) == ring->head)
        ;
    CHECK_EQUAL(ring->events[ring->head].obj, (uintptr_t)&write);
    ring->head = ring->tail;
    struct timespec none = { 0, 0 }, shortly = { 0, 1000 };
    CHECK_EQUAL(get(context, 1, 1, events, &none), 0);
    CHECK_EQUAL(get(context, 1, 1, events, &shortly), 0);
    CHECK_EQUAL(get(context, 0, 0, events, NULL), 0);
    CHECK_FAILS(get(context, -1, 1, events, &none), EINVAL);
    CHECK_FAILS(get(context, 2, 1, events, &none), EINVAL);
    CHECK_FAILS(get(context, 1, 1, events, (void *)1), EFAULT);
    CHECK_EQUAL(submit(context, 1, all), 1);
    CHECK_FAILS(get(context, 1, 1, (void *)1, NULL), EFAULT);
    CHECK_EQUAL(get(context, 1, 1, events, NULL), 1);
    CHECK_FAILS(syscall(SYS_io_cancel, context, &write, events), EINVAL);
    CHECK_FAILS(syscall(SYS_io_cancel, context, (void *)1, events), EFAULT);
    CHECK_WORKS(destroy(context));
    close(file);
}

static void errors(void) {
    open_file();
    aio_context_t context = 0;
    NEED(setup(8, &context) == 0);
    char text[] = "text";
    struct io_event event;
    struct iocb good = request(IOCB_CMD_PWRITE, text, 4, 0), bad = good;
    struct iocb *both[] = { &good, &bad }, *one = &bad, *null = NULL;
    CHECK_FAILS(submit(context, -1, &one), EINVAL);
    CHECK_FAILS(submit(context + 8, 1, &one), EINVAL);
    CHECK_FAILS(submit(context, 1, (void *)1), EFAULT);
    CHECK_FAILS(submit(context, 1, &null), EFAULT);
    bad.aio_fildes = -1;
    CHECK_FAILS(submit(context, 1, &one), EBADF);
    // What comes before an error is done.
    CHECK_EQUAL(submit(context, 2, both), 1);
    CHECK_EQUAL(get(context, 1, 1, &event, NULL), 1);
    bad = request(99, text, 4, 0);
    CHECK_FAILS(submit(context, 1, &one), EINVAL);
    bad = request(IOCB_CMD_PREAD, text, 4, -1);
    CHECK_FAILS(submit(context, 1, &one), EINVAL);
    bad = request(IOCB_CMD_PREAD, text, -1, 0);
    CHECK_FAILS(submit(context, 1, &one), EINVAL);
    bad = good;
    bad.aio_reserved2 = 1;
    CHECK_FAILS(submit(context, 1, &one), EINVAL);
    bad = good;
    bad.aio_rw_flags = 1 << 30;
    CHECK_FAILS(submit(context, 1, &one), EOPNOTSUPP);
    bad = request(IOCB_CMD_PREAD, (void *)(1UL << 63), 4, 0);
    CHECK_FAILS(submit(context, 1, &one), EFAULT);
    bad = request(IOCB_CMD_PREADV, (void *)8, 1, 0);
    CHECK_FAILS(submit(context, 1, &one), EFAULT);
    bad = request(IOCB_CMD_FSYNC, text, 0, 0);
    CHECK_FAILS(submit(context, 1, &one), EINVAL);
    bad = good;
    bad.aio_fildes = open("/dev/null", O_RDONLY);
    CHECK_FAILS(submit(context, 1, &one), EBADF);
    close(bad.aio_fildes);
    bad.aio_fildes = open("/", O_RDONLY);
    bad.aio_lio_opcode = IOCB_CMD_PREAD;
    CHECK_FAILS(submit(context, 1, &one), EINVAL);
    close(bad.aio_fildes);
    // A transfer that fails is an event.
    bad = request(IOCB_CMD_PWRITE, (void *)8, 4, 0);
    CHECK_EQUAL(submit(context, 1, &one), 1);
    CHECK_EQUAL(get(context, 1, 1, &event, NULL), 1);
    CHECK_EQUAL(event.res, -EFAULT);
    CHECK_WORKS(destroy(context));
    close(file);
}

static void ring_is_full(void) {
    open_file();
    aio_context_t context = 0;
    NEED(setup(1, &context) == 0);
    long room = ((struct ring *)context)->nr - 1;
    struct iocb good = request(IOCB_CMD_PWRITE, "x", 1, 0), *one = &good;
    long done = 0;
    while (submit(context, 1, &one) == 1)
        done++;
    CHECK_EQUAL(errno, EAGAIN);
    CHECK(done <= room && done > room - 16); // processors take some for themselves
    struct io_event events[16];
    CHECK_EQUAL(get(context, 16, 16, events, NULL), 16);
    CHECK_EQUAL(submit(context, 1, &one), 1);
    CHECK_WORKS(destroy(context));
    close(file);
}

static void events_are_counted(void) {
    open_file();
    aio_context_t context = 0;
    NEED(setup(4, &context) == 0);
    int counter = eventfd(0, EFD_NONBLOCK);
    struct iocb first = request(IOCB_CMD_PWRITE, "x", 1, 0), second = first, *both[] = { &first, &second };
    first.aio_flags = second.aio_flags = IOCB_FLAG_RESFD;
    first.aio_resfd = second.aio_resfd = counter;
    CHECK_EQUAL(submit(context, 2, both), 2);
    struct io_event events[2];
    CHECK_EQUAL(get(context, 2, 2, events, NULL), 2);
    uint64_t count = 0;
    CHECK_EQUAL(read(counter, &count, 8), 8);
    CHECK_EQUAL(count, 2);
    first.aio_resfd = 999;
    CHECK_FAILS(submit(context, 1, both), EBADF);
    first.aio_resfd = file;
    CHECK_FAILS(submit(context, 1, both), EINVAL);
    CHECK_WORKS(destroy(context));
    close(counter), close(file);
}

static aio_context_t waited;

static void *wait_for_event(void *argument) {
    struct io_event event;
    (void)argument;
    return (void *)get(waited, 1, 1, &event, NULL);
}

static void waiting(void) {
    open_file();
    waited = 0;
    NEED(setup(4, &waited) == 0);
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, wait_for_event, NULL);
    struct iocb good = request(IOCB_CMD_PWRITE, "x", 1, 0), *one = &good;
    CHECK_EQUAL(submit(waited, 1, &one), 1);
    pthread_join(thread, &result);
    CHECK_EQUAL((long)result, 1);
    CHECK_WORKS(destroy(waited));
    close(file);
}

static void on_alarm(int signal) {
    (void)signal;
}

static void masks(void) {
    aio_context_t context = 0;
    NEED(setup(4, &context) == 0);
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
    sigaction(SIGUSR1, &action, NULL);
    sigset_t blocked, none;
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    raise(SIGUSR1);
    struct { const sigset_t *set; size_t size; } mask = { &none, 8 }, wrong = { &none, 4 };
    struct io_event event;
    CHECK_FAILS(syscall(SYS_io_pgetevents, context, 1, 1, &event, NULL, &wrong), EINVAL);
    CHECK_FAILS(syscall(SYS_io_pgetevents, context, 1, 1, &event, NULL, &mask), EINTR);
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    CHECK(sigismember(&now, SIGUSR1));
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    CHECK_WORKS(destroy(context));
}

static void pipes(void) {
    aio_context_t context = 0;
    NEED(setup(4, &context) == 0);
    int ends[2];
    NEED(pipe(ends) == 0);
    char back[4] = "";
    struct iocb write = request(IOCB_CMD_PWRITE, "pipe", 4, 0), read = request(IOCB_CMD_PREAD, back, 4, 0), *both[] = { &write, &read };
    write.aio_fildes = ends[1];
    read.aio_fildes = ends[0];
    CHECK_EQUAL(submit(context, 2, both), 2);
    struct io_event events[2];
    CHECK_EQUAL(get(context, 2, 2, events, NULL), 2);
    CHECK(memcmp(back, "pipe", 4) == 0);
    close(ends[0]), close(ends[1]);
    CHECK_WORKS(destroy(context));
}

static void moved(void) {
    aio_context_t context = 0;
    NEED(setup(4, &context) == 0);
    struct io_event event;
    struct timespec none = { 0, 0 };
    char *to = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t length = (sizeof(struct ring) + ((struct ring *)context)->nr * sizeof(struct io_event) + 4095) & ~4095UL;
    NEED(length <= 65536);
    CHECK(mremap((void *)context, length, length, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
    CHECK_FAILS(get(context, 0, 1, &event, &none), EINVAL);
    context = (aio_context_t)to;
    CHECK_EQUAL(get(context, 0, 1, &event, &none), 0);
    CHECK_WORKS(mprotect(to, 4096, PROT_NONE));
    CHECK_FAILS(get(context, 0, 1, &event, &none), EINVAL);
    CHECK_FAILS(destroy(context), EINVAL);
    CHECK_WORKS(mprotect(to, 4096, PROT_READ | PROT_WRITE));
    CHECK_WORKS(destroy(context));
}

MAIN(SECTION(contexts), SECTION(transfers), SECTION(errors), SECTION(ring_is_full), SECTION(events_are_counted), SECTION(waiting), SECTION(masks),
     SECTION(pipes), SECTION(moved))
