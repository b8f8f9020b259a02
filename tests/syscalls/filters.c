// Filters of system calls that programs install for themselves (seccomp(2)). Each in a thread of its own: they stay.
#include "check.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>

extern char **environ;
static const char *own_path;

#define NUMBER BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define IF_EQUAL(k, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, yes, no)
#define RETURN(k) BPF_STMT(BPF_RET | BPF_K, k)

static long install(struct sock_filter *filter, unsigned short count, unsigned flags) {
    struct sock_fprog program = { count, filter };
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// For one call, with one answer.
static long answer(int number, unsigned result, unsigned flags) {
    struct sock_filter filter[] = { NUMBER, IF_EQUAL((unsigned)number, 0, 1), RETURN(result), RETURN(SECCOMP_RET_ALLOW) };
    return install(filter, 4, flags);
}

static siginfo_t trapped;

static void on_trap(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    trapped = *info;
}

static void *apart(void *run) {
    ((void (*)(void))run)();
    return NULL;
}

static void in_thread(void (*run)(void)) {
    pthread_t thread;
    CHECK_WORKS(pthread_create(&thread, NULL, apart, run));
    pthread_join(thread, NULL);
}

static void *see_parents_filter(void *unused) {
    CHECK_FAILS(syscall(SYS_getppid), EXDEV);
    return unused;
}

static void errors_by_filter(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    CHECK_EQUAL(prctl(PR_GET_SECCOMP), 0);
    CHECK_WORKS(answer(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0));
    CHECK_EQUAL(prctl(PR_GET_SECCOMP), 2);
    CHECK_FAILS(syscall(SYS_getppid), EXDEV);
    CHECK(syscall(SYS_getpid) > 0);
    pthread_t thread;
    CHECK_WORKS(pthread_create(&thread, NULL, see_parents_filter, NULL));
    pthread_join(thread, NULL);
    // The stronger answer counts; of equal ones the newer.
    CHECK_WORKS(answer(SYS_getppid, SECCOMP_RET_ERRNO | ENOTTY, 0));
    CHECK_FAILS(syscall(SYS_getppid), ENOTTY);
    CHECK_WORKS(answer(SYS_getppid, SECCOMP_RET_ALLOW, 0));
    CHECK_FAILS(syscall(SYS_getppid), ENOTTY);
    CHECK_WORKS(answer(SYS_getuid, SECCOMP_RET_ERRNO, 0));
    CHECK_EQUAL(syscall(SYS_getuid), 0);
    CHECK_WORKS(answer(SYS_getgid, SECCOMP_RET_TRACE, 0));
    CHECK_FAILS(syscall(SYS_getgid), ENOSYS);
    CHECK_WORKS(answer(SYS_getpgrp, SECCOMP_RET_USER_NOTIF, 0));
    CHECK_FAILS(syscall(SYS_getpgrp), ENOSYS);
    CHECK_WORKS(answer(SYS_getegid, SECCOMP_RET_LOG, 0));
    CHECK_EQUAL(syscall(SYS_getegid), getegid());
    // By the argument.
    struct sock_filter by_argument[] = { NUMBER, IF_EQUAL(SYS_setpriority, 0, 3), ARGUMENT(2), IF_EQUAL(3, 0, 1),
        RETURN(SECCOMP_RET_ERRNO | EDOM), RETURN(SECCOMP_RET_ALLOW) };
    CHECK_WORKS(install(by_argument, 6, 0));
    CHECK_FAILS(syscall(SYS_setpriority, 9, 0, 3), EDOM);
    CHECK_FAILS(syscall(SYS_setpriority, 9, 0, 4), EINVAL);
}

static void arithmetic(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // ((arg0 * 3 + 5) ^ 1) >> 1, stored, loaded, compared with x; then the data's length.
    struct sock_filter filter[] = { NUMBER, IF_EQUAL(SYS_getpgid, 1, 0), RETURN(SECCOMP_RET_ALLOW), ARGUMENT(0),
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 3), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 5), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LD | BPF_IMM, 0),
        BPF_STMT(BPF_LDX | BPF_MEM, 3), BPF_STMT(BPF_MISC | BPF_TXA, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (7 * 3 + 5) / 2, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 64, 0, 1), RETURN(SECCOMP_RET_ERRNO | 77),
        ARGUMENT(0), BPF_STMT(BPF_LDX | BPF_IMM, 0), BPF_STMT(BPF_ALU | BPF_NEG, 0), RETURN(SECCOMP_RET_ERRNO | 88) };
    CHECK_WORKS(install(filter, sizeof filter / sizeof *filter, 0));
    CHECK_FAILS(syscall(SYS_getpgid, 7), 77);
    CHECK_FAILS(syscall(SYS_getpgid, 8), 88);
}

