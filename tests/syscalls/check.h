// Checks for the programs of this folder. Each program is a table of sections; it runs all of them, those named by its
// arguments, or all but those named with a '-' in front. A failed check says where it is and what it saw, and the program
// goes on, so that one defect doesn't hide the next. The last line is "ok N checks", with exit status 0, or "N failed",
// with 1.
#pragma once
// Wrong arguments are what is tested here.
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#pragma GCC diagnostic ignored "-Wnonnull"

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct section {
    const char *name;
    void (*run)(void);
};

#define SECTION(name) { #name, name }

// Threads check too.
static long check_count;
static long check_failures;

static inline bool check_true(const char *file, int line, const char *text, bool holds) {
    __atomic_add_fetch(&check_count, 1, __ATOMIC_RELAXED);
    if (holds)
        return true;
    __atomic_add_fetch(&check_failures, 1, __ATOMIC_RELAXED);
    printf("%s:%d: not true: %s (errno is %d, %s)\n", file, line, text, errno, strerror(errno));
    return false;
}

static inline bool check_equal(const char *file, int line, const char *text, long long actual, long long expected) {
    __atomic_add_fetch(&check_count, 1, __ATOMIC_RELAXED);
    if (actual == expected)
        return true;
    int error = errno;
    __atomic_add_fetch(&check_failures, 1, __ATOMIC_RELAXED);
    printf("%s:%d: %s is %lld (0x%llx), expected %lld (0x%llx)", file, line, text, actual, actual, expected, expected);
    if (actual == -1)
        printf("; errno is %d, %s", error, strerror(error));
    printf("\n");
    return false;
}

static inline bool check_fails(const char *file, int line, const char *text, long long result, int expected) {
    int error = errno;
    __atomic_add_fetch(&check_count, 1, __ATOMIC_RELAXED);
    if (result == -1 && error == expected)
        return true;
    __atomic_add_fetch(&check_failures, 1, __ATOMIC_RELAXED);
    if (result == -1)
        printf("%s:%d: %s fails with %s, expected %s\n", file, line, text, strerrorname_np(error), strerrorname_np(expected));
    else
        printf("%s:%d: %s gives %lld, expected failure with %s\n", file, line, text, result, strerrorname_np(expected));
    return false;
}

static inline bool check_text(const char *file, int line, const char *text, const char *actual, const char *expected) {
    __atomic_add_fetch(&check_count, 1, __ATOMIC_RELAXED);
    if (strcmp(actual, expected) == 0)
        return true;
    __atomic_add_fetch(&check_failures, 1, __ATOMIC_RELAXED);
    printf("%s:%d: %s is \"%s\", expected \"%s\"\n", file, line, text, actual, expected);
    return false;
}

// The value decides.
#define CHECK(value) check_true(__FILE__, __LINE__, #value, (value))
#define CHECK_EQUAL(actual, expected) check_equal(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, #actual, (actual), (expected))
// A call that returns 0, or one that returns -1 and sets errno to 'error'.
#define CHECK_WORKS(call) CHECK_EQUAL(call, 0)
#define CHECK_FAILS(call, error) check_fails(__FILE__, __LINE__, #call, (long long)(call), (error))
// For what the rest of a section needs: leaves the section where it fails.
#define NEED(value) do { if (!CHECK(value)) return; } while (0)

static inline long long now_in_nanoseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// For where no event can be waited for, such as another thread's being blocked: tries for at most ten seconds.
#define UNTIL(condition) ({ \
    long long until_end = now_in_nanoseconds(CLOCK_MONOTONIC) + 10000000000LL; \
    while (!(condition) && now_in_nanoseconds(CLOCK_MONOTONIC) < until_end) \
        usleep(1000); \
    CHECK(condition); })

// The state letter of a thread of this process, as /proc shows it: 'S' where it sleeps.
static inline char thread_state(pid_t thread) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return '?';
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    char *end = strrchr(text, ')');
    return end && end[1] ? end[2] : '?';
}

// A directory of this process's own, which is the working directory afterwards.
static inline const char *enter_scratch(void) {
    static char path[64];
    strcpy(path, "/tmp/syscalls-XXXXXX");
    if (!mkdtemp(path) || chdir(path) != 0) {
        perror("scratch directory");
        exit(1);
    }
    return path;
}

static inline void leave_scratch(const char *path) {
    if (chdir("/") != 0)
        perror("chdir");
    // Sections remove what they make; what a failed one leaves is not worth a failure of its own.
    rmdir(path);
}

static inline int run_sections(const struct section *sections, int count, int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    // A chosen section may be named by anyone who reproduces a failure; a wrong name must not look like success.
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i] + (argv[i][0] == '-');
        bool known = false;
        for (int j = 0; j < count; j++)
            known |= strcmp(name, sections[j].name) == 0;
        if (!known) {
            printf("there is no section \"%s\"; the sections are:", name);
            for (int j = 0; j < count; j++)
                printf(" %s", sections[j].name);
            printf("\n");
            return 1;
        }
    }
    for (int i = 0; i < count; i++) {
        bool wanted = argc < 2 || argv[1][0] == '-';
        for (int j = 1; j < argc; j++) {
            if (strcmp(argv[j], sections[i].name) == 0)
                wanted = true;
            else if (argv[j][0] == '-' && strcmp(argv[j] + 1, sections[i].name) == 0)
                wanted = false;
        }
        if (!wanted)
            continue;
        printf("%s\n", sections[i].name);
        sections[i].run();
    }
    if (check_failures) {
        printf("%ld of %ld checks failed\n", check_failures, check_count);
        return 1;
    }
    printf("ok %ld checks\n", check_count);
    return 0;
}

// Whoever runs the tests in the background (nohup, a script) may ignore these, and programs inherit that.
static inline void default_signals(void) {
    signal(SIGHUP, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
}

#define MAIN(...) \
    int main(int argc, char **argv) { \
        static const struct section sections[] = { __VA_ARGS__ }; \
        default_signals(); \
        return run_sections(sections, (int)(sizeof sections / sizeof sections[0]), argc, argv); \
    }
