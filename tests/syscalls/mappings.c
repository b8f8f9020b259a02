// Address spaces: what mappings become when they are moved, cut, locked, reserved, limited; where they may be; what they cost.
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PAGE 4096L
#define MIB (1UL << 20)
#define GIB (1UL << 30)
#define WRITABLE (PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)
#define RESERVATION (PRIVATE | MAP_NORESERVE)

extern char **environ;
static sigjmp_buf fault_return;
static volatile int fault_signal;

static void on_fault(int signal) {
    fault_signal = signal;
    siglongjmp(fault_return, 1);
}

// The signal that reading one byte raises, 0 where there is none.
static int fault_of_read(const volatile void *address) {
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    fault_signal = 0;
    if (sigsetjmp(fault_return, 1) == 0)
        (void)*(const volatile char *)address;
    return fault_signal;
}

static char *map(size_t length, int protection) {
    char *address = mmap(NULL, length, protection, PRIVATE, -1, 0);
    CHECK(address != MAP_FAILED);
    return address;
}

// A file in memory with a letter at the start of each page.
static int file_of_pages(int pages) {
    int file = memfd_create("pages", MFD_CLOEXEC);
    CHECK_WORKS(ftruncate(file, pages * PAGE));
    for (int i = 0; i < pages; i++) {
        char letter = 'a' + i;
        CHECK_EQUAL(pwrite(file, &letter, 1, i * PAGE), 1);
    }
    return file;
}

static const char *letters(const char *mapping, int pages) {
    static char text[64];
    for (int i = 0; i < pages; i++)
        text[i] = mapping[i * PAGE];
    text[pages] = 0;
    return text;
}

// A field of /proc/self/status in KiB.
static long status_field(const char *name) {
    char line[256];
    long value = -1;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name) + 1, NULL, 10);
    }
    fclose(file);
    return value;
}

static void brk_refuses_everything_else(void) {
    long now = syscall(SYS_brk, 0);
    CHECK_EQUAL(syscall(SYS_brk, -1L), now);
    CHECK_EQUAL(syscall(SYS_brk, -PAGE), now);
    CHECK_EQUAL(syscall(SYS_brk, 1L << 47), now);
    CHECK_EQUAL(syscall(SYS_brk, 1L << 62), now);
    CHECK_EQUAL(syscall(SYS_brk, 0), now);
}

static void file_shrinks_and_grows(void) {
    for (int shared = 0; shared < 2; shared++) {
        int file = file_of_pages(10);
        char *all = mmap(NULL, 10 * PAGE, WRITABLE, shared ? MAP_SHARED : MAP_PRIVATE, file, 0);
        CHECK_TEXT(letters(all, 10), "abcdefghij");
        all[9 * PAGE] = 'J';
        CHECK(mremap(all, 10 * PAGE, 5 * PAGE, 0) == all);
        CHECK_EQUAL(fault_of_read(all + 5 * PAGE), SIGSEGV);
        char *again = mremap(all, 5 * PAGE, 10 * PAGE, MREMAP_MAYMOVE);
        NEED(again != MAP_FAILED);
        CHECK_TEXT(letters(again, 10), shared ? "abcdefghiJ" : "abcdefghij");
        munmap(again, 10 * PAGE);
        close(file);
    }
}

static void part_of_a_file_moves(void) {
    for (int shared = 0; shared < 2; shared++) {
        int file = file_of_pages(10);
        char *all = mmap(NULL, 10 * PAGE, WRITABLE, shared ? MAP_SHARED : MAP_PRIVATE, file, 0);
        CHECK_TEXT(letters(all, 10), "abcdefghij");
        all[1 * PAGE] = 'B';
        char *moved = mremap(all, 5 * PAGE, 10 * PAGE, MREMAP_MAYMOVE);
        NEED(moved != MAP_FAILED && moved != all);
        CHECK_TEXT(letters(moved, 10), "aBcdefghij");
        CHECK_TEXT(letters(all + 5 * PAGE, 5), "fghij");
        CHECK_EQUAL(fault_of_read(all), SIGSEGV);
        // From the middle, to a place in the middle of another.
        char *target = map(6 * PAGE, WRITABLE);
        memset(target, 'x', 6 * PAGE);
        CHECK(mremap(moved + 2 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + 2 * PAGE) == target + 2 * PAGE);
        CHECK_TEXT(letters(target, 6), "xxcdxx");
        CHECK_TEXT(letters(moved + 4 * PAGE, 6), "efghij");
        munmap(target, 6 * PAGE);
        munmap(moved, 10 * PAGE);
        munmap(all + 5 * PAGE, 5 * PAGE);
        close(file);
    }
}

