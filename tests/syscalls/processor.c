// Processor state that a program may change without any privilege: the program keeps it across system calls and signals as
// natively, and its kernel is none the worse for it.
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>

#define ALIGNMENT_CHECK 0x40000UL
#define NESTED_TASK 0x4000UL
#define DIRECTION 0x400UL
#define TRAP 0x100UL

// Steps over the red zone: the compiler may keep variables there.
#define SET_FLAG(flag) "lea -128(%%rsp), %%rsp; pushfq; orq $" flag ", (%%rsp); popfq; lea 128(%%rsp), %%rsp;"
#define CLEAR_FLAG(flag) "lea -128(%%rsp), %%rsp; pushfq; andq $~" flag ", (%%rsp); popfq; lea 128(%%rsp), %%rsp;"
#define READ_FLAGS(to) "lea -128(%%rsp), %%rsp; pushfq; popq " to "; lea 128(%%rsp), %%rsp;"

static volatile int traps;
static volatile unsigned long handler_flags;

static void count_trap(int signal) {
    (void)signal;
    traps++;
}

// A system call with a flag set, at a site like the C library's, and the flags behind it.
#define CALL_WITH(flag, number, first, second, third, result, flags) do { \
    register long third_argument __asm__("rdx") = (long)(third); \
    __asm__ volatile(SET_FLAG(flag) "syscall; cmp $-4095, %%rax;" READ_FLAGS("%1") CLEAR_FLAG(flag) \
        : "=a"(result), "=&r"(flags) : "0"((long)(number)), "D"((long)(first)), "S"((long)(second)), "r"(third_argument) \
        : "rcx", "r11", "memory", "cc"); } while (0)

static void flags_in_system_calls(void) {
    long result;
    unsigned long flags;
    static char names[4096] __attribute__((aligned(64)));
    CALL_WITH("0x40000", SYS_getpid, 0, 0, 0, result, flags);
    CHECK_EQUAL(result, getpid());
    CHECK(flags & ALIGNMENT_CHECK);
    // Calls that do more in the kernel, with unaligned names and structures.
    CALL_WITH("0x40000", SYS_open, "/usr/share/doc" + 0, O_RDONLY, 0, result, flags);
    NEED(result >= 0);
    int folder = (int)result;
    for (int i = 0; i < 3; i++) {
        CALL_WITH("0x40000", SYS_getdents64, folder, names, sizeof names, result, flags);
        CHECK(result >= 0);
        CHECK(flags & ALIGNMENT_CHECK);
    }
    close(folder);
    CALL_WITH("0x4000", SYS_getpid, 0, 0, 0, result, flags);
    CHECK_EQUAL(result, getpid());
    CHECK(flags & NESTED_TASK);
    CALL_WITH("0x400", SYS_getpid, 0, 0, 0, result, flags);
    CHECK_EQUAL(result, getpid());
    CHECK(flags & DIRECTION);
}

static void look_at_flags(int signal) {
    unsigned long flags;
    (void)signal;
    __asm__ volatile(READ_FLAGS("%0") : "=r"(flags));
    handler_flags = flags;
}

static void set_flags_of_frame(int signal, siginfo_t *info, void *frame) {
    (void)signal;
    (void)info;
    ((ucontext_t *)frame)->uc_mcontext.gregs[REG_EFL] |= ALIGNMENT_CHECK | NESTED_TASK | 0x3000;
}

static void flags_in_signals(void) {
    unsigned long flags;
    long result;
    signal(SIGUSR1, look_at_flags);
    CALL_WITH("0x400", SYS_tgkill, getpid(), gettid(), SIGUSR1, result, flags);
    CHECK_EQUAL(result, 0);
    // Cleared for the handler, as the ABI wants it, and back afterwards.
    CHECK(!(handler_flags & DIRECTION));
    CHECK(flags & DIRECTION);
    CALL_WITH("0x40000", SYS_tgkill, getpid(), gettid(), SIGUSR1, result, flags);
    CHECK_EQUAL(result, 0);
    CHECK(flags & ALIGNMENT_CHECK);

    // What rt_sigreturn may set: AC, not NT nor the I/O privilege.
    struct sigaction action = { .sa_sigaction = set_flags_of_frame, .sa_flags = SA_SIGINFO };
    sigaction(SIGUSR1, &action, NULL);
    __asm__ volatile("syscall; cmp $-4095, %%rax;" READ_FLAGS("%1") CLEAR_FLAG("0x40000")
        : "=a"(result), "=&r"(flags) : "0"((long)SYS_tgkill), "D"((long)getpid()), "S"((long)gettid()), "d"((long)SIGUSR1)
        : "rcx", "r11", "memory", "cc");
    CHECK(flags & ALIGNMENT_CHECK);
    CHECK(!(flags & (NESTED_TASK | 0x3000)));
    signal(SIGUSR1, SIG_DFL);
}

