// Signals: masks, queues, handlers, faults, and what of a program's registers they leave alone.
#include "check.h"
#include <sys/wait.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <immintrin.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <ucontext.h>

static volatile int seen_count;
static volatile int seen_order[64];
static siginfo_t seen_info[64];

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)context;
    if (seen_count < 64) {
        seen_order[seen_count] = signal;
        seen_info[seen_count] = *info;
    }
    seen_count++;
}

static void handle(int signal, int flags) {
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | flags };
    CHECK_WORKS(sigaction(signal, &action, NULL));
}

static void reset(int signal) {
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigaction(signal, &action, NULL);
}

static sigset_t set_of(int signal) {
    sigset_t set;
    sigemptyset(&set);
    if (signal)
        sigaddset(&set, signal);
    return set;
}

static pid_t thread_id(void) {
    return (pid_t)syscall(SYS_gettid);
}

static void masks(void) {
    sigset_t old, now, pending, wanted = set_of(SIGUSR1);
    seen_count = 0;
    handle(SIGUSR1, 0);
    CHECK_WORKS(sigprocmask(SIG_BLOCK, &wanted, &old));
    CHECK_EQUAL(sigismember(&old, SIGUSR1), 0);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    CHECK_EQUAL(seen_count, 0);
    CHECK_WORKS(sigpending(&pending));
    CHECK_EQUAL(sigismember(&pending, SIGUSR1), 1);
    CHECK_EQUAL(sigismember(&pending, SIGUSR2), 0);
    // A standard signal is pending once, however often it was sent, and comes before the call returns.
    CHECK_WORKS(sigprocmask(SIG_UNBLOCK, &wanted, NULL));
    CHECK_EQUAL(seen_count, 1);
    // SIGKILL and SIGSTOP are never blocked.
    sigfillset(&wanted);
    CHECK_WORKS(sigprocmask(SIG_SETMASK, &wanted, &old));
    CHECK_WORKS(sigprocmask(SIG_SETMASK, &old, &now));
    CHECK_EQUAL(sigismember(&now, SIGKILL), 0);
    CHECK_EQUAL(sigismember(&now, SIGSTOP), 0);
    CHECK_EQUAL(sigismember(&now, SIGHUP), 1);
    CHECK_FAILS(sigprocmask(77, &wanted, NULL), EINVAL);
    CHECK_FAILS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &wanted, NULL, 4), EINVAL);
    // Ignoring a signal discards what is pending.
    wanted = set_of(SIGUSR1);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    raise(SIGUSR1);
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGUSR1, &ignore, NULL);
    sigpending(&pending);
    CHECK_EQUAL(sigismember(&pending, SIGUSR1), 0);
    sigprocmask(SIG_UNBLOCK, &wanted, NULL);
    CHECK_EQUAL(seen_count, 1);
    struct sigaction action;
    CHECK_FAILS(sigaction(SIGKILL, &ignore, NULL), EINVAL);
    CHECK_FAILS(sigaction(65, NULL, &action), EINVAL);
    CHECK_FAILS(sigaction(0, NULL, &action), EINVAL);
    CHECK_WORKS(sigaction(SIGKILL, NULL, &action));
    CHECK_FAILS(kill(getpid(), 65), EINVAL);
    CHECK_WORKS(kill(getpid(), 0));
    CHECK_FAILS(kill(0x3FFFFFFF, 0), ESRCH);
    reset(SIGUSR1);
}

static void queue_order(void) {
    sigset_t all, old;
    sigfillset(&all);
    seen_count = 0;
    for (int i = 0; i < 3; i++)
        handle(SIGRTMIN + i, 0);
    handle(SIGUSR1, 0);
    // With every signal blocked in the handlers they come one after another, lowest first, equal ones in the order sent.
    for (int i = 0; i < 3; i++) {
        struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO, .sa_mask = all };
        sigaction(SIGRTMIN + i, &action, NULL);
        sigaction(SIGUSR1, &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &all, &old);
    for (int i = 0; i < 3; i++) {
        CHECK_WORKS(sigqueue(getpid(), SIGRTMIN + 2, (union sigval){ .sival_int = 20 + i }));
        CHECK_WORKS(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i }));
        CHECK_WORKS(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 10 + i }));
    }
    kill(getpid(), SIGUSR1);
    sigprocmask(SIG_SETMASK, &old, NULL);
    CHECK_EQUAL(seen_count, 10);
    CHECK_EQUAL(seen_order[0], SIGUSR1);
    CHECK_EQUAL(seen_info[0].si_code, SI_USER);
    for (int i = 0; i < 9; i++) {
        CHECK_EQUAL(seen_order[i + 1], SIGRTMIN + i / 3);
        CHECK_EQUAL(seen_info[i + 1].si_value.sival_int, i / 3 * 10 + i % 3);
        CHECK_EQUAL(seen_info[i + 1].si_code, SI_QUEUE);
        CHECK_EQUAL(seen_info[i + 1].si_pid, getpid());
        CHECK_EQUAL(seen_info[i + 1].si_uid, getuid());
    }
    for (int i = 0; i < 3; i++)
        reset(SIGRTMIN + i);
    reset(SIGUSR1);
}

