// A program that makes as many of one kind of thing as it gets, kind after kind, each in a child. The kernel must say no in time: what it keeps
// for programs is part of the enclave's memory; and another user's program must be able to go on meanwhile. Meant for inside only: natively, root gets all of the machine's memory.
//   exhaustion [KIND...]     prints how each kind ends; then memory, files and processes must be there again
#include "check.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NEED_OR_EXIT(value) do { if (!CHECK(value)) exit(1); } while (0)

// More than any enclave that this is run in can have.
#define MOST 1000000

static int make_pipe(long number) {
    (void)number;
    static char page[65536];
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) != 0)
        return -1;
    return write(ends[1], page, sizeof page) > 0 ? 0 : -1;
}

static int make_stream(long number) {
    (void)number;
    static char bytes[65536];
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        return -1;
    while (write(pair[1], bytes, sizeof bytes) > 0)
        continue;
    return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
}

static int make_packets(long number) {
    (void)number;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) != 0)
        return -1;
    while (write(pair[1], "x", 1) > 0)
        continue;
    return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
}

// Every tenth pair is a way for others, since a way takes some messages only.
static int pass_sockets(long number) {
    static int way[2];
    if (number % 10 == 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, way) != 0)
        return -1;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        return -1;
    char control[CMSG_SPACE(sizeof pair)] = { 0 };
    struct iovec data = { "x", 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof pair);
    memcpy(CMSG_DATA(header), pair, sizeof pair);
    int result = sendmsg(way[0], &message, 0);
    int error = errno;
    close(pair[0]);
    close(pair[1]);
    errno = error;
    return result < 0 ? -1 : 0;
}

static int watch(long number) {
    static int counters[64];
    if (number < 64)
        return counters[number] = eventfd(0, 0);
    int poll = epoll_create1(0);
    if (poll < 0)
        return -1;
    struct epoll_event event = { .events = EPOLLIN };
    for (int i = 0; i < 64; i++) {
        if (epoll_ctl(poll, EPOLL_CTL_ADD, counters[i], &event) != 0)
            return -1;
    }
    return 0;
}

static int make_timer(long number) {
    (void)number;
    struct sigevent event = { .sigev_notify = SIGEV_NONE };
    timer_t timer;
    return timer_create(CLOCK_MONOTONIC, &event, &timer);
}

static int queue_signal(long number) {
    if (number == 0) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
    }
    return sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 1 });
}

static int link_file(long number) {
    char name[64];
    if (number == 0)
        close(open("file", O_CREAT | O_WRONLY, 0600));
    snprintf(name, sizeof name, "link%ld", number);
    return link("file", name);
}

