// What is RISC-V's own: structures, frames of signals, floating-point state, clone's arguments, the cache of instructions.
#define _GNU_SOURCE
#include "check.h"
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t handled;
static volatile double disturbed;
static volatile uintptr_t place;
static volatile long argument;

static void structures(void) {
    struct utsname name;
    CHECK_WORKS(uname(&name));
    CHECK_TEXT(name.machine, "riscv64");
    struct stat file;
    CHECK_WORKS(stat("/proc/self/exe", &file));
    CHECK(S_ISREG(file.st_mode) && file.st_nlink >= 1 && file.st_size > 1000 && file.st_blksize >= 512);
    int poll = epoll_create1(0), ends[2];
    CHECK_WORKS(pipe(ends));
    struct epoll_event wanted = { EPOLLOUT, { .u64 = 0x123456789abcdef0 } }, found[2];
    CHECK_WORKS(epoll_ctl(poll, EPOLL_CTL_ADD, ends[1], &wanted));
    wanted = (struct epoll_event){ EPOLLIN, { .u64 = 0xfedcba987654321 } };
    CHECK_WORKS(epoll_ctl(poll, EPOLL_CTL_ADD, ends[0], &wanted));
    CHECK_EQUAL(write(ends[1], "x", 1), 1);
    CHECK_EQUAL(epoll_wait(poll, found, 2, -1), 2);
    CHECK((found[0].data.u64 ^ found[1].data.u64) == (0x123456789abcdef0 ^ 0xfedcba987654321));
    close(poll);
    close(ends[0]);
    close(ends[1]);
    int set = semget(IPC_PRIVATE, 3, 0600);
    struct semid_ds status;
    CHECK_WORKS(semctl(set, 0, IPC_STAT, &status));
    CHECK_EQUAL(status.sem_nsems, 3);
    CHECK_WORKS(semctl(set, 0, IPC_RMID));
}

static void on_fault(int signal, siginfo_t *info, void *data) {
    (void)signal;
    ucontext_t *context = data;
    place = context->uc_mcontext.__gregs[REG_PC];
    argument = context->uc_mcontext.__gregs[REG_A0];
    CHECK((uintptr_t)info->si_addr == place);
    context->uc_mcontext.__gregs[REG_PC] += 4;
    context->uc_mcontext.__gregs[REG_A0] = 77;
    disturbed = disturbed * 3.5 + 1;
    __asm__ volatile("fmv.d.x fs5, zero\n\tfmv.d.x ft4, zero"); // undeclared: the frame brings them back
    __asm__ volatile("fsrmi 1");
    handled++;
}

static void frames(void) {
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    CHECK_WORKS(sigaction(SIGILL, &action, NULL));
    struct sigaction set;
    CHECK_WORKS(sigaction(SIGILL, NULL, &set));
    CHECK(set.sa_sigaction == on_fault && (set.sa_flags & SA_SIGINFO) != 0);
    double before = 1.25, after = 0, after_other = 0;
    register long value __asm__("a0") = 33;
    // An instruction that no processor has: of 32 bits, all of them set.
    __asm__ volatile("fld fs5, %3\n\tfld ft4, %3\n\t.4byte 0xffffffff\n\tfsd fs5, %1\n\tfsd ft4, %2"
        : "+r"(value), "=m"(after), "=m"(after_other) : "m"(before) : "memory", "fs5", "ft4");
    CHECK_EQUAL(handled, 1);
    CHECK_EQUAL(argument, 33);
    CHECK_EQUAL(value, 77);
    CHECK(after == before && after_other == before);
    long rounding;
    __asm__ volatile("frrm %0" : "=r"(rounding));
    CHECK_EQUAL(rounding, 0);
    signal(SIGILL, SIG_DFL);
}

static void on_stack(int signal) {
    (void)signal;
    int local;
    place = (uintptr_t)&local;
    handled++;
}

static void stacks_and_restarts(void) {
    static char memory[65536];
    stack_t stack = { .ss_sp = memory, .ss_size = sizeof memory };
    CHECK_WORKS(sigaltstack(&stack, NULL));
    struct sigaction action = { .sa_handler = on_stack, .sa_flags = SA_ONSTACK | SA_RESTART };
    CHECK_WORKS(sigaction(SIGUSR1, &action, NULL));
    handled = 0;
    raise(SIGUSR1);
    CHECK(handled == 1 && place >= (uintptr_t)memory && place < (uintptr_t)memory + sizeof memory);
    // A read that a signal interrupts goes on with its first argument.
    int ends[2];
    CHECK_WORKS(pipe(ends));
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        char state = 0;
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/stat", parent);
        while (state != 'S') {
            FILE *file = fopen(path, "r");
            if (fscanf(file, "%*d %*s %c", &state) != 1)
                _exit(1);
            fclose(file);
        }
        kill(parent, SIGUSR1);
        _exit(write(ends[1], "y", 1) == 1 ? 0 : 1);
    }
    char byte = 0;
    CHECK_EQUAL(read(ends[0], &byte, 1), 1);
    CHECK(byte == 'y' && handled == 2);
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
}

static int in_child(void *data) { return *(int *)data; }

static void clone_arguments(void) {
    static char stack[65536];
    int parent_id = 0, child_id = 0, result = 9, status;
    // glibc's clone: parent's address, thread pointer, child's address.
    pid_t child = clone(in_child, stack + sizeof stack, CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, &result, &parent_id, NULL, &child_id);
    CHECK(child > 0);
    CHECK_EQUAL(parent_id, child);
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 9 << 8);
}

static void instructions(void) {
    uint32_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 100; i++) {
        code[0] = 0x00000513 | (uint32_t)i << 20; // li a0, i
        code[1] = 0x00008067;                     // ret
        CHECK_WORKS(syscall(SYS_riscv_flush_icache, code, code + 2, 0));
        CHECK_EQUAL(((int (*)(void))code)(), i);
    }
    CHECK_FAILS(syscall(SYS_riscv_flush_icache, code, code + 2, 2), EINVAL);
    munmap(code, 4096);
}

MAIN(SECTION(structures), SECTION(frames), SECTION(stacks_and_restarts), SECTION(clone_arguments), SECTION(instructions))
