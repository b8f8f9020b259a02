// POSIX message queues (mq_overview(7)).
#include "check.h"
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char name[64];

static mqd_t make(int flags, long messages, long size) {
    struct mq_attr attributes = { .mq_maxmsg = messages, .mq_msgsize = size };
    snprintf(name, sizeof name, "/syscalls-%d", getpid());
    return mq_open(name, O_CREAT | O_EXCL | flags, 0600, &attributes);
}

static void opening(void) {
    mqd_t queue = make(O_RDWR, 4, 100);
    NEED(queue >= 0);
    CHECK_EQUAL(fcntl(queue, F_GETFD), FD_CLOEXEC);
    struct mq_attr attributes;
    CHECK_WORKS(mq_getattr(queue, &attributes));
    CHECK_EQUAL(attributes.mq_maxmsg, 4);
    CHECK_EQUAL(attributes.mq_msgsize, 100);
    CHECK_EQUAL(attributes.mq_curmsgs, 0);
    CHECK_EQUAL(attributes.mq_flags, 0);
    CHECK_FAILS(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST);
    mqd_t other = mq_open(name, O_RDONLY | O_NONBLOCK);
    CHECK(other >= 0);
    CHECK_WORKS(mq_getattr(other, &attributes));
    CHECK_EQUAL(attributes.mq_flags, O_NONBLOCK);
    attributes.mq_flags = 0;
    struct mq_attr old;
    CHECK_WORKS(mq_setattr(other, &attributes, &old));
    CHECK_EQUAL(old.mq_flags, O_NONBLOCK);
    CHECK_WORKS(mq_getattr(other, &attributes));
    CHECK_EQUAL(attributes.mq_flags, 0);
    attributes.mq_flags = O_APPEND;
    CHECK_FAILS(mq_setattr(other, &attributes, NULL), EINVAL);
    CHECK_FAILS(mq_send(other, "x", 1, 0), EBADF);
    CHECK_FAILS(mq_getattr(0, &attributes), EBADF);
    CHECK_WORKS(mq_unlink(name));
    CHECK_FAILS(mq_unlink(name), ENOENT);
    CHECK_FAILS(mq_open(name, O_RDWR), ENOENT);
    // It lives as long as it is open.
    CHECK_WORKS(mq_send(queue, "still", 5, 0));
    char text[100];
    CHECK_EQUAL(mq_receive(other, text, sizeof text, NULL), 5);
    mq_close(queue);
    mq_close(other);

    CHECK_FAILS(make(O_RDWR, 0, 100), EINVAL);
    CHECK_FAILS(make(O_RDWR, 5, 0), EINVAL);
    CHECK_FAILS(make(O_RDWR, 5, -1), EINVAL);
    CHECK_FAILS(make(O_RDWR, 65537, 10), EINVAL);
    CHECK_FAILS(make(O_RDWR, 10, (16 << 20) + 1), EINVAL);
    CHECK_FAILS(syscall(SYS_mq_open, "", O_RDWR, 0, NULL), ENOENT);
    CHECK_FAILS(syscall(SYS_mq_open, "a/b", O_RDWR, 0, NULL), EACCES);
    CHECK_FAILS(syscall(SYS_mq_open, "..", O_RDWR, 0, NULL), EACCES);
    CHECK_FAILS(syscall(SYS_mq_open, NULL, O_RDWR, 0, NULL), EFAULT);
    CHECK_FAILS(syscall(SYS_mq_open, "new", O_RDWR | O_CREAT, 0600, (void *)8), EFAULT);
    char path[300];
    memset(path, 'n', sizeof path);
    path[256] = 0;
    CHECK_FAILS(syscall(SYS_mq_open, path, O_RDWR, 0, NULL), ENAMETOOLONG);
}