static void information(void) {
    seen_count = 0;
    handle(SIGUSR1, 0);
    kill(getpid(), SIGUSR1);
    CHECK_EQUAL(seen_count, 1);
    CHECK_EQUAL(seen_info[0].si_signo, SIGUSR1);
    CHECK_EQUAL(seen_info[0].si_code, SI_USER);
    CHECK_EQUAL(seen_info[0].si_pid, getpid());
    CHECK_EQUAL(seen_info[0].si_uid, getuid());
    syscall(SYS_tgkill, getpid(), thread_id(), SIGUSR1);
    CHECK_EQUAL(seen_count, 2);
    CHECK_EQUAL(seen_info[1].si_code, SI_TKILL);
    CHECK_EQUAL(seen_info[1].si_pid, getpid());
    siginfo_t info = { .si_signo = SIGUSR1, .si_code = -70 };
    info.si_value.sival_int = 1234;
    CHECK_WORKS(syscall(SYS_rt_tgsigqueueinfo, getpid(), thread_id(), SIGUSR1, &info));
    CHECK_EQUAL(seen_info[2].si_code, -70);
    CHECK_EQUAL(seen_info[2].si_value.sival_int, 1234);
    CHECK_FAILS(syscall(SYS_tgkill, getpid(), 0x3FFFFFFF, SIGUSR1), ESRCH);
    CHECK_FAILS(syscall(SYS_tgkill, -1, thread_id(), SIGUSR1), EINVAL);
    reset(SIGUSR1);
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER }, read;
    sigaddset(&action.sa_mask, SIGHUP);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGUSR2, NULL, &read);
    CHECK(read.sa_sigaction == on_signal);
    CHECK_EQUAL(read.sa_flags & 0xFBFFFFFF, SA_SIGINFO | SA_RESTART | SA_NODEFER);
    CHECK_EQUAL(sigismember(&read.sa_mask, SIGHUP), 1);
    CHECK_EQUAL(sigismember(&read.sa_mask, SIGUSR1), 0);
    reset(SIGUSR2);
}

static char other_stack[65536];
static volatile bool on_other_stack;
static volatile int nested_flags;

static void look_at_stack(int signal) {
    char here;
    (void)signal;
    on_other_stack = &here >= other_stack && &here < other_stack + sizeof other_stack;
    stack_t now;
    sigaltstack(NULL, &now);
    nested_flags = now.ss_flags;
    stack_t changed = { .ss_sp = other_stack, .ss_size = sizeof other_stack };
    CHECK_FAILS(sigaltstack(&changed, NULL), EPERM);
}

static void alternate_stack(void) {
    stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof other_stack }, old;
    CHECK_WORKS(sigaltstack(&stack, &old));
    CHECK_EQUAL(old.ss_flags, SS_DISABLE);
    struct sigaction action = { .sa_handler = look_at_stack, .sa_flags = SA_ONSTACK };
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    CHECK(on_other_stack);
    CHECK_EQUAL(nested_flags, SS_ONSTACK);
    action.sa_flags = 0;
    action.sa_handler = look_at_stack;
    CHECK_WORKS(sigaltstack(NULL, &old));
    CHECK_EQUAL(old.ss_flags, 0);
    CHECK(old.ss_sp == other_stack);
    stack.ss_size = 16;
    CHECK_FAILS(sigaltstack(&stack, NULL), ENOMEM);
    stack.ss_flags = 64;
    stack.ss_size = sizeof other_stack;
    CHECK_FAILS(sigaltstack(&stack, NULL), EINVAL);
    stack.ss_flags = SS_DISABLE;
    CHECK_WORKS(sigaltstack(&stack, NULL));
    reset(SIGUSR1);
}

static sigjmp_buf back;

