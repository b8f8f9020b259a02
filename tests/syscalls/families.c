// Families of processes that fork, write, drop and map memory, talk through pipes, are hit by signals and end in all ways, by a
// seed. Nobody may see a byte of another's, and nothing may be left behind.
//   families SEED ROUNDS
//   families phases COUNT ROUNDS    says before each phase how many pages are free, and waits for a line of its input
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

#define PAGE 4096
#define PAGES 512
#define OWN_SIZE (5 * PAGE)

static unsigned char model[PAGES];
static unsigned char *memory;
static uint64_t seed = 1;
static volatile sig_atomic_t signals;

static unsigned next_random(unsigned below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static void count_signal(int signal) {
    (void)signal;
    signals++;
}

// What this process has mapped for itself, beside what it has from its parent.
static unsigned char *own[4];
static unsigned char own_model[4];

// All pages are as this process has written them.
static bool is_intact(void) {
    for (int i = 0; i < 4; i++) {
        for (int j = 0; own[i] && j < OWN_SIZE; j += PAGE) {
            if (own[i][j] != own_model[i])
                return false;
        }
    }
    for (int i = 0; i < PAGES; i++) {
        unsigned char *page = memory + i * PAGE;
        if (page[0] != model[i] || page[PAGE / 2] != model[i] || page[PAGE - 1] != model[i])
            return false;
    }
    return true;
}

static void change_memory(unsigned count) {
    while (count-- > 0) {
        unsigned page = next_random(PAGES);
        unsigned way = next_random(32);
        if (way < 4) {
            madvise(memory + page * PAGE, PAGE, MADV_DONTNEED);
            model[page] = 0;
        } else if (way == 4) {
            CHECK(mmap(memory + page * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == memory + page * PAGE);
            model[page] = 0;
        } else if (way == 5) {
            CHECK(mprotect(memory + page * PAGE, PAGE, PROT_READ) == 0);
            CHECK(mprotect(memory + page * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
        } else {
            model[page] = (unsigned char)(1 + next_random(255));
            memset(memory + page * PAGE, model[page], PAGE);
        }
    }
}

// Maps something and keeps it, or gives up what was kept: it is this process's alone, also where all else is still like its parent's.
static void change_mappings(void) {
    int slot = (int)next_random(4);
    if (own[slot]) {
        CHECK(munmap(own[slot], OWN_SIZE) == 0);
        own[slot] = NULL;
        return;
    }
    own[slot] = mmap(NULL, OWN_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(own[slot] != MAP_FAILED);
    own_model[slot] = (unsigned char)(1 + next_random(255));
    memset(own[slot], own_model[slot], OWN_SIZE);
}

static int descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;
    while (directory && readdir(directory))
        count++;
    if (directory)
        closedir(directory);
    return count;
}

static _Noreturn void live(int in, int out, unsigned depth);

struct child {
    pid_t id;
    int in, out;
};

static struct child begin(unsigned depth) {
    int there[2], back[2];
    CHECK(pipe(there) == 0 && pipe(back) == 0);
    struct child child = { .in = back[0], .out = there[1] };
    next_random(2);
    child.id = fork();
    if (child.id == 0) {
        seed = seed * 31 + depth;
        close(there[1]), close(back[0]);
        live(there[0], back[1], depth);
    }
    close(there[0]), close(back[1]);
    return child;
}

// Returns whether the child has ended as it was told.
static bool end(struct child child, unsigned way) {
    char order = (char)way;
    bool is_told = write(child.out, &order, 1) == 1;
    if (way == 1)
        kill(child.id, SIGKILL);
    int status;
    bool is_reaped;
    while (!(is_reaped = waitpid(child.id, &status, 0) == child.id) && errno == EINTR)
        ;
    close(child.in), close(child.out);
    if (!is_told || !is_reaped)
        return false;
    return way == 0 ? WIFEXITED(status) && WEXITSTATUS(status) == 0
        : way == 1  ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL
                    : WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

// Says that it is intact and waits for its end, by exit, by a kill or by a fault of its own.
static _Noreturn void live(int in, int out, unsigned depth) {
    bool is_good = is_intact();
    change_memory(next_random(30));
    for (unsigned i = next_random(4); i > 0; i--)
        change_mappings();
    if (depth < 2 && next_random(4) == 0) { // a family of three generations
        struct child child = begin(depth + 1);
        change_memory(next_random(30));
        change_mappings();
        char byte = 0;
        is_good &= read(child.in, &byte, 1) == 1 && byte == 1;
        is_good &= end(child, next_random(3));
    }
    is_good &= is_intact();
    char byte = is_good;
    ssize_t count;
    while ((count = write(out, &byte, 1)) < 0 && errno == EINTR)
        ;
    while ((count = read(in, &byte, 1)) < 0 && errno == EINTR)
        ;
    while (byte == 1)
        pause();
    if (byte == 2) {
        signal(SIGSEGV, SIG_DFL);
        *(volatile int *)8 = 1;
    }
    _exit(count == 1 && is_good && is_intact() ? 0 : 1);
}

static void many_lives(int count) {
    memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    memset(model, 0, sizeof model);
    for (int i = 0; i < PAGES; i += 1 + i % 5) {
        model[i] = (unsigned char)(i % 250 + 1);
        memset(memory + i * PAGE, model[i], PAGE);
    }
    struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGUSR1, count_signal);
    int before = descriptors();
    int good = 0;
    for (int i = 0; i < count; i++) {
        struct child children[3];
        unsigned running = 1 + next_random(3);
        for (unsigned j = 0; j < running; j++) {
            children[j] = begin(0);
            if (next_random(2))
                change_memory(next_random(20));
            if (next_random(8) == 0)
                change_mappings();
        }
        for (unsigned j = 0; j < running; j++)
            kill(children[next_random(running)].id, SIGUSR1);
        bool is_good = is_intact();
        for (unsigned j = 0; j < running; j++) {
            char byte = 0;
            ssize_t got;
            while ((got = read(children[j].in, &byte, 1)) < 0 && errno == EINTR)
                ;
            is_good &= got == 1 && byte == 1;
        }
        for (unsigned j = 0; j < running; j++)
            is_good &= end(children[j], next_random(3));
        good += is_good && is_intact();
    }
    CHECK_EQUAL(good, count);
    CHECK_EQUAL(descriptors(), before);
    CHECK_FAILS(waitpid(-1, NULL, WNOHANG | __WALL), ECHILD);
    munmap(memory, PAGES * PAGE);
}

static int phases(int count, int rounds) {
    char line[16];
    for (int phase = 0; phase < count; phase++) {
        struct sysinfo all;
        sysinfo(&all);
        printf("free %lu\n", all.freeram * all.mem_unit / PAGE);
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            return 1;
        many_lives(rounds);
    }
    return check_failures != 0;
}

int main(int argc, char **argv) {
    default_signals();
    if (argc == 4 && strcmp(argv[1], "phases") == 0)
        return phases(atoi(argv[2]), atoi(argv[3]));
    if (argc != 3)
        return 2;
    seed = strtoull(argv[1], NULL, 0);
    many_lives(atoi(argv[2]));
    if (check_failures)
        return 1;
    printf("ok %ld checks\n", check_count);
    return 0;
}
