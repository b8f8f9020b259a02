// Waiting for events: pipes, eventfd, poll and select, epoll, and sockets between programs of one machine.
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static void pipes(void) {
    int ends[2];
    char text[65536];
    CHECK_WORKS(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
    CHECK_EQUAL(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(ends[0], F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_RDONLY);
    CHECK_EQUAL(fcntl(ends[1], F_GETFL) & O_ACCMODE, O_WRONLY);
    CHECK_FAILS(read(ends[0], text, 1), EAGAIN);
    CHECK_FAILS(write(ends[0], "x", 1), EBADF);
    CHECK_FAILS(read(ends[1], text, 1), EBADF);
    CHECK_EQUAL(fcntl(ends[0], F_GETPIPE_SZ), 65536);
    memset(text, 'p', sizeof text);
    CHECK_EQUAL(write(ends[1], text, sizeof text), 65536);
    CHECK_FAILS(write(ends[1], "x", 1), EAGAIN);
    int waiting = 0;
    CHECK_WORKS(ioctl(ends[0], FIONREAD, &waiting));
    CHECK_EQUAL(waiting, 65536);
    // After a page is free a page can be written at once; writes up to PIPE_BUF are whole or not at all.
    CHECK_EQUAL(read(ends[0], text, 4096), 4096);
    CHECK_EQUAL(write(ends[1], text, 4096), 4096);
    CHECK_EQUAL(read(ends[0], text, sizeof text), 65536);
    CHECK_WORKS(close(ends[1]));
    CHECK_EQUAL(read(ends[0], text, 1), 0);
    close(ends[0]);
    CHECK_WORKS(pipe(ends));
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    CHECK_FAILS(write(ends[1], "x", 1), EPIPE);
    signal(SIGPIPE, SIG_DFL);
    close(ends[1]);
    CHECK_FAILS(pipe2(ends, 1), EINVAL);
    CHECK_WORKS(pipe(ends));
    CHECK(fcntl(ends[0], F_SETPIPE_SZ, 200000) >= 200000);
    CHECK_EQUAL(fcntl(ends[1], F_GETPIPE_SZ), 262144);
    struct stat status;
    fstat(ends[0], &status);
    CHECK_EQUAL(status.st_mode & S_IFMT, S_IFIFO);
    close(ends[0]);
    close(ends[1]);
    // Packets keep their borders.
    if (CHECK_WORKS(pipe2(ends, O_DIRECT))) {
        write(ends[1], "one", 3);
        write(ends[1], "two", 3);
        CHECK_EQUAL(read(ends[0], text, 100), 3);
        CHECK_EQUAL(read(ends[0], text, 2), 2);
        close(ends[0]);
        close(ends[1]);
    }
}

// Room is counted in pages: one that is read in part holds its place, and takes more at its end only.
static void pages_of_pipes(void) {
    static char text[65536];
    int ends[2];
    NEED(pipe2(ends, O_NONBLOCK) == 0);
    CHECK_EQUAL(write(ends[1], text, sizeof text), 65536);
    CHECK_EQUAL(read(ends[0], text, 100), 100);
    CHECK_FAILS(write(ends[1], text, 50), EAGAIN);
    struct pollfd writer = { ends[1], POLLOUT, 0 };
    CHECK_EQUAL(poll(&writer, 1, 0), 0);
    CHECK_EQUAL(read(ends[0], text, 3996), 3996);
    CHECK_EQUAL(poll(&writer, 1, 0), 1);
    CHECK_EQUAL(write(ends[1], text, 5000), 4096);
    CHECK_EQUAL(read(ends[0], text, sizeof text), 65536);
    // Sixteen pieces that don't fit into the page before fill it.
    for (int i = 0; i < 16; i++)
        CHECK_EQUAL(write(ends[1], text, 2049), 2049);
    CHECK_EQUAL(write(ends[1], text, 2047), 2047);
    CHECK_FAILS(write(ends[1], text, 1), EAGAIN);
    CHECK_FAILS(fcntl(ends[1], F_SETPIPE_SZ, 32768), EBUSY);
    CHECK_EQUAL(fcntl(ends[1], F_SETPIPE_SZ, 131072), 131072);
    CHECK_EQUAL(write(ends[1], text, 1), 1);
    CHECK_EQUAL(read(ends[0], text, sizeof text), 16 * 2049 + 2047 + 1);
    // Bytes without borders in front of a packet are read with it, and what follows isn't.
    CHECK_EQUAL(write(ends[1], "plain", 5), 5);
    CHECK_WORKS(fcntl(ends[1], F_SETFL, O_NONBLOCK | O_DIRECT));
    CHECK_EQUAL(write(ends[1], text, 4096), 4096);
    CHECK_EQUAL(write(ends[1], "packet", 6), 6);
    CHECK_EQUAL(read(ends[0], text, sizeof text), 5 + 4096);
    CHECK_EQUAL(read(ends[0], text, 2), 2);
    CHECK_FAILS(read(ends[0], text, 1), EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

static void *fill_pipe(void *argument) {
    static unsigned char block[10000];
    unsigned value = 0;
    for (int i = 0; i < 300; i++) {
        for (size_t j = 0; j < sizeof block; j++)
            block[j] = (unsigned char)(value++ * 7 % 251);
        CHECK_EQUAL(write(*(int *)argument, block, sizeof block), sizeof block);
    }
    close(*(int *)argument);
    return NULL;
}

static void much_through_a_pipe(void) {
    int ends[2];
    CHECK_WORKS(pipe(ends));
    pthread_t thread;
    pthread_create(&thread, NULL, fill_pipe, &ends[1]);
    unsigned char block[7777];
    unsigned value = 0;
    long total = 0, wrong = 0, part;
    while ((part = read(ends[0], block, sizeof block)) > 0) {
        for (long i = 0; i < part; i++)
            wrong += block[i] != value++ * 7 % 251;
        total += part;
    }
    pthread_join(thread, NULL);
    CHECK_EQUAL(total, 3000000);
    CHECK_EQUAL(wrong, 0);
    close(ends[0]);
}

static void *write_event(void *argument) {
    uint64_t one = 1;
    CHECK_EQUAL(write(*(int *)argument, &one, 8), 8);
    return NULL;
}

static void event_counters(void) {
    uint64_t value;
    int file = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
    NEED(file >= 0);
    CHECK_EQUAL(read(file, &value, 8), 8);
    CHECK_EQUAL(value, 3);
    CHECK_FAILS(read(file, &value, 8), EAGAIN);
    value = 0xFFFFFFFFFFFFFFFE;
    CHECK_EQUAL(write(file, &value, 8), 8);
    value = 1;
    CHECK_FAILS(write(file, &value, 8), EAGAIN);
    value = 0xFFFFFFFFFFFFFFFF;
    CHECK_FAILS(write(file, &value, 8), EINVAL);
    CHECK_FAILS(read(file, &value, 4), EINVAL);
    struct pollfd poll_file = { file, POLLIN | POLLOUT, 0 };
    CHECK_EQUAL(poll(&poll_file, 1, 0), 1);
    CHECK_EQUAL(poll_file.revents, POLLIN);
    close(file);
    file = eventfd(2, EFD_SEMAPHORE);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(read(file, &value, 8), 8);
        CHECK_EQUAL(value, 1);
    }
    pthread_t thread;
    pthread_create(&thread, NULL, write_event, &file);
    CHECK_EQUAL(read(file, &value, 8), 8);
    pthread_join(thread, NULL);
    close(file);
    CHECK_FAILS(eventfd(0, 0x4000000), EINVAL);
}

static volatile int alarms;

static void on_alarm(int signal) {
    (void)signal;
    alarms++;
}

static void polling(void) {
    int ends[2];
    CHECK_WORKS(pipe(ends));
    struct pollfd files[3] = { { ends[0], POLLIN, 0 }, { ends[1], POLLOUT, 0 }, { -1, POLLIN, 77 } };
    CHECK_EQUAL(poll(files, 3, 0), 1);
    CHECK_EQUAL(files[0].revents, 0);
    CHECK_EQUAL(files[1].revents, POLLOUT);
    CHECK_EQUAL(files[2].revents, 0);
    write(ends[1], "x", 1);
    CHECK_EQUAL(poll(files, 2, -1), 2);
    CHECK_EQUAL(files[0].revents, POLLIN);
    char value;
    read(ends[0], &value, 1);
    long long start = now_in_nanoseconds(CLOCK_MONOTONIC);
    CHECK_EQUAL(poll(files, 1, 20), 0);
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) - start >= 20000000);
    files[1].fd = 999;
    CHECK_EQUAL(poll(files, 2, -1), 1);
    CHECK_EQUAL(files[1].revents, POLLNVAL);
    close(ends[1]);
    CHECK_EQUAL(poll(files, 1, -1), 1);
    CHECK_EQUAL(files[0].revents, POLLHUP);
    close(ends[0]);
    pipe(ends);
    close(ends[0]);
    files[1].fd = ends[1];
    CHECK_EQUAL(poll(files + 1, 1, -1), 1);
    CHECK_EQUAL(files[1].revents & POLLERR, POLLERR);
    close(ends[1]);
    CHECK_FAILS(syscall(SYS_ppoll, 8, 1, NULL, NULL, 0), EFAULT);
    // A regular file is always ready.
    int file = open("/etc/passwd", O_RDONLY);
    files[0] = (struct pollfd){ file, POLLIN, 0 };
    CHECK_EQUAL(poll(files, 1, -1), 1);
    close(file);
    // With its own signal mask.
    struct sigaction action = { .sa_handler = on_alarm }, standard = { .sa_handler = SIG_DFL };
    sigaction(SIGUSR1, &action, NULL);
    sigset_t blocked, old, none;
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    alarms = 0;
    raise(SIGUSR1);
    struct timespec little = { 0, 10000000 };
    CHECK_EQUAL(ppoll(NULL, 0, &little, NULL), 0);
    CHECK_EQUAL(alarms, 0);
    CHECK_FAILS(ppoll(NULL, 0, NULL, &none), EINTR);
    CHECK_EQUAL(alarms, 1);
    struct timespec wrong = { 0, -1 };
    CHECK_FAILS(ppoll(NULL, 0, &wrong, NULL), EINVAL);
    raise(SIGUSR1);
    CHECK_FAILS(pselect(0, NULL, NULL, NULL, NULL, &none), EINTR);
    CHECK_EQUAL(alarms, 2);
    sigprocmask(SIG_SETMASK, &old, NULL);
    sigaction(SIGUSR1, &standard, NULL);
}

static void selecting(void) {
    int ends[2];
    CHECK_WORKS(pipe(ends));
    fd_set readable, writable;
    struct timeval time = { 0, 20000 };
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(ends[0], &readable);
    FD_SET(ends[1], &writable);
    CHECK_EQUAL(select(ends[1] + 1, &readable, &writable, NULL, &time), 1);
    CHECK(!FD_ISSET(ends[0], &readable) && FD_ISSET(ends[1], &writable));
    FD_SET(ends[0], &readable);
    CHECK_EQUAL(select(ends[0] + 1, &readable, NULL, NULL, &time), 0);
    CHECK_EQUAL(time.tv_sec + time.tv_usec, 0);
    CHECK(!FD_ISSET(ends[0], &readable));
    write(ends[1], "x", 1);
    FD_SET(ends[0], &readable);
    CHECK_EQUAL(select(ends[1] + 1, &readable, &writable, NULL, NULL), 2);
    int moved = fcntl(ends[0], F_DUPFD, 200);
    FD_ZERO(&readable);
    FD_SET(moved, &readable);
    CHECK_EQUAL(select(moved + 1, &readable, NULL, NULL, NULL), 1);
    CHECK(FD_ISSET(moved, &readable));
    close(moved);
    CHECK_FAILS(select(moved + 1, &readable, NULL, NULL, NULL), EBADF);
    CHECK_FAILS(select(-1, NULL, NULL, NULL, NULL), EINVAL);
    time = (struct timeval){ -1, 0 };
    CHECK_FAILS(select(0, NULL, NULL, NULL, &time), EINVAL);
    close(ends[0]);
    close(ends[1]);
}

static int epoll_add(int set, int file, uint32_t events) {
    struct epoll_event event = { .events = events, .data.u64 = 0x1234567800000000 | (unsigned)file };
    return epoll_ctl(set, EPOLL_CTL_ADD, file, &event);
}

static void event_sets(void) {
    int set = epoll_create1(EPOLL_CLOEXEC), ends[2];
    NEED(set >= 0);
    struct epoll_event events[8], change = { .events = EPOLLIN };
    CHECK_WORKS(pipe2(ends, O_NONBLOCK));
    CHECK_WORKS(epoll_add(set, ends[0], EPOLLIN));
    CHECK_FAILS(epoll_add(set, ends[0], EPOLLIN), EEXIST);
    CHECK_FAILS(epoll_ctl(set, EPOLL_CTL_MOD, ends[1], &change), ENOENT);
    CHECK_FAILS(epoll_ctl(set, EPOLL_CTL_DEL, ends[1], NULL), ENOENT);
    CHECK_FAILS(epoll_add(set, 999, EPOLLIN), EBADF);
    CHECK_FAILS(epoll_add(set, set, EPOLLIN), EINVAL);
    CHECK_FAILS(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &change), EINVAL);
    CHECK_FAILS(epoll_ctl(set, 77, ends[1], &change), EINVAL);
    int plain = open("/etc/passwd", O_RDONLY);
    CHECK_FAILS(epoll_add(set, plain, EPOLLIN), EPERM);
    close(plain);
    CHECK_EQUAL(epoll_wait(set, events, 8, 0), 0);
    CHECK_FAILS(epoll_wait(set, events, 0, 0), EINVAL);
    CHECK_FAILS(epoll_wait(ends[0], events, 8, 0), EINVAL);
    CHECK_FAILS(epoll_create(0), EINVAL);
    CHECK_FAILS(epoll_create1(1), EINVAL);
    // Level-triggered: as long as there is something to read.
    write(ends[1], "xy", 2);
    char value;
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(epoll_wait(set, events, 8, 1000), 1);
        CHECK_EQUAL(events[0].events, EPOLLIN);
        CHECK_EQUAL(events[0].data.u64, 0x1234567800000000 | (unsigned)ends[0]);
        read(ends[0], &value, 1);
    }
    CHECK_EQUAL(epoll_wait(set, events, 8, 0), 0);
    // Edge-triggered: once for what arrives.
    change = (struct epoll_event){ .events = EPOLLIN | EPOLLET, .data.u32 = 5 };
    CHECK_WORKS(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &change));
    write(ends[1], "x", 1);
    CHECK_EQUAL(epoll_wait(set, events, 8, 1000), 1);
    CHECK_EQUAL(events[0].data.u32, 5);
    CHECK_EQUAL(epoll_wait(set, events, 8, 0), 0);
    write(ends[1], "y", 1);
    CHECK_EQUAL(epoll_wait(set, events, 8, 1000), 1);
    CHECK_EQUAL(epoll_wait(set, events, 8, 0), 0);
    // One shot: armed again by a change.
    change.events = EPOLLIN | EPOLLONESHOT;
    CHECK_WORKS(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &change));
    CHECK_EQUAL(epoll_wait(set, events, 8, 1000), 1);
    CHECK_EQUAL(epoll_wait(set, events, 8, 0), 0);
    CHECK_WORKS(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &change));
    CHECK_EQUAL(epoll_wait(set, events, 8, 1000), 1);
    // A set within a set.
    change.events = EPOLLIN;
    CHECK_WORKS(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &change));
    int outer = epoll_create1(0);
    CHECK_WORKS(epoll_add(outer, set, EPOLLIN));
    CHECK_EQUAL(epoll_wait(outer, events, 8, 1000), 1);
    CHECK_EQUAL(events[0].data.u64 & 0xFFFFFFFF, (unsigned)set);
    CHECK_FAILS(epoll_add(set, outer, EPOLLIN), ELOOP);
    struct pollfd poll_set = { set, POLLIN, 0 };
    CHECK_EQUAL(poll(&poll_set, 1, 0), 1);
    char text[8];
    read(ends[0], text, 8);
    CHECK_EQUAL(epoll_wait(outer, events, 8, 0), 0);
    close(outer);
    // The other side's end, and a closed file that leaves the set by itself.
    close(ends[1]);
    CHECK_EQUAL(epoll_wait(set, events, 8, 1000), 1);
    CHECK_EQUAL(events[0].events, EPOLLHUP);
    close(ends[0]);
    CHECK_EQUAL(epoll_wait(set, events, 8, 0), 0);
    long long start = now_in_nanoseconds(CLOCK_MONOTONIC);
    CHECK_EQUAL(epoll_wait(set, events, 8, 20), 0);
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) - start >= 19000000);
    close(set);
}

