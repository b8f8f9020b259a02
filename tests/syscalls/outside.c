// Waiting for sockets of the machine's network. Connections to an address of the machine that isn't loopback go through the host's TCP/IP
// inside too. A machine without such an address has nothing to check.
#include "check.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <linux/io_uring.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

static struct sockaddr_in own;

static bool find_own(void) {
    struct ifaddrs *all;
    if (own.sin_family || getifaddrs(&all) != 0)
        return own.sin_family != 0;
    for (struct ifaddrs *each = all; each; each = each->ifa_next)
        if (each->ifa_addr && each->ifa_addr->sa_family == AF_INET && !(each->ifa_flags & IFF_LOOPBACK) && (each->ifa_flags & IFF_UP))
            own = *(struct sockaddr_in *)each->ifa_addr;
    freeifaddrs(all);
    return own.sin_family != 0;
}

static int listen_on_own(struct sockaddr_in *at) {
    socklen_t length = sizeof *at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *at = own;
    at->sin_port = 0;
    if (bind(fd, (struct sockaddr *)at, sizeof *at) != 0 || listen(fd, 16) != 0 || getsockname(fd, (struct sockaddr *)at, &length) != 0)
        return -1;
    return fd;
}

// A connection: [0] is the client, [1] what accept gave.
static bool make_pair(int pair[2]) {
    struct sockaddr_in at;
    int listener = listen_on_own(&at);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    bool works = connect(pair[0], (struct sockaddr *)&at, sizeof at) == 0;
    pair[1] = accept(listener, NULL, NULL);
    close(listener);
    int on = 1;
    setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return works && pair[1] >= 0;
}

static void close_pair(int pair[2]) {
    close(pair[0]);
    close(pair[1]);
}

#define NEED_PAIR(pair) int pair[2]; if (!find_own()) return; NEED(make_pair(pair))

struct helper {
    pthread_t thread;
    _Atomic pid_t id;
    int fd, other;
    _Atomic long result;
    _Atomic int error;
};

#define START(helper, body) pthread_create(&(helper).thread, NULL, (body), &(helper))
#define UNTIL_ASLEEP(helper) UNTIL((helper).id != 0 && thread_state((helper).id) == 'S')

static void *read_one(void *argument) {
    struct helper *self = argument;
    self->id = gettid();
    char byte;
    self->result = read(self->fd, &byte, 1);
    self->error = errno;
    return NULL;
}

static void a_blocked_read_is_woken(void) {
    NEED_PAIR(pair);
    struct helper reader = {.fd = pair[1]};
    START(reader, read_one);
    UNTIL_ASLEEP(reader);
    CHECK_EQUAL(write(pair[0], "x", 1), 1);
    pthread_join(reader.thread, NULL);
    CHECK_EQUAL(reader.result, 1);

    // The end, from the other side and from this one.
    reader.id = 0;
    START(reader, read_one);
    UNTIL_ASLEEP(reader);
    CHECK_WORKS(shutdown(pair[0], SHUT_WR));
    pthread_join(reader.thread, NULL);
    CHECK_EQUAL(reader.result, 0);
    struct helper other = {.fd = pair[0]};
    START(other, read_one);
    UNTIL_ASLEEP(other);
    CHECK_WORKS(shutdown(pair[0], SHUT_RD));
    pthread_join(other.thread, NULL);
    CHECK_EQUAL(other.result, 0);
    close_pair(pair);
}

static void ignore(int signal) { (void)signal; }

static void a_signal_ends_a_blocked_read(void) {
    NEED_PAIR(pair);
    struct sigaction action = {.sa_handler = ignore};
    sigaction(SIGUSR1, &action, NULL);
    struct helper reader = {.fd = pair[1]};
    START(reader, read_one);
    UNTIL_ASLEEP(reader);
    pthread_kill(reader.thread, SIGUSR1);
    pthread_join(reader.thread, NULL);
    CHECK_EQUAL(reader.result, -1);
    CHECK_EQUAL(reader.error, EINTR);
    signal(SIGUSR1, SIG_DFL);
    close_pair(pair);
}

