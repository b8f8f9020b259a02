// Processes, started by vfork, posix_spawn and clone(CLONE_VM): what they are given, and what their parent learns of them.
// The program is its own child: with a first argument of two dots it does what the second one says.
#include "check.h"
#include <elf.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <pthread.h>
#include <sys/uio.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;
static const char *own_path;

static int be_child(int argc, char **argv) {
    const char *what = argv[2];
    if (strcmp(what, "exit") == 0)
        return atoi(argv[3]);
    if (strcmp(what, "signal") == 0) {
        raise(atoi(argv[3]));
        return 99;
    }
    if (strcmp(what, "user") == 0)
        return geteuid() == 0 ? 0 : 1;
    if (strcmp(what, "pause") == 0)
        for (;;)
            pause();
    if (strcmp(what, "arguments") == 0) {
        for (int i = 2; i < argc; i++)
            printf("[%s]", argv[i]);
        for (char **variable = environ; *variable; variable++)
            printf("{%s}", *variable);
        return 0;
    }
    if (strcmp(what, "descriptors") == 0) {
        for (int i = 3; i < 64; i++)
            if (fcntl(i, F_GETFD) >= 0)
                printf("%d ", i);
        return 0;
    }
    if (strcmp(what, "signals") == 0) {
        struct sigaction action;
        sigset_t mask, pending;
        sigaction(SIGUSR1, NULL, &action);
        printf("%s ", action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" : "other");
        sigaction(SIGUSR2, NULL, &action);
        printf("%s ", action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" : "other");
        sigprocmask(SIG_BLOCK, NULL, &mask);
        sigpending(&pending);
        printf("%d %d %d", sigismember(&mask, SIGHUP), sigismember(&mask, SIGINT), sigismember(&pending, SIGHUP));
        return 0;
    }
    if (strcmp(what, "ids") == 0) {
        printf("%d %d %d", getppid() == atoi(argv[3]), getpgrp() == getpid(), getsid(0) == getpid());
        return 0;
    }
    if (strcmp(what, "pid") == 0) {
        printf("%d", getpid());
        return 0;
    }
    if (strcmp(what, "name") == 0) {
        char name[16];
        prctl(PR_GET_NAME, name);
        printf("%s", name);
        return 0;
    }
    if (strcmp(what, "limit") == 0) {
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        printf("%ld", (long)limit.rlim_cur);
        return 0;
    }
    if (strcmp(what, "folder") == 0) {
        char folder[4096];
        mode_t mask = umask(0);
        printf("%s %o", getcwd(folder, sizeof folder), mask);
        return 0;
    }
    return 98;
}

static pid_t spawn(const char *what, const char *argument) {
    char *arguments[] = { (char *)own_path, "..", (char *)what, (char *)argument, NULL };
    pid_t child = -1;
    CHECK_WORKS(posix_spawn(&child, own_path, NULL, NULL, arguments, environ));
    return child;
}

// What the child prints.
static const char *output_of(char *const *arguments, char *const *environment, posix_spawnattr_t *attributes) {
    static char text[65536];
    int ends[2];
    pid_t child;
    text[0] = 0;
    if (!CHECK_WORKS(pipe2(ends, O_CLOEXEC)))
        return text;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    int error = posix_spawn(&child, arguments[0], &actions, attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    size_t length = 0;
    if (CHECK_EQUAL(error, 0)) {
        ssize_t part;
        while ((part = read(ends[0], text + length, sizeof text - 1 - length)) > 0)
            length += (size_t)part;
        int status;
        CHECK_EQUAL(waitpid(child, &status, 0), child);
    }
    text[length] = 0;
    close(ends[0]);
    return text;
}

static const char *output_of_child(const char *what, const char *argument) {
    char *arguments[] = { (char *)own_path, "..", (char *)what, (char *)argument, NULL };
    return output_of(arguments, environ, NULL);
}

static void exit_statuses(void) {
    int status;
    pid_t child = spawn("exit", "0");
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    child = spawn("exit", "300");
    struct rusage usage;
    CHECK_EQUAL(wait4(-1, &status, 0, &usage), child);
    CHECK_EQUAL(status, (300 & 255) << 8);
    CHECK(usage.ru_maxrss >= 0 && usage.ru_utime.tv_sec >= 0);
    int signals[] = { SIGTERM, SIGKILL, SIGHUP, SIGUSR1, SIGPIPE, SIGALRM, SIGRTMIN + 2 };
    char number[8];
    for (int i = 0; i < 7; i++) {
        snprintf(number, sizeof number, "%d", signals[i]);
        child = spawn("signal", number);
        CHECK_EQUAL(waitpid(child, &status, 0), child);
        CHECK(WIFSIGNALED(status));
        CHECK_EQUAL(WTERMSIG(status), signals[i]);
    }
    int ignored[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };
    for (int i = 0; i < 4; i++) {
        snprintf(number, sizeof number, "%d", ignored[i]);
        child = spawn("signal", number);
        CHECK_EQUAL(waitpid(child, &status, 0), child);
        CHECK_EQUAL(status, 99 << 8);
    }
    CHECK_FAILS(waitpid(-1, &status, 0), ECHILD);
    CHECK_FAILS(waitpid(getpid(), &status, 0), ECHILD);
    CHECK_FAILS(wait4(-1, &status, 0x7000, NULL), EINVAL);
}

static void kill_child(void) {
    int status;
    pid_t child = spawn("pause", NULL);
    CHECK_EQUAL(waitpid(child, &status, WNOHANG), 0);
    CHECK_WORKS(kill(child, 0));
    CHECK_WORKS(kill(child, SIGTERM));
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(WTERMSIG(status), SIGTERM);
    CHECK_FAILS(kill(child, 0), ESRCH);
}

static void wait_by_id(void) {
    siginfo_t info;
    memset(&info, 0x55, sizeof info);
    pid_t child = spawn("exit", "7");
    CHECK_WORKS(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    CHECK_EQUAL(info.si_signo, SIGCHLD);
    CHECK_EQUAL(info.si_code, CLD_EXITED);
    CHECK_EQUAL(info.si_status, 7);
    CHECK_EQUAL(info.si_pid, child);
    CHECK_EQUAL(info.si_uid, getuid());
    // A zombie is there until it was waited for.
    CHECK_WORKS(kill(child, 0));
    CHECK_WORKS(waitid(P_ALL, 0, &info, WEXITED));
    CHECK_EQUAL(info.si_pid, child);
    CHECK_FAILS(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    CHECK_FAILS(waitid(P_ALL, 0, &info, 0), EINVAL);
    CHECK_FAILS(waitid(77, 0, &info, WEXITED), EINVAL);
    child = spawn("pause", NULL);
    info.si_pid = 5;
    CHECK_WORKS(waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG));
    CHECK_EQUAL(info.si_pid, 0);
    // Stopped, continued, killed.
    kill(child, SIGSTOP);
    CHECK_WORKS(waitid(P_PID, (id_t)child, &info, WSTOPPED));
    CHECK_EQUAL(info.si_code, CLD_STOPPED);
    CHECK_EQUAL(info.si_status, SIGSTOP);
    kill(child, SIGCONT);
    CHECK_WORKS(waitid(P_PID, (id_t)child, &info, WCONTINUED));
    CHECK_EQUAL(info.si_code, CLD_CONTINUED);
    CHECK_EQUAL(info.si_status, SIGCONT);
    kill(child, SIGKILL);
    CHECK_WORKS(waitid(P_PGID, (id_t)getpgrp(), &info, WEXITED));
    CHECK_EQUAL(info.si_code, CLD_KILLED);
    CHECK_EQUAL(info.si_status, SIGKILL);
    child = spawn("pause", NULL);
    int status;
    kill(child, SIGSTOP);
    CHECK_EQUAL(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    kill(child, SIGCONT);
    CHECK_EQUAL(waitpid(child, &status, WCONTINUED), child);
    CHECK(WIFCONTINUED(status));
    kill(child, SIGKILL);
    CHECK_EQUAL(waitpid(child, &status, 0), child);
}

static void signal_of_child(void) {
    sigset_t wanted, old;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigprocmask(SIG_BLOCK, &wanted, &old);
    // From exec on the mask would be the child's too; it doesn't matter to it.
    pid_t child = spawn("exit", "3");
    siginfo_t info;
    CHECK_EQUAL(sigwaitinfo(&wanted, &info), SIGCHLD);
    CHECK_EQUAL(info.si_pid, child);
    CHECK_EQUAL(info.si_code, CLD_EXITED);
    CHECK_EQUAL(info.si_status, 3);
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
    // Children of one who ignores SIGCHLD leave no zombies.
    struct sigaction ignore = { .sa_handler = SIG_IGN }, standard = { .sa_handler = SIG_DFL };
    sigaction(SIGCHLD, &ignore, NULL);
    spawn("exit", "4");
    CHECK_FAILS(waitpid(-1, NULL, 0), ECHILD);
    sigaction(SIGCHLD, &standard, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void vfork_shares_and_waits(void) {
    volatile int shared = 0;
    pid_t parent = getpid();
    pid_t child = vfork();
    if (child == 0) {
        shared = getppid() == parent ? 5 : 6;
        _exit(9);
    }
    // The parent goes on only when the child has ended.
    CHECK_EQUAL(shared, 5);
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 9 << 8);
    // Descriptors, the working directory and signal handlers are copies.
    int file = open("/dev/null", O_RDONLY);
    child = vfork();
    if (child == 0) {
        close(file);
        if (chdir("/dev") != 0)
            _exit(1);
        _exit(0);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(fcntl(file, F_GETFD) >= 0);
    char folder[256];
    CHECK(getcwd(folder, sizeof folder) != NULL && strcmp(folder, "/dev") != 0);
    close(file);
    child = vfork();
    if (child == 0) {
        execl(own_path, own_path, "..", "exit", "11", NULL);
        _exit(127);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 11 << 8);
    child = vfork();
    if (child == 0) {
        execl("/does/not/exist", "x", NULL);
        _exit(errno == ENOENT ? 55 : 56);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 55 << 8);
}

static volatile int clone_value;

static int run_clone(void *argument) {
    clone_value = (int)(long)argument;
    return 12;
}

static void clone_flags(void) {
    static char stack[65536] __attribute__((aligned(16)));
    int status;
    pid_t id_here = 0, id_there = 0;
    clone_value = 0;
    pid_t child = clone(run_clone, stack + sizeof stack, CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD,
        (void *)42, &id_here, NULL, &id_there);
    CHECK(child > 0);
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 12 << 8);
    CHECK_EQUAL(clone_value, 42);
    CHECK_EQUAL(id_here, child);
    // Without a signal at its end only __WALL and __WCLONE wait for it.
    child = clone(run_clone, stack + sizeof stack, CLONE_VM | CLONE_VFORK, (void *)43);
    CHECK(child > 0);
    CHECK_FAILS(waitpid(child, &status, 0), ECHILD);
    CHECK_EQUAL(waitpid(child, &status, __WALL), child);
    CHECK_EQUAL(clone_value, 43);
    CHECK_FAILS(syscall(SYS_clone, CLONE_THREAD, NULL, NULL, NULL, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_clone, CLONE_SIGHAND, NULL, NULL, NULL, NULL), EINVAL);
    struct clone_args arguments = { .flags = 1UL << 40 | CLONE_VM };
    CHECK_FAILS(syscall(SYS_clone3, &arguments, sizeof arguments), EINVAL);
    CHECK_FAILS(syscall(SYS_clone3, &arguments, 8), EINVAL);
    arguments = (struct clone_args){ .exit_signal = SIGCHLD, .set_tid = 8 };
    CHECK_FAILS(syscall(SYS_clone3, &arguments, sizeof arguments), EINVAL);
    arguments = (struct clone_args){ .exit_signal = SIGCHLD, .set_tid_size = 2 };
    CHECK_FAILS(syscall(SYS_clone3, &arguments, sizeof arguments), EINVAL);
    // Ids that can't be stored aren't.
    arguments = (struct clone_args){ .flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, .exit_signal = SIGCHLD, .parent_tid = 8, .child_tid = 8 };
    child = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0)
        _exit(3);
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 3 << 8);
}

static void descriptor_of_process(void) {
    pid_t child = spawn("pause", NULL);
    int file = (int)syscall(SYS_pidfd_open, child, 0);
    NEED(file >= 0);
    struct pollfd poll_file = { file, POLLIN, 0 };
    CHECK_EQUAL(poll(&poll_file, 1, 0), 0);
    CHECK_WORKS(syscall(SYS_pidfd_send_signal, file, SIGTERM, NULL, 0));
    CHECK_EQUAL(poll(&poll_file, 1, 5000), 1);
    siginfo_t info;
    CHECK_WORKS(waitid(3, (id_t)file, &info, WEXITED));
    CHECK_EQUAL(info.si_status, SIGTERM);
    close(file);
    CHECK_FAILS(syscall(SYS_pidfd_open, 0x3FFFFFFF, 0), ESRCH);
    CHECK_FAILS(syscall(SYS_pidfd_open, getpid(), 1), EINVAL);
    CHECK_FAILS(syscall(SYS_pidfd_open, 0, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, 1, 0, NULL, 0), EBADF);
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, 999, 0, NULL, 0), EBADF);
    CHECK_FAILS(waitid(3, 999, &info, WEXITED), EBADF);
}

static void descriptor_that_waits(void) {
    pid_t child = spawn("pause", NULL);
    int file = (int)syscall(SYS_pidfd_open, child, O_NONBLOCK);
    NEED(file >= 0);
    CHECK_EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
    siginfo_t info;
    CHECK_FAILS(waitid(3, (id_t)file, &info, WEXITED), EAGAIN);
    // Signals with details, but none that look like the kernel's.
    siginfo_t sent = { .si_signo = SIGTERM, .si_code = SI_QUEUE };
    sent.si_pid = getpid();
    sent.si_uid = getuid();
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, file, SIGUSR1, &sent, 0), EINVAL);
    sent.si_code = SI_USER;
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, file, SIGTERM, &sent, 0), EPERM);
    sent.si_code = SI_QUEUE;
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, file, SIGTERM, &sent, 0x80), EINVAL);
    CHECK_WORKS(syscall(SYS_pidfd_send_signal, file, 0, NULL, 0));
    CHECK_WORKS(syscall(SYS_pidfd_send_signal, file, SIGTERM, &sent, 0));
    struct pollfd poll_file = { file, POLLIN, 0 };
    CHECK_EQUAL(poll(&poll_file, 1, 5000), 1);
    CHECK_EQUAL(poll_file.revents, POLLIN);
    CHECK_WORKS(waitid(3, (id_t)file, &info, WEXITED));
    CHECK_EQUAL(info.si_pid, child);
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, file, SIGTERM, NULL, 0), ESRCH);
    CHECK_FAILS(waitid(3, (id_t)file, &info, WEXITED), ECHILD);
    char byte;
    CHECK_FAILS(read(file, &byte, 1), EINVAL);
    close(file);
}

