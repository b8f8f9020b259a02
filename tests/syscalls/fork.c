// fork, and clone and clone3 without CLONE_VM: the child is a copy of one moment, and what it does stays with it.
#include "check.h"
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

// Checks of a child can't be counted in the parent: it exits with their number, and says on stdout what failed.
static int in_child(void (*run)(void)) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        check_failures = 0;
        run();
        fflush(stdout);
        _exit(check_failures ? 1 : 0);
    }
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

static int status_of(pid_t child) {
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

static int global = 1;

static void memory_is_a_copy(void) {
    const size_t size = 8 << 20;
    char *private = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *heap = malloc(100000);
    int local = 1;
    NEED(private != MAP_FAILED && shared != MAP_FAILED && heap);
    for (size_t i = 0; i < size; i += 4096)
        private[i] = 'p';
    mprotect(private + 4096, 4096, PROT_NONE);
    strcpy(heap, "parent");
    pid_t child = fork();
    if (child == 0) {
        bool same = global == 1 && local == 1 && strcmp(heap, "parent") == 0 && private[size - 4096] == 'p';
        global = local = 2;
        strcpy(heap, "child");
        mprotect(private + 4096, 4096, PROT_READ);
        same &= private[4096] == 'p';
        for (size_t i = 0; i < size; i += 4096)
            if (i != 4096)
                private[i] = 'c';
        strcpy(shared, "from the child");
        char *more = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(more, 1, size);
        _exit(same ? 3 : 4);
    }
    CHECK_EQUAL(status_of(child), 3 << 8);
    CHECK_EQUAL(global, 1);
    CHECK_EQUAL(local, 1);
    CHECK_TEXT(heap, "parent");
    CHECK_TEXT(shared, "from the child");
    CHECK_EQUAL(private[0], 'p');
    CHECK_EQUAL(private[size - 4096], 'p');
    mprotect(private + 4096, 4096, PROT_READ);
    CHECK_EQUAL(private[4096], 'p');
    munmap(private, size);
    munmap(shared, 4096);
    free(heap);
}

static void both_go_on(void) {
    int there[2], back[2];
    CHECK_WORKS(pipe(there));
    CHECK_WORKS(pipe(back));
    pid_t child = fork();
    if (child == 0) {
        int number;
        while (read(there[0], &number, sizeof number) == sizeof number && number) {
            number += ++global;
            if (write(back[1], &number, sizeof number) != sizeof number)
                break;
        }
        _exit(number);
    }
    int sum = 0;
    for (int i = 1; i <= 200; i++) {
        int answer = 0;
        global = 1000;
        CHECK_EQUAL(write(there[1], &i, sizeof i), sizeof i);
        CHECK_EQUAL(read(back[0], &answer, sizeof answer), sizeof answer);
        sum += answer;
    }
    // The child counts its own 'global' from 1 on.
    CHECK_EQUAL(sum, 200 * 201 / 2 + 200 * 203 / 2);
    int end = 0;
    CHECK_EQUAL(write(there[1], &end, sizeof end), sizeof end);
    CHECK_EQUAL(status_of(child), 0);
    global = 1;
    close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

static void mappings_of_files(void) {
    const char *scratch = enter_scratch();
    int file = open("file", O_RDWR | O_CREAT | O_EXCL, 0600);
    NEED(file >= 0 && ftruncate(file, 3 * 4096) == 0);
    char *shared = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    char *private = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    NEED(shared != MAP_FAILED && private != MAP_FAILED);
    strcpy(shared, "one");
    strcpy(private + 4096, "own");
    pid_t child = fork();
    if (child == 0) {
        bool same = strcmp(private, "one") == 0 && strcmp(private + 4096, "own") == 0;
        strcpy(shared, "two");
        strcpy(private + 4096, "child's");
        strcpy(shared + 8192, "three");
        _exit(same ? 0 : 1);
    }
    CHECK_EQUAL(status_of(child), 0);
    CHECK_TEXT(shared, "two");
    CHECK_TEXT(private, "two");
    CHECK_TEXT(private + 4096, "own");
    CHECK_TEXT(private + 8192, "three");
    // Cut by the parent while the child has it mapped, too.
    int done[2];
    CHECK_WORKS(pipe(done));
    child = fork();
    if (child == 0) {
        char byte;
        if (shared[8192] != 't' || read(done[0], &byte, 1) != 1)
            _exit(1);
        _exit(shared[8192]);
    }
    CHECK_WORKS(ftruncate(file, 4096));
    CHECK_EQUAL(write(done[1], "", 1), 1);
    int status = status_of(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
    munmap(shared, 3 * 4096);
    munmap(private, 3 * 4096);
    close(file), close(done[0]), close(done[1]);
    unlink("file");
    leave_scratch(scratch);
}

static void advice_on_inheritance(void) {
    char *kept = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *wiped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *absent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *kept = *wiped = *absent = 'x';
    CHECK_WORKS(madvise(wiped, 4096, MADV_WIPEONFORK));
    CHECK_WORKS(madvise(absent, 4096, MADV_DONTFORK));
    pid_t child = fork();
    if (child == 0) {
        unsigned char vector;
        bool right = *kept == 'x' && *wiped == 0 && mincore(absent, 4096, &vector) == -1 && errno == ENOMEM;
        *wiped = 'y';
        _exit(right ? 0 : 1);
    }
    CHECK_EQUAL(status_of(child), 0);
    CHECK_EQUAL(*wiped, 'x');
    CHECK_EQUAL(*absent, 'x');
    munmap(kept, 4096), munmap(wiped, 4096), munmap(absent, 4096);
}

static void see_what_is_inherited(void) {
    CHECK_EQUAL(getppid(), global);
    CHECK_EQUAL(getpid(), gettid());
    sigset_t set;
    sigpending(&set);
    CHECK(!sigismember(&set, SIGUSR1));
    sigprocmask(SIG_BLOCK, NULL, &set);
    CHECK(sigismember(&set, SIGUSR1));
    struct itimerval timer;
    CHECK_WORKS(getitimer(ITIMER_REAL, &timer));
    CHECK_EQUAL(timer.it_value.tv_sec, 0);
    CHECK_EQUAL(alarm(0), 0);
    struct sigaction action;
    sigaction(SIGUSR2, NULL, &action);
    CHECK(action.sa_handler == SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    CHECK_EQUAL(limit.rlim_cur, 4096);
    CHECK_EQUAL(umask(0), 031);
    char text[32] = "";
    prctl(PR_GET_NAME, text);
    CHECK_TEXT(text, "namesake");
    int signal = -1;
    prctl(PR_GET_PDEATHSIG, &signal);
    CHECK_EQUAL(signal, 0);
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    CHECK_EQUAL(usage.ru_maxrss, 0);
    stack_t stack;
    sigaltstack(NULL, &stack);
    CHECK_EQUAL(stack.ss_size, 65536);
    void *head = &stack;
    size_t length;
    CHECK_WORKS(syscall(SYS_get_robust_list, 0, &head, &length));
    CHECK_FAILS(waitpid(-1, NULL, 0), ECHILD);
}

static void attributes(void) {
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    raise(SIGUSR1);
    signal(SIGUSR2, SIG_IGN);
    struct rlimit limit, before;
    getrlimit(RLIMIT_CORE, &before);
    limit = before;
    limit.rlim_cur = 4096;
    setrlimit(RLIMIT_CORE, &limit);
    mode_t mask = umask(031);
    char name[32];
    prctl(PR_GET_NAME, name);
    prctl(PR_SET_NAME, "namesake");
    prctl(PR_SET_PDEATHSIG, SIGUSR2);
    stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 }, none = { .ss_flags = SS_DISABLE };
    sigaltstack(&stack, NULL);
    alarm(1000);
    global = getpid();
    CHECK_EQUAL(in_child(see_what_is_inherited), 0);
    global = 1;
    CHECK(alarm(0) > 900);
    sigaltstack(&none, NULL);
    free(stack.ss_sp);
    prctl(PR_SET_PDEATHSIG, 0);
    prctl(PR_SET_NAME, name);
    umask(mask);
    setrlimit(RLIMIT_CORE, &before);
    sigtimedwait(&set, NULL, &(struct timespec){ 0 });
    sigprocmask(SIG_SETMASK, &old, NULL);
    signal(SIGUSR2, SIG_DFL);
}

static void descriptors(void) {
    const char *scratch = enter_scratch();
    int file = open("file", O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK_EQUAL(write(file, "0123456789", 10), 10);
    lseek(file, 2, SEEK_SET);
    pid_t child = fork();
    if (child == 0) {
        char text[4];
        bool right = read(file, text, 3) == 3 && memcmp(text, "234", 3) == 0;
        close(file);
        open("/dev/null", O_RDONLY);
        open("/dev/null", O_RDONLY);
        _exit(right && chdir("/") == 0 ? 0 : 1);
    }
    CHECK_EQUAL(status_of(child), 0);
    // The position is shared, the table isn't.
    CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 5);
    CHECK_FAILS(fcntl(file + 1, F_GETFD), EBADF);
    char directory[256];
    CHECK_TEXT(getcwd(directory, sizeof directory), scratch);
    close(file);
    unlink("file");
    leave_scratch(scratch);
}

static void on_signal(int number) {
    (void)number;
}

static long clone_plain(unsigned long flags, int *parent_id, int *child_id) {
    return syscall(SYS_clone, flags, 0, parent_id, child_id, 0);
}

static void flags_of_clone(void) {
    int *ids = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    // The parent's word is written in the parent, the child's in the child.
    int own_parent = -1, own_child = -1;
    pid_t child = clone_plain(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, &own_parent, &own_child);
    if (child == 0) {
        ids[0] = own_child;
        ids[1] = syscall(SYS_getpid);
        _exit(0);
    }
    CHECK_EQUAL(status_of(child), 0);
    CHECK_EQUAL(own_parent, child);
    CHECK_EQUAL(own_child, -1);
    CHECK_EQUAL(ids[0], child);
    CHECK_EQUAL(ids[1], child);

    // Descriptors and directory in common.
    int end = dup(0);
    close(end);
    child = clone_plain(CLONE_FILES | CLONE_FS | SIGCHLD, NULL, NULL);
    if (child == 0) {
        umask(0123);
        _exit(dup(0) == end ? 0 : 1);
    }
    CHECK_EQUAL(status_of(child), 0);
    CHECK_WORKS(close(end));
    CHECK_EQUAL(umask(022), 0123);

    // No signal at the end: waited for with __WCLONE or __WALL only.
    child = clone_plain(0, NULL, NULL);
    if (child == 0)
        _exit(5);
    CHECK_FAILS(waitpid(child, NULL, 0), ECHILD);
    int status = 0;
    CHECK_EQUAL(waitpid(child, &status, __WCLONE), child);
    CHECK_EQUAL(status, 5 << 8);

    // A sibling: the parent's child, with the parent's signal.
    child = fork();
    if (child == 0) {
        pid_t sibling = clone_plain(CLONE_PARENT | SIGCHLD, NULL, NULL);
        if (sibling == 0)
            _exit(6);
        ids[0] = sibling;
        _exit(waitpid(sibling, NULL, __WALL) == -1 && errno == ECHILD ? 0 : 1);
    }
    CHECK_EQUAL(status_of(child), 0);
    CHECK_EQUAL(status_of(ids[0]), 6 << 8);

    int descriptor = -1;
    struct clone_args arguments = { .flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND, .pidfd = (uintptr_t)&descriptor, .exit_signal = SIGCHLD };
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, on_signal);
    child = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0) {
        struct sigaction one, two;
        sigaction(SIGUSR1, NULL, &one);
        sigaction(SIGUSR2, NULL, &two);
        _exit(one.sa_handler == SIG_IGN && two.sa_handler == SIG_DFL ? 7 : 8);
    }
    struct pollfd poll_one = { .fd = descriptor, .events = POLLIN };
    CHECK_EQUAL(poll(&poll_one, 1, 10000), 1);
    siginfo_t info;
    CHECK_WORKS(waitid(P_PIDFD, descriptor, &info, WEXITED));
    CHECK_EQUAL(info.si_pid, child);
    CHECK_EQUAL(info.si_status, 7);
    close(descriptor);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);

    CHECK_FAILS(clone_plain(CLONE_SIGHAND | SIGCHLD, NULL, NULL), EINVAL);
    CHECK_FAILS(clone_plain(CLONE_THREAD | SIGCHLD, NULL, NULL), EINVAL);
    munmap(ids, 4096);
}

