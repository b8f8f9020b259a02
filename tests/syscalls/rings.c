// io_uring(7) without a library, so that a test can also write what no library would: tails and indices that name nothing.
#include "check.h"
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

struct ring {
    int fd;
    struct io_uring_params params;
    char *memory;
    struct io_uring_sqe *entries;
    unsigned tail;
};

static unsigned *word(struct ring *ring, unsigned offset) {
    return (unsigned *)(ring->memory + offset);
}

static bool open_ring(struct ring *ring, unsigned entries, unsigned flags) {
    memset(ring, 0, sizeof *ring);
    ring->params.flags = flags;
    ring->fd = syscall(SYS_io_uring_setup, entries, &ring->params);
    if (!CHECK(ring->fd >= 0))
        return false;
    size_t size = ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned);
    size_t completions = ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe);
    size = size > completions ? size : completions;
    ring->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
    ring->entries = mmap(NULL, ring->params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_SQES);
    return CHECK(ring->memory != MAP_FAILED) && CHECK(ring->entries != MAP_FAILED);
}

static void close_ring(struct ring *ring) {
    size_t size = ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned);
    size_t completions = ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe);
    munmap(ring->memory, size > completions ? size : completions);
    munmap(ring->entries, ring->params.sq_entries * sizeof(struct io_uring_sqe));
    close(ring->fd);
}

static struct io_uring_sqe *prepare(struct ring *ring, int operation, int fd, const void *address, unsigned length, uint64_t offset, uint64_t data) {
    unsigned index = ring->tail & (ring->params.sq_entries - 1);
    struct io_uring_sqe *entry = &ring->entries[index];
    memset(entry, 0, sizeof *entry);
    entry->opcode = operation;
    entry->fd = fd;
    entry->addr = (uintptr_t)address;
    entry->len = length;
    entry->off = offset;
    entry->user_data = data;
    word(ring, ring->params.sq_off.array)[index] = index;
    ring->tail++;
    return entry;
}

static long enter(struct ring *ring, unsigned count, unsigned least) {
    __atomic_store_n(word(ring, ring->params.sq_off.tail), ring->tail, __ATOMIC_RELEASE);
    return syscall(SYS_io_uring_enter, ring->fd, count, least, least ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
}

static bool take(struct ring *ring, struct io_uring_cqe *completion) {
    unsigned head = *word(ring, ring->params.cq_off.head);
    if (head == __atomic_load_n(word(ring, ring->params.cq_off.tail), __ATOMIC_ACQUIRE))
        return false;
    struct io_uring_cqe *all = (struct io_uring_cqe *)(ring->memory + ring->params.cq_off.cqes);
    *completion = all[head & (ring->params.cq_entries - 1)];
    __atomic_store_n(word(ring, ring->params.cq_off.head), head + 1, __ATOMIC_RELEASE);
    return true;
}

// The result of the next completion, which has to be that of a request.
static int result_of(struct ring *ring, uint64_t data) {
    struct io_uring_cqe completion = { .user_data = ~0ull };
    while (!take(ring, &completion)) {
        if (syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
            return -errno - 100000;
    }
    CHECK_EQUAL(completion.user_data, data);
    return completion.res;
}

static void setup(void) {
    struct io_uring_params params = { 0 };
    CHECK_FAILS(syscall(SYS_io_uring_setup, 0, &params), EINVAL);
    CHECK_FAILS(syscall(SYS_io_uring_setup, 40000, &params), EINVAL);
    CHECK_FAILS(syscall(SYS_io_uring_setup, 8, NULL), EFAULT);
    params.flags = 1u << 31;
    CHECK_FAILS(syscall(SYS_io_uring_setup, 8, &params), EINVAL);
    params.flags = IORING_SETUP_CQSIZE;
    params.cq_entries = 4;
    CHECK_FAILS(syscall(SYS_io_uring_setup, 8, &params), EINVAL);
    struct ring ring;
    NEED(open_ring(&ring, 5, 0));
    CHECK_EQUAL(ring.params.sq_entries, 8);
    CHECK_EQUAL(ring.params.cq_entries, 16);
    CHECK(ring.params.features & IORING_FEAT_SINGLE_MMAP);
    CHECK(ring.params.features & IORING_FEAT_NODROP);
    CHECK_EQUAL(*word(&ring, ring.params.sq_off.ring_mask), 7);
    CHECK_EQUAL(*word(&ring, ring.params.cq_off.ring_entries), 16);
    CHECK_EQUAL(fcntl(ring.fd, F_GETFD), FD_CLOEXEC);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, ring.fd, 0x20000000) == MAP_FAILED);
    char byte;
    CHECK_FAILS(read(ring.fd, &byte, 1), EINVAL);
    CHECK_FAILS(syscall(SYS_io_uring_enter, ring.fd, 0, 0, 1u << 30, NULL, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_io_uring_enter, 0x7fff, 0, 0, 0, NULL, 0), EBADF);
    int event = eventfd(0, 0);
    CHECK_FAILS(syscall(SYS_io_uring_enter, event, 0, 0, 0, NULL, 0), EOPNOTSUPP);
    close(event);
    close_ring(&ring);
}