static void descriptors_of_others(void) {
    pid_t child = spawn("pause", NULL);
    int file = (int)syscall(SYS_pidfd_open, child, 0);
    int taken = (int)syscall(SYS_pidfd_getfd, file, 1, 0);
    CHECK(taken >= 0);
    struct stat own, others;
    CHECK_WORKS(fstat(1, &own));
    CHECK_WORKS(fstat(taken, &others));
    CHECK(own.st_ino == others.st_ino && own.st_dev == others.st_dev);
    CHECK_EQUAL(syscall(SYS_kcmp, getpid(), child, 0, taken, 1), 0);
    CHECK(syscall(SYS_kcmp, getpid(), child, 0, file, 1) > 0);
    CHECK(syscall(SYS_kcmp, getpid(), child, 1, 0, 0) > 0);
    CHECK_EQUAL(syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0), 0);
    CHECK_FAILS(syscall(SYS_kcmp, getpid(), child, 0, 999, 1), EBADF);
    CHECK_FAILS(syscall(SYS_kcmp, getpid(), child, 99, 0, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_kcmp, getpid(), 0x3FFFFFFF, 0, 0, 0), ESRCH);
    CHECK_FAILS(syscall(SYS_pidfd_getfd, file, 999, 0), EBADF);
    CHECK_FAILS(syscall(SYS_pidfd_getfd, file, 1, 1), EINVAL);
    CHECK_FAILS(syscall(SYS_pidfd_getfd, 1, 1, 0), EBADF);
    close(taken);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    CHECK_FAILS(syscall(SYS_pidfd_getfd, file, 1, 0), ESRCH);
    close(file);
}

