// Descriptors that threads share, and what is done with two descriptors at once.
#include "check.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>

static int shared[2];
static pid_t other;

static void *read_one(void *unused) {
    (void)unused;
    __atomic_store_n(&other, gettid(), __ATOMIC_SEQ_CST);
    char byte;
    return (void *)(long)read(shared[0], &byte, 1);
}

static void *poll_one(void *unused) {
    (void)unused;
    __atomic_store_n(&other, gettid(), __ATOMIC_SEQ_CST);
    struct pollfd item = {shared[0], POLLIN, 0};
    long result = poll(&item, 1, 10000);
    return (void *)(result * 1000 + item.revents);
}

static pthread_t start_blocked(void *(*run)(void *)) {
    pthread_t thread;
    __atomic_store_n(&other, 0, __ATOMIC_SEQ_CST);
    pthread_create(&thread, NULL, run, NULL);
    UNTIL(__atomic_load_n(&other, __ATOMIC_SEQ_CST) != 0 && thread_state(other) == 'S');
    return thread;
}

// A call goes on with the file that it began with, whatever happens to the descriptor meanwhile.
static void closed_while_used(void) {
    void *result;
    NEED(pipe(shared) == 0);
    pthread_t thread = start_blocked(read_one);
    CHECK_WORKS(close(shared[0]));
    CHECK_EQUAL(write(shared[1], "x", 1), 1);
    pthread_join(thread, &result);
    CHECK_EQUAL((long)result, 1);
    signal(SIGPIPE, SIG_IGN);
    CHECK_FAILS(write(shared[1], "x", 1), EPIPE);
    signal(SIGPIPE, SIG_DFL);
    close(shared[1]);

    // Another file in the descriptor's place changes nothing for the reader.
    NEED(pipe(shared) == 0);
    thread = start_blocked(read_one);
    int null = open("/dev/null", O_RDONLY);
    CHECK_EQUAL(dup2(null, shared[0]), shared[0]);
    CHECK_EQUAL(write(shared[1], "x", 1), 1);
    pthread_join(thread, &result);
    CHECK_EQUAL((long)result, 1);
    close(null);
    close(shared[0]);
    close(shared[1]);

    NEED(pipe(shared) == 0);
    thread = start_blocked(poll_one);
    CHECK_WORKS(close(shared[0]));
    CHECK_EQUAL(write(shared[1], "x", 1), 1);
    pthread_join(thread, &result);
    // The pipe kept its reader, but poll looks the descriptor up again.
    CHECK_EQUAL((long)result, 1000 + POLLNVAL);
    close(shared[1]);
}

static char lock_path[128];

static void *lock_it(void *unused) {
    (void)unused;
    __atomic_store_n(&other, gettid(), __ATOMIC_SEQ_CST);
    return (void *)(long)flock(shared[0], LOCK_EX);
}

// The lock goes to the file that was locked, though its descriptor is another file's when the call ends.
static void closed_while_locked(void) {
    const char *scratch = enter_scratch();
    snprintf(lock_path, sizeof lock_path, "%s/locked", scratch);
    int holder = open(lock_path, O_CREAT | O_RDWR, 0600);
    NEED(holder >= 0);
    CHECK_WORKS(flock(holder, LOCK_EX));
    shared[0] = open(lock_path, O_RDWR);
    pthread_t thread = start_blocked(lock_it);
    close(shared[0]);
    int reused = open("other", O_CREAT | O_RDWR, 0600);
    CHECK_EQUAL(reused, shared[0]);
    CHECK_WORKS(flock(holder, LOCK_UN));
    void *result;
    pthread_join(thread, &result);
    CHECK_EQUAL((long)result, 0);
    // Its file is closed with the call's end, and the lock with it.
    CHECK_WORKS(flock(holder, LOCK_EX | LOCK_NB));
    int again = open("other", O_RDWR);
    CHECK_WORKS(flock(again, LOCK_EX | LOCK_NB));
    close(again);
    close(reused);
    close(holder);
    unlink("other");
    unlink("locked");
    leave_scratch(scratch);
}

static void *close_and_open(void *stop) {
    while (!__atomic_load_n((bool *)stop, __ATOMIC_ACQUIRE)) {
        close(shared[0]);
        int fd = open("/dev/zero", O_RDONLY);
        if (fd != shared[0]) {
            dup2(fd, shared[0]);
            close(fd);
        }
    }
    return NULL;
}