// All counters of a round are raised one after the other: a copy of one moment never has a later one ahead.
static volatile long rounds[64 * 512];
static volatile bool is_over;

static void *count_rounds(void *unused) {
    for (long i = 1; !is_over; i++)
        for (int j = 0; j < 64; j++)
            rounds[j * 512] = i;
    return unused;
}

static void *count_alone(void *counter) {
    while (!is_over)
        __atomic_add_fetch((int *)counter, 1, __ATOMIC_RELAXED);
    return counter;
}

static void consistent_while_threads_run(void) {
    pthread_t threads[2];
    int other = 0;
    pthread_create(&threads[0], NULL, count_rounds, NULL);
    pthread_create(&threads[1], NULL, count_alone, &other);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0) {
            for (int j = 1; j < 64; j++) {
                if (rounds[j * 512] > rounds[(j - 1) * 512])
                    _exit(1);
            }
            long first = rounds[0];
            // Nobody else runs in the child.
            for (volatile int k = 0; k < 100000; k++)
                ;
            _exit(rounds[0] == first ? 0 : 2);
        }
        CHECK_EQUAL(status_of(child), 0);
    }
    is_over = true;
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    is_over = false;
}

static void *fork_here(void *unused) {
    pid_t child = fork();
    if (child == 0)
        _exit(getpid() == gettid() ? 0 : 1);
    CHECK_EQUAL(status_of(child), 0);
    return unused;
}

