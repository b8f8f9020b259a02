// Virtual memory: brk, mmap and its relatives, files in memory.
#include "check.h"
#include <sys/uio.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PAGE 4096L
#define WRITABLE (PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)

static sigjmp_buf fault_return;
static volatile int fault_signal;
static volatile int fault_code;
static void *volatile fault_address;

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)context;
    fault_signal = signal;
    fault_code = info->si_code;
    fault_address = info->si_addr;
    siglongjmp(fault_return, 1);
}

static void catch_faults(void) {
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

// The signal that reading one byte raises, 0 where there is none.
static int fault_of_read(const volatile void *address) {
    catch_faults();
    fault_signal = 0;
    if (sigsetjmp(fault_return, 1) == 0)
        (void)*(const volatile char *)address;
    return fault_signal;
}

static int fault_of_write(volatile void *address) {
    catch_faults();
    fault_signal = 0;
    if (sigsetjmp(fault_return, 1) == 0)
        *(volatile char *)address = 1;
    return fault_signal;
}

static char *map(size_t length, int protection) {
    char *address = mmap(NULL, length, protection, PRIVATE, -1, 0);
    CHECK(address != MAP_FAILED);
    return address;
}

static int file_of(const char *text) {
    int file = memfd_create("test", MFD_CLOEXEC);
    CHECK(file >= 0);
    CHECK_EQUAL(write(file, text, strlen(text)), strlen(text));
    return file;
}

static void brk_moves(void) {
    char *start = (char *)syscall(SYS_brk, 0);
    CHECK(start != NULL);
    char *grown = (char *)syscall(SYS_brk, start + 5 * PAGE + 100);
    CHECK_EQUAL(grown - start, 5 * PAGE + 100);
    // Pages beyond the old end are zero and usable up to the end of the last one.
    for (long i = 0; i < 5 * PAGE + 100; i += 512)
        CHECK_EQUAL(start[i], 0);
    memset(start, 7, 5 * PAGE + 100);
    CHECK_EQUAL(syscall(SYS_brk, start + PAGE) - (long)start, PAGE);
    CHECK_EQUAL(syscall(SYS_brk, start + 3 * PAGE) - (long)start, 3 * PAGE);
    // What was given back comes again as zeros.
    CHECK_EQUAL(start[2 * PAGE], 0);
    CHECK_EQUAL(start[0], 7);
    // A request that can't be met leaves the break where it is.
    CHECK_EQUAL(syscall(SYS_brk, 1) - (long)start, 3 * PAGE);
    CHECK_EQUAL(syscall(SYS_brk, start) - (long)start, 0);
    CHECK(sbrk(0) != (void *)-1);
}

static void mmap_arguments(void) {
    CHECK_FAILS((long)mmap(NULL, 0, PROT_READ, PRIVATE, -1, 0), EINVAL);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 999, 0), EBADF);
    CHECK_FAILS(syscall(SYS_mmap, NULL, PAGE, PROT_READ, PRIVATE, -1, 1), EINVAL);
    CHECK_FAILS((long)mmap((void *)(PAGE + 1), PAGE, PROT_READ, PRIVATE | MAP_FIXED, -1, 0), EINVAL);
    CHECK_FAILS((long)mmap(NULL, SIZE_MAX - PAGE, PROT_READ, PRIVATE, -1, 0), ENOMEM);
    int folder = open("/", O_RDONLY | O_DIRECTORY);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, folder, 0), ENODEV);
    close(folder);
    int file = file_of("text");
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int reader = open(path, O_RDONLY);
    CHECK(reader >= 0);
    CHECK_FAILS((long)mmap(NULL, PAGE, WRITABLE, MAP_SHARED, reader, 0), EACCES);
    char *copy = mmap(NULL, PAGE, WRITABLE, MAP_PRIVATE, reader, 0);
    CHECK(copy != MAP_FAILED);
    munmap(copy, PAGE);
    int writer = open(path, O_WRONLY);
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, writer, 0), EACCES);
    close(writer);
    close(reader);
    close(file);
    // An unaligned hint is taken as a hint.
    char *hinted = mmap((void *)0x123456789, PAGE, PROT_READ, PRIVATE, -1, 0);
    CHECK(hinted != MAP_FAILED && (uintptr_t)hinted % PAGE == 0);
    munmap(hinted, PAGE);
    // MAP_SHARED_VALIDATE refuses flags it doesn't know, which MAP_SHARED ignores.
    file = file_of("text");
    CHECK_FAILS((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x200000, file, 0), EOPNOTSUPP);
    char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | 0x200000, file, 0);
    CHECK(shared != MAP_FAILED);
    munmap(shared, PAGE);
    close(file);
}