static void a_blocked_read_has_its_timeout(void) {
    NEED_PAIR(pair);
    struct timeval time = {.tv_usec = 20000};
    CHECK_WORKS(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    char byte;
    long long start = now_in_nanoseconds(CLOCK_MONOTONIC);
    CHECK_FAILS(read(pair[1], &byte, 1), EAGAIN);
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) - start >= 19000000);
    close_pair(pair);
}

static void *fill(void *argument) {
    struct helper *self = argument;
    static char block[1 << 16];
    self->id = gettid();
    long sum = 0, count;
    for (int i = 0; i < 256 && (count = write(self->fd, block, sizeof block)) > 0; i++)
        sum += count;
    self->result = sum;
    return NULL;
}

static void a_blocked_write_goes_on(void) {
    NEED_PAIR(pair);
    struct helper writer = {.fd = pair[0]};
    START(writer, fill);
    UNTIL_ASLEEP(writer);
    static char block[1 << 16];
    long sum = 0, count;
    while (sum < 256L << 16 && (count = read(pair[1], block, sizeof block)) > 0)
        sum += count;
    pthread_join(writer.thread, NULL);
    CHECK_EQUAL(writer.result, 256L << 16);
    CHECK_EQUAL(sum, 256L << 16);
    close_pair(pair);
}

static void *accept_one(void *argument) {
    struct helper *self = argument;
    self->id = gettid();
    self->result = accept(self->fd, NULL, NULL);
    self->error = errno;
    return NULL;
}

static void a_blocked_accept_is_woken(void) {
    if (!find_own())
        return;
    struct sockaddr_in at;
    struct helper server = {.fd = listen_on_own(&at)};
    START(server, accept_one);
    UNTIL_ASLEEP(server);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(connect(client, (struct sockaddr *)&at, sizeof at));
    pthread_join(server.thread, NULL);
    CHECK(server.result >= 0);
    close(client);
    close(server.result);
    close(server.fd);

    // A wildcard serves both worlds at once.
    int both = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = {.sin_family = AF_INET};
    socklen_t length = sizeof any;
    CHECK_WORKS(bind(both, (struct sockaddr *)&any, sizeof any));
    CHECK_WORKS(listen(both, 5));
    CHECK_WORKS(getsockname(both, (struct sockaddr *)&any, &length));
    for (int i = 0; i < 2; i++) {
        server = (struct helper){.fd = both};
        START(server, accept_one);
        UNTIL_ASLEEP(server);
        client = socket(AF_INET, SOCK_STREAM, 0);
        any.sin_addr.s_addr = i ? own.sin_addr.s_addr : htonl(INADDR_LOOPBACK);
        CHECK_WORKS(connect(client, (struct sockaddr *)&any, sizeof any));
        pthread_join(server.thread, NULL);
        CHECK(server.result >= 0);
        close(client);
        close(server.result);
    }
    close(both);
}

static void *poll_both(void *argument) {
    struct helper *self = argument;
    self->id = gettid();
    struct pollfd polled[2] = {{.fd = self->fd, .events = POLLIN}, {.fd = self->other, .events = POLLIN}};
    self->result = poll(polled, 2, -1) == 1 ? (polled[0].revents & POLLIN ? 1 : 2) : -1;
    return NULL;
}