static void hostile(void) {
    struct ring ring;
    NEED(open_ring(&ring, 4, 0));
    // An index that names no entry is dropped, and counted.
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 1);
    word(&ring, ring.params.sq_off.array)[0] = 4000000000u;
    CHECK_EQUAL(enter(&ring, 1, 0) <= 0, 1);
    CHECK_EQUAL(*word(&ring, ring.params.sq_off.dropped), 1);
    // What the program writes over masks and counts changes nothing.
    *word(&ring, ring.params.sq_off.ring_mask) = ~0u;
    *word(&ring, ring.params.cq_off.ring_mask) = ~0u;
    *word(&ring, ring.params.sq_off.ring_entries) = ~0u;
    *word(&ring, ring.params.cq_off.ring_entries) = ~0u;
    for (int i = 0; i < 10; i++) {
        prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 100 + i);
        CHECK_EQUAL(enter(&ring, 1, 1), 1);
        CHECK_EQUAL(result_of(&ring, 100 + i), 0);
    }
    prepare(&ring, 200, -1, NULL, 0, 0, 5);
    CHECK_EQUAL(enter(&ring, 1, 1), 1);
    CHECK_EQUAL(result_of(&ring, 5), -EINVAL);
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 6)->flags = 0x80;
    CHECK_EQUAL(enter(&ring, 1, 1), 1);
    CHECK_EQUAL(result_of(&ring, 6), -EINVAL);
    close_ring(&ring);
    // Heads of the program's that are far from the kernel's tail only mean a full queue.
    NEED(open_ring(&ring, 4, 0));
    *word(&ring, ring.params.cq_off.head) = 12345;
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 7);
    CHECK_EQUAL(enter(&ring, 1, 0), 1);
    close_ring(&ring);
}

