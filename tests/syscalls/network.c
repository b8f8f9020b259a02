// Sockets of AF_INET and AF_INET6 between programs of one machine: what TCP and UDP over the loopback interface show.
#include "check.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/sockios.h>
#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

static struct sockaddr_in address4(const char *text, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
}

static struct sockaddr_in6 address6(const char *text, int port) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET6, text, &address.sin6_addr);
    return address;
}

static int bind4(int fd, const char *text, int port) {
    struct sockaddr_in address = address4(text, port);
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

static int connect4(int fd, const char *text, int port) {
    struct sockaddr_in address = address4(text, port);
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

static int port_of(int fd) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return -1;
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static int listen4(int *port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind4(fd, "127.0.0.1", 0) != 0 || listen(fd, 5) != 0)
        return -1;
    *port = port_of(fd);
    return fd;
}

// A connection: [0] is the client, [1] what accept gave.
static int connect_pair(int pair[2]) {
    int port, listener = listen4(&port);
    pair[0] = socket(AF_INET, SOCK_STREAM, 0);
    int result = connect4(pair[0], "127.0.0.1", port);
    pair[1] = accept(listener, NULL, NULL);
    close(listener);
    return result == 0 && pair[1] >= 0 ? 0 : -1;
}

static void close_pair(int pair[2]) {
    close(pair[0]);
    close(pair[1]);
}

static int events_of(int fd) {
    struct pollfd item = {fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
    poll(&item, 1, 0);
    return item.revents;
}

// What arrives takes a moment natively.
static int events_soon(int fd, int wanted) {
    int events = 0;
    UNTIL(((events = events_of(fd)) & wanted) == wanted);
    return events;
}

static int number_of(int fd, int level, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1000 - errno;
}

static int set_number(int fd, int level, int name, int value) { return setsockopt(fd, level, name, &value, sizeof value); }

static void making(void) {
    CHECK_FAILS(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
    CHECK_FAILS(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT);
    CHECK_FAILS(socket(AF_INET, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
    CHECK_FAILS(socket(AF_INET, 11, 0), EINVAL);
    CHECK_FAILS(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0}), EOPNOTSUPP);
    int tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    NEED(tcp >= 0);
    CHECK_EQUAL(fcntl(tcp, F_GETFL), O_RDWR | O_NONBLOCK);
    CHECK_EQUAL(fcntl(tcp, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(number_of(tcp, SOL_SOCKET, SO_TYPE), SOCK_STREAM);
    CHECK_EQUAL(number_of(tcp, SOL_SOCKET, SO_DOMAIN), AF_INET);
    CHECK_EQUAL(number_of(tcp, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
    CHECK_EQUAL(number_of(tcp, SOL_SOCKET, SO_ERROR), 0);
    CHECK_EQUAL(number_of(tcp, SOL_SOCKET, SO_ACCEPTCONN), 0);
    CHECK_EQUAL(events_of(tcp), POLLOUT | POLLHUP);
    CHECK_FAILS(recv(tcp, (char[1]){0}, 1, 0), ENOTCONN);
    CHECK_FAILS(send(tcp, "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_FAILS(shutdown(tcp, SHUT_RDWR), ENOTCONN);
    CHECK_FAILS(shutdown(tcp, 3), EINVAL);
    CHECK_FAILS(accept(tcp, NULL, NULL), EINVAL);
    struct sockaddr_in name = {0};
    socklen_t length = sizeof name;
    CHECK_WORKS(getsockname(tcp, (struct sockaddr *)&name, &length));
    CHECK_EQUAL(length, sizeof name);
    CHECK_EQUAL(name.sin_family, AF_INET);
    CHECK_EQUAL(name.sin_port, 0);
    CHECK_FAILS(getpeername(tcp, (struct sockaddr *)&name, &length), ENOTCONN);
    close(tcp);
    char text[64] = "";
    int udp = socket(AF_INET6, SOCK_DGRAM, 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", udp);
    CHECK(readlink(path, text, sizeof text - 1) > 0);
    CHECK(strncmp(text, "socket:[", 8) == 0);
    close(udp);
}

static void binding(void) {
    int one = socket(AF_INET, SOCK_STREAM, 0), two = socket(AF_INET, SOCK_STREAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in address = address4("127.0.0.1", 0);
    CHECK_FAILS(bind(one, (struct sockaddr *)&address, 8), EINVAL);
    address.sin_family = AF_INET6;
    CHECK_FAILS(bind(one, (struct sockaddr *)&address, sizeof address), EAFNOSUPPORT);
    CHECK_FAILS(bind4(one, "8.8.8.8", 0), EADDRNOTAVAIL);
    CHECK_WORKS(bind4(one, "127.0.0.1", 0));
    CHECK_FAILS(bind4(one, "127.0.0.1", 0), EINVAL);
    int port = port_of(one);
    CHECK(port >= 32768 && port <= 60999);
    CHECK_FAILS(bind4(two, "127.0.0.1", port), EADDRINUSE);
    CHECK_FAILS(bind4(two, "0.0.0.0", port), EADDRINUSE);

    // Both want to share it, and nobody listens.
    CHECK_WORKS(set_number(two, SOL_SOCKET, SO_REUSEADDR, 1));
    CHECK_FAILS(bind4(two, "127.0.0.1", port), EADDRINUSE);
    CHECK_WORKS(set_number(one, SOL_SOCKET, SO_REUSEADDR, 1));
    CHECK_WORKS(bind4(two, "127.0.0.1", port));
    CHECK_WORKS(listen(one, 1));
    CHECK_FAILS(listen(two, 1), EADDRINUSE);

    // Another address of loopback is another place.
    int third = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(bind4(third, "127.0.0.2", port));
    close(third);
    close(two);

    // A wildcard of version 6 is one of version 4 as well, unless it says otherwise.
    struct sockaddr_in6 any = address6("::", port);
    CHECK_FAILS(bind(six, (struct sockaddr *)&any, sizeof any), EADDRINUSE);
    CHECK_WORKS(set_number(six, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    CHECK_WORKS(bind(six, (struct sockaddr *)&any, sizeof any));
    CHECK_FAILS(set_number(six, IPPROTO_IPV6, IPV6_V6ONLY, 0), EINVAL);
    close(six);
    close(one);

    // SO_REUSEPORT: both, from the start, of one user.
    one = socket(AF_INET, SOCK_STREAM, 0);
    two = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(set_number(one, SOL_SOCKET, SO_REUSEPORT, 1));
    CHECK_WORKS(bind4(one, "127.0.0.1", 0));
    CHECK_FAILS(bind4(two, "127.0.0.1", port_of(one)), EADDRINUSE);
    CHECK_WORKS(set_number(two, SOL_SOCKET, SO_REUSEPORT, 1));
    CHECK_WORKS(bind4(two, "127.0.0.1", port_of(one)));
    CHECK_WORKS(listen(one, 1));
    CHECK_WORKS(listen(two, 1));
    close(one);
    close(two);
}

static void connecting(void) {
    int port, listener = listen4(&port);
    NEED(listener >= 0);
    CHECK_EQUAL(number_of(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
    CHECK_EQUAL(events_of(listener), 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(connect4(client, "127.0.0.1", port));
    CHECK_FAILS(connect4(client, "127.0.0.1", port), EISCONN);
    CHECK_EQUAL(events_of(listener), POLLIN);
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int server = accept4(listener, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK);
    CHECK(server >= 0);
    CHECK_EQUAL(fcntl(server, F_GETFL), O_RDWR | O_NONBLOCK);
    CHECK_EQUAL(length, sizeof peer);
    CHECK_EQUAL(ntohs(peer.sin_port), port_of(client));
    CHECK_EQUAL(ntohl(peer.sin_addr.s_addr), INADDR_LOOPBACK);
    CHECK_EQUAL(port_of(server), port);
    length = sizeof peer;
    CHECK_WORKS(getpeername(client, (struct sockaddr *)&peer, &length));
    CHECK_EQUAL(ntohs(peer.sin_port), port);
    CHECK_EQUAL(events_of(client), POLLOUT);
    CHECK_FAILS(recv(server, (char[1]){0}, 1, 0), EAGAIN);
    close(client);
    close(server);
    CHECK_WORKS(fcntl(listener, F_SETFL, O_NONBLOCK));
    CHECK_FAILS(accept(listener, NULL, NULL), EAGAIN);

    // Without waiting: the result comes by poll and SO_ERROR.
    client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_FAILS(connect4(client, "127.0.0.1", port), EINPROGRESS);
    CHECK_EQUAL(events_soon(client, POLLOUT), POLLOUT);
    CHECK_EQUAL(number_of(client, SOL_SOCKET, SO_ERROR), 0);
    CHECK_WORKS(connect4(client, "127.0.0.1", port));
    CHECK_FAILS(connect4(client, "127.0.0.1", port), EISCONN);
    close(client);
    close(listener);
    client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_FAILS(connect4(client, "127.0.0.1", port), ECONNREFUSED);
    close(client);
    client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_FAILS(connect4(client, "127.0.0.1", port), EINPROGRESS);
    CHECK(events_soon(client, POLLERR) & POLLHUP);
    CHECK_EQUAL(number_of(client, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
    CHECK_EQUAL(number_of(client, SOL_SOCKET, SO_ERROR), 0);
    close(client);

    // Asked by another connect, the refusal is its answer.
    client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_FAILS(connect4(client, "127.0.0.1", port), EINPROGRESS);
    events_soon(client, POLLERR);
    CHECK_FAILS(connect4(client, "127.0.0.1", port), ECONNREFUSED);
    close(client);

    // A wildcard as a destination is this machine.
    listener = listen4(&port);
    client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(connect4(client, "0.0.0.0", port));
    close(client);
    close(listener);
}

static void versions(void) {
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 any = address6("::", 0), peer;
    CHECK_WORKS(bind(listener, (struct sockaddr *)&any, sizeof any));
    CHECK_WORKS(listen(listener, 5));
    int port = port_of(listener), client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(connect4(client, "127.0.0.1", port));
    socklen_t length = sizeof peer;
    int server = accept(listener, (struct sockaddr *)&peer, &length);
    char text[64];
    CHECK_EQUAL(length, sizeof peer);
    CHECK_TEXT(inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text), "::ffff:127.0.0.1");
    close(client);
    close(server);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 local = address6("::1", port);
    CHECK_WORKS(connect(client, (struct sockaddr *)&local, sizeof local));
    length = sizeof peer;
    server = accept(listener, (struct sockaddr *)&peer, &length);
    CHECK_TEXT(inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text), "::1");
    close(client);
    close(server);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    local = address6("::ffff:127.0.0.1", port);
    CHECK_WORKS(connect(client, (struct sockaddr *)&local, sizeof local));
    length = sizeof peer;
    CHECK_WORKS(getsockname(client, (struct sockaddr *)&peer, &length));
    CHECK_TEXT(inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text), "::ffff:127.0.0.1");
    close(client);
    close(listener);
}

static void streams(void) {
    int pair[2];
    char buffer[64] = "";
    NEED(connect_pair(pair) == 0);
    CHECK_EQUAL(write(pair[0], "hello", 5), 5);
    CHECK_EQUAL(events_soon(pair[1], POLLIN), POLLIN | POLLOUT);
    int count = -1;
    CHECK_WORKS(ioctl(pair[1], FIONREAD, &count));
    CHECK_EQUAL(count, 5);
    CHECK_EQUAL(recv(pair[1], buffer, 3, MSG_PEEK), 3);
    CHECK_EQUAL(recv(pair[1], NULL, 2, MSG_TRUNC), 2);
    CHECK_EQUAL(recv(pair[1], buffer, sizeof buffer, 0), 3);
    CHECK(memcmp(buffer, "llo", 3) == 0);
    CHECK_FAILS(recv(pair[1], buffer, 1, MSG_DONTWAIT), EAGAIN);
    CHECK_WORKS(ioctl(pair[0], SIOCOUTQ, &count));
    CHECK_EQUAL(count, 0);

    // All of it (MSG_WAITALL), in two writes.
    CHECK_EQUAL(write(pair[0], "ab", 2), 2);
    CHECK_EQUAL(write(pair[0], "cd", 2), 2);
    CHECK_EQUAL(recv(pair[1], buffer, 4, MSG_WAITALL), 4);

    // A reader closes one direction; the other goes on.
    CHECK_WORKS(shutdown(pair[0], SHUT_WR));
    CHECK_EQUAL(events_soon(pair[1], POLLRDHUP), POLLIN | POLLOUT | POLLRDHUP);
    CHECK_EQUAL(read(pair[1], buffer, 1), 0);
    CHECK_FAILS(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQUAL(write(pair[1], "back", 4), 4);
    CHECK_EQUAL(recv(pair[0], buffer, 4, MSG_WAITALL), 4);
    CHECK_WORKS(shutdown(pair[1], SHUT_WR));
    CHECK(events_soon(pair[0], POLLHUP) & POLLRDHUP);
    CHECK_EQUAL(read(pair[0], buffer, 1), 0);
    close_pair(pair);

    // Time-outs.
    NEED(connect_pair(pair) == 0);
    struct timeval little = {0, 1000};
    CHECK_WORKS(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &little, sizeof little));
    CHECK_FAILS(read(pair[0], buffer, 1), EAGAIN);
    close_pair(pair);
}

static void endings(void) {
    int pair[2];
    char buffer[8];

    // Closed with unread bytes: the peer sees a reset.
    NEED(connect_pair(pair) == 0);
    CHECK_EQUAL(write(pair[0], "lost", 4), 4);
    events_soon(pair[1], POLLIN);
    close(pair[1]);
    CHECK(events_soon(pair[0], POLLERR) & POLLHUP);
    CHECK_FAILS(read(pair[0], buffer, 1), ECONNRESET);
    CHECK_EQUAL(read(pair[0], buffer, 1), 0);
    CHECK_FAILS(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    close(pair[0]);

    // Closed in order: the end is read; the first write goes through, the next one fails.
    NEED(connect_pair(pair) == 0);
    CHECK_EQUAL(write(pair[0], "last", 4), 4);
    close(pair[0]);
    CHECK_EQUAL(recv(pair[1], buffer, 8, MSG_WAITALL), 4);
    CHECK_EQUAL(read(pair[1], buffer, 1), 0);
    CHECK_EQUAL(send(pair[1], "x", 1, MSG_NOSIGNAL), 1);
    events_soon(pair[1], POLLHUP);
    CHECK_FAILS(send(pair[1], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQUAL(read(pair[1], buffer, 1), 0);
    close(pair[1]);

    // SO_LINGER with no time: a reset.
    NEED(connect_pair(pair) == 0);
    struct linger now = {1, 0};
    CHECK_WORKS(setsockopt(pair[0], SOL_SOCKET, SO_LINGER, &now, sizeof now));
    close(pair[0]);
    events_soon(pair[1], POLLERR);
    CHECK_EQUAL(number_of(pair[1], SOL_SOCKET, SO_ERROR), ECONNRESET);
    close(pair[1]);

    // A listener goes with connections that nobody accepted.
    int port, listener = listen4(&port), client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(connect4(client, "127.0.0.1", port));
    close(listener);
    events_soon(client, POLLERR);
    CHECK_FAILS(read(client, buffer, 1), ECONNRESET);
    close(client);

    // shutdown ends listening.
    listener = listen4(&port);
    CHECK_WORKS(shutdown(listener, SHUT_RD));
    CHECK_FAILS(accept(listener, NULL, NULL), EINVAL);
    client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_FAILS(connect4(client, "127.0.0.1", port), ECONNREFUSED);
    close(client);
    close(listener);
}

static void time_wait(void) {
    int port, listener = listen4(&port), client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(connect4(client, "127.0.0.1", port));
    int server = accept(listener, NULL, NULL);
    close(listener);

    // The server closes first, so its port is in TIME_WAIT.
    close(server);
    events_soon(client, POLLRDHUP);
    close(client);
    int again = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_FAILS(bind4(again, "127.0.0.1", port), EADDRINUSE);
    close(again);

    // Servers that say so may have it again.
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(set_number(listener, SOL_SOCKET, SO_REUSEADDR, 1));
    CHECK_WORKS(bind4(listener, "127.0.0.1", 0));
    CHECK_WORKS(listen(listener, 1));
    port = port_of(listener);
    client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(connect4(client, "127.0.0.1", port));
    close(accept(listener, NULL, NULL));
    close(listener);
    events_soon(client, POLLRDHUP);
    close(client);
    again = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(set_number(again, SOL_SOCKET, SO_REUSEADDR, 1));
    CHECK_WORKS(bind4(again, "127.0.0.1", port));
    CHECK_WORKS(listen(again, 1));
    close(again);
}

static void *write_much(void *argument) {
    int fd = *(int *)argument;
    static char block[100000];
    for (int i = 0; i < 100; i++) {
        memset(block, i, sizeof block);
        if (write(fd, block, sizeof block) != sizeof block)
            break;
    }
    shutdown(fd, SHUT_WR);
    return NULL;
}

static void much(void) {
    int pair[2];
    NEED(connect_pair(pair) == 0);
    pthread_t thread;
    pthread_create(&thread, NULL, write_much, &pair[0]);
    static unsigned char buffer[70001];
    long total = 0, wrong = 0, count;
    while ((count = read(pair[1], buffer, sizeof buffer)) > 0) {
        for (long i = 0; i < count; i++)
            wrong += buffer[i] != (total + i) / 100000;
        total += count;
    }
    pthread_join(thread, NULL);
    CHECK_EQUAL(total, 10000000);
    CHECK_EQUAL(wrong, 0);
    close_pair(pair);

    // Until it is full; then writable again when a third is free.
    NEED(connect_pair(pair) == 0);
    CHECK_WORKS(fcntl(pair[0], F_SETFL, O_NONBLOCK));
    total = 0;
    while ((count = write(pair[0], buffer, sizeof buffer)) > 0)
        total += count;
    CHECK_EQUAL(count, -1);
    CHECK_EQUAL(errno, EAGAIN);
    CHECK(total >= 65536);
    CHECK_EQUAL(events_of(pair[0]), 0);
    long read_back = 0;
    while (read_back < total && (count = read(pair[1], buffer, sizeof buffer)) > 0)
        read_back += count;
    CHECK_EQUAL(read_back, total);
    CHECK_EQUAL(events_soon(pair[0], POLLOUT), POLLOUT);
    close_pair(pair);
}

static void edges(void) {
    int pair[2], poll_fd = epoll_create1(0);
    char buffer[16];
    NEED(connect_pair(pair) == 0);
    struct epoll_event wish = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET}, got[4];
    CHECK_WORKS(epoll_ctl(poll_fd, EPOLL_CTL_ADD, pair[1], &wish));
    CHECK_EQUAL(epoll_wait(poll_fd, got, 4, 0), 1);
    CHECK_EQUAL(got[0].events, EPOLLOUT);
    CHECK_EQUAL(epoll_wait(poll_fd, got, 4, 0), 0);
    CHECK_EQUAL(write(pair[0], "ab", 2), 2);
    CHECK_EQUAL(epoll_wait(poll_fd, got, 4, 10000), 1);
    CHECK_EQUAL(got[0].events, EPOLLIN | EPOLLOUT);
    CHECK_EQUAL(read(pair[1], buffer, 1), 1);
    CHECK_EQUAL(epoll_wait(poll_fd, got, 4, 0), 0);

    // More is a new edge, whether or not the old was read.
    CHECK_EQUAL(write(pair[0], "c", 1), 1);
    CHECK_EQUAL(epoll_wait(poll_fd, got, 4, 10000), 1);
    CHECK_WORKS(shutdown(pair[0], SHUT_WR));
    CHECK_EQUAL(epoll_wait(poll_fd, got, 4, 10000), 1);
    CHECK_EQUAL(got[0].events, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    close_pair(pair);
    close(poll_fd);
}

static void urgent(void) {
    int pair[2], mark = -1;
    char buffer[16] = "";
    NEED(connect_pair(pair) == 0);
    CHECK_FAILS(recv(pair[1], buffer, 1, MSG_OOB), EINVAL);
    CHECK_EQUAL(send(pair[0], "abc", 3, MSG_OOB), 3);
    CHECK_EQUAL(send(pair[0], "de", 2, 0), 2);
    events_soon(pair[1], POLLPRI);
    UNTIL(ioctl(pair[1], FIONREAD, &mark) == 0 && mark >= 2);
    CHECK_EQUAL(recv(pair[1], buffer, sizeof buffer, 0), 2);
    CHECK_WORKS(ioctl(pair[1], SIOCATMARK, &mark));
    CHECK_EQUAL(mark, 1);
    CHECK_EQUAL(recv(pair[1], buffer, 1, MSG_OOB), 1);
    CHECK_EQUAL(buffer[0], 'c');
    CHECK_FAILS(recv(pair[1], buffer, 1, MSG_OOB), EINVAL);
    CHECK_EQUAL(recv(pair[1], buffer, sizeof buffer, 0), 2);
    CHECK(memcmp(buffer, "de", 2) == 0);
    CHECK_WORKS(set_number(pair[1], SOL_SOCKET, SO_OOBINLINE, 1));
    CHECK_EQUAL(send(pair[0], "xy", 2, MSG_OOB), 2);
    events_soon(pair[1], POLLPRI);
    CHECK_FAILS(recv(pair[1], buffer, 1, MSG_OOB), EINVAL);
    close_pair(pair);
}

static void datagrams(void) {
    int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
    char buffer[32] = "";
    CHECK_EQUAL(events_of(one), POLLOUT);
    CHECK_FAILS(listen(one, 1), EOPNOTSUPP);

    // A send that fails has given the socket a port all the same.
    int lost = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_FAILS(send(lost, "x", 1, 0), EDESTADDRREQ);
    CHECK(port_of(lost) >= 32768);
    close(lost);
    CHECK_WORKS(bind4(one, "127.0.0.1", 0));
    struct sockaddr_in to = address4("127.0.0.1", port_of(one)), from;
    socklen_t length = sizeof from;
    CHECK_EQUAL(sendto(two, "hello", 5, 0, (struct sockaddr *)&to, sizeof to), 5);
    CHECK_EQUAL(sendto(two, "", 0, 0, (struct sockaddr *)&to, sizeof to), 0);
    events_soon(one, POLLIN);
    int count = -1;
    CHECK_WORKS(ioctl(one, FIONREAD, &count));
    CHECK_EQUAL(count, 5);
    CHECK_EQUAL(recvfrom(one, buffer, 2, MSG_PEEK | MSG_TRUNC, (struct sockaddr *)&from, &length), 5);
    CHECK_EQUAL(ntohs(from.sin_port), port_of(two));
    CHECK_EQUAL(recv(one, buffer, 2, 0), 2);
    CHECK_EQUAL(recv(one, buffer, 2, 0), 0);
    CHECK_FAILS(recv(one, buffer, 2, MSG_DONTWAIT), EAGAIN);
    CHECK_FAILS(sendto(two, buffer, 66000, 0, (struct sockaddr *)&to, sizeof to), EMSGSIZE);

    // Connected: from the peer only, and the peer's absence is heard of.
    CHECK_WORKS(connect(two, (struct sockaddr *)&to, sizeof to));
    CHECK_EQUAL(send(two, "x", 1, 0), 1);
    events_soon(one, POLLIN);
    CHECK_EQUAL(recv(one, buffer, 8, 0), 1);
    int third = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in back = address4("127.0.0.1", port_of(two));
    CHECK_EQUAL(sendto(third, "no", 2, 0, (struct sockaddr *)&back, sizeof back), 2);
    CHECK_FAILS(recv(two, buffer, 8, MSG_DONTWAIT), EAGAIN);
    CHECK_EQUAL(sendto(one, "yes", 3, 0, (struct sockaddr *)&back, sizeof back), 3);
    events_soon(two, POLLIN);
    CHECK_EQUAL(recv(two, buffer, 8, 0), 3);
    close(third);
    close(one);
    CHECK_EQUAL(send(two, "x", 1, 0), 1);
    events_soon(two, POLLERR);
    CHECK_FAILS(recv(two, buffer, 8, MSG_DONTWAIT), ECONNREFUSED);
    CHECK_FAILS(recv(two, buffer, 8, MSG_DONTWAIT), EAGAIN);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    CHECK_WORKS(connect(two, &none, sizeof none));
    CHECK_FAILS(getpeername(two, (struct sockaddr *)&from, &length), ENOTCONN);
    close(two);
}

static long receive_with(int fd, char *control, size_t *size) {
    char data[16];
    struct iovec vector = {data, sizeof data};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = *size};
    long result = recvmsg(fd, &message, 0);
    *size = message.msg_controllen;
    return result;
}

static void beside(void) {
    int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_WORKS(bind4(one, "0.0.0.0", 0));
    CHECK_WORKS(set_number(one, IPPROTO_IP, IP_PKTINFO, 1));
    CHECK_WORKS(set_number(one, IPPROTO_IP, IP_RECVTOS, 1));
    CHECK_WORKS(set_number(one, IPPROTO_IP, IP_RECVTTL, 1));
    CHECK_WORKS(set_number(one, SOL_SOCKET, SO_TIMESTAMP, 1));
    CHECK_WORKS(set_number(two, IPPROTO_IP, IP_TOS, 0x10));
    CHECK_WORKS(set_number(two, IPPROTO_IP, IP_TTL, 9));
    CHECK_WORKS(connect4(two, "127.0.0.1", port_of(one)));
    CHECK_EQUAL(send(two, "x", 1, 0), 1);
    char control[256];
    size_t size = sizeof control;
    CHECK_EQUAL(receive_with(one, control, &size), 1);
    struct msghdr message = {.msg_control = control, .msg_controllen = size};
    int seen = 0;
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
        if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_TIMESTAMP) {
            seen |= 1;
            CHECK(labs(((struct timeval *)CMSG_DATA(at))->tv_sec - time(NULL)) < 100);
        } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(at);
            seen |= 2;
            CHECK_EQUAL(ntohl(info->ipi_addr.s_addr), INADDR_LOOPBACK);
            CHECK_EQUAL(info->ipi_ifindex, 1);
        } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TOS) {
            seen |= 4;
            CHECK_EQUAL(*CMSG_DATA(at), 0x10);
        } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TTL) {
            seen |= 8;
            CHECK_EQUAL(*(int *)CMSG_DATA(at), 9);
        }
    }
    CHECK_EQUAL(seen, 15);
    close(one);
    close(two);

    // Many at once.
    one = socket(AF_INET, SOCK_DGRAM, 0);
    two = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_WORKS(bind4(one, "127.0.0.1", 0));
    CHECK_WORKS(connect4(two, "127.0.0.1", port_of(one)));
    struct iovec vectors[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}};
    struct mmsghdr messages[3] = {{{0}, 0}};
    for (int i = 0; i < 3; i++)
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    CHECK_EQUAL(sendmmsg(two, messages, 3, 0), 3);
    char space[3][8];
    for (int i = 0; i < 3; i++) {
        vectors[i] = (struct iovec){space[i], 8};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    CHECK_EQUAL(recvmmsg(one, messages, 3, MSG_WAITALL, NULL), 3);
    CHECK_EQUAL(messages[2].msg_len, 3);
    close(one);
    close(two);
}

static void options(void) {
    int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0);
    static const struct { int level, name, before, set, after; } tcp_options[] = {
        {IPPROTO_TCP, TCP_NODELAY, 0, 5, 1}, {IPPROTO_TCP, TCP_CORK, 0, 1, 1}, {IPPROTO_TCP, TCP_KEEPIDLE, 7200, 60, 60},
        {IPPROTO_TCP, TCP_KEEPINTVL, 75, 10, 10}, {IPPROTO_TCP, TCP_KEEPCNT, 9, 3, 3}, {IPPROTO_TCP, TCP_SYNCNT, 6, 2, 2},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, 0, 5000, 5000}, {IPPROTO_IP, IP_TOS, 0, 0x08, 0x08}, {IPPROTO_IP, IP_TTL, 64, 10, 10},
        {SOL_SOCKET, SO_KEEPALIVE, 0, 1, 1}, {SOL_SOCKET, SO_REUSEADDR, 0, 2, 1}, {SOL_SOCKET, SO_REUSEPORT, 0, 1, 1},
        {SOL_SOCKET, SO_SNDBUF, 16384, 10000, 20000}, {SOL_SOCKET, SO_RCVBUF, 131072, 20000, 40000}, {SOL_SOCKET, SO_RCVLOWAT, 1, 3, 3},
    };
    for (size_t i = 0; i < sizeof tcp_options / sizeof tcp_options[0]; i++) {
        int level = tcp_options[i].level, name = tcp_options[i].name;
        if (!CHECK_EQUAL(number_of(tcp, level, name), tcp_options[i].before))
            printf("  level %d, option %d\n", level, name);
        CHECK_WORKS(set_number(tcp, level, name, tcp_options[i].set));
        if (!CHECK_EQUAL(number_of(tcp, level, name), tcp_options[i].after))
            printf("  level %d, option %d\n", level, name);
    }
    CHECK_FAILS(set_number(tcp, IPPROTO_TCP, TCP_KEEPCNT, 200), EINVAL);
    CHECK_FAILS(set_number(tcp, IPPROTO_TCP, 1000, 1), ENOPROTOOPT);
    CHECK_FAILS(set_number(tcp, SOL_SOCKET, 1000, 1), ENOPROTOOPT);
    CHECK_FAILS(set_number(tcp, IPPROTO_IP, 1000, 1), ENOPROTOOPT);
    CHECK_FAILS(set_number(tcp, IPPROTO_IPV6, IPV6_V6ONLY, 1), ENOPROTOOPT);
    CHECK_FAILS(set_number(udp, IPPROTO_TCP, TCP_NODELAY, 1), ENOPROTOOPT);
    CHECK_FAILS(set_number(tcp, 500, 1, 1), ENOPROTOOPT);
    int any;
    socklen_t size = sizeof any;
    CHECK_FAILS(getsockopt(tcp, 500, 1, &any, &size), EOPNOTSUPP);
    CHECK_FAILS(getsockopt(tcp, IPPROTO_UDP, 1, &any, &size), EOPNOTSUPP);
    CHECK_FAILS(getsockopt(udp, IPPROTO_TCP, TCP_NODELAY, &any, &size), EOPNOTSUPP);
    CHECK_FAILS(getsockopt(tcp, IPPROTO_IP, 1000, &any, &size), ENOPROTOOPT);
    CHECK_FAILS(getsockopt(six, 500, 1, &any, &size), ENOPROTOOPT);
    CHECK_FAILS(setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, "", 1), EINVAL);
    CHECK_EQUAL(number_of(six, IPPROTO_IPV6, IPV6_V6ONLY), 0);
    char text[16] = "";
    socklen_t length = sizeof text;
    CHECK_WORKS(getsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, text, &length));
    CHECK(strlen(text) > 0);
    close(tcp);
    close(udp);
    close(six);
    int pair[2];
    NEED(connect_pair(pair) == 0);
    struct tcp_info info = {0};
    length = sizeof info;
    CHECK_WORKS(getsockopt(pair[0], IPPROTO_TCP, TCP_INFO, &info, &length));
    CHECK_EQUAL(info.tcpi_state, TCP_ESTABLISHED);
    close_pair(pair);
}

// A socket that connects to the port that it is bound to is its own peer.
static void self_connection(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(bind4(fd, "127.0.0.1", 0));
    CHECK_WORKS(connect4(fd, "127.0.0.1", port_of(fd)));
    CHECK_EQUAL(send(fd, "abc", 3, 0), 3);
    char text[8] = "";
    CHECK_EQUAL(recv(fd, text, sizeof text, 0), 3);
    CHECK_TEXT(text, "abc");
    CHECK_EQUAL(send(fd, "d", 1, 0), 1);
    CHECK_WORKS(shutdown(fd, SHUT_WR));
    CHECK_FAILS(send(fd, "e", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQUAL(recv(fd, text, sizeof text, 0), 1);
    CHECK_EQUAL(recv(fd, text, sizeof text, 0), 0);
    close(fd);
}

// Who has not waited for a connection hears of its failure once; the socket is one whose connection has ended then.
static void failed_connections(void) {
    int held = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(bind4(held, "127.0.0.1", 0));
    int port = port_of(held);
    for (int way = 0; way < 2; way++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        CHECK_FAILS(connect4(fd, "127.0.0.1", port), EINPROGRESS);
        struct pollfd poll_fd = { .fd = fd, .events = POLLERR };
        CHECK_EQUAL(poll(&poll_fd, 1, 5000), 1);
        char byte;
        if (way == 0)
            CHECK_EQUAL(number_of(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
        else
            CHECK_FAILS(read(fd, &byte, 1), ECONNREFUSED);
        CHECK_EQUAL(read(fd, &byte, 1), 0);
        CHECK_EQUAL(events_of(fd), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
        CHECK_FAILS(connect4(fd, "127.0.0.1", port), ECONNABORTED);
        close(fd);
    }
    close(held);
    // shutdown gives a connection up that isn't there yet.
    int listener = socket(AF_INET, SOCK_STREAM, 0), first = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(bind4(listener, "127.0.0.1", 0));
    CHECK_WORKS(listen(listener, 0));
    port = port_of(listener);
    CHECK_WORKS(connect4(first, "127.0.0.1", port));
    int second = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    CHECK_FAILS(connect4(second, "127.0.0.1", port), EINPROGRESS);
    CHECK_WORKS(shutdown(second, SHUT_WR));
    struct pollfd poll_fd = { .fd = second };
    CHECK_EQUAL(poll(&poll_fd, 1, 0), 1);
    CHECK_EQUAL(poll_fd.revents, POLLHUP | POLLERR);
    CHECK_EQUAL(number_of(second, SOL_SOCKET, SO_ERROR), ECONNRESET);
    close(second);
    close(first);
    close(listener);
}

static void clients_that_have_gone(void) {
    int port, listener = listen4(&port), client = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_WORKS(connect4(client, "127.0.0.1", port));
    struct linger linger = { .l_onoff = 1 };
    setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    int client_port = port_of(client);
    close(client);
    struct sockaddr_in name = { 0 };
    socklen_t length = sizeof name;
    int accepted = accept(listener, (struct sockaddr *)&name, &length);
    CHECK(accepted >= 0);
    CHECK_EQUAL(length, sizeof name);
    CHECK_EQUAL(ntohs(name.sin_port), client_port);
    CHECK_FAILS(getpeername(accepted, (struct sockaddr *)&name, &length), ENOTCONN);
    close(accepted);
    close(listener);
    // A connection that both have ended is none.
    int pair[2];
    NEED(connect_pair(pair) == 0);
    CHECK_WORKS(shutdown(pair[0], SHUT_WR));
    CHECK_WORKS(shutdown(pair[1], SHUT_WR));
    UNTIL(shutdown(pair[1], SHUT_WR) == -1 && errno == ENOTCONN);
    CHECK_FAILS(getpeername(pair[1], (struct sockaddr *)&name, &length), ENOTCONN);
    close_pair(pair);
}

// One connection of two endpoints at a time, and how long a closed one keeps its port.
static void same_endpoints(void) {
    int port, listener = listen4(&port), one = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET, SOCK_STREAM, 0);
    set_number(one, SOL_SOCKET, SO_REUSEADDR, 1);
    set_number(other, SOL_SOCKET, SO_REUSEADDR, 1);
    CHECK_WORKS(bind4(one, "127.0.0.1", 0));
    int own = port_of(one);
    CHECK_WORKS(bind4(other, "127.0.0.1", own));
    CHECK_WORKS(connect4(one, "127.0.0.1", port));
    CHECK_FAILS(connect4(other, "127.0.0.1", port), EADDRNOTAVAIL);
    close(other);
    // The peer doesn't close: FIN_WAIT2, for which there is no time.
    set_number(one, IPPROTO_TCP, TCP_LINGER2, -1);
    int accepted = accept(listener, NULL, NULL);
    close(one);
    other = socket(AF_INET, SOCK_STREAM, 0);
    int bound = -1;
    UNTIL(bound == 0 || (bound = bind4(other, "127.0.0.1", own)) == 0);
    close(other);
    close(accepted);
    close(listener);
}

// Addresses of both versions at one socket.
static void versions_that_do_not_meet(void) {
    static const int kinds[] = { SOCK_STREAM, SOCK_DGRAM };
    for (int i = 0; i < 2; i++) {
        struct sockaddr_in6 six = address6("::1", 0), mapped = address6("::ffff:127.0.0.1", 1337);
        int fd = socket(AF_INET6, kinds[i], 0);
        CHECK_WORKS(bind(fd, (struct sockaddr *)&six, sizeof six));
        CHECK_FAILS(connect(fd, (struct sockaddr *)&mapped, sizeof mapped), ENETUNREACH);
        if (kinds[i] == SOCK_DGRAM)
            CHECK_FAILS(sendto(fd, "x", 1, 0, (struct sockaddr *)&mapped, sizeof mapped), ENETUNREACH);
        close(fd);
        fd = socket(AF_INET6, kinds[i], 0);
        mapped.sin6_port = 0;
        six.sin6_port = htons(1337);
        CHECK_WORKS(bind(fd, (struct sockaddr *)&mapped, sizeof mapped));
        CHECK_FAILS(connect(fd, (struct sockaddr *)&six, sizeof six), EAFNOSUPPORT);
        if (kinds[i] == SOCK_DGRAM)
            CHECK_FAILS(sendto(fd, "x", 1, 0, (struct sockaddr *)&six, sizeof six), EAFNOSUPPORT);
        close(fd);
    }
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    CHECK_WORKS(connect4(fd, "127.0.0.1", 1337));
    struct sockaddr_in6 name;
    socklen_t length = sizeof name;
    CHECK_WORKS(getpeername(fd, (struct sockaddr *)&name, &length));
    CHECK(IN6_IS_ADDR_V4MAPPED(&name.sin6_addr));
    close(fd);
    int both[2];
    CHECK_FAILS(socketpair(AF_INET, 0, 0, both), ESOCKTNOSUPPORT);
    CHECK_FAILS(socketpair(AF_INET, SOCK_STREAM, 0, both), EOPNOTSUPP);
}

static void options_of_tcp(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char name[32] = "";
    socklen_t length = sizeof name;
    CHECK_WORKS(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
    CHECK_WORKS(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length));
    CHECK_EQUAL(length, 16);
    CHECK_TEXT(name, "reno");
    CHECK_FAILS(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "nothing", 7), ENOENT);
    CHECK_FAILS(set_number(fd, IPPROTO_TCP, TCP_MAXSEG, 87), EINVAL);
    CHECK_WORKS(set_number(fd, IPPROTO_TCP, TCP_MAXSEG, 88));
    CHECK_WORKS(set_number(fd, IPPROTO_TCP, TCP_MAXSEG, 0));
    CHECK_WORKS(set_number(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, -1));
    CHECK_EQUAL(number_of(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
    CHECK_WORKS(set_number(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 1));
    CHECK_EQUAL(number_of(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP), 1152);
    CHECK_WORKS(set_number(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 0));
    CHECK_EQUAL(number_of(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP), 0);
    CHECK_WORKS(set_number(fd, IPPROTO_TCP, TCP_LINGER2, -5));
    CHECK_EQUAL(number_of(fd, IPPROTO_TCP, TCP_LINGER2), -1);
    CHECK_WORKS(set_number(fd, IPPROTO_TCP, TCP_LINGER2, 0));
    CHECK_EQUAL(number_of(fd, IPPROTO_TCP, TCP_LINGER2), 60);
    CHECK_WORKS(set_number(fd, IPPROTO_TCP, TCP_LINGER2, 200));
    CHECK_EQUAL(number_of(fd, IPPROTO_TCP, TCP_LINGER2), 120);
    CHECK_EQUAL(number_of(fd, IPPROTO_IP, IP_MULTICAST_TTL), 1);
    CHECK_EQUAL(number_of(fd, IPPROTO_IP, IP_MULTICAST_LOOP), 1);
    CHECK_FAILS(set_number(fd, IPPROTO_IP, IP_MULTICAST_TTL, 2), EINVAL);
    CHECK_FAILS(set_number(fd, IPPROTO_IP, IP_TTL, 0), EINVAL);
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_WORKS(set_number(fd, IPPROTO_IP, IP_TOS, 0x110));
    CHECK_EQUAL(number_of(fd, IPPROTO_IP, IP_TOS), 0x10);
    unsigned char small[4];
    length = 3;
    CHECK_WORKS(getsockopt(fd, IPPROTO_IP, IP_TOS, small, &length));
    CHECK_EQUAL(length, 1);
    CHECK_EQUAL(small[0], 0x10);
    CHECK_WORKS(setsockopt(fd, IPPROTO_IP, IP_TOS, small, 0));
    CHECK_EQUAL(number_of(fd, IPPROTO_IP, IP_TOS), 0);
    close(fd);
    // Three times as much as SO_SNDBUF of a connection isn't taken at once.
    int pair[2];
    NEED(connect_pair(pair) == 0);
    int size = 3 * number_of(pair[0], SOL_SOCKET, SO_SNDBUF);
    char *much = calloc(1, (size_t)size);
    ssize_t sent = send(pair[0], much, (size_t)size, MSG_DONTWAIT);
    CHECK(sent > 0 && sent < size);
    free(much);
    CHECK_FAILS(set_number(pair[0], IPPROTO_TCP, TCP_WINDOW_CLAMP, 0), EINVAL);
    struct tcp_info info = { 0 };
    length = sizeof info;
    CHECK_WORKS(getsockopt(pair[0], IPPROTO_TCP, TCP_INFO, &info, &length));
    CHECK(info.tcpi_rto > 0 && info.tcpi_snd_cwnd > 0);
    close_pair(pair);
}

// What a datagram socket has of itself, and what connect gave it.
static void datagram_names(void) {
    struct sockaddr_in name, any = address4("0.0.0.0", 0);
    socklen_t length = sizeof name;
    struct sockaddr none = { .sa_family = AF_UNSPEC };
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_WORKS(connect(fd, (struct sockaddr *)&any, sizeof any));
    CHECK_FAILS(getpeername(fd, (struct sockaddr *)&name, &length), ENOTCONN);
    close(fd);
    for (int chosen = 0; chosen < 3; chosen++) {
        // Nothing, the port, or the address as well.
        fd = socket(AF_INET, SOCK_DGRAM, 0);
        if (chosen == 1) {
            int probe = socket(AF_INET, SOCK_DGRAM, 0);
            bind4(probe, "0.0.0.0", 0);
            int port = port_of(probe);
            close(probe);
            CHECK_WORKS(bind4(fd, "0.0.0.0", port));
        } else if (chosen == 2) {
            CHECK_WORKS(bind4(fd, "127.0.0.1", 0));
        }
        CHECK_WORKS(connect4(fd, "127.0.0.1", 1337));
        CHECK_WORKS(getsockname(fd, (struct sockaddr *)&name, &length));
        CHECK_EQUAL(ntohl(name.sin_addr.s_addr), INADDR_LOOPBACK);
        CHECK_WORKS(connect(fd, &none, sizeof none));
        CHECK_WORKS(getsockname(fd, (struct sockaddr *)&name, &length));
        CHECK_EQUAL(ntohl(name.sin_addr.s_addr), chosen == 2 ? INADDR_LOOPBACK : INADDR_ANY);
        CHECK_EQUAL(name.sin_port != 0, chosen == 1);
        close(fd);
    }
}

// Which control messages come with which version of a datagram, and when it came.
static void datagrams_of_both_versions(void) {
    int receiver = socket(AF_INET6, SOCK_DGRAM, 0), port;
    struct sockaddr_in6 any = address6("::", 0);
    CHECK_WORKS(bind(receiver, (struct sockaddr *)&any, sizeof any));
    port = port_of(receiver);
    static const int options[][2] = { { IPPROTO_IP, IP_RECVTTL }, { IPPROTO_IP, IP_RECVTOS }, { IPPROTO_IP, IP_RECVORIGDSTADDR },
        { IPPROTO_IPV6, IPV6_RECVHOPLIMIT }, { IPPROTO_IPV6, IPV6_RECVTCLASS } };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        CHECK_EQUAL(number_of(receiver, options[i][0], options[i][1]), 0);
        CHECK_WORKS(set_number(receiver, options[i][0], options[i][1], 1));
    }
    struct timeval time;
    CHECK_FAILS(ioctl(receiver, SIOCGSTAMP_OLD, &time), ENOENT);
    for (int version = 0; version < 2; version++) {
        int sender = socket(version ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
        struct sockaddr_in four = address4("127.0.0.1", port);
        struct sockaddr_in6 six = address6("::1", port);
        if (version)
            CHECK_EQUAL(sendto(sender, "x", 1, 0, (struct sockaddr *)&six, sizeof six), 1);
        else
            CHECK_EQUAL(sendto(sender, "x", 1, 0, (struct sockaddr *)&four, sizeof four), 1);
        char byte, control[256];
        struct iovec part = { &byte, 1 };
        struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
        CHECK_EQUAL(recvmsg(receiver, &message, 0), 1);
        int of4 = 0, of6 = 0, destination = 0;
        for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
            of4 += head->cmsg_level == IPPROTO_IP;
            of6 += head->cmsg_level == IPPROTO_IPV6;
            if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_ORIGDSTADDR)
                destination = ntohs(((struct sockaddr_in *)CMSG_DATA(head))->sin_port);
        }
        CHECK_EQUAL(of4, version ? 0 : 3);
        CHECK_EQUAL(of6, version ? 2 : 0);
        CHECK_EQUAL(destination, version ? 0 : port);
        close(sender);
    }
    CHECK_WORKS(ioctl(receiver, SIOCGSTAMP_OLD, &time));
    CHECK(time.tv_sec > 0);
    close(receiver);
}

static void odd_options(void) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_WORKS(set_number(fd, IPPROTO_IP, IP_MULTICAST_TTL, -1));
    CHECK_EQUAL(number_of(fd, IPPROTO_IP, IP_MULTICAST_TTL), 1);
    CHECK_WORKS(set_number(fd, IPPROTO_IP, IP_TTL, -1));
    CHECK_EQUAL(number_of(fd, IPPROTO_IP, IP_TTL), 64);
    struct ip_mreq group = { 0 };
    CHECK_FAILS(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group), EINVAL);
    // A datagram that is longer than the buffer finds room where there is no other.
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_WORKS(set_number(fd, SOL_SOCKET, SO_RCVBUF, 0));
    CHECK_WORKS(bind4(fd, "127.0.0.1", 0));
    CHECK_WORKS(connect4(sender, "127.0.0.1", port_of(fd)));
    static char much[4000];
    CHECK_EQUAL(send(sender, much, sizeof much, 0), sizeof much);
    CHECK_EQUAL(recv(fd, much, sizeof much, MSG_DONTWAIT), sizeof much);
    close(sender);
    close(fd);
}

// The range of ports for who doesn't ask for one can be changed.
static void range_of_ports(void) {
    int file = open("/proc/sys/net/ipv4/ip_local_port_range", O_RDWR | O_TRUNC);
    if (file < 0) {
        CHECK_EQUAL(errno, EACCES);
        return;
    }
    char old[32] = "";
    CHECK(pread(file, old, sizeof old - 1, 0) > 0);
    CHECK_EQUAL(pwrite(file, "50000 50003\n", 12, 0), 12);
    int fds[4];
    for (int i = 0; i < 4; i++) {
        fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
        if (bind4(fds[i], "127.0.0.1", 0) == 0)
            CHECK(port_of(fds[i]) >= 50000 && port_of(fds[i]) <= 50003);
    }
    CHECK_FAILS(pwrite(file, "50003 50000\n", 12, 0), EINVAL);
    CHECK_EQUAL(pwrite(file, old, strlen(old), 0), strlen(old));
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    close(file);
}

MAIN(SECTION(datagram_names), SECTION(datagrams_of_both_versions), SECTION(odd_options), SECTION(range_of_ports), SECTION(self_connection), SECTION(failed_connections), SECTION(clients_that_have_gone), SECTION(same_endpoints), SECTION(versions_that_do_not_meet),
     SECTION(options_of_tcp), SECTION(making), SECTION(binding), SECTION(connecting), SECTION(versions), SECTION(streams), SECTION(endings), SECTION(time_wait), SECTION(much),
     SECTION(edges), SECTION(urgent), SECTION(datagrams), SECTION(beside), SECTION(options))