static void traps_by_filter(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO };
    sigaction(SIGSYS, &action, NULL);
    CHECK_WORKS(answer(SYS_getppid, SECCOMP_RET_TRAP | 99, 0));
    CHECK_EQUAL(syscall(SYS_getppid), SYS_getppid);
    CHECK_EQUAL(trapped.si_signo, SIGSYS);
    CHECK_EQUAL(trapped.si_code, 1);
    CHECK_EQUAL(trapped.si_errno, 99);
    CHECK_EQUAL(trapped.si_syscall, SYS_getppid);
    CHECK_EQUAL(trapped.si_arch, 0xC000003E);
    CHECK(trapped.si_call_addr != NULL);
    signal(SIGSYS, SIG_DFL);
}

static pthread_barrier_t meeting;

static void *wait_for_filter(void *unused) {
    pthread_barrier_wait(&meeting);
    pthread_barrier_wait(&meeting);
    CHECK_FAILS(syscall(SYS_getpgrp), EXDEV);
    return unused;
}

static void *with_own_filter(void *id) {
    CHECK_WORKS(answer(SYS_getpgrp, SECCOMP_RET_ERRNO | ENOTTY, 0));
    *(pid_t *)id = gettid();
    pthread_barrier_wait(&meeting);
    pthread_barrier_wait(&meeting);
    return NULL;
}

// In a process of its own, since it reaches all threads.
static int synchronize(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    pthread_barrier_init(&meeting, NULL, 2);
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_filter, NULL);
    pthread_barrier_wait(&meeting);
    CHECK_WORKS(answer(SYS_getpgrp, SECCOMP_RET_ERRNO | EXDEV, SECCOMP_FILTER_FLAG_TSYNC));
    pthread_barrier_wait(&meeting);
    pthread_join(thread, NULL);
    pid_t id = 0;
    pthread_create(&thread, NULL, with_own_filter, &id);
    pthread_barrier_wait(&meeting);
    CHECK_EQUAL(answer(SYS_getuid, SECCOMP_RET_ERRNO | EXDEV, SECCOMP_FILTER_FLAG_TSYNC), id);
    CHECK_FAILS(answer(SYS_getuid, SECCOMP_RET_ERRNO | EXDEV, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH), ESRCH);
    pthread_barrier_wait(&meeting);
    pthread_join(thread, NULL);
    return check_failures != 0;
}

static void *call_getppid(void *unused) {
    answer(SYS_getppid, SECCOMP_RET_KILL_THREAD, 0);
    syscall(SYS_getppid);
    _exit(9);
    return unused;
}

static int be_child(const char *what) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (strcmp(what, "strict") == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
            return 2;
        syscall(SYS_write, 1, "", 0);
        syscall(SYS_getpid);
    } else if (strcmp(what, "strict exit") == 0) {
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL) != 0)
            return 2;
        syscall(SYS_exit, 5);
    } else if (strcmp(what, "kill") == 0) {
        answer(SYS_getppid, SECCOMP_RET_KILL_PROCESS, 0);
        syscall(SYS_getppid);
    } else if (strcmp(what, "kill thread") == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, call_getppid, NULL);
        pthread_join(thread, NULL);
        return 6;
    } else if (strcmp(what, "trap") == 0) {
        signal(SIGSYS, SIG_IGN);
        answer(SYS_getppid, SECCOMP_RET_TRAP, 0);
        syscall(SYS_getppid);
    } else if (strcmp(what, "exec") == 0) {
        answer(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0);
        execl(own_path, own_path, "..", "see", NULL);
    } else if (strcmp(what, "see") == 0) {
        return syscall(SYS_getppid) == -1 && errno == EXDEV ? 7 : 8;
    } else if (strcmp(what, "synchronize") == 0) {
        return synchronize();
    }
    return 1;
}

static int status_of(const char *what) {
    char *arguments[] = { (char *)own_path, "..", (char *)what, NULL };
    pid_t child;
    int status = -1;
    CHECK_WORKS(posix_spawn(&child, own_path, NULL, NULL, arguments, environ));
    waitpid(child, &status, 0);
    return status & ~0x80; // core dumps apart
}