// The address is the same in both: they run the same program, unless its addresses are random.
static char shared_text[] = "what others may read";

static void memory_of_others(void) {
    char target[32] = "";
    struct iovec local[2] = { { target, 5 }, { target + 5, 100 } }, remote[2] = { { shared_text, 5 }, { shared_text + 5, sizeof shared_text - 5 } };
    CHECK_EQUAL(syscall(SYS_process_vm_readv, getpid(), local, 2, remote, 2, 0), sizeof shared_text);
    CHECK_TEXT(target, shared_text);
    remote[1].iov_base = (void *)8;
    CHECK_EQUAL(syscall(SYS_process_vm_readv, getpid(), local, 2, remote, 2, 0), 5);
    remote[0].iov_base = (void *)8;
    CHECK_FAILS(syscall(SYS_process_vm_readv, getpid(), local, 2, remote, 2, 0), EFAULT);
    CHECK_FAILS(syscall(SYS_process_vm_readv, getpid(), local, 2, remote, 2, 1), EINVAL);
    CHECK_FAILS(syscall(SYS_process_vm_readv, 0x3FFFFFFF, local, 2, remote, 2, 0), ESRCH);
    CHECK_EQUAL(syscall(SYS_process_vm_readv, getpid(), local, 0, remote, 2, 0), 0);
    remote[0] = (struct iovec) { target, 3 };
    strcpy(shared_text, "WHAt");
    local[0] = (struct iovec) { shared_text, 3 };
    CHECK_EQUAL(syscall(SYS_process_vm_writev, getpid(), local, 1, remote, 1, 0), 3);
    CHECK(memcmp(target, "WHAt o", 4) == 0);
    // Another process: where its stack is, /proc tells.
    pid_t child = spawn("pause", NULL);
    char path[64], line[256];
    unsigned long start = 0, end = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", child);
    FILE *maps = fopen(path, "re");
    while (maps && fgets(line, sizeof line, maps)) {
        if (strstr(line, "[stack]"))
            sscanf(line, "%lx-%lx", &start, &end);
    }
    fclose(maps);
    NEED(end > start);
    static char stack[4096];
    local[0] = (struct iovec) { stack, sizeof stack };
    remote[0] = (struct iovec) { (void *)(end - 4096), 4096 };
    CHECK_EQUAL(syscall(SYS_process_vm_readv, child, local, 1, remote, 1, 0), 4096);
    // Its name is at the end of its stack (execve(2), AT_EXECFN).
    CHECK(memmem(stack, sizeof stack, own_path, strlen(own_path) + 1) != NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static int nothing_to_do(void *unused) {
    (void)unused;
    return 7;
}

static void descriptor_by_clone(void) {
    static char stack[65536];
    int file = -1;
    pid_t child = clone(nothing_to_do, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, NULL, &file);
    NEED(child > 0);
    siginfo_t info;
    CHECK_WORKS(waitid(3, (id_t)file, &info, WEXITED));
    CHECK_EQUAL(info.si_pid, child);
    CHECK_EQUAL(info.si_status, 7);
    CHECK_EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
    close(file);
    CHECK_FAILS(clone(nothing_to_do, stack + sizeof stack, CLONE_VM | CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, NULL, &file), EINVAL);
}

// kill takes the id of any thread, and reaches its process.
static volatile pid_t second_thread;
static volatile int reached;

static void on_reached(int signal) {
    (void)signal;
    reached = 1;
}

static void *be_second(void *unused) {
    second_thread = gettid();
    while (!reached)
        usleep(1000);
    return unused;
}

static void kill_by_thread(void) {
    signal(SIGUSR1, on_reached);
    pthread_t thread;
    CHECK_WORKS(pthread_create(&thread, NULL, be_second, NULL));
    UNTIL(second_thread != 0);
    CHECK_WORKS(kill(second_thread, SIGUSR1));
    UNTIL(reached);
    pthread_join(thread, NULL);
    signal(SIGUSR1, SIG_DFL);
}

static void *wait_for_nobody(void *unused) {
    // Not this thread's children.
    CHECK_FAILS(wait4(-1, NULL, __WNOTHREAD, NULL), ECHILD);
    return unused;
}

static void children_of_threads(void) {
    pid_t child = spawn("exit", "3");
    pthread_t thread;
    CHECK_WORKS(pthread_create(&thread, NULL, wait_for_nobody, NULL));
    pthread_join(thread, NULL);
    int status;
    CHECK_EQUAL(wait4(-1, &status, __WNOTHREAD, NULL), child);
    CHECK_EQUAL(status, 3 << 8);
}

static void arguments_and_environment(void) {
    char *arguments[] = { (char *)own_path, "..", "arguments", "", "two words", "\xff\x01", NULL };
    char *environment[] = { "A=1", "EMPTY=", "no equals sign", NULL };
    CHECK_TEXT(output_of(arguments, environment, NULL), "[arguments][][two words][\xff\x01]{A=1}{EMPTY=}{no equals sign}");
    char *nothing[] = { NULL };
    char *few[] = { (char *)own_path, "..", "arguments", NULL };
    CHECK_TEXT(output_of(few, nothing, NULL), "[arguments]");
    // Many and long ones.
    enum { COUNT = 2000 };
    static char *many[COUNT + 1], long_one[100001];
    many[0] = (char *)own_path;
    many[1] = "..";
    many[2] = "arguments";
    for (int i = 3; i < COUNT; i++)
        many[i] = "x";
    CHECK_EQUAL(strlen(output_of(many, nothing, NULL)), 11 + 3 * (COUNT - 3));
    memset(long_one, 'y', 60000);
    char *one[] = { (char *)own_path, "..", "arguments", long_one, NULL };
    CHECK_EQUAL(strlen(output_of(one, nothing, NULL)), 60013);
    static char too_long[140000];
    memset(too_long, 'z', sizeof too_long - 1);
    char *wrong[] = { (char *)own_path, too_long, NULL };
    pid_t child;
    CHECK_EQUAL(posix_spawn(&child, own_path, NULL, NULL, wrong, nothing), E2BIG);
}

static void auxiliary_vector(void) {
    CHECK_EQUAL(getauxval(AT_PAGESZ), 4096);
    CHECK_EQUAL(getauxval(AT_UID), getuid());
    CHECK_EQUAL(getauxval(AT_EUID), geteuid());
    CHECK_EQUAL(getauxval(AT_GID), getgid());
    CHECK_EQUAL(getauxval(AT_EGID), getegid());
    CHECK_EQUAL(getauxval(AT_SECURE), 0);
    CHECK_EQUAL(getauxval(AT_CLKTCK), sysconf(_SC_CLK_TCK));
    CHECK(getauxval(AT_RANDOM) != 0);
    CHECK(getauxval(AT_PHDR) != 0);
    CHECK(getauxval(AT_PHNUM) > 2);
    CHECK_EQUAL(getauxval(AT_PHENT), 56);
    CHECK(getauxval(AT_ENTRY) != 0);
    CHECK(getauxval(AT_BASE) != 0);
    CHECK(getauxval(AT_HWCAP) != 0);
    CHECK_TEXT((const char *)getauxval(AT_PLATFORM), "x86_64");
    CHECK_TEXT((const char *)getauxval(AT_EXECFN), own_path);
    CHECK(getauxval(AT_SYSINFO_EHDR) != 0);
}

static void write_file(const char *path, const char *text, mode_t mode) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(file >= 0);
    CHECK_EQUAL(write(file, text, strlen(text)), strlen(text));
    CHECK_WORKS(fchmod(file, mode));
    close(file);
}

static int spawn_error(const char *path) {
    char *arguments[] = { (char *)path, NULL };
    pid_t child;
    int error = posix_spawn(&child, path, NULL, NULL, arguments, environ);
    if (error == 0)
        waitpid(child, NULL, 0);
    return error;
}

static void scripts_and_bad_programs(void) {
    const char *scratch = enter_scratch();
    char path[128], text[512], expected[512];
    snprintf(path, sizeof path, "%s/script", scratch);
    snprintf(text, sizeof text, "#! %s .. arguments  \nrest", own_path);
    write_file(path, text, 0755);
    char *arguments[] = { path, "one", NULL }, *nothing[] = { NULL };
    // Everything after the interpreter's name is one argument.
    struct stat status;
    CHECK_WORKS(stat(path, &status));
    snprintf(text, sizeof text, "#!/bin/echo  one two \n");
    write_file(path, text, 0755);
    snprintf(expected, sizeof expected, "one two %s one\n", path);
    CHECK_TEXT(output_of(arguments, nothing, NULL), expected);
    // A script whose interpreter is a script.
    char second[128];
    snprintf(second, sizeof second, "%s/second", scratch);
    snprintf(text, sizeof text, "#!%s x\n", path);
    write_file(second, text, 0755);
    arguments[0] = second;
    snprintf(expected, sizeof expected, "one two %s x %s one\n", path, second);
    CHECK_TEXT(output_of(arguments, nothing, NULL), expected);
    snprintf(text, sizeof text, "#!%s\n", path);
    write_file(path, text, 0755);
    CHECK_EQUAL(spawn_error(path), ELOOP);
    write_file(path, "#!/does/not/exist\n", 0755);
    CHECK_EQUAL(spawn_error(path), ENOENT);
    write_file(path, "no program\n", 0755);
    CHECK_EQUAL(spawn_error(path), ENOEXEC);
    write_file(path, "", 0755);
    CHECK_EQUAL(spawn_error(path), ENOEXEC);
    write_file(path, "\177ELF", 0755);
    CHECK_EQUAL(spawn_error(path), ENOEXEC);
    write_file(path, "#!/bin/true\n", 0644);
    CHECK_EQUAL(spawn_error(path), EACCES);
    CHECK_EQUAL(spawn_error(scratch), EACCES);
    CHECK_EQUAL(spawn_error("/does/not/exist"), ENOENT);
    CHECK_EQUAL(spawn_error("/dev/null"), EACCES);
    unlink(path);
    unlink(second);
    leave_scratch(scratch);
}

// A segment without a file part is memory that can be written, whatever its rights and its position in the file say.
static void segment_without_file_part(void) {
    static const unsigned char code[] = {
        0x8b, 0x04, 0x25, 0x00, 0x10, 0x04, 0x00,                         // mov eax, [0x41000]
        0xc7, 0x04, 0x25, 0x00, 0x10, 0x04, 0x00, 0x07, 0x00, 0x00, 0x00, // mov dword [0x41000], 7
        0x8b, 0x3c, 0x25, 0x00, 0x10, 0x04, 0x00,                         // mov edi, [0x41000]
        0x01, 0xc7,                                                       // add edi, eax
        0xb8, 0x3c, 0x00, 0x00, 0x00, 0x0f, 0x05,                         // exit(edi)
    };
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segments[2];
        unsigned char code[sizeof code];
    } program = {
        .header = { .e_ident = ELFMAG, .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT, .e_phoff = sizeof(Elf64_Ehdr),
            .e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2 },
        .segments = {
            { .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x40000, .p_filesz = sizeof program, .p_memsz = sizeof program },
            { .p_type = PT_LOAD, .p_flags = PF_R, .p_offset = 123, .p_vaddr = 0x41000, .p_memsz = 4096 },
        },
    };
    program.header.e_ident[EI_CLASS] = ELFCLASS64;
    program.header.e_ident[EI_DATA] = ELFDATA2LSB;
    program.header.e_ident[EI_VERSION] = EV_CURRENT;
    program.header.e_entry = 0x40000 + ((char *)program.code - (char *)&program);
    memcpy(program.code, code, sizeof code);
    char path[] = "/tmp/program-XXXXXX";
    int file = mkstemp(path);
    CHECK_EQUAL(write(file, &program, sizeof program), sizeof program);
    fchmod(file, 0755);
    close(file);
    pid_t child;
    char *const arguments[] = { path, NULL };
    int status = 0;
    CHECK_WORKS(posix_spawn(&child, path, NULL, NULL, arguments, environ));
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 7 << 8);
    unlink(path);
}

