// Threads that map, unmap, move, protect, truncate, punch, discard, write, read and fork in one address space, at random but from a
// seed; each looks at its own part with a model of what Linux does (mmap(2), mremap(2), madvise(2), fallocate(2)).
//   torture SEED ROUNDS THREADS [BASE [FOLDER]]     BASE is where the parts lie, or 0: copies of the program with the same one are rivals;
//                                                   FOLDER is where their files lie, which are in memory otherwise
//   torture phases COUNT ROUNDS            waits for a line of input, runs two rivals at once, says what memory is free, COUNT times
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

#define PAGE 4096UL
#define PAGES 384
#define FILE_PAGES 128
#define OPERATIONS 400
#define CHILDREN 2

extern char **environ;

enum kind { NONE, OWN, SHARED, COPY };

// What a page of the part should be.
struct page {
    enum kind kind;
    int protection;
    int file_page;
    bool is_copied; // COPY: has content of its own
    uint64_t value; // of OWN, and of what is copied
};

struct worker {
    pthread_t thread;
    uint64_t random;
    int rounds;
    char *base;
    int file;
    int file_size; // in pages
    uint64_t file_values[FILE_PAGES];
    struct page pages[PAGES];
    sigjmp_buf fault;
    const char *doing;
    pid_t children[CHILDREN];
};

static __thread struct worker *current;

static void on_fault(int signal) {
    siglongjmp(current->fault, signal);
}

static uint64_t next(struct worker *w) {
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random;
}

static int below(struct worker *w, int limit) {
    return (int)((next(w) >> 20) % (unsigned)limit);
}

static void fail(struct worker *w, int page, const char *what, uint64_t found, uint64_t expected) {
    struct page *p = &w->pages[page];
    __atomic_add_fetch(&check_failures, 1, __ATOMIC_RELAXED);
    printf("after %s: page %d %s: 0x%llx, expected 0x%llx (kind %d, protection %d, file page %d of %d, %s)\n", w->doing, page, what,
        (unsigned long long)found, (unsigned long long)expected, p->kind, p->protection, p->file_page, w->file_size,
        p->is_copied ? "copied" : "not copied");
}

// The signal that a touch raises and what it read: by the model, and truly.
static int expected_signal(struct worker *w, struct page *p, bool is_write) {
    if (p->kind == NONE || p->protection == PROT_NONE || (is_write && !(p->protection & PROT_WRITE)))
        return SIGSEGV;
    return (p->kind == SHARED || (p->kind == COPY && !p->is_copied)) && p->file_page >= w->file_size ? SIGBUS : 0;
}

static uint64_t expected_value(struct worker *w, struct page *p) {
    return p->kind == OWN || p->is_copied ? p->value : w->file_values[p->file_page];
}

static void look(struct worker *w, int page) {
    struct page *p = &w->pages[page];
    volatile uint64_t *word = (uint64_t *)(w->base + page * PAGE + 8);
    uint64_t found = 0;
    int signal = sigsetjmp(w->fault, 1);
    if (signal == 0)
        found = *word;
    __atomic_add_fetch(&check_count, 1, __ATOMIC_RELAXED);
    int expected = expected_signal(w, p, false);
    if (signal != expected)
        fail(w, page, "raises", signal, expected);
    else if (signal == 0 && found != expected_value(w, p))
        fail(w, page, "holds", found, expected_value(w, p));
}

static void store(struct worker *w, int page) {
    struct page *p = &w->pages[page];
    volatile uint64_t *word = (uint64_t *)(w->base + page * PAGE + 8);
    uint64_t value = next(w) | 1;
    int signal = sigsetjmp(w->fault, 1);
    if (signal == 0)
        *word = value;
    __atomic_add_fetch(&check_count, 1, __ATOMIC_RELAXED);
    int expected = expected_signal(w, p, true);
    if (signal != expected) {
        fail(w, page, "raises at a store", signal, expected);
        return;
    }
    if (signal != 0)
        return;
    if (p->kind == SHARED) {
        w->file_values[p->file_page] = value;
    } else {
        p->value = value;
        p->is_copied = p->kind == COPY;
    }
}

static int protections(struct worker *w) {
    static const int all[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE };
    return all[below(w, 5)];
}

static void range(struct worker *w, int *first, int *count, int most) {
    *first = below(w, PAGES);
    *count = 1 + below(w, most);
    if (*first + *count > PAGES)
        *count = PAGES - *first;
}