static void shared_memory_shrinks_and_grows(void) {
    char *all = mmap(NULL, 4 * PAGE, WRITABLE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 4; i++)
        all[i * PAGE] = 'a' + i;
    CHECK(mremap(all, 4 * PAGE, PAGE, 0) == all);
    char *again = mremap(all, PAGE, 4 * PAGE, MREMAP_MAYMOVE);
    NEED(again != MAP_FAILED);
    CHECK_TEXT(letters(again, 4), "abcd");
    // An old length of 0 maps the same once more; it has to go elsewhere.
    CHECK_FAILS((long)mremap(again, 0, 4 * PAGE, 0), ENOMEM);
    char *twin = mremap(again, 0, 4 * PAGE, MREMAP_MAYMOVE);
    NEED(twin != MAP_FAILED);
    twin[PAGE] = 'Z';
    CHECK_TEXT(letters(again, 4), "aZcd");
    // What is moved and left behind shows the same pages (Linux 5.13).
    char *left = mremap(twin, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    NEED(left != MAP_FAILED && left != twin);
    CHECK_TEXT(letters(left, 4), "aZcd");
    CHECK_TEXT(letters(twin, 4), "aZcd");
    munmap(left, 4 * PAGE);
    munmap(twin, 4 * PAGE);
    // The memory is as long as it was made.
    char *longer = mremap(again, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE);
    NEED(longer != MAP_FAILED);
    CHECK_TEXT(letters(longer, 4), "aZcd");
    CHECK_EQUAL(fault_of_read(longer + 4 * PAGE), SIGBUS);
    munmap(longer, 6 * PAGE);
}

static void private_memory_left_behind_is_empty(void) {
    char *old = map(2 * PAGE, WRITABLE);
    old[0] = 'a';
    char *moved = mremap(old, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    NEED(moved != MAP_FAILED);
    CHECK_EQUAL(moved[0], 'a');
    CHECK_EQUAL(old[0], 0);
    old[PAGE] = 'b';
    CHECK_EQUAL(moved[PAGE], 0);
    munmap(moved, 2 * PAGE);
    munmap(old, 2 * PAGE);
}

static void shrinking_across_mappings(void) {
    char *three = map(6 * PAGE, PROT_READ);
    CHECK_WORKS(mprotect(three + 2 * PAGE, 2 * PAGE, WRITABLE));
    CHECK_WORKS(munmap(three + 5 * PAGE, PAGE));
    CHECK(mremap(three, 6 * PAGE, PAGE, 0) == three);
    for (int i = 1; i < 6; i++)
        CHECK_EQUAL(fault_of_read(three + i * PAGE), SIGSEGV);
    CHECK_EQUAL(fault_of_read(three), 0);
    munmap(three, PAGE);
}

static void fixed_that_fails_leaves_no_bytes(void) {
    // A place between two that stay free.
    char *place = mmap(NULL, 256 * GIB, PROT_NONE, RESERVATION, -1, 0);
    NEED(place != MAP_FAILED);
    munmap(place, 256 * GIB);
    char *old = mmap(place, PAGE, WRITABLE, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0);
    NEED(old == place);
    old[0] = 'O';
    struct rlimit all, little;
    getrlimit(RLIMIT_AS, &all);
    little = (struct rlimit){ 2 * GIB, all.rlim_max };
    setrlimit(RLIMIT_AS, &little);
    CHECK_FAILS((long)mmap(old, 4 * GIB, WRITABLE, PRIVATE | MAP_FIXED, -1, 0), ENOMEM);
    setrlimit(RLIMIT_AS, &all);
    // Whatever became of it, a file that is mapped there shows the file.
    int file = file_of_pages(1);
    char *mapped = mmap(old, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
    NEED(mapped == old);
    CHECK_EQUAL(mapped[0], 'a');
    munmap(mapped, PAGE);
    close(file);
}

static void large_reservations_come_and_go(void) {
    for (int i = 0; i < 200; i++) {
        char *large = mmap(NULL, 300 * GIB, PROT_NONE, RESERVATION, -1, 0);
        NEED(large != MAP_FAILED);
        if (i % 50 == 0) {
            CHECK_WORKS(mprotect(large + 200 * GIB, PAGE, WRITABLE));
            large[200 * GIB] = 1;
        }
        CHECK_WORKS(munmap(large, 300 * GIB));
    }
    // Sixteen tebibytes, as sanitizers want them.
    char *huge = mmap(NULL, 16UL << 40, PROT_NONE, RESERVATION, -1, 0);
    NEED(huge != MAP_FAILED);
    CHECK_WORKS(munmap(huge, 16UL << 40));
}

static void sparse_mappings_cost_what_is_touched(void) {
    // Each touch has to find its way without looking at the rest. No time is asserted: it would be hours, not microseconds.
    int file = memfd_create("sparse", MFD_CLOEXEC);
    CHECK_WORKS(ftruncate(file, 4096 * GIB));
    for (int anonymous = 0; anonymous < 2; anonymous++) {
        size_t length = 4096 * GIB;
        char *sparse = mmap(NULL, length, WRITABLE, anonymous ? MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED | MAP_NORESERVE, anonymous ? -1 : file, 0);
        NEED(sparse != MAP_FAILED);
        for (int i = 1; i <= 200; i++)
            sparse[length - i * MIB] = i;
        for (int i = 1; i <= 200; i++)
            CHECK_EQUAL((unsigned char)sparse[length - i * MIB], i);
        CHECK_WORKS(mprotect(sparse, length, PROT_READ));
        CHECK_EQUAL((unsigned char)sparse[length - 7 * MIB], 7);
        char *moved = mremap(sparse, length, length - GIB, MREMAP_MAYMOVE);
        CHECK(moved == sparse);
        CHECK_WORKS(munmap(sparse, length - GIB));
    }
    close(file);
    char *own = mmap(NULL, 4096 * GIB, WRITABLE, RESERVATION, -1, 0);
    NEED(own != MAP_FAILED);
    for (int i = 1; i <= 200; i++)
        own[4096 * GIB - i * MIB] = i;
    CHECK_EQUAL(own[4096 * GIB - 100 * MIB], 100);
    CHECK_WORKS(madvise(own, 4096 * GIB, MADV_DONTNEED));
    CHECK_EQUAL(own[4096 * GIB - 100 * MIB], 0);
    CHECK_WORKS(munmap(own, 4096 * GIB));
}

static void addresses_up_to_47_bits(void) {
    // ZGC's heaps, the shadows of AddressSanitizer and ThreadSanitizer, Go's arenas.
    static const unsigned long wanted[] = {
        0xc000000000, 0x40000000000, 0x80000000000, 0x100000000000, 0x10007fff8000, 0x7fff8000, 0x300000000000, 0x400000000000, 0x600000000000,
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        char *here = mmap((void *)wanted[i], 3 * PAGE, WRITABLE, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0);
        if (here == MAP_FAILED && errno == EEXIST)
            continue; // something of the C library's
        CHECK_EQUAL((long)here, wanted[i]);
        if (here == MAP_FAILED)
            continue;
        here[0] = here[2 * PAGE] = 1;
        CHECK_WORKS(mprotect(here + PAGE, PAGE, PROT_NONE));
        CHECK_EQUAL(fault_of_read(here + PAGE), SIGSEGV);
        int file = file_of_pages(3);
        CHECK(mmap(here, 3 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) == here);
        CHECK_TEXT(letters(here, 3), "abc");
        close(file);
        CHECK_WORKS(munmap(here, 3 * PAGE));
        CHECK_EQUAL(fault_of_read(here), SIGSEGV);
        // A hint is followed where the place is free.
        char *hinted = mmap((void *)wanted[i], PAGE, PROT_NONE, RESERVATION, -1, 0);
        CHECK_EQUAL((long)hinted, wanted[i]);
        munmap(hinted, PAGE);
    }
    CHECK_FAILS((long)mmap((void *)(1UL << 47), PAGE, WRITABLE, PRIVATE | MAP_FIXED, -1, 0), ENOMEM);
    char *elsewhere = mmap((void *)(1UL << 47), PAGE, WRITABLE, PRIVATE, -1, 0);
    CHECK(elsewhere != MAP_FAILED);
    munmap(elsewhere, PAGE);
}

// The child of rivals: keeps a word of its own at an address that its siblings use too.
static int rival(int number) {
    enum { RIVAL_PAGES = 40 };
    static const unsigned long places[] = { 0x200000000000, 0x40000000000, 0x310000000000 };
    char *at[3];
    for (int i = 0; i < 3; i++) {
        at[i] = mmap((void *)places[i], RIVAL_PAGES * PAGE, WRITABLE, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0);
        if (at[i] != (char *)places[i])
            return 1;
        for (int page = 0; page < RIVAL_PAGES; page++)
            *(long *)(at[i] + page * PAGE) = number * 1000 + page;
        if (mprotect(at[i] + 8 * PAGE, 8 * PAGE, PROT_READ) != 0 || munmap(at[i] + 20 * PAGE, PAGE) != 0)
            return 2;
    }
    int file = file_of_pages(4);
    char *shown = mmap(at[2] + 30 * PAGE, 4 * PAGE, WRITABLE, MAP_PRIVATE | MAP_FIXED, file, 0);
    shown[PAGE] = (char)number;
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 3; i++) {
            for (int page = 0; page < RIVAL_PAGES; page++) {
                if (page == 20 || (i == 2 && page >= 30 && page < 34))
                    continue;
                if (*(volatile long *)(at[i] + page * PAGE) != number * 1000 + page)
                    return 3;
            }
        }
        if (shown[0] != 'a' || shown[PAGE] != (char)number || shown[3 * PAGE] != 'd')
            return 4;
        // The kernel copies from there too, while another may be in place.
        char path[64], text[32] = "";
        snprintf(path, sizeof path, "/tmp/rival-%d", (int)getpid());
        int out = open(path, O_CREAT | O_TRUNC | O_RDWR, 0600);
        memcpy(at[0] + 8 * sizeof(long), "content", 8);
        if (write(out, at[0] + 8 * sizeof(long), 8) != 8 || pread(out, text, 8, 0) != 8 || strcmp(text, "content") != 0)
            return 5;
        close(out);
        unlink(path);
        sched_yield();
    }
    return 0;
}

static void rivals_keep_their_own_pages(void) {
    enum { RIVALS = 4 };
    pid_t children[RIVALS];
    char number[16];
    for (int i = 0; i < RIVALS; i++) {
        snprintf(number, sizeof number, "%d", i + 1);
        char *arguments[] = { "mappings", "rival", number, NULL };
        CHECK_WORKS(posix_spawn(&children[i], "/proc/self/exe", NULL, NULL, arguments, environ));
    }
    for (int i = 0; i < RIVALS; i++) {
        int status = -1;
        CHECK_EQUAL(waitpid(children[i], &status, 0), children[i]);
        CHECK_EQUAL(status, 0);
    }
}

static void many_programs_at_once(void) {
    enum { PROGRAMS = 140 };
    pid_t children[PROGRAMS];
    int pipes[2];
    CHECK_WORKS(pipe(pipes));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[0], 0);
    posix_spawn_file_actions_addclose(&actions, pipes[1]);
    char *arguments[] = { "cat", NULL };
    for (int i = 0; i < PROGRAMS; i++)
        CHECK_WORKS(posix_spawnp(&children[i], "cat", &actions, NULL, arguments, environ));
    close(pipes[0]);
    close(pipes[1]);
    for (int i = 0; i < PROGRAMS; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        CHECK_EQUAL(status, 0);
    }
    posix_spawn_file_actions_destroy(&actions);
}