static void transfers(void) {
    const char *scratch = enter_scratch();
    struct ring ring;
    NEED(open_ring(&ring, 8, 0));
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    prepare(&ring, IORING_OP_WRITE, fd, "0123456789", 10, 0, 1);
    CHECK_EQUAL(enter(&ring, 1, 1), 1);
    CHECK_EQUAL(result_of(&ring, 1), 10);
    char buffer[16] = { 0 };
    prepare(&ring, IORING_OP_READ, fd, buffer, 4, 3, 2);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 2), 4);
    CHECK_TEXT(buffer, "3456");
    struct iovec vectors[] = { { buffer, 2 }, { buffer + 8, 3 } };
    prepare(&ring, IORING_OP_READV, fd, vectors, 2, 0, 3);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 3), 5);
    CHECK(memcmp(buffer, "01", 2) == 0 && memcmp(buffer + 8, "234", 3) == 0);
    // The position is the file's where the offset is -1.
    lseek(fd, 8, SEEK_SET);
    prepare(&ring, IORING_OP_READ, fd, buffer, 16, -1, 4);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 4), 2);
    prepare(&ring, IORING_OP_FSYNC, fd, NULL, 0, 0, 5);
    prepare(&ring, IORING_OP_READ, fd, (void *)8, 4, 0, 6);
    prepare(&ring, IORING_OP_READ, 999, buffer, 4, 0, 7);
    enter(&ring, 3, 3);
    int seen = 0;
    struct io_uring_cqe completion;
    while (take(&ring, &completion)) {
        CHECK_EQUAL(completion.res, completion.user_data == 5 ? 0 : completion.user_data == 6 ? -EFAULT : -EBADF);
        seen++;
    }
    CHECK_EQUAL(seen, 3);
    // A pipe that is empty: the read goes on when something comes, without a call of the one who submitted it.
    int ends[2];
    pipe(ends);
    prepare(&ring, IORING_OP_READ, ends[0], buffer, 16, 0, 8);
    CHECK_EQUAL(enter(&ring, 1, 0), 1);
    CHECK(!take(&ring, &completion));
    write(ends[1], "pipe", 4);
    UNTIL(*word(&ring, ring.params.cq_off.head) != __atomic_load_n(word(&ring, ring.params.cq_off.tail), __ATOMIC_ACQUIRE));
    CHECK_EQUAL(result_of(&ring, 8), 4);
    close(ends[0]);
    close(ends[1]);
    prepare(&ring, IORING_OP_OPENAT, AT_FDCWD, "file", 0, 0, 9);
    enter(&ring, 1, 1);
    int opened = result_of(&ring, 9);
    CHECK(opened > 2);
    prepare(&ring, IORING_OP_CLOSE, opened, NULL, 0, 0, 10);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 10), 0);
    CHECK_FAILS(fcntl(opened, F_GETFD), EBADF);
    prepare(&ring, IORING_OP_UNLINKAT, AT_FDCWD, "file", 0, 0, 11);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 11), 0);
    CHECK_FAILS(access("file", F_OK), ENOENT);
    close(fd);
    close_ring(&ring);
    leave_scratch(scratch);
}

static void chains(void) {
    struct ring ring;
    NEED(open_ring(&ring, 8, 0));
    // A failure severs a chain, behind it nothing is tried; a hard link holds. In which order it is told depends on the kernel.
    prepare(&ring, IORING_OP_READ, 999, &ring, 1, 0, 0)->flags = IOSQE_IO_LINK;
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 1);
    prepare(&ring, IORING_OP_READ, 999, &ring, 1, 0, 2)->flags = IOSQE_IO_HARDLINK;
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 3);
    CHECK_EQUAL(enter(&ring, 4, 4), 4);
    static const int expected[] = { -EBADF, -ECANCELED, -EBADF, 0 };
    struct io_uring_cqe completion;
    for (int i = 0; i < 4 && CHECK(take(&ring, &completion)); i++)
        CHECK_EQUAL(completion.res, expected[completion.user_data & 3]);
    // A drain waits for what was before it.
    int event = eventfd(0, 0);
    uint64_t value;
    prepare(&ring, IORING_OP_READ, event, &value, 8, 0, 5);
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 6)->flags = IOSQE_IO_DRAIN;
    CHECK_EQUAL(enter(&ring, 2, 0), 2);
    CHECK(!take(&ring, &completion));
    eventfd_write(event, 1);
    CHECK_EQUAL(result_of(&ring, 5), 8);
    CHECK_EQUAL(result_of(&ring, 6), 0);
    // A time limit ends what takes longer.
    struct __kernel_timespec time = { .tv_nsec = 1000000 };
    prepare(&ring, IORING_OP_READ, event, &value, 8, 0, 7)->flags = IOSQE_IO_LINK;
    prepare(&ring, IORING_OP_LINK_TIMEOUT, -1, &time, 1, 0, 8);
    CHECK_EQUAL(enter(&ring, 2, 2), 2);
    int results[2] = { 0 };
    for (int i = 0; i < 2 && CHECK(take(&ring, &completion)); i++)
        results[completion.user_data == 8] = completion.res;
    CHECK_EQUAL(results[0], -ECANCELED);
    CHECK_EQUAL(results[1], -ETIME);
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 9)->flags = IOSQE_CQE_SKIP_SUCCESS;
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 10);
    CHECK_EQUAL(enter(&ring, 2, 1), 2);
    CHECK_EQUAL(result_of(&ring, 10), 0);
    close(event);
    close_ring(&ring);
}