static int execute_marked(void *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC | (*(char *)path == '.' ? O_DIRECTORY : 0));
    char *arguments[] = { "script", NULL }, *none[] = { NULL };
    if (*(char *)path == '.')
        syscall(SYS_execveat, file, "script", arguments, none, 0);
    else
        syscall(SYS_execveat, file, "", arguments, none, AT_EMPTY_PATH);
    _exit(errno);
}

static const char *execute_path;

static int be_program(void *unused) {
    (void)unused;
    char *arguments[] = { (char *)execute_path, "..", "user", NULL }, *none[] = { NULL };
    execve(execute_path, arguments, none);
    _exit(99);
}

// A script whose descriptor execve closes can't be opened by its interpreter.
static void scripts_by_descriptor(void) {
    char folder[] = "/tmp/scripts-XXXXXX", path[64];
    if (!CHECK(mkdtemp(folder) != NULL) || chdir(folder) != 0)
        return;
    snprintf(path, sizeof path, "%s/script", folder);
    write_file(path, "#!/bin/sh\nexit 5\n", 0755);
    for (int i = 0; i < 2; i++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            execute_marked(i == 0 ? path : ".");
        CHECK_EQUAL(waitpid(child, &status, 0), child);
        CHECK_EQUAL(status, ENOENT << 8);
    }
    unlink(path);
    chdir("/");
    rmdir(folder);
}

