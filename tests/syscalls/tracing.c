// ptrace(2), as strace, gdb and sanitizers use it.
#include "check.h"
#include <fcntl.h>
#include <linux/elf.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

static bool stopped(int status, int signal) { return WIFSTOPPED(status) && WSTOPSIG(status) == signal; }
#define EVENT(status) ((status) >> 16)

static long trace(int request, pid_t id, unsigned long address, unsigned long data) { return syscall(SYS_ptrace, request, id, address, data); }

static int wait_for(pid_t id) {
    int status = -1;
    CHECK_EQUAL(waitpid(id, &status, __WALL), id);
    return status;
}

static void end(pid_t child) {
    kill(child, SIGKILL);
    int status = wait_for(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

// A child that waits for its parent to trace it.
static pid_t traced_child(void) {
    pid_t child = fork();
    if (child == 0) {
        trace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
    } else {
        CHECK(stopped(wait_for(child), SIGSTOP));
    }
    return child;
}

static volatile long shared_word = 11;
static int calls;
static void on_signal(int signal) { calls += signal; }

static void signals(void) {
    pid_t child = traced_child();
    if (child == 0) {
        signal(SIGUSR1, on_signal);
        signal(SIGUSR2, on_signal);
        signal(SIGHUP, SIG_IGN);
        raise(SIGUSR1);
        raise(SIGUSR1);
        raise(SIGUSR1);
        raise(SIGHUP);
        _exit(calls);
    }
    CHECK_FAILS(trace(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
    siginfo_t info;
    CHECK_WORKS(trace(PTRACE_GETSIGINFO, child, 0, (unsigned long)&info));
    CHECK_EQUAL(info.si_signo, SIGSTOP);
    CHECK_EQUAL(info.si_code, SI_TKILL);
    CHECK_FAILS(trace(PTRACE_CONT, child, 0, 65), EIO);
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    // Let through, dropped, replaced; also ignored ones are shown.
    CHECK(stopped(wait_for(child), SIGUSR1));
    // The number is that of the request, whatever the tracer makes of the details.
    static const int numbers[] = { 1000, -5, 65, 0, SIGUSR2, SIGUSR1 };
    for (int i = 0; i < 6; i++) {
        CHECK_WORKS(trace(PTRACE_GETSIGINFO, child, 0, (unsigned long)&info));
        info.si_signo = numbers[i];
        CHECK_WORKS(trace(PTRACE_SETSIGINFO, child, 0, (unsigned long)&info));
    }
    info.si_signo = 1000;
    CHECK_WORKS(trace(PTRACE_SETSIGINFO, child, 0, (unsigned long)&info));
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, SIGUSR1));
    CHECK(stopped(wait_for(child), SIGUSR1));
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    CHECK(stopped(wait_for(child), SIGUSR1));
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, SIGUSR2));
    CHECK(stopped(wait_for(child), SIGHUP));
    CHECK_FAILS(trace(PTRACE_ATTACH, child, 0, 0), EPERM);
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, SIGHUP));
    int status = wait_for(child);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), SIGUSR1 + SIGUSR2);
    CHECK_FAILS(trace(PTRACE_CONT, child, 0, 0), ESRCH);
}