static int map_shared(long number) {
    (void)number;
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

// Memory that nobody may write to: its zeros cost nothing, but the page tables that show them do. Much less than all addresses.
static int show_zeros(long number) {
    errno = EOVERFLOW;
    return number == 1000 || mmap(NULL, 16UL << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static int open_terminal(long number) {
    (void)number;
    return open("/dev/ptmx", O_RDWR | O_NOCTTY);
}

// Connections that nobody accepts, and whose clients are closed: no open file counts them.
static int make_connection(long number) {
    static int listener;
    static struct sockaddr_in address;
    if (number % 4000 == 0) {
        socklen_t length = sizeof address;
        listener = socket(AF_INET, SOCK_STREAM, 0);
        address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0 ||
            getsockname(listener, (struct sockaddr *)&address, &length) != 0)
            return -1;
    }
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (client < 0)
        return -1;
    int result = connect(client, (struct sockaddr *)&address, sizeof address);
    int error = errno;
    close(client);
    errno = error;
    return result == 0 || error == EINPROGRESS ? 0 : -1;
}

static const struct kind {
    const char *name;
    int (*make)(long number);
} kinds[] = {
    { "pipes", make_pipe }, { "streams", make_stream }, { "packets", make_packets }, { "passed", pass_sockets }, { "watches", watch },
    { "timers", make_timer }, { "signals", queue_signal }, { "links", link_file }, { "mappings", map_shared }, { "zeros", show_zeros }, { "terminals", open_terminal },
    { "connections", make_connection },
};

// Another user's program, which goes on while all is taken: what is asked of it, and whether it could do it.
static int orders[2], answers[2];

static bool goes_on(int pair[2]) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &one, NULL);
    const struct timespec none = { 0, 0 };
    struct sigevent event = { .sigev_notify = SIGEV_NONE };
    struct itimerspec soon = { .it_value = { 1000, 0 } };
    timer_t timer;
    char byte;
    int status = -1;
    bool works = CHECK_EQUAL(write(pair[0], "x", 1), 1) & CHECK_EQUAL(read(pair[1], &byte, 1), 1);
    works &= CHECK_WORKS(timer_create(CLOCK_MONOTONIC, &event, &timer)) && CHECK_WORKS(timer_settime(timer, 0, &soon, NULL)) &&
        CHECK_WORKS(timer_delete(timer));
    works &= CHECK_WORKS(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 1 })) && CHECK_EQUAL(sigtimedwait(&one, NULL, &none), SIGRTMIN);
    const size_t size = 1 << 20;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    works &= CHECK(memory != MAP_FAILED);
    if (memory != MAP_FAILED) {
        memset(memory, 1, size);
        munmap(memory, size);
    }
    pid_t child = fork();
    if (child == 0)
        _exit(5);
    works &= CHECK_EQUAL(waitpid(child, &status, 0), child) & CHECK_EQUAL(status, 5 << 8);
    struct stat about;
    return works & CHECK_WORKS(stat("/etc/passwd", &about));
}

static pid_t start_witness(void) {
    NEED_OR_EXIT(pipe(orders) == 0 && pipe(answers) == 0);
    pid_t witness = fork();
    if (witness != 0)
        return witness;
    int pair[2];
    char order;
    close(orders[1]);
    NEED_OR_EXIT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && setresgid(1234, 1234, 1234) == 0 && setresuid(1234, 1234, 1234) == 0);
    while (read(orders[0], &order, 1) == 1)
        write(answers[1], goes_on(pair) ? "y" : "n", 1);
    _exit(0);
}

static void exhaust(const struct kind *kind) {
    long number = 0;
    while (number < MOST && kind->make(number) >= 0)
        number++;
    int error = errno;
    char answer = '?';
    write(orders[1], "x", 1);
    read(answers[0], &answer, 1);
    printf("%s: %s%s\n", kind->name, number == MOST ? "no end" : strerrorname_np(error), answer == 'y' ? "" : ", and another user's program can't go on");
    fflush(stdout);
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct rlimit files = { MOST + 1000, MOST + 1000 }, signals = { MOST * 2, MOST * 2 };
    CHECK_WORKS(setrlimit(RLIMIT_NOFILE, &files));
    CHECK_WORKS(setrlimit(RLIMIT_SIGPENDING, &signals));
    pid_t witness = start_witness();
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool isChosen = argc == 1;
        for (int j = 1; j < argc; j++)
            isChosen |= strcmp(argv[j], kinds[i].name) == 0;
        if (!isChosen)
            continue;
        const char *scratch = enter_scratch();
        pid_t child = fork();
        if (child == 0) {
            exhaust(&kinds[i]);
            _exit(0);
        }
        int status = -1;
        CHECK_EQUAL(waitpid(child, &status, 0), child);
        CHECK_EQUAL(status, 0);
        char command[128];
        snprintf(command, sizeof command, "find %s -mindepth 1 -delete", scratch);
        CHECK_WORKS(system(command));
        leave_scratch(scratch);
        const size_t size = 32 << 20;
        char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (CHECK(memory != MAP_FAILED)) {
            memset(memory, 1, size);
            munmap(memory, size);
        }
    }
    close(orders[1]);
    waitpid(witness, NULL, 0);
    if (check_failures == 0)
        printf("ok %ld checks\n", check_count);
    return check_failures != 0;
}