static void single_steps(void) {
    long result;
    signal(SIGTRAP, count_trap);
    // Of the last POPF only the trap that it ends counts.
    traps = 0;
    __asm__ volatile(SET_FLAG("0x100") "nop; nop; nop;" CLEAR_FLAG("0x100") ::: "memory", "cc");
    int plain = traps;
    CHECK(plain >= 7);
    traps = 0;
    __asm__ volatile(SET_FLAG("0x100") "mov %1, %%eax; syscall; nop; nop;" CLEAR_FLAG("0x100")
        : "=&a"(result) : "i"(SYS_getpid) : "rcx", "r11", "memory", "cc");
    // SYSCALL itself doesn't trap: the kernel returns by IRET, and the next instruction ends in a trap.
    CHECK_EQUAL(traps, plain);
    CHECK_EQUAL(result, getpid());
    traps = 0;
    __asm__ volatile(SET_FLAG("0x100") "syscall; cmp $-4095, %%rax; nop; nop;" CLEAR_FLAG("0x100")
        : "=a"(result) : "0"((long)SYS_getpid) : "rcx", "r11", "memory", "cc");
    CHECK_EQUAL(traps, plain);
    CHECK_EQUAL(result, getpid());
    signal(SIGTRAP, SIG_DFL);
}

static void unmasked_exceptions(void) {
    unsigned int mxcsr = 0x8040, seen = 0, usual = 0x1F80;
    unsigned short control = 0x0C00, seen_control = 0, usual_control = 0x037F;
    int file = open("/proc/self/status", O_RDONLY);
    static char text[4096];
    // DAZ, FTZ and nothing masked; x87 with 24 bits, rounding to zero, and nothing masked.
    __asm__ volatile("ldmxcsr %0; fldcw %1" :: "m"(mxcsr), "m"(control));
    long length = syscall(SYS_read, file, text, sizeof text);
    long process = syscall(SYS_getpid);
    __asm__ volatile("stmxcsr %0; fnstcw %1; ldmxcsr %2; fninit; fldcw %3" : "=m"(seen), "=m"(seen_control) : "m"(usual), "m"(usual_control));
    CHECK(length > 100);
    CHECK_EQUAL(process, getpid());
    CHECK_EQUAL(seen & ~0x3F, mxcsr & ~0x3F);
    CHECK_EQUAL(seen_control & 0xF3F, control);
    close(file);
}

static void x87_registers(void) {
    double sum = 0;
    // A full stack, and MMX: the kernel uses neither.
    __asm__ volatile("fninit; fld1; fld1; fld1; fld1; fld1; fld1; fld1; fld1" ::: "memory");
    long process = syscall(SYS_getpid);
    __asm__ volatile("faddp; faddp; faddp; faddp; faddp; faddp; faddp; fstpl %0" : "=m"(sum));
    CHECK(sum == 8);
    CHECK_EQUAL(process, getpid());
    unsigned long in = 0x123456789ABCDEF, out = 0;
    __asm__ volatile("movq %0, %%mm3" :: "r"(in) : "mm3");
    process = syscall(SYS_getpid);
    __asm__ volatile("movq %%mm3, %0; emms" : "=r"(out));
    CHECK_EQUAL(out, in);
    CHECK_EQUAL(process, getpid());
}

static unsigned int mxcsr_in_handler;
static unsigned short control_in_handler, status_in_handler;
static long double computed;

static void look_at_state(int signal) {
    (void)signal;
    __asm__ volatile("stmxcsr %0; fnstcw %1; fnstsw %2" : "=m"(mxcsr_in_handler), "=m"(control_in_handler), "=m"(status_in_handler));
    volatile long double one = 1, three = 3;
    computed = one / three * 3;
}

