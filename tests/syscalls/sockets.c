// Sockets of AF_UNIX: what is counted, what borders there are, what travels beside the bytes, and what is cleaned up.
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <linux/sockios.h>
#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

static int events_of(int fd) {
    struct pollfd item = {fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
    poll(&item, 1, 0);
    return item.revents;
}

static long send_with(int socket, const char *text, int fd) {
    struct iovec vector = {(char *)text, strlen(text)};
    union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr header; } control = {{0}};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (fd >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    }
    return sendmsg(socket, &message, MSG_DONTWAIT);
}

static char got[128];
static int got_flags, got_files;
static struct ucred got_sender;

static long receive(int socket, size_t size, int flags) {
    struct iovec vector = {got, size};
    union { char bytes[256]; struct cmsghdr header; } control;
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    memset(got, 0, sizeof got);
    got_files = 0;
    got_sender.pid = -1;
    long count = recvmsg(socket, &message, flags | MSG_DONTWAIT);
    got_flags = message.msg_flags;
    for (struct cmsghdr *at = count < 0 ? NULL : CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
        if (at->cmsg_type == SCM_RIGHTS) {
            for (size_t i = 0; i < (at->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++, got_files++)
                close(((int *)CMSG_DATA(at))[i]);
        } else if (at->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&got_sender, CMSG_DATA(at), sizeof got_sender);
        }
    }
    return count;
}

#define CHECK_RECEIVE(socket, size, flags, text, files) do { \
    CHECK_EQUAL(receive(socket, size, flags), strlen(text)); CHECK_TEXT(got, text); CHECK_EQUAL(got_files, files); } while (0)

// SO_SNDBUF limits what is on its way, counted as Linux counts its buffers.
static void send_buffers(void) {
    static const struct { int type, size, cost, sends; } cases[] = {
        {SOCK_STREAM, 1, 768, 278}, {SOCK_DGRAM, 192, 768, 278}, {SOCK_STREAM, 193, 1280, 167}, {SOCK_SEQPACKET, 1000, 2304, 93},
        {SOCK_STREAM, 4096, 4864, 44}, {SOCK_DGRAM, 4096, 8448, 26}, {SOCK_STREAM, 36544, 37120, 6}, {SOCK_DGRAM, 65536, 69888, 4},
    };
    static char bytes[1 << 20];
    int pair[2], value;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        NEED(socketpair(AF_UNIX, cases[i].type, 0, pair) == 0);
        CHECK_EQUAL(send(pair[0], bytes, cases[i].size, MSG_DONTWAIT), cases[i].size);
        CHECK_WORKS(ioctl(pair[0], SIOCOUTQ, &value));
        CHECK_EQUAL(value, cases[i].cost);
        int sends = 1;
        while (send(pair[0], bytes, cases[i].size, MSG_DONTWAIT) == cases[i].size)
            sends++;
        CHECK_EQUAL(sends, cases[i].sends);
        CHECK_EQUAL(events_of(pair[0]) & POLLOUT, 0);
        // More room lets it go on; shutting it down doesn't make it writable.
        value = 200000;
        CHECK_WORKS(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &value, sizeof value));
        CHECK_EQUAL(send(pair[0], bytes, cases[i].size, MSG_DONTWAIT), cases[i].size);
        CHECK_WORKS(shutdown(pair[0], SHUT_WR));
        CHECK_EQUAL(events_of(pair[0]) & POLLOUT, 0);
        close(pair[0]);
        close(pair[1]);
    }
    NEED(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    CHECK_EQUAL(write(pair[0], bytes, sizeof bytes), 219264);
    value = 1;
    CHECK_WORKS(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &value, sizeof value));
    CHECK_FAILS(write(pair[0], bytes, 1), EAGAIN);
    socklen_t size = sizeof value;
    CHECK_WORKS(getsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &value, &size));
    CHECK_EQUAL(value, 4608);
    CHECK_EQUAL(read(pair[1], bytes, sizeof bytes), 219264);
    CHECK_EQUAL(events_of(pair[0]), POLLOUT);
    CHECK_EQUAL(write(pair[0], bytes, sizeof bytes), 4480);
    close(pair[0]);
    close(pair[1]);
}