static int exclusive_set;
static int exclusive_woken;

static void *wait_exclusively(void *argument) {
    struct epoll_event event;
    __atomic_store_n((pid_t *)argument, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
    int count = epoll_wait(exclusive_set, &event, 1, 10000);
    if (count == 1)
        __atomic_add_fetch(&exclusive_woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void waiters_of_one_set(void) {
    // With an edge, one of the waiting threads gets the event.
    pthread_t threads[3];
    pid_t ids[3] = { 0 };
    int file = eventfd(0, 0);
    exclusive_set = epoll_create1(0);
    exclusive_woken = 0;
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };
    CHECK_WORKS(epoll_ctl(exclusive_set, EPOLL_CTL_ADD, file, &event));
    for (int i = 0; i < 3; i++) {
        pthread_create(&threads[i], NULL, wait_exclusively, &ids[i]);
        UNTIL(__atomic_load_n(&ids[i], __ATOMIC_ACQUIRE) != 0);
        UNTIL(thread_state(ids[i]) == 'S');
    }
    uint64_t one = 1;
    for (int i = 1; i <= 3; i++) {
        write(file, &one, 8);
        UNTIL(__atomic_load_n(&exclusive_woken, __ATOMIC_SEQ_CST) >= i);
        CHECK_EQUAL(__atomic_load_n(&exclusive_woken, __ATOMIC_SEQ_CST), i);
    }
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    close(exclusive_set);
    int set = epoll_create1(0);
    CHECK_WORKS(epoll_add(set, file, EPOLLIN | EPOLLEXCLUSIVE));
    CHECK_EQUAL(epoll_wait(set, &event, 1, 1000), 1);
    CHECK_FAILS(epoll_ctl(set, EPOLL_CTL_MOD, file, &event), EINVAL);
    close(set);
    close(file);
}

static void socket_pairs(void) {
    int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
    char text[64] = "";
    for (int i = 0; i < 3; i++) {
        int ends[2];
        if (!CHECK_WORKS(socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0, ends)))
            continue;
        CHECK_EQUAL(send(ends[0], "one", 3, 0), 3);
        CHECK_EQUAL(send(ends[0], "two", 3, 0), 3);
        CHECK_EQUAL(recv(ends[1], text, 64, MSG_PEEK), types[i] == SOCK_STREAM ? 6 : 3);
        CHECK_EQUAL(recv(ends[1], text, 64, 0), types[i] == SOCK_STREAM ? 6 : 3);
        CHECK(memcmp(text, "one", 3) == 0);
        if (types[i] != SOCK_STREAM) {
            // The rest of a packet is lost, and said to be.
            struct iovec part = { text, 2 };
            struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
            CHECK_EQUAL(recvmsg(ends[1], &message, 0), 2);
            CHECK_EQUAL(message.msg_flags & MSG_TRUNC, MSG_TRUNC);
        }
        CHECK_FAILS(recv(ends[1], text, 64, MSG_DONTWAIT), EAGAIN);
        int type = 0;
        socklen_t length = sizeof type;
        CHECK_WORKS(getsockopt(ends[0], SOL_SOCKET, SO_TYPE, &type, &length));
        CHECK_EQUAL(type, types[i]);
        struct ucred peer;
        length = sizeof peer;
        CHECK_WORKS(getsockopt(ends[0], SOL_SOCKET, SO_PEERCRED, &peer, &length));
        CHECK_EQUAL(peer.pid, getpid());
        if (types[i] != SOCK_DGRAM) {
            CHECK_WORKS(shutdown(ends[0], SHUT_WR));
            CHECK_EQUAL(recv(ends[1], text, 64, 0), 0);
            CHECK_EQUAL(send(ends[1], "back", 4, 0), 4);
            CHECK_EQUAL(read(ends[0], text, 64), 4);
            CHECK_FAILS(send(ends[0], "x", 1, MSG_NOSIGNAL), EPIPE);
        }
        close(ends[0]);
        CHECK_FAILS(send(ends[1], "x", 1, MSG_NOSIGNAL), types[i] == SOCK_DGRAM ? ECONNREFUSED : EPIPE);
        close(ends[1]);
    }
}

static void *serve(void *argument) {
    int listener = *(int *)argument, client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    char text[64];
    ssize_t length;
    while ((length = read(client, text, sizeof text)) > 0)
        CHECK_EQUAL(write(client, text, (size_t)length), length);
    close(client);
    return NULL;
}

static void named_sockets(void) {
    const char *scratch = enter_scratch();
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    NEED(listener >= 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_FAILS(connect(client, (void *)&address, sizeof address), ENOENT);
    CHECK_WORKS(bind(listener, (void *)&address, sizeof address));
    struct stat status;
    CHECK_WORKS(stat("socket", &status));
    CHECK_EQUAL(status.st_mode & S_IFMT, S_IFSOCK);
    CHECK_FAILS(connect(client, (void *)&address, sizeof address), ECONNREFUSED);
    CHECK_FAILS(open("socket", O_RDONLY), ENXIO);
    CHECK_WORKS(listen(listener, 5));
    pthread_t thread;
    pthread_create(&thread, NULL, serve, &listener);
    CHECK_WORKS(connect(client, (void *)&address, sizeof address));
    CHECK_FAILS(connect(client, (void *)&address, sizeof address), EISCONN);
    char text[64] = "";
    for (int i = 0; i < 100; i++) {
        CHECK_EQUAL(write(client, "ping", 4), 4);
        CHECK_EQUAL(recv(client, text, 4, MSG_WAITALL), 4);
    }
    struct sockaddr_un peer;
    socklen_t length = sizeof peer;
    CHECK_WORKS(getpeername(client, (void *)&peer, &length));
    CHECK_TEXT(peer.sun_path, "socket");
    length = sizeof peer;
    CHECK_WORKS(getsockname(client, (void *)&peer, &length));
    CHECK_EQUAL(length, 2);
    close(client);
    pthread_join(thread, NULL);
    int second = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_FAILS(bind(second, (void *)&address, sizeof address), EADDRINUSE);
    close(second);
    close(listener);
    unlink("socket");
    // Names that are in no file system.
    struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0abstract" };
    socklen_t abstract_length = offsetof(struct sockaddr_un, sun_path) + 9;
    listener = socket(AF_UNIX, SOCK_DGRAM, 0);
    client = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_WORKS(bind(listener, (void *)&abstract, abstract_length));
    CHECK_EQUAL(sendto(client, "data", 4, 0, (void *)&abstract, abstract_length), 4);
    CHECK_EQUAL(recv(listener, text, 64, 0), 4);
    close(listener);
    CHECK_FAILS(sendto(client, "data", 4, 0, (void *)&abstract, abstract_length), ECONNREFUSED);
    close(client);
    leave_scratch(scratch);
}

static void descriptors_over_sockets(void) {
    int ends[2], pipe_ends[2];
    NEED(CHECK_WORKS(socketpair(AF_UNIX, SOCK_STREAM, 0, ends)));
    pipe(pipe_ends);
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(2 * sizeof(int))];
    } control = { 0 };
    struct iovec part = { "x", 1 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof(int)) };
    control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
    memcpy(CMSG_DATA(&control.header), &pipe_ends[1], sizeof(int));
    CHECK_EQUAL(sendmsg(ends[0], &message, 0), 1);
    close(pipe_ends[1]);
    // The only writing end is on its way.
    struct pollfd poll_pipe = { pipe_ends[0], POLLIN, 0 };
    CHECK_EQUAL(poll(&poll_pipe, 1, 0), 0);
    char value;
    struct iovec in = { &value, 1 };
    memset(&control, 0, sizeof control);
    struct msghdr received = { .msg_iov = &in, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    CHECK_EQUAL(recvmsg(ends[1], &received, MSG_CMSG_CLOEXEC), 1);
    CHECK_EQUAL(control.header.cmsg_type, SCM_RIGHTS);
    CHECK_EQUAL(control.header.cmsg_len, CMSG_LEN(sizeof(int)));
    int file;
    memcpy(&file, CMSG_DATA(&control.header), sizeof file);
    CHECK_EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(write(file, "y", 1), 1);
    CHECK_EQUAL(read(pipe_ends[0], &value, 1), 1);
    close(file);
    CHECK_EQUAL(read(pipe_ends[0], &value, 1), 0);
    close(pipe_ends[0]);
    close(ends[0]);
    close(ends[1]);
}