// Readers see the one file or EBADF, never something else.
static void raced(void) {
    pthread_t thread;
    bool stop = false;
    shared[0] = open("/dev/zero", O_RDONLY);
    pthread_create(&thread, NULL, close_and_open, &stop);
    bool right = true;
    for (int i = 0; i < 20000; i++) {
        char bytes[64];
        memset(bytes, 1, sizeof bytes);
        long count = read(shared[0], bytes, sizeof bytes);
        right &= count == -1 ? errno == EBADF : count == sizeof bytes && bytes[0] == 0 && bytes[63] == 0;
    }
    CHECK(right);
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    close(shared[0]);
}

static const char *fifo = "fifo";

static void *read_fifo(void *unused) {
    (void)unused;
    char bytes[9];
    int fd = open(fifo, O_RDONLY);
    long count = read(fd, bytes, sizeof bytes);
    close(fd);
    return (void *)count;
}

static void fifos(void) {
    const char *scratch = enter_scratch();
    NEED(mkfifo(fifo, 0600) == 0);
    int missed = 0;
    for (int i = 0; i < 300; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, read_fifo, NULL);
        int writer = open(fifo, O_WRONLY);
        write(writer, "x", 1);
        close(writer);
        void *result;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 20;
        if (!CHECK_EQUAL(pthread_timedjoin_np(thread, &result, &until), 0))
            return;
        missed += (long)result != 1;
    }
    CHECK_EQUAL(missed, 0);
    // No hang-up before the first writer has come and gone.
    int reader = open(fifo, O_RDONLY | O_NONBLOCK);
    struct pollfd item = {reader, POLLIN, 0};
    CHECK_EQUAL(poll(&item, 1, 0), 0);
    int writer = open(fifo, O_WRONLY | O_NONBLOCK);
    CHECK(writer >= 0);
    close(writer);
    CHECK_EQUAL(poll(&item, 1, 0), 1);
    CHECK_EQUAL(item.revents, POLLHUP);
    int second = open(fifo, O_RDONLY | O_NONBLOCK);
    item.fd = second;
    CHECK_EQUAL(poll(&item, 1, 0), 0);
    close(second);
    close(reader);
    CHECK_FAILS(open(fifo, O_WRONLY | O_NONBLOCK), ENXIO);
    unlink(fifo);
    leave_scratch(scratch);
}