// Who shares its working directory with another process, which could change it, gains nothing by a set-user-ID bit.
static void gains_of_steered_programs(void) {
    if (geteuid() != 0)
        return;
    char folder[] = "/tmp/gains-XXXXXX", path[64];
    if (!CHECK(mkdtemp(folder) != NULL))
        return;
    chmod(folder, 0755);
    snprintf(path, sizeof path, "%s/program", folder);
    char command[8192];
    snprintf(command, sizeof command, "cp /proc/%d/exe %s && chmod 04755 %s", getpid(), path, path);
    CHECK_WORKS(system(command));
    for (int shares = 0; shares < 2; shares++) {
        int status;
        pid_t outer = fork();
        if (outer == 0) {
            if (syscall(SYS_setresuid, 1234, 1234, 1234) != 0)
                _exit(90);
            static char stack[65536];
            execute_path = path;
            pid_t inner = clone(be_program, stack + sizeof stack, (shares ? CLONE_FS : 0) | SIGCHLD, NULL);
            _exit(waitpid(inner, &status, 0) == inner && WIFEXITED(status) ? WEXITSTATUS(status) : 91);
        }
        CHECK_EQUAL(waitpid(outer, &status, 0), outer);
        CHECK_EQUAL(status, (shares ? 1 : 0) << 8);
    }
    unlink(path);
    rmdir(folder);
}