static void waits(void) {
    struct ring ring;
    NEED(open_ring(&ring, 8, 0));
    struct __kernel_timespec time = { .tv_nsec = 1000000 };
    struct __kernel_timespec longer = { .tv_sec = 1000 };
    prepare(&ring, IORING_OP_TIMEOUT, -1, &time, 1, 0, 1);
    CHECK_EQUAL(enter(&ring, 1, 1), 1);
    CHECK_EQUAL(result_of(&ring, 1), -ETIME);
    // A time-out also ends with a number of completions.
    prepare(&ring, IORING_OP_TIMEOUT, -1, &longer, 1, 1, 2);
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 3);
    CHECK_EQUAL(enter(&ring, 2, 2), 2);
    CHECK_EQUAL(result_of(&ring, 3), 0);
    CHECK_EQUAL(result_of(&ring, 2), 0);
    prepare(&ring, IORING_OP_TIMEOUT, -1, &longer, 1, 0, 4);
    enter(&ring, 1, 0);
    prepare(&ring, IORING_OP_TIMEOUT_REMOVE, -1, (void *)4, 0, 0, 5);
    enter(&ring, 1, 2);
    struct io_uring_cqe completion;
    for (int i = 0; i < 2 && CHECK(take(&ring, &completion)); i++)
        CHECK_EQUAL(completion.res, completion.user_data == 4 ? -ECANCELED : 0);
    prepare(&ring, IORING_OP_TIMEOUT_REMOVE, -1, (void *)4, 0, 0, 6);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 6), -ENOENT);
    struct io_uring_getevents_arg argument = { .ts = (uintptr_t)&time };
    CHECK_FAILS(syscall(SYS_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof argument), ETIME);
    // Polls, once and again and again.
    int ends[2];
    pipe(ends);
    prepare(&ring, IORING_OP_POLL_ADD, ends[0], NULL, 0, 0, 7)->poll32_events = POLLIN;
    enter(&ring, 1, 0);
    CHECK(!take(&ring, &completion));
    write(ends[1], "x", 1);
    CHECK_EQUAL(result_of(&ring, 7), POLLIN);
    char byte;
    read(ends[0], &byte, 1);
    prepare(&ring, IORING_OP_POLL_ADD, ends[0], NULL, IORING_POLL_ADD_MULTI, 0, 8)->poll32_events = POLLIN;
    enter(&ring, 1, 0);
    for (int i = 0; i < 3; i++) {
        write(ends[1], "x", 1);
        CHECK_EQUAL(result_of(&ring, 8), POLLIN);
        read(ends[0], &byte, 1);
    }
    prepare(&ring, IORING_OP_ASYNC_CANCEL, -1, (void *)8, 0, 0, 9);
    enter(&ring, 1, 2);
    for (int i = 0; i < 2 && CHECK(take(&ring, &completion)); i++)
        CHECK_EQUAL(completion.res, completion.user_data == 8 ? -ECANCELED : 0);
    close(ends[0]);
    close(ends[1]);
    close_ring(&ring);
}

static void overflow(void) {
    struct ring ring;
    NEED(open_ring(&ring, 4, 0));
    for (int i = 0; i < 20; i++) {
        prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, i);
        CHECK_EQUAL(enter(&ring, 1, 0), 1);
    }
    CHECK(*word(&ring, ring.params.sq_off.flags) & IORING_SQ_CQ_OVERFLOW);
    for (int i = 0; i < 20; i++)
        CHECK_EQUAL(result_of(&ring, i), 0);
    CHECK(!(*word(&ring, ring.params.sq_off.flags) & IORING_SQ_CQ_OVERFLOW));
    struct pollfd polled = { .fd = ring.fd, .events = POLLIN | POLLOUT };
    CHECK_EQUAL(poll(&polled, 1, 0), 1);
    CHECK_EQUAL(polled.revents, POLLOUT);
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 30);
    enter(&ring, 1, 0);
    poll(&polled, 1, 0);
    CHECK_EQUAL(polled.revents, POLLIN | POLLOUT);
    close_ring(&ring);
}