static void poll_hears_of_both_worlds(void) {
    NEED_PAIR(pair);
    int pipe_ends[2];
    CHECK_WORKS(pipe(pipe_ends));
    for (int i = 0; i < 4; i++) {
        struct helper poller = {.fd = pair[1], .other = pipe_ends[0]};
        START(poller, poll_both);
        UNTIL_ASLEEP(poller);
        CHECK_EQUAL(write(i % 2 ? pipe_ends[1] : pair[0], "x", 1), 1);
        pthread_join(poller.thread, NULL);
        CHECK_EQUAL(poller.result, i % 2 ? 2 : 1);
        char byte;
        CHECK_EQUAL(read(i % 2 ? pipe_ends[0] : pair[1], &byte, 1), 1);
    }

    struct pollfd one = {.fd = pair[1], .events = POLLIN};
    CHECK_EQUAL(poll(&one, 1, 0), 0);
    CHECK_EQUAL(poll(&one, 1, 5), 0);
    one.events = POLLIN | POLLOUT;
    CHECK_EQUAL(poll(&one, 1, -1), 1);
    CHECK_EQUAL(one.revents, POLLOUT);

    // What another thread does to a socket counts for a poll of its own: nothing is remembered.
    CHECK_EQUAL(write(pair[0], "y", 1), 1);
    one.events = POLLIN;
    CHECK_EQUAL(poll(&one, 1, 10000), 1);
    char byte;
    CHECK_EQUAL(read(pair[1], &byte, 1), 1);
    CHECK_EQUAL(poll(&one, 1, 0), 0);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    close_pair(pair);
}

static int add(int poll, int fd, unsigned events) {
    struct epoll_event item = {.events = events, .data.fd = fd};
    return epoll_ctl(poll, EPOLL_CTL_ADD, fd, &item);
}

static int modify(int poll, int fd, unsigned events) {
    struct epoll_event item = {.events = events, .data.fd = fd};
    return epoll_ctl(poll, EPOLL_CTL_MOD, fd, &item);
}

static void epoll_has_its_levels_and_edges(void) {
    NEED_PAIR(pair);
    int instance = epoll_create1(0);
    struct epoll_event event;
    char bytes[8];

    // Level: as long as there is something.
    CHECK_WORKS(add(instance, pair[1], EPOLLIN));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);
    CHECK_EQUAL(write(pair[0], "ab", 2), 2);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(read(pair[1], bytes, 1), 1);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(event.events, EPOLLIN);
    CHECK_EQUAL(read(pair[1], bytes, 8), 1);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);

    // Changed to writing and back.
    CHECK_WORKS(modify(instance, pair[1], EPOLLIN | EPOLLOUT));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(event.events, EPOLLOUT);
    CHECK_WORKS(modify(instance, pair[1], EPOLLIN));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);

    // Edge: once for each arrival.
    CHECK_WORKS(modify(instance, pair[1], EPOLLIN | EPOLLET));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);
    CHECK_EQUAL(write(pair[0], "c", 1), 1);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);
    CHECK_EQUAL(write(pair[0], "d", 1), 1);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);

    // Once.
    CHECK_WORKS(modify(instance, pair[1], EPOLLIN | EPOLLONESHOT));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);
    CHECK_WORKS(modify(instance, pair[1], EPOLLIN | EPOLLONESHOT));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);

    // Not at all; and again.
    CHECK_WORKS(epoll_ctl(instance, EPOLL_CTL_DEL, pair[1], NULL));
    CHECK_EQUAL(write(pair[0], "e", 1), 1);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);
    CHECK_WORKS(add(instance, pair[1], EPOLLIN));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(read(pair[1], bytes, 8), 3);

    // The peer's end.
    CHECK_WORKS(modify(instance, pair[1], EPOLLIN | EPOLLRDHUP));
    CHECK_WORKS(shutdown(pair[0], SHUT_WR));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(event.events, EPOLLIN | EPOLLRDHUP);

    // A closed one is gone.
    close(pair[1]);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 0);
    close(pair[0]);
    close(instance);
}

static void *wait_for_event(void *argument) {
    struct helper *self = argument;
    self->id = gettid();
    struct epoll_event event;
    self->result = epoll_wait(self->fd, &event, 1, -1) == 1 ? event.data.fd : -1;
    return NULL;
}