static void close_on_exec(void) {
    // Whoever started this program may have left descriptors open.
    CHECK_WORKS(close_range(3, ~0U, 0));
    int kept = open("/dev/null", O_RDONLY), closed = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int moved = fcntl(kept, F_DUPFD, 40), moved_closed = fcntl(kept, F_DUPFD_CLOEXEC, 42);
    char expected[64];
    snprintf(expected, sizeof expected, "%d %d ", kept, moved);
    CHECK_TEXT(output_of_child("descriptors", NULL), expected);
    fcntl(kept, F_SETFD, FD_CLOEXEC);
    snprintf(expected, sizeof expected, "%d ", moved);
    CHECK_TEXT(output_of_child("descriptors", NULL), expected);
    close(kept);
    close(closed);
    close(moved);
    close(moved_closed);
}

static void do_nothing(int signal) {
    (void)signal;
}

static void signals_over_exec(void) {
    struct sigaction ignore = { .sa_handler = SIG_IGN }, standard = { .sa_handler = SIG_DFL };
    sigaction(SIGUSR1, &ignore, NULL);
    // A handler would be gone with the program: it becomes the default.
    struct sigaction handler = { .sa_handler = do_nothing };
    sigaction(SIGUSR2, &handler, NULL);
    sigset_t mask, old;
    sigemptyset(&mask);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, &old);
    CHECK_TEXT(output_of_child("signals", NULL), "ignored default 1 0 0");
    sigprocmask(SIG_SETMASK, &old, NULL);
    sigaction(SIGUSR1, &standard, NULL);
    sigaction(SIGUSR2, &standard, NULL);
}