// A pipe that is opened again never waits.
static void opened_again(void) {
    int ends[2];
    char path[64], byte;
    NEED(pipe(ends) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    close(ends[1]);
    int reader = open(path, O_RDONLY);
    CHECK(reader >= 0);
    CHECK_EQUAL(read(reader, &byte, 1), 0);
    int writer = open(path, O_WRONLY);
    CHECK(writer >= 0);
    CHECK_EQUAL(write(writer, "x", 1), 1);
    CHECK_EQUAL(read(ends[0], &byte, 1), 1);
    close(writer);
    close(reader);
    close(ends[0]);
}

// Bytes without borders and packets in one pipe.
static void packets(void) {
    int ends[2];
    char text[16];
    NEED(pipe2(ends, O_NONBLOCK) == 0);
    CHECK_EQUAL(write(ends[1], "plain", 5), 5);
    fcntl(ends[1], F_SETFL, O_DIRECT | O_NONBLOCK);
    CHECK_EQUAL(write(ends[1], "one", 3), 3);
    CHECK_EQUAL(write(ends[1], "two", 3), 3);
    CHECK_EQUAL(read(ends[0], text, 2), 2);
    CHECK_EQUAL(read(ends[0], text, 3), 3);
    CHECK(memcmp(text, "ain", 3) == 0);
    // Packets that follow bytes in their page are bytes too.
    CHECK_EQUAL(read(ends[0], text, 2), 2);
    CHECK_EQUAL(read(ends[0], text, 16), 4);
    CHECK(memcmp(text, "etwo", 4) == 0);
    CHECK_FAILS(read(ends[0], text, 16), EAGAIN);
    CHECK_EQUAL(write(ends[1], "one", 3), 3);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    CHECK_EQUAL(write(ends[1], "more", 4), 4);
    CHECK_EQUAL(read(ends[0], text, 2), 2);
    CHECK_EQUAL(read(ends[0], text, 16), 4);
    CHECK(memcmp(text, "more", 4) == 0);
    fcntl(ends[1], F_SETFL, O_DIRECT | O_NONBLOCK);
    for (int i = 0; i < 16; i++)
        CHECK_EQUAL(write(ends[1], "p", 1), 1);
    CHECK_FAILS(write(ends[1], "p", 1), EAGAIN);
    CHECK_EQUAL(read(ends[0], text, 16), 1);
    CHECK_EQUAL(write(ends[1], "p", 1), 1);
    close(ends[0]);
    close(ends[1]);
}

// Pages that come from a file, and pages that aren't there, on both sides of a pipe.
static void faults(void) {
    int ends[2];
    NEED(pipe2(ends, O_NONBLOCK) == 0);
    int file = memfd_create("pages", 0);
    NEED(file >= 0 && ftruncate(file, 4 * 4096) == 0);
    char *pages = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK_EQUAL(pwrite(file, "begin", 5, 4094), 5);
    CHECK_EQUAL(write(ends[1], pages + 4094, 5), 5);
    CHECK_EQUAL(write(ends[1], pages + 100, 3 * 4096), 3 * 4096);
    madvise(pages, 4 * 4096, MADV_DONTNEED);
    CHECK_EQUAL(read(ends[0], pages + 3 * 4096 - 2, 5), 5);
    CHECK(memcmp(pages + 3 * 4096 - 2, "begin", 5) == 0);
    CHECK_EQUAL(read(ends[0], pages, 4 * 4096), 3 * 4096);
    // The last page goes: of what lies before it, whole pages are written.
    munmap(pages + 3 * 4096, 4096);
    CHECK_FAILS(write(ends[1], pages + 3 * 4096 - 6, 12), EFAULT);
    CHECK_FAILS(write(ends[1], pages + 3 * 4096, 12), EFAULT);
    CHECK_EQUAL(write(ends[1], pages + 3 * 4096 - 5000, 8000), 4096);
    CHECK_FAILS(read(ends[0], pages + 3 * 4096, 10), EFAULT);
    CHECK_EQUAL(read(ends[0], pages, 2 * 4096), 4096);
    munmap(pages, 3 * 4096);
    close(file);
    close(ends[0]);
    close(ends[1]);
}

// An edge-triggered waiter hears of what is new only.
static void edges(void) {
    int ends[2];
    char byte;
    NEED(pipe2(ends, O_NONBLOCK) == 0);
    int poll = epoll_create1(0);
    struct epoll_event item = {.events = EPOLLIN | EPOLLET}, got;
    CHECK_WORKS(epoll_ctl(poll, EPOLL_CTL_ADD, ends[0], &item));
    item.events = EPOLLOUT | EPOLLET;
    CHECK_WORKS(epoll_ctl(poll, EPOLL_CTL_ADD, ends[1], &item));
    CHECK_EQUAL(epoll_wait(poll, &got, 1, 0), 1);
    CHECK_EQUAL(got.events, EPOLLOUT);
    CHECK_EQUAL(write(ends[1], "ab", 2), 2);
    CHECK_EQUAL(epoll_wait(poll, &got, 1, 0), 1);
    CHECK_EQUAL(got.events, EPOLLIN);
    CHECK_EQUAL(read(ends[0], &byte, 1), 1);
    CHECK_EQUAL(epoll_wait(poll, &got, 1, 0), 0);
    CHECK_EQUAL(read(ends[0], &byte, 1), 1);
    CHECK_EQUAL(epoll_wait(poll, &got, 1, 0), 0);
    close(poll);
    close(ends[0]);
    close(ends[1]);
}

static void nested_epoll(void) {
    int polls[7];
    struct epoll_event item = {.events = EPOLLIN};
    for (int i = 0; i < 7; i++)
        polls[i] = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 1; i < 5; i++)
        CHECK_WORKS(epoll_ctl(polls[i], EPOLL_CTL_ADD, polls[i - 1], &item));
    CHECK_FAILS(epoll_ctl(polls[5], EPOLL_CTL_ADD, polls[4], &item), ELOOP);
    CHECK_FAILS(epoll_ctl(polls[0], EPOLL_CTL_ADD, polls[3], &item), ELOOP);
    CHECK_FAILS(epoll_ctl(polls[0], EPOLL_CTL_ADD, polls[0], &item), EINVAL);
    for (int i = 0; i < 7; i++)
        close(polls[i]);
    // Wide and shallow: each instance watches both of the next level.
    int wide[8];
    for (int i = 0; i < 8; i++)
        wide[i] = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 2; j++)
            CHECK_WORKS(epoll_ctl(wide[i], EPOLL_CTL_ADD, wide[(i / 2 + 1) * 2 + j], &item));
    for (int i = 0; i < 8; i++)
        close(wide[i]);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    static const char *never[] = {"/dev/null", "/dev/zero", "/dev/urandom", "/etc/passwd", "/tmp"};
    for (int i = 0; i < 5; i++) {
        int fd = open(never[i], O_RDONLY);
        CHECK_FAILS(epoll_ctl(poll, EPOLL_CTL_ADD, fd, &item), EPERM);
        close(fd);
    }
    int place = open("/tmp", O_PATH);
    CHECK_FAILS(epoll_ctl(poll, EPOLL_CTL_ADD, place, &item), EBADF);
    CHECK_WORKS(lseek(poll, 5, SEEK_SET));
    int counter = eventfd(0, 0);
    CHECK_WORKS(lseek(counter, 5, SEEK_SET));
    close(counter);
    close(place);
    close(poll);
}