static void epoll_hears_of_both_worlds(void) {
    NEED_PAIR(pair);
    int instance = epoll_create1(0), inside = eventfd(0, 0);
    CHECK_WORKS(add(instance, pair[1], EPOLLIN));
    CHECK_WORKS(add(instance, inside, EPOLLIN));
    long long value = 1;
    char byte;
    for (int i = 0; i < 4; i++) {
        struct helper waiter = {.fd = instance};
        START(waiter, wait_for_event);
        UNTIL_ASLEEP(waiter);
        CHECK(i % 2 ? write(inside, &value, 8) == 8 : write(pair[0], "x", 1) == 1);
        pthread_join(waiter.thread, NULL);
        CHECK_EQUAL(waiter.result, i % 2 ? inside : pair[1]);
        CHECK(i % 2 ? read(inside, &value, 8) == 8 : read(pair[1], &byte, 1) == 1);
    }

    // One that always has something doesn't hide the others.
    CHECK_EQUAL(write(inside, &value, 8), 8);
    struct epoll_event events[2];
    CHECK_EQUAL(epoll_wait(instance, events, 2, -1), 1);
    CHECK_EQUAL(write(pair[0], "x", 1), 1);
    int both = 0;
    UNTIL((both = epoll_wait(instance, events, 2, 0)) == 2);
    CHECK_EQUAL(both, 2);
    close(inside);
    close(instance);
    close_pair(pair);
}

static void several_wait_for_one_instance(void) {
    NEED_PAIR(pair);
    int instance = epoll_create1(0);
    CHECK_WORKS(add(instance, pair[1], EPOLLIN | EPOLLET));
    struct helper waiters[3] = {{.fd = instance}, {.fd = instance}, {.fd = instance}};
    for (int i = 0; i < 3; i++) {
        START(waiters[i], wait_for_event);
        UNTIL_ASLEEP(waiters[i]);
    }

    // Each byte wakes one, whichever: the others go on.
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(write(pair[0], "x", 1), 1);
        UNTIL((waiters[0].result != 0) + (waiters[1].result != 0) + (waiters[2].result != 0) == i + 1);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(waiters[i].thread, NULL);
        CHECK_EQUAL(waiters[i].result, pair[1]);
    }
    close(instance);
    close_pair(pair);
}

static void an_instance_in_an_instance_hears_too(void) {
    NEED_PAIR(pair);
    int inner = epoll_create1(0), outer = epoll_create1(0);
    CHECK_WORKS(add(inner, pair[1], EPOLLIN));
    CHECK_WORKS(add(outer, inner, EPOLLIN));
    struct helper waiter = {.fd = outer};
    START(waiter, wait_for_event);
    UNTIL_ASLEEP(waiter);
    CHECK_EQUAL(write(pair[0], "x", 1), 1);
    pthread_join(waiter.thread, NULL);
    CHECK_EQUAL(waiter.result, inner);

    // A poll of an instance.
    char byte;
    CHECK_EQUAL(read(pair[1], &byte, 1), 1);
    struct helper poller = {.fd = inner, .other = -1};
    START(poller, poll_both);
    UNTIL_ASLEEP(poller);
    CHECK_EQUAL(write(pair[0], "x", 1), 1);
    pthread_join(poller.thread, NULL);
    CHECK_EQUAL(poller.result, 1);
    close(outer);
    close(inner);
    close_pair(pair);
}