static void messages(void) {
    mqd_t queue = make(O_RDWR | O_NONBLOCK, 4, 20);
    NEED(queue >= 0);
    char text[40];
    unsigned priority = 99;
    CHECK_FAILS(mq_receive(queue, text, sizeof text, NULL), EAGAIN);
    CHECK_WORKS(mq_send(queue, "low", 3, 1));
    CHECK_WORKS(mq_send(queue, "high", 4, 7));
    CHECK_WORKS(mq_send(queue, "high too", 8, 7));
    CHECK_WORKS(mq_send(queue, "", 0, 32767));
    CHECK_FAILS(mq_send(queue, "more", 4, 0), EAGAIN);
    CHECK_FAILS(mq_send(queue, "x", 1, 32768), EINVAL);
    CHECK_FAILS(mq_send(queue, text, 21, 0), EMSGSIZE);
    CHECK_FAILS(mq_receive(queue, text, 19, NULL), EMSGSIZE);
    CHECK_EQUAL(mq_receive(queue, text, sizeof text, &priority), 0);
    CHECK_EQUAL(priority, 32767);
    CHECK_EQUAL(mq_receive(queue, text, sizeof text, &priority), 4);
    CHECK_EQUAL(memcmp(text, "high", 4), 0);
    CHECK_EQUAL(mq_receive(queue, text, sizeof text, &priority), 8);
    CHECK_EQUAL(priority, 7);
    struct pollfd ready = { .fd = queue, .events = POLLIN | POLLOUT };
    CHECK_EQUAL(poll(&ready, 1, 0), 1);
    CHECK_EQUAL(ready.revents, POLLIN | POLLOUT);
    memset(text, 0, sizeof text);
    CHECK_EQUAL(read(queue, text, 12), 12);
    CHECK_TEXT(text, "QSIZE:3     ");
    CHECK_EQUAL(mq_receive(queue, text, sizeof text, &priority), 3);
    CHECK_EQUAL(poll(&ready, 1, 0), 1);
    CHECK_EQUAL(ready.revents, POLLOUT);
    CHECK_FAILS(write(queue, "x", 1), EINVAL);
    CHECK_WORKS(mq_unlink(name));
    mq_close(queue);
}

static void timeouts(void) {
    mqd_t queue = make(O_RDWR, 1, 10);
    NEED(queue >= 0);
    char text[10];
    struct timespec past = { 1, 0 }, bad = { 1, 1000000000 };
    CHECK_FAILS(mq_timedreceive(queue, text, sizeof text, NULL, &past), ETIMEDOUT);
    CHECK_FAILS(mq_timedreceive(queue, text, sizeof text, NULL, &bad), EINVAL);
    CHECK_WORKS(mq_timedsend(queue, "a", 1, 0, &past));
    CHECK_FAILS(mq_timedsend(queue, "b", 1, 0, &past), ETIMEDOUT);
    struct timespec soon;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_sec += soon.tv_nsec >= 990000000;
    soon.tv_nsec = (soon.tv_nsec + 10000000) % 1000000000;
    CHECK_FAILS(mq_timedsend(queue, "b", 1, 0, &soon), ETIMEDOUT);
    CHECK_WORKS(mq_unlink(name));
    mq_close(queue);
}

struct waiter {
    mqd_t queue;
    pid_t tid;
    long result;
    int error;
    char text[10];
    pthread_t thread;
};

static void *receive(void *argument) {
    struct waiter *waiter = argument;
    __atomic_store_n(&waiter->tid, gettid(), __ATOMIC_SEQ_CST);
    waiter->result = mq_receive(waiter->queue, waiter->text, sizeof waiter->text, NULL);
    waiter->error = errno;
    return NULL;
}

static void *transmit(void *argument) {
    struct waiter *waiter = argument;
    __atomic_store_n(&waiter->tid, gettid(), __ATOMIC_SEQ_CST);
    waiter->result = mq_send(waiter->queue, "second", 6, 0);
    return NULL;
}

static void launch(struct waiter *waiter, void *(*run)(void *)) {
    waiter->tid = 0;
    pthread_create(&waiter->thread, NULL, run, waiter);
    while (__atomic_load_n(&waiter->tid, __ATOMIC_SEQ_CST) == 0)
        sched_yield();
    UNTIL(thread_state(waiter->tid) == 'S');
}

static void on_signal(int signal) { (void)signal; }

static void waiting(void) {
    mqd_t queue = make(O_RDWR, 1, 10);
    NEED(queue >= 0);
    struct waiter first = { .queue = queue }, second = { .queue = queue };
    launch(&first, receive);
    launch(&second, receive);
    CHECK_WORKS(mq_send(queue, "one", 3, 0));
    pthread_join(first.thread, NULL);
    CHECK_EQUAL(first.result, 3);
    CHECK_WORKS(mq_send(queue, "four", 4, 0));
    pthread_join(second.thread, NULL);
    CHECK_EQUAL(second.result, 4);
    CHECK_WORKS(mq_send(queue, "first", 5, 0));
    launch(&first, transmit);
    CHECK_EQUAL(mq_receive(queue, second.text, sizeof second.text, NULL), 5);
    pthread_join(first.thread, NULL);
    CHECK_EQUAL(first.result, 0);
    CHECK_EQUAL(mq_receive(queue, second.text, sizeof second.text, NULL), 6);
    struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGUSR1, &action, NULL);
    launch(&first, receive);
    pthread_kill(first.thread, SIGUSR1);
    pthread_join(first.thread, NULL);
    CHECK_EQUAL(first.result, -1);
    CHECK_EQUAL(first.error, EINTR);

    // Between processes.
    pid_t child = fork();
    if (child == 0)
        _exit(mq_send(queue, "child", 5, 3) != 0);
    CHECK_EQUAL(mq_receive(queue, second.text, sizeof second.text, NULL), 5);
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    CHECK_WORKS(mq_unlink(name));
    mq_close(queue);
}