static void registration(void) {
    struct ring ring;
    NEED(open_ring(&ring, 8, 0));
    int ends[2];
    pipe(ends);
    int files[3] = { ends[0], -1, ends[1] };
    CHECK_WORKS(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, files, 3));
    CHECK_FAILS(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, files, 3), EBUSY);
    // The ring keeps its files.
    close(ends[1]);
    prepare(&ring, IORING_OP_WRITE, 2, "fixed", 5, 0, 1)->flags = IOSQE_FIXED_FILE;
    CHECK_EQUAL(enter(&ring, 1, 1), 1);
    CHECK_EQUAL(result_of(&ring, 1), 5);
    static char memory[8192];
    struct iovec buffers[] = { { memory, sizeof memory } };
    CHECK_WORKS(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, buffers, 1));
    prepare(&ring, IORING_OP_READ_FIXED, ends[0], memory + 100, 16, 0, 2);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 2), 5);
    CHECK_TEXT(memory + 100, "fixed");
    prepare(&ring, IORING_OP_READ_FIXED, ends[0], memory + 8190, 16, 0, 3);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 3), -EFAULT);
    prepare(&ring, IORING_OP_READ, 1, memory, 16, 0, 4)->flags = IOSQE_FIXED_FILE;
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 4), -EBADF);
    // Buffers of a group: one is taken by what has something for it.
    prepare(&ring, IORING_OP_PROVIDE_BUFFERS, 2, memory, 64, 10, 5)->buf_group = 3;
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 5), 0);
    prepare(&ring, IORING_OP_WRITE, 2, "group", 5, 0, 6)->flags = IOSQE_FIXED_FILE;
    struct io_uring_sqe *entry = prepare(&ring, IORING_OP_READ, ends[0], NULL, 64, 0, 7);
    entry->flags = IOSQE_BUFFER_SELECT;
    entry->buf_group = 3;
    enter(&ring, 2, 2);
    CHECK_EQUAL(result_of(&ring, 6), 5);
    struct io_uring_cqe completion;
    NEED(take(&ring, &completion));
    CHECK_EQUAL(completion.res, 5);
    CHECK_EQUAL(completion.flags >> IORING_CQE_BUFFER_SHIFT, 10);
    CHECK(completion.flags & IORING_CQE_F_BUFFER);
    // An eventfd counts completions.
    int event = eventfd(0, EFD_NONBLOCK);
    CHECK_WORKS(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &event, 1));
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 8);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 8), 0);
    eventfd_t value = 0;
    eventfd_read(event, &value);
    CHECK_EQUAL(value, 1);
    CHECK_FAILS(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &event, 1), EBUSY);
    CHECK_WORKS(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_EVENTFD, NULL, 0));
    struct {
        struct io_uring_probe probe;
        struct io_uring_probe_op operations[64];
    } probe = { 0 };
    CHECK_WORKS(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PROBE, &probe, 64));
    CHECK(probe.probe.last_op >= IORING_OP_SOCKET);
    CHECK(probe.probe.ops[IORING_OP_ACCEPT].flags & IO_URING_OP_SUPPORTED);
    CHECK_WORKS(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_FILES, NULL, 0));
    CHECK_WORKS(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0));
    CHECK_FAILS(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0), ENXIO);
    close(event);
    close(ends[0]);
    close_ring(&ring);
}