static void sockets_join_when_they_get_to_the_network(void) {
    if (!find_own())
        return;

    // Watched before it is connected.
    struct sockaddr_in at;
    int listener = listen_on_own(&at), instance = epoll_create1(0);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct epoll_event event;
    CHECK_WORKS(add(instance, client, EPOLLOUT | EPOLLET));
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 0), 1);
    CHECK_EQUAL(event.events, EPOLLOUT | EPOLLHUP);
    if (connect(client, (struct sockaddr *)&at, sizeof at) != 0)
        CHECK_EQUAL(errno, EINPROGRESS);
    CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
    CHECK_EQUAL(event.events, EPOLLOUT);

    // Refused.
    int refused = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in nobody = at;
    close(listener);
    CHECK_EQUAL(connect(refused, (struct sockaddr *)&nobody, sizeof nobody), -1);
    struct pollfd polled = {.fd = refused, .events = POLLOUT};
    if (errno == EINPROGRESS) {
        CHECK_EQUAL(poll(&polled, 1, 10000), 1);
        int error;
        socklen_t length = sizeof error;
        CHECK_WORKS(getsockopt(refused, SOL_SOCKET, SO_ERROR, &error, &length));
        CHECK_EQUAL(error, ECONNREFUSED);
    } else {
        CHECK_EQUAL(errno, ECONNREFUSED);
    }

    // Datagrams, watched before the socket has a name.
    close(client);
    int one = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_WORKS(add(instance, one, EPOLLIN));
    struct helper waiter = {.fd = instance};
    START(waiter, wait_for_event);
    UNTIL_ASLEEP(waiter);
    struct sockaddr_in name = own;
    socklen_t length = sizeof name;
    name.sin_port = 0;
    CHECK_WORKS(bind(one, (struct sockaddr *)&name, sizeof name));
    CHECK_WORKS(getsockname(one, (struct sockaddr *)&name, &length));
    CHECK_EQUAL(sendto(other, "x", 1, 0, (struct sockaddr *)&name, sizeof name), 1);
    pthread_join(waiter.thread, NULL);
    CHECK_EQUAL(waiter.result, one);
    char byte;
    CHECK_EQUAL(recv(one, &byte, 1, 0), 1);
    struct helper reader = {.fd = one};
    START(reader, read_one);
    UNTIL_ASLEEP(reader);
    CHECK_EQUAL(sendto(other, "y", 1, 0, (struct sockaddr *)&name, sizeof name), 1);
    pthread_join(reader.thread, NULL);
    CHECK_EQUAL(reader.result, 1);
    close(one);
    close(other);
    close(refused);
    close(instance);
}

static _Atomic int signals;

static void count_signal(int signal)
{
    (void)signal;
    signals++;
}

static void signals_tell_of_arrivals(void) {
    NEED_PAIR(pair);
    signal(SIGIO, count_signal);
    CHECK_WORKS(fcntl(pair[1], F_SETOWN, getpid()));
    CHECK_WORKS(fcntl(pair[1], F_SETFL, O_ASYNC | O_NONBLOCK));
    int before = signals;
    CHECK_EQUAL(write(pair[0], "x", 1), 1);
    UNTIL(signals > before);
    CHECK_WORKS(fcntl(pair[1], F_SETFL, 0));
    signal(SIGIO, SIG_DFL);
    close_pair(pair);
}

static void a_child_shares_the_connection(void) {
    NEED_PAIR(pair);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        while (read(pair[1], &byte, 1) == 1)
            if (write(pair[1], &byte, 1) != 1)
                _exit(1);
        _exit(0);
    }

    int instance = epoll_create1(0);
    CHECK_WORKS(add(instance, pair[0], EPOLLIN));
    for (int i = 0; i < 20; i++) {
        struct epoll_event event;
        char byte = i, back = -1;
        CHECK_EQUAL(write(pair[0], &byte, 1), 1);
        CHECK_EQUAL(epoll_wait(instance, &event, 1, 10000), 1);
        CHECK_EQUAL(read(pair[0], &back, 1), 1);
        CHECK_EQUAL(back, byte);
    }
    CHECK_WORKS(shutdown(pair[0], SHUT_WR));
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    close(instance);
    close_pair(pair);
}