static void copies(void) {
    const char *scratch = enter_scratch();
    int ends[2], pair[2];
    int file = open("file", O_CREAT | O_RDWR, 0600);
    int target = open("target", O_CREAT | O_RDWR, 0600);
    NEED(file >= 0 && target >= 0 && pipe(ends) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK_EQUAL(write(file, "0123456789", 10), 10);
    CHECK_EQUAL(write(ends[1], "abc", 3), 3);
    off_t from = 0;
    CHECK_FAILS(sendfile(target, ends[0], NULL, 1), EINVAL);
    CHECK_FAILS(sendfile(target, ends[0], &from, 1), ESPIPE);
    CHECK_FAILS(sendfile(ends[1], ends[0], NULL, 1), EINVAL);
    CHECK_EQUAL(write(pair[0], "zz", 2), 2);
    CHECK_FAILS(sendfile(target, pair[1], NULL, 2), EINVAL);
    CHECK_EQUAL(sendfile(ends[1], pair[1], NULL, 2), 2);
    CHECK_FAILS(sendfile(target, file, &from, -1UL), EINVAL);
    from = LONG_MAX - 2;
    CHECK_FAILS(sendfile(target, file, &from, 10), EINVAL);
    CHECK_FAILS(pread(file, lock_path, 10, LONG_MAX - 2), EINVAL);
    CHECK_FAILS(pwrite(file, "0123456789", 10, LONG_MAX - 2), EINVAL);
    loff_t at = LONG_MAX - 2;
    CHECK_FAILS(splice(file, &at, ends[1], NULL, 10, 0), EINVAL);
    CHECK_FAILS(splice(ends[0], NULL, file, &at, 10, 0), EINVAL);
    int counter = eventfd(1, 0);
    CHECK_FAILS(splice(counter, NULL, ends[1], NULL, 8, 0), EINVAL);
    close(counter);
    // Counts beyond the end of the file are cut off, however large.
    loff_t in = 0, out = 0;
    CHECK_EQUAL(copy_file_range(file, &in, target, &out, LONG_MAX, 0), 10);
    in = 2;
    out = 0;
    CHECK_EQUAL(copy_file_range(file, &in, target, &out, 0x7fffffffc0000000, 0), 8);
    CHECK_EQUAL(copy_file_range(file, NULL, target, NULL, 1UL << 40, 0), 0);
    in = -1;
    CHECK_FAILS(copy_file_range(file, &in, target, &out, 5, 0), EOVERFLOW);
    struct iovec vector = {"x", 1};
    CHECK_FAILS(preadv2(ends[0], &vector, 1, 0, 0x4000), ESPIPE);
    CHECK_WORKS(vmsplice(file, &vector, 0, 0));
    CHECK_FAILS(vmsplice(file, &vector, 1, 0), EBADF);
    close(ends[0]);
    close(ends[1]);
    close(pair[0]);
    close(pair[1]);
    close(file);
    close(target);
    unlink("file");
    unlink("target");
    leave_scratch(scratch);
}

static int can_send(const char *name) {
    int file = open(name, O_RDONLY), sink = open("/dev/null", O_WRONLY);
    int result = sendfile(sink, file, NULL, 10) >= 0 ? 0 : errno;
    close(file);
    close(sink);
    return result;
}

// What Linux makes anew for each process can't be spliced, what it has once can.
static void sending_what_is_made_when_read(void) {
    static const char *const without[] = {
        "/proc/self/status", "/proc/self/cmdline", "/proc/self/maps", "/proc/self/comm", "/proc/self/fdinfo/0", "/proc/self/oom_score_adj",
        "/proc/self/mem", "/proc/self/timerslack_ns", "/proc/net/unix", "/dev/null",
    };
    static const char *const with[] = {
        "/proc/cpuinfo", "/proc/self/mounts", "/proc/self/mountinfo", "/proc/sys/kernel/pid_max", "/dev/zero", "/sys/devices/system/cpu/online",
    };
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        if (!CHECK_EQUAL(can_send(without[i]), EINVAL))
            printf("%s\n", without[i]);
    }
    for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
        if (!CHECK_EQUAL(can_send(with[i]), 0))
            printf("%s\n", with[i]);
    }
    int ends[2], name = open("/proc/self/comm", O_WRONLY), users = open("/etc/passwd", O_RDONLY);
    NEED(pipe(ends) == 0);
    CHECK_EQUAL(write(ends[1], "name", 4), 4);
    CHECK_FAILS(splice(ends[0], NULL, name, NULL, 4, 0), EINVAL);
    CHECK_FAILS(sendfile(name, users, NULL, 4), EINVAL);
    close(name);
    close(users);
    close(ends[0]);
    close(ends[1]);
}