static void map(struct worker *w) {
    int first, count;
    range(w, &first, &count, 64);
    int protection = protections(w);
    enum kind kind = 1 + below(w, 3);
    int file_page = 0;
    if (kind != OWN) {
        if (count > FILE_PAGES)
            count = FILE_PAGES;
        file_page = below(w, FILE_PAGES - count + 1);
    }
    int flags = MAP_FIXED | (kind == SHARED ? MAP_SHARED : MAP_PRIVATE) | (kind == OWN ? MAP_ANONYMOUS : 0);
    if (kind == OWN && below(w, 2))
        flags |= MAP_NORESERVE;
    if (below(w, 8) == 0)
        flags |= MAP_POPULATE;
    w->doing = "mmap";
    char *at = mmap(w->base + first * PAGE, count * PAGE, protection, flags, kind == OWN ? -1 : w->file, file_page * PAGE);
    if (!CHECK(at == w->base + first * PAGE))
        return;
    for (int i = 0; i < count; i++) {
        struct page *p = &w->pages[first + i];
        *p = (struct page){ .kind = kind, .protection = protection, .file_page = file_page + i };
        // Bringing in what may be written and isn't shared makes the copies at once.
        if (kind == COPY && (flags & MAP_POPULATE) && (protection & PROT_WRITE) && p->file_page < w->file_size) {
            p->is_copied = true;
            p->value = w->file_values[p->file_page];
        }
    }
}

static void unmap(struct worker *w) {
    int first, count;
    range(w, &first, &count, 48);
    w->doing = "munmap";
    CHECK_WORKS(munmap(w->base + first * PAGE, count * PAGE));
    memset(&w->pages[first], 0, count * sizeof(struct page));
}

// Cuts a range where the model's pages are no longer of one mapping.
static int same(struct worker *w, int first, int count) {
    int length = 1;
    struct page *p = &w->pages[first];
    while (length < count && p[length].kind == p->kind && p[length].protection == p->protection &&
           (p->kind == OWN || p[length].file_page == p->file_page + length))
        length++;
    return length;
}

static void protect(struct worker *w) {
    int first, count;
    range(w, &first, &count, 48);
    int protection = protections(w);
    w->doing = "mprotect";
    int mapped = 0;
    while (mapped < count && w->pages[first + mapped].kind != NONE)
        mapped++;
    if (mapped == count)
        CHECK_WORKS(mprotect(w->base + first * PAGE, count * PAGE, protection));
    else
        CHECK_FAILS(mprotect(w->base + first * PAGE, count * PAGE, protection), ENOMEM);
    // Linux changes what comes before the hole.
    for (int i = 0; i < mapped; i++)
        w->pages[first + i].protection = protection;
}