static void descriptors_outlive_their_number(void) {
    // A read that waits keeps its pipe although another thread closes the number.
    int ends[2], copy;
    CHECK_WORKS(pipe(ends));
    copy = dup(ends[1]);
    close(ends[1]);
    CHECK_EQUAL(write(copy, "x", 1), 1);
    char value;
    CHECK_EQUAL(read(ends[0], &value, 1), 1);
    close(copy);
    CHECK_EQUAL(read(ends[0], &value, 1), 0);
    close(ends[0]);
}

static void family_that_does_not_exist(void) {
    CHECK_FAILS(socket(250, SOCK_STREAM, 0), EAFNOSUPPORT);
    CHECK_FAILS(socket(AF_UNIX, 77, 0), EINVAL);
    CHECK_FAILS(socket(AF_UNIX, SOCK_STREAM, 99), EPROTONOSUPPORT);
    CHECK_FAILS(listen(0x7FFF, 1), EBADF);
    int file = open("/dev/null", O_RDONLY);
    CHECK_FAILS(listen(file, 1), ENOTSOCK);
    close(file);
}

MAIN(SECTION(pipes), SECTION(pages_of_pipes), SECTION(much_through_a_pipe), SECTION(event_counters), SECTION(polling), SECTION(selecting),
    SECTION(event_sets), SECTION(waiters_of_one_set), SECTION(socket_pairs), SECTION(named_sockets),
    SECTION(descriptors_over_sockets), SECTION(descriptors_outlive_their_number), SECTION(family_that_does_not_exist))