static void a_ring_waits_too(void) {
    NEED_PAIR(pair);
    struct io_uring_params parameters = {};
    int ring = syscall(SYS_io_uring_setup, 4, &parameters);
    if (ring < 0) {
        // A host may have switched it off.
        CHECK(errno == ENOSYS || errno == EPERM);
        close_pair(pair);
        return;
    }
    size_t queue_size = parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned);
    size_t completion_size = parameters.cq_off.cqes + parameters.cq_entries * sizeof(struct io_uring_cqe);
    char *queues = mmap(NULL, queue_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    char *completions = mmap(NULL, completion_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
    struct io_uring_sqe *entries = mmap(NULL, 4 * sizeof *entries, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
    NEED(queues != MAP_FAILED && completions != MAP_FAILED && entries != MAP_FAILED);
    char bytes[8] = "";
    entries[0] = (struct io_uring_sqe){.opcode = IORING_OP_RECV, .fd = pair[1], .addr = (uintptr_t)bytes, .len = sizeof bytes, .user_data = 7};
    ((unsigned *)(queues + parameters.sq_off.array))[0] = 0;
    __atomic_store_n((unsigned *)(queues + parameters.sq_off.tail), 1, __ATOMIC_RELEASE);
    CHECK_EQUAL(syscall(SYS_io_uring_enter, ring, 1, 0, 0, NULL, 0), 1);
    CHECK_EQUAL(write(pair[0], "ring", 4), 4);
    CHECK_EQUAL(syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0), 0);
    struct io_uring_cqe *done = (struct io_uring_cqe *)(completions + parameters.cq_off.cqes);
    CHECK_EQUAL(done->user_data, 7);
    CHECK_EQUAL(done->res, 4);
    CHECK_TEXT(bytes, "ring");
    close(ring);
    close_pair(pair);
}

static void memory_of_all_kinds_is_sent_and_received(void) {
    NEED_PAIR(pair);
    const size_t length = 200000;

    // Untouched pages, and a buffer that begins in the middle of one.
    char *from = calloc(1, length + 100), *into = malloc(length + 100);
    for (size_t i = 0; i < length; i += 1000)
        from[33 + i] = i / 1000;
    size_t sent = 0, received = 0;
    while (received < length) {
        if (sent < length) {
            long count = send(pair[0], from + 33 + sent, length - sent, MSG_DONTWAIT);
            if (count > 0)
                sent += count;
        }
        long count = recv(pair[1], into + 7 + received, length - received, sent < length ? MSG_DONTWAIT : 0);
        if (count > 0)
            received += count;
    }
    CHECK_WORKS(memcmp(from + 33, into + 7, length));

    // What can't be read or written is EFAULT, and nothing is lost by it.
    CHECK_FAILS(send(pair[0], (void *)8, 10, 0), EFAULT);
    CHECK_EQUAL(send(pair[0], "abc", 3, 0), 3);
    UNTIL(recv(pair[1], into, 3, MSG_PEEK | MSG_DONTWAIT) == 3);
    CHECK_FAILS(recv(pair[1], (void *)8, 3, 0), EFAULT);
    CHECK_FAILS(recv(pair[1], "constant", 3, 0), EFAULT);
    CHECK_EQUAL(recv(pair[1], into, 3, 0), 3);
    CHECK_WORKS(memcmp(into, "abc", 3));
    free(from);
    free(into);
    close_pair(pair);
}

MAIN(SECTION(a_blocked_read_is_woken), SECTION(a_signal_ends_a_blocked_read), SECTION(a_blocked_read_has_its_timeout),
     SECTION(a_blocked_write_goes_on), SECTION(a_blocked_accept_is_woken), SECTION(poll_hears_of_both_worlds),
     SECTION(epoll_has_its_levels_and_edges), SECTION(epoll_hears_of_both_worlds), SECTION(several_wait_for_one_instance),
     SECTION(an_instance_in_an_instance_hears_too), SECTION(sockets_join_when_they_get_to_the_network), SECTION(signals_tell_of_arrivals),
     SECTION(a_child_shares_the_connection), SECTION(memory_of_all_kinds_is_sent_and_received), SECTION(a_ring_waits_too))
