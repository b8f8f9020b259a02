// What sockets cost between two threads over the loopback interface. Prints a name and a number in each line.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static struct sockaddr_in here;

static int listening(int type) {
    int fd = socket(AF_INET, type, 0);
    socklen_t length = sizeof here;
    here = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)&here, sizeof here) || getsockname(fd, (struct sockaddr *)&here, &length))
        exit(1);
    if (type == SOCK_STREAM)
        listen(fd, 128);
    return fd;
}

static int connected(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&here, sizeof here))
        exit(1);
    return fd;
}

static void *echo(void *argument) {
    int fd = accept(*(int *)argument, NULL, NULL), on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    char buffer[64];
    long count;
    while ((count = read(fd, buffer, sizeof buffer)) > 0)
        if (write(fd, buffer, count) != count)
            break;
    close(fd);
    return NULL;
}

static void *drain(void *argument) {
    int fd = accept(*(int *)argument, NULL, NULL);
    static char buffer[1 << 17];
    while (read(fd, buffer, sizeof buffer) > 0) { }
    write(fd, "", 1);
    close(fd);
    return NULL;
}

static void *accept_all(void *argument) {
    int fd;
    while ((fd = accept(*(int *)argument, NULL, NULL)) >= 0)
        close(fd);
    return NULL;
}

static void *echo_datagrams(void *argument) {
    char buffer[64];
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    long count;
    while ((count = recvfrom(*(int *)argument, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length)) > 1)
        sendto(*(int *)argument, buffer, count, 0, (struct sockaddr *)&from, length);
    return NULL;
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 20000;
    pthread_t thread;
    char byte[8] = "1234567";

    int listener = listening(SOCK_STREAM);
    pthread_create(&thread, NULL, echo, &listener);
    int fd = connected();
    double start = seconds();
    for (int i = 0; i < rounds; i++)
        if (write(fd, byte, 8) != 8 || read(fd, byte, 8) != 8)
            return 1;
    printf("TCP round trip, us\t%.3f\n", (seconds() - start) / rounds * 1e6);
    close(fd);
    pthread_join(thread, NULL);

    pthread_create(&thread, NULL, drain, &listener);
    fd = connected();
    static char block[1 << 16];
    start = seconds();
    for (int i = 0; i < rounds / 2; i++)
        if (write(fd, block, sizeof block) != sizeof block)
            return 1;
    shutdown(fd, SHUT_WR);
    read(fd, byte, 1);
    double time = seconds() - start;
    printf("TCP bandwidth, us for a MiB\t%.3f\n", time / ((double)rounds / 2 * sizeof block / (1 << 20)) * 1e6);
    close(fd);
    pthread_join(thread, NULL);

    pthread_create(&thread, NULL, accept_all, &listener);
    start = seconds();
    for (int i = 0; i < rounds / 10; i++) {
        fd = connected();
        read(fd, byte, 1);
        close(fd);
    }
    printf("TCP connection, us\t%.3f\n", (seconds() - start) / (rounds / 10) * 1e6);
    shutdown(listener, SHUT_RD);
    pthread_join(thread, NULL);
    close(listener);

    int server = listening(SOCK_DGRAM), client = socket(AF_INET, SOCK_DGRAM, 0);
    connect(client, (struct sockaddr *)&here, sizeof here);
    pthread_create(&thread, NULL, echo_datagrams, &server);
    start = seconds();
    for (int i = 0; i < rounds; i++)
        if (send(client, byte, 8, 0) != 8 || recv(client, byte, 8, 0) != 8)
            return 1;
    printf("UDP round trip, us\t%.3f\n", (seconds() - start) / rounds * 1e6);
    send(client, "", 1, 0);
    pthread_join(thread, NULL);
    return 0;
}