static void from_a_thread(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, fork_here, NULL);
    pthread_join(thread, NULL);
}

static void vector_registers(void) {
    double value = 0.1, other = 0.2;
#ifdef __riscv
    register long number __asm__("a0") = SIGCHLD;
    register long stack __asm__("a1") = 0, parent __asm__("a2") = 0, tls __asm__("a3") = 0, id __asm__("a4") = 0, call __asm__("a7") = SYS_clone;
    double after = 0, after_other = 0;
    __asm__ volatile("fld ft9, %3\n\tfld fs11, %4\n\tecall\n\tfsd ft9, %1\n\tfsd fs11, %2" : "+r"(number), "=m"(after), "=m"(after_other)
        : "m"(value), "m"(other), "r"(stack), "r"(parent), "r"(tls), "r"(id), "r"(call) : "memory", "ft9", "fs11");
#else
    __asm__ volatile("movsd %0, %%xmm9\n\tmovsd %1, %%xmm15" : : "m"(value), "m"(other) : "xmm9", "xmm15");
    register long number __asm__("rax") = SYS_fork;
    double after = 0, after_other = 0;
    __asm__ volatile("syscall\n\tmovsd %%xmm9, %1\n\tmovsd %%xmm15, %2" : "+r"(number), "=m"(after), "=m"(after_other) : : "rcx", "r11", "memory", "xmm9", "xmm15");
#endif
    pid_t child = (pid_t)number;
    if (child == 0)
        _exit(after == value && after_other == other ? 0 : 1);
    CHECK_EQUAL(status_of(child), 0);
    CHECK(after == value && after_other == other);
}