static void groups_and_sessions(void) {
    char parent[16];
    snprintf(parent, sizeof parent, "%d", getpid());
    CHECK_TEXT(output_of_child("ids", parent), "1 0 0");
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    char *arguments[] = { (char *)own_path, "..", "ids", parent, NULL };
    CHECK_TEXT(output_of(arguments, environ, &attributes), "1 1 0");
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    CHECK_TEXT(output_of(arguments, environ, &attributes), "1 1 1");
    posix_spawnattr_destroy(&attributes);
    pid_t child = spawn("pause", NULL), other = spawn("pause", NULL);
    CHECK_EQUAL(getpgid(child), getpgrp());
    // Whether posix_spawn returns before the child counts as a new program, Linux leaves open.
    UNTIL(setpgid(child, 0) == -1);
    CHECK_FAILS(setpgid(child, 0), EACCES);
    CHECK_FAILS(getpgid(0x3FFFFFFF), ESRCH);
    CHECK_FAILS(setpgid(getpid(), -1), EINVAL);
    kill(child, SIGKILL);
    kill(other, SIGKILL);
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
    CHECK_EQUAL(waitpid(other, NULL, 0), other);
    // A group of their own, killed together.
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    char *pausing[] = { (char *)own_path, "..", "pause", NULL };
    CHECK_WORKS(posix_spawn(&child, own_path, NULL, &attributes, pausing, environ));
    posix_spawnattr_setpgroup(&attributes, child);
    CHECK_WORKS(posix_spawn(&other, own_path, NULL, &attributes, pausing, environ));
    CHECK_EQUAL(getpgid(other), child);
    CHECK_WORKS(killpg(child, SIGTERM));
    int status;
    for (int i = 0; i < 2; i++) {
        CHECK(waitpid(-child, &status, 0) > 0);
        CHECK_EQUAL(WTERMSIG(status), SIGTERM);
    }
    CHECK_FAILS(killpg(child, 0), ESRCH);
    posix_spawnattr_destroy(&attributes);
}

static void names(void) {
    char name[16], longer[] = "a name that is much too long";
    CHECK_WORKS(prctl(PR_SET_NAME, longer));
    CHECK_WORKS(prctl(PR_GET_NAME, name));
    CHECK_TEXT(name, "a name that is ");
    const char *file = strrchr(own_path, '/') + 1;
    char expected[16];
    snprintf(expected, sizeof expected, "%.15s", file);
    CHECK_TEXT(output_of_child("name", NULL), expected);
    prctl(PR_SET_NAME, expected);
}

static void control_of_process(void) {
    CHECK_EQUAL(prctl(PR_GET_DUMPABLE), 1);
    CHECK_WORKS(prctl(PR_SET_DUMPABLE, 0));
    CHECK_EQUAL(prctl(PR_GET_DUMPABLE), 0);
    CHECK_WORKS(prctl(PR_SET_DUMPABLE, 1));
    int signal = 7;
    CHECK_WORKS(prctl(PR_GET_PDEATHSIG, &signal));
    CHECK_EQUAL(signal, 0);
    CHECK_WORKS(prctl(PR_SET_PDEATHSIG, SIGTERM));
    CHECK_WORKS(prctl(PR_GET_PDEATHSIG, &signal));
    CHECK_EQUAL(signal, SIGTERM);
    CHECK_WORKS(prctl(PR_SET_PDEATHSIG, 0));
    CHECK_FAILS(prctl(PR_SET_PDEATHSIG, 99), EINVAL);
    CHECK_EQUAL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
    CHECK_WORKS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK_EQUAL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    CHECK_FAILS(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(99999, 0, 0, 0, 0), EINVAL);
}

static void limits(void) {
    struct rlimit limit, old;
    CHECK_WORKS(getrlimit(RLIMIT_NOFILE, &old));
    limit = old;
    limit.rlim_cur = 50;
    CHECK_WORKS(setrlimit(RLIMIT_NOFILE, &limit));
    CHECK_FAILS(fcntl(0, F_DUPFD, 50), EINVAL);
    CHECK_FAILS(dup2(0, 50), EBADF);
    CHECK_EQUAL(dup2(0, 49), 49);
    close(49);
    CHECK_TEXT(output_of_child("limit", NULL), "50");
    CHECK_WORKS(setrlimit(RLIMIT_NOFILE, &old));
    limit.rlim_cur = old.rlim_max + 1;
    CHECK_FAILS(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
    CHECK_FAILS(getrlimit(99, &limit), EINVAL);
    CHECK_WORKS(prlimit(0, RLIMIT_STACK, NULL, &limit));
    CHECK(limit.rlim_cur >= 65536);
    CHECK_FAILS(prlimit(0x3FFFFFFF, RLIMIT_STACK, NULL, &limit), ESRCH);
    CHECK_WORKS(getrlimit(RLIMIT_CORE, &limit));
    struct rusage usage;
    CHECK_WORKS(getrusage(RUSAGE_SELF, &usage));
    CHECK_WORKS(getrusage(RUSAGE_CHILDREN, &usage));
    CHECK_FAILS(getrusage(77, &usage), EINVAL);
    // Whoever runs the tests may have been nice already.
    int priority = getpriority(PRIO_PROCESS, 0);
    CHECK(priority >= -20 && priority <= 19);
    CHECK_WORKS(setpriority(PRIO_PROCESS, 0, 19));
    CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 19);
}