// A handler starts with the state of a new program, whatever it interrupts; what it interrupted finds its own again.
static void fresh_state_in_handlers(void) {
    signal(SIGUSR1, look_at_state);
    unsigned int mxcsr = 0x7F80, seen = 0, usual = 0x1F80;
    unsigned short control = 0x0C7F, seen_control = 0, usual_control = 0x037F;
    double sum = 0;
    __asm__ volatile("fninit; fld1; fld1; fld1; fld1; fld1; fld1; fld1; fld1; ldmxcsr %0; fldcw %1" :: "m"(mxcsr), "m"(control));
    syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
    __asm__ volatile("stmxcsr %0; fnstcw %1; faddp; faddp; faddp; faddp; faddp; faddp; faddp; fstpl %2; ldmxcsr %3; fldcw %4"
        : "=m"(seen), "=m"(seen_control), "=m"(sum) : "m"(usual), "m"(usual_control));
    CHECK_EQUAL(mxcsr_in_handler, usual);
    CHECK_EQUAL(control_in_handler, usual_control);
    CHECK_EQUAL(status_in_handler & 0x3800, 0);
    CHECK(computed > 0.999L && computed < 1.001L);
    CHECK_EQUAL(seen & 0xFFC0, mxcsr);
    CHECK_EQUAL(seen_control & 0xF3F, control & 0xF3F);
    CHECK(sum == 8);
    signal(SIGUSR1, SIG_DFL);
}

static void *read_control_words(void *unused) {
    __asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr_in_handler), "=m"(control_in_handler));
    return unused;
}

static void control_words_of_threads(void) {
    unsigned int mxcsr = 0x5F80, usual = 0x1F80;
    unsigned short control = 0x067F, usual_control = 0x037F;
    __asm__ volatile("ldmxcsr %0; fldcw %1" :: "m"(mxcsr), "m"(control));
    pthread_t thread;
    int error = pthread_create(&thread, NULL, read_control_words, NULL);
    __asm__ volatile("ldmxcsr %0; fldcw %1" :: "m"(usual), "m"(usual_control));
    CHECK_EQUAL(error, 0);
    pthread_join(thread, NULL);
    CHECK_EQUAL(mxcsr_in_handler & 0xFFC0, mxcsr);
    CHECK_EQUAL(control_in_handler, control);
}