static void borders(void) {
    int pair[2];
    NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK_EQUAL(send_with(pair[0], "ab", -1), 2);
    CHECK_EQUAL(send_with(pair[0], "cd", 0), 2);
    CHECK_EQUAL(send_with(pair[0], "ef", -1), 2);
    CHECK_EQUAL(send_with(pair[0], "gh", 1), 2);
    CHECK_EQUAL(send_with(pair[0], "ij", -1), 2);
    CHECK_RECEIVE(pair[1], 50, MSG_PEEK, "abcd", 1);
    CHECK_RECEIVE(pair[1], 50, 0, "abcd", 1);
    CHECK_RECEIVE(pair[1], 50, 0, "efgh", 1);
    CHECK_RECEIVE(pair[1], 50, 0, "ij", 0);
    CHECK_FAILS(receive(pair[1], 50, 0), EAGAIN);
    CHECK_FAILS(receive(pair[1], 0, 0), EAGAIN);
    CHECK_WORKS(read(pair[1], got, 0));
    CHECK_EQUAL(send_with(pair[0], "abcd", 0), 4);
    CHECK_RECEIVE(pair[1], 0, MSG_PEEK, "", 1);
    CHECK_RECEIVE(pair[1], 0, 0, "", 1);
    CHECK_RECEIVE(pair[1], 0, 0, "", 0);
    CHECK_RECEIVE(pair[1], 9, 0, "abcd", 0);
    close(pair[0]);
    close(pair[1]);
    NEED(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    CHECK_EQUAL(send_with(pair[0], "abcd", -1), 4);
    CHECK_RECEIVE(pair[1], 9, 0, "abcd", 0);
    CHECK_EQUAL(got_flags, 0);
    struct sockaddr_un nowhere = {AF_UNIX, "/nowhere"};
    CHECK_EQUAL(sendto(pair[0], "x", 1, 0, (struct sockaddr *)&nowhere, sizeof nowhere), 1);
    int alone = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    CHECK_FAILS(sendto(alone, "x", 1, 0, (struct sockaddr *)&nowhere, sizeof nowhere), ENOTCONN);
    close(alone);
    close(pair[0]);
    close(pair[1]);
}

static void senders(void) {
    int pair[2], on = 1;
    NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK_EQUAL(send(pair[0], "early", 5, 0), 5);
    CHECK_WORKS(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    CHECK_EQUAL(send(pair[0], "late", 4, 0), 4);
    // What was sent before the option was set is of nobody, and isn't put together with the rest.
    CHECK_RECEIVE(pair[1], 50, 0, "early", 0);
    CHECK_EQUAL(got_sender.pid, 0);
    CHECK_EQUAL(got_sender.uid, 65534);
    CHECK_EQUAL(got_sender.gid, 65534);
    CHECK_RECEIVE(pair[1], 50, 0, "late", 0);
    CHECK_EQUAL(got_sender.pid, getpid());
    CHECK_EQUAL(got_sender.uid, getuid());
    if (geteuid() == 0) {
        struct ucred credentials = {0x3ffffff, 0, 0};
        struct iovec vector = {"x", 1};
        union { char bytes[CMSG_SPACE(sizeof credentials)]; struct cmsghdr header; } control = {{0}};
        struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
        control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof credentials), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
        memcpy(CMSG_DATA(&control.header), &credentials, sizeof credentials);
        CHECK_FAILS(sendmsg(pair[0], &message, 0), ESRCH);
    }
    close(pair[0]);
    close(pair[1]);
}

static void out_of_band(void) {
    int pair[2], value, on = 1;
    NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK_EQUAL(send(pair[0], "abc", 3, MSG_OOB), 3);
    CHECK_EQUAL(events_of(pair[1]), POLLIN | POLLPRI | POLLOUT);
    CHECK_WORKS(ioctl(pair[1], SIOCATMARK, &value));
    CHECK_EQUAL(value, 0);
    CHECK_RECEIVE(pair[1], 10, 0, "ab", 0);
    CHECK_WORKS(ioctl(pair[1], SIOCATMARK, &value));
    CHECK_EQUAL(value, 1);
    CHECK_RECEIVE(pair[1], 10, MSG_OOB | MSG_PEEK, "c", 0);
    CHECK_RECEIVE(pair[1], 10, MSG_OOB, "c", 0);
    CHECK_EQUAL(got_flags, MSG_OOB);
    CHECK_FAILS(receive(pair[1], 10, MSG_OOB), EINVAL);
    CHECK_FAILS(receive(pair[1], 10, 0), EAGAIN);
    // Unread, it is lost once the reader goes on; inline, it is a byte as others with a border in front.
    CHECK_EQUAL(send(pair[0], "de", 2, MSG_OOB), 2);
    CHECK_EQUAL(send(pair[0], "fg", 2, 0), 2);
    CHECK_RECEIVE(pair[1], 10, 0, "d", 0);
    CHECK_RECEIVE(pair[1], 10, 0, "fg", 0);
    CHECK_WORKS(setsockopt(pair[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
    CHECK_EQUAL(send(pair[0], "hi", 2, MSG_OOB), 2);
    CHECK_EQUAL(send(pair[0], "jk", 2, 0), 2);
    CHECK_RECEIVE(pair[1], 10, 0, "h", 0);
    CHECK_RECEIVE(pair[1], 10, 0, "ijk", 0);
    CHECK_FAILS(send(pair[0], "", 0, MSG_OOB), EOPNOTSUPP);
    close(pair[0]);
    close(pair[1]);
}

static void peeking(void) {
    int pair[2], value = 0;
    socklen_t size = sizeof value;
    NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK_WORKS(setsockopt(pair[1], SOL_SOCKET, SO_PEEK_OFF, &value, sizeof value));
    CHECK_EQUAL(send(pair[0], "abc", 3, 0), 3);
    CHECK_EQUAL(send(pair[0], "defg", 4, 0), 4);
    CHECK_RECEIVE(pair[1], 2, MSG_PEEK, "ab", 0);
    CHECK_RECEIVE(pair[1], 3, MSG_PEEK, "cde", 0);
    CHECK_RECEIVE(pair[1], 2, 0, "ab", 0);
    CHECK_WORKS(getsockopt(pair[1], SOL_SOCKET, SO_PEEK_OFF, &value, &size));
    CHECK_EQUAL(value, 3);
    CHECK_RECEIVE(pair[1], 9, MSG_PEEK, "fg", 0);
    CHECK_FAILS(receive(pair[1], 9, MSG_PEEK), EAGAIN);
    close(pair[0]);
    close(pair[1]);
    NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    CHECK_WORKS(getsockopt(pair[1], SOL_SOCKET, SO_PEEK_OFF, &value, &size));
    CHECK_EQUAL(value, -1);
    value = 0;
    CHECK_WORKS(setsockopt(pair[1], SOL_SOCKET, SO_PEEK_OFF, &value, sizeof value));
    CHECK_EQUAL(send(pair[0], "abc", 3, 0), 3);
    CHECK_EQUAL(send(pair[0], "de", 2, 0), 2);
    CHECK_RECEIVE(pair[1], 2, MSG_PEEK, "ab", 0);
    CHECK_EQUAL(got_flags, MSG_TRUNC);
    CHECK_RECEIVE(pair[1], 2, MSG_PEEK, "c", 0);
    CHECK_RECEIVE(pair[1], 2, MSG_PEEK, "de", 0);
    close(pair[0]);
    close(pair[1]);
}

static void ends(void) {
    static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET};
    int pair[2];
    struct sockaddr_un address;
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < 2; i++) {
        int alone = socket(AF_UNIX, types[i], 0);
        CHECK_WORKS(shutdown(alone, SHUT_RD));
        CHECK_EQUAL(events_of(alone) & (POLLIN | POLLHUP | POLLRDHUP), POLLIN | POLLHUP | POLLRDHUP);
        close(alone);
        NEED(socketpair(AF_UNIX, types[i], 0, pair) == 0);
        socklen_t size = sizeof address;
        CHECK_EQUAL(send(pair[0], "x", 1, 0), 1);
        CHECK_WORKS(close(pair[1]));
        CHECK_WORKS(getpeername(pair[0], (struct sockaddr *)&address, &size));
        CHECK_EQUAL(events_of(pair[0]), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
        CHECK_FAILS(receive(pair[0], 3, 0), ECONNRESET);
        CHECK_FAILS(send(pair[0], "y", 1, 0), EPIPE);
        CHECK_WORKS(receive(pair[0], 3, 0));
        close(pair[0]);
    }
    NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    CHECK_WORKS(shutdown(pair[0], SHUT_RD));
    CHECK_FAILS(receive(pair[0], 3, 0), EAGAIN);
    CHECK_FAILS(send(pair[1], "x", 1, 0), EPIPE);
    close(pair[0]);
    CHECK_FAILS(send(pair[1], "x", 1, 0), ECONNREFUSED);
    CHECK_FAILS(send(pair[1], "x", 1, 0), ENOTCONN);
    close(pair[1]);
    signal(SIGPIPE, SIG_DFL);
}

static void names(void) {
    const char *scratch = enter_scratch();
    struct sockaddr_un address = {AF_UNIX, "bound"};
    struct stat status;
    mode_t umask_before = umask(027);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_WORKS(bind(listener, (struct sockaddr *)&address, sizeof address));
    umask(umask_before);
    CHECK_WORKS(stat("bound", &status));
    CHECK_EQUAL(status.st_mode, S_IFSOCK | 0750);
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    CHECK_WORKS(listen(listener, 4));
    CHECK_WORKS(getsockopt(listener, SOL_SOCKET, SO_PEERCRED, &credentials, &size));
    CHECK_EQUAL(credentials.pid, getpid());
    int datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK_FAILS(connect(datagram, (struct sockaddr *)&address, sizeof address), EPROTOTYPE);
    char line[512] = "";
    FILE *file = fopen("/proc/net/unix", "r");
    bool isListed = false;
    while (file && fgets(line, sizeof line, file))
        isListed |= strstr(line, " 00010000 0001 01 ") && strstr(line, " bound\n");
    CHECK(isListed);
    if (file)
        fclose(file);
    close(listener);
    unlink("bound");
    leave_scratch(scratch);

    // Names without a file are one set for each type, and a connection's end doesn't take its listener's name away.
    struct sockaddr_un abstract = {AF_UNIX, ""};
    int length = offsetof(struct sockaddr_un, sun_path) + 1 + sprintf(abstract.sun_path + 1, "syscalls-%d", getpid());
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_WORKS(bind(listener, (struct sockaddr *)&abstract, length));
    CHECK_WORKS(listen(listener, 4));
    CHECK_FAILS(connect(datagram, (struct sockaddr *)&abstract, length), ECONNREFUSED);
    CHECK_WORKS(bind(datagram, (struct sockaddr *)&abstract, length));
    close(datagram);
    for (int i = 0; i < 2; i++) {
        int client = socket(AF_UNIX, SOCK_STREAM, 0);
        CHECK_WORKS(connect(client, (struct sockaddr *)&abstract, length));
        int server = accept(listener, NULL, NULL);
        CHECK(server >= 0);
        close(server);
        close(client);
    }
    close(listener);
}

// The file of a socket has the socket's rights, but for the umask.
static void rights_of_names(void) {
    const char *scratch = enter_scratch();
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_WORKS(fchmod(fd, 0765));
    mode_t old = umask(0123);
    struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "name" };
    CHECK_WORKS(bind(fd, (struct sockaddr *)&address, sizeof address));
    umask(old);
    struct stat status;
    CHECK_WORKS(stat("name", &status));
    CHECK_EQUAL(status.st_mode, S_IFSOCK | 0644);
    close(fd);
    unlink("name");
    leave_scratch(scratch);
}

// Above the limit of wmem_max and rmem_max only where it is forced.
static void forced_buffers(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    static const struct { int plain, forced; } options[] = { { SO_SNDBUF, SO_SNDBUFFORCE }, { SO_RCVBUF, SO_RCVBUFFORCE } };
    for (int i = 0; i < 2; i++) {
        int much = 64 << 20, size = 0;
        socklen_t length = sizeof size;
        CHECK_WORKS(setsockopt(fd, SOL_SOCKET, options[i].plain, &much, sizeof much));
        CHECK_WORKS(getsockopt(fd, SOL_SOCKET, options[i].plain, &size, &length));
        CHECK(size < much);
        if (geteuid() == 0) {
            CHECK_WORKS(setsockopt(fd, SOL_SOCKET, options[i].forced, &much, sizeof much));
            CHECK_WORKS(getsockopt(fd, SOL_SOCKET, options[i].plain, &size, &length));
            CHECK_EQUAL(size, 2 * much);
        } else {
            CHECK_FAILS(setsockopt(fd, SOL_SOCKET, options[i].forced, &much, sizeof much), EPERM);
        }
    }
    close(fd);
}

static void options(void) {
    int pair[2], value;
    socklen_t size;
    struct linger linger = {1, 7}, shown;
    NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    static const int flags[] = {SO_NO_CHECK, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE, SO_DONTROUTE, SO_REUSEADDR, SO_PASSCRED};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        value = 5;
        size = sizeof value;
        CHECK_WORKS(setsockopt(pair[0], SOL_SOCKET, flags[i], &value, sizeof value));
        CHECK_WORKS(getsockopt(pair[0], SOL_SOCKET, flags[i], &value, &size));
        CHECK_EQUAL(value, 1);
    }
    size = sizeof shown;
    CHECK_WORKS(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    CHECK_WORKS(getsockopt(pair[0], SOL_SOCKET, SO_LINGER, &shown, &size));
    CHECK_EQUAL(shown.l_onoff, 1);
    CHECK_EQUAL(shown.l_linger, 7);
    value = getpid();
    CHECK_WORKS(ioctl(pair[0], FIOSETOWN, &value));
    CHECK_WORKS(ioctl(pair[0], SIOCGPGRP, &value));
    CHECK_EQUAL(value, getpid());
    CHECK_EQUAL(fcntl(pair[0], F_GETOWN), getpid());
    value = 0x3ffffff;
    CHECK_FAILS(ioctl(pair[0], SIOCSPGRP, &value), ESRCH);
    CHECK_FAILS(fcntl(pair[0], F_SETOWN, 0x3ffffff), ESRCH);
    struct f_owner_ex owner = {F_OWNER_TID, gettid()}, known;
    CHECK_WORKS(fcntl(pair[0], F_SETOWN_EX, &owner));
    CHECK_WORKS(fcntl(pair[0], F_GETOWN_EX, &known));
    CHECK_EQUAL(known.type, F_OWNER_TID);
    CHECK_EQUAL(known.pid, gettid());
    close(pair[0]);
    close(pair[1]);
}

static volatile sig_atomic_t signal_fd, signal_code;
static volatile long signal_band;

static void on_ready(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    signal_fd = info->si_fd;
    signal_band = info->si_band;
    signal_code = info->si_code;
}

static void *toggle(void *fd) {
    for (int i = 0; i < 2000; i++) {
        fcntl((int)(long)fd, F_SETFL, i & 1 ? O_ASYNC : 0);
        fcntl((int)(long)fd, F_SETOWN, getpid());
    }
    return NULL;
}

static void readiness_signals(void) {
    int pair[2];
    struct sigaction action = {.sa_sigaction = on_ready, .sa_flags = SA_SIGINFO};
    sigaction(SIGRTMIN, &action, NULL);
    NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK_WORKS(fcntl(pair[0], F_SETOWN, getpid()));
    CHECK_WORKS(fcntl(pair[0], F_SETSIG, SIGRTMIN));
    CHECK_WORKS(fcntl(pair[0], F_SETFL, O_ASYNC));
    CHECK_EQUAL(write(pair[1], "x", 1), 1);
    UNTIL(signal_code != 0);
    CHECK_EQUAL(signal_fd, pair[0]);
    CHECK_EQUAL(signal_code, POLL_IN);
    CHECK_EQUAL(signal_band, POLLIN | POLLRDNORM);
    // However threads have raced, a socket without the flag sends nothing when its peer goes.
    signal_code = 0;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, toggle, (void *)(long)pair[0]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    fcntl(pair[0], F_SETFL, 0);
    signal_code = 0;
    close(pair[1]);
    close(pair[0]);
    usleep(20000);
    CHECK_EQUAL(signal_code, 0);
}

static void deep(void) {
    // Sockets in the queues of sockets, all of which the last close takes along.
    int inner[2], outer[2];
    NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, inner) == 0);
    bool right = true;
    for (int i = 0; i < 20000 && right; i++) {
        right = socketpair(AF_UNIX, SOCK_DGRAM, 0, outer) == 0 && send_with(outer[0], "x", inner[0]) == 1 && send_with(outer[0], "x", inner[1]) == 1;
        close(inner[0]);
        close(inner[1]);
        inner[0] = outer[0];
        inner[1] = outer[1];
    }
    CHECK(right);
    close(inner[0]);
    close(inner[1]);
}