static void move(struct worker *w) {
    int first, count, target;
    range(w, &first, &count, 32);
    if (w->pages[first].kind == NONE)
        return;
    count = same(w, first, count);
    target = below(w, PAGES - count + 1);
    if (target < first + count && first < target + count)
        return;
    w->doing = "mremap";
    char *to = w->base + target * PAGE;
    char *at = mremap(w->base + first * PAGE, count * PAGE, count * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    if (at == MAP_FAILED) {
        // Linux may hold what is alike as several mappings, and cleared the target before it saw that.
        CHECK_EQUAL(errno, EFAULT);
        munmap(to, count * PAGE);
        memset(&w->pages[target], 0, count * sizeof(struct page));
        return;
    }
    memcpy(&w->pages[target], &w->pages[first], count * sizeof(struct page));
    memset(&w->pages[first], 0, count * sizeof(struct page));
}

static void shrink_or_grow(struct worker *w) {
    int first, count;
    range(w, &first, &count, 24);
    if (w->pages[first].kind == NONE)
        return;
    count = same(w, first, count);
    w->doing = "mremap in place";
    int keeps = 1 + below(w, count);
    CHECK(mremap(w->base + first * PAGE, count * PAGE, keeps * PAGE, 0) == w->base + first * PAGE);
    memset(&w->pages[first + keeps], 0, (count - keeps) * sizeof(struct page));
    if (keeps == count || w->pages[first].kind == OWN)
        return;
    char *at = mremap(w->base + first * PAGE, keeps * PAGE, count * PAGE, 0);
    if (at == MAP_FAILED)
        return; // as several mappings again
    for (int i = keeps; i < count; i++) {
        w->pages[first + i] = w->pages[first];
        w->pages[first + i].file_page += i;
        w->pages[first + i].is_copied = false;
    }
}

static void discard(struct worker *w) {
    int first, count;
    range(w, &first, &count, 48);
    w->doing = "madvise";
    bool hole = false;
    for (int i = 0; i < count; i++) {
        struct page *p = &w->pages[first + i];
        hole |= p->kind == NONE;
        p->is_copied = false;
        p->value = 0;
    }
    if (hole)
        CHECK_FAILS(madvise(w->base + first * PAGE, count * PAGE, MADV_DONTNEED), ENOMEM);
    else
        CHECK_WORKS(madvise(w->base + first * PAGE, count * PAGE, MADV_DONTNEED));
}

static void truncate_file(struct worker *w) {
    int size = FILE_PAGES / 2 + below(w, FILE_PAGES / 2 + 1);
    w->doing = "ftruncate";
    CHECK_WORKS(ftruncate(w->file, size * PAGE));
    for (int i = size; i < FILE_PAGES; i++)
        w->file_values[i] = 0;
    // Truncation takes private copies too.
    for (int i = 0; i < PAGES; i++)
        w->pages[i].is_copied &= w->pages[i].file_page < size;
    w->file_size = size;
}

static void punch(struct worker *w) {
    int first = below(w, w->file_size);
    int count = 1 + below(w, w->file_size - first < 16 ? w->file_size - first : 16);
    w->doing = "fallocate";
    CHECK_WORKS(fallocate(w->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, first * PAGE, count * PAGE));
    for (int i = 0; i < count; i++)
        w->file_values[first + i] = 0;
}

static void use_file(struct worker *w) {
    int page = below(w, w->file_size);
    uint64_t value = 0;
    w->doing = "pread";
    CHECK_EQUAL(pread(w->file, &value, 8, page * PAGE + 8), 8);
    if (value != w->file_values[page])
        fail(w, 0, "of the file holds", value, w->file_values[page]);
    value = next(w) | 1;
    w->doing = "pwrite";
    CHECK_EQUAL(pwrite(w->file, &value, 8, page * PAGE + 8), 8);
    w->file_values[page] = value;
}

// Through the kernel's own copies: a page of the part is what a call reads and writes.
static void copy(struct worker *w) {
    int page = below(w, PAGES);
    struct page *p = &w->pages[page];
    uint64_t value = 0;
    int pipes[2];
    w->doing = "write from a page";
    CHECK_WORKS(pipe(pipes));
    ssize_t written = write(pipes[1], w->base + page * PAGE + 8, 8);
    if (expected_signal(w, p, false) != 0)
        CHECK_EQUAL(written == -1 ? errno : 0, EFAULT);
    else if (CHECK_EQUAL(written, 8) && CHECK_EQUAL(read(pipes[0], &value, 8), 8) && value != expected_value(w, p))
        fail(w, page, "was copied as", value, expected_value(w, p));
    close(pipes[0]);
    close(pipes[1]);
}

// What a child of fork has: its own copy of the part, whatever the parent and other children do with theirs. The file is the
// parent's, who goes on with it unless it waits.
static int live_as_child(struct worker *w, bool has_file) {
    check_failures = 0;
    w->doing = "fork";
    for (int turn = 0; turn < 2; turn++) {
        for (int page = 0; page < PAGES; page++) {
            struct page *p = &w->pages[page];
            // A truncation takes private copies away in all processes.
            bool is_private = p->kind == OWN || (has_file && p->kind == COPY && p->is_copied);
            if (is_private || p->kind == NONE || has_file)
                look(w, page);
            if (is_private && below(w, 2) == 0)
                store(w, page);
        }
    }
    return check_failures != 0;
}

static void reap(struct worker *w, int index) {
    if (w->children[index] == 0)
        return;
    int status = -1;
    CHECK_EQUAL(waitpid(w->children[index], &status, 0), w->children[index]);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        CHECK_EQUAL(status, 0);
    w->children[index] = 0;
}

static void fork_child(struct worker *w) {
    // Rarely: a fork costs as much as a hundred of the others.
    if (below(w, 16) != 0)
        return;
    int index = below(w, CHILDREN);
    reap(w, index);
    bool waits = below(w, 3) == 0;
    bool kills = !waits && below(w, 4) == 0;
    w->doing = "a child's life";
    pid_t child = fork();
    if (child == 0)
        _exit(live_as_child(w, waits));
    if (!CHECK(child > 0))
        return;
    w->children[index] = child;
    if (kills)
        kill(child, SIGKILL);
    if (waits)
        reap(w, index);
}

// The mappings keep the file that was open; what is opened is the same one.
static void reopen(struct worker *w) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", w->file);
    w->doing = "open";
    int again = open(path, O_RDWR | O_CLOEXEC);
    if (CHECK(again >= 0)) {
        CHECK_EQUAL(dup3(again, w->file, O_CLOEXEC), w->file);
        close(again);
    }
}