static void jump_back(int signal, siginfo_t *info, void *context) {
    on_signal(signal, info, context);
    siglongjmp(back, 1);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static __attribute__((noinline)) int endless(volatile int depth) {
    volatile char room[4096];
    room[0] = (char)depth;
    return endless(depth + 1) + room[0];
}
#pragma GCC diagnostic pop

static void stack_overflow(void) {
    // Recursion without end in a small stack with a guard page: SIGSEGV, handled on the alternate stack.
    stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof other_stack };
    sigaltstack(&stack, NULL);
    struct sigaction action = { .sa_sigaction = jump_back, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigaction(SIGSEGV, &action, NULL);
    seen_count = 0;
    if (sigsetjmp(back, 1) == 0)
        endless(0);
    CHECK_EQUAL(seen_count, 1);
    CHECK_EQUAL(seen_order[0], SIGSEGV);
    stack.ss_flags = SS_DISABLE;
    CHECK_WORKS(sigaltstack(&stack, NULL));
    reset(SIGSEGV);
}

struct pipe_reader {
    int ends[2];
    pid_t thread;
    long result;
    int error;
};

static void *read_pipe(void *argument) {
    struct pipe_reader *reader = argument;
    char value;
    __atomic_store_n(&reader->thread, thread_id(), __ATOMIC_RELEASE);
    reader->result = read(reader->ends[0], &value, 1);
    reader->error = errno;
    return NULL;
}

static void interrupted_read(bool restart) {
    struct pipe_reader reader = { .thread = 0 };
    pthread_t thread;
    pipe(reader.ends);
    seen_count = 0;
    handle(SIGUSR1, restart ? SA_RESTART : 0);
    pthread_create(&thread, NULL, read_pipe, &reader);
    UNTIL(__atomic_load_n(&reader.thread, __ATOMIC_ACQUIRE) != 0);
    UNTIL(thread_state(reader.thread) == 'S');
    syscall(SYS_tgkill, getpid(), reader.thread, SIGUSR1);
    UNTIL(seen_count == 1);
    if (restart) {
        UNTIL(thread_state(reader.thread) == 'S');
        write(reader.ends[1], "x", 1);
    }
    pthread_join(thread, NULL);
    CHECK_EQUAL(reader.result, restart ? 1 : -1);
    if (!restart)
        CHECK_EQUAL(reader.error, EINTR);
    close(reader.ends[0]);
    close(reader.ends[1]);
    reset(SIGUSR1);
}

static void restart_of_read(void) {
    interrupted_read(true);
    interrupted_read(false);
}

static void ignored_signal_does_not_interrupt(void) {
    struct pipe_reader reader = { .thread = 0 };
    pthread_t thread;
    pipe(reader.ends);
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGUSR1, &ignore, NULL);
    pthread_create(&thread, NULL, read_pipe, &reader);
    UNTIL(__atomic_load_n(&reader.thread, __ATOMIC_ACQUIRE) != 0);
    UNTIL(thread_state(reader.thread) == 'S');
    syscall(SYS_tgkill, getpid(), reader.thread, SIGUSR1);
    syscall(SYS_tgkill, getpid(), reader.thread, SIGCHLD);
    write(reader.ends[1], "x", 1);
    pthread_join(thread, NULL);
    CHECK_EQUAL(reader.result, 1);
    close(reader.ends[0]);
    close(reader.ends[1]);
    reset(SIGUSR1);
}

static volatile int depth, deepest;

static void raise_again(int signal) {
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (depth < 5 && seen_count++ < 5)
        raise(signal);
    depth--;
}

static void handler_flags(void) {
    handle(SIGUSR1, SA_RESETHAND);
    raise(SIGUSR1);
    struct sigaction now;
    sigaction(SIGUSR1, NULL, &now);
    CHECK(now.sa_handler == SIG_DFL);
    // Without SA_NODEFER the handler isn't entered again before it has returned.
    struct sigaction action = { .sa_handler = raise_again };
    sigaction(SIGUSR1, &action, NULL);
    depth = deepest = seen_count = 0;
    raise(SIGUSR1);
    CHECK_EQUAL(deepest, 1);
    CHECK_EQUAL(seen_count, 6);
    action.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &action, NULL);
    depth = deepest = seen_count = 0;
    raise(SIGUSR1);
    CHECK_EQUAL(deepest, 5);
    reset(SIGUSR1);
}

static volatile sig_atomic_t mask_in_handler;

static void read_mask(int signal) {
    (void)signal;
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    mask_in_handler = sigismember(&mask, SIGUSR1) | sigismember(&mask, SIGHUP) << 1 | sigismember(&mask, SIGUSR2) << 2;
}

static void mask_during_handler(void) {
    struct sigaction action = { .sa_handler = read_mask };
    sigaddset(&action.sa_mask, SIGHUP);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    CHECK_EQUAL(mask_in_handler, 3);
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CHECK_EQUAL(sigismember(&mask, SIGUSR1), 0);
    CHECK_EQUAL(sigismember(&mask, SIGHUP), 0);
    reset(SIGUSR1);
}

static void *send_when_asleep(void *argument) {
    pid_t thread = *(pid_t *)argument;
    UNTIL(thread_state(thread) == 'S');
    syscall(SYS_tgkill, getpid(), thread, SIGUSR1);
    return NULL;
}