static void notification(void) {
    mqd_t queue = make(O_RDWR, 2, 10);
    NEED(queue >= 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2, .sigev_value.sival_int = 42 };
    CHECK_WORKS(mq_notify(queue, &event));
    CHECK_FAILS(mq_notify(queue, &event), EBUSY);
    pid_t child = fork();
    if (child == 0)
        _exit(mq_notify(queue, &event) == -1 && errno == EBUSY && mq_send(queue, "x", 1, 0) == 0 ? 0 : 1);
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    siginfo_t info;
    struct timespec now = { 0, 0 };
    CHECK_EQUAL(sigtimedwait(&set, &info, &now), SIGUSR2);
    CHECK_EQUAL(info.si_code, SI_MESGQ);
    CHECK_EQUAL(info.si_value.sival_int, 42);
    CHECK_EQUAL(info.si_pid, child);
    // Once only, and for an empty queue.
    CHECK_WORKS(mq_notify(queue, &event));
    CHECK_WORKS(mq_send(queue, "y", 1, 0));
    CHECK_FAILS(sigtimedwait(&set, &info, &now), EAGAIN);
    CHECK_WORKS(mq_notify(queue, NULL));
    CHECK_WORKS(mq_notify(queue, NULL));
    event.sigev_notify = SIGEV_NONE;
    CHECK_WORKS(mq_notify(queue, &event));
    CHECK_WORKS(mq_notify(queue, NULL));
    event.sigev_notify = 77;
    CHECK_FAILS(mq_notify(queue, &event), EINVAL);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = 100;
    CHECK_FAILS(mq_notify(queue, &event), EINVAL);
    CHECK_FAILS(mq_notify(0, NULL), EBADF);
    CHECK_WORKS(mq_unlink(name));
    mq_close(queue);
}

static void limits(void) {
    struct rlimit limit = { 3000, 3000 };
    if (geteuid() != 0)
        return;
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_MSGQUEUE, &limit);
        // As another user: nothing of root's counts, and nothing of root's is allowed.
        mqd_t roots = make(O_RDWR, 2, 100);
        if (roots < 0 || setgid(4321) != 0 || setuid(4321) != 0)
            _exit(1);
        if (mq_open(name, O_RDONLY) != -1 || errno != EACCES)
            _exit(2);
        if (mq_unlink(name) != -1 || (errno != EPERM && errno != EACCES))
            _exit(3);
        struct mq_attr attributes = { .mq_maxmsg = 10, .mq_msgsize = 300 };
        if (mq_open("/syscalls-user", O_CREAT | O_RDWR, 0600, &attributes) != -1 || errno != EMFILE)
            _exit(4);
        attributes.mq_msgsize = 100; // 10 * (100 + 48) + 10 * 48
        mqd_t queue = mq_open("/syscalls-user", O_CREAT | O_RDWR, 0600, &attributes);
        if (queue < 0)
            _exit(5);
        if (mq_open("/syscalls-more", O_CREAT | O_RDWR, 0600, &attributes) != -1 || errno != EMFILE)
            _exit(6);
        mq_close(queue);
        if (mq_unlink("/syscalls-user") != 0)
            _exit(7);
        attributes.mq_maxmsg = 11;
        if (mq_open("/syscalls-user", O_CREAT | O_RDWR, 0600, &attributes) != -1 || errno != EINVAL)
            _exit(8);
        _exit(0);
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(WEXITSTATUS(status), 0);
    snprintf(name, sizeof name, "/syscalls-%d", child);
    CHECK_WORKS(mq_unlink(name));
}

MAIN(SECTION(opening), SECTION(messages), SECTION(timeouts), SECTION(waiting), SECTION(notification), SECTION(limits))