static void generations(void) {
    int ends[2];
    CHECK_WORKS(pipe(ends));
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 8; i++) {
            global++;
            pid_t next = fork();
            if (next != 0)
                _exit(status_of(next) >> 8);
        }
        int n = global;
        _exit(write(ends[1], &n, sizeof n) == sizeof n ? 9 : 1);
    }
    CHECK_EQUAL(status_of(child), 9 << 8);
    int n = 0;
    CHECK_EQUAL(read(ends[0], &n, sizeof n), sizeof n);
    CHECK_EQUAL(n, 9);
    close(ends[0]), close(ends[1]);
}

static void many_at_once(void) {
    enum { count = 40 };
    pid_t children[count];
    int ends[2];
    CHECK_WORKS(pipe(ends));
    for (int i = 0; i < count; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            char byte;
            close(ends[1]);
            global = i;
            _exit(read(ends[0], &byte, 1) == 0 && global == i ? i : 255);
        }
        CHECK(children[i] > 0);
    }
    close(ends[1]);
    for (int i = 0; i < count; i++)
        CHECK_EQUAL(status_of(children[i]), i << 8);
    close(ends[0]);
}

static void from_a_child_that_shares_memory(void) {
    volatile int seen = 0;
    pid_t child = vfork();
    if (child == 0) {
        pid_t grandchild = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
        if (grandchild == 0) {
            seen = 2;
            syscall(SYS_exit_group, 4);
        }
        int status = 0;
        syscall(SYS_wait4, grandchild, &status, 0, NULL);
        seen = status >> 8;
        _exit(seen);
    }
    CHECK_EQUAL(status_of(child), 4 << 8);
    CHECK_EQUAL(seen, 4);
}