static void synchronize(struct worker *w) {
    int first, count;
    range(w, &first, &count, 32);
    w->doing = "msync";
    bool hole = false;
    for (int i = 0; i < count; i++)
        hole |= w->pages[first + i].kind == NONE;
    if (hole)
        CHECK_FAILS(msync(w->base + first * PAGE, count * PAGE, MS_SYNC), ENOMEM);
    else
        CHECK_WORKS(msync(w->base + first * PAGE, count * PAGE, MS_SYNC));
}

static void execute(struct worker *w) {
    if (below(w, 24) != 0)
        return;
    w->doing = "execve";
    int status = -1;
    // Not posix_spawn, which maps a stack: it could come to lie in a hole of somebody's part.
    pid_t child = vfork();
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
}

static void *work(void *argument) {
    struct worker *w = argument;
    static void (*const operations[])(struct worker *) = {
        map, map, unmap, protect, move, shrink_or_grow, discard, truncate_file, punch, use_file, copy, fork_child,
        reopen, synchronize, execute,
    };
    current = w;
    for (int round = 0; round < w->rounds && !check_failures; round++) {
        for (int i = 0; i < OPERATIONS && !check_failures; i++) {
            operations[below(w, sizeof operations / sizeof *operations)](w);
            for (int j = 0; j < 4; j++) {
                store(w, below(w, PAGES));
                look(w, below(w, PAGES));
            }
        }
        for (int page = 0; page < PAGES; page++)
            look(w, page);
    }
    for (int i = 0; i < CHILDREN; i++)
        reap(w, i);
    return NULL;
}

static int make_file(const char *folder) {
    if (folder == NULL)
        return memfd_create("torture", MFD_CLOEXEC);
    char path[256];
    snprintf(path, sizeof path, "%s/torture-XXXXXX", folder);
    int file = mkostemp(path, O_CLOEXEC);
    unlink(path);
    return file;
}

static int torture(uint64_t seed, int rounds, int threads, char *base, const char *folder) {
    struct worker *workers = calloc(threads, sizeof *workers);
    struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (base == NULL) {
        base = mmap(NULL, threads * PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        munmap(base, threads * PAGES * PAGE);
    }
    for (int i = 0; i < threads; i++) {
        struct worker *w = &workers[i];
        w->random = seed * 0x9E3779B97F4A7C15 + i + 1;
        w->rounds = rounds;
        w->base = base + i * PAGES * PAGE;
        w->file = make_file(folder);
        w->file_size = FILE_PAGES;
        CHECK_WORKS(ftruncate(w->file, FILE_PAGES * PAGE));
        // Stacks of threads lie elsewhere: nobody else may map into a part.
        CHECK(mmap(w->base, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == w->base);
        for (int page = 0; page < PAGES; page++)
            w->pages[page] = (struct page){ .kind = OWN, .protection = PROT_NONE };
    }
    for (int i = 0; i < threads; i++)
        CHECK_WORKS(pthread_create(&workers[i].thread, NULL, work, &workers[i]));
    for (int i = 0; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    if (check_failures) {
        printf("seed %llu: failed\n", (unsigned long long)seed);
        return 1;
    }
    printf("ok %ld checks\n", check_count);
    return 0;
}

static int phases(int count, const char *rounds) {
    char line[16];
    for (int phase = 0; phase < count; phase++) {
        struct sysinfo memory;
        sysinfo(&memory);
        printf("free %lu\n", memory.freeram * memory.mem_unit / PAGE);
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return 1;
        pid_t rivals[2];
        for (int i = 0; i < 2; i++) {
            char seed[16];
            snprintf(seed, sizeof seed, "%d", phase * 2 + i + 1);
            char *arguments[] = { "torture", seed, (char *)rounds, "3", "0x200000000000", NULL };
            CHECK_WORKS(posix_spawn(&rivals[i], "/proc/self/exe", NULL, NULL, arguments, environ));
        }
        for (int i = 0; i < 2; i++) {
            int status = -1;
            waitpid(rivals[i], &status, 0);
            if (status != 0)
                return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "phases") == 0)
        return phases(atoi(argv[2]), argv[3]);
    if (argc < 4)
        return 2;
    return torture(strtoull(argv[1], NULL, 0), atoi(argv[2]), atoi(argv[3]), argc > 4 ? (char *)strtoull(argv[4], NULL, 0) : NULL, argc > 5 ? argv[5] : NULL);
}