static void suspend(void) {
    sigset_t blocked = set_of(SIGUSR1), old, none = set_of(0), now;
    seen_count = 0;
    handle(SIGUSR1, SA_RESTART);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    raise(SIGUSR1);
    // One that is pending already ends it at once.
    CHECK_FAILS(sigsuspend(&none), EINTR);
    CHECK_EQUAL(seen_count, 1);
    sigprocmask(SIG_BLOCK, NULL, &now);
    CHECK_EQUAL(sigismember(&now, SIGUSR1), 1);
    pthread_t thread;
    pid_t self = thread_id();
    pthread_create(&thread, NULL, send_when_asleep, &self);
    CHECK_FAILS(sigsuspend(&none), EINTR);
    CHECK_EQUAL(seen_count, 2);
    pthread_join(thread, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    pthread_create(&thread, NULL, send_when_asleep, &self);
    CHECK_FAILS(pause(), EINTR);
    pthread_join(thread, NULL);
    CHECK_EQUAL(seen_count, 3);
    reset(SIGUSR1);
}

static void timed_wait(void) {
    sigset_t wanted = set_of(SIGRTMIN), old;
    sigaddset(&wanted, SIGUSR1);
    sigprocmask(SIG_BLOCK, &wanted, &old);
    siginfo_t info;
    struct timespec zero = { 0 }, little = { .tv_nsec = 20000000 };
    CHECK_FAILS(sigtimedwait(&wanted, &info, &zero), EAGAIN);
    long long start = now_in_nanoseconds(CLOCK_MONOTONIC);
    CHECK_FAILS(sigtimedwait(&wanted, &info, &little), EAGAIN);
    CHECK(now_in_nanoseconds(CLOCK_MONOTONIC) - start >= 20000000);
    sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 5 });
    CHECK_EQUAL(sigtimedwait(&wanted, &info, NULL), SIGRTMIN);
    CHECK_EQUAL(info.si_value.sival_int, 5);
    CHECK_EQUAL(info.si_code, SI_QUEUE);
    kill(getpid(), SIGUSR1);
    CHECK_EQUAL(sigwaitinfo(&wanted, &info), SIGUSR1);
    CHECK_EQUAL(info.si_pid, getpid());
    struct timespec wrong = { .tv_nsec = 1000000000 };
    CHECK_FAILS(sigtimedwait(&wanted, &info, &wrong), EINVAL);
    pthread_t thread;
    pid_t self = thread_id();
    pthread_create(&thread, NULL, send_when_asleep, &self);
    // The C library's sigwaitinfo shows SI_USER for SI_TKILL.
    CHECK_EQUAL(sigwaitinfo(&wanted, &info), SIGUSR1);
    CHECK_EQUAL(info.si_code, SI_USER);
    pthread_join(thread, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void *wait_in_pause(void *argument) {
    sigset_t none = set_of(0);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    __atomic_store_n((pid_t *)argument, thread_id(), __ATOMIC_RELEASE);
    pause();
    return NULL;
}

static void signal_of_process_finds_a_thread(void) {
    // A signal for the process goes to a thread that doesn't block it.
    sigset_t blocked = set_of(SIGUSR1), old;
    handle(SIGUSR1, 0);
    seen_count = 0;
    pthread_sigmask(SIG_BLOCK, &blocked, &old);
    pthread_t thread;
    pid_t id = 0;
    pthread_create(&thread, NULL, wait_in_pause, &id);
    UNTIL(__atomic_load_n(&id, __ATOMIC_ACQUIRE) != 0);
    UNTIL(thread_state(id) == 'S');
    kill(getpid(), SIGUSR1);
    pthread_join(thread, NULL);
    CHECK_EQUAL(seen_count, 1);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    reset(SIGUSR1);
}

// A variable the compiler knows nothing of.
static volatile int zero_value;

static void fault_kinds(void) {
    int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
    for (int i = 0; i < 5; i++) {
        struct sigaction action = { .sa_sigaction = jump_back, .sa_flags = SA_SIGINFO };
        sigaction(faults[i], &action, NULL);
    }
    seen_count = 0;
    if (sigsetjmp(back, 1) == 0)
        *(volatile int *)(uintptr_t)0x18 = 1;
    CHECK_EQUAL(seen_order[0], SIGSEGV);
    CHECK_EQUAL(seen_info[0].si_code, SEGV_MAPERR);
    CHECK(seen_info[0].si_addr == (void *)0x18);
    if (sigsetjmp(back, 1) == 0)
        *(volatile int *)(uintptr_t)0x8000000000000000 = 1;
    CHECK_EQUAL(seen_order[1], SIGSEGV);
    CHECK_EQUAL(seen_info[1].si_code, SI_KERNEL);
    CHECK(seen_info[1].si_addr == NULL);
    if (sigsetjmp(back, 1) == 0)
        seen_order[20] = 5 / zero_value;
    CHECK_EQUAL(seen_order[2], SIGFPE);
    CHECK_EQUAL(seen_info[2].si_code, FPE_INTDIV);
    CHECK(seen_info[2].si_addr != NULL);
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("ud2");
    CHECK_EQUAL(seen_order[3], SIGILL);
    CHECK_EQUAL(seen_info[3].si_code, ILL_ILLOPN);
    void *address = seen_info[3].si_addr;
    CHECK(address != NULL && *(unsigned short *)address == 0x0b0f);
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("int3");
    CHECK_EQUAL(seen_order[4], SIGTRAP);
    CHECK_EQUAL(seen_info[4].si_code, SI_KERNEL);
    // A privileged instruction.
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("hlt");
    CHECK_EQUAL(seen_order[5], SIGSEGV);
    CHECK_EQUAL(seen_info[5].si_code, SI_KERNEL);
    // An SSE exception that was unmasked.
    if (sigsetjmp(back, 1) == 0) {
        _mm_setcsr(_mm_getcsr() & ~_MM_MASK_DIV_ZERO);
        volatile double zero = 0, result = 1 / zero;
        (void)result;
    }
    _mm_setcsr(0x1f80);
    CHECK_EQUAL(seen_order[6], SIGFPE);
    CHECK_EQUAL(seen_info[6].si_code, FPE_FLTDIV);
    // A jump to nowhere: the address is that of the code.
    if (sigsetjmp(back, 1) == 0)
        ((void (*)(void))(uintptr_t)0x5000)();
    CHECK_EQUAL(seen_order[7], SIGSEGV);
    CHECK(seen_info[7].si_addr == (void *)0x5000);
    CHECK_EQUAL(seen_count, 8);
    for (int i = 0; i < 5; i++)
        reset(faults[i]);
}

static volatile int fault_flags[4];
static volatile long fault_error;

static void map_page(int signal, siginfo_t *info, void *context) {
    ucontext_t *user = context;
    (void)signal;
    fault_error = user->uc_mcontext.gregs[REG_ERR];
    fault_flags[0] = (long)user->uc_mcontext.gregs[REG_CR2] == (long)info->si_addr;
    fault_flags[1] = (int)user->uc_mcontext.gregs[REG_TRAPNO];
    mprotect((void *)((uintptr_t)info->si_addr & ~4095UL), 4096, PROT_READ | PROT_WRITE);
    seen_count++;
}

static void fault_handler_that_maps(void) {
    struct sigaction action = { .sa_sigaction = map_page, .sa_flags = SA_SIGINFO };
    sigaction(SIGSEGV, &action, NULL);
    char *base = mmap(NULL, 64 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    seen_count = 0;
    for (int i = 0; i < 64; i++)
        base[i * 4096 + i] = (char)i;
    CHECK_EQUAL(seen_count, 64);
    CHECK_EQUAL(fault_flags[0], 1);
    CHECK_EQUAL(fault_flags[1], 14);
    // The write bit and the user bit of the page fault's error code.
    CHECK_EQUAL(fault_error & 6, 6);
    for (int i = 0; i < 64; i++)
        CHECK_EQUAL(base[i * 4096 + i], i);
    munmap(base, 64 * 4096);
    reset(SIGSEGV);
}

static void change_registers(int signal, siginfo_t *info, void *context) {
    ucontext_t *user = context;
    (void)signal;
    (void)info;
    user->uc_mcontext.gregs[REG_RBX] = 0x1122334455667788;
    user->uc_mcontext.gregs[REG_RIP] += 2;
    seen_count++;
}

static void registers_through_context(void) {
    struct sigaction action = { .sa_sigaction = change_registers, .sa_flags = SA_SIGINFO };
    sigaction(SIGILL, &action, NULL);
    seen_count = 0;
    unsigned long rbx = 1, r12 = 12;
    __asm__ volatile("mov $5, %%rbx\n mov $77, %%r12\n ud2\n mov %%rbx, %0\n mov %%r12, %1"
        : "=r"(rbx), "=r"(r12) : : "rbx", "r12", "memory");
    CHECK_EQUAL(rbx, 0x1122334455667788);
    CHECK_EQUAL(r12, 77);
    CHECK_EQUAL(seen_count, 1);
    reset(SIGILL);
}

static void spoil_vectors(int signal) {
    (void)signal;
    // Everything a handler may change: the registers of all widths, the modes of both floating-point units.
    __asm__ volatile("pxor %%xmm0, %%xmm0\n pcmpeqd %%xmm1, %%xmm1\n pxor %%xmm7, %%xmm7\n pxor %%xmm15, %%xmm15\n"
        ::: "xmm0", "xmm1", "xmm7", "xmm15");
    if (__builtin_cpu_supports("avx"))
        __asm__ volatile("vzeroall" ::: "memory");
    if (__builtin_cpu_supports("avx512f"))
        __asm__ volatile("vpxorq %%zmm17, %%zmm17, %%zmm17\n vpxorq %%zmm31, %%zmm31, %%zmm31\n kxorw %%k3, %%k3, %%k3"
            ::: "memory");
    _mm_setcsr(0x1fbf);
    unsigned short control = 0x27f;
    __asm__ volatile("fninit\n fldcw %0" :: "m"(control));
    seen_count++;
}

struct vectors {
    unsigned char sse[16][16];
    unsigned mxcsr;
    unsigned short control;
    double x87;
};

// Loads known values, makes system call 'number', and reads the registers again.
#define LOAD_SSE "movdqu (%1), %%xmm0\n movdqu 16(%1), %%xmm1\n movdqu 112(%1), %%xmm7\n movdqu 240(%1), %%xmm15\n"
#define STORE_SSE "movdqu %%xmm0, (%2)\n movdqu %%xmm1, 16(%2)\n movdqu %%xmm7, 112(%2)\n movdqu %%xmm15, 240(%2)\n"

static void sse_over(long number, long first, long second, long third) {
    struct vectors before, after;
    for (int i = 0; i < 16; i++)
        memset(before.sse[i], 0x10 + i, 16);
    memset(&after, 0, sizeof after);
    before.mxcsr = 0x9f80;
    before.control = 0x77f;
    double value = 3.25;
    long result = number;
    __asm__ volatile("ldmxcsr %6\n fldcw %7\n fldl %8\n" LOAD_SSE "syscall\n" STORE_SSE "fstpl %3\n stmxcsr %4\n fnstcw %5"
        : "+a"(result)
        : "r"(before.sse), "r"(after.sse), "m"(after.x87), "m"(after.mxcsr), "m"(after.control), "m"(before.mxcsr),
          "m"(before.control), "m"(value), "D"(first), "S"(second), "d"(third)
        : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm7", "xmm15", "st");
    _mm_setcsr(0x1f80);
    __asm__ volatile("fninit");
    CHECK(memcmp(before.sse[0], after.sse[0], 32) == 0);
    CHECK(memcmp(before.sse[7], after.sse[7], 16) == 0);
    CHECK(memcmp(before.sse[15], after.sse[15], 16) == 0);
    CHECK_EQUAL(after.mxcsr & 0xFFC0, before.mxcsr);
    CHECK_EQUAL(after.control, before.control);
    CHECK(after.x87 == 3.25);
}

__attribute__((target("avx"))) static void avx_over(long number, long first, long second, long third) {
    unsigned char before[64], after[64];
    for (int i = 0; i < 64; i++)
        before[i] = (unsigned char)(i + 1);
    long result = number;
    __asm__ volatile("vmovdqu (%1), %%ymm3\n vmovdqu 32(%1), %%ymm14\n syscall\n vmovdqu %%ymm3, (%2)\n"
        "vmovdqu %%ymm14, 32(%2)\n vzeroupper"
        : "+a"(result) : "r"(before), "r"(after), "D"(first), "S"(second), "d"(third)
        : "rcx", "r11", "memory", "xmm3", "xmm14");
    CHECK(memcmp(before, after, 64) == 0);
}

__attribute__((target("avx512f"))) static void avx512_over(long number, long first, long second, long third) {
    unsigned char before[192], after[192];
    for (int i = 0; i < 192; i++)
        before[i] = (unsigned char)(i + 1);
    long result = number;
    unsigned mask = 0;
    __asm__ volatile("vmovdqu64 (%2), %%zmm5\n vmovdqu64 64(%2), %%zmm17\n vmovdqu64 128(%2), %%zmm31\n mov $0x5aa5, %1\n"
        "kmovw %1, %%k3\n syscall\n kmovw %%k3, %1\n"
        "vmovdqu64 %%zmm5, (%3)\n vmovdqu64 %%zmm17, 64(%3)\n vmovdqu64 %%zmm31, 128(%3)\n vzeroupper"
        : "+a"(result), "=&r"(mask) : "r"(before), "r"(after), "D"(first), "S"(second), "d"(third)
        : "rcx", "r11", "memory", "xmm5");
    CHECK(memcmp(before, after, 192) == 0);
    CHECK_EQUAL(mask, 0x5aa5);
}

static void vectors_over(long number, long first, long second, long third) {
    sse_over(number, first, second, third);
    if (__builtin_cpu_supports("avx"))
        avx_over(number, first, second, third);
    if (__builtin_cpu_supports("avx512f"))
        avx512_over(number, first, second, third);
}

static void vectors_over_calls(void) {
    vectors_over(SYS_getppid, 0, 0, 0);
    struct timespec little = { .tv_nsec = 100000 };
    vectors_over(SYS_nanosleep, (long)&little, 0, 0);
    int file = open("/dev/zero", O_RDONLY);
    static char room[8192];
    vectors_over(SYS_read, file, (long)room, sizeof room);
    close(file);
    vectors_over(SYS_madvise, (long)room, 0, 12345);
    vectors_over(SYS_sched_yield, 0, 0, 0);
}

static void vectors_over_handlers(void) {
    struct sigaction action = { .sa_handler = spoil_vectors };
    sigaction(SIGUSR1, &action, NULL);
    seen_count = 0;
    vectors_over(SYS_tgkill, getpid(), thread_id(), SIGUSR1);
    CHECK(seen_count >= 1);
    // A fault in the middle of a computation, and a handler in the middle of plain code.
    reset(SIGUSR1);
}

static volatile bool stop_spinning;
static volatile long spin_wrong;

__attribute__((target("avx"))) static void *spin(void *argument) {
    unsigned char before[32], after[32];
    memset(before, 0x3c, 32);
    unsigned long loops = 0;
    __atomic_store_n((pid_t *)argument, thread_id(), __ATOMIC_RELEASE);
    while (!stop_spinning) {
        unsigned long left = 200000, r8 = 0;
        __asm__ volatile("vmovdqu (%2), %%ymm9\n mov $0x1234567, %%r8\n 1: dec %0\n jnz 1b\n vmovdqu %%ymm9, (%3)\n mov %%r8, %1\n"
            "vzeroupper" : "+r"(left), "=r"(r8) : "r"(before), "r"(after) : "memory", "xmm9", "r8");
        spin_wrong += memcmp(before, after, 32) != 0 || r8 != 0x1234567 || left != 0;
        loops++;
    }
    return NULL;
}

static void handlers_in_running_code(void) {
    if (!__builtin_cpu_supports("avx"))
        return;
    struct sigaction action = { .sa_handler = spoil_vectors };
    sigaction(SIGUSR1, &action, NULL);
    pthread_t thread;
    pid_t id = 0;
    seen_count = 0;
    stop_spinning = false;
    pthread_create(&thread, NULL, spin, &id);
    UNTIL(__atomic_load_n(&id, __ATOMIC_ACQUIRE) != 0);
    for (int i = 1; i <= 200; i++) {
        CHECK_WORKS(syscall(SYS_tgkill, getpid(), id, SIGUSR1));
        for (long tries = 0; seen_count < i && tries < 2000000; tries++)
            sched_yield();
        NEED(seen_count == i);
    }
    stop_spinning = true;
    pthread_join(thread, NULL);
    CHECK_EQUAL(spin_wrong, 0);
    reset(SIGUSR1);
}

static void errno_and_results_survive(void) {
    // The result of an interrupted system call isn't disturbed by a handler that makes calls itself.
    handle(SIGUSR1, 0);
    seen_count = 0;
    CHECK_EQUAL(syscall(SYS_tgkill, getpid(), thread_id(), SIGUSR1), 0);
    CHECK_EQUAL(seen_count, 1);
    CHECK_EQUAL(raise(SIGUSR1), 0);
    CHECK_EQUAL(seen_count, 2);
    reset(SIGUSR1);
}

static void jump_out_of_handlers(void) {
    struct sigaction action = { .sa_sigaction = jump_back, .sa_flags = SA_SIGINFO };
    sigaction(SIGUSR1, &action, NULL);
    seen_count = 0;
    for (volatile int i = 0; i < 50; i++)
        if (sigsetjmp(back, 1) == 0)
            raise(SIGUSR1);
    CHECK_EQUAL(seen_count, 50);
    reset(SIGUSR1);
}

static void signal_descriptor(void) {
    sigset_t wanted = set_of(SIGUSR1), old;
    sigaddset(&wanted, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &wanted, &old);
    int file = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    NEED(file >= 0);
    struct signalfd_siginfo information[4];
    CHECK_FAILS(read(file, information, sizeof information), EAGAIN);
    sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 42 });
    kill(getpid(), SIGUSR1);
    CHECK_EQUAL(read(file, information, sizeof information), 2 * sizeof information[0]);
    CHECK_EQUAL(information[0].ssi_signo, SIGUSR1);
    CHECK_EQUAL(information[0].ssi_pid, getpid());
    CHECK_EQUAL(information[1].ssi_signo, SIGRTMIN);
    CHECK_EQUAL(information[1].ssi_int, 42);
    CHECK_FAILS(read(file, information, 16), EINVAL);
    wanted = set_of(SIGUSR1);
    CHECK_EQUAL(signalfd(file, &wanted, 0), file);
    sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 1 });
    CHECK_FAILS(read(file, information, sizeof information), EAGAIN);
    close(file);
    sigset_t rest = set_of(SIGRTMIN);
    CHECK_EQUAL(sigwaitinfo(&rest, NULL), SIGRTMIN);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void queue_limit(void) {
    // Real-time signals are queued each, at least a few hundred of them.
    sigset_t wanted = set_of(SIGRTMIN + 3), old;
    sigprocmask(SIG_BLOCK, &wanted, &old);
    for (int i = 0; i < 300; i++)
        CHECK_WORKS(sigqueue(getpid(), SIGRTMIN + 3, (union sigval){ .sival_int = i }));
    struct timespec zero = { 0 };
    siginfo_t info;
    for (int i = 0; i < 300; i++) {
        CHECK_EQUAL(sigtimedwait(&wanted, &info, &zero), SIGRTMIN + 3);
        CHECK_EQUAL(info.si_value.sival_int, i);
    }
    CHECK_FAILS(sigtimedwait(&wanted, &info, &zero), EAGAIN);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static volatile int cpu_signals;

static void on_timer(int signal) {
    (void)signal;
    cpu_signals++;
}

static void signals_during_system_calls(void) {
    // A timer that fires as often as it can while system calls are made: nothing may be lost or torn.
    struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_RESTART };
    sigaction(SIGALRM, &action, NULL);
    struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { { 0, 0 }, { 0, 0 } };
    cpu_signals = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    pid_t self = getpid();
    long wrong = 0;
    int ends[2];
    pipe(ends);
    for (int i = 0; i < 20000 || (cpu_signals < 50 && i < 100000000); i++) {
        wrong += syscall(SYS_getpid) != self;
        char text[8] = "";
        wrong += write(ends[1], "abcd", 4) != 4;
        wrong += read(ends[0], text, 8) != 4 || memcmp(text, "abcd", 4) != 0;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK_EQUAL(wrong, 0);
    CHECK(cpu_signals >= 50);
    close(ends[0]);
    close(ends[1]);
    reset(SIGALRM);
}

// What the handler makes of the frame before it returns by it.
static int spoiling;

static void spoil_frame(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    ucontext_t *frame = context;
    char *vectors = (char *)frame->uc_mcontext.fpregs;
    switch (spoiling) {
    case 1: frame->uc_mcontext.gregs[REG_CSGSFS] = 0x1111222233334444; break;
    case 2: frame->uc_mcontext.gregs[REG_RIP] = (long long)0xffff800000000000; break;
    case 3: frame->uc_mcontext.fpregs = (void *)0xffff800000000000; break;
    case 4: frame->uc_mcontext.fpregs = (void *)(vectors + 3); break;
    case 5: memset(vectors, 0xff, 512 + 64); break; // no magic number: x87 and SSE only
    case 6: *(uint32_t *)(vectors + 24) = 0xffff0000; break; // MXCSR
    case 7: vectors[512 + 23] = 1; break; // reserved in the header
    case 8: vectors[512 + 7] = 0x40; break; // a component that there isn't
    case 9: memset(vectors, 0, 464); *(uint16_t *)vectors = 0x37f; *(uint32_t *)(vectors + 24) = 0x1f80; break;
    default: break;
    }
}

// A processor that is asked to load such a state refuses: that ends the program, and nothing else.
static void frames_that_cannot_be_loaded(void) {
    for (spoiling = 0; spoiling <= 9; spoiling++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) {
            struct sigaction action = { .sa_sigaction = spoil_frame, .sa_flags = SA_SIGINFO };
            sigaction(SIGUSR1, &action, NULL);
            raise(SIGUSR1);
            _exit(7);
        }
        waitpid(child, &status, 0);
        if (!CHECK_EQUAL(status & 0xff7f, spoiling == 0 || spoiling == 9 ? 7 << 8 : SIGSEGV))
            printf("frame %d\n", spoiling);
    }
}

