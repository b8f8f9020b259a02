// Connections that come, go, half-close and reset at random, through the machine's network where it has one. Says "ready" and "quiet" before and
// after, and waits for a line each time, so that who started it can look at what is left outside; what is left inside it looks for itself.
//   soak TOTAL AT_ONCE SEED
#include "check.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum behaviour { ECHO_AND_CLOSE, HALF_CLOSE, RESET, CLOSE_UNREAD, CLOSE_AT_ONCE, BEHAVIOURS };

struct connection {
    int fd, sent, received, wanted;
    enum behaviour behaviour;
    bool half_closed;
};

static struct sockaddr_in at;
static int listener, total, at_once;
static _Atomic int served;

static unsigned next_random(unsigned long *state) {
    *state = *state * 6364136223846793005UL + 1442695040888963407UL;
    return *state >> 33;
}

static void find_address(void) {
    struct ifaddrs *all;
    at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (getifaddrs(&all) != 0)
        return;
    for (struct ifaddrs *each = all; each; each = each->ifa_next)
        if (each->ifa_addr && each->ifa_addr->sa_family == AF_INET && !(each->ifa_flags & IFF_LOOPBACK) && (each->ifa_flags & IFF_UP))
            at.sin_addr = ((struct sockaddr_in *)each->ifa_addr)->sin_addr;
    freeifaddrs(all);
}

static int open_files(void) {
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

// Sockets of the port in other states than listening and what is left for a while after a connection.
static int connections_in_table(void) {
    char line[256], needle[16];
    snprintf(needle, sizeof needle, ":%04X", ntohs(at.sin_port));
    FILE *table = fopen("/proc/net/tcp", "re");
    int count = 0, state;
    while (fgets(line, sizeof line, table))
        if (strstr(line, needle) && sscanf(line, " %*s %*s %*s %x", &state) == 1 && state != 0x0A && (state == 1 || state == 2 || state == 8))
            count++;
    fclose(table);
    return count;
}

static void reset_at_close(int fd) {
    struct linger linger = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void watch(int instance, int fd, unsigned events, void *data) {
    struct epoll_event item = {.events = events, .data.ptr = data};
    if (epoll_ctl(instance, EPOLL_CTL_ADD, fd, &item) != 0 && errno == EEXIST)
        epoll_ctl(instance, EPOLL_CTL_MOD, fd, &item);
}

// Echoes; now and then it resets a connection, or ends its own side first.
static void *serve(void *argument) {
    unsigned long random = (unsigned long)argument + 1;
    int instance = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[64];
    watch(instance, listener, EPOLLIN, NULL);
    int open = 0;
    while (served < total || open > 0) {
        int count = epoll_wait(instance, events, 64, 100);
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (!connection) {
                int fd;
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
                    connection = calloc(1, sizeof *connection);
                    connection->fd = fd;
                    watch(instance, fd, EPOLLIN | EPOLLRDHUP, connection);
                    open++;
                }
                continue;
            }
            char bytes[512];
            long length = read(connection->fd, bytes, sizeof bytes);
            unsigned choice = next_random(&random) % 32;
            if (length > 0 && choice == 0)
                reset_at_close(connection->fd);
            else if (length > 0 && choice == 1)
                shutdown(connection->fd, SHUT_WR);
            else if (length > 0) {
                if (send(connection->fd, bytes, length, MSG_NOSIGNAL) == length)
                    continue;
            } else if (length < 0 && errno == EAGAIN)
                continue;
            close(connection->fd);
            free(connection);
            open--;
        }
    }
    close(instance);
    return NULL;
}

static struct connection *start(int instance, unsigned long *random) {
    struct connection *connection = calloc(1, sizeof *connection);
    connection->behaviour = next_random(random) % BEHAVIOURS;
    connection->wanted = 1 + next_random(random) % 2000;

    // Ports in turn: the machine's own range may be small, and each is taken for a minute after a connection.
    static unsigned port;
    for (int tries = 0; tries < 20000; tries++) {
        struct sockaddr_in from = at;
        int on = 1;
        from.sin_port = htons(10000 + port++ % 20000);
        connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        setsockopt(connection->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(connection->fd, (struct sockaddr *)&from, sizeof from) == 0
            && (connect(connection->fd, (struct sockaddr *)&at, sizeof at) == 0 || errno == EINPROGRESS))
            break;
        if (errno != EADDRINUSE && errno != EADDRNOTAVAIL && !CHECK(false))
            exit(1);
        close(connection->fd);
    }
    watch(instance, connection->fd, EPOLLIN | EPOLLOUT, connection);
    return connection;
}

// One step of a client; false when it has ended.
static bool go_on(int instance, struct connection *connection, unsigned events) {
    static const char bytes[512];
    char back[512];
    if (connection->behaviour == CLOSE_AT_ONCE)
        return false;
    if (connection->sent < connection->wanted && (events & EPOLLOUT)) {
        int rest = connection->wanted - connection->sent;
        long count = send(connection->fd, bytes, rest < 512 ? rest : 512, MSG_NOSIGNAL);
        if (count < 0)
            return errno == EAGAIN;
        connection->sent += count;
        if (connection->sent == connection->wanted) {
            if (connection->behaviour == RESET)
                reset_at_close(connection->fd);
            if (connection->behaviour == RESET || connection->behaviour == CLOSE_UNREAD)
                return false;
            if (connection->behaviour == HALF_CLOSE)
                shutdown(connection->fd, SHUT_WR);
            watch(instance, connection->fd, EPOLLIN, connection);
        }
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        long count = read(connection->fd, back, sizeof back);
        if (count <= 0)
            return count < 0 && errno == EAGAIN;
        connection->received += count;
        return connection->behaviour == HALF_CLOSE || connection->received < connection->wanted;
    }
    return true;
}

static void wait_for_line(const char *word) {
    char line[16];
    puts(word);
    if (!fgets(line, sizeof line, stdin))
        exit(1);
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    total = argc > 1 ? atoi(argv[1]) : 2000;
    at_once = argc > 2 ? atoi(argv[2]) : 100;
    unsigned long random = argc > 3 ? atol(argv[3]) : 1;
    socklen_t length = sizeof at;
    find_address();
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || getsockname(listener, (struct sockaddr *)&at, &length) || listen(listener, 4096))
        return 1;
    int before = open_files();
    wait_for_line("ready");
    pthread_t server;
    pthread_create(&server, NULL, serve, (void *)random);
    int instance = epoll_create1(EPOLL_CLOEXEC), open = 0, started = 0;
    struct epoll_event events[64];
    while (started < total || open > 0) {
        for (; started < total && open < at_once; started++, open++)
            start(instance, &random);
        int count = epoll_wait(instance, events, 64, 60000);
        if (!CHECK(count > 0))
            break;
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (go_on(instance, connection, events[i].events))
                continue;
            close(connection->fd);
            free(connection);
            open--;
            served++;
        }
    }
    close(instance);
    pthread_join(server, NULL);

    // Connections that were closed before the server took them may still be in its backlog.
    UNTIL((close(accept(listener, NULL, NULL)), connections_in_table() == 0));
    CHECK_EQUAL(open_files(), before);
    wait_for_line("quiet");
    printf(check_failures ? "%ld checks failed\n" : "ok\n", check_failures);
    return check_failures != 0;
}