// Runs something in a child, which may die of it; 0, or the signal that killed it.
static int run_in_child(void (*run)(void)) {
    pid_t child = vfork();
    if (child == 0) {
        run();
        _exit(0);
    }
    int status = 0;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void call_some(void) {
    for (int i = 0; i < 100; i++)
        syscall(SYS_getppid);
    getppid();
}

static void write_gs_base(void) {
    __asm__ volatile("wrgsbase %0" :: "r"(0UL));
    call_some();
}

static void write_wild_gs_base(void) {
    __asm__ volatile("wrgsbase %0" :: "r"(0x7FFF00001000UL));
    struct timespec time;
    for (int i = 0; i < 1000; i++)
        clock_gettime(CLOCK_MONOTONIC, &time);
    call_some();
}

static void load_segments(void) {
    __asm__ volatile("mov %%ax, %%ds; mov %%ax, %%es; mov %%ax, %%gs" :: "a"(0));
    call_some();
    __asm__ volatile("mov %%ax, %%ds; mov %%ax, %%es; mov %%ax, %%gs" :: "a"(0x2B));
    call_some();
}

static void write_fs_base(void) {
    unsigned long own;
    __asm__ volatile("rdfsbase %0; wrfsbase %1; mov %2, %%eax; syscall; wrfsbase %0"
        : "=&r"(own) : "r"(0UL), "i"(SYS_getppid) : "rax", "rcx", "r11", "memory");
}

// GS may belong to the kernel; then the program that takes it away dies of it, and nobody else does.
static void segments(void) {
    int ended = run_in_child(write_gs_base);
    CHECK(ended == 0 || ended == SIGSEGV);
    ended = run_in_child(write_wild_gs_base);
    CHECK(ended == 0 || ended == SIGSEGV);
    ended = run_in_child(load_segments);
    CHECK(ended == 0 || ended == SIGSEGV);
    CHECK_EQUAL(run_in_child(write_fs_base), 0);
    call_some();
}

static void deny_key_zero(void) {
    __asm__ volatile("xor %%ecx, %%ecx; xor %%edx, %%edx; mov $3, %%eax; wrpkru; mov %0, %%eax; syscall"
        :: "i"(SYS_getppid) : "rax", "rcx", "rdx", "r11", "memory");
}

static void deny_key_zero_and_spin(void) {
    __asm__ volatile("xor %%ecx, %%ecx; xor %%edx, %%edx; mov $3, %%eax; wrpkru; mov $100000000, %%ecx; 1: dec %%ecx; jnz 1b; movl $0, (%%rsp)"
        ::: "rax", "rcx", "rdx", "memory");
}

// PKRU is the program's to write; a processor without protection keys doesn't know the instruction.
static void protection_keys(void) {
    int ended = run_in_child(deny_key_zero);
    CHECK(ended == SIGSEGV || ended == SIGILL);
    ended = run_in_child(deny_key_zero_and_spin);
    CHECK(ended == SIGSEGV || ended == SIGILL);
    call_some();
}

static long int_80_result;

static void int_80(void) {
    // 20 is getpid in the table of 32-bit programs, writev in the other.
    __asm__ volatile("int $0x80" : "=a"(int_80_result) : "a"(20), "b"(0), "c"(0), "d"(0), "D"(0), "S"(0) : "r8", "r9", "r10", "r11", "memory");
}

static void calls_of_32_bit_programs(void) {
    int_80_result = 0;
    int ended = run_in_child(int_80);
    // A kernel without that table raises a general protection fault.
    CHECK(ended == SIGSEGV || (ended == 0 && int_80_result > 0));
}

// Text that can be executed and not be read, with what looks like a system call in an immediate operand.
static void execute_only_text(void) {
    const char *scratch = enter_scratch();
    static unsigned char page[4096] = { 0xB8, SYS_getpid, 0, 0, 0, 0x0F, 0x05, 0xC3,
        // movabs rax, 0x...; ret: its operand is "mov eax, 39; syscall".
        0x48, 0xB8, 0xB8, SYS_getpid, 0, 0, 0, 0x0F, 0x05, 0x90, 0xC3 };
    int file = open("text", O_RDWR | O_CREAT | O_TRUNC, 0700);
    NEED(file >= 0);
    CHECK_EQUAL(write(file, page, sizeof page), (long)sizeof page);
    for (int readable = 0; readable < 2; readable++) {
        unsigned char *text = mmap(NULL, sizeof page, readable ? PROT_EXEC | PROT_READ : PROT_EXEC, MAP_PRIVATE, file, 0);
        NEED(text != MAP_FAILED);
        CHECK_EQUAL(((long (*)(void))text)(), getpid());
        CHECK_EQUAL(((long (*)(void))(text + 8))(), 0x90050F00000000B8 | SYS_getpid << 8);
        munmap(text, sizeof page);
    }
    close(file);
    unlink("text");
    leave_scratch(scratch);
}

static long mapped_pages(void) {
    char text[128] = "";
    int file = open("/proc/self/statm", O_RDONLY);
    CHECK(read(file, text, sizeof text - 1) > 0);
    close(file);
    return strtol(text, NULL, 10);
}

// Text comes and goes, as with dlclose: nothing that its kernel has made for it stays.
static void text_that_goes(void) {
    const char *scratch = enter_scratch();
    static unsigned char page[4096] = { 0xB8, SYS_getpid, 0, 0, 0, 0x0F, 0x05, 0xC3 };
    memset(page + 8, 0x90, 120);
    memcpy(page + 128, page, 8);
    int file = open("text", O_RDWR | O_CREAT | O_TRUNC, 0700);
    NEED(file >= 0);
    CHECK_EQUAL(write(file, page, sizeof page), (long)sizeof page);
    long pages = 0;
    for (int round = 0; round < 300; round++) {
        unsigned char *text = mmap(NULL, sizeof page, PROT_EXEC | PROT_READ, MAP_PRIVATE, file, 0);
        NEED(text != MAP_FAILED);
        CHECK_EQUAL(((long (*)(void))(text + 128))(), getpid());
        CHECK_WORKS(munmap(text, sizeof page));
        if (round == 4)
            pages = mapped_pages();
    }
    CHECK_EQUAL(mapped_pages(), pages);
    close(file);
    unlink("text");
    leave_scratch(scratch);
}

MAIN(SECTION(flags_in_system_calls), SECTION(flags_in_signals), SECTION(single_steps), SECTION(unmasked_exceptions), SECTION(x87_registers),
    SECTION(fresh_state_in_handlers), SECTION(control_words_of_threads),
    SECTION(segments), SECTION(protection_keys), SECTION(calls_of_32_bit_programs), SECTION(execute_only_text),
    SECTION(text_that_goes))