static unsigned next_random(unsigned *state) {
    *state = *state * 1103515245u + 12345u;
    return *state >> 16;
}

// What a child does by chance, from a number that the parent knows too: returns the status that it ends with.
static int status_by_chance(unsigned seed) { return seed % 7 == 1 ? SIGKILL : (int)(seed % 100) << 8; }

static void live_by_chance(unsigned seed, unsigned char *private, size_t size, int pipe_end) {
    unsigned state = seed;
    for (size_t i = 0; i < size; i += 4096)
        if (private[i] != (unsigned char)(seed >> 8))
            _exit(200); // not what the parent had there at that moment
    for (int i = 0; i < 20; i++)
        private[next_random(&state) % size] = 1;
    if (seed % 5 == 0) {
        unsigned char *own = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(own, 3, 1 << 20);
        mprotect(private, 4096, PROT_READ);
        munmap(own + 4096, 8192);
    }
    if (seed % 5 == 1) {
        pid_t child = fork();
        if (child == 0)
            _exit(private[0]);
        if (status_of(child) != private[0] << 8)
            _exit(201);
    }
    if (seed % 5 == 2)
        write(pipe_end, &seed, 1);
    if (status_by_chance(seed) == SIGKILL)
        raise(SIGKILL);
    _exit(status_by_chance(seed) >> 8);
}

static long files_open(void) {
    long count = 0;
    for (int i = 0; i < 256; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

// As many as FORKS says, 200 otherwise; up to eight at once, with other memory in the parent each time.
static void random_lives(void) {
    enum { at_once = 8, size = 64 * 4096 };
    long count = getenv("FORKS") ? atol(getenv("FORKS")) : 200;
    unsigned state = 20260;
    pid_t children[at_once] = { 0 };
    unsigned seeds[at_once];
    int ends[2];
    long files = files_open();
    unsigned char *private = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_WORKS(pipe2(ends, O_NONBLOCK));
    for (long i = 0; i < count + at_once; i++) {
        int slot = (int)(i % at_once);
        if (children[slot])
            CHECK_EQUAL(status_of(children[slot]), status_by_chance(seeds[slot]));
        children[slot] = 0;
        if (i >= count)
            continue;
        seeds[slot] = next_random(&state);
        for (size_t j = 0; j < size; j += 4096)
            private[j] = (unsigned char)(seeds[slot] >> 8);
        children[slot] = fork();
        if (children[slot] == 0)
            live_by_chance(seeds[slot], private, size, ends[1]);
        CHECK(children[slot] > 0);
        for (char bytes[64]; read(ends[0], bytes, sizeof bytes) > 0;)
            ;
    }
    CHECK_FAILS(waitpid(-1, NULL, WNOHANG | __WALL), ECHILD);
    close(ends[0]), close(ends[1]);
    munmap(private, size);
    CHECK_EQUAL(files_open(), files);
}

static void limit_of_processes(void) {
    if (geteuid() == 0)
        return; // root is exempt
    struct rlimit limit, before;
    getrlimit(RLIMIT_NPROC, &before);
    limit = before;
    limit.rlim_cur = 1;
    CHECK_WORKS(setrlimit(RLIMIT_NPROC, &limit));
    CHECK_FAILS(fork(), EAGAIN);
    CHECK_WORKS(setrlimit(RLIMIT_NPROC, &before));
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    CHECK_EQUAL(status_of(child), 0);
}

MAIN(SECTION(memory_is_a_copy), SECTION(both_go_on), SECTION(mappings_of_files), SECTION(advice_on_inheritance), SECTION(attributes),
    SECTION(descriptors), SECTION(flags_of_clone), SECTION(consistent_while_threads_run), SECTION(from_a_thread), SECTION(vector_registers),
    SECTION(generations), SECTION(many_at_once), SECTION(from_a_child_that_shares_memory), SECTION(random_lives),
    SECTION(limit_of_processes))