static void execute_by_descriptor(void) {
    int file = open(own_path, O_RDONLY | O_CLOEXEC), status;
    NEED(file >= 0);
    char *arguments[] = { "name", "..", "exit", "21", NULL };
    pid_t child = vfork();
    if (child == 0) {
        syscall(SYS_execveat, file, "", arguments, environ, AT_EMPTY_PATH);
        _exit(127);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 21 << 8);
    close(file);
    int folder = open("/bin", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char *plain[] = { "true", NULL };
    child = vfork();
    if (child == 0) {
        syscall(SYS_execveat, folder, "true", plain, environ, 0);
        _exit(127);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    close(folder);
    // A program that exists in memory only.
    int memory = memfd_create("program", MFD_CLOEXEC), source = open(own_path, O_RDONLY | O_CLOEXEC);
    char buffer[65536];
    ssize_t part;
    while ((part = read(source, buffer, sizeof buffer)) > 0)
        CHECK_EQUAL(write(memory, buffer, (size_t)part), part);
    close(source);
    child = vfork();
    if (child == 0) {
        fexecve(memory, arguments, environ);
        _exit(127);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 21 << 8);
    close(memory);
}

static void folder_and_mask(void) {
    const char *scratch = enter_scratch();
    mode_t old = umask(0137);
    char expected[128];
    snprintf(expected, sizeof expected, "%s 137", scratch);
    CHECK_TEXT(output_of_child("folder", NULL), expected);
    umask(old);
    leave_scratch(scratch);
}

static void many_children(void) {
    enum { COUNT = 40 };
    pid_t children[COUNT];
    for (int i = 0; i < COUNT; i++) {
        char number[8];
        snprintf(number, sizeof number, "%d", i);
        children[i] = spawn("exit", number);
    }
    for (int i = 0; i < COUNT; i++) {
        int status;
        CHECK_EQUAL(waitpid(children[i], &status, 0), children[i]);
        CHECK_EQUAL(status, i << 8);
    }
}

// An open directory of /proc serves as a descriptor of its process, for signals (pidfd_send_signal(2)).
static void directory_as_descriptor(void) {
    pid_t child = spawn("pause", NULL);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", child);
    int directory = open(path, O_DIRECTORY | O_CLOEXEC), bare = open(path, O_PATH | O_CLOEXEC), other = open("/proc", O_DIRECTORY | O_CLOEXEC);
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, bare, 0, NULL, 0), EBADF);
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, other, 0, NULL, 0), EBADF);
    CHECK_WORKS(syscall(SYS_pidfd_send_signal, directory, 0, NULL, 0));
    CHECK_WORKS(syscall(SYS_pidfd_send_signal, directory, SIGTERM, NULL, 0));
    int status = 0;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, SIGTERM);
    CHECK_FAILS(syscall(SYS_pidfd_send_signal, directory, 0, NULL, 0), ESRCH);
    close(directory), close(bare), close(other);
}

// Files that epoll instances watch can be compared too (kcmp(2)).
static void compares_targets(void) {
    struct { unsigned efd, tfd, toff; } slot;
    int instance = epoll_create1(EPOLL_CLOEXEC), ends[2];
    NEED(pipe(ends) == 0);
    struct epoll_event event = { .events = EPOLLIN };
    CHECK_WORKS(epoll_ctl(instance, EPOLL_CTL_ADD, ends[0], &event));
    slot.efd = instance, slot.tfd = ends[0], slot.toff = 0;
    CHECK_EQUAL(syscall(SYS_kcmp, getpid(), getpid(), 7, ends[0], &slot), 0);
    CHECK(syscall(SYS_kcmp, getpid(), getpid(), 7, ends[1], &slot) > 0);
    CHECK_FAILS(syscall(SYS_kcmp, getpid(), getpid(), 7, ends[0], 8), EFAULT);
    CHECK_FAILS(syscall(SYS_kcmp, getpid(), getpid(), 7, 999, &slot), EBADF);
    slot.toff = 1;
    CHECK_FAILS(syscall(SYS_kcmp, getpid(), getpid(), 7, ends[0], &slot), ENOENT);
    slot.efd = ends[0];
    CHECK_FAILS(syscall(SYS_kcmp, getpid(), getpid(), 7, ends[0], &slot), EINVAL);
    close(instance), close(ends[0]), close(ends[1]);
}

int main(int argc, char **argv) {
    static char path[4096];
    if (argc > 2 && strcmp(argv[1], "..") == 0)
        return be_child(argc, argv);
    default_signals();
    own_path = realpath(argv[0], path);
    if (strcmp(argv[0], own_path) != 0) {
        printf("start this program by its absolute path\n");
        return 1;
    }
    static const struct section sections[] = { SECTION(exit_statuses), SECTION(kill_child), SECTION(wait_by_id),
        SECTION(signal_of_child), SECTION(vfork_shares_and_waits), SECTION(clone_flags), SECTION(descriptor_of_process),
        SECTION(descriptor_that_waits), SECTION(descriptors_of_others), SECTION(memory_of_others), SECTION(descriptor_by_clone),
        SECTION(directory_as_descriptor), SECTION(compares_targets), SECTION(kill_by_thread), SECTION(children_of_threads),
        SECTION(arguments_and_environment), SECTION(auxiliary_vector), SECTION(scripts_and_bad_programs),
        SECTION(segment_without_file_part), SECTION(scripts_by_descriptor), SECTION(gains_of_steered_programs), SECTION(close_on_exec),
        SECTION(signals_over_exec), SECTION(groups_and_sessions), SECTION(names), SECTION(control_of_process), SECTION(limits),
        SECTION(execute_by_descriptor), SECTION(folder_and_mask), SECTION(many_children) };
    return run_sections(sections, (int)(sizeof sections / sizeof sections[0]), argc, argv);
}