// What one process's own rings use of its table isn't another who shares it.
static void closing_what_was_shared(void) {
    const char *scratch = enter_scratch();
    struct io_uring_params params = {0};
    int ring = syscall(SYS_io_uring_setup, 4, &params);
    if (CHECK(ring >= 0 || errno == EPERM) && ring >= 0) // sandboxes refuse it
        CHECK_EQUAL(syscall(SYS_io_uring_enter, ring, 0, 0, 0, NULL, 0), 0);
    int file = open("/dev/null", O_RDONLY), second = dup(file), locked = open("locked", O_CREAT | O_RDWR, 0600);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    CHECK_WORKS(fcntl(locked, F_SETLK, &lock));
    CHECK_WORKS(syscall(SYS_close_range, second, second, 2));
    CHECK_FAILS(fcntl(second, F_GETFD), EBADF);
    CHECK_WORKS(fcntl(file, F_GETFD));
    // Record locks are the table's: it stayed.
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(fcntl(locked, F_SETLK, &lock) == -1 && errno == EAGAIN ? 0 : 1);
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 0);
    child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
    if (child == 0)
        _exit(syscall(SYS_close_range, file, file, 2) == 0 && fcntl(file, F_GETFD) == -1 ? 0 : 1);
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 0);
    CHECK_WORKS(fcntl(file, F_GETFD));
    close(locked);
    close(file);
    if (ring >= 0)
        close(ring);
    unlink("locked");
    leave_scratch(scratch);
}

static void appending_and_not(void) {
    const char *scratch = enter_scratch();
    const int noAppend = 0x20;
    int file = open("file", O_CREAT | O_RDWR | O_APPEND, 0600);
    CHECK_EQUAL(write(file, "0123456789", 10), 10);
    struct iovec vector = {"ab", 2};
    CHECK_EQUAL(pwritev2(file, &vector, 1, 2, noAppend), 2);
    CHECK_EQUAL(pwritev2(file, &vector, 1, 2, 0), 2);
    CHECK_EQUAL(lseek(file, 4, SEEK_SET), 4);
    CHECK_EQUAL(pwritev2(file, &vector, 1, -1, noAppend), 2);
    CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 6);
    CHECK_FAILS(pwritev2(file, &vector, 1, 0, noAppend | RWF_APPEND), EINVAL);
    char text[20] = "";
    CHECK_EQUAL(pread(file, text, sizeof text, 0), 12);
    CHECK_TEXT(text, "01abab6789ab");
    // LOCK_MAND is taken and means nothing; a pipe's end for reading can't be written, whatever it is.
    CHECK_WORKS(flock(file, 32 | LOCK_EX));
    int ends[2];
    NEED(pipe(ends) == 0);
    CHECK_FAILS(fallocate(ends[0], 0, 0, 1), EBADF);
    CHECK_FAILS(fallocate(ends[1], 0, 0, 1), ESPIPE);
    // Sets larger than any descriptor can be are cut off.
    fd_set set[2];
    memset(set, 0xff, sizeof set);
    FD_ZERO(&set[0]);
    FD_SET(ends[0], &set[0]);
    CHECK_EQUAL(select(2000, &set[0], NULL, NULL, &(struct timeval){0}), 0);
    close(ends[0]);
    close(ends[1]);
    close(file);
    unlink("file");
    leave_scratch(scratch);
}

MAIN(SECTION(closed_while_used), SECTION(closed_while_locked), SECTION(raced), SECTION(fifos), SECTION(opened_again), SECTION(packets),
     SECTION(faults), SECTION(edges), SECTION(nested_epoll), SECTION(copies), SECTION(sending_what_is_made_when_read),
     SECTION(closing_what_was_shared), SECTION(appending_and_not))
