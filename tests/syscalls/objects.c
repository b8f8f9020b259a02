// Files that are mapped while they are read, written, cut, punched and closed. With a folder in OBJECTS the files are there.
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define PAGE 4096
#define WRITABLE (PROT_READ | PROT_WRITE)

static char path[256];

// A file of so many pages, each full of its number plus 'A'; removed already, so that nothing is left behind.
static int make_file(int pages) {
    const char *folder = getenv("OBJECTS");
    snprintf(path, sizeof path, "%s/objects.%d", folder ? folder : "/tmp", getpid());
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (!CHECK(file >= 0))
        return -1;
    char page[PAGE];
    for (int i = 0; i < pages; i++) {
        memset(page, 'A' + i, PAGE);
        CHECK_EQUAL(write(file, page, PAGE), PAGE);
    }
    unlink(path);
    return file;
}

static int racing_file;
static volatile int stop;

static void *cut_and_grow(void *rounds) {
    for (long i = 0; i < (long)rounds; i++) {
        ftruncate(racing_file, PAGE);
        ftruncate(racing_file, 2 * PAGE);
    }
    stop = 1;
    return NULL;
}

// The lock of the address space and that of the file, taken from both sides.
static void mapping_against_truncation(void) {
    racing_file = make_file(2);
    stop = 0;
    pthread_t other;
    pthread_create(&other, NULL, cut_and_grow, (void *)2000L);
    long maps = 0;
    while (!stop) {
        char *at = mmap(NULL, 2 * PAGE, WRITABLE, MAP_SHARED, racing_file, 0);
        if (!CHECK(at != MAP_FAILED))
            break;
        at[0] = 1;
        munmap(at, 2 * PAGE);
        maps++;
    }
    pthread_join(other, NULL);
    CHECK(maps > 0);
    close(racing_file);
}

static void *map_and_touch(void *unused) {
    while (!stop) {
        char *at = mmap(NULL, PAGE, WRITABLE, MAP_SHARED, racing_file, 0);
        if (at == MAP_FAILED)
            break;
        at[1]++;
        munmap(at, PAGE);
    }
    return unused;
}

// A write whose bytes come from a mapping of the same file, which has to be brought in meanwhile.
static void mapping_against_write_from_mapping(void) {
    racing_file = make_file(2);
    stop = 0;
    pthread_t other;
    pthread_create(&other, NULL, map_and_touch, NULL);
    for (int i = 0; i < 1000; i++) {
        char *from = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, racing_file, PAGE);
        CHECK_EQUAL(pwrite(racing_file, from, PAGE, 0), PAGE);
        munmap(from, PAGE);
    }
    stop = 1;
    pthread_join(other, NULL);
    close(racing_file);
}

static volatile int shared_number = -1;

static void *map_what_is_there(void *wrong) {
    while (!stop) {
        int file = shared_number;
        if (file < 0)
            continue;
        char *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0);
        if (at == MAP_FAILED)
            continue;
        if (at[0] != 'M')
            ++*(long *)wrong;
        munmap(at, PAGE);
    }
    return NULL;
}

// A descriptor that is closed while it is mapped: the mapping is of the file, or there is none.
static void mapping_against_close(void) {
    static long wrong;
    stop = 0;
    pthread_t other;
    pthread_create(&other, NULL, map_what_is_there, &wrong);
    for (int i = 0; i < 3000; i++) {
        int file = memfd_create("closed", MFD_CLOEXEC);
        write(file, "M", 1);
        shared_number = file;
        for (volatile int wait = 0; wait < i % 50; wait++) {
        }
        shared_number = -1;
        close(file);
    }
    stop = 1;
    pthread_join(other, NULL);
    CHECK_EQUAL(wrong, 0);
}

static void hole_keeps_private_copies(void) {
    int file = make_file(3);
    char *private = mmap(NULL, 3 * PAGE, WRITABLE, MAP_PRIVATE, file, 0);
    private[PAGE] = 'x';
    CHECK_EQUAL(private[2 * PAGE], 'C');
    CHECK_WORKS(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, 2 * PAGE));
    CHECK_EQUAL(private[PAGE], 'x');
    CHECK_EQUAL(private[PAGE + 1], 'B');
    CHECK_EQUAL(private[2 * PAGE], 0);
    // The end of the file takes them along.
    CHECK_WORKS(ftruncate(file, PAGE));
    CHECK_WORKS(ftruncate(file, 3 * PAGE));
    CHECK_EQUAL(private[PAGE], 0);
    munmap(private, 3 * PAGE);
    close(file);
}