static void limits_of_size_and_data(void) {
    struct rlimit size, data;
    getrlimit(RLIMIT_AS, &size);
    getrlimit(RLIMIT_DATA, &data);
    char *page = map(PAGE, WRITABLE);
    char *readable = map(512 * MIB, PROT_READ);
    struct rlimit limit = { 1 * GIB, size.rlim_max };
    setrlimit(RLIMIT_AS, &limit);
    CHECK_FAILS((long)mmap(NULL, 1 * GIB, WRITABLE, PRIVATE, -1, 0), ENOMEM);
    CHECK_FAILS((long)mremap(page, PAGE, 1 * GIB, MREMAP_MAYMOVE), ENOMEM);
    long now = syscall(SYS_brk, 0);
    CHECK_EQUAL(syscall(SYS_brk, now + 1 * GIB), now);
    // What is replaced doesn't count twice.
    CHECK(mmap(readable, 512 * MIB, PROT_NONE, PRIVATE | MAP_FIXED, -1, 0) == readable);
    CHECK(mmap(readable, 512 * MIB, PROT_READ, PRIVATE | MAP_FIXED, -1, 0) == readable);
    setrlimit(RLIMIT_AS, &size);
    limit = (struct rlimit){ 64 * MIB, data.rlim_max };
    setrlimit(RLIMIT_DATA, &limit);
    CHECK_FAILS((long)mmap(NULL, 100 * MIB, WRITABLE, PRIVATE, -1, 0), ENOMEM);
    CHECK_FAILS((long)mremap(page, PAGE, 100 * MIB, MREMAP_MAYMOVE), ENOMEM);
    CHECK_FAILS(mprotect(readable, 512 * MIB, WRITABLE), ENOMEM);
    CHECK_EQUAL(syscall(SYS_brk, now + 100 * MIB), now);
    char *shared = mmap(NULL, 100 * MIB, WRITABLE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(shared != MAP_FAILED);
    munmap(shared, 100 * MIB);
    setrlimit(RLIMIT_DATA, &data);
    munmap(readable, 512 * MIB);
    munmap(page, PAGE);
}

static long __attribute__((noinline)) recurse(long depth) {
    volatile char frame[1024];
    frame[0] = (char)depth;
    return depth == 0 ? 0 : recurse(depth - 1) + 1 + frame[0] * 0;
}

static void stack_grows_with_its_limit(void) {
    struct rlimit old, large;
    getrlimit(RLIMIT_STACK, &old);
    large = (struct rlimit){ 100 * MIB, old.rlim_max };
    CHECK_WORKS(setrlimit(RLIMIT_STACK, &large));
    CHECK_EQUAL(recurse(40000), 40000);
    CHECK_WORKS(setrlimit(RLIMIT_STACK, &old));
}

static void grows_down_to_its_neighbour(void) {
    char *area = mmap(NULL, 1024 * PAGE, PROT_NONE, RESERVATION, -1, 0);
    munmap(area, 1024 * PAGE);
    char *top = mmap(area + 1023 * PAGE, PAGE, WRITABLE, PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    NEED(top == area + 1023 * PAGE);
    top[0] = 1;
    top[-PAGE] = 2;
    top[-100 * PAGE] = 3;
    CHECK_EQUAL(top[0], 1);
    CHECK_EQUAL(top[-50 * PAGE], 0);
    CHECK_EQUAL(top[-100 * PAGE], 3);
    munmap(area, 1024 * PAGE);
}

// PROT_GROWSDOWN changes all down to the beginning: so stacks are made executable (mprotect(2)).
static void protects_down_to_the_beginning(void) {
    int ends[2];
    NEED(pipe(ends) == 0);
    char *top = mmap(NULL, 4 * PAGE, WRITABLE, PRIVATE | MAP_GROWSDOWN, -1, 0);
    NEED(top != MAP_FAILED);
    CHECK_WORKS(mprotect(top + 3 * PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
    CHECK_EQUAL(write(ends[1], top, 1), 1);
    CHECK_FAILS(read(ends[0], top, 1), EFAULT);
    CHECK_WORKS(mprotect(top + 3 * PAGE, PAGE, WRITABLE | PROT_GROWSDOWN));
    CHECK_FAILS(mprotect(top, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP), EINVAL);
    CHECK_FAILS(mprotect(top, PAGE, PROT_READ | PROT_GROWSUP), EINVAL);
    munmap(top, 4 * PAGE);
    top = mmap(NULL, 4 * PAGE, WRITABLE, PRIVATE, -1, 0);
    CHECK_FAILS(mprotect(top, PAGE, PROT_READ | PROT_GROWSDOWN), EINVAL);
    munmap(top, 4 * PAGE);
    close(ends[0]), close(ends[1]);
    char variable;
    CHECK_WORKS(mprotect((void *)((uintptr_t)&variable & ~(PAGE - 1)), PAGE, WRITABLE | PROT_EXEC | PROT_GROWSDOWN));
    CHECK_WORKS(mprotect((void *)((uintptr_t)&variable & ~(PAGE - 1)), PAGE, WRITABLE | PROT_GROWSDOWN));
}

static void arguments_of_mmap(void) {
    CHECK_FAILS((long)mmap(NULL, PAGE, WRITABLE, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_FAILS((long)mmap(NULL, PAGE, WRITABLE, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0), EINVAL);
    int file = file_of_pages(2);
    CHECK_FAILS((long)mmap(NULL, PAGE, WRITABLE, MAP_SHARED_VALIDATE | 0x1000000, file, 0), EOPNOTSUPP);
    char *validated = mmap(NULL, PAGE, WRITABLE, MAP_SHARED_VALIDATE, file, 0);
    CHECK(validated != MAP_FAILED);
    munmap(validated, PAGE);
    close(file);
    char *page = map(PAGE, WRITABLE);
    CHECK_FAILS((long)mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)(1UL << 47)), EINVAL);
    CHECK_FAILS((long)mremap(page, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), EINVAL);
    munmap(page, PAGE);
    page = map(3 * PAGE, WRITABLE);
    munmap(page + PAGE, PAGE);
    CHECK_FAILS((long)mremap(page, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE), EFAULT);
    munmap(page, 3 * PAGE);
}

// What a file may be mapped for is looked at before whether it can be mapped.
static void files_that_cannot_be_mapped(void) {
    int ends[2];
    NEED(pipe(ends) == 0);
    CHECK_FAILS((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, ends[0], 0), ENODEV);
    CHECK_FAILS((long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, ends[1], 0), EACCES);
    close(ends[0]);
    close(ends[1]);
}

static void policies_of_memory(void) {
    unsigned long nodes = 1;
    int mode = -1;
    CHECK_WORKS(syscall(SYS_set_mempolicy, 1, &nodes, 64UL));
    CHECK_WORKS(syscall(SYS_get_mempolicy, &mode, NULL, 0UL, NULL, 0UL));
    CHECK_EQUAL(mode, 1);
    // A mapping has the policy that it was given, not that of its process.
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_WORKS(syscall(SYS_get_mempolicy, &mode, NULL, 0UL, page, 2UL));
    CHECK_EQUAL(mode, 0);
    munmap(page, 4096);
    CHECK_WORKS(syscall(SYS_set_mempolicy, 0, NULL, 0UL));
    // No nodes are a mask of one bit less than 1; of less than 0 are more than there may be.
    CHECK_WORKS(syscall(SYS_set_mempolicy, 0, &nodes, 1UL));
    CHECK_FAILS(syscall(SYS_set_mempolicy, 0, &nodes, 0UL), EINVAL);
    CHECK_FAILS(syscall(SYS_set_mempolicy, 1, &nodes, 0UL), EINVAL);
}

static int policy_of(void *page) {
    int mode = -1;
    return syscall(SYS_get_mempolicy, &mode, NULL, 0UL, page, 2UL) == 0 ? mode : -1;
}

static void policies_of_mappings(void) {
    unsigned long nodes = 1, shown = 7;
    int mode = -1;
    char *pages = map(8 * PAGE, WRITABLE);
    CHECK_WORKS(syscall(SYS_mbind, pages + 2 * PAGE, 2 * PAGE, 2, &nodes, 64UL, 0));
    CHECK_EQUAL(policy_of(pages + PAGE), 0);
    CHECK_EQUAL(policy_of(pages + 2 * PAGE), 2);
    CHECK_EQUAL(policy_of(pages + 4 * PAGE - 1), 2);
    CHECK_EQUAL(policy_of(pages + 4 * PAGE), 0);
    CHECK_WORKS(syscall(SYS_get_mempolicy, &mode, &shown, 64UL, pages + 2 * PAGE, 2UL));
    CHECK_EQUAL(shown, 1);
    // The node that it is on.
    CHECK_WORKS(syscall(SYS_get_mempolicy, &mode, NULL, 0UL, pages + 2 * PAGE, 3UL));
    CHECK_EQUAL(mode, 0);
    CHECK_WORKS(mprotect(pages, 8 * PAGE, PROT_NONE));
    CHECK_EQUAL(policy_of(pages + 2 * PAGE), 2);
    CHECK_WORKS(mprotect(pages, 8 * PAGE, PROT_READ | PROT_WRITE));
    char *moved = mremap(pages + 2 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    CHECK_EQUAL(policy_of(moved + PAGE), 2);
    munmap(moved, 2 * PAGE);
    // A hole is an error, before anything is changed; the default is taken where there is something.
    munmap(pages + 2 * PAGE, PAGE);
    CHECK_FAILS(syscall(SYS_mbind, pages, 8 * PAGE, 3, &nodes, 64UL, 0), EFAULT);
    CHECK_EQUAL(policy_of(pages), 0);
    CHECK_EQUAL(policy_of(pages + 2 * PAGE), -1);
    CHECK_WORKS(syscall(SYS_mbind, pages, 8 * PAGE, 0, NULL, 0UL, 0));
    CHECK_EQUAL(policy_of(pages + 3 * PAGE), 0);
    CHECK_FAILS(syscall(SYS_mbind, pages + 2 * PAGE, PAGE, 0, NULL, 0UL, 0), EFAULT);
    CHECK_WORKS(syscall(SYS_mbind, pages + 2 * PAGE, 0UL, 2, &nodes, 64UL, 0));
    // A child has it too, and a new mapping hasn't.
    CHECK_WORKS(syscall(SYS_mbind, pages, PAGE, 1, &nodes, 64UL, 0));
    pid_t child = fork();
    if (child == 0)
        _exit(policy_of(pages));
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 1 << 8);
    CHECK(mmap(pages, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == pages);
    CHECK_EQUAL(policy_of(pages), 0);
    munmap(pages, 8 * PAGE);
}

static void advice(void) {
    char *pages = map(4 * PAGE, WRITABLE);
    memset(pages, 1, 4 * PAGE);
    CHECK_WORKS(madvise(pages, 4 * PAGE, MADV_DONTFORK));
    CHECK_WORKS(madvise(pages, 4 * PAGE, MADV_DOFORK));
    CHECK_WORKS(madvise(pages, 2 * PAGE, MADV_WIPEONFORK));
    CHECK_WORKS(madvise(pages, 2 * PAGE, MADV_KEEPONFORK));
    CHECK_WORKS(mprotect(pages + PAGE, PAGE, PROT_READ));
    CHECK_FAILS(madvise(pages, 4 * PAGE, MADV_POPULATE_WRITE), EINVAL);
    CHECK_WORKS(madvise(pages, 4 * PAGE, MADV_POPULATE_READ));
    CHECK_WORKS(mprotect(pages + PAGE, PAGE, PROT_NONE));
    CHECK_FAILS(madvise(pages, 4 * PAGE, MADV_POPULATE_READ), EINVAL);
    CHECK_WORKS(munmap(pages + 2 * PAGE, PAGE));
    CHECK_FAILS(madvise(pages + 2 * PAGE, 2 * PAGE, MADV_POPULATE_READ), ENOMEM);
    CHECK_FAILS(madvise(pages + PAGE, 3 * PAGE, MADV_DONTNEED), ENOMEM);
    CHECK_EQUAL(pages[3 * PAGE], 0);
    munmap(pages, 4 * PAGE);
    int file = file_of_pages(2);
    char *mapped = mmap(NULL, 4 * PAGE, WRITABLE, MAP_SHARED, file, 0);
    CHECK_FAILS(madvise(mapped, PAGE, MADV_WIPEONFORK), EINVAL);
    CHECK_FAILS(madvise(mapped, PAGE, MADV_FREE), EINVAL);
    CHECK_FAILS(madvise(mapped, 4 * PAGE, MADV_POPULATE_READ), EFAULT);
    CHECK_WORKS(madvise(mapped, 2 * PAGE, MADV_POPULATE_WRITE));
    CHECK_TEXT(letters(mapped, 2), "ab");
    munmap(mapped, 4 * PAGE);
    close(file);
}

// What follows is done without privileges, since CAP_IPC_LOCK knows no limit.
static int locked_child(void) {
    struct rlimit limit = { 8 * PAGE, 8 * PAGE };
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0 || setuid(65534) != 0)
        return 2;
    char *pages = map(16 * PAGE, WRITABLE);
    CHECK_WORKS(mlock(pages, 6 * PAGE));
    CHECK_EQUAL(status_field("VmLck:"), 24);
    CHECK_FAILS(mlock(pages + 6 * PAGE, 6 * PAGE), ENOMEM);
    CHECK_WORKS(mlock(pages + 2 * PAGE, 6 * PAGE));
    CHECK_EQUAL(status_field("VmLck:"), 32);
    CHECK_FAILS(madvise(pages, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_FAILS(madvise(pages, PAGE, MADV_FREE), EINVAL);
    CHECK_FAILS(msync(pages, PAGE, MS_INVALIDATE | MS_SYNC), EBUSY);
    CHECK_FAILS((long)mmap(NULL, PAGE, WRITABLE, PRIVATE | MAP_LOCKED, -1, 0), EAGAIN);
    CHECK_FAILS((long)mremap(pages, 8 * PAGE, 17 * PAGE, MREMAP_MAYMOVE), EAGAIN);
    CHECK_WORKS(munlock(pages, 4 * PAGE));
    CHECK_EQUAL(status_field("VmLck:"), 16);
    char *locked = mmap(NULL, 2 * PAGE, WRITABLE, PRIVATE | MAP_LOCKED, -1, 0);
    CHECK(locked != MAP_FAILED);
    CHECK_EQUAL(status_field("VmLck:"), 24);
    char *moved = mremap(locked, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    CHECK(moved != MAP_FAILED);
    CHECK_EQUAL(status_field("VmLck:"), 28);
    CHECK_FAILS(msync(moved, PAGE, MS_INVALIDATE | MS_SYNC), EBUSY);
    munmap(moved, 3 * PAGE);
    CHECK_EQUAL(status_field("VmLck:"), 16);
    CHECK_FAILS(mlockall(MCL_CURRENT), ENOMEM);
    CHECK_WORKS(munlockall());
    CHECK_EQUAL(status_field("VmLck:"), 0);
    CHECK_WORKS(mlockall(MCL_FUTURE));
    char *future = mmap(NULL, 4 * PAGE, WRITABLE, PRIVATE, -1, 0);
    CHECK(future != MAP_FAILED);
    CHECK_EQUAL(status_field("VmLck:"), 16);
    CHECK_FAILS((long)mmap(NULL, 8 * PAGE, WRITABLE, PRIVATE, -1, 0), EAGAIN);
    CHECK_WORKS(munlockall());
    char *after = mmap(NULL, 64 * PAGE, WRITABLE, PRIVATE, -1, 0);
    CHECK(after != MAP_FAILED);
    limit = (struct rlimit){ 0, 0 };
    CHECK_WORKS(setrlimit(RLIMIT_MEMLOCK, &limit));
    CHECK_FAILS(mlock(after, PAGE), EPERM);
    CHECK_FAILS(mlockall(MCL_CURRENT), EPERM);
    CHECK_FAILS((long)mmap(NULL, PAGE, WRITABLE, PRIVATE | MAP_LOCKED, -1, 0), EPERM);
    return check_failures != 0;
}

static void locked_memory(void) {
    CHECK_FAILS(mlockall(0), EINVAL);
    CHECK_FAILS(mlockall(8), EINVAL);
    CHECK_FAILS(mlockall(MCL_ONFAULT), EINVAL);
    char *closed = map(PAGE, PROT_NONE);
    CHECK_FAILS(mlock(closed, PAGE), ENOMEM);
    munmap(closed, PAGE);
    if (geteuid() != 0)
        return;
    pid_t child;
    char *arguments[] = { "mappings", "locked", NULL };
    CHECK_WORKS(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ));
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 0);
}

static void resident_memory_is_what_was_touched(void) {
    long before = status_field("VmRSS:");
    char *large = mmap(NULL, 100 * GIB, WRITABLE, RESERVATION, -1, 0);
    NEED(large != MAP_FAILED);
    // Linux counts what the process was before it executed this program, too: a large test runner.
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    long first = usage.ru_maxrss;
    for (size_t i = 0; i < 64 * MIB; i += PAGE)
        large[i] = 1;
    long touched = status_field("VmRSS:");
    CHECK(touched - before >= 64 * 1024 && touched - before < 80 * 1024);
    CHECK_WORKS(madvise(large, 64 * MIB, MADV_DONTNEED));
    CHECK(status_field("VmRSS:") - before < 16 * 1024);
    CHECK(status_field("VmHWM:") >= touched - 4096); // natively counted in batches
    CHECK_WORKS(munmap(large, 100 * GIB));
    getrusage(RUSAGE_SELF, &usage);
    CHECK(usage.ru_maxrss >= 64 * 1024 && usage.ru_maxrss < first + 1000000);
}

static void *change_rights(void *page) {
    for (int i = 0; i < 300; i++) {
        mprotect(page, PAGE, PROT_NONE);
        mprotect(page, PAGE, WRITABLE);
    }
    return NULL;
}

static volatile long polls;

static void on_poll(int signal) {
    (void)signal;
    polls++;
}

static void rights_that_change_while_a_page_is_polled(void) {
    // As virtual machines stop their threads: each fault is the program's, none is taken for one that repeats itself.
    struct sigaction action = { .sa_handler = on_poll };
    sigaction(SIGSEGV, &action, NULL);
    char *page = map(PAGE, WRITABLE);
    pthread_t thread;
    CHECK_WORKS(pthread_create(&thread, NULL, change_rights, page));
    for (int i = 0; i < 20000; i++)
        (void)*(volatile char *)page;
    pthread_join(thread, NULL);
    (void)*(volatile char *)page;
    munmap(page, PAGE);
}

static void many_small_rights(void) {
    // Each page with rights of its own, which the host has to hold apart.
    enum { PAGES = 6000 };
    char *pages = mmap(NULL, PAGES * PAGE, WRITABLE, RESERVATION, -1, 0);
    for (int i = 0; i < PAGES; i += 2)
        CHECK_WORKS(mprotect(pages + i * PAGE, PAGE, PROT_READ));
    for (int i = 1; i < PAGES; i += 2)
        pages[i * PAGE] = 1;
    CHECK_EQUAL(fault_of_read(pages), 0);
    char *moved = mremap(pages, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, pages + (PAGES - 2) * PAGE);
    CHECK(moved == pages + (PAGES - 2) * PAGE);
    CHECK_WORKS(mprotect(pages + PAGE, (PAGES - 1) * PAGE, WRITABLE));
    CHECK_WORKS(munmap(pages, PAGES * PAGE));
}

static const struct section sections[] = {
    SECTION(brk_refuses_everything_else), SECTION(file_shrinks_and_grows), SECTION(part_of_a_file_moves),
    SECTION(shared_memory_shrinks_and_grows), SECTION(private_memory_left_behind_is_empty), SECTION(shrinking_across_mappings),
    SECTION(fixed_that_fails_leaves_no_bytes), SECTION(large_reservations_come_and_go), SECTION(sparse_mappings_cost_what_is_touched),
    SECTION(addresses_up_to_47_bits), SECTION(rivals_keep_their_own_pages), SECTION(many_programs_at_once),
    SECTION(limits_of_size_and_data), SECTION(stack_grows_with_its_limit), SECTION(grows_down_to_its_neighbour),
    SECTION(protects_down_to_the_beginning), SECTION(arguments_of_mmap), SECTION(files_that_cannot_be_mapped), SECTION(policies_of_memory), SECTION(policies_of_mappings), SECTION(advice), SECTION(locked_memory),
    SECTION(resident_memory_is_what_was_touched),
    SECTION(rights_that_change_while_a_page_is_polled), SECTION(many_small_rights),
};

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "rival") == 0)
        return rival(atoi(argv[2]));
    if (argc == 2 && strcmp(argv[1], "locked") == 0)
        return locked_child();
    return run_sections(sections, (int)(sizeof sections / sizeof sections[0]), argc, argv);
}