static void deaths(void) {
    CHECK_EQUAL(status_of("strict"), SIGKILL);
    CHECK_EQUAL(status_of("strict exit"), 5 << 8);
    CHECK_EQUAL(status_of("kill"), SIGSYS);
    CHECK_EQUAL(status_of("kill thread"), 6 << 8);
    CHECK_EQUAL(status_of("trap"), SIGSYS);
    CHECK_EQUAL(status_of("exec"), 7 << 8);
    CHECK_EQUAL(status_of("synchronize"), 0);
}

// What the verifier refuses.
static void bad_programs(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    struct sock_filter allow[] = { RETURN(SECCOMP_RET_ALLOW) };
    CHECK_FAILS(install(allow, 0, 0), EINVAL);
    CHECK_FAILS(install(allow, 4097, 0), EINVAL);
    CHECK_FAILS(install((void *)8, 1, 0), EFAULT);
    CHECK_FAILS(install(allow, 1, 0x80), EINVAL);
    CHECK_FAILS(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL), EFAULT);
    CHECK_FAILS(syscall(SYS_seccomp, 99, 0, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL), EINVAL);
    struct sock_filter bad[][3] = {
        { NUMBER, NUMBER, NUMBER },
        { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), allow[0], allow[0] },
        { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), allow[0], allow[0] },
        { BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), allow[0], allow[0] },
        { BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), allow[0], allow[0] },
        { BPF_STMT(BPF_LD | BPF_MEM, 3), allow[0], allow[0] },
        { BPF_STMT(BPF_ST, 16), allow[0], allow[0] },
        { BPF_STMT(BPF_JMP | BPF_JA, 2), allow[0], allow[0] },
        { BPF_STMT(BPF_JMP | BPF_JA, 0xFFFFFFFF), allow[0], allow[0] },
        { IF_EQUAL(0, 2, 0), allow[0], allow[0] },
        { IF_EQUAL(0, 0, 2), allow[0], allow[0] },
        { BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), allow[0], allow[0] },
        { BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), allow[0], allow[0] },
        { BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 2), allow[0], allow[0] },
        { { 0xFFFF, 0, 0, 0 }, allow[0], allow[0] },
        { BPF_STMT(BPF_RET | BPF_X, 0), allow[0], allow[0] },
    };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (!CHECK_FAILS(install(bad[i], 3, 0), EINVAL))
            printf("program %u\n", i);
    }
    // A scratch word that is stored on one way only.
    struct sock_filter one_way[] = { NUMBER, IF_EQUAL(0, 0, 1), BPF_STMT(BPF_ST, 1), BPF_STMT(BPF_LD | BPF_MEM, 1), RETURN(SECCOMP_RET_ALLOW) };
    CHECK_FAILS(install(one_way, 5, 0), EINVAL);
    unsigned action = SECCOMP_RET_ERRNO;
    CHECK_WORKS(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
    action = 0x12340000;
    CHECK_FAILS(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), EOPNOTSUPP);
    CHECK_FAILS(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &action), EINVAL);
}

// All filters of a thread together have a longest length.
static void many_filters(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    static struct sock_filter filter[4096];
    for (int i = 0; i < 4096; i++)
        filter[i] = (struct sock_filter) RETURN(SECCOMP_RET_ALLOW);
    int count = 0;
    while (count < 9 && install(filter, 4096, 0) == 0)
        count++;
    // Linux counts instructions as it has translated them.
    CHECK(count >= 3 && count < 9);
    CHECK_EQUAL(errno, ENOMEM);
    CHECK(syscall(SYS_getpid) > 0);
}

static void errors(void) { in_thread(errors_by_filter); }
static void calculations(void) { in_thread(arithmetic); }
static void traps(void) { in_thread(traps_by_filter); }
static void verifier(void) { in_thread(bad_programs); }
static void lengths(void) { in_thread(many_filters); }

int main(int argc, char **argv) {
    static char path[4096];
    own_path = realpath(argv[0], path);
    if (argc > 2 && strcmp(argv[1], "..") == 0)
        return be_child(argv[2]);
    static const struct section sections[] = { SECTION(errors), SECTION(calculations), SECTION(traps), SECTION(deaths), SECTION(verifier),
        SECTION(lengths) };
    return run_sections(sections, (int)(sizeof sections / sizeof sections[0]), argc, argv);
}