static void removed_pages_leave_the_file(void) {
    int file = make_file(3);
    char *shared = mmap(NULL, 3 * PAGE, WRITABLE, MAP_SHARED, file, 0);
    shared[2 * PAGE] = 'x';
    CHECK_WORKS(madvise(shared + PAGE, PAGE, MADV_REMOVE));
    CHECK_EQUAL(shared[PAGE], 0);
    char byte = 1;
    CHECK_EQUAL(pread(file, &byte, 1, PAGE), 1);
    CHECK_EQUAL(byte, 0);
    CHECK_EQUAL(pread(file, &byte, 1, 2 * PAGE), 1);
    CHECK_EQUAL(byte, 'x');
    CHECK_EQUAL(pread(file, &byte, 1, 0), 1);
    CHECK_EQUAL(byte, 'A');
    shared[PAGE] = 'y';
    CHECK_WORKS(msync(shared, 3 * PAGE, MS_SYNC));
    CHECK_EQUAL(pread(file, &byte, 1, PAGE), 1);
    CHECK_EQUAL(byte, 'y');
    munmap(shared, 3 * PAGE);
    CHECK_EQUAL(pread(file, &byte, 1, PAGE), 1);
    CHECK_EQUAL(byte, 'y');
    close(file);
}

static void expect_zeros(int file, int from, int to) {
    char bytes[PAGE];
    int junk = 0;
    CHECK_EQUAL(pread(file, bytes, to, 0), to);
    for (int i = from; i < to; i++)
        junk += bytes[i] != 0;
    CHECK_EQUAL(junk, 0);
}

static int small_file_with_stores_behind_its_end(void) {
    int file = make_file(0);
    CHECK_EQUAL(write(file, "abc", 3), 3);
    char *shared = mmap(NULL, PAGE, WRITABLE, MAP_SHARED, file, 0);
    memset(shared + 3, 'S', 100);
    munmap(shared, PAGE);
    return file;
}

// What is stored behind the end of a file isn't content, however the file grows.
static void stores_behind_the_end(void) {
    int file = small_file_with_stores_behind_its_end();
    CHECK_WORKS(ftruncate(file, 50));
    expect_zeros(file, 3, 50);
    close(file);
    file = small_file_with_stores_behind_its_end();
    CHECK_EQUAL(pwrite(file, "end", 3, 60), 3);
    expect_zeros(file, 3, 60);
    close(file);
    file = small_file_with_stores_behind_its_end();
    CHECK_WORKS(fallocate(file, 0, 0, 70));
    expect_zeros(file, 3, 70);
    close(file);
}

static void msync_of_several_files(void) {
    int first = make_file(1), second = make_file(1);
    char *base = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mmap(base, PAGE, WRITABLE, MAP_SHARED | MAP_FIXED, first, 0);
    mmap(base + PAGE, PAGE, WRITABLE, MAP_SHARED | MAP_FIXED, second, 0);
    base[0] = 'x';
    base[PAGE] = 'y';
    CHECK_WORKS(msync(base, 3 * PAGE, MS_SYNC));
    munmap(base + PAGE, PAGE);
    CHECK_FAILS(msync(base, 3 * PAGE, MS_SYNC), ENOMEM);
    munmap(base, 3 * PAGE);
    close(first);
    close(second);
}

// Each goes when its last mapping goes; together they are far more than there is.
static void shared_memory_is_given_back(void) {
    size_t size = 32 << 20;
    for (int i = 0; i < 64; i++) {
        char *at = mmap(NULL, size, WRITABLE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (!CHECK(at != MAP_FAILED))
            return;
        for (size_t page = 0; page < size; page += 16 * PAGE)
            at[page] = 1;
        // In parts, the middle first.
        munmap(at + size / 4, size / 2);
        munmap(at, size / 4);
        munmap(at + size / 4 * 3, size / 4);
    }
}

MAIN(SECTION(mapping_against_truncation), SECTION(mapping_against_write_from_mapping), SECTION(mapping_against_close),
    SECTION(hole_keeps_private_copies), SECTION(removed_pages_leave_the_file), SECTION(stores_behind_the_end),
    SECTION(msync_of_several_files), SECTION(shared_memory_is_given_back))