// A socket that is held by itself alone: what it holds besides is closed all the same.
static void circles(void) {
    int pair[2], ends[2];
    char byte;
    for (int i = 0; i < 200; i++) {
        NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0);
        CHECK_EQUAL(send_with(pair[0], "x", pair[1]), 1);
        CHECK_EQUAL(send_with(pair[1], "x", pair[0]), 1);
        CHECK_EQUAL(send_with(pair[0], "x", ends[1]), 1);
        close(ends[1]);
        close(pair[0]);
        close(pair[1]);
        // Garbage is looked for when some socket is closed.
        NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
        close(pair[0]);
        close(pair[1]);
        CHECK_EQUAL(read(ends[0], &byte, 1), 0);
        close(ends[0]);
    }
}

static void *send_many(void *result) {
    int pair[2], error = 0;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    // This thread alone becomes another user.
    if (geteuid() == 0)
        syscall(SYS_setresuid, 12345, 12345, 12345);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
    for (int i = 0; i < 200 && !error; i++)
        error = send_with(pair[0], "x", 0) < 0 ? errno : 0;
    *(int *)result = error;
    close(pair[0]);
    close(pair[1]);
    return NULL;
}

static void in_flight(void) {
    struct rlimit limit, small;
    int error = 0;
    pthread_t thread;
    getrlimit(RLIMIT_NOFILE, &limit);
    small = limit;
    small.rlim_cur = 50;
    CHECK_WORKS(setrlimit(RLIMIT_NOFILE, &small));
    pthread_create(&thread, NULL, send_many, &error);
    pthread_join(thread, NULL);
    CHECK_EQUAL(error, ETOOMANYREFS);
    CHECK_WORKS(setrlimit(RLIMIT_NOFILE, &limit));
}

MAIN(SECTION(send_buffers), SECTION(borders), SECTION(senders), SECTION(out_of_band), SECTION(peeking), SECTION(ends), SECTION(names),
     SECTION(rights_of_names), SECTION(forced_buffers), SECTION(options), SECTION(readiness_signals), SECTION(deep), SECTION(circles), SECTION(in_flight))