static volatile int *faults_taken;

// Faults again and again on the alternate stack.
static void fault_again(int signal) {
    (void)signal;
    ++*faults_taken;
    *(volatile int *)8 = 1;
}

// A handler that comes to the end of the alternate stack doesn't go on below it, nor at its top: the program ends (sigaltstack(2), NOTES).
static void end_of_alternate_stack(void) {
    size_t size = 65536;
    char *memory = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    faults_taken = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(memory, 0x5A, size);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = { 0, 0 };
        setrlimit(RLIMIT_CORE, &none);
        stack_t stack = { .ss_sp = memory + size, .ss_size = size };
        sigaltstack(&stack, NULL);
        struct sigaction action = { .sa_handler = fault_again, .sa_flags = SA_ONSTACK | SA_NODEFER };
        sigaction(SIGSEGV, &action, NULL);
        alarm(20);
        *(volatile int *)8 = 1;
        _exit(0);
    }
    int status = 0;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, SIGSEGV);
    // As many frames as fit, each of which is larger than struct ucontext.
    CHECK(*faults_taken > 1 && *faults_taken < (int)(size / 500));
    munmap(memory, 2 * size);
}

MAIN(SECTION(masks), SECTION(queue_order), SECTION(information), SECTION(alternate_stack), SECTION(stack_overflow),
    SECTION(restart_of_read), SECTION(ignored_signal_does_not_interrupt), SECTION(handler_flags), SECTION(mask_during_handler),
    SECTION(suspend), SECTION(timed_wait), SECTION(signal_of_process_finds_a_thread), SECTION(fault_kinds),
    SECTION(fault_handler_that_maps), SECTION(registers_through_context), SECTION(vectors_over_calls),
    SECTION(vectors_over_handlers), SECTION(handlers_in_running_code), SECTION(errno_and_results_survive),
    SECTION(jump_out_of_handlers), SECTION(signal_descriptor), SECTION(queue_limit), SECTION(signals_during_system_calls),
    SECTION(frames_that_cannot_be_loaded),
    SECTION(end_of_alternate_stack))