static void sockets(void) {
    struct ring ring;
    NEED(open_ring(&ring, 8, 0));
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(bind(listener, (struct sockaddr *)&address, sizeof address));
    CHECK_WORKS(listen(listener, 8));
    CHECK_WORKS(getsockname(listener, (struct sockaddr *)&address, &length));
    prepare(&ring, IORING_OP_ACCEPT, listener, NULL, 0, 0, 1)->ioprio = 1; // IORING_ACCEPT_MULTISHOT
    CHECK_EQUAL(enter(&ring, 1, 0), 1);
    int clients[2], servers[2];
    for (int i = 0; i < 2; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM, 0);
        CHECK_WORKS(connect(clients[i], (struct sockaddr *)&address, sizeof address));
        servers[i] = result_of(&ring, 1);
        CHECK(servers[i] > 2);
    }
    char buffer[16] = { 0 };
    prepare(&ring, IORING_OP_RECV, servers[0], buffer, 10, 0, 2)->msg_flags = MSG_WAITALL;
    enter(&ring, 1, 0);
    CHECK_EQUAL(send(clients[0], "01234", 5, 0), 5);
    prepare(&ring, IORING_OP_SEND, clients[0], "56789", 5, 0, 3);
    enter(&ring, 1, 2);
    struct io_uring_cqe completion;
    for (int i = 0; i < 2 && CHECK(take(&ring, &completion)); i++)
        CHECK_EQUAL(completion.res, completion.user_data == 2 ? 10 : 5);
    CHECK_TEXT(buffer, "0123456789");
    // Sending to nobody kills nobody.
    close(clients[1]);
    prepare(&ring, IORING_OP_SHUTDOWN, servers[0], NULL, SHUT_WR, 0, 4);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 4), 0);
    CHECK_EQUAL(recv(clients[0], buffer, 1, 0), 0);
    prepare(&ring, IORING_OP_SEND, servers[0], "x", 1, 0, 5);
    enter(&ring, 1, 1);
    CHECK_EQUAL(result_of(&ring, 5), -EPIPE);
    close(clients[0]);
    close(servers[0]);
    close(servers[1]);
    close(listener);
    close_ring(&ring);
}

static void polling(void) {
    struct ring ring;
    memset(&ring, 0, sizeof ring);
    NEED(open_ring(&ring, 8, IORING_SETUP_SQPOLL));
    // No call submits: the polling thread sees the tail move.
    prepare(&ring, IORING_OP_NOP, -1, NULL, 0, 0, 1);
    __atomic_store_n(word(&ring, ring.params.sq_off.tail), ring.tail, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(word(&ring, ring.params.sq_off.flags), __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
        syscall(SYS_io_uring_enter, ring.fd, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
    UNTIL(__atomic_load_n(word(&ring, ring.params.cq_off.tail), __ATOMIC_ACQUIRE) == 1);
    CHECK_EQUAL(result_of(&ring, 1), 0);
    close_ring(&ring);
}

static void *submit_and_end(void *argument) {
    struct ring *ring = argument;
    static uint64_t value;
    int event = eventfd(0, 0);
    prepare(ring, IORING_OP_READ, event, &value, 8, 0, 1);
    enter(ring, 1, 0);
    return NULL;
}

static void ends(void) {
    // Neither the end of a thread, nor of a process, nor another program waits for what is under way.
    struct ring ring;
    NEED(open_ring(&ring, 8, 0));
    pthread_t thread;
    pthread_create(&thread, NULL, submit_and_end, &ring);
    pthread_join(thread, NULL);
    close_ring(&ring);
    for (int way = 0; way < 3; way++) {
        pid_t child = fork();
        if (child == 0) {
            if (!open_ring(&ring, 8, way == 2 ? IORING_SETUP_SQPOLL : 0))
                _exit(1);
            static uint64_t value;
            prepare(&ring, IORING_OP_READ, eventfd(0, 0), &value, 8, 0, 1);
            enter(&ring, 1, 0);
            if (way == 1)
                execl("/bin/true", "true", NULL);
            _exit(0);
        }
        int status = -1;
        CHECK_EQUAL(waitpid(child, &status, 0), child);
        CHECK_EQUAL(status, 0);
    }
}

MAIN(SECTION(setup), SECTION(hostile), SECTION(transfers), SECTION(chains), SECTION(waits), SECTION(overflow), SECTION(registration),
    SECTION(sockets), SECTION(polling), SECTION(ends))