static void memory(void) {
    static const long constant = 5;
    long *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *page = 21;
    pid_t child = traced_child();
    if (child == 0) {
        mprotect(page, 4096, PROT_NONE);
        raise(SIGUSR1);
        mprotect(page, 4096, PROT_READ);
        _exit(shared_word == 12 && *(volatile const long *)&constant == 6 && *page == 22 ? 0 : 1);
    }
    long word = 0;
    CHECK_WORKS(trace(PTRACE_PEEKDATA, child, (unsigned long)&shared_word, (unsigned long)&word));
    CHECK_EQUAL(word, 11);
    CHECK_WORKS(trace(PTRACE_POKEDATA, child, (unsigned long)&shared_word, 12));
    CHECK_EQUAL(shared_word, 11);
    CHECK_WORKS(trace(PTRACE_PEEKTEXT, child, (unsigned long)&constant, (unsigned long)&word));
    CHECK_EQUAL(word, 5);
    CHECK_WORKS(trace(PTRACE_POKETEXT, child, (unsigned long)&constant, 6));
    CHECK_FAILS(trace(PTRACE_PEEKDATA, child, 8, (unsigned long)&word), EIO);
    CHECK_FAILS(trace(PTRACE_POKEDATA, child, 8, 0), EIO);
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    CHECK(stopped(wait_for(child), SIGUSR1));
    CHECK_WORKS(trace(PTRACE_PEEKDATA, child, (unsigned long)page, (unsigned long)&word));
    CHECK_EQUAL(word, 21);
    CHECK_WORKS(trace(PTRACE_POKEDATA, child, (unsigned long)page, 22));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int file = open(path, O_RDWR);
    CHECK_EQUAL(pread(file, &word, sizeof word, (off_t)&constant), sizeof word);
    CHECK_EQUAL(word, 6);
    CHECK_EQUAL(pwrite(file, &word, sizeof word, (off_t)&constant), sizeof word);
    close(file);
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    int status = wait_for(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    munmap(page, 8192);
}

static void registers(void) {
    pid_t child = traced_child();
    if (child == 0) {
        long result = 0;
        __asm__ volatile("mov $77, %%r12\n movq %%r12, %%xmm9\n int3\n movq %%xmm9, %0\n add %%r12, %0" : "=r"(result) : : "r12", "xmm9");
        _exit((int)result);
    }
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    CHECK(stopped(wait_for(child), SIGTRAP));
    struct user_regs_struct r, again;
    CHECK_WORKS(trace(PTRACE_GETREGS, child, 0, (unsigned long)&r));
    CHECK_EQUAL(r.r12, 77);
    CHECK_EQUAL(r.orig_rax, -1);
    CHECK_EQUAL(r.cs, 0x33);
    CHECK_EQUAL(r.ss, 0x2b);
    long word;
    CHECK_WORKS(trace(PTRACE_PEEKTEXT, child, r.rip - 1, (unsigned long)&word));
    CHECK_EQUAL(word & 0xff, 0xcc);
    CHECK_WORKS(trace(PTRACE_PEEKUSER, child, offsetof(struct user, regs.r12), (unsigned long)&word));
    CHECK_EQUAL(word, 77);
    CHECK_FAILS(trace(PTRACE_PEEKUSER, child, 3, (unsigned long)&word), EIO);
    CHECK_FAILS(trace(PTRACE_PEEKUSER, child, 1 << 20, (unsigned long)&word), EIO);
    CHECK_WORKS(trace(PTRACE_PEEKUSER, child, offsetof(struct user, u_debugreg[6]), (unsigned long)&word));
    r.r12 = 20;
    CHECK_WORKS(trace(PTRACE_SETREGS, child, 0, (unsigned long)&r));
    struct iovec vector = { &again, sizeof again + 64 };
    CHECK_WORKS(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (unsigned long)&vector));
    CHECK_EQUAL(vector.iov_len, sizeof again);
    CHECK_EQUAL(memcmp(&r, &again, sizeof r), 0);
    vector.iov_len = 13;
    CHECK_FAILS(trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (unsigned long)&vector), EINVAL);
    CHECK_FAILS(trace(PTRACE_GETREGSET, child, 0x777, (unsigned long)&vector), EINVAL);
    struct user_fpregs_struct fp;
    CHECK_WORKS(trace(PTRACE_GETFPREGS, child, 0, (unsigned long)&fp));
    CHECK_EQUAL(fp.xmm_space[9 * 4], 77);
    fp.xmm_space[9 * 4] = 30;
    fp.mxcsr |= 1u << 30;
    CHECK_FAILS(trace(PTRACE_SETFPREGS, child, 0, (unsigned long)&fp), EINVAL);
    fp.mxcsr &= ~(1u << 30);
    CHECK_WORKS(trace(PTRACE_SETFPREGS, child, 0, (unsigned long)&fp));
    static char state[16384] __attribute__((aligned(64)));
    vector = (struct iovec){ state, sizeof state };
    CHECK_WORKS(trace(PTRACE_GETREGSET, child, NT_X86_XSTATE, (unsigned long)&vector));
    CHECK(vector.iov_len >= 576 && vector.iov_len < sizeof state);
    CHECK_EQUAL(((int *)state)[40 + 9 * 4], 30);
    CHECK_EQUAL(*(unsigned long *)(state + 464) & 3, 3);
    state[520] = 1;
    CHECK_FAILS(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (unsigned long)&vector), EINVAL);
    state[520] = 0;
    CHECK_WORKS(trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (unsigned long)&vector));
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    int status = wait_for(child);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 50);
}