static void mmap_fixed(void) {
    char *base = map(8 * PAGE, WRITABLE);
    memset(base, 1, 8 * PAGE);
    CHECK(mmap(base + 2 * PAGE, 2 * PAGE, WRITABLE, PRIVATE | MAP_FIXED, -1, 0) == base + 2 * PAGE);
    CHECK_EQUAL(base[2 * PAGE], 0);
    CHECK_EQUAL(base[4 * PAGE - 1], 0);
    CHECK_EQUAL(base[2 * PAGE - 1], 1);
    CHECK_EQUAL(base[4 * PAGE], 1);
    CHECK_FAILS((long)mmap(base + PAGE, PAGE, WRITABLE, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    CHECK_WORKS(munmap(base + PAGE, PAGE));
    CHECK(mmap(base + PAGE, PAGE, WRITABLE, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0) == base + PAGE);
    CHECK_EQUAL(base[PAGE], 0);
    // A hint where something is mapped gives another place.
    char *other = mmap(base, PAGE, WRITABLE, PRIVATE, -1, 0);
    CHECK(other != base && other != MAP_FAILED);
    munmap(other, PAGE);
    CHECK_WORKS(munmap(base, 8 * PAGE));
    // A hint where nothing is mapped is followed.
    CHECK(mmap(base, 4 * PAGE, WRITABLE, PRIVATE, -1, 0) == base);
    CHECK_WORKS(munmap(base, 4 * PAGE));
}

static void huge_reservation(void) {
    // Programs such as Go's runtime, node and Java reserve far more address space than there is memory.
    size_t size = 256UL << 30;
    char *base = mmap(NULL, size, PROT_NONE, PRIVATE | MAP_NORESERVE, -1, 0);
    NEED(base != MAP_FAILED);
    CHECK_EQUAL(fault_of_read(base + size / 2), SIGSEGV);
    CHECK_EQUAL(fault_code, SEGV_ACCERR);
    CHECK_WORKS(mprotect(base + size / 2, 16 * PAGE, WRITABLE));
    memset(base + size / 2, 3, 16 * PAGE);
    CHECK_EQUAL(base[size / 2 + 15 * PAGE], 3);
    CHECK_EQUAL(fault_of_read(base + size / 2 + 16 * PAGE), SIGSEGV);
    CHECK(mmap(base + PAGE, PAGE, WRITABLE, PRIVATE | MAP_FIXED, -1, 0) == base + PAGE);
    base[PAGE] = 1;
    CHECK_WORKS(madvise(base + size / 2, 16 * PAGE, MADV_DONTNEED));
    CHECK_EQUAL(base[size / 2], 0);
    CHECK_WORKS(munmap(base, size));
    CHECK_EQUAL(fault_of_read(base + PAGE), SIGSEGV);
    CHECK_EQUAL(fault_code, SEGV_MAPERR);
}

static void mprotect_changes(void) {
    char *base = map(6 * PAGE, WRITABLE);
    memset(base, 5, 6 * PAGE);
    CHECK_WORKS(mprotect(base + PAGE, 2 * PAGE, PROT_READ));
    CHECK_EQUAL(fault_of_write(base + PAGE), SIGSEGV);
    CHECK_EQUAL(fault_code, SEGV_ACCERR);
    CHECK(fault_address == base + PAGE);
    CHECK_EQUAL(fault_of_write(base + 3 * PAGE - 1), SIGSEGV);
    CHECK(fault_address == base + 3 * PAGE - 1);
    CHECK_EQUAL(fault_of_write(base + 3 * PAGE), 0);
    CHECK_EQUAL(base[PAGE], 5);
    CHECK_WORKS(mprotect(base, 6 * PAGE, PROT_NONE));
    CHECK_EQUAL(fault_of_read(base), SIGSEGV);
    CHECK_WORKS(mprotect(base, 6 * PAGE, WRITABLE));
    CHECK_EQUAL(base[5 * PAGE], 5);
    CHECK_FAILS(mprotect(base + 1, PAGE, PROT_READ), EINVAL);
    CHECK_WORKS(mprotect(base, 0, PROT_READ));
    CHECK_WORKS(munmap(base + 2 * PAGE, PAGE));
    // Up to the hole the change is made all the same.
    CHECK_FAILS(mprotect(base, 6 * PAGE, PROT_READ), ENOMEM);
    CHECK_EQUAL(fault_of_write(base), SIGSEGV);
    CHECK_EQUAL(fault_of_write(base + 4 * PAGE), 0);
    // Code that a program writes itself runs.
#ifdef __riscv
    unsigned int code[] = { 0x02a00513, 0x00008067 }, other[] = { 0x02b00513 };
#else
    unsigned char code[] = { 0xb8, 0x2a, 0, 0, 0, 0xc3 }, other[] = { 0xb8, 0x2b };
#endif
    CHECK_WORKS(mprotect(base, PAGE, WRITABLE));
    memcpy(base, code, sizeof code);
    CHECK_WORKS(mprotect(base, PAGE, PROT_READ | PROT_EXEC));
    CHECK_EQUAL(((int (*)(void))base)(), 42);
    CHECK_WORKS(mprotect(base, PAGE, WRITABLE | PROT_EXEC));
    memcpy(base, other, sizeof other);
    __builtin___clear_cache(base, base + sizeof other);
    CHECK_EQUAL(((int (*)(void))base)(), 43);
    CHECK_WORKS(munmap(base, 6 * PAGE));
    // A shared mapping of a file that was opened for reading never becomes writable.
    int file = file_of("text");
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int reader = open(path, O_RDONLY);
    char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
    CHECK_FAILS(mprotect(shared, PAGE, WRITABLE), EACCES);
    munmap(shared, PAGE);
    close(reader);
    close(file);
}

static void execute_protection(void) {
    char *base = map(PAGE, WRITABLE);
    base[0] = (char)0xc3;
    catch_faults();
    fault_signal = 0;
    if (sigsetjmp(fault_return, 1) == 0)
        ((void (*)(void))base)();
    CHECK_EQUAL(fault_signal, SIGSEGV);
    CHECK_EQUAL(fault_code, SEGV_ACCERR);
    CHECK(fault_address == base);
    munmap(base, PAGE);
}

static void mremap_sizes(void) {
    char *base = map(4 * PAGE, WRITABLE);
    memset(base, 9, 4 * PAGE);
    CHECK(mremap(base, 4 * PAGE, 2 * PAGE, 0) == base);
    CHECK_EQUAL(fault_of_read(base + 2 * PAGE), SIGSEGV);
    CHECK(mremap(base, 2 * PAGE, 3 * PAGE, 0) == base);
    CHECK_EQUAL(base[2 * PAGE], 0);
    CHECK_EQUAL(base[PAGE], 9);
    // The place behind it is taken: only moving helps.
    CHECK(mmap(base + 3 * PAGE, PAGE, PROT_READ, PRIVATE | MAP_FIXED, -1, 0) != MAP_FAILED);
    CHECK_FAILS((long)mremap(base, 3 * PAGE, 8 * PAGE, 0), ENOMEM);
    char *moved = mremap(base, 3 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
    NEED(moved != MAP_FAILED);
    CHECK(moved != base);
    CHECK_EQUAL(moved[PAGE], 9);
    CHECK_EQUAL(moved[7 * PAGE], 0);
    moved[7 * PAGE] = 4;
    CHECK_EQUAL(fault_of_read(base), SIGSEGV);
    munmap(base + 3 * PAGE, PAGE);
    // To a fixed place, which is replaced.
    char *target = map(8 * PAGE, WRITABLE);
    memset(target, 2, 8 * PAGE);
    CHECK(mremap(moved, 8 * PAGE, 6 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE) == target + PAGE);
    CHECK_EQUAL(target[0], 2);
    CHECK_EQUAL(target[PAGE], 9);
    CHECK_EQUAL(target[7 * PAGE], 2);
    CHECK_EQUAL(fault_of_read(moved), SIGSEGV);
    CHECK_EQUAL(fault_of_read(moved + 7 * PAGE), SIGSEGV);
    CHECK_FAILS((long)mremap(target, PAGE, PAGE, MREMAP_FIXED, target + PAGE), EINVAL);
    CHECK_FAILS((long)mremap(target, 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, target + PAGE), EINVAL);
    CHECK_FAILS((long)mremap(target + 1, PAGE, PAGE, 0), EINVAL);
    CHECK_FAILS((long)mremap(target, PAGE, 0, 0), EINVAL);
    CHECK_FAILS((long)mremap(target, PAGE, PAGE, 64), EINVAL);
    munmap(target, 8 * PAGE);
    CHECK_FAILS((long)mremap(target, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

static void mremap_large(void) {
    size_t size = 32UL << 20;
    char *base = map(size, WRITABLE);
    for (size_t i = 0; i < size; i += PAGE)
        *(size_t *)(base + i) = i;
    for (int round = 0; round < 3; round++) {
        char *grown = mremap(base, size, size * 2, MREMAP_MAYMOVE);
        NEED(grown != MAP_FAILED);
        base = grown;
        size_t wrong = 0;
        for (size_t i = 0; i < size; i += PAGE)
            wrong += *(size_t *)(base + i) != i;
        CHECK_EQUAL(wrong, 0);
        CHECK_EQUAL(base[size], 0);
        for (size_t i = size; i < size * 2; i += PAGE)
            *(size_t *)(base + i) = i;
        size *= 2;
    }
    CHECK_WORKS(munmap(base, size));
}

static void mremap_dontunmap(void) {
    char *base = map(2 * PAGE, WRITABLE);
    memset(base, 6, 2 * PAGE);
    char *moved = mremap(base, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    NEED(moved != MAP_FAILED);
    CHECK(moved != base);
    CHECK_EQUAL(moved[PAGE], 6);
    CHECK_EQUAL(base[PAGE], 0);
    CHECK_FAILS((long)mremap(base, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL), EINVAL);
    munmap(base, 2 * PAGE);
    munmap(moved, 2 * PAGE);
}

static void mremap_of_files(void) {
    int file = memfd_create("test", 0);
    CHECK_WORKS(ftruncate(file, 4 * PAGE));
    for (int i = 0; i < 4; i++)
        pwrite(file, &(char){ (char)(i + 1) }, 1, i * PAGE);
    char *shared = mmap(NULL, PAGE, WRITABLE, MAP_SHARED, file, PAGE);
    char *grown = mremap(shared, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
    NEED(grown != MAP_FAILED);
    CHECK_EQUAL(grown[0], 2);
    CHECK_EQUAL(grown[2 * PAGE], 4);
    grown[2 * PAGE] = 44;
    char value;
    CHECK_EQUAL(pread(file, &value, 1, 3 * PAGE), 1);
    CHECK_EQUAL(value, 44);
    // An old size of 0 makes a second mapping of shared memory.
    char *second = mremap(grown, 0, 2 * PAGE, MREMAP_MAYMOVE);
    NEED(second != MAP_FAILED);
    second[0] = 77;
    CHECK_EQUAL(grown[0], 77);
    munmap(second, 2 * PAGE);
    munmap(grown, 3 * PAGE);
    close(file);
}

static void munmap_holes(void) {
    char *base = map(10 * PAGE, WRITABLE);
    memset(base, 8, 10 * PAGE);
    for (int i = 1; i < 10; i += 2)
        CHECK_WORKS(munmap(base + i * PAGE, PAGE));
    for (int i = 0; i < 10; i++)
        CHECK_EQUAL(fault_of_read(base + i * PAGE), i % 2 ? SIGSEGV : 0);
    // A range with holes, and one with nothing in it.
    CHECK_WORKS(munmap(base, 10 * PAGE));
    CHECK_WORKS(munmap(base, 10 * PAGE));
    CHECK_FAILS(munmap(base + 1, PAGE), EINVAL);
    CHECK_FAILS(munmap(base, 0), EINVAL);
    CHECK_FAILS(munmap((void *)-PAGE, PAGE), EINVAL);
    for (int i = 0; i < 10; i++)
        CHECK_EQUAL(fault_of_read(base + i * PAGE), SIGSEGV);
}

static void many_mappings(void) {
    enum { COUNT = 2000 };
    static char *pages[COUNT];
    char *base = map(2 * COUNT * PAGE, PROT_NONE);
    for (int i = 0; i < COUNT; i++) {
        pages[i] = base + 2 * i * PAGE;
        CHECK_WORKS(mprotect(pages[i], PAGE, WRITABLE));
        *(int *)pages[i] = i;
    }
    int wrong = 0;
    for (int i = 0; i < COUNT; i++)
        wrong += *(int *)pages[i] != i;
    CHECK_EQUAL(wrong, 0);
    CHECK_WORKS(mprotect(base, 2 * COUNT * PAGE, PROT_READ));
    CHECK_EQUAL(*(int *)pages[7], 7);
    CHECK_EQUAL(base[PAGE], 0);
    CHECK_WORKS(munmap(base, 2 * COUNT * PAGE));
}

static void msync_checks(void) {
    int file = memfd_create("test", 0);
    ftruncate(file, 2 * PAGE);
    char *shared = mmap(NULL, 2 * PAGE, WRITABLE, MAP_SHARED, file, 0);
    strcpy(shared, "written");
    CHECK_WORKS(msync(shared, 2 * PAGE, MS_SYNC));
    CHECK_WORKS(msync(shared, 2 * PAGE, MS_ASYNC));
    CHECK_WORKS(msync(shared, PAGE, MS_SYNC | MS_INVALIDATE));
    char text[8];
    CHECK_EQUAL(pread(file, text, 8, 0), 8);
    CHECK_TEXT(text, "written");
    CHECK_FAILS(msync(shared + 1, PAGE, MS_SYNC), EINVAL);
    CHECK_FAILS(msync(shared, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
    CHECK_FAILS(msync(shared, PAGE, 64), EINVAL);
    munmap(shared + PAGE, PAGE);
    CHECK_FAILS(msync(shared, 2 * PAGE, MS_SYNC), ENOMEM);
    munmap(shared, PAGE);
    close(file);
}

static void madvise_discards(void) {
    char *base = map(4 * PAGE, WRITABLE);
    memset(base, 5, 4 * PAGE);
    CHECK_WORKS(madvise(base + PAGE, PAGE, MADV_DONTNEED));
    CHECK_EQUAL(base[PAGE], 0);
    CHECK_EQUAL(base[0], 5);
    CHECK_EQUAL(base[2 * PAGE], 5);
    // After MADV_FREE either what was there or zeros; a write counts.
    CHECK_WORKS(madvise(base + 2 * PAGE, PAGE, MADV_FREE));
    CHECK(base[2 * PAGE] == 5 || base[2 * PAGE] == 0);
    base[2 * PAGE] = 6;
    CHECK_EQUAL(base[2 * PAGE], 6);
    CHECK_FAILS(madvise(base + 1, PAGE, MADV_DONTNEED), EINVAL);
    CHECK_FAILS(madvise(base, PAGE, 12345), EINVAL);
    CHECK_WORKS(madvise(base, 0, MADV_DONTNEED));
    CHECK_WORKS(madvise(base, PAGE, MADV_WILLNEED));
    CHECK_WORKS(madvise(base, PAGE, MADV_SEQUENTIAL));
    CHECK_WORKS(madvise(base, PAGE, MADV_NORMAL));
    munmap(base + PAGE, PAGE);
    CHECK_FAILS(madvise(base, 3 * PAGE, MADV_DONTNEED), ENOMEM);
    // The pages around the hole were discarded nevertheless.
    CHECK_EQUAL(base[0], 0);
    CHECK_EQUAL(base[2 * PAGE], 0);
    munmap(base, 4 * PAGE);

    int file = file_of("file");
    ftruncate(file, 2 * PAGE);
    char *private = mmap(NULL, PAGE, WRITABLE, MAP_PRIVATE, file, 0);
    private[0] = 'F';
    CHECK_EQUAL(private[0], 'F');
    CHECK_WORKS(madvise(private, PAGE, MADV_DONTNEED));
    CHECK_EQUAL(private[0], 'f');
    char *shared = mmap(NULL, 2 * PAGE, WRITABLE, MAP_SHARED, file, 0);
    shared[PAGE] = 'x';
    CHECK_WORKS(madvise(shared, PAGE, MADV_DONTNEED));
    CHECK_EQUAL(shared[0], 'f');
    CHECK_WORKS(madvise(shared, PAGE, MADV_REMOVE));
    CHECK_EQUAL(shared[0], 0);
    CHECK_EQUAL(shared[PAGE], 'x');
    char value = 1;
    CHECK_EQUAL(pread(file, &value, 1, 0), 1);
    CHECK_EQUAL(value, 0);
    CHECK_FAILS(madvise(private, PAGE, MADV_REMOVE), EACCES);
    munmap(private, PAGE);
    munmap(shared, 2 * PAGE);
    close(file);
}

static void mincore_and_locks(void) {
    char *base = map(4 * PAGE, WRITABLE);
    unsigned char there[4];
    base[0] = base[2 * PAGE] = 1;
    CHECK_WORKS(mincore(base, 4 * PAGE, there));
    CHECK_EQUAL(there[0] & 1, 1);
    CHECK_EQUAL(there[2] & 1, 1);
    CHECK_FAILS(mincore(base + 1, PAGE, there), EINVAL);
    CHECK_FAILS(mincore(base, PAGE, (unsigned char *)8), EFAULT);
    CHECK_WORKS(mlock(base, 2 * PAGE));
    CHECK_WORKS(munlock(base, 2 * PAGE));
    CHECK_WORKS(mlock2(base, 2 * PAGE, MLOCK_ONFAULT));
    CHECK_WORKS(munlock(base, 2 * PAGE));
    CHECK_FAILS(mlock2(base, PAGE, 8), EINVAL);
    CHECK_FAILS(mlockall(0), EINVAL);
    CHECK_WORKS(mlockall(MCL_CURRENT));
    CHECK_WORKS(munlockall());
    munmap(base + 3 * PAGE, PAGE);
    CHECK_FAILS(mincore(base, 4 * PAGE, there), ENOMEM);
    CHECK_FAILS(mlock(base, 4 * PAGE), ENOMEM);
    CHECK_WORKS(munlockall());
    munmap(base, 3 * PAGE);
}

static void memfd_seals(void) {
    CHECK_FAILS(memfd_create("x", 0x8000000), EINVAL);
    char name[300];
    memset(name, 'n', sizeof name);
    name[299] = 0;
    CHECK_FAILS(memfd_create(name, 0), EINVAL);
    name[249] = 0;
    int named = memfd_create(name, 0);
    CHECK(named >= 0);
    close(named);
    int plain = memfd_create("plain", 0);
    CHECK_EQUAL(fcntl(plain, F_GET_SEALS), F_SEAL_SEAL);
    CHECK_FAILS(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
    CHECK_EQUAL(fcntl(plain, F_GETFD), 0);
    close(plain);

    int file = memfd_create("sealed", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    CHECK_EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(file, F_GET_SEALS), 0);
    CHECK_WORKS(ftruncate(file, 2 * PAGE));
    CHECK_WORKS(fcntl(file, F_ADD_SEALS, F_SEAL_GROW));
    CHECK_FAILS(ftruncate(file, 3 * PAGE), EPERM);
    CHECK_FAILS(pwrite(file, "x", 1, 2 * PAGE), EPERM);
    CHECK_WORKS(ftruncate(file, PAGE));
    CHECK_WORKS(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK));
    CHECK_FAILS(ftruncate(file, 1), EPERM);
    char *shared = mmap(NULL, PAGE, WRITABLE, MAP_SHARED, file, 0);
    CHECK(shared != MAP_FAILED);
    // Nobody may be able to write when the seal is set.
    CHECK_FAILS(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
    CHECK_WORKS(fcntl(file, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
    shared[0] = 'a';
    CHECK_FAILS(pwrite(file, "x", 1, 0), EPERM);
    CHECK_FAILS((long)mmap(NULL, PAGE, WRITABLE, MAP_SHARED, file, 0), EPERM);
    munmap(shared, PAGE);
    CHECK_WORKS(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE));
    CHECK_FAILS(pwrite(file, "x", 1, 0), EPERM);
    CHECK_FAILS(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE), EPERM);
    char *private = mmap(NULL, PAGE, WRITABLE, MAP_PRIVATE, file, 0);
    CHECK(private != MAP_FAILED);
    CHECK_EQUAL(private[0], 'a');
    munmap(private, PAGE);
    CHECK_WORKS(fcntl(file, F_ADD_SEALS, F_SEAL_SEAL));
    CHECK_FAILS(fcntl(file, F_ADD_SEALS, F_SEAL_SEAL), EPERM);
    CHECK_EQUAL(fcntl(file, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
    close(file);
}

static void private_file_map_copies_on_write(void) {
    int file = memfd_create("test", 0);
    ftruncate(file, 3 * PAGE);
    pwrite(file, "old0", 5, 0);
    pwrite(file, "old1", 5, PAGE);
    char *one = mmap(NULL, 3 * PAGE, WRITABLE, MAP_PRIVATE, file, 0);
    char *two = mmap(NULL, 3 * PAGE, WRITABLE, MAP_PRIVATE, file, 0);
    strcpy(one, "new0");
    CHECK_TEXT(one, "new0");
    CHECK_TEXT(two, "old0");
    char text[8];
    pread(file, text, 5, 0);
    CHECK_TEXT(text, "old0");
    // The kernel's own write into such a page copies it too.
    int ends[2];
    CHECK_WORKS(pipe(ends));
    write(ends[1], "pipe", 5);
    CHECK_EQUAL(read(ends[0], two + PAGE, 5), 5);
    CHECK_TEXT(two + PAGE, "pipe");
    CHECK_TEXT(one + PAGE, "old1");
    pread(file, text, 5, PAGE);
    CHECK_TEXT(text, "old1");
    close(ends[0]);
    close(ends[1]);
    // After it was copied the page no longer follows the file.
    pwrite(file, "file", 5, 0);
    CHECK_TEXT(one, "new0");
    munmap(one, 3 * PAGE);
    munmap(two, 3 * PAGE);
    close(file);
}

static void shared_memory_seen_twice(void) {
    int file = memfd_create("test", 0);
    ftruncate(file, 4 * PAGE);
    char *one = mmap(NULL, 4 * PAGE, WRITABLE, MAP_SHARED, file, 0);
    char *two = mmap(NULL, 2 * PAGE, WRITABLE, MAP_SHARED, file, 2 * PAGE);
    one[2 * PAGE + 5] = 'x';
    CHECK_EQUAL(two[5], 'x');
    two[PAGE] = 'y';
    CHECK_EQUAL(one[3 * PAGE], 'y');
    // write and mapping are coherent in both directions.
    CHECK_EQUAL(pwrite(file, "abc", 3, 2 * PAGE), 3);
    CHECK(memcmp(two, "abc", 3) == 0);
    char text[4] = "";
    memcpy(two + 3, "def", 3);
    CHECK_EQUAL(pread(file, text, 3, 2 * PAGE + 3), 3);
    CHECK_TEXT(text, "def");
    // The mapping outlives the descriptor.
    close(file);
    one[0] = 1;
    CHECK_EQUAL(one[3 * PAGE], 'y');
    munmap(one, 4 * PAGE);
    CHECK_EQUAL(two[PAGE], 'y');
    munmap(two, 2 * PAGE);
    // Anonymous shared memory works as private memory does within one process.
    char *anonymous = mmap(NULL, 2 * PAGE, WRITABLE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    anonymous[PAGE] = 1;
    CHECK_EQUAL(anonymous[0], 0);
    CHECK_WORKS(madvise(anonymous, 2 * PAGE, MADV_DONTNEED));
    CHECK_EQUAL(anonymous[PAGE], 1);
    munmap(anonymous, 2 * PAGE);
}

static void end_of_file(void) {
    int file = file_of("short");
    char *shared = mmap(NULL, 3 * PAGE, WRITABLE, MAP_SHARED, file, 0);
    CHECK_EQUAL(shared[5], 0);
    CHECK_EQUAL(fault_of_read(shared + PAGE), SIGBUS);
    CHECK_EQUAL(fault_code, BUS_ADRERR);
    CHECK(fault_address == shared + PAGE);
    // What is written behind the end within the last page isn't part of the file.
    shared[100] = 'x';
    struct stat status;
    fstat(file, &status);
    CHECK_EQUAL(status.st_size, 5);
    // The kernel's access to such a page is EFAULT.
    int ends[2];
    pipe(ends);
    CHECK_FAILS(write(ends[1], shared + PAGE, 1), EFAULT);
    write(ends[1], "abc", 3);
    CHECK_FAILS(read(ends[0], shared + PAGE, 1), EFAULT);
    close(ends[0]);
    close(ends[1]);
    CHECK_WORKS(ftruncate(file, 3 * PAGE));
    CHECK_EQUAL(fault_of_read(shared + PAGE), 0);
    shared[2 * PAGE] = 'y';
    CHECK_WORKS(ftruncate(file, PAGE));
    CHECK_EQUAL(fault_of_read(shared + 2 * PAGE), SIGBUS);
    CHECK_WORKS(ftruncate(file, 3 * PAGE));
    CHECK_EQUAL(shared[2 * PAGE], 0);
    // Shrinking within a page clears the rest of that page.
    memset(shared, 'z', PAGE);
    CHECK_WORKS(ftruncate(file, 10));
    CHECK_WORKS(ftruncate(file, PAGE));
    CHECK_EQUAL(shared[9], 'z');
    CHECK_EQUAL(shared[10], 0);
    CHECK_EQUAL(shared[PAGE - 1], 0);
    munmap(shared, 3 * PAGE);
    // A private page that was copied goes when the file no longer has it.
    ftruncate(file, 2 * PAGE);
    char *private = mmap(NULL, 2 * PAGE, WRITABLE, MAP_PRIVATE, file, 0);
    private[PAGE] = 'p';
    CHECK_WORKS(ftruncate(file, PAGE));
    CHECK_EQUAL(fault_of_read(private + PAGE), SIGBUS);
    munmap(private, 2 * PAGE);
    close(file);
}

static void file_on_disk(void) {
    const char *scratch = enter_scratch();
    int file = open("file", O_RDWR | O_CREAT | O_EXCL, 0600);
    NEED(file >= 0);
    ftruncate(file, 2 * PAGE);
    char *shared = mmap(NULL, 2 * PAGE, WRITABLE, MAP_SHARED, file, 0);
    NEED(shared != MAP_FAILED);
    strcpy(shared + PAGE, "through the mapping");
    char text[32];
    CHECK_EQUAL(pread(file, text, 20, PAGE), 20);
    CHECK_TEXT(text, "through the mapping");
    CHECK_WORKS(unlink("file"));
    strcpy(shared, "after unlink");
    CHECK_EQUAL(pread(file, text, 13, 0), 13);
    CHECK_TEXT(text, "after unlink");
    close(file);
    CHECK_TEXT(shared + PAGE, "through the mapping");
    munmap(shared, 2 * PAGE);
    leave_scratch(scratch);
}

static void grows_down(void) {
    char *base = mmap(NULL, 64 * PAGE, PROT_NONE, PRIVATE | MAP_NORESERVE, -1, 0);
    munmap(base, 64 * PAGE);
    char *top = mmap(base + 62 * PAGE, PAGE, WRITABLE, PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    CHECK(top == base + 62 * PAGE);
    top[0] = 1;
    munmap(base, 64 * PAGE);
    // The stack of the first thread grows by being touched.
    volatile char deep[1 << 20];
    deep[0] = 1;
    deep[sizeof deep - 1] = 1;
    CHECK_EQUAL(deep[0], 1);
}

static void limit_of_address_space(void) {
    struct rlimit old, small = { 0 };
    getrlimit(RLIMIT_AS, &old);
    small.rlim_max = old.rlim_max;
    small.rlim_cur = 1UL << 20;
    CHECK_WORKS(setrlimit(RLIMIT_AS, &small));
    CHECK_FAILS((long)mmap(NULL, 8UL << 20, WRITABLE, PRIVATE, -1, 0), ENOMEM);
    CHECK_WORKS(setrlimit(RLIMIT_AS, &old));
    char *base = mmap(NULL, 8UL << 20, WRITABLE, PRIVATE, -1, 0);
    CHECK(base != MAP_FAILED);
    munmap(base, 8UL << 20);
}

static void maps_file_shows_mappings(void) {
    char *base = map(3 * PAGE, WRITABLE);
    mprotect(base + PAGE, PAGE, PROT_READ);
    FILE *file = fopen("/proc/self/maps", "re");
    NEED(file != NULL);
    char line[512], wanted[64];
    bool read_only = false, stack = false, heap = false;
    snprintf(wanted, sizeof wanted, "%lx-%lx r--p", (long)(base + PAGE), (long)(base + 2 * PAGE));
    while (fgets(line, sizeof line, file)) {
        read_only |= strncmp(line, wanted, strlen(wanted)) == 0;
        stack |= strstr(line, "[stack]") != NULL;
        heap |= strstr(line, "[heap]") != NULL;
    }
    fclose(file);
    CHECK(read_only);
    CHECK(stack);
    CHECK(heap);
    munmap(base, 3 * PAGE);
}

static void sealed_files(void) {
    const int sealExecute = 0x20, noExecuteSeal = 8, execute = 0x10;
    int file = memfd_create("sealed", MFD_ALLOW_SEALING);
    NEED(ftruncate(file, 4096) == 0);
    CHECK_WORKS(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE));
    // To read it may be mapped for all to see, and stays as it is.
    CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED && errno == EPERM);
    char *shown = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    if (CHECK(shown != MAP_FAILED)) {
        CHECK_EQUAL(shown[0], 0);
        CHECK_FAILS(mprotect(shown, 4096, PROT_READ | PROT_WRITE), EACCES);
        munmap(shown, 4096);
    }
    char *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    if (CHECK(own != MAP_FAILED)) {
        own[0] = 1;
        munmap(own, 4096);
    }
    close(file);
    struct stat status;
    CHECK_FAILS(memfd_create("both", noExecuteSeal | execute), EINVAL);
    file = memfd_create("data", noExecuteSeal);
    if (CHECK(file >= 0)) {
        CHECK_EQUAL(fcntl(file, F_GET_SEALS), sealExecute);
        CHECK(fstat(file, &status) == 0 && (status.st_mode & 0777) == 0666);
        CHECK_FAILS(fchmod(file, 0700), EPERM);
        CHECK_WORKS(fchmod(file, 0600));
        CHECK_EQUAL(write(file, "x", 1), 1);
        close(file);
    }
    file = memfd_create("program", execute | MFD_ALLOW_SEALING);
    if (CHECK(file >= 0)) {
        CHECK(fstat(file, &status) == 0 && (status.st_mode & 0777) == 0777);
        // What stays executable is never written again.
        CHECK_WORKS(fcntl(file, F_ADD_SEALS, sealExecute));
        CHECK_EQUAL(fcntl(file, F_GET_SEALS), sealExecute | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
        CHECK_FAILS(write(file, "x", 1), EPERM);
        close(file);
    }
}

static void silly_lengths(void) {
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(mremap(page, 4096, -4096UL, MREMAP_MAYMOVE) == MAP_FAILED && errno == EINVAL);
    munmap(page, 4096);
    char byte;
    int file = open("/dev/zero", O_RDWR), own = syscall(SYS_pidfd_open, getpid(), 0);
    CHECK_FAILS(syscall(SYS_read, file, &byte, -1L), EFAULT);
    CHECK_FAILS(syscall(SYS_pread64, file, &byte, -1L, 0), EFAULT);
    CHECK_FAILS(syscall(SYS_read, -1, &byte, -1L), EBADF);
    // What a process advises for itself is not limited to what others may advise.
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = 1;
    struct iovec range = { page, 4096 };
    CHECK_EQUAL(syscall(SYS_process_madvise, own, &range, 1, MADV_DONTNEED, 0), 4096);
    CHECK_EQUAL(page[0], 0);
    munmap(page, 4096);
    close(own);
    close(file);
}

MAIN(SECTION(brk_moves), SECTION(mmap_arguments), SECTION(mmap_fixed), SECTION(huge_reservation), SECTION(mprotect_changes),
    SECTION(execute_protection), SECTION(mremap_sizes), SECTION(mremap_large), SECTION(mremap_dontunmap),
    SECTION(mremap_of_files), SECTION(munmap_holes), SECTION(many_mappings), SECTION(msync_checks), SECTION(madvise_discards),
    SECTION(mincore_and_locks), SECTION(memfd_seals), SECTION(private_file_map_copies_on_write),
    SECTION(shared_memory_seen_twice), SECTION(end_of_file), SECTION(file_on_disk), SECTION(grows_down),
    SECTION(limit_of_address_space), SECTION(maps_file_shows_mappings),
    SECTION(sealed_files), SECTION(silly_lengths))