static void system_calls(void) {
    pid_t child = traced_child();
    if (child == 0) {
        long first = syscall(SYS_getppid), second = syscall(SYS_getppid), third = syscall(SYS_getppid);
        _exit(first == 4321 && second == -1 && errno == ENOTTY && third == getpid() ? 0 : 1);
    }
    CHECK_WORKS(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD));
    CHECK_FAILS(trace(PTRACE_SETOPTIONS, child, 0, 1 << 30), EINVAL);
    int found = 0;
    for (int i = 0; i < 100; i++) {
        CHECK_WORKS(trace(PTRACE_SYSCALL, child, 0, 0));
        int status = wait_for(child);
        if (WIFEXITED(status)) {
            CHECK_EQUAL(WEXITSTATUS(status), 0);
            break;
        }
        CHECK(stopped(status, SIGTRAP | 0x80));
        struct user_regs_struct r;
        CHECK_WORKS(trace(PTRACE_GETREGS, child, 0, (unsigned long)&r));
        struct __ptrace_syscall_info info;
        long size = trace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, (unsigned long)&info);
        CHECK_EQUAL(info.instruction_pointer, r.rip);
        CHECK_EQUAL(info.stack_pointer, r.rsp);
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
            CHECK_EQUAL(size, offsetof(struct __ptrace_syscall_info, entry.args) + sizeof info.entry.args);
            CHECK_EQUAL(r.rax, -ENOSYS);
            CHECK_EQUAL(info.entry.nr, r.orig_rax);
            CHECK_EQUAL(info.entry.args[0], r.rdi);
            if (r.orig_rax == SYS_getppid && ++found == 2) {
                // No call at all, with a result.
                r.orig_rax = -1;
                r.rax = -ENOTTY;
                CHECK_WORKS(trace(PTRACE_SETREGS, child, 0, (unsigned long)&r));
            } else if (r.orig_rax == SYS_getppid && found == 3) {
                CHECK_WORKS(trace(PTRACE_POKEUSER, child, offsetof(struct user, regs.orig_rax), SYS_getpid));
            }
        } else {
            CHECK_EQUAL(info.op, PTRACE_SYSCALL_INFO_EXIT);
            CHECK_EQUAL(info.exit.rval, r.rax);
            CHECK_EQUAL(info.exit.is_error, (long)r.rax < 0);
            if (r.orig_rax == SYS_getppid && found == 1) {
                CHECK_EQUAL(r.rax, getpid());
                r.rax = 4321;
                CHECK_WORKS(trace(PTRACE_SETREGS, child, 0, (unsigned long)&r));
            }
        }
    }
    CHECK_EQUAL(found, 3);
}

static void steps(void) {
    pid_t child = traced_child();
    if (child == 0) {
        __asm__ volatile("int3\n nop\n nop\n mov $39, %%eax\n syscall\n nop\n nop\n nop\n nop\n nop\n nop\n int3" ::: "rax", "rcx", "r11", "memory");
        _exit(0);
    }
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    CHECK(stopped(wait_for(child), SIGTRAP));
    struct user_regs_struct r;
    CHECK_WORKS(trace(PTRACE_GETREGS, child, 0, (unsigned long)&r));
    static const int lengths[] = { 1, 1, 5, 2, 1, 1 };
    unsigned long at = r.rip;
    for (int i = 0; i < 6; i++) {
        CHECK_WORKS(trace(PTRACE_SINGLESTEP, child, 0, 0));
        CHECK(stopped(wait_for(child), SIGTRAP));
        CHECK_WORKS(trace(PTRACE_GETREGS, child, 0, (unsigned long)&r));
        at += lengths[i];
        CHECK_EQUAL(r.rip, at);
        CHECK_EQUAL(r.eflags & 0x100, 0);
    }
    CHECK_EQUAL(r.rax, child);
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    CHECK(stopped(wait_for(child), SIGTRAP));
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    int status = wait_for(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// Breakpoints right behind a system call, where the code can't go on elsewhere: a program that is continued behind one comes to the next.
static void breakpoints(void) {
    pid_t child = traced_child();
    if (child == 0) {
        __asm__ volatile("mov $39, %%eax\n mov %%eax, %%eax\n syscall\n int3\n int3\n int3\n mov %%eax, %%edi\n mov $39, %%eax\n syscall"
            ::: "rax", "rdi", "rcx", "r11", "memory");
        __asm__ volatile("mov $39, %%ebx\n mov %%ebx, %%eax\n syscall\n int3" ::: "rax", "rbx", "rcx", "r11", "memory");
        _exit(0);
    }
    struct user_regs_struct r;
    unsigned long first = 0;
    for (int i = 0; i < 4; i++) {
        CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
        CHECK(stopped(wait_for(child), SIGTRAP));
        CHECK_WORKS(trace(PTRACE_GETREGS, child, 0, (unsigned long)&r));
        CHECK_EQUAL(r.rax, child);
        if (i == 0)
            first = r.rip;
        else if (i < 3)
            CHECK_EQUAL(r.rip, first + i);
    }
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    int status = wait_for(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *thread_body(void *argument) { return argument; }

// fork, vfork, clone, exec and exit announce themselves; the new ones are traced too.
static void events(void) {
    pid_t child = traced_child();
    if (child == 0) {
        pid_t forked = fork();
        if (forked == 0)
            _exit(3);
        int status;
        waitpid(forked, &status, 0);
        pthread_t thread;
        pthread_create(&thread, NULL, thread_body, NULL);
        pthread_join(thread, NULL);
        forked = vfork();
        if (forked == 0)
            execl("/bin/true", "true", NULL);
        waitpid(forked, &status, 0);
        _exit(9);
    }
    CHECK_WORKS(trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
        PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    int seen[8] = { 0 }, exits = 0, stops = 0;
    unsigned long message, made[8] = { 0 };
    while (true) {
        int status;
        pid_t id = waitpid(-1, &status, __WALL);
        if (id < 0)
            break;
        if (WIFEXITED(status)) {
            exits++;
            if (id == child)
                CHECK_EQUAL(WEXITSTATUS(status), 9);
            continue;
        }
        NEED(WIFSTOPPED(status));
        int event = EVENT(status), signal = 0;
        if (event) {
            CHECK_EQUAL(WSTOPSIG(status), SIGTRAP);
            seen[event]++;
            CHECK_WORKS(trace(PTRACE_GETEVENTMSG, id, 0, (unsigned long)&message));
            if (event <= PTRACE_EVENT_CLONE)
                made[event] = message;
            if (event == PTRACE_EVENT_VFORK_DONE)
                CHECK_EQUAL(message, made[PTRACE_EVENT_VFORK]);
            if (event == PTRACE_EVENT_EXEC)
                CHECK_EQUAL(message, id);
            if (event == PTRACE_EVENT_EXIT && id == child)
                CHECK_EQUAL(message, 9 << 8);
        } else if (WSTOPSIG(status) == SIGSTOP) {
            stops++;
        } else {
            signal = WSTOPSIG(status);
            CHECK_EQUAL(signal, SIGCHLD);
        }
        CHECK_WORKS(trace(PTRACE_CONT, id, 0, signal));
    }
    CHECK_EQUAL(errno, ECHILD);
    CHECK_EQUAL(seen[PTRACE_EVENT_FORK], 1);
    CHECK_EQUAL(seen[PTRACE_EVENT_VFORK], 1);
    CHECK_EQUAL(seen[PTRACE_EVENT_CLONE], 1);
    CHECK_EQUAL(seen[PTRACE_EVENT_EXEC], 1);
    CHECK_EQUAL(seen[PTRACE_EVENT_VFORK_DONE], 1);
    CHECK_EQUAL(seen[PTRACE_EVENT_EXIT], 4);
    CHECK_EQUAL(stops, 3);
    CHECK_EQUAL(exits, 4);
}

static void execution(void) {
    pid_t child = traced_child();
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    int status = wait_for(child);
    CHECK(stopped(status, SIGTRAP) && EVENT(status) == 0);
    siginfo_t info;
    CHECK_WORKS(trace(PTRACE_GETSIGINFO, child, 0, (unsigned long)&info));
    CHECK_EQUAL(info.si_code, SI_USER);
    CHECK_WORKS(trace(PTRACE_DETACH, child, 0, 0));
    status = wait_for(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void attaching(void) {
    int ready[2];
    CHECK_WORKS(pipe(ready));
    pid_t child = fork();
    if (child == 0) {
        char byte;
        signal(SIGUSR1, on_signal);
        ssize_t got = read(ready[0], &byte, 1);
        _exit(got == 1 && calls == 0 ? byte : 100);
    }
    CHECK_FAILS(trace(PTRACE_CONT, child, 0, 0), ESRCH);
    CHECK_WORKS(trace(PTRACE_ATTACH, child, 0, 0));
    CHECK(stopped(wait_for(child), SIGSTOP));
    char path[64], text[4000];
    snprintf(path, sizeof path, "/proc/%d/status", child);
    int file = open(path, O_RDONLY);
    text[read(file, text, sizeof text - 1)] = 0;
    close(file);
    CHECK(strstr(text, "State:\tt (tracing stop)") != NULL);
    snprintf(path, sizeof path, "TracerPid:\t%d\n", getpid());
    CHECK(strstr(text, path) != NULL);
    CHECK_FAILS(trace(PTRACE_INTERRUPT, child, 0, 0), EIO);
    CHECK_FAILS(trace(PTRACE_LISTEN, child, 0, 0), EIO);
    // A signal that is dropped doesn't end the read.
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    CHECK_FAILS(trace(PTRACE_CONT, child, 0, 0), ESRCH);
    CHECK_WORKS(kill(child, SIGUSR1));
    CHECK(stopped(wait_for(child), SIGUSR1));
    CHECK_WORKS(trace(PTRACE_DETACH, child, 0, 0));
    CHECK_FAILS(trace(PTRACE_DETACH, child, 0, 0), ESRCH);
    CHECK_EQUAL(write(ready[1], "\5", 1), 1);
    int status = wait_for(child);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), 5);
    close(ready[0]);
    close(ready[1]);
}

static void seizing(void) {
    pid_t child = fork();
    if (child == 0) {
        for (;;)
            pause();
    }
    CHECK_FAILS(trace(PTRACE_SEIZE, child, 1, 0), EIO);
    CHECK_WORKS(trace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACESYSGOOD));
    CHECK_EQUAL(waitpid(child, NULL, __WALL | WNOHANG), 0);
    CHECK_WORKS(trace(PTRACE_INTERRUPT, child, 0, 0));
    int status = wait_for(child);
    CHECK(stopped(status, SIGTRAP));
    CHECK_EQUAL(EVENT(status), PTRACE_EVENT_STOP);
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    // The signal, then the stop of the group.
    CHECK_WORKS(kill(child, SIGSTOP));
    status = wait_for(child);
    CHECK(stopped(status, SIGSTOP) && EVENT(status) == 0);
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, SIGSTOP));
    status = wait_for(child);
    CHECK(stopped(status, SIGSTOP));
    CHECK_EQUAL(EVENT(status), PTRACE_EVENT_STOP);
    CHECK_WORKS(trace(PTRACE_LISTEN, child, 0, 0));
    CHECK_FAILS(trace(PTRACE_CONT, child, 0, 0), ESRCH);
    CHECK_WORKS(kill(child, SIGCONT));
    status = wait_for(child);
    CHECK(stopped(status, SIGTRAP));
    CHECK_EQUAL(EVENT(status), PTRACE_EVENT_STOP);
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    CHECK(stopped(wait_for(child), SIGCONT));
    end(child);
}

static void group_stop(void) {
    pid_t child = traced_child();
    if (child == 0) {
        raise(SIGTSTP);
        _exit(4);
    }
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    CHECK(stopped(wait_for(child), SIGTSTP));
    siginfo_t info;
    CHECK_WORKS(trace(PTRACE_GETSIGINFO, child, 0, (unsigned long)&info));
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, SIGSTOP));
    CHECK(stopped(wait_for(child), SIGSTOP));
    CHECK_FAILS(trace(PTRACE_GETSIGINFO, child, 0, (unsigned long)&info), EINVAL);
    // A tracee goes on although its group is stopped.
    CHECK_WORKS(trace(PTRACE_CONT, child, 0, 0));
    int status = wait_for(child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
}

static char clone_stack[65536] __attribute__((aligned(16)));
static pid_t victim;
static int found_at_thread;

// As LeakSanitizer: a task that shares the memory stops the threads of its parent.
static int stop_the_world(void *argument) {
    (void)argument;
    if (trace(PTRACE_ATTACH, victim, 0, 0) != 0)
        return 1;
    int status;
    if (waitpid(victim, &status, __WALL) != victim || !stopped(status, SIGSTOP))
        return 2;
    struct user_regs_struct r;
    if (trace(PTRACE_GETREGS, victim, 0, (unsigned long)&r) != 0 || r.rsp == 0)
        return 3;
    found_at_thread = 1;
    return trace(PTRACE_DETACH, victim, 0, 0) == 0 ? 0 : 4;
}

static void *sleeper(void *argument) {
    __atomic_store_n(&victim, gettid(), __ATOMIC_SEQ_CST);
    char byte;
    return read(*(int *)argument, &byte, 1) == 1 ? NULL : (void *)1;
}

static void world(void) {
    int channel[2];
    CHECK_WORKS(pipe(channel));
    pthread_t thread;
    void *result;
    prctl(PR_SET_PTRACER, -1L, 0, 0, 0);
    pthread_create(&thread, NULL, sleeper, &channel[0]);
    while (__atomic_load_n(&victim, __ATOMIC_SEQ_CST) == 0)
        sched_yield();
    pid_t tracer = clone(stop_the_world, clone_stack + sizeof clone_stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED, NULL);
    int status = -1;
    CHECK_EQUAL(waitpid(tracer, &status, __WALL), tracer);
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(found_at_thread, 1);
    CHECK_EQUAL(write(channel[1], "x", 1), 1);
    pthread_join(thread, &result);
    CHECK(result == NULL);
    close(channel[0]);
    close(channel[1]);
}

// Who traces another's child sees its end first.
static void held(void) {
    int channel[2], answer[2];
    CHECK_WORKS(pipe(channel));
    CHECK_WORKS(pipe(answer));
    pid_t child = fork();
    if (child == 0) {
        for (;;)
            pause();
    }
    pid_t tracer = fork();
    if (tracer == 0) {
        char byte;
        int status;
        siginfo_t info;
        bool works = trace(PTRACE_SEIZE, child, 0, 0) == 0 && kill(child, SIGKILL) == 0;
        works = works && waitid(P_PID, child, &info, WEXITED | WNOWAIT) == 0 && write(answer[1], "d", 1) == 1 && read(channel[0], &byte, 1) == 1;
        works = works && waitpid(child, &status, __WALL) == child && WIFSIGNALED(status);
        _exit(works ? 0 : 1);
    }
    char byte;
    int status;
    CHECK_EQUAL(read(answer[0], &byte, 1), 1);
    CHECK_EQUAL(waitpid(child, &status, WNOHANG), 0);
    CHECK_EQUAL(write(channel[1], "g", 1), 1);
    status = wait_for(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    status = wait_for(tracer);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(channel[0]);
    close(channel[1]);
    close(answer[0]);
    close(answer[1]);
}

// The tracer's end lets its tracees go, or takes them along.
static void orphans(void) {
    int report[2];
    CHECK_WORKS(pipe(report));
    for (int kills = 0; kills < 2; kills++) {
        pid_t child = fork();
        if (child == 0) {
            for (;;)
                pause();
        }
        pid_t tracer = fork();
        if (tracer == 0)
            _exit(trace(PTRACE_SEIZE, child, 0, kills ? PTRACE_O_EXITKILL : 0) != 0);
        int status = wait_for(tracer);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        if (kills) {
            status = wait_for(child);
            CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        } else {
            CHECK_EQUAL(waitpid(child, &status, WNOHANG), 0);
            end(child);
        }
    }
    close(report[0]);
    close(report[1]);
}

MAIN(SECTION(signals), SECTION(memory), SECTION(registers), SECTION(system_calls), SECTION(steps), SECTION(breakpoints), SECTION(events), SECTION(execution),
    SECTION(attaching), SECTION(seizing), SECTION(group_stop), SECTION(world), SECTION(held), SECTION(orphans))
